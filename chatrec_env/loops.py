"""The three inner loops of a turn, compiled. Each equals its NumPy counterpart bit for bit.

Scores are sums of numbers on a binary grid, so they are exact in any order; the other sums are taken in the
order NumPy takes them. Without numba the callers use NumPy and give the same bits, only slower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def best_of(scores: Any, k: int, items: Any, found: Any) -> None:
    """The k largest of ``scores (I,)`` into ``items`` and ``found`` (k,), best first, ties to the lower index."""
    filled = 0
    least = np.float32(-np.inf)
    for i in range(scores.shape[0]):
        s = scores[i]
        if filled < k or s > least:
            place = filled if filled < k else k - 1
            while place > 0 and found[place - 1] < s:
                found[place] = found[place - 1]
                items[place] = items[place - 1]
                place -= 1
            found[place] = s
            items[place] = i
            if filled < k:
                filled += 1
            if filled == k:
                least = found[k - 1]


@njit(cache=True, nogil=True)
def add_rows(total: Any, weights: Any, matrix: Any) -> None:
    """``total (I,) += weights (M,) @ matrix (M, I)``, four rows at a time, skipping weights of 0.

    The order of the sum is free: every number in it lies on the grid.
    """
    chosen = np.empty(4, np.int64)
    count = 0
    for m in range(weights.shape[0]):
        if weights[m] != 0:
            chosen[count] = m
            count += 1
            if count == 4:
                a, b, c, d = chosen[0], chosen[1], chosen[2], chosen[3]
                wa, wb, wc, wd = weights[a], weights[b], weights[c], weights[d]
                for i in range(total.shape[0]):
                    total[i] += (wa * matrix[a, i] + wb * matrix[b, i]) + (
                        wc * matrix[c, i] + wd * matrix[d, i]
                    )
                count = 0
    for j in range(count):
        m = chosen[j]
        w = weights[m]
        for i in range(total.shape[0]):
            total[i] += w * matrix[m, i]


@njit(cache=True, nogil=True)
def pick_candidates(
    wishes: Any,
    taste: Any,
    recent: Any,
    shown: Any,
    by_value: Any,
    by_factor: Any,
    prior: Any,
    sating: Any,
    palling: Any,
    variety: Any,
    excluded: Any,
    own: int,
    items: Any,
    found: Any,
) -> None:
    """Candidates by both lenses; see ``Retriever.blend``.

    Args:
        wishes: (N, V) float32.
        taste: (N, 16) float32.
        recent: (N, V) float32.
        shown: (N, T) int32 items that are out, -1 where none.
        by_value: (V, I) float32 utility of each value's items per unit of wish.
        by_factor: (16, I) float32.
        prior: (I,) float32.
        sating: (P,) values that can pall.
        palling: (P, I) float32 their weights.
        variety: Weight of the second lens, over 64, negative.
        excluded: Score of what is out.
        own: Candidates by score; the rest of K come through the variety lens.
        items: (N, K) int32, filled in.
        found: (N, K) float32, filled in.
    """
    n_items, k = prior.shape[0], items.shape[1]
    scores = np.empty(n_items, np.float32)
    lens = np.empty(n_items, np.float32)
    weights = np.empty(sating.shape[0], np.float32)
    others = np.empty(k - own, np.int32)
    values = np.empty(k - own, np.float32)
    for row in range(wishes.shape[0]):
        scores[:] = prior
        add_rows(scores, wishes[row], by_value)
        add_rows(scores, taste[row], by_factor)
        for t in range(shown.shape[1]):
            if shown[row, t] >= 0:
                scores[shown[row, t]] = excluded
        best_of(scores, k, items[row], found[row])
        touched = False
        for p in range(sating.shape[0]):
            trace = recent[row, sating[p]]
            weights[p] = np.rint(trace * np.float32(64.0)) * variety
            touched |= trace != 0
        if touched and k > own:
            lens[:] = np.float32(0)
            add_rows(lens, weights, palling)
            for i in range(n_items):
                lens[i] += scores[i]
            for j in range(own):
                lens[items[row, j]] = np.float32(2.0) * excluded
            best_of(lens, k - own, others, values)
            for j in range(k - own):
                items[row, own + j] = others[j]
                found[row, own + j] = scores[others[j]]


@njit(cache=True, nogil=True)
def candidate_sums(
    candidates: Any,
    carried: Any,
    weights: Any,
    sating: Any,
    wishes: Any,
    recent: Any,
    last: Any,
    wanted: Any,
    unwanted: Any,
    overlap: Any,
    refused: Any,
) -> None:
    """Sums over a candidate's values; see ``Assistant.view``.

    Args:
        candidates: (N, K) int32.
        carried: (C, I) value numbers of each item, V where there are no more.
        weights: (C, I) float32 facet weights of those values, 0 where there are none.
        sating: (C, I) float32 the same, 0 for values that do not pall.
        wishes: (N, V + 1) float32, last column 0; likewise ``recent`` and ``last``.
        recent: Values of accepted items, decayed.
        last: Weighted values of the suggestion just ignored.
        wanted: (N, K) float32, filled in; likewise ``unwanted``, ``overlap`` and ``refused``.
        unwanted: See ``View``.
        overlap: See ``View``.
        refused: See ``View``.
    """
    zero = np.float32(0)
    for row in range(candidates.shape[0]):
        for k in range(candidates.shape[1]):
            item = candidates[row, k]
            total, good, over, like = zero, zero, zero, zero
            for c in range(carried.shape[0]):
                v = carried[c, item]
                wish = wishes[row, v] * weights[c, item]
                total += wish
                good += max(wish, zero)
                over += recent[row, v] * sating[c, item]
                like += last[row, v] * sating[c, item]
            wanted[row, k] = good
            unwanted[row, k] = good - total
            overlap[row, k] = over
            refused[row, k] = like


@njit(cache=True, nogil=True)
def blend_encoding(encoding: Any, vectors: Any, rows: Any, spoken: Any, keep: Any) -> None:
    """Move ``encoding (N, D)`` towards the mean of the rows of ``vectors`` said this turn; see ``Tracker``.

    Args:
        encoding: (N, D) float32, changed in place; a conversation in which nothing was said is left alone.
        vectors: (R, D) float32 sentence encodings.
        rows: (N, S) rows of this turn's sentences.
        spoken: (N, S) which of them there are.
        keep: Weight kept by earlier turns.
    """
    width = encoding.shape[1]
    total = np.empty(width, np.float32)
    for n in range(encoding.shape[0]):
        count = 0
        for s in range(rows.shape[1]):
            if spoken[n, s]:
                count += 1
        if count == 0:
            continue
        share = np.float32(np.float64(np.float32(1) - keep) / np.float64(count))
        total[:] = vectors[rows[n, 0]]
        for s in range(1, rows.shape[1]):
            if spoken[n, s]:
                for d in range(width):
                    total[d] += vectors[rows[n, s], d]
        for d in range(width):
            encoding[n, d] = encoding[n, d] * keep + total[d] * share

"""Scores of all items, and the best of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

LANES = 64
"""Width of the running maxima in ``best_of``."""

MOST_HITS = 64
"""Scores above the bound that are ranked by counting; more of them only where many are equal."""

HALVINGS = 6
"""Steps of the search for a bound; more make it tighter, fewer are quicker."""


@njit(cache=True, nogil=True)
def insert(score: Any, item: Any, filled: Any, items: Any, found: Any) -> Any:
    """Put an item in its place among the best so far, ties to the lower index; returns how many there are."""
    k = items.shape[0]
    if filled == k:
        last = found[k - 1]
        if score < last or (score == last and item > items[k - 1]):
            return filled
        place = k - 1
    else:
        place = filled
        filled += 1
    while place > 0 and (found[place - 1] < score or (found[place - 1] == score and items[place - 1] > item)):
        found[place] = found[place - 1]
        items[place] = items[place - 1]
        place -= 1
    found[place] = score
    items[place] = item
    return filled


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})
def range_of(lanes: Any, k: int) -> Any:
    """A number that at least ``k`` of ``lanes`` reach, and one that none exceeds."""
    low, high = lanes[0], lanes[0]
    for j in range(k):
        low = min(low, lanes[j])
    for j in range(lanes.shape[0]):
        high = max(high, lanes[j])
    return low, high


@njit(cache=True, nogil=True)
def bound_of(lanes: Any, k: int) -> Any:
    """A number that at least ``k`` of ``lanes`` reach, and not many more."""
    low, high = range_of(lanes, k)
    for _ in range(HALVINGS):
        middle = np.float32(0.5) * (low + high)
        count = 0
        for j in range(lanes.shape[0]):
            count += 1 if lanes[j] >= middle else 0
        if count >= k:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def maxima(scores: Any, lanes: Any) -> None:
    """Lane j becomes the maximum of scores j, j + LANES, ..."""
    n, width = scores.shape[0], lanes.shape[0]
    for j in range(width):
        lanes[j] = scores[j]
    for start in range(width, n, width):
        part = scores[start : min(start + width, n)]
        for j in range(part.shape[0]):
            lanes[j] = part[j] if part[j] > lanes[j] else lanes[j]


@njit(cache=True, nogil=True)
def hits_of(scores: Any, bound: Any, lanes: Any, hits: Any, values: Any) -> Any:
    """Items that reach ``bound`` into ``hits (I + LANES,)``, their scores into ``values``; how many there are.

    Counters are unsigned: an index that may be negative costs a check at each step.
    """
    n, width = np.uint64(scores.shape[0]), np.uint64(lanes.shape[0])
    tall, count = n, np.uint64(0)
    for j in range(lanes.shape[0]):  # lanes to look through are noted behind the hits
        hits[tall] = j
        tall += np.uint64(lanes[j] >= bound)
    for place in range(n, tall):
        i = np.uint64(hits[np.uint64(place)])
        while i < n:
            score = scores[i]
            hits[count] = np.int32(i)
            values[count] = score
            count += np.uint64(score >= bound)
            i += width
    return count


@njit(cache=True, nogil=True)
def best_of(scores: Any, items: Any, found: Any, lanes: Any, hits: Any, values: Any) -> None:
    """The k largest of ``scores (I,)`` into ``items`` and ``found`` (k,), best first, ties to the lower index.

    Only lanes (see ``maxima``) above a bound that k of them reach hold any of the best. The few scores above
    that bound are ranked by counting, without branches that the processor would have to guess.

    Args:
        scores: (I,) float32.
        items: (k,) int32, filled in.
        found: (k,) float32, filled in.
        lanes: (LANES,) float32 scratch.
        hits: (I + LANES,) int32 scratch.
        values: (I + LANES,) float32 scratch.
    """
    n, k, width = scores.shape[0], items.shape[0], lanes.shape[0]
    if n < 2 * width or k > width:
        filled = 0
        for i in range(n):
            filled = insert(scores[i], i, filled, items, found)
        return
    maxima(scores, lanes)
    count = hits_of(scores, bound_of(lanes, k), lanes, hits, values)
    if count > MOST_HITS:
        filled = 0
        for h in range(count):
            filled = insert(values[h], hits[h], filled, items, found)
        return
    for h in range(count):
        score, item, rank = values[np.uint64(h)], hits[np.uint64(h)], np.int32(0)
        for j in range(count):
            other = values[np.uint64(j)]
            rank += np.int32((other > score) | ((other == score) & (hits[np.uint64(j)] < item)))
        if rank < k:
            items[np.uint64(rank)] = item
            found[np.uint64(rank)] = score


@njit(cache=True, nogil=True)
def choose_rows(weights: Any, first: Any, count: Any, chosen: Any, chosen_weights: Any) -> Any:
    """Note the rows whose weight is not 0, counted from ``first``, after the ``count`` noted; how many there are."""
    for m in range(weights.shape[0]):
        chosen[count] = first + m
        chosen_weights[count] = weights[m]
        count += 1 if weights[m] != 0 else 0
    return count


@njit(cache=True, nogil=True)
def sum_rows(base: Any, matrix: Any, count: int, chosen: Any, chosen_weights: Any, total: Any) -> None:
    """``total (I,) = base (I,) + chosen_weights @ matrix[chosen]``, four rows at a time.

    The order of the sum is free: every number in it lies on the grid.

    Args:
        base: (I,) float32.
        matrix: (M, I) float32.
        count: How many rows are chosen.
        chosen: (M + 4,) their numbers; places after ``count`` are scratch.
        chosen_weights: (M + 4,) float32, likewise.
        total: (I,) float32, filled in.
    """
    for j in range(count, count + 4):
        chosen[j] = 0
        chosen_weights[j] = 0
    for j in range(0, max(count, 1), 4):
        a, b, c, d = matrix[chosen[j]], matrix[chosen[j + 1]], matrix[chosen[j + 2]], matrix[chosen[j + 3]]
        wa, wb, wc, wd = (
            chosen_weights[j],
            chosen_weights[j + 1],
            chosen_weights[j + 2],
            chosen_weights[j + 3],
        )
        if j == 0:
            for i in range(total.shape[0]):
                total[i] = base[i] + ((wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]))
        else:
            for i in range(total.shape[0]):
                total[i] += (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i])


@njit(cache=True, nogil=True)
def palling_weights(recent: Any, sating: Any, variety: Any, weights: Any) -> Any:
    """Weights of the variety lens of one conversation into ``weights (P,)``; whether anything was accepted."""
    touched = False
    for v in range(recent.shape[0]):
        touched |= recent[v] != 0
    if touched:
        for p in range(sating.shape[0]):
            weights[p] = np.rint(recent[sating[p]] * np.float32(64.0)) * variety
    return touched


@njit(cache=True, nogil=True)
def pick_candidates(
    wishes: Any,
    taste: Any,
    recent: Any,
    shown: Any,
    matrix: Any,
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
        matrix: (V + 16, I) float32 utility of each value's items per unit of wish, then of each factor's.
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
    lanes = np.empty(LANES, np.float32)
    weights = np.empty(sating.shape[0], np.float32)
    rows = np.empty(matrix.shape[0] + 4, np.int64)
    row_weights = np.empty(matrix.shape[0] + 4, np.float32)
    others = np.empty(k - own, np.int32)
    seconds = np.empty(k - own, np.float32)
    hits = np.empty(n_items + LANES, np.int32)
    values = np.empty(n_items + LANES, np.float32)
    for row in range(wishes.shape[0]):
        count = choose_rows(wishes[row], 0, 0, rows, row_weights)
        count = choose_rows(taste[row], wishes.shape[1], count, rows, row_weights)
        sum_rows(prior, matrix, count, rows, row_weights, scores)
        for t in range(shown.shape[1]):
            if shown[row, t] >= 0:
                scores[shown[row, t]] = excluded
        best_of(scores, items[row], found[row], lanes, hits, values)
        if k > own and palling_weights(recent[row], sating, variety, weights):
            count = choose_rows(weights, 0, 0, rows, row_weights)
            sum_rows(scores, palling, count, rows, row_weights, lens)
            for j in range(own):
                lens[items[row, j]] = np.float32(2.0) * excluded
            best_of(lens, others, seconds, lanes, hits, values)
            for j in range(k - own):
                items[row, own + j] = others[j]
                found[row, own + j] = scores[others[j]]

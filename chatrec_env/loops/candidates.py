"""What is known of the candidates on the table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.loops.sums import dot


@njit(cache=True, nogil=True)
def candidate_sums(
    candidates: Any,
    carried: Any,
    weights: Any,
    sating: Any,
    weighted: Any,
    wishes: Any,
    recent: Any,
    ignored: Any,
    wanted: Any,
    unwanted: Any,
    overlap: Any,
    refused: Any,
) -> None:
    """Sums over a candidate's values; see ``Assistant.view``.

    Args:
        candidates: (N, K) int32.
        carried: (C, I) value numbers of each item, V where there are no more.
        weights: (C, I) float32 facet weights of those values.
        sating: (C, I) float32 the same, 0 for values that do not pall.
        weighted: (I, V) float32 weighted values.
        wishes: (N, V) float32.
        recent: (N, V) float32 values of accepted items, decayed.
        ignored: (N,) the suggestion just ignored, -1 if none.
        wanted: (N, K) float32, filled in; likewise ``unwanted``, ``overlap`` and ``refused``.
        unwanted: See ``View``.
        overlap: See ``View``.
        refused: See ``View``.
    """
    zero, end = np.float32(0), wishes.shape[1]
    for row in range(candidates.shape[0]):
        last = ignored[row]
        for k in range(candidates.shape[1]):
            item = candidates[row, k]
            total, good, over, like = zero, zero, zero, zero
            for c in range(carried.shape[0]):
                v = carried[c, item]
                if v == end:
                    break
                wish = wishes[row, v] * weights[c, item]
                total += wish
                good += max(wish, zero)
                over += recent[row, v] * sating[c, item]
                if last >= 0:
                    like += weighted[last, v] * sating[c, item]
            wanted[row, k] = good
            unwanted[row, k] = good - total
            overlap[row, k] = over
            refused[row, k] = like


@njit(cache=True, nogil=True)
def tastes(mean: Any, candidates: Any, factors: Any, taste: Any) -> None:
    """Utility that the estimated preference adds to each candidate into ``taste (N, K)`` float32."""
    products = np.empty(mean.shape[1], np.float32)
    for n in range(candidates.shape[0]):
        for k in range(candidates.shape[1]):
            taste[n, k] = dot(factors[candidates[n, k]], mean[n], products)


@njit(cache=True, nogil=True)
def wished_values(wishes: Any, items: Any, carried: Any, weights: Any, best: Any, worth: Any) -> None:
    """The value of each item that is wished for most, and by how much; see ``Assistant.speak``.

    Args:
        wishes: (N, V) float32.
        items: (N,) at least 0.
        carried: (C, I) value numbers of each item, ascending, V where there are no more.
        weights: (C, I) float32 facet weights of those values.
        best: (N,) filled in, 0 where nothing is wished for.
        worth: (N,) float32, filled in, 0 where nothing is wished for.
    """
    for n in range(items.shape[0]):
        item = items[n]
        value, most = 0, np.float32(0)
        for c in range(carried.shape[0]):
            v = carried[c, item]
            if v == wishes.shape[1]:
                break
            wish = wishes[n, v] * weights[c, item]
            if wish > most:
                value, most = v, wish
        best[n], worth[n] = value, most


@njit(cache=True, nogil=True)
def write_candidates(
    scores: Any,
    items: Any,
    present: Any,
    wanted: Any,
    unwanted: Any,
    taste: Any,
    uncertainty: Any,
    overlap: Any,
    refused: Any,
    acclaim: Any,
    popularity: Any,
    limit: Any,
    out: Any,
) -> None:
    """The candidates block of the observation; see ``ObservationLayout``. All ``(N, K)`` but what is of items."""
    half, zero = np.float32(0.5), np.float32(0)
    row = np.empty(11, np.float32)
    for n in range(items.shape[0]):
        best = scores[n, 0] if present[n, 0] else zero
        for k in range(items.shape[1]):
            there = np.float32(present[n, k])
            score = scores[n, k] if present[n, k] else zero
            row[0] = there
            row[1] = score * half
            row[2] = best - score
            row[3] = wanted[n, k] * half
            row[4] = unwanted[n, k] * half
            row[5] = taste[n, k]
            row[6] = uncertainty[n, k]
            row[7] = overlap[n, k] * half
            row[8] = refused[n, k] * half
            row[9] = acclaim[items[n, k]]
            row[10] = popularity[items[n, k]]
            for c in range(11):
                out[n, 11 * k + c] = min(max(row[c] * there, -limit), limit)

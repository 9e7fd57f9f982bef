"""What is known of the candidates on the table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


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
    """Sums over a candidate's values; see ``DialogueManager.view``.

    Args:
        candidates: (N, K) int32.
        carried: (I, C) value numbers of each item, V where there are no more.
        weights: (I, C) float32 facet weights of those values.
        sating: (I, C) float32 the same, 0 for values that do not pall.
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
            for c in range(carried.shape[1]):
                v = carried[item, c]
                if v == end:
                    break
                wish = wishes[row, v] * weights[item, c]
                total += wish
                good += max(wish, zero)
                over += recent[row, v] * sating[item, c]
                if last >= 0:
                    like += weighted[last, v] * sating[item, c]
            wanted[row, k] = good
            unwanted[row, k] = good - total
            overlap[row, k] = over
            refused[row, k] = like


@njit(cache=True, nogil=True)
def tastes(mean: Any, covariance: Any, candidates: Any, factors: Any, taste: Any, variance: Any) -> None:
    """What the estimated preference adds to each candidate, and the variance of that; see ``DialogueManager.view``.

    Sums over factors run from the first to the last. The covariance is symmetric to the bit, so it is read by rows.

    Args:
        mean: (N, 16) float32.
        covariance: (N, 16, 16) float32.
        candidates: (N, K).
        factors: (I, 16) float32.
        taste: (N, K) float32, filled in.
        variance: (N, K) float32, filled in.
    """
    width, zero = mean.shape[1], np.float32(0)
    projected = np.empty(width, np.float32)
    for n in range(candidates.shape[0]):
        own = covariance[n]
        for k in range(candidates.shape[1]):
            features = factors[candidates[n, k]]
            projected[:] = zero
            whole = width - width % 4
            for j in range(0, whole, 4):
                a, b, c, d = own[j], own[j + 1], own[j + 2], own[j + 3]
                wa, wb, wc, wd = features[j], features[j + 1], features[j + 2], features[j + 3]
                for i in range(width):
                    projected[i] = (((projected[i] + a[i] * wa) + b[i] * wb) + c[i] * wc) + d[i] * wd
            for j in range(whole, width):
                for i in range(width):
                    projected[i] += own[j, i] * features[j]
            utility, spread = zero, zero
            for i in range(width):
                utility += mean[n, i] * features[i]
                spread += projected[i] * features[i]
            taste[n, k], variance[n, k] = utility, spread


@njit(cache=True, nogil=True)
def wished_value(wishes: Any, item: int, carried: Any, weights: Any) -> Any:
    """The value of an item that is wished for most, and by how much; 0 and 0 where nothing is wished for.

    Args:
        wishes: (V,) float32.
        item: Row of the catalogue.
        carried: (I, C) value numbers of each item, ascending, V where there are no more.
        weights: (I, C) float32 facet weights of those values.
    """
    value, most = 0, np.float32(0)
    for c in range(carried.shape[1]):
        v = carried[item, c]
        if v == wishes.shape[0]:
            break
        wish = wishes[v] * weights[item, c]
        if wish > most:
            value, most = v, wish
    return value, most


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

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

"""The encoding of what was said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def blend_encoding(encoding: Any, vectors: Any, rows: Any, spoken: Any, keep: Any) -> None:
    """Move ``encoding (N, D)`` towards the mean of the rows of ``vectors`` said this turn; see ``Tracker``.

    Args:
        encoding: (N, D) float32, changed in place; a conversation in which nothing was said is left alone.
        vectors: (R, D) float32 sentence encodings.
        rows: (N, S) rows of this turn's sentences.
        spoken: (N, S) which of them there are; the row of a first that is not there is all zeros.
        keep: Weight kept by earlier turns.
    """
    width = encoding.shape[1]
    total = np.empty(width, np.float32)
    for n in range(encoding.shape[0]):
        count, last = 0, 0
        for s in range(rows.shape[1]):
            if spoken[n, s]:
                count += 1
                last = s
        if count == 0:
            continue
        share = np.float32(np.float64(np.float32(1) - keep) / np.float64(count))
        moved, first = encoding[n], vectors[rows[n, 0]]
        if count == 1 and last == 0:
            for d in range(width):
                moved[d] = moved[d] * keep + first[d] * share
            continue
        second = vectors[rows[n, last]]
        if count == 2 and spoken[n, 0]:
            for d in range(width):
                moved[d] = moved[d] * keep + (first[d] + second[d]) * share
            continue
        total[:] = first
        for s in range(1, rows.shape[1]):
            if spoken[n, s]:
                other = vectors[rows[n, s]]
                for d in range(width):
                    total[d] += other[d]
        for d in range(width):
            moved[d] = moved[d] * keep + total[d] * share

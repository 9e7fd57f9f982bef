"""What clicks and ratings teach."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.loops.sums import add_up, dot


@njit(cache=True, nogil=True)
def consume(recent: Any, trace: Any, shown: Any, item: Any, clicked: Any, decay: Any, repeated: Any) -> None:
    """Decay what was accepted before, add what was accepted now, and note how alike the suggestion was.

    Args:
        recent: (N, V) float32, changed in place.
        trace: (I, V) float32 weighted values that can pall.
        shown: (N,) suggestion, at least 0.
        item: (N,) accepted item.
        clicked: (N,) whether there is one.
        decay: Share that remains, float32.
        repeated: (N,) float32, filled in.
    """
    products = np.empty(recent.shape[1], np.float32)
    for n in range(recent.shape[0]):
        repeated[n] = dot(recent[n], trace[shown[n]], products)
        if clicked[n]:
            for v in range(recent.shape[1]):
                recent[n, v] = recent[n, v] * decay + trace[item[n], v]
        else:
            for v in range(recent.shape[1]):
                recent[n, v] *= decay


@njit(cache=True, nogil=True)
def observe(mean: Any, covariance: Any, rows: Any, features: Any, residual: Any, information: Any) -> None:
    """One Kalman update of the given rows, in place; see ``chatrec_env.preference.observe``."""
    width = mean.shape[1]
    projected, products = np.empty(width, np.float32), np.empty(width, np.float32)
    one = np.float32(1)
    for r in range(rows.shape[0]):
        n = rows[r]
        for i in range(width):
            for j in range(width):
                products[j] = covariance[n, i, j] * features[r, j]
            projected[i] = add_up(products, 0, width)
        shrink = one / (one + information[r] * dot(projected, features[r], products))
        gain = information[r] * shrink
        step = residual[r] * shrink
        for i in range(width):
            mean[n, i] += step * projected[i]
            for j in range(width):
                covariance[n, i, j] -= gain * (projected[i] * projected[j])

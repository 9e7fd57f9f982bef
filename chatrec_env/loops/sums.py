"""Sums in the order NumPy takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

BLOCK = 128
"""Longest run that NumPy sums with eight running totals; longer ones it halves."""


@njit(cache=True, nogil=True)
def add_up(x: Any, start: int, stop: int) -> Any:
    """``x[start:stop].sum()`` of float32, to the bit."""
    n = stop - start
    if n > BLOCK:
        half = n // 2
        half -= half % 8
        return add_up(x, start, start + half) + add_up(x, start + half, stop)
    total = np.float32(0)
    if n < 8:
        for i in range(start, stop):
            total += x[i]
        return total
    a, b, c, d = x[start], x[start + 1], x[start + 2], x[start + 3]
    e, f, g, h = x[start + 4], x[start + 5], x[start + 6], x[start + 7]
    whole = start + n - n % 8
    for i in range(start + 8, whole, 8):
        a, b, c, d = a + x[i], b + x[i + 1], c + x[i + 2], d + x[i + 3]
        e, f, g, h = e + x[i + 4], f + x[i + 5], g + x[i + 6], h + x[i + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, stop):
        total += x[i]
    return total


@njit(cache=True, nogil=True)
def dot(a: Any, b: Any, products: Any) -> Any:
    """``(a * b).sum()`` of float32, to the bit; ``products`` is scratch, at least as long."""
    for i in range(a.shape[0]):
        products[i] = a[i] * b[i]
    return add_up(products, 0, a.shape[0])

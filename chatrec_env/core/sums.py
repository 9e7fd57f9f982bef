"""Sums that do not depend on the size of the batch, and the grid on which sums are exact.

What enters a score (wishes, values, factors) are small multiples of ``1 / GRID``: such sums are exact in float32 in any
order. Every other sum is taken pairwise in blocks of eight running totals, whose error grows with the
logarithm of the length (Higham, 1993); ``numpy.sum`` takes the same order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import inlined

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

GRID = 64.0
"""Estimated tastes are rounded to multiples of 1/64 before they enter a score."""

BLOCK = 128
"""Longest run that is summed with eight running totals; longer ones are halved."""


@inlined
def how_many(flags: Flags) -> int:
    """``flags.sum()``. A rule that calls numba's own loads scipy's linear algebra, at every start."""
    total = 0
    for v in range(flags.shape[0]):
        total += flags[v]
    return total


@inlined
def add_block(x: Row, start: int, stop: int) -> Any:
    """``x[start:stop].sum()`` of at most ``BLOCK`` float32 numbers."""
    n, total = stop - start, np.float32(0)
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


@inlined
def add_up(x: Row, start: int, stop: int) -> Any:
    """``x[start:stop].sum()`` of float32. Longer than ``BLOCK``, ``x`` is overwritten.

    Block by block from the left; the sums of left halves wait at the start of ``x``, where all is read by then.
    (No recursion: the compiler cannot keep recursive functions on disk.)
    """
    if stop - start <= BLOCK:
        return add_block(x, start, stop)
    at, waiting = start, 0
    while True:
        low, high, closed = start, stop, 0
        while high - low > BLOCK:
            half = (high - low) // 2
            half -= half % 8
            if at < low + half:
                high, closed = low + half, 0
            else:
                low, closed = low + half, closed + 1
        total = add_block(x, low, high)
        for _ in range(closed):
            waiting -= 1
            total = x[start + waiting] + total
        if high == stop:
            return total
        x[start + waiting] = total
        waiting += 1
        at = high


@inlined
def dot(a: Row, b: Row, products: Row) -> Any:
    """``(a * b).sum()`` of float32; ``products`` is scratch, at least as long."""
    for i in range(a.shape[0]):
        products[i] = a[i] * b[i]
    return add_up(products, 0, a.shape[0])

"""Entropies of the facets, worked out only where something was said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.loops.sums import add_up


@njit(cache=True, nogil=True)
def spoken_of(wishes: Any, start: int, stop: int) -> bool:
    """Whether any value in the range is wished for or against."""
    found = False
    for v in range(start, stop):
        found |= wishes[v] != 0
    return found


@njit(cache=True, nogil=True)
def beliefs(wishes: Any, odds: Any, middle: int, starts: Any, belief: Any) -> int:
    """Beliefs of all facets with a wish, one after the other; returns how many numbers these are.

    Args:
        wishes: (N, V) float32 multiples of 1/16.
        odds: (L, V) float32 odds of a value by its wish in sixteenths.
        middle: Row of ``odds`` for a wish of 0.
        starts: (F + 1,) first value of each facet, then V.
        belief: (N * V,) float32, filled in.
    """
    count = 0
    copied = np.empty(wishes.shape[1], np.float32)
    for n in range(wishes.shape[0]):
        for f in range(starts.shape[0] - 1):
            start, stop = starts[f], starts[f + 1]
            if not spoken_of(wishes[n], start, stop):
                continue
            size = stop - start
            untold = odds[middle, start:stop]
            for i in range(size):
                belief[count + i] = untold[i]
                copied[i] = untold[i]
            for i in range(size):
                wish = wishes[n, start + i]
                if wish != 0:
                    told = odds[middle + int(wish * np.float32(16)), start + i]
                    belief[count + i] = copied[i] = told
            total = belief[count] + add_up(copied, 1, size)
            for i in range(count, count + size):
                belief[i] /= total
            count += size
    return count


@njit(cache=True, nogil=True)
def entropies(wishes: Any, starts: Any, untold: Any, log_sizes: Any, surprise: Any, out: Any) -> None:
    """Entropy of every facet, (N, F): ``untold (F,)`` where nothing was said, else from ``surprise``.

    ``surprise`` holds ``belief * log(belief)`` in the order of ``beliefs``; it is used up.
    """
    count, zero, one = 0, np.float32(0), np.float32(1)
    for n in range(wishes.shape[0]):
        for f in range(starts.shape[0] - 1):
            start, stop = starts[f], starts[f + 1]
            if not spoken_of(wishes[n], start, stop):
                out[n, f] = untold[f]
                continue
            end = count + stop - start
            spread = (surprise[count] + add_up(surprise, count + 1, end)) / -log_sizes[f]
            out[n, f] = min(max(spread, zero), one)
            count = end

"""Entropies of the facets, worked out only where something was said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.core.sums import add_up


@njit(cache=True, nogil=True)
def known_of(wishes: Any, lone: Any, start: int, stop: int, untold: Any) -> Any:
    """Entropy of the facet with values ``start`` to ``stop`` where a table has it, else NaN.

    Args:
        wishes: (V,) float32 multiples of 1/16.
        lone: (L, V) float32 entropies where one value alone has a wish, by that wish; NaN if not tabulated.
        start: First value.
        stop: Last value, plus 1.
        untold: Entropy where nothing was said.
    """
    count, at = 0, start
    for v in range(start, stop):
        if wishes[v] != 0:
            count += 1
            at = v
    if count == 0:
        return untold
    if count > 1:
        return np.float32(np.nan)
    return lone[(lone.shape[0] >> 1) + int(wishes[at] * np.float32(16)), at]


@njit(cache=True, nogil=True)
def beliefs(wishes: Any, odds: Any, lone: Any, untold: Any, starts: Any, belief: Any, entropy: Any) -> int:
    """Entropies that a table has; beliefs of the other facets, one after the other. Returns how many numbers these are.

    Args:
        wishes: (N, V) float32 multiples of 1/16.
        odds: (L, V) float32 odds of a value by its wish in sixteenths; the middle row is for a wish of 0.
        lone: (L, V) see ``known_of``.
        untold: (F,) float32 entropies where nothing was said.
        starts: (F + 1,) first value of each facet, then V.
        belief: (N * V,) float32, filled in.
        entropy: (N, F) float32, filled in; NaN where no table has it.
    """
    count, middle = 0, odds.shape[0] >> 1
    copied = np.empty(wishes.shape[1], np.float32)
    for n in range(wishes.shape[0]):
        for f in range(starts.shape[0] - 1):
            start, stop = starts[f], starts[f + 1]
            entropy[n, f] = known_of(wishes[n], lone, start, stop, untold[f])
            if not np.isnan(entropy[n, f]):
                continue
            size = stop - start
            common = odds[middle, start:stop]
            for i in range(size):
                belief[count + i] = common[i]
                copied[i] = common[i]
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
def entropies(starts: Any, log_sizes: Any, surprise: Any, entropy: Any) -> None:
    """Fill in the entropies ``(N, F)`` that no table has.

    ``surprise`` holds ``belief * log(belief)`` in the order of ``beliefs``; it is used up.
    """
    count, zero, one = 0, np.float32(0), np.float32(1)
    for n in range(entropy.shape[0]):
        for f in range(entropy.shape[1]):
            if np.isnan(entropy[n, f]):
                end = count + starts[f + 1] - starts[f]
                spread = (surprise[count] + add_up(surprise, count + 1, end)) / -log_sizes[f]
                entropy[n, f] = min(max(spread, zero), one)
                count = end

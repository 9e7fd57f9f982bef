"""What things are worth to a person."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.core.sums import dot


@njit(cache=True, nogil=True)
def utilities(
    desire: Any,
    factor_taste: Any,
    satiation: Any,
    satiability: Any,
    carried: Any,
    weights: Any,
    factors: Any,
    quality: Any,
    sating: Any,
    items: Any,
    out: Any,
) -> None:
    """Utility of one item per person into ``out (N,)`` float64; see ``ScriptedPeople.utility``."""
    products, end = np.empty(desire.shape[1], np.float32), desire.shape[1]
    for n in range(items.shape[0]):
        item, match = items[n], np.float32(0)
        # Desires, tastes, weights and factors lie on a binary grid: these sums are exact in any order.
        for c in range(carried.shape[1]):
            v = carried[item, c]
            if v == end:
                break
            match += desire[n, v] * weights[item, c]
        for f in range(factors.shape[1]):
            match += factor_taste[n, f] * factors[item, f]
        sated = satiability[n] * dot(satiation[n], sating[item], products)
        out[n] = np.float64(match + quality[item]) - np.float64(sated)


@njit(cache=True, nogil=True)
def appetites(rows: Any, desire: Any, satiation: Any, satiability: Any, worth: Any) -> None:
    """Desire less satiation of the given people into ``worth (n, V)`` float32; see ``Talk.appetite``."""
    for r in range(rows.shape[0]):
        n = rows[r]
        for v in range(desire.shape[1]):
            worth[r, v] = desire[n, v] - satiability[n] * satiation[n, v]


@njit(cache=True, nogil=True)
def rank_row(worth: Any, start: int, stop: int) -> Any:
    """Best, worst and second best of ``worth[start:stop]``; -1 if there is no second."""
    best = worst = start
    for v in range(start, stop):
        if worth[v] > worth[best]:
            best = v
        if worth[v] < worth[worst]:
            worst = v
    second = -1
    for v in range(start, stop):
        if v != best and (second < 0 or worth[v] > worth[second]):
            second = v
    return best, worst, second


@njit(cache=True, nogil=True)
def rank_values(worth: Any, facet: Any, starts: Any, found: Any) -> None:
    """Best, worst and second best value of each person's facet into ``found (3, n)``; see ``Talk.answer``."""
    for n in range(facet.shape[0]):
        found[0, n], found[1, n], found[2, n] = rank_row(worth[n], starts[facet[n]], starts[facet[n] + 1])

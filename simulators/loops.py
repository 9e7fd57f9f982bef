"""The inner loops of a person's turn, compiled, a row at a time. Each equals its NumPy counterpart bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.loops.sums import dot


@njit(cache=True, nogil=True)
def utilities(
    desire: Any,
    factor_taste: Any,
    satiation: Any,
    satiability: Any,
    weighted: Any,
    factors: Any,
    quality: Any,
    sating: Any,
    items: Any,
    out: Any,
) -> None:
    """Utility of one item per person into ``out (N,)`` float64; see ``ScriptedPeople.utility``."""
    products = np.empty(max(desire.shape[1], factors.shape[1]), np.float32)
    for n in range(items.shape[0]):
        item = items[n]
        match = dot(desire[n], weighted[item], products)
        match += dot(factor_taste[n], factors[item], products)
        sated = satiability[n] * dot(satiation[n], sating[item], products)
        out[n] = np.float64(match + quality[item]) - np.float64(sated)


@njit(cache=True, nogil=True)
def satiate(satiation: Any, sating: Any, item: Any, taken: Any, decay: Any) -> None:
    """``s = decay * s + x`` in place, x being the values of what was taken; see ``simulators.dynamics``."""
    for n in range(satiation.shape[0]):
        if taken[n]:
            for v in range(satiation.shape[1]):
                satiation[n, v] = decay * satiation[n, v] + sating[item[n], v]
        else:
            for v in range(satiation.shape[1]):
                satiation[n, v] *= decay


@njit(cache=True, nogil=True)
def rank_values(worth: Any, facet: Any, starts: Any, found: Any) -> None:
    """Best, worst and second best value of each person's facet into ``found (3, n)``; see ``Talk.answer``."""
    for n in range(facet.shape[0]):
        start, stop = starts[facet[n]], starts[facet[n] + 1]
        best = worst = start
        for v in range(start, stop):
            if worth[n, v] > worth[n, best]:
                best = v
            if worth[n, v] < worth[n, worst]:
                worst = v
        second = -1
        for v in range(start, stop):
            if v != best and (second < 0 or worth[n, v] > worth[n, second]):
                second = v
        found[0, n], found[1, n], found[2, n] = best, worst, second


@njit(cache=True, nogil=True)
def swap_wishes(
    rows: Any,
    which: Any,
    wanted: Any,
    unwanted: Any,
    desire: Any,
    goal_size: Any,
    facet_of: Any,
    starts: Any,
    changed: Any,
    value: Any,
) -> None:
    """Swap a wanted value for another of its facet; see ``ScriptedPeople._change_mind``.

    Args:
        rows: (n,) who would.
        which: (N,) uniforms.
        wanted: (N, V) changed in place, likewise ``desire`` and ``changed``.
        unwanted: (N, V)
        desire: (N, V)
        goal_size: (N,) float64.
        facet_of: (V,)
        starts: (F + 1,) first value of each facet, then V.
        changed: (N,) False where nothing can be swapped.
        value: (N,) the new value, filled in.
    """
    for row in rows:
        count = 0
        for v in range(wanted.shape[1]):
            count += wanted[row, v]
        if count == 0:
            changed[row] = False
            continue
        old, left = 0, int(which[row] * count)
        for v in range(wanted.shape[1]):
            if wanted[row, v]:
                if left == 0:
                    old = v
                    break
                left -= 1
        start, stop, others = starts[facet_of[old]], starts[facet_of[old] + 1], 0
        for v in range(start, stop):
            others += not (wanted[row, v] or unwanted[row, v])
        if others == 0:
            changed[row] = False
            continue
        new, left = 0, int((which[row] * count % 1.0) * others)
        for v in range(start, stop):
            if not (wanted[row, v] or unwanted[row, v]):
                if left == 0:
                    new = v
                    break
                left -= 1
        size = np.float32(np.rint(goal_size[row] * 64.0) / 64.0)
        desire[row, old] -= size
        desire[row, new] += size
        wanted[row, old], wanted[row, new] = False, True
        value[row] = new

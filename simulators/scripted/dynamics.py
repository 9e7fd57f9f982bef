"""How a person changes during a conversation: satiation, satisfaction, trust, drift, changes of mind, leaving."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.sums import how_many
from simulators.scripted.choice import sigmoid
from simulators.scripted.people import Rates

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

LIMIT = 8.0
"""Desires stay within plus and minus this."""

GRID = 64.0
"""Desires are multiples of one in so many, so that utilities are exact sums in any order."""


@inlined
def satiate(satiation: Row, consumed: Row, decay: np.float32) -> None:
    """``s' = decay * s + x`` in place (linear satiation dynamics; Leqi et al., 2021).

    Args:
        satiation: (V,)
        consumed: (V,) weighted sating values of what was accepted, 0 where nothing was.
        decay: Share that remains after a turn, float32.
    """
    for v in range(satiation.shape[0]):
        satiation[v] = decay * satiation[v] + consumed[v]


@rule
def satisfy(satisfaction: float, reaction: float, memory: float) -> float:
    """Moving average ``m' = memory * m + (1 - memory) * reaction``, as RecSim's long-term satisfaction."""
    return memory * satisfaction + (1.0 - memory) * reaction


@rule
def trust_after(trust: float, true: bool, gain: float, loss: float) -> float:
    """A true reason closes a share of the gap to full trust, a false one destroys a share of it.

    Asymmetric, since trust is lost faster than won (Slovic, 1993).
    """
    return trust + gain * (1.0 - trust) if true else trust * (1.0 - loss)


@rule
def drift(desire: Row, consumed: Row, reaction: float, rate: float) -> None:
    """Tastes move toward what was enjoyed, ``d' = d + rate * reaction * x`` on the 1/64 grid, in place.

    Mere exposure and preference shift as in Kalimeris et al. (2021).

    Args:
        desire: (V,)
        consumed: (V,) weighted sating values of what was accepted.
        reaction: To it, in [-1, 1].
        rate: Step size.
    """
    for v in range(desire.shape[0]):
        step = np.rint(rate * reaction * np.float64(consumed[v]) * GRID) / GRID
        desire[v] = min(max(np.float64(desire[v]) + step, -LIMIT), LIMIT)


@rule
def leaving_chance(satisfaction: float, waiting: int, excess: float, rates: Rates) -> float:
    """Chance of leaving in a turn, a discrete-time hazard (Cox, 1972): ``sigmoid(base - a m + b w + c q)``.

    Args:
        satisfaction: m, in [-1, 1].
        waiting: w, fruitless turns since something good came up.
        excess: q, questions beyond the person's patience.
        rates: Base and weights; a ``leave_constant`` of 0 or more is the chance, whatever happened.
    """
    if rates.leave_constant >= 0:
        return rates.leave_constant
    return sigmoid(
        rates.leave_base
        - rates.leave_satisfaction * satisfaction
        + rates.leave_waiting * waiting
        + rates.leave_questions * excess
    )


@rule
def move_wish(wanted: Flags, desire: Row, goal_size: float, old: int, new: int) -> None:
    """What one of the values (V,) was worth as a wish goes to another, in place; see ``swap_wish``."""
    size = np.float32(np.rint(goal_size * GRID) / GRID)
    desire[old] -= size
    desire[new] += size
    wanted[old], wanted[new] = False, True


@rule
def swap_chances(
    wanted: Flags, unwanted: Flags, new: int, facet_of: Rows, facet_start: Rows
) -> tuple[float, float]:
    """Chances that ``swap_wish`` swaps anything, and that it swaps for the value ``new``; both for random draws.

    ``wanted``, ``unwanted`` and ``facet_of`` are (V,), ``facet_start`` is (F + 1,).
    """
    count, some, found = how_many(wanted), 0, 0.0
    for f in range(facet_start.shape[0] - 1):
        own = others = 0
        for v in range(facet_start[f], facet_start[f + 1]):
            own += wanted[v]
            others += not (wanted[v] or unwanted[v])
        if own and others:
            some += own
            if new >= 0 and facet_of[new] == f and not (wanted[new] or unwanted[new]):
                found = own / (count * others)
    return some / max(count, 1), found


@rule
def swap_wish(
    wanted: Flags, unwanted: Flags, desire: Row, goal_size: float, uniform: float, facet_of: Rows, facet_start: Rows,
) -> int:  # fmt: skip
    """Swap a wanted value for another of the same facet that is neither wanted nor unwanted, in place.

    Args:
        wanted: (V,)
        unwanted: (V,)
        desire: (V,) what the old one was worth goes to the new one.
        goal_size: That.
        uniform: Decides which, and by its place within that share, for which.
        facet_of: (V,) the facet of each value.
        facet_start: (F + 1,) the first value of each facet, then V.

    Returns:
        The new value, -1 if there was nothing to swap.
    """
    count = how_many(wanted)
    if count == 0:
        return -1
    old, left = -1, min(int(uniform * count), count - 1)
    while left >= 0:
        old += 1
        left -= wanted[old]
    start, stop = facet_start[facet_of[old]], facet_start[facet_of[old] + 1]
    others = 0
    for v in range(start, stop):
        others += not (wanted[v] or unwanted[v])
    if others == 0:
        return -1
    new, left = start - 1, min(int((uniform * count % 1.0) * others), others - 1)
    while left >= 0:
        new += 1
        left -= not (wanted[new] or unwanted[new])
    move_wish(wanted, desire, goal_size, old, new)
    return int(new)

"""How a turn leaves a person: satiation, satisfaction, the clocks, drift, and changes of mind."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

LIMIT = 8.0
"""Desires stay within plus and minus this."""


@njit(cache=True, nogil=True)
def feel(
    asked: Any,
    offered: Any,
    taken: Any,
    seen: Any,
    stars: Any,
    item: Any,
    sating: Any,
    patience: Any,
    decay: Any,
    memory: Any,
    ignored: Any,
    question_reaction: Any,
    drift: Any,
    satiation: Any,
    complained: Any,
    questions: Any,
    satisfaction: Any,
    waiting: Any,
    desire: Any,
) -> None:
    """One turn's effect on N people, in place; see ``ScriptedPeople._feel``.

    Args:
        asked: (N,) whether a question was put; ``offered``, ``taken``, ``seen``, ``stars``: what came of a suggestion.
        offered: (N,)
        taken: (N,)
        seen: (N,)
        stars: (N,)
        item: (N,) the suggestion.
        sating: (I, V) float32 weighted values that can pall.
        patience: (N,) questions taken kindly.
        decay: Share of satiation that remains, float32.
        memory: Share of satisfaction that remains.
        ignored: Reaction to a suggestion that is not taken.
        question_reaction: Reaction to a question beyond the person's patience.
        drift: Step of tastes toward what was enjoyed, 0 for none.
        satiation: (N, V) float32, changed in place, as all that follow.
        complained: (N,)
        questions: (N,)
        satisfaction: (N,)
        waiting: (N,)
        desire: (N, V) float32.
    """
    for n in range(asked.shape[0]):
        row = satiation[n]
        for v in range(row.shape[0]):
            row[v] *= decay
        if taken[n]:
            for v in range(row.shape[0]):
                row[v] += sating[item[n], v]
            complained[n] = False
        if asked[n]:
            questions[n] += 1
        tired = asked[n] and questions[n] > patience[n]
        enjoyment = (stars[n] - 3.0) / 2.0 if taken[n] else 0.0
        passed = offered[n] and not seen[n]
        if taken[n] or passed or tired:
            reaction = enjoyment if taken[n] else (ignored if passed else question_reaction)
            satisfaction[n] = memory * satisfaction[n] + (1.0 - memory) * reaction
        if taken[n] and stars[n] >= 3:
            waiting[n] = 0
        elif offered[n] or tired:
            waiting[n] += 1
        if drift > 0 and taken[n]:
            for v in range(row.shape[0]):
                step = np.rint(drift * enjoyment * sating[item[n], v] * 64.0) / 64.0
                desire[n, v] = min(max(desire[n, v] + step, -LIMIT), LIMIT)


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

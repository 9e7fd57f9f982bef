"""What the person's sentences change in the belief."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def state_wishes(wish: Any, replaces: Any, passing: Any, starts: Any, strengths: Any, wishes: Any) -> None:
    """Wishes and dislikes named in a sentence; "actually, ..." drops the earlier ones of its facets."""
    want, avoid, enough = strengths[0], strengths[1], strengths[2]
    if replaces:
        for f in range(starts.shape[0] - 1):
            named = False
            for v in range(starts[f], starts[f + 1]):
                named |= wish[v] > 0
            if named:
                for v in range(starts[f], starts[f + 1]):
                    wishes[v] = min(wishes[v], np.float32(0))
    against = enough if passing else avoid
    for v in range(wish.shape[0]):
        if wish[v] != 0:
            wishes[v] = want if wish[v] > 0 else -against


@njit(cache=True, nogil=True)
def shift(relative: Any, numeric: Any, values: Any, starts: Any, step: Any, wishes: Any) -> None:
    """Newer, shorter, ...: bins beyond the item's own are wanted a little, the others not."""
    for f in range(starts.shape[0] - 1):
        if relative[f] == 0 or not numeric[f]:
            continue
        own = starts[f]
        for v in range(starts[f], starts[f + 1]):
            if values[v] > values[own]:
                own = v
        for v in range(starts[f], starts[f + 1]):
            wishes[v] = step if (v - own) * relative[f] > 0 else -step


@njit(cache=True, nogil=True)
def read_sentences(
    rows: Any,
    spoken: Any,
    flags: Any,
    table_wishes: Any,
    table_replaces: Any,
    table_context: Any,
    table_item: Any,
    table_polarity: Any,
    table_relative: Any,
    context_wishes: Any,
    resembling: Any,
    values: Any,
    numeric: Any,
    starts: Any,
    strengths: Any,
    acts: Any,
    slate: Any,
    last_value: Any,
    context: Any,
    wishes: Any,
    status: Any,
    answered: int,
) -> None:
    """Read the sentences of a turn; see ``Tracker.hear``. Named people are left to the caller.

    Args:
        rows: (N, 4) rows of the sentence table.
        spoken: (N, 4) which of them there are.
        flags: (N, 4) uint32 their acts.
        table_wishes: (R, V); this and the next five are columns of the sentence table.
        table_replaces: (R,)
        table_context: (R,)
        table_item: (R,)
        table_polarity: (R,)
        table_relative: (R, F)
        context_wishes: (C, V) wishes that go with a company.
        resembling: (I, V) values that count for likeness.
        values: (I, V) values of the items.
        numeric: (F,) facets with ordered bins.
        starts: (F + 1,) first value of each facet, then V.
        strengths: float32: want, avoid, enough, similar, relative.
        acts: uint32 flag words: passing dislike; more of the same; yes or no; yes.
        slate: (N, 1) items just shown.
        last_value: (N,) value just offered for confirmation, -1 if none.
        context: (N,) changed in place, likewise ``wishes`` and ``status``.
        wishes: (N, V) float32.
        status: (N, F).
        answered: Status of a facet about which something new was said.
    """
    want, avoid, similar, step = strengths[0], strengths[1], strengths[3], strengths[4]
    n_values, zero = wishes.shape[1], np.float32(0)
    before = np.empty(n_values, np.float32)
    for n in range(rows.shape[0]):
        mine = wishes[n]
        for v in range(n_values):
            before[v] = mine[v]
        for place in range(rows.shape[1]):
            if not spoken[n, place]:
                continue
            row, flag = rows[n, place], flags[n, place]
            state_wishes(
                table_wishes[row], table_replaces[row], (flag & acts[0]) != 0, starts, strengths, mine
            )
            company = table_context[row]
            if company >= 0:
                context[n] = company
                for v in range(n_values):
                    implied = context_wishes[company, v]
                    if implied != 0 and mine[v] == 0:
                        mine[v] = want if implied > 0 else -avoid
            linked, shown = table_item[row], slate[n, 0]
            model = linked if linked >= 0 else (shown if (flag & acts[1]) != 0 else -1)
            if model >= 0:
                sign = np.float32(table_polarity[row]) if linked >= 0 else np.float32(1)
                for v in range(n_values):
                    pull = resembling[model, v] * (similar * sign)
                    if pull != 0 and abs(mine[v]) <= similar:
                        mine[v] = pull
            anchor = linked if linked >= 0 else shown
            if anchor >= 0:
                shift(table_relative[row], numeric, values[anchor], starts, step, mine)
            if (flag & acts[2]) != 0 and last_value[n] >= 0:
                mine[last_value[n]] = want if (flag & acts[3]) != 0 else zero
        for f in range(starts.shape[0] - 1):
            for v in range(starts[f], starts[f + 1]):
                if mine[v] != 0 and before[v] == 0:
                    status[n, f] = answered
                    break

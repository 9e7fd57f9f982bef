"""Questions that need not be asked: about what the person has said already."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.state import NO_ANSWER, Dialogue
from chatrec_env.language.acts import SystemAct

if TYPE_CHECKING:
    from agents.serving.talk.bounds import Bounds
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.kernel import Task
    from chatrec_env.core.user_simulator import SystemTurn


def settled(catalog: Catalog, dialogue: Dialogue, bounds: Bounds) -> set[int]:
    """Facets of which the person (N = 1) has said what they want, or that they cannot say or do not mind."""
    stated = {int(catalog.value_facet[v]) for v in np.flatnonzero(dialogue.memory.stated[0])}
    return (
        stated
        | {int(f) for f in np.flatnonzero(dialogue.status[0] == NO_ANSWER)}
        | set(bounds.spans)
        | bounds.free
    )


def asks(action: str) -> bool:
    """Whether an action of this name asks something or closes."""
    return action.startswith("ask") or action in ("confirm", "close")


def sensible(
    task: Task, dialogue: Dialogue, mask: npt.NDArray[np.bool_], told: Collection[int]
) -> npt.NDArray[np.bool_]:
    """Legal actions (1, A) but those that ask about a facet of ``told``, where any other is left.

    They are left out beforehand, not drawn again: so the chances of what is left are the policy's own.
    """
    if not told:
        return mask
    rest = mask.copy()
    for action, name in enumerate(task.actions.names):
        if mask[0, action] and asks(name):
            turn = task.actions.decode(task.manager, dialogue, np.array([action], np.int64))
            rest[0, action] = not asks_in_vain(task, dialogue, turn, told)
    return rest if rest.any() else mask


def asks_in_vain(task: Task, dialogue: Dialogue, turn: SystemTurn, told: Collection[int]) -> bool:
    """Whether a turn asks about a facet of ``told``.

    An action that leaves open about what it asks is no reason to give up asking: the turn then asks about the best of
    the other facets, if one tells anything.
    """
    act, manager = turn.act[0], task.manager
    if act == SystemAct.CONFIRM:
        return int(manager.catalog.value_facet[turn.value[0]]) in told
    if act != SystemAct.ASK or int(turn.facet[0]) not in told:
        return False
    if any(name.startswith("ask:") for name in task.actions.names):
        return True
    worth = manager.beliefs.question_values(dialogue)[0]
    worth[list(told)] = -1
    turn.facet[0] = worth.argmax()
    return bool(worth.max() <= 0)

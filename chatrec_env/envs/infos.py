"""The info of a turn: of one conversation as Python values, of many as arrays; the same keys at every turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.kernel import State, Task, Turn, idle_turn
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.errors import UnknownNameError

FULL, NUMBERS, LEAN = INFO_LEVELS = ("full", "numbers", "lean")
"""How much an info holds: everything; everything but the texts; only ``is_success``, when a conversation ends."""


def check_level(level: str) -> str:
    """The level, if there is one of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if level not in INFO_LEVELS:
        raise UnknownNameError("info level", level, INFO_LEVELS)
    return level


Values = dict[str, npt.NDArray[Any]]


def batch_info(
    task: Task, state: State, mask: npt.NDArray[np.bool_], turn: Turn | None, *, texts: bool
) -> Values:
    """The infos of N conversations as arrays, one entry each; nothing latent is in here.

    ``turn`` is None at reset; ``texts``: whether to tell what was said.
    """
    info: Values = {"action_mask": mask.astype(np.int8)}
    if texts:
        info |= {key: as_objects(told) for key, told in _texts(task, state).items()}
    info["candidate_items"] = state.dialogue.candidates.copy()
    for key, value in _values(task, state, turn).items():
        info[key] = value.astype(np.int64 if value.dtype.kind == "i" else value.dtype)
    return info


def single_info(
    task: Task, state: State, mask: npt.NDArray[np.bool_], turn: Turn | None, *, texts: bool
) -> dict[str, Any]:
    """Row 0 of ``batch_info`` in Python's own types, without making the arrays of it."""
    info: dict[str, Any] = {"action_mask": mask[0].astype(np.int8)}
    if texts:
        info |= {key: told[0] for key, told in _texts(task, state).items()}
    info["candidate_items"] = state.dialogue.candidates[0].copy()
    for key, value in _values(task, state, turn).items():
        info[key] = value.item(0) if value.ndim == 1 else value[0].astype(np.int64)
    return info


def _texts(task: Task, state: State) -> dict[str, list[str]]:
    """What was said in the turn each conversation is at."""
    d, words = state.dialogue, task.manager.table.texts
    said = d.transcript[np.arange(len(state)), d.turn]
    return {"system_text": words(said[:, :-USER_SENTENCES]), "user_text": words(said[:, -USER_SENTENCES:])}


def _values(task: Task, state: State, turn: Turn | None) -> Values:
    """The numbers of infos, (N,) each, a slate (N, S); some are the state's own arrays."""
    d, n = state.dialogue, len(state)
    if turn is None:
        turn = idle_turn(n, d.slate.shape[1], task.reward.names)
    user = turn.user
    values = {
        "item": d.slate[np.arange(n), np.maximum(user.click, 0)],
        "clicked": user.click >= 0,
        "stars": user.stars,
        "left": user.leave,
        "turn": d.turn,
        "questions": d.questions,
        "is_success": d.best >= 4,
    }
    if d.slate.shape[1] > 1:
        values["slate"] = d.slate
    meter = getattr(task.users, "meter", None)  # isinstance of a protocol would take longer than all the rest
    if meter is not None:
        values |= meter(state.people)
    return values | {f"reward_{name}": turn.paid[:, i] for i, name in enumerate(turn.names)}


def spread(n: int, values: dict[str, npt.NDArray[Any]], rows: npt.NDArray[np.intp]) -> dict[str, Any]:
    """Infos of some of n conversations as arrays over all (0 or None elsewhere), each key with its mask."""
    held = np.zeros(n, np.bool_)
    held[rows] = True
    info: dict[str, Any] = {}
    for key, value in values.items():
        whole = np.full((n, *value.shape[1:]), None if value.dtype == object else 0, value.dtype)
        whole[rows] = value
        info[key], info[f"_{key}"] = whole, held.copy()
    return info


def as_objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    """A one-dimensional object array, whatever the values are."""
    out = np.empty(len(values), object)
    for i, value in enumerate(values):
        out[i] = value
    return out

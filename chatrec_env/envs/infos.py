"""The info of a turn: of one conversation as Python values, of many as arrays; the same keys at every turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.kernel import State, Task, Turn
from chatrec_env.core.rewards import TERMS
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.errors import UnknownNameError

FULL, NUMBERS, LEAN = INFO_LEVELS = ("full", "numbers", "lean")
"""How much an info holds: everything; everything but the texts; only ``is_success``, when a conversation ends."""

REWARD_KEYS = tuple(f"reward_{term}" for term in TERMS)
NOTHING_PAID = (0.0,) * len(TERMS)


def check_level(level: str) -> str:
    """The level, if there is one of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if level not in INFO_LEVELS:
        raise UnknownNameError("info level", level, INFO_LEVELS)
    return level


def single_info(
    task: Task, state: State, mask: npt.NDArray[np.bool_], turn: Turn | None, *, texts: bool
) -> dict[str, Any]:
    """The info of a state of one conversation: row 0 of ``batch_info`` in Python's own types.

    ``turn`` is None at reset; ``texts``: whether to tell what was said.
    """
    d = state.dialogue
    taken = d.turn.item()
    info: dict[str, Any] = {"action_mask": mask[0].astype(np.int8)}
    if texts:
        said = d.transcript[0, taken].tolist()
        text = task.manager.table.text
        info["system_text"] = " ".join([text(i) for i in said[:-USER_SENTENCES] if i != -1])
        info["user_text"] = " ".join([text(i) for i in said[-USER_SENTENCES:] if i != -1])
    info["candidate_items"] = d.candidates[0].copy()
    place = 0 if turn is None else max(turn.user.click.item(), 0)
    info["item"] = d.slate[0, place].item()
    if d.slate.shape[1] > 1:
        info["slate"] = d.slate[0].astype(np.int64)
    if turn is None:
        info["clicked"], info["stars"], info["left"] = False, 0, False
    else:
        user = turn.user
        info["clicked"] = user.click.item() >= 0
        info["stars"], info["left"] = user.stars.item(), user.leave.item()
    info["turn"], info["questions"] = taken, d.questions.item()
    info["is_success"] = d.best.item() >= 4
    meter = getattr(task.users, "meter", None)  # isinstance of a protocol would take longer than all the rest
    if meter is not None:
        info |= {key: value.item() for key, value in meter(state.people).items()}
    paid = NOTHING_PAID if turn is None else turn.paid[0].tolist()
    info |= zip(REWARD_KEYS, paid, strict=True)
    return info


def batch_info(
    task: Task, state: State, mask: npt.NDArray[np.bool_], turn: Turn | None, *, texts: bool
) -> dict[str, npt.NDArray[Any]]:
    """The infos of N conversations as arrays, one entry each; see ``single_info``. Nothing latent is in here."""
    d = state.dialogue
    n = len(d.turn)
    info: dict[str, npt.NDArray[Any]] = {"action_mask": mask.astype(np.int8)}
    if texts:
        said = d.transcript[np.arange(n), d.turn]
        text = task.manager.table.texts
        info["system_text"] = as_objects(text(said[:, :-USER_SENTENCES]))
        info["user_text"] = as_objects(text(said[:, -USER_SENTENCES:]))
    every, place = np.arange(n), np.zeros(n, np.intp) if turn is None else np.maximum(turn.user.click, 0)
    info |= {
        "candidate_items": d.candidates.copy(),
        "item": d.slate[every, place].astype(np.int64),
        "clicked": np.zeros(n, np.bool_) if turn is None else turn.user.click >= 0,
        "stars": np.zeros(n, np.int64) if turn is None else turn.user.stars.astype(np.int64),
        "left": np.zeros(n, np.bool_) if turn is None else turn.user.leave,
        "turn": d.turn.astype(np.int64),
        "questions": d.questions.astype(np.int64),
        "is_success": d.best >= 4,
    }
    if d.slate.shape[1] > 1:
        info["slate"] = d.slate.astype(np.int64)
    meter = getattr(task.users, "meter", None)
    if meter is not None:
        info |= meter(state.people)
    paid = np.zeros((n, len(TERMS))) if turn is None else turn.paid
    info |= zip(REWARD_KEYS, paid.T.copy(), strict=True)
    return info


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

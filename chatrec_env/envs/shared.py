"""What the single and the vector environment share: legality, infos, texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.envs.registration import EnvSpec

from chatrec_env.core.kernel import State, Task, Turn
from chatrec_env.core.rewards import TERMS
from chatrec_env.core.user_simulator import USER_SENTENCES, MeteredUsers
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import IllegalActionError


def legal_actions(
    config: EnvConfig,
    task: Task,
    actions: Any,
    mask: npt.NDArray[np.bool_],
    live: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Check ``actions (N,)`` against ``mask (N, n)`` where ``live``; other rows become action 0.

    Raises:
        IllegalActionError: Naming the action, why it is not legal, and the legal ones.
    """
    n = task.actions.n
    try:
        chosen = np.asarray(actions)
    except ValueError:  # lists of different lengths
        raise IllegalActionError(
            f"Expected {len(live)} integer action(s) in [0, {n}), got {actions!r}."
        ) from None
    if chosen.shape != live.shape or chosen.dtype.kind not in "iu":
        raise IllegalActionError(
            f"Expected {len(live)} integer action(s) in [0, {n}), got {chosen.dtype} of shape {chosen.shape}."
        )
    chosen = np.where(live, chosen, 0)
    outside = (chosen < 0) | (chosen >= n)
    if outside.any():
        raise IllegalActionError(
            f"Action {int(chosen[outside][0])} is outside the action space: expected an integer in [0, {n})."
        )
    chosen = chosen.astype(np.int64)
    masked = live & ~mask[np.arange(len(chosen)), chosen]
    if masked.any():
        if config.masked_actions == "redirect":
            fallback = np.where(mask.any(1), mask.shape[1] - 1 - mask[:, ::-1].argmax(1), 0)
            first = np.where(mask[:, task.actions.fallback], task.actions.fallback, fallback)
            return np.where(masked, first, chosen)
        row = int(np.flatnonzero(masked)[0])
        legal = ", ".join(task.actions.names[i] for i in np.flatnonzero(mask[row])[:6])
        raise IllegalActionError(
            f"Action {int(chosen[row])} ({task.actions.names[int(chosen[row])]}) is masked this turn. "
            f"Legal now: {legal}, ... Use info['action_mask'], e.g. "
            "env.action_space.sample(mask=info['action_mask']), or make the environment with "
            "masked_actions='redirect'."
        )
    return chosen


def batch_info(
    task: Task, state: State, mask: npt.NDArray[np.bool_], turn: Turn | None
) -> dict[str, npt.NDArray[Any]]:
    """Info arrays, one entry per conversation; the same keys at reset and at every step.

    The single environment reads row 0, the vector one all rows. Nothing latent is in here.
    """
    d = state.dialogue
    n = len(d.turn)
    said = d.transcript[np.arange(n), d.turn]
    texts = task.manager.table.texts
    info: dict[str, npt.NDArray[Any]] = {
        "action_mask": mask.astype(np.int8),
        "system_text": as_objects(texts(said[:, :-USER_SENTENCES])),
        "user_text": as_objects(texts(said[:, -USER_SENTENCES:])),
        "candidates": d.candidates.copy(),
        "item": d.slate[:, 0].astype(np.int64),
        "clicked": np.zeros(n, np.bool_) if turn is None else turn.user.click >= 0,
        "stars": np.zeros(n, np.int64) if turn is None else turn.user.stars.astype(np.int64),
        "left": np.zeros(n, np.bool_) if turn is None else turn.user.leave,
        "turn": d.turn.astype(np.int64),
        "questions": d.questions.astype(np.int64),
        "is_success": d.best >= 4,
    }
    if isinstance(task.users, MeteredUsers):
        info |= task.users.meter(state.people)
    for name in TERMS:
        info[f"reward_{name}"] = np.zeros(n) if turn is None else turn.terms[name]
    return info


def declared(spec: EnvSpec | None, task: Task) -> EnvSpec | None:
    """The specification with what only the built task knows: whether the same seed brings the same conversation."""
    return spec and replace(spec, nondeterministic=spec.nondeterministic or not task.users.deterministic)


def as_objects(texts: list[str]) -> npt.NDArray[np.object_]:
    """A one-dimensional object array of strings."""
    out = np.empty(len(texts), object)
    out[:] = texts
    return out

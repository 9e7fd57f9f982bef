"""Which actions an environment takes, of what type, and what it says of the others."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Discrete, MultiDiscrete, Space

from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import IllegalActionError


def make_space(task: Task) -> Space[Any]:
    """A new space of the actions; no two environments share one, since seeding a space changes it."""
    sizes = task.actions.sizes
    return Discrete(sizes[0]) if len(sizes) == 1 else MultiDiscrete(list(sizes))


def no_action(task: Task, n: int) -> npt.NDArray[np.int64]:
    """Action 0 of n conversations, (n,) or (n, parts)."""
    parts = len(task.actions.sizes)
    return np.zeros(n if parts == 1 else (n, parts), np.int64)


def legal_action(config: EnvConfig, task: Task, action: Any, mask: npt.NDArray[np.bool_]) -> Any:
    """Check the action of one conversation against ``mask (1, n)``; returns it as an integer or ``(parts,)`` int64.

    Raises:
        IllegalActionError: As ``legal_actions``.
    """
    if len(task.actions.sizes) > 1:
        one = as_array(action)
        whole_row = action if one is None else one[None]
        return legal_actions(config, task, whole_row, mask, np.ones(1, np.bool_))[0]
    kind = type(action)
    if (kind is int or kind is np.int64) and 0 <= action < mask.shape[1] and mask[0, action]:
        return int(action)
    one = np.array([whole(task, action)])
    return int(legal_actions(config, task, one, mask, np.ones(1, np.bool_))[0])


def whole(task: Task, action: Any) -> int:
    """The integer that an action is, or holds.

    Raises:
        IllegalActionError: It is none, or holds several.
    """
    try:
        if not isinstance(action, bool) and "bool" not in str(getattr(action, "dtype", "")):
            return operator.index(action)
    except TypeError:
        found = as_array(action)
        if found is not None and found.size == 1 and found.dtype.kind in "iu":
            return int(found.item())
    raise IllegalActionError(f"Expected an integer action in [0, {task.actions.n}), got {described(action)}.")


def legal_actions(
    config: EnvConfig, task: Task, actions: Any, mask: npt.NDArray[np.bool_], live: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Check ``actions (N,)``, or ``(N, parts)``, against ``mask (N, n)`` where ``live``; other rows become action 0.

    Places of a slate count only where one is recommended.

    Raises:
        IllegalActionError: Naming the action, why it is not legal, and the legal ones.
    """
    sizes = np.array(task.actions.sizes)
    shape = (len(live), len(sizes)) if len(sizes) > 1 else (len(live),)
    found = as_array(actions)
    if found is None or found.shape != shape or found.dtype.kind not in "iu":
        form = f"integer action(s) in [0, {sizes[0]})"
        if len(sizes) > 1:
            form = (
                f"action(s) of {len(sizes)} integers (0 to recommend, or 1 + the facet to ask about; then "
                f"{len(sizes) - 1} candidates)"
            )
        raise IllegalActionError(f"Expected {len(live)} {form}, got {described(actions)}.")
    chosen = np.where(live[:, None], found.reshape(len(live), -1), 0)
    outside = (chosen < 0) | (chosen >= sizes)
    if outside.any():
        row, part = np.argwhere(outside)[0]
        raise IllegalActionError(
            f"{_named(chosen[row], part)} is outside the action space: expected an integer in [0, {sizes[part]})."
        )
    chosen, starts = chosen.astype(np.int64), np.cumsum(sizes) - sizes
    masked = live[:, None] & ~mask[np.arange(len(live))[:, None], starts + chosen]
    masked[:, 1:] &= chosen[:, :1] == 0
    if masked.any():
        if config.masked_actions != "redirect":
            row, part = np.argwhere(masked)[0]
            raise IllegalActionError(_masked(task, chosen[row], part, mask[row]))
        chosen = np.where(masked, _instead(task, mask), chosen)
    return chosen.reshape(shape)


def _instead(task: Task, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """What masked numbers become, (N, parts): to recommend, of a place the best candidate, else what is legal."""
    if len(task.actions.sizes) > 1:
        parts = np.split(mask, np.cumsum(task.actions.sizes)[:-1], axis=1)
        return np.stack([part.argmax(axis=1) for part in parts], axis=1)
    usual = task.actions.fallback
    last = np.where(mask.any(1), mask.shape[1] - 1 - mask[:, ::-1].argmax(1), 0)
    return np.where(mask[:, usual], usual, last)[:, None]


def _named(action: npt.NDArray[Any], part: int) -> str:
    return f"Action {action[0]}" if len(action) == 1 else f"Number {part} of action {action.tolist()}"


def _masked(task: Task, action: npt.NDArray[np.int64], part: int, mask: npt.NDArray[np.bool_]) -> str:
    """What is said of an action one number of which is masked."""
    sizes, names = task.actions.sizes, task.actions.names
    start = sum(sizes[:part])
    legal = ", ".join(names[start + i] for i in np.flatnonzero(mask[start : start + sizes[part]])[:6])
    one = "info['action_mask']"
    sample = one if len(sizes) == 1 else f"tuple(np.split({one}, np.cumsum(env.action_space.nvec)[:-1]))"
    return (
        f"{_named(action, part)} ({names[start + action[part]]}) is masked this turn. Legal now: {legal}, ... Use "
        f"env.unwrapped.action_masks() or {one}, e.g. env.action_space.sample(mask={sample}), or make the environment "
        "with masked_actions='redirect'."
    )


def as_array(value: Any) -> npt.NDArray[Any] | None:
    """The value as an array; None if it cannot be one (lists of different lengths, a tensor of another device)."""
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError):
        return None


def described(value: Any) -> str:
    """What came instead of actions, in short: its text, or type and shape."""
    kind, shape = type(value).__name__, getattr(value, "shape", None)
    if shape is None:
        return f"{value!r:.100} ({kind})"
    return f"{kind} of {value.dtype}, shape {tuple(shape)}"

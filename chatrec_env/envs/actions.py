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

    Raises:
        IllegalActionError: Naming the action, why it is not legal, and the legal ones.
    """
    if len(task.actions.sizes) > 1:
        return legal_slates(config, task, actions, mask, live)
    n = task.actions.n
    chosen = as_array(actions)
    if chosen is None or chosen.shape != live.shape or chosen.dtype.kind not in "iu":
        raise IllegalActionError(
            f"Expected {len(live)} integer action(s) in [0, {n}), got {described(actions)}."
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
            f"Legal now: {legal}, ... Use env.unwrapped.action_masks() or info['action_mask'], e.g. "
            "env.action_space.sample(mask=info['action_mask']), or make the environment with "
            "masked_actions='redirect'."
        )
    return chosen


def legal_slates(
    config: EnvConfig, task: Task, actions: Any, mask: npt.NDArray[np.bool_], live: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """The same of ``actions (N, 1 + S)`` of ``SlateActions``. Places count only where a slate is recommended.

    Redirected, a masked choice becomes the first that is legal: of the first number that is to recommend, of a place
    the best candidate.
    """
    sizes = np.array(task.actions.sizes)
    chosen, wanted = as_array(actions), (len(live), len(sizes))
    if chosen is None or chosen.shape != wanted or chosen.dtype.kind not in "iu":
        raise IllegalActionError(
            f"Expected {wanted[0]} action(s) of {wanted[1]} integers (0 to recommend, or 1 + the facet to ask about; "
            f"then {wanted[1] - 1} candidates), got {described(actions)}."
        )
    chosen = np.where(live[:, None], chosen, 0).astype(np.int64)
    outside = (chosen < 0) | (chosen >= sizes)
    if outside.any():
        row, part = np.argwhere(outside)[0]
        raise IllegalActionError(
            f"Number {part} of action {chosen[row].tolist()} is outside the action space: expected an integer in "
            f"[0, {sizes[part]})."
        )
    starts = np.cumsum(sizes) - sizes
    masked = live[:, None] & ~np.take_along_axis(mask, starts + chosen, axis=1)
    masked[:, 1:] &= (chosen[:, 0] == 0)[:, None]
    if not masked.any():
        return chosen
    if config.masked_actions == "redirect":
        first = np.stack([part.argmax(axis=1) for part in np.split(mask, starts[1:], axis=1)], axis=1)
        return np.where(masked, first, chosen)
    row, part = np.argwhere(masked)[0]
    raise IllegalActionError(
        f"Number {part} of action {chosen[row].tolist()} ({task.actions.names[starts[part] + chosen[row, part]]}) is "
        "masked this turn. Sample with env.action_space.sample(mask=tuple(np.split(info['action_mask'], "
        "np.cumsum(env.action_space.nvec)[:-1]))), or make the environment with masked_actions='redirect'."
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

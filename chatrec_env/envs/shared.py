"""What the single and the vector environment share besides actions and infos: seeds, specification, threads."""

from __future__ import annotations

import operator
import threading
from dataclasses import replace
from typing import Any

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode

from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import plain
from chatrec_env.errors import ConcurrentUseError, ConfigError, UnknownNameError

RENDER_MODES = ("ansi", "rgb_array")


class OneCaller:
    """Lets one call at a time into an environment; the second one is an error, where it would corrupt the first.

    Copied or pickled with its environment, it is a new one that nobody uses.
    """

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            raise ConcurrentUseError(
                "reset() or step() was called while another thread is inside one of them. An environment holds its "
                "conversations under way, so make one per thread; those of one configuration share what is large."
            )

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()


def check_render_mode(mode: str | None) -> str | None:
    """The mode, if there is one of that name.

    Raises:
        ConfigError: There is none.
    """
    if mode is not None and mode not in RENDER_MODES:
        raise ConfigError(f"render_mode must be one of {list(RENDER_MODES)} or None, got {mode!r}.")
    return mode


def check_options(options: Any) -> None:
    """See that the options of ``reset`` are what Gymnasium says they are.

    Raises:
        ConfigError: They are neither a dict nor None.
    """
    if options is not None and not isinstance(options, dict):
        raise ConfigError(f"options must be a dict or None, got {options!r}.")


def as_seed(seed: Any, whose: str = "") -> int | None:
    """A seed as Python's ``int``, or None; integers of NumPy and torch are taken too.

    Raises:
        ConfigError: It is no integer >= 0.
    """
    if seed is None:
        return None
    try:
        found = -1 if isinstance(seed, (bool, np.bool_)) else operator.index(seed)
    except TypeError:
        found = -1
    if found < 0:
        raise ConfigError(f"A seed must be None or an integer >= 0, got {seed!r}{whose}.")
    return found


def as_seeds(seed: Any, n: int) -> list[int | None]:
    """One seed per conversation, (n,); None for those that go on with the generator they have.

    Args:
        seed: None; an integer, of which conversation ``i`` gets ``seed + i``; or a sequence of n of these.
        n: Conversations.

    Raises:
        ConfigError: It is none of these.
    """
    if isinstance(seed, (list, tuple)) or getattr(seed, "ndim", 0) == 1:
        if len(seed) != n:
            raise ConfigError(f"Expected {n} seeds, one per sub-environment, got {len(seed)}.")
        return [as_seed(one, f" for conversation {i}") for i, one in enumerate(seed)]
    first = as_seed(seed, f"; or give a sequence of {n} of these, one per conversation")
    return [None if first is None else first + i for i in range(n)]


def parse_autoreset(mode: str | AutoresetMode) -> AutoresetMode:
    """An ``AutoresetMode`` from itself, its name (any case) or its value."""
    for known in AutoresetMode:
        if mode is known or (
            isinstance(mode, str) and mode.lower() in (known.name.lower(), known.value.lower())
        ):
            return known
    raise UnknownNameError("autoreset_mode", mode, [m.name.lower() for m in AutoresetMode])


class Declared:
    """An environment whose specification says what only the built task knows, in plain JSON data.

    That is: whether the same seed brings the same conversation, and the turn budget. Gymnasium adds its ``TimeLimit``
    where an environment is made from a specification that has ``max_episode_steps``; conversations end at the same
    turn with it.
    """

    task: Task
    _spec: EnvSpec | None = None

    @property
    def spec(self) -> EnvSpec | None:
        """How the environment was made."""
        return self._spec

    @spec.setter
    def spec(self, value: EnvSpec | None) -> None:
        self._spec = value and replace(
            value,
            nondeterministic=value.nondeterministic or not self.task.users.deterministic,
            max_episode_steps=self.task.manager.max_turns,
            kwargs=plain(value.kwargs),
        )

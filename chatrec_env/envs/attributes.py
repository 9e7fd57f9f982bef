"""Methods and attributes of the single environment, asked of every conversation of a vector environment."""

from __future__ import annotations

from typing import Any

import numpy as np

from chatrec_env.envs.shared import check_render_mode
from chatrec_env.errors import ConfigError, UnknownAttributeError, suggestion

PER_CONVERSATION = ("action_masks", "np_random", "np_random_seed", "render", "reveal", "state")
"""What ``call`` and ``get_attr`` hand out row by row."""

SAME_FOR_ALL = (
    *("action_space", "config", "layout", "metadata", "observation_space", "render_mode", "spec", "task"),
)
"""What they give every conversation alike."""


class PerConversation:
    """What ``SyncVectorEnv`` offers to reach its environments: ``call``, ``get_attr`` and ``set_attr``."""

    num_envs: int
    render_mode: str | None
    _generators: list[np.random.Generator | None]
    _known_seeds: list[int]

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """A method or attribute of the single environment, of each conversation, as ``SyncVectorEnv.call``.

        ``state`` gives copies.

        Raises:
            ConfigError: ``reset``, ``step`` or ``close``, which take all conversations at once.
            UnknownAttributeError: The conversations have nothing of that name.
        """
        if name in ("reset", "step", "close"):
            raise ConfigError(
                f"Cannot call {name!r} conversation by conversation. Call {name}() of the vector environment; "
                "reset(options={'reset_mask': mask}) restarts some of them."
            )
        if name not in (*PER_CONVERSATION, *SAME_FOR_ALL):
            known = suggestion(name, (*PER_CONVERSATION, *SAME_FOR_ALL))
            raise UnknownAttributeError(f"The conversations have no attribute {name!r}.{known}")
        value = getattr(self, f"single_{name}" if name.endswith("_space") else name)
        value = value(*args, **kwargs) if callable(value) else value
        if name in SAME_FOR_ALL or value is None:
            return (value,) * self.num_envs
        if name == "state":
            return tuple(value.take(np.array([i])) for i in range(self.num_envs))
        if isinstance(value, dict):
            return tuple({key: each[i] for key, each in value.items()} for i in range(self.num_envs))
        return tuple(value)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """An attribute of each conversation; see ``call``."""
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set ``np_random`` (one generator each) or ``render_mode`` (the same for all).

        Raises:
            ConfigError: It is another attribute, or the values do not fit: conversations share one task.
        """
        if not isinstance(values, (list, tuple)):
            values = [values] * self.num_envs
        if len(values) != self.num_envs:
            raise ConfigError(f"Expected {self.num_envs} values of {name!r}, one each, got {len(values)}.")
        if name == "np_random" and all(isinstance(each, np.random.Generator) for each in values):
            self._generators, self._known_seeds = list(values), [-1] * self.num_envs
        elif name == "render_mode" and len(set(values)) == 1:
            self.render_mode = check_render_mode(values[0])
        else:
            raise ConfigError(
                f"Cannot set {name!r} of the conversations to {values!r:.100}: they share one task. Pass it as a "
                "keyword when making the environment. Can be set: np_random (a Generator each), render_mode (one "
                "for all)."
            )

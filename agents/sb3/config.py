"""Which algorithm of the library learns, and with which of its keywords."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agents.base import check_integers
from chatrec_env.errors import ConfigError, UnknownNameError

ALGORITHMS = {
    "maskable_ppo": ("sb3_contrib:MaskablePPO", "MlpPolicy"),
    "recurrent_ppo": ("sb3_contrib:RecurrentPPO", "MlpLstmPolicy"),
    "dqn": ("stable_baselines3:DQN", "MlpPolicy"),
    "qr_dqn": ("sb3_contrib:QRDQN", "MlpPolicy"),
    "a2c": ("stable_baselines3:A2C", "MlpPolicy"),
}
"""Algorithms: their class, and the policy unless another is named."""

MASKED = ("maskable_ppo",)
"""Those that know masks. The others act in an environment that redirects illegal actions."""

EXTRACTORS = ("", "sequence")
OURS = ("self", "policy", "env", "seed", "device", "_init_setup_model")
"""Keywords that are given by the training itself."""

TRUSTED = ("torch.nn:", "torch.optim:")
"""Modules that strings in ``policy_kwargs`` may name: a checkpoint that names another one is not loaded."""

MOST_SEED = 2**32


@dataclass(frozen=True, kw_only=True, slots=True)
class SB3Config:
    """Settings of a learner of stable-baselines3 or sb3-contrib; plain JSON data.

    Attributes:
        algorithm: One of ``ALGORITHMS``.
        turns: Conversation turns to train on; rounded up to whole rollouts.
        num_envs: Conversations side by side.
        policy: Name of the policy; "" for the usual one.
        extractor: ``"sequence"`` reads the turns of ``conversation="sequence"`` with a transformer layer and a GRU on
            top; "" leaves the features to the library.
        keywords: Any keyword of the algorithm's class, JSON data: ``learning_rate``, ``policy_kwargs``,
            ``tensorboard_log``, ... ``"lin_0.001"`` is a schedule that falls linearly to zero, ``"torch.nn:ReLU"`` a
            class.
        callbacks: Callbacks of the library, ``"module:name"`` of a class (called without arguments) or of an object.
        record_every: Turns between records of the learning curve; 0: a forty-eighth of ``turns``.
        seed: Seed of network, sampling and people.
    """

    algorithm: str = "dqn"
    turns: int = 300_000
    num_envs: int = 16
    policy: str = ""
    extractor: str = ""
    keywords: dict[str, Any] = field(default_factory=dict)
    callbacks: tuple[str, ...] = ()
    record_every: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise UnknownNameError("algorithm", self.algorithm, tuple(ALGORITHMS))
        check_integers("sb3", self, turns=1, num_envs=1, record_every=0, seed=0)
        if self.seed >= MOST_SEED:
            raise ConfigError(f"sb3.seed must be an integer below 2**32, got {self.seed!r}.")
        if self.extractor not in EXTRACTORS:
            raise UnknownNameError("extractor", self.extractor, EXTRACTORS)
        kind = self.kind()
        known = [name for name in inspect.signature(kind).parameters if name not in OURS]
        for name in self.keywords:
            if name not in known:
                own = [f for f in self.__slots__ if f not in ("algorithm", "keywords")]
                raise UnknownNameError(f"keyword of {kind.__name__}", name, [*known, *own])
        if self.policy and self.policy not in kind.policy_aliases:
            raise UnknownNameError(f"policy of {kind.__name__}", self.policy, tuple(kind.policy_aliases))
        object.__setattr__(self, "callbacks", tuple(self.callbacks))
        if not self.record_every:
            object.__setattr__(self, "record_every", max(self.num_envs, self.turns // 48))

    def kind(self) -> Any:
        """The class of the algorithm."""
        module, _, name = ALGORITHMS[self.algorithm][0].partition(":")
        return getattr(importlib.import_module(module), name)

    def policy_kind(self) -> Any:
        """The class of the policy."""
        return self.kind().policy_aliases[self.policy or ALGORITHMS[self.algorithm][1]]

    def arguments(self) -> dict[str, Any]:
        """The keywords as the library takes them; policy keywords apart."""
        return {k: schedule(v) for k, v in self.keywords.items() if k != "policy_kwargs"}

    def policy_arguments(self) -> dict[str, Any]:
        """The keywords of the policy, classes in place of their names."""
        given = self.keywords.get("policy_kwargs") or {}
        return {k: trusted(v) if isinstance(v, str) and ":" in v else v for k, v in given.items()}


def schedule(value: Any) -> Any:
    """``"lin_0.001"`` as a function of what is left of the training, in [0, 1]; anything else as it is.

    Raises:
        ConfigError: If no number follows.
    """
    if not isinstance(value, str) or not value.startswith("lin_"):
        return value
    try:
        start = float(value.removeprefix("lin_"))
    except ValueError as error:
        raise ConfigError(f"A linear schedule is written like 'lin_0.001', got {value!r}.") from error
    falling: Callable[[float], float] = lambda left: start * left  # noqa: E731
    return falling


def trusted(name: str) -> Any:
    """The class that ``"torch.nn:ReLU"`` names.

    Raises:
        ConfigError: If it is none, or of another module than ``TRUSTED``.
    """
    module, _, attribute = name.partition(":")
    found = getattr(importlib.import_module(module), attribute, None) if f"{module}:" in TRUSTED else None
    if not isinstance(found, type):
        raise ConfigError(
            f"policy_kwargs may name classes of {' and '.join(m.rstrip(':') for m in TRUSTED)}, like 'torch.nn:ReLU', "
            f"got {name!r}."
        )
    return found


def named(path: str) -> Any:
    """A callback by ``"module:name"``.

    Raises:
        ConfigError: If there is none, or it is no callback.
    """
    from stable_baselines3.common.callbacks import BaseCallback

    module, _, attribute = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"A callback is named like 'my_module:MyCallback', got {path!r}: {error}."
        ) from error
    made = found() if isinstance(found, type) else found
    if not isinstance(made, BaseCallback):
        raise ConfigError(f"{path!r} is no callback of stable-baselines3, but {type(made).__name__}.")
    return made

"""What ``chatrec tune`` searches: for every learner, hyperparameters and the values they may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents import registry
from chatrec_env.errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """Values of one hyperparameter: a list of choices, or an interval.

    Attributes:
        choices: Values, of which one is taken; () for an interval.
        low: Least value.
        high: Largest value; integers if both ends are.
        log: Whether values are spread evenly in their logarithm.
    """

    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False

    def __post_init__(self) -> None:
        if not self.choices and not (self.low < self.high and (self.low > 0 or not self.log)):
            raise ConfigError(
                f"A range has low < high (and low > 0 where log), got low={self.low!r}, high={self.high!r}, "
                f"log={self.log!r}."
            )

    @classmethod
    def of(cls, name: str, given: Any) -> Range:
        """From JSON data: ``[1, 2, 4]`` are choices, ``{"low": 1e-4, "high": 1e-2, "log": true}`` is an interval.

        Raises:
            ConfigError: If it is neither.
        """
        try:
            return cls(choices=tuple(given)) if isinstance(given, list) else cls(**given)
        except TypeError as error:
            raise ConfigError(
                f'The range of {name} is a list of choices, or like {{"low": 1e-4, "high": 1e-2, "log": true}}, got '
                f"{given!r}."
            ) from error

    def suggest(self, trial: Any, name: str) -> Any:
        """A value for a trial of Optuna's."""
        if self.choices:
            return trial.suggest_categorical(name, list(self.choices))
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def holds(self, value: Any) -> bool:
        """Whether a value is one of them."""
        if self.choices:
            return value in self.choices
        return isinstance(value, (int, float)) and self.low <= value <= self.high


Space = Mapping[str, Range]

GAMMA = Range(choices=(0.5, 0.7, 0.8, 0.9, 0.95, 0.99))
STEP = Range(low=1e-4, high=5e-3, log=True)
EXPLORATION = Range(low=0.05, high=0.5)

TD: Space = {
    "gamma": GAMMA,
    "epsilon_start": EXPLORATION,
    "final_learning_rate": Range(low=5e-4, high=0.05, log=True),
}
ACTOR: Space = {
    "gamma": GAMMA,
    "learning_rate": STEP,
    "gae_lambda": Range(choices=(0.8, 0.9, 0.95)),
    "ent_coef": Range(low=1e-4, high=0.03, log=True),
}
MEMORY: Space = {
    "gamma": GAMMA,
    "learning_rate": STEP,
    "batch_size": Range(choices=(64, 128, 256)),
    "exploration_initial_eps": EXPLORATION,
    "target_update_interval": Range(choices=(500, 1000, 2000, 4000)),
}

BY_CONFIG: dict[str, Space] = {
    "agents.tabular.config:TabularConfig": TD,
    "agents.deep.config:DeepConfig": {
        "gamma": GAMMA,
        "learning_rate": STEP,
        "batch_size": Range(choices=(64, 128, 256)),
        "target_rate": Range(low=0.002, high=0.1, log=True),
        "epsilon_start": EXPLORATION,
        "prioritised": Range(choices=(False, True)),
    },
    "agents.bandits.config:BanditConfig": {
        "alpha": Range(low=0.01, high=2.0, log=True),
        "questions": Range(low=0, high=4),
    },
    "agents.cloning:CloningConfig": {"learning_rate": STEP, "stray": Range(low=0.0, high=0.3)},
    "agents.ppo.config:PPOConfig": {**ACTOR, "n_epochs": Range(low=1, high=8)},
}
BY_NAME: dict[str, Space] = {
    **dict.fromkeys(("maskable_ppo", "recurrent_ppo", "a2c"), ACTOR),
    **dict.fromkeys(("dqn", "qr_dqn"), MEMORY),
    "sarsa_lambda": {**TD, "trace_decay": Range(low=0.0, high=1.0)},
    "n_step_sarsa": {**TD, "n_steps": Range(low=1, high=8)},
    "linear_sarsa_lambda": {**TD, "trace_decay": Range(low=0.0, high=1.0)},
    "linear_n_step_sarsa": {**TD, "n_steps": Range(low=1, high=8)},
}


def space_of(agent: str, changes: Mapping[str, Any]) -> dict[str, Range]:
    """What is searched for a learner.

    Args:
        agent: Its name.
        changes: Ranges to add or replace, JSON data; None takes one away.

    Raises:
        ConfigError: If nothing is left, or a range is none.
    """
    known = registry.find(agent, registry.LEARNER)
    space = {**BY_NAME.get(agent, BY_CONFIG.get(known.config, {}))}
    for name, given in changes.items():
        space.pop(name, None)
        if given is not None:
            space[name] = Range.of(name, given)
    if not space:
        raise ConfigError(
            f"There is nothing to search for {agent}. Name hyperparameters and their values, like --space "
            '\'{"learning_rate": {"low": 1e-4, "high": 1e-2, "log": true}}\'.'
        )
    return space


def usual_values(agent: str, space: Space, turns: int) -> dict[str, Any]:
    """What a learner has in a space unless told otherwise, as far as it lies in it."""
    config = registry.make_config(agent, turns=turns, seed=0, settings={})
    keywords = getattr(config, "keywords", {})
    has = {name: keywords.get(name, getattr(config, name, None)) for name in space}
    return {name: value for name, value in has.items() if space[name].holds(value)}

"""Simulators as commands name them: a change to the people of an environment, written NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import name_or_object, parse_number
from simulators.scenarios.scenario import SCENARIOS

VARIED = ("scenario", "talk", "users", "rating_history")
"""Keywords of the environment that simulators may differ in."""

NOISE = "noise"
"""Name of a change to what can be relied on; see ``noisy``."""

UNRELIABLE = ("knows", "vague", "ignores", "changes_mind", "typos", "careless")
"""Parameters of a scenario that noise changes: answers, changes of mind, typing errors, ratings without a thought."""

OPTION = "--simulators"


def people_of(env: EnvConfig, simulator: str) -> EnvConfig:
    """The environment with the people of a simulator.

    Raises:
        ConfigError: If it is not written as NAME=VALUE, or the value is out of range.
        UnknownNameError: If the name is none that simulators may differ in, or the value is unknown.
    """
    name, equals, value = simulator.partition("=")
    if not equals:
        raise ConfigError(f"{OPTION} expects NAME=VALUE, got {simulator!r}. Example: scenario=noisy talk=crs")
    if name == NOISE:
        change = {"scenario": noisy(env.scenario, parse_number(value, f"{OPTION} {NOISE}"))}
    elif name in VARIED:
        change = {name: name_or_object(value, OPTION)}
    else:
        raise UnknownNameError("change of the people", name, [*VARIED, NOISE])
    return EnvConfig.create({**env.to_dict(), **change})


def noisy(scenario: str | dict[str, Any], level: float) -> dict[str, Any]:
    """A scenario whose people can be relied on less, or more.

    Level 0: what they say and rate can be relied on, as in ``null``. Level 1: as little as in ``noisy``. Between and
    beyond, each of ``UNRELIABLE`` lies on the line through these two, shares within [0, 1]. All else stays.

    Args:
        scenario: Whose people.
        level: At least 0.

    Raises:
        ConfigError: The level is below 0.
    """
    if not level >= 0:
        raise ConfigError(f"{OPTION} {NOISE} must be 0 or more, got {level:g}. Example: {NOISE}=0.5")
    none, much = SCENARIOS["null"], SCENARIOS["noisy"]
    lines = {name: (getattr(none, name), getattr(much, name)) for name in UNRELIABLE}
    changes = {name: min(max(low + level * (high - low), 0.0), 1.0) for name, (low, high) in lines.items()}
    return {**(scenario if isinstance(scenario, dict) else {"name": scenario}), **changes}


def labels_of(simulators: Iterable[str]) -> dict[str, str]:
    """The simulators by what tables call them: ``users=llm`` for ``users={"name": "llm", ...}``."""
    out: dict[str, str] = {}
    for simulator in simulators:
        name, _, value = simulator.partition("=")
        told = name_or_object(value, OPTION)
        label = first = f"{name}={told.get('name', 'changed') if isinstance(told, dict) else told}"
        while label in out:
            label = f"{first} ({len(out) + 1})"
        out[label] = simulator
    return out

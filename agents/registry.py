"""Every agent by name, and what the rest of the project asks about it.

A new agent is one new module and one line of ``AGENTS``, in ``agents.entries``. What the module has to offer depends
on the role:

* a baseline is a frozen dataclass that is a ``Policy``; its fields, apart from ``name``, are its parameters;
* a learner is a ``Learner`` with a config dataclass (with ``turns`` and ``seed``) and a ``Train`` function;
* a model-based policy is a ``Policy`` that is made from a ``Task``: it knows the population, not the person;
* an oracle is an ``OraclePolicy`` that is made from a ``Task``: it sees the user's true utilities and bounds everybody
  else from above.

Modules are named as strings and imported when they are first needed: listing agents loads nothing.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from agents.entries import AGENTS as AGENTS
from agents.entries import BASELINE as BASELINE
from agents.entries import LEARNER as LEARNER
from agents.entries import MODEL_BASED as MODEL_BASED
from agents.entries import ORACLE as ORACLE
from agents.entries import Agent as Agent
from chatrec_env.envs import IDS
from chatrec_env.errors import ConfigError, UnknownNameError

RENAMED = {"privileged": "oracle"}
"""Names of earlier versions and the present ones."""


def find(name: str, *roles: str) -> Agent:
    """The agent of a name; one of an earlier version is accepted with a ``FutureWarning``.

    Args:
        name: A key of ``AGENTS``.
        *roles: Roles it may have; any if none is given.

    Raises:
        UnknownNameError: If there is no such agent.
    """
    if name in RENAMED:
        warnings.warn(f"{name!r} is now called {RENAMED[name]!r}.", FutureWarning, stacklevel=2)
        name = RENAMED[name]
    if name not in names(*roles):
        raise UnknownNameError(" or ".join(roles) or "agent", name, names(*roles))
    return AGENTS[name]


def names(*roles: str, actions: str | None = None) -> list[str]:
    """Names of agents, in the order of ``AGENTS``.

    Args:
        *roles: Roles they may have; any if none is given.
        actions: An action set they must be able to act on.
    """
    return [
        agent.name
        for agent in AGENTS.values()
        if (not roles or agent.role in roles) and (actions is None or actions in agent.actions)
    ]


def check_actions(name: str, actions: str) -> None:
    """See that an agent can act on an action set.

    Raises:
        ConfigError: If it cannot; names the environments it acts in.
    """
    agent = AGENTS[name]
    if actions not in agent.actions:
        ids = [known for known, its in IDS.items() if its in agent.actions]
        others = names(agent.role, actions=actions)
        more = f", or one of {', '.join(others)}" if others else ""
        raise ConfigError(
            f"{agent.role.capitalize()} {name!r} acts on {' or '.join(agent.actions)} actions, got "
            f"actions={actions!r}. Use {' or '.join(ids)}{more}."
        )


def label(name: str) -> str:
    """What tables call a policy; its own name if it is not registered."""
    return AGENTS[name].label if name in AGENTS else name


def preferred(found: Iterable[str]) -> str | None:
    """The one to take when nobody says which: the first of ``AGENTS`` among the names ``found``, None if none is."""
    there = set(found)
    return next((name for name in AGENTS if name in there), None)


def resolve(path: str) -> Any:
    """What ``"module:attribute"`` names."""
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def make_config(name: str, *, turns: int, seed: int, settings: Mapping[str, Any]) -> Any:
    """Hyperparameters of a learner.

    Raises:
        UnknownNameError: If there is no such learner or hyperparameter.
        ConfigError: If a value is out of range.
    """
    learner = find(name, LEARNER)
    kind = resolve(learner.config)
    known = list(kind.__dataclass_fields__)
    given = {**learner.usual, **settings, **learner.fixed, "turns": turns, "seed": seed}
    more = {key: value for key, value in given.items() if key not in known}
    if "keywords" in known:  # those of a library's own class, which the config checks
        given = {key: value for key, value in given.items() if key in known}
        given["keywords"] = {**more, **given.get("keywords", {})}
    else:
        for key in more:
            raise UnknownNameError(f"hyperparameter of {kind.__name__}", key, known)
    try:
        return kind(**given)
    except TypeError as error:
        raise ConfigError(f"A hyperparameter of {kind.__name__} has the wrong type: {error}.") from error

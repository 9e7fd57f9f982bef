"""Every agent by name, and what the rest of the project asks about it.

A new agent is one new module and one line of ``AGENTS``. What the module has to offer depends on the role:

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
from dataclasses import dataclass, field
from typing import Any

from chatrec_env.envs import IDS
from chatrec_env.errors import ConfigError, UnknownNameError

BASELINE, LEARNER, MODEL_BASED, ORACLE = "baseline", "learner", "model-based", "oracle"
"""Roles of agents."""

ANY = ("items", "strategy", "slate")
"""Action sets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """One agent.

    Attributes:
        name: What commands, run folders and checkpoints call it.
        label: What tables and charts call it.
        role: ``BASELINE``, ``LEARNER``, ``MODEL_BASED`` or ``ORACLE``.
        policy: ``"module:class"`` of the policy.
        actions: Action sets it can act on; the first is where it acts unless told otherwise.
        config: Learners: ``"module:class"`` of the hyperparameters.
        train: Learners: ``"module:function"``, see ``agents.base.Train``.
        observation: Learners: form of the observation it is trained on.
        turns: Learners: turns to train on unless told otherwise.
        fixed: Learners: hyperparameters that make it this agent and not another of the same config.
        small: Learners: hyperparameters for trainings of a few thousand turns: tests and trials.
        taught: Learners: hyperparameters to begin from a heuristic with, where turns are too few to learn from alone.
        exports_network: Learners: whether a checkpoint holds a ``RankerNetwork``, which is served without torch; every
            other policy is served by its own ``act``.
    """

    name: str
    label: str
    role: str
    policy: str
    actions: tuple[str, ...] = ("items", "strategy")
    config: str = ""
    train: str = ""
    observation: str = "flat"
    turns: int = 0
    fixed: Mapping[str, Any] = field(default_factory=dict)
    small: Mapping[str, Any] = field(default_factory=dict)
    taught: Mapping[str, Any] = field(default_factory=dict)
    exports_network: bool = False


def _tabular(name: str, label: str) -> Agent:
    return Agent(
        name=name,
        label=label,
        role=LEARNER,
        policy="agents.tabular.agent:TabularAgent",
        config="agents.tabular.config:TabularConfig",
        train="agents.tabular.agent:train_tabular",
        actions=("strategy", "items"),
        observation="tabular",
        turns=400_000,
        fixed={"algorithm": name},
        small={"parallel": 50},
    )


def _baseline(name: str, label: str, policy: str, actions: tuple[str, ...] = ANY) -> Agent:
    return Agent(name=name, label=label, role=BASELINE, policy=policy, actions=actions)


AGENTS: dict[str, Agent] = {
    agent.name: agent
    for agent in (
        Agent(
            name="ppo",
            label="PPO",
            role=LEARNER,
            policy="agents.ppo.agent:PPOAgent",
            config="agents.ppo.config:PPOConfig",
            train="agents.ppo.agent:train_ppo",
            turns=800_000,
            small={"num_envs": 64, "batch_size": 64, "n_epochs": 4, "warm_start": 0, "check_people": 0},
            taught={"warm_start": 300, "check_people": 100},
            exports_network=True,
        ),
        _tabular("q_learning", "Q-learning"),
        _tabular("sarsa", "SARSA"),
        _baseline("random", "random", "agents.baselines:Random"),
        _baseline("popular", "most popular", "agents.baselines:Popular", ("items", "slate")),
        _baseline("greedy", "greedy", "agents.baselines:Greedy"),
        _baseline("ask_then_recommend", "ask-n-then-recommend", "agents.baselines:AskThenRecommend"),
        _baseline("most_informative", "most informative question", "agents.baselines:MostInformative"),
        _baseline("mmr", "diverse slate (MMR)", "agents.baselines:DiverseSlate", ("slate",)),
        Agent(
            name="bayes-planner",
            label="Bayes planner",
            role=MODEL_BASED,
            policy="agents.bayes_planner.agent:BayesPlanner",
            actions=("items",),
        ),
        Agent(name="oracle", label="oracle", role=ORACLE, policy="agents.planner:Oracle", actions=("items",)),
        Agent(
            name="planner", label="planner", role=ORACLE, policy="agents.planner:Planner", actions=("items",)
        ),
    )
}
"""Agents by name. Where one has to be picked, the first of those there are is."""

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
    for key in settings:
        if key not in known:
            raise UnknownNameError(f"hyperparameter of {kind.__name__}", key, known)
    try:
        return kind(**{**settings, **learner.fixed, "turns": turns, "seed": seed})
    except TypeError as error:
        raise ConfigError(f"A hyperparameter of {kind.__name__} has the wrong type: {error}.") from error

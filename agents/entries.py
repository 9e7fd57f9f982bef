"""Every agent there is: a line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

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
        usual: Learners: hyperparameters unless told otherwise, where they differ from those of the config.
        small: Learners: hyperparameters for trainings of a few thousand turns: tests and trials.
        taught: Learners: hyperparameters to begin from a heuristic with, where turns are too few to learn from alone.
        exports_network: Learners: whether a checkpoint holds a ``RankerNetwork``, which is served without torch; every
            other policy is served by its own ``act``.
        published: Learners: whether the published comparison trains it unless told otherwise.
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
    usual: Mapping[str, Any] = field(default_factory=dict)
    small: Mapping[str, Any] = field(default_factory=dict)
    taught: Mapping[str, Any] = field(default_factory=dict)
    exports_network: bool = False
    published: bool = True


def _learner(name: str, label: str, package: str, kind: str, **more: Any) -> Agent:
    """A learner, ``KindAgent`` with ``KindConfig`` and ``train_kind``, in the modules of its package."""
    return Agent(
        name=name,
        label=label,
        role=LEARNER,
        policy=f"agents.{package}.agent:{kind}Agent",
        config=f"agents.{package}.config:{kind}Config",
        train=f"agents.{package}.agent:train_{kind.lower()}",
        **more,
    )


def _tabular(algorithm: str, label: str, *, published: bool = False) -> Agent:
    """Temporal-difference control with a table of values."""
    return _learner(
        algorithm,
        label,
        "tabular",
        "Tabular",
        actions=("strategy", "items"),
        observation="tabular",
        turns=400_000,
        fixed={"algorithm": algorithm, "values": "table"},
        small={"parallel": 50},
        published=published,
    )


def _linear(algorithm: str, label: str) -> Agent:
    """The same with linear values."""
    return replace(
        _tabular(algorithm, f"linear {label}"),
        name=f"linear_{algorithm}",
        actions=("items", "strategy"),
        observation="flat",
        fixed={"algorithm": algorithm, "values": "linear"},
        usual={"rate_schedule": "linear", "learning_rate": 0.05, "final_learning_rate": 0.002, "gamma": 0.8},
    )


def _deep(algorithm: str, label: str, actions: tuple[str, ...] = ("items", "strategy")) -> Agent:
    """A deep learner of action values."""
    small = {"parallel": 20, "warm_up": 200, "batch_size": 64}
    return _unpublished(algorithm, label, "deep", "Deep", actions=actions, turns=300_000, small=small)


def _bandit(algorithm: str, label: str) -> Agent:
    """A linear bandit over candidates."""
    acts = ("items", "slate")
    return _unpublished(
        algorithm, label, "bandits", "Bandit", actions=acts, turns=50_000, small={"parallel": 20}
    )


def _sb3(
    algorithm: str, label: str, actions: tuple[str, ...], usual: Mapping[str, Any], small: Mapping[str, Any]
) -> Agent:
    """A learner of stable-baselines3 or sb3-contrib, with some keywords of the library."""
    usual, small = {"gamma": 0.9, "learning_rate": 5e-4, **usual}, {"num_envs": 10, **small}
    return _unpublished(
        algorithm, label, "sb3", "SB3", actions=actions, turns=300_000, usual=usual, small=small
    )


def _unpublished(algorithm: str, *where: str, **more: Any) -> Agent:
    return _learner(algorithm, *where, fixed={"algorithm": algorithm}, published=False, **more)


def _baseline(name: str, label: str, policy: str, actions: tuple[str, ...] = ANY) -> Agent:
    return Agent(name=name, label=label, role=BASELINE, policy=policy, actions=actions)


MORE_CONTROL = {
    "expected_sarsa": "Expected SARSA",
    "double_q_learning": "Double Q-learning",
    "sarsa_lambda": "SARSA(λ)",
    "n_step_sarsa": "n-step SARSA",
}
CONTROL = {"q_learning": "Q-learning", "sarsa": "SARSA", **MORE_CONTROL}
"""Algorithms of temporal-difference control, and what tables call them."""

ON_POLICY = {"n_steps": 64, "batch_size": 256, "gae_lambda": 0.9}
OFF_POLICY = {
    "buffer_size": 30_000,
    "learning_starts": 2_000,
    "batch_size": 128,
    "train_freq": 1,
    "target_update_interval": 2_000,
    "exploration_fraction": 0.5,
    "exploration_initial_eps": 0.3,
    "exploration_final_eps": 0.02,
}
"""Keywords of SB3's learners unless told otherwise: its own are for millions of turns."""

AGENTS: dict[str, Agent] = {
    agent.name: agent
    for agent in (
        _learner(
            "ppo",
            "PPO",
            "ppo",
            "PPO",
            turns=800_000,
            small={"num_envs": 64, "batch_size": 64, "n_epochs": 4, "warm_start": 0, "check_people": 0},
            taught={"warm_start": 300, "check_people": 100},
            exports_network=True,
        ),
        _tabular("q_learning", "Q-learning", published=True),
        _tabular("sarsa", "SARSA", published=True),
        *(_tabular(algorithm, label) for algorithm, label in MORE_CONTROL.items()),
        *(_linear(algorithm, label) for algorithm, label in CONTROL.items()),
        _deep("deep_q_learning", "deep Q-learning"),
        _deep("deep_sarsa", "deep SARSA"),
        _deep("slate_q", "SlateQ", ("slate",)),
        Agent(
            name="cloning",
            label="behaviour cloning",
            role=LEARNER,
            policy="agents.cloning:CloneAgent",
            config="agents.cloning:CloningConfig",
            train="agents.cloning:train_cloning",
            turns=30_000,
            small={"steps": 60, "batch_size": 64, "teacher": "greedy"},
            published=False,
        ),
        _bandit("lin_ucb", "LinUCB"),
        _bandit("thompson", "Thompson sampling"),
        _sb3("maskable_ppo", "MaskablePPO (SB3)", ANY, ON_POLICY, {"n_steps": 16}),
        _sb3(
            "recurrent_ppo",
            "RecurrentPPO (SB3)",
            ANY,
            {**ON_POLICY, "n_epochs": 5, "policy_kwargs": {"lstm_hidden_size": 64}},
            {"n_steps": 16, "n_epochs": 2, "policy_kwargs": {"lstm_hidden_size": 16}},
        ),
        _sb3("a2c", "A2C (SB3)", ANY, {"n_steps": 16, "gae_lambda": 0.9}, {}),
        _sb3("dqn", "DQN (SB3)", ("items", "strategy"), OFF_POLICY, {"learning_starts": 200}),
        _sb3(
            "qr_dqn",
            "QR-DQN (SB3)",
            ("items", "strategy"),
            {**OFF_POLICY, "policy_kwargs": {"n_quantiles": 50}},
            {"learning_starts": 200, "policy_kwargs": {"n_quantiles": 10}},
        ),
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

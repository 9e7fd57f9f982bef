"""The training of one agent inside a run folder; the command and the demo both run this code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import LEARNED, Contender, meet_people
from experiments.evaluate.rollout import people_seeds
from experiments.evaluate.stats import mean_interval
from experiments.report.runlog import Run

if TYPE_CHECKING:
    from agents.base import Policy
    from agents.ppo.agent import PPOConfig
    from agents.tabular.agent import TabularAgent
    from agents.tabular.config import TabularConfig

AGENTS = ("ppo", "q_learning", "sarsa")
POINTS = 12
"""Evaluations that make up a learning curve."""

CURVE_PEOPLE = 1000
"""People each of them is the mean of; nobody who is trained, tuned or evaluated on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """All that decides what an agent learns; plain JSON data in ``run.json``.

    Attributes:
        agent: A name of ``AGENTS``.
        env: The environment.
        turns: Turns to train on.
        seed: Of everything random.
        settings: Hyperparameters that differ from the agent's own.
        curve_people: People per point of the learning curve.
    """

    agent: str
    env: EnvConfig
    turns: int
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    curve_people: int = CURVE_PEOPLE

    def __post_init__(self) -> None:
        if self.agent not in AGENTS:
            raise UnknownNameError("agent", self.agent, AGENTS)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        rest = ("agent", "turns", "seed", "settings", "curve_people")
        return {"env": self.env.to_dict(), **{name: getattr(self, name) for name in rest}}

    @classmethod
    def from_dict(cls, data: dict[str, Any], where: object) -> Training:
        """The inverse of ``to_dict``.

        Raises:
            ArtifactError: If something is missing or out of range.
        """
        try:
            return cls(**{**data, "env": EnvConfig.create(data["env"])})
        except (KeyError, TypeError, ConfigError) as error:
            raise ArtifactError(f"{where} does not describe a training that can go on: {error}.") from error


def train_agent(
    training: Training, run: Run, meter: Meter, *, label: str = "", resume: bool = False
) -> Policy:
    """Train one agent inside a run folder: checkpoints, ``"training"`` and ``"evaluation"`` records.

    Args:
        training: What to train.
        run: Where.
        meter: Shows the progress.
        label: What to call the work.
        resume: Go on from the checkpoint in the run folder.

    Raises:
        ArtifactError: If there is nothing to resume, or it is damaged.
        KeyboardInterrupt: After saving, if interrupted.
    """
    name = LEARNED["PPO" if training.agent == "ppo" else training.agent]
    seeds = people_seeds("curve", training.seed, training.curve_people)
    quiet = Meter(quiet=True)
    evaluated = {r["turns"] for r in run.metrics("evaluation") if r["agent"] == name}

    def point(policy: Policy, turns: int) -> float:
        """Evaluate the policy as it is now, unless a resumed run did so already; its mean return."""
        contender = Contender(name, policy, training.env, learned=True)
        interval = mean_interval(meet_people(contender, seeds, quiet, "").ret)
        if turns not in evaluated:
            evaluated.add(turns)
            run.log("evaluation", agent=name, turns=turns, **{"return": interval.to_dict()})
        return interval.mean

    learn = _ppo if training.agent == "ppo" else _tabular
    trained = [r["turns"] for r in run.metrics("training") if r["agent"] == name] if resume else []
    with meter.work(label or f"Training {name}", training.turns, "turns") as work:
        work.before = work.completed = min(max(trained, default=0), training.turns)

        def report(turns: int, note: str, **record: Any) -> None:
            run.log("training", agent=name, turns=turns, **record)
            work.to(min(turns, training.turns), note)

        policy, turns = learn(training, run.policy_folder(training.agent), resume, report, point)
        work.note = f"return {point(policy, turns):.2f}"
    return policy


Report = Callable[..., None]
Point = Callable[["Policy", int], float]


def ppo_config(training: Training) -> PPOConfig:
    """Hyperparameters of PPO for a training."""
    from agents.ppo.agent import PPOConfig

    return _create(PPOConfig, {**training.settings, "turns": training.turns, "seed": training.seed})


def tabular_config(training: Training) -> TabularConfig:
    """Hyperparameters of a tabular agent for a training; exploration falls over the first three quarters."""
    from agents.tabular.config import TabularConfig

    parallel = training.settings.get("parallel", TabularConfig().parallel)
    least = parallel if isinstance(parallel, int) else 1  # else refused below
    own = {
        "decay_turns": max(1, 3 * training.turns // 4),
        "record_every": max(least, training.turns // (4 * POINTS), 1),
    }
    given = {"algorithm": training.agent, "seed": training.seed}
    return _create(TabularConfig, {**own, **training.settings, **given})


def _create(kind: Any, settings: dict[str, Any]) -> Any:
    known = list(kind.__dataclass_fields__)
    for name in settings:
        if name not in known:
            raise UnknownNameError(f"hyperparameter of {kind.__name__}", name, known)
    try:
        return kind(**settings)
    except TypeError as error:
        raise ConfigError(f"A hyperparameter of {kind.__name__} has the wrong type: {error}.") from error


def _ppo(training: Training, folder: Path, resume: bool, report: Report, point: Point) -> tuple[Policy, int]:
    from agents.ppo.agent import PPOAgent, train_ppo

    config = ppo_config(training)
    every = max(config.num_envs * config.n_steps, training.turns // POINTS)
    last = [0, -every]  # turns taken, turns at the latest evaluation; the first rollout is evaluated

    def progress(record: dict[str, float]) -> None:
        last[0] = int(record["turns"])
        told = f"return {record['return']:.2f} while exploring" if "return" in record else ""
        report(last[0], told, **{k: v for k, v in record.items() if k != "turns"})

    def look(agent: PPOAgent, turns: int) -> None:
        if turns - last[1] >= every and turns < training.turns:
            last[1] = turns
            point(agent, turns)

    with one_thread():
        agent = train_ppo(config, training.env, callback=progress, look=look, folder=folder, resume=resume)
    return agent, last[0] or training.turns


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread: the same bits whatever the number of cores.

    The network is so small that a second thread gains little; on a busy machine, waiting for it costs tenfold.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _tabular(
    training: Training, folder: Path, resume: bool, report: Report, point: Point
) -> tuple[Policy, int]:
    from agents.tabular.agent import CurvePoint, TabularAgent

    agent: TabularAgent = (
        TabularAgent.load(folder) if resume else TabularAgent(tabular_config(training), training.env)
    )
    every = max(1, training.turns // POINTS)
    last = [agent.turns or -every]  # turns at the latest evaluation; the first record is evaluated

    def progress(record: CurvePoint) -> None:
        note = "" if record.mean_return is None else f"return {record.mean_return:.2f} while exploring"
        report(record.turns, note, **{"return": record.mean_return, "epsilon": record.epsilon})
        if record.turns - last[0] >= every and record.turns < training.turns:
            last[0] = record.turns
            point(agent, record.turns)
            agent.save(folder)  # of a process that is killed, at most a twelfth is lost

    try:
        agent.learn(training.turns, progress)
    finally:
        agent.save(folder)
    return agent, agent.turns

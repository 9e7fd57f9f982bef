"""The training of one agent inside a run folder, begun or resumed; the command and the demo both run this code."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents import registry
from agents.checkpoints import HEADER, turns_trained
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError
from experiments.cli.options import named_options, typed
from experiments.cli.progress import Meter
from experiments.cli.terminal import say
from experiments.evaluate.evaluate import Contender, meet_people
from experiments.evaluate.rollout import people_seeds
from experiments.evaluate.stats import mean_interval
from experiments.report.runlog import COUNTED, Run

if TYPE_CHECKING:
    from agents.base import Learner, Policy

POINTS = 12
"""Evaluations that make up a learning curve."""

CURVE_PEOPLE = 1000
"""People each of them is the mean of; nobody who is trained, tuned or evaluated on."""


FEW = 10_000
"""Turns below which a training is a trial."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """All that decides what an agent learns; plain JSON data in ``run.json``.

    Attributes:
        agent: A learner of ``agents.registry``.
        env: The environment.
        turns: Turns to train on, in all.
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
        registry.find(self.agent, registry.LEARNER)
        registry.check_actions(self.agent, self.env.actions)

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

    def hyperparameters(self) -> Any:
        """The agent's config; see ``registry.make_config``."""
        return registry.make_config(self.agent, turns=self.turns, seed=self.seed, settings=self.settings)


def usual_settings(agent: str, turns: int) -> dict[str, Any]:
    """Hyperparameters for so many turns: where they are few, whole updates of the usual size would overshoot them."""
    known = registry.AGENTS[agent]
    return {**known.small, **known.taught} if turns < FEW else {}


def train_agent(
    training: Training, run: Run, meter: Meter, *, label: str = "", resume: bool = False
) -> Learner:
    """Train one agent inside a run folder: checkpoints, ``"training"`` and ``"evaluation"`` records.

    Raises:
        ArtifactError: If there is nothing to resume, or it is damaged.
        KeyboardInterrupt: After saving, if interrupted.
    """
    agent, folder = registry.AGENTS[training.agent], run.policy_folder(training.agent)
    name, quiet = agent.label, Meter(quiet=True)
    seeds = people_seeds("curve", training.seed, training.curve_people)
    evaluated = [r["turns"] for r in run.metrics("evaluation") if r["agent"] == name]
    every = max(1, training.turns // POINTS)
    if not resume and turns_told(run, training.agent):
        say(f"{name} kept no checkpoint before it was stopped: it begins anew.")

    def evaluate(policy: Policy, turns: int) -> float:
        """Evaluate the policy as it is now, unless an earlier run did so already; its mean return."""
        contender = Contender(name, policy, training.env, learned=True)
        interval = mean_interval(meet_people(contender, seeds, quiet, "").ret)
        if turns not in evaluated:
            evaluated.append(turns)
            run.log("evaluation", agent=name, turns=turns, **{"return": interval.to_dict()})
        return interval.mean

    with meter.work(label or f"Training {name}", training.turns, "turns") as work:
        work.before = work.completed = min(turns_trained(folder), training.turns) if resume else 0

        def report(record: dict[str, float]) -> None:
            turns = int(record["turns"])
            run.log("training", agent=name, **{**record, "turns": turns})
            note = f"return {record['return']:.2f} while exploring" if "return" in record else ""
            work.to(min(turns, training.turns), note)

        def look(policy: Policy, turns: int) -> None:
            if turns - max(evaluated, default=-every) >= every and turns < training.turns:
                evaluate(policy, turns)

        train = registry.resolve(agent.train)
        policy: Learner = train(
            training.hyperparameters(),
            training.env,
            callback=report,
            look=look,
            folder=folder,
            resume=resume,
        )
        work.note = f"return {evaluate(policy, policy.turns):.2f}"
    return policy


def turns_told(run: Run, agent: str) -> int:
    """Turns an agent has been trained for by the records of a run, 0 if it has none."""
    label = registry.AGENTS[agent].label
    return max((r["turns"] for kind in COUNTED for r in run.metrics(kind) if r["agent"] == label), default=0)


def begun(run: Run, agent: str) -> bool:
    """Whether the training of an agent in a run folder goes on from a checkpoint; False if none was kept yet.

    Raises:
        ArtifactError: One was kept, and is gone.
    """
    file = run.policy_folder(agent) / HEADER
    if file.exists():
        return True
    label, turns = registry.AGENTS[agent].label, turns_told(run, agent)
    # A process that is killed ("running") may have told of turns before it kept its first checkpoint.
    if turns and (agent in run.finished or run.status != "running"):
        raise ArtifactError(
            f"{file} is missing: {label} was trained for {turns:,} turns in {run.folder}, and cannot go on without its "
            "checkpoint. Put the folder back, or train anew in another folder (run.json has the options)."
        )
    return False


def open_run(folder: Path, kind: str) -> Run:
    """The run to go on with.

    Raises:
        ConfigError: If it is of another kind.
        ArtifactError: If it is no run folder, or damaged.
    """
    run = Run.open(folder)
    if run.kind != kind:
        raise ConfigError(f"{folder} is a {run.kind!r} run; only a {kind!r} run can be resumed here.")
    return run


def refuse_changes(
    config: Any, run: Run, values: Mapping[str, tuple[Any, Any]], free: Sequence[str] = ("resume", "json")
) -> None:
    """Refuse options beside ``--resume`` that differ from what the run was started with.

    Args:
        config: Options of the command; its field ``given`` holds the names that stood on the command line.
        run: The run to go on with.
        values: By option, what it names now and what the run has.
        free: Options that may be given.

    Raises:
        ConfigError: Names the first such option, what came, what the run has, and what to do.
    """
    for name in sorted(named_options(config) - set(free)):
        came, has = values[name]
        if came != has:
            raise ConfigError(
                f"{typed(name, getattr(config, name))} cannot be given beside --resume: {run.folder} was started with "
                f"{typed(name, has)}. Leave it out (chatrec {run.kind} --resume {shlex.quote(str(run.folder))}), or "
                "start a run of its own without --resume."
            )

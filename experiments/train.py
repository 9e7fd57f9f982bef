"""``chatrec train``: one agent learns in one environment; what it needs to go on is in its run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from chatrec_env.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from experiments.evaluate import LEARNED, Contender, meet_people
from experiments.options import EnvOptions, OptionalPath, parse_settings
from experiments.progress import Meter
from experiments.rollout import people_seeds
from experiments.runlog import Run, new_folder
from experiments.stats import mean_interval

if TYPE_CHECKING:
    from agents.base import Policy
    from agents.ppo import PPOConfig
    from agents.tabular import TabularAgent
    from agents.tabular_config import TabularConfig

AGENTS = ("ppo", "q_learning", "sarsa")
TURNS = {"ppo": 600_000, "q_learning": 400_000, "sarsa": 400_000}
"""Turns an agent trains for unless told otherwise."""

HOME = {"ppo": "ChatRec/Items-v0", "q_learning": "ChatRec/Strategy-v0", "sarsa": "ChatRec/Strategy-v0"}
"""Environment an agent trains in unless told otherwise."""

POINTS = 20
"""Evaluations that make up a learning curve."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig(EnvOptions):
    """Train an agent; checkpoints and the learning curve go into a run folder.

    Ctrl-C stops at once and keeps what was learned; `--resume RUN` goes on from there, to the number of turns
    the run was started with, or to `--turns`.

    Attributes:
        agent: ppo (MaskablePPO on a ranker network), q_learning or sarsa (tabular).
        env: Environment id; default: ChatRec/Items-v0 for ppo, ChatRec/Strategy-v0 for the tabular agents.
        turns: Conversation turns to train on; default: 600,000 for ppo, 400,000 for the tabular agents.
        seed: Seed of everything random: network, exploration, the people met.
        set: Hyperparameters to change, as name=value (see PPOConfig and TabularConfig in agents/).
        curve_people: People (none of them trained on) that each point of the learning curve is the mean of.
        out: Run folder to make; default: runs/AGENT-ENVIRONMENT-SCENARIO-sSEED, numbered if that exists.
        resume: Run folder to go on with; its own options hold, except --turns.
        json: Print the outcome as JSON.
    """

    agent: Literal["ppo", "q_learning", "sarsa"] = "ppo"
    env: Annotated[str, tyro.conf.arg(help_behavior_hint="")] = ""
    turns: Annotated[int | None, tyro.conf.arg(metavar="INT", help_behavior_hint="")] = None
    seed: int = 0
    set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE", help_behavior_hint="")] = ()
    curve_people: int = 200
    out: OptionalPath = None
    resume: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        if self.turns is not None and self.turns < 1:
            raise ConfigError(f"--turns must be positive, got {self.turns}.")
        if self.curve_people < 2:
            raise ConfigError(f"--curve-people must be at least 2, got {self.curve_people}.")


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
    curve_people: int = 200

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
    seeds = people_seeds("tune", training.seed, training.curve_people)
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
    with meter.work(label or f"Training {name}", training.turns, "turns") as work:

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
    from agents.ppo import PPOConfig

    return _create(PPOConfig, {**training.settings, "turns": training.turns, "seed": training.seed})


def tabular_config(training: Training) -> TabularConfig:
    """Hyperparameters of a tabular agent for a training; exploration falls over the first three quarters."""
    from agents.tabular_config import TabularConfig

    parallel = training.settings.get("parallel", TabularConfig().parallel)
    own = {
        "decay_turns": max(1, 3 * training.turns // 4),
        "record_every": max(int(parallel), training.turns // (4 * POINTS), 1),
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
    from agents.ppo import PPOAgent, train_ppo

    every = max(1, training.turns // POINTS)
    last = [0, 0]  # turns reported, turns evaluated

    def progress(record: dict[str, float]) -> None:
        turns = int(record["turns"])
        told = f"return {record['return']:.2f} while exploring" if "return" in record else ""
        report(turns, told, **{k: v for k, v in record.items() if k != "turns"})
        last[0] = turns
        if turns // every > last[1] // every and turns < training.turns and saved_turns(folder) == turns:
            point(PPOAgent.load(folder), turns)
            last[1] = turns

    agent = train_ppo(ppo_config(training), training.env, callback=progress, folder=folder, resume=resume)
    return agent, last[0] or training.turns


def saved_turns(folder: Path) -> int:
    """Turns after which the PPO checkpoint in a folder was made; -1 if there is none."""
    from agents.checkpoints import load_checkpoint

    if not (folder / "policy.json").exists():
        return -1
    training = load_checkpoint(folder).training
    return -1 if training is None else int(training["turns"])


def _tabular(
    training: Training, folder: Path, resume: bool, report: Report, point: Point
) -> tuple[Policy, int]:
    from agents.tabular import CurvePoint, TabularAgent

    agent: TabularAgent = (
        TabularAgent.load(folder) if resume else TabularAgent(tabular_config(training), training.env)
    )
    every = max(1, training.turns // POINTS)
    last = [agent.turns]

    def progress(record: CurvePoint) -> None:
        note = "" if record.mean_return is None else f"return {record.mean_return:.2f} while exploring"
        report(record.turns, note, **{"return": record.mean_return, "epsilon": record.epsilon})
        if record.turns // every > last[0] // every and record.turns < training.turns:
            point(agent, record.turns)
        last[0] = record.turns

    try:
        agent.learn(training.turns, progress)
    finally:
        agent.save(folder)
    return agent, agent.turns


def train(config: TrainConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.preload import read_sentences
    from experiments.terminal import clean, output, print_json, say

    run, training = _resumed(config) if config.resume is not None else _started(config)
    meter = Meter()
    say(f"Run folder: [bold]{clean(run.folder)}[/bold]")
    try:
        read_sentences(training.env, meter)
        train_agent(training, run, meter, resume=training.agent in run.policies())
    except KeyboardInterrupt:
        run.mark("interrupted")
        kept = run.policies()
        told = "The checkpoint is kept" if kept else "There is no checkpoint yet"
        say(f"\nStopped. {told}; go on with: [bold]chatrec train --resume {clean(run.folder)}[/bold]")
        raise
    run.done(training.agent)
    run.mark("finished")
    _draw_curve(run, training)
    last = run.metrics("evaluation")[-1]
    if config.json:
        print_json({"run": run.folder, "training": training.to_dict(), "evaluation": last})
    else:
        mean, low, high = (last["return"][k] for k in ("mean", "low", "high"))
        output().print(
            f"{last['agent']} after {last['turns']:,} turns: return {mean:.2f} ({low:.2f} to {high:.2f}) "
            f"with {training.curve_people} people it was not trained on.\n"
            f"Compare it: [bold]chatrec evaluate {clean(run.folder)} greedy ask_then_recommend[/bold]\n"
            f"Watch it:   [bold]chatrec watch {clean(run.folder)}[/bold]",
            soft_wrap=True,
        )
    return 0


def _started(config: TrainConfig) -> tuple[Run, Training]:
    env_id = config.env or HOME[config.agent]
    options = EnvOptions(
        **{**{n: getattr(config, n) for n in EnvOptions.__dataclass_fields__}, "env": env_id}
    )
    training = Training(
        agent=config.agent,
        env=options.config(observation="flat" if config.agent == "ppo" else "tabular"),
        turns=config.turns or TURNS[config.agent],
        seed=config.seed,
        settings=parse_settings(config.set),
        curve_people=config.curve_people,
    )
    # Refused now, not after the sentences have been read.
    ppo_config(training) if config.agent == "ppo" else tabular_config(training)
    from chatrec_env.task import make_task

    make_task(training.env)
    scenario = training.env.scenario
    words = scenario if isinstance(scenario, str) else scenario.get("name", "own")
    name = f"{config.agent}-{training.env.actions}-{words}-s{config.seed}"
    folder = config.out or new_folder(Path("runs"), name)
    return Run.create(folder, kind="train", config=training.to_dict(), seeds={"train": config.seed}), training


def _resumed(config: TrainConfig) -> tuple[Run, Training]:
    assert config.resume is not None
    run = Run.open(config.resume)
    if run.kind != "train":
        raise ConfigError(f"{run.folder} is a {run.kind!r} run; only a 'train' run can be resumed here.")
    data = {**run.config, **({"turns": config.turns} if config.turns is not None else {})}
    training = Training.from_dict(data, run.folder / "run.json")
    run.config = training.to_dict()
    run.mark("running")
    return run, training


def _draw_curve(run: Run, training: Training) -> None:
    from experiments.plots import curves_from, learning_curves

    curves = curves_from(run.metrics("evaluation"))
    run.write("curves.png", learning_curves(curves, people=training.curve_people))

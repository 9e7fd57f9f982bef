"""``chatrec train``: one agent learns in one environment; what it needs to go on is in its run folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, OptionalPath, check_least, parse_settings
from experiments.cli.progress import Meter
from experiments.report.runlog import Run, new_folder
from experiments.train.learning import CURVE_PEOPLE, Training, ppo_config, tabular_config, train_agent

TURNS = {"ppo": 800_000, "q_learning": 400_000, "sarsa": 400_000}
"""Turns an agent trains for unless told otherwise."""

HOME = {"ppo": "ChatRec/Items-v0", "q_learning": "ChatRec/Strategy-v0", "sarsa": "ChatRec/Strategy-v0"}
"""Environment an agent trains in unless told otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig(EnvOptions):
    """Train an agent; checkpoints and the learning curve go into a run folder.

    Ctrl-C stops at once and keeps what was learned; `--resume RUN` goes on from there, to the number of turns
    the run was started with, or to `--turns`.

    Attributes:
        agent: ppo (MaskablePPO on a ranker network), q_learning or sarsa (tabular).
        env: Environment id; default: ChatRec/Items-v0 for ppo, ChatRec/Strategy-v0 for the tabular agents.
        turns: Conversation turns to train on; default: 800,000 for ppo, 400,000 for the tabular agents.
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
    curve_people: int = CURVE_PEOPLE
    out: OptionalPath = None
    resume: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0)
        if self.turns is not None and self.turns < 1:
            raise ConfigError(f"--turns must be positive, got {self.turns}.")
        if self.curve_people < 2:
            raise ConfigError(f"--curve-people must be at least 2, got {self.curve_people}.")


def train(config: TrainConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.cli.terminal import INTERRUPTED, clean, output, pasted, print_json, say
    from experiments.train.preload import read_sentences

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
        say(f"\nStopped. {told}; go on with: {pasted('train', '--resume', run.folder)}")
        return INTERRUPTED
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
            f"Compare it: {pasted('evaluate', run.folder, 'greedy', 'ask_then_recommend')}\n"
            f"Watch it:   {pasted('watch', run.folder)}",
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
    from chatrec_env.envs.task import make_task

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
    from experiments.report.plots import curves_from, learning_curves

    curves = curves_from(run.metrics("evaluation"))
    run.write("curves.png", learning_curves(curves, people=training.curve_people))

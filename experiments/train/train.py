"""``chatrec train``: one agent learns in one environment; what it needs to go on is in its run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import tyro

from agents import registry
from agents.checkpoints import load_checkpoint, turns_trained
from chatrec_env.envs import IDS
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.options import (
    EnvOptions,
    OptionalPath,
    check_least,
    env_values,
    id_of,
    parse_settings,
)
from experiments.cli.progress import Meter
from experiments.cli.terminal import INTERRUPTED, clean, output, pasted, print_json, say
from experiments.evaluate.rollout import read_sentences
from experiments.report.grid import Grid, count, plus_minus
from experiments.report.publish import Section, Sheet, publish
from experiments.report.report import curves_section
from experiments.report.runlog import Run, new_folder
from experiments.report.tracking import NONE, Track, check_tool, tracking
from experiments.train.learning import CURVE_PEOPLE, Training, begun, open_run, refuse_changes, train_agent
from experiments.train.tuned import tuned_settings

LEARNERS = registry.names(registry.LEARNER)


def home(agent: str) -> str:
    """Environment id that an agent trains in unless told otherwise."""
    return next(name for name, actions in IDS.items() if actions == registry.AGENTS[agent].actions[0])


def told(of: Callable[[str], str]) -> str:
    """What ``of`` says of each learner, for the help: ``"800,000 (ppo), 400,000 (q_learning, sarsa)"``."""
    kinds: dict[str, list[str]] = {}
    for agent in LEARNERS:
        kinds.setdefault(of(agent), []).append(agent)
    return ", ".join(f"{kind} ({', '.join(agents)})" for kind, agents in kinds.items())


def usual_turns(agent: str) -> str:
    """Turns an agent trains for unless told otherwise, in words."""
    return f"{registry.AGENTS[agent].turns:,}"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig(EnvOptions):
    """Train an agent; checkpoints and the learning curve go into a run folder.

    Ctrl-C stops at once and keeps what was learned; `--resume RUN` goes on from there until the agent has had the
    number of turns the run was started with, or `--turns` of them in all. No other option can be changed then.

    Attributes:
        agent: Who learns.
        seed: Seed of everything random: network, exploration, the people met.
        set: Hyperparameters to change, as name=value (docs/agents.md lists them; learners of stable-baselines3 take
            every keyword of the library).
        tuned: File with tuned hyperparameters by environment id and learner, as `chatrec tune` writes it; --set goes
            before them.
        curve_people: People (none of them trained on) that each point of the learning curve is the mean of.
        out: Run folder to make; default: runs/AGENT-ENVIRONMENT-SCENARIO-sSEED, numbered if that exists.
        resume: Run folder to go on with; its own options hold, except --turns and --track.
        track: Where numbers go besides the run folder.
        json: Print the outcome as JSON.
    """

    agent: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(LEARNERS) + "}")] = LEARNERS[0]
    env: Annotated[
        str, tyro.conf.arg(help=f"Environment id; default: {told(home)}.", help_behavior_hint="")
    ] = ""
    turns: Annotated[
        int | None,
        tyro.conf.arg(
            metavar="INT",
            help="Conversation turns to train on, in all; the last update is not cut short. Default: "
            f"{told(usual_turns)}.",
            help_behavior_hint="",
        ),
    ] = None
    seed: int = 0
    set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE", help_behavior_hint="")] = ()
    tuned: OptionalPath = None
    curve_people: int = CURVE_PEOPLE
    out: OptionalPath = None
    resume: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0)
        check_tool(self.track)
        registry.find(self.agent, registry.LEARNER)
        if self.turns is not None and self.turns < 1:
            raise ConfigError(f"--turns must be positive, got {self.turns}.")
        if self.curve_people < 2:
            raise ConfigError(f"--curve-people must be at least 2, got {self.curve_people}.")


def train(config: TrainConfig) -> int:
    """Run the command; returns its exit code."""
    run, training = _resumed(config) if config.resume is not None else _started(config)
    meter = Meter()
    say(f"Run folder: [bold]{clean(run.folder)}[/bold]")
    try:
        with tracking(config.track, run.folder, run.kind, run.config) as run.tracker:
            read_sentences(training.env, meter)
            train_agent(training, run, meter, resume=begun(run, training.agent))
            page = publish(run.folder, sheet_of(run, training), run.versions, run.tracker)
    except KeyboardInterrupt:
        run.mark("interrupted")
        kept = run.policies()
        told = "The checkpoint is kept" if kept else "There is no checkpoint yet"
        say(f"\nStopped. {told}; go on with: {pasted('train', '--resume', run.folder)}")
        return INTERRUPTED
    except ArithmeticError:  # numbers that are not finite; the last good checkpoint is kept
        run.mark("interrupted")
        raise
    run.done(training.agent)
    run.mark("finished")
    last = run.metrics("evaluation")[-1]
    if config.json:
        print_json({"run": run.folder, "training": training.to_dict(), "evaluation": last})
    else:
        mean, low, high = (last["return"][k] for k in ("mean", "low", "high"))
        output().print(
            f"{last['agent']} after {last['turns']:,} turns: return {mean:.2f} ({low:.2f} to {high:.2f}) "
            f"with {training.curve_people} people it was not trained on.\n"
            f"Look at it: {clean(page.resolve())}\n"
            f"Compare it: {pasted('evaluate', run.folder, 'greedy', 'ask_then_recommend')}"
            + ("" if training.env.actions == "slate" else f"\nWatch it:   {pasted('watch', run.folder)}"),
            soft_wrap=True,
        )
    return 0


def training_of(config: TrainConfig) -> Training:
    """The training that the options ask for.

    Raises:
        ConfigError: If one is unknown or out of range.
    """
    agent = registry.AGENTS[config.agent]
    values = {name: getattr(config, name) for name in EnvOptions.__dataclass_fields__}
    options = EnvOptions(**{**values, "env": config.env or home(config.agent)})
    tuned = {} if config.tuned is None else tuned_settings(config.tuned, options.env, agent.name)
    return Training(
        agent=agent.name,
        env=options.config(observation=agent.observation),
        turns=config.turns or agent.turns,
        seed=config.seed,
        settings={**tuned, **parse_settings(config.set)},
        curve_people=config.curve_people,
    )


def _started(config: TrainConfig) -> tuple[Run, Training]:
    training = training_of(config)
    # Refused now, not after the sentences have been read.
    training.hyperparameters()
    make_task(training.env)
    scenario = training.env.scenario
    words = scenario if isinstance(scenario, str) else scenario.get("name", "own")
    name = f"{config.agent}-{training.env.actions}-{words}-s{config.seed}"
    folder = config.out or new_folder(Path("runs"), name)
    return Run.create(folder, kind="train", config=training.to_dict(), seeds={"train": config.seed}), training


def _resumed(config: TrainConfig) -> tuple[Run, Training]:
    assert config.resume is not None
    run = open_run(config.resume, "train")
    training = Training.from_dict(run.config, run.folder / "run.json")
    # What the other options mean depends on agent and environment.
    own = replace(config, agent=training.agent, env=id_of(training.env))
    asked = training_of(own)
    pairs: dict[str, tuple[Any, Any]] = {
        name: (getattr(asked, name), getattr(training, name)) for name in ("seed", "curve_people")
    }
    pairs |= dict.fromkeys(("set", "tuned"), (asked.settings, training.settings))
    pairs["out"] = (config.out, run.folder)
    pairs |= env_values(asked.env, training.env)
    pairs |= {name: (getattr(config, name), getattr(own, name)) for name in ("agent", "env")}
    refuse_changes(config, run, pairs, free=("resume", "turns", "track", "json"))
    if config.turns is not None and config.turns != training.turns:
        done = turns_trained(run.policy_folder(training.agent)) if begun(run, training.agent) else 0
        if config.turns < done:
            raise ConfigError(
                f"--turns is the number of turns in all: {run.folder} has had {done:,} already, got {config.turns:,}. "
                f"Give more than {done:,}, or leave --turns out."
            )
        training = replace(training, turns=config.turns)
        run.config = training.to_dict()
    if begun(run, training.agent) and training.env.themes:  # a file of them travels with the policy
        kept = load_checkpoint(run.policy_folder(training.agent)).env.themes
        training = replace(training, env=replace(training.env, themes=kept))
    run.mark("running")
    return run, training


def sheet_of(run: Run, training: Training) -> Sheet:
    """The page of a training: its learning curve, and every point of it."""
    records = run.metrics("evaluation")
    last, env = records[-1], training.env
    points = Grid(("turns", "return"), title=f"{last['agent']}, evaluated as it learned")
    for record in records:
        points.add(count(record["turns"]), plus_minus(record["return"]))
    curves = curves_section(run)
    assert curves is not None
    settings = ", ".join(f"{name} {value}" for name, value in training.settings.items())
    scenario = env.scenario if isinstance(env.scenario, str) else env.scenario.get("name", "own")
    return Sheet(
        kicker=f"train · scenario {scenario} · catalogue {env.catalog} · encoder {env.encoder}",
        headline=f"{last['agent']} after {last['turns']:,} turns: return {plus_minus(last['return'])}",
        lead=f"Mean of {training.curve_people:,} people it was not trained on. Seed {training.seed}; hyperparameters "
        f"that differ from its own: {settings or 'none'}.",
        sections=[curves, Section(title="Points of the curve", grids={"curves": points})],
        footer="The policy is in <code>policies/</code>, the options in <code>run.json</code>.",
    )

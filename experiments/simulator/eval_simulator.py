"""``chatrec eval-simulator``: simulators checked; or the LLM user simulator beside the scripted one it words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from agents.base import Policy
from agents.export import check_single
from chatrec_env.core.user_simulator import MeteredUsers
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, say
from experiments.evaluate.evaluate import find_policies
from experiments.evaluate.rollout import people_seeds
from experiments.report.documents import FORMAT, jsonable, write_atomic, write_document
from experiments.report.publish import Sheet, publish
from experiments.report.runlog import RUN, TABLE, Run, new_folder
from experiments.report.study import show
from experiments.report.tracking import NONE, Track, check_tool, tracking
from experiments.simulator.checking.check import Plan, check
from experiments.simulator.eval_simulator_page import make_rows, sheet_of
from experiments.simulator.playing import Life, Wording, as_asked, choose_probes, play, played_by, speaking
from experiments.simulator.real_people import read_raters, read_talk

WORDINGS = "wordings.tsv"


@dataclass(frozen=True, kw_only=True, slots=True)
class EvalSimulatorConfig(EnvOptions):
    """Check simulated people: how like real people they are (realism), and how well they judge systems (reliability).

    The two are told apart, since one hardly predicts the other. Every simulator of `--simulators` (see `rank-systems`)
    meets the same systems. *Realism*, with `--dialogues`: a classifier tries to tell their messages from those of real
    people (AUC; 0.5: it cannot), distances of acts, lengths and depth are laid beside those between two halves of the
    real people, and how they talk (front-loading, courtesy, variation, variety) beside real figures. *Reliability*:
    whether they rank the systems alike, and whether a bad system frustrates them more than a good one, as it does real
    people; a deaf system, which shows anything at random, is added. *Errors* are counted by whose they are: of the
    simulator, of the reader, of the system. Tables, picture and page go into a run folder.

    With `--users`, a language model's users are compared with the scripted people they play instead, person by
    person: each is met twice by the first policy, with the same draws. Every answer of a model is recorded; a run
    that stopped goes on where it was, and `--replay` answers from the recording alone. What the model made of each
    scripted sentence, and where that stood in, is in wordings.tsv of the run folder, to be read. `--probe-items`,
    `--ratings` and `--replay` are for this alone; `--simulators`, `--vectors` and `--seeds` for the check.

    Attributes:
        policies: Systems: heuristics, policy folders or run folders. Realism is measured with the first one.
        simulators: Changes to the people, each NAME=VALUE; NAME is one of scenario, talk, users, rating_history,
            noise.
        people: How many people each system meets.
        seed: Which people; also of the bootstrap.
        users: Instead: how a language model plays them, as JSON like '{"name": "llm", "backend": "llamacpp"}'.
        encoder: Sentence encoder of the policy's state; a learned policy keeps its own.
        vectors: Encoder of the sentence vectors the classifier sees: minilm, hash, or any `chatrec encoders` lists.
        seeds: How often the folds of the classifier are drawn.
        probe_items: Items each person judges besides the conversation, half of them good ones; 0 for none.
        dialogues: Real dialogues: the folder of CCPE-M, as for `chatrec eval-nlu`; or JSON of DialogueKit's form, as
            CRSArena-Dial has it, in which the systems are named and people say whether they were frustrated.
        ratings: MovieLens folder with real ratings.
        replay: Answer from the recording alone, without a model.
        out: Run folder; default: runs/eval-simulator, numbered if that exists. A run with --users of the same options
            goes on.
        track: Where numbers go besides the run folder.
        json: Print the tables as JSON.
    """

    policies: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")] = (
        "ask_then_recommend",
        "greedy",
        "most_informative",
        "popular",
        "random",
    )
    simulators: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE")] = (
        "talk=plain",
        "talk=crs",
        "talk=chat",
    )
    people: int = 250
    seed: int = 0
    users: str = ""
    encoder: str = "hash"
    vectors: str = "minilm"
    seeds: int = 3
    probe_items: int = 8
    dialogues: OptionalPath = None
    ratings: OptionalPath = None
    replay: bool = False
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, people=2, seed=0, seeds=1)
        check_tool(self.track)
        if self.probe_items < 0 or self.probe_items % 2:
            raise ConfigError(f"--probe-items must be an even number, 0 or more, got {self.probe_items}.")


def plan_of(config: EvalSimulatorConfig) -> Plan:
    """What the check needs of the options.

    Raises:
        ConfigError: An option is named that only the comparison with a language model's users has.
    """
    for name in ("replay", "ratings"):
        if getattr(config, name):
            raise ConfigError(
                f"--{name} is for the comparison with a language model's users; name these with --users."
            )
    return Plan(
        policies=config.policies,
        simulators=config.simulators,
        env=config.config(users="scripted"),
        people=config.people,
        seed=config.seed,
        real=config.dialogues,
        vectors=config.vectors,
        seeds=config.seeds,
    )


def find_policy(config: EvalSimulatorConfig) -> tuple[Policy, EnvConfig]:
    """The policy that talks to everybody, and where it acts.

    Raises:
        ConfigError: If the folder holds several.
    """
    found = find_policies(config.policies[:1], config.config(users="scripted"))
    if len(found) > 1:
        names = ", ".join(c.name for c in found)
        raise ConfigError(
            f"{config.policies[0]} holds several policies ({names}). Name one, as RUN/policies/NAME."
        )
    check_single(found[0].env)
    return found[0].policy, replace(found[0].env, max_turns=config.max_turns)


def open_run(config: EvalSimulatorConfig, env: EnvConfig, users: dict[str, Any]) -> Run:
    """The run folder: a new one, or the one of the same options that stopped.

    Raises:
        ConfigError: If the folder holds something else.
    """
    names = ("people", "seed", "probe_items")
    options = {
        "policy": config.policies[0],
        **{name: getattr(config, name) for name in names},
        "users": as_asked(users),
        "env": env.to_dict(),
    }
    folder = config.out or new_folder(Path("runs"), "eval-simulator")
    if not (folder / RUN).exists():
        return Run.create(folder, kind="eval-simulator", config=options, seeds={"eval": config.seed})
    run = Run.open(folder)
    if run.kind != "eval-simulator" or run.config != jsonable(options):
        raise ConfigError(f"{folder} holds a run of other options. Choose another place with --out.")
    return run


def compare(
    config: EvalSimulatorConfig, policy: Policy, env: EnvConfig, users: dict[str, Any], meter: Meter, run: Run
) -> tuple[dict[str, Any], Sheet]:
    """Both simulators play everybody; the table and its page."""
    seeds = people_seeds("eval", config.seed, config.people)
    scripted, speaking = played_by(env, "scripted"), played_by(env, users)
    catalog = scripted.manager.catalog
    probes = choose_probes(scripted, seeds, config.probe_items)
    talk = ratings = None
    if config.dialogues is not None:
        talk = read_talk(config.dialogues, scripted.manager.table.parser, meter)
    if config.ratings is not None:
        ratings = read_raters(config.ratings)
    with meter.work("Scripted users", len(seeds), "people") as work:
        plain = play(scripted, policy, seeds, probes, work)
    with meter.work("The same people, by the LLM user simulator", len(seeds), "people") as work:
        try:
            spoken = play(speaking, policy, seeds, probes, work)
        finally:
            assert isinstance(speaking.users, MeteredUsers)
            run.log("users", people=work.completed, **speaking.users.usage())
    write_wordings(run.folder / WORDINGS, spoken)
    rows = make_rows(plain, spoken, probes, np.asarray(catalog.popularity), talk, ratings, config.seed)
    about = {
        "policy": policy.name,
        "people": len(seeds),
        "seed": config.seed,
        "users": as_asked(users),
        "scenario": env.scenario,
        "catalog": env.catalog,
        "max_turns": env.max_turns,
        "probe_items": config.probe_items,
        "real": {
            "dialogues": 0 if talk is None else len(talk.acts),
            "raters": 0 if ratings is None else len(ratings.stars),
        },
        "usage": speaking.users.usage(),
    }
    table = {"format": FORMAT, **about, "rows": rows}
    return table, sheet_of(table, plain, spoken, talk, ratings)


def write_wordings(path: Path, lives: Sequence[Life]) -> None:
    """Write what a language model made of every scripted sentence, a line each; no file where it words nothing."""
    lines = [(str(n), *one) for n, life in enumerate(lives) for one in life.wordings]
    if lines:
        text = (
            "\t".join(" ".join(cell.split()) for cell in line)
            for line in [("person", *Wording._fields), *lines]
        )
        write_atomic(path, "\n".join(text) + "\n")


def eval_simulator(config: EvalSimulatorConfig) -> int:
    """Run the command; returns its exit code."""
    if not config.users:
        return check(plan_of(config), config.out, config.track, json=config.json)
    users = speaking(config.config().users, replay=config.replay)
    policy, env = find_policy(config)
    played_by(env, users)  # refused, if it must be, before there is a run folder
    run = open_run(config, env, users)
    table, sheet = compare(config, policy, env, users, Meter(), run)
    write_document(run.folder / TABLE, table)
    with tracking(config.track, run.folder, run.kind, run.config) as tracker:
        page = publish(run.folder, sheet, run.versions, tracker)
    run.done("eval-simulator")
    run.mark("finished")
    show(table, sheet.grids, json=config.json)
    say(f"The page: {clean(page)}")
    return 0

"""``chatrec eval-simulator``: the LLM user simulator beside the scripted one it words, and both beside real people."""

from __future__ import annotations

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
from experiments.report.documents import FORMAT, jsonable, write_document
from experiments.report.runlog import RUN, Run, new_folder
from experiments.report.study import show
from experiments.simulator.eval_simulator_page import draw, grid_of, make_rows, to_page
from experiments.simulator.playing import Life, choose_probes, play, played_by
from experiments.simulator.real_people import read_raters, read_talk
from simulators.llm.config import LLMConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class EvalSimulatorConfig(EnvOptions):
    """Compare the LLM user simulator with the scripted users it plays, and both with real people.

    Each person is met twice by the same policy: as the scripted simulator plays them and as a language model does,
    with the same draws. Table, figure and page go into a run folder. Every answer of a model is recorded; a run that
    stopped goes on where it was, and `--replay` answers from the recording alone.

    Attributes:
        policy: Who talks to them: a heuristic, a policy folder or a run folder with one policy.
        people: How many people.
        seed: Which people; also of the bootstrap.
        users: How the language model plays them, as JSON like '{"name": "llm", "backend": "llamacpp"}'.
        encoder: Sentence encoder of the policy's state; a learned policy keeps its own.
        probe_items: Items each person judges besides the conversation, half of them good ones; 0 for none.
        dialogues: Folder with real dialogues, as for `chatrec eval-nlu`.
        ratings: MovieLens folder with real ratings.
        replay: Answer from the recording alone, without a model.
        out: Run folder; default: runs/eval-simulator, numbered if that exists. A run of the same options goes on.
        json: Print the table as JSON.
    """

    policy: Annotated[str, tyro.conf.Positional] = "ask_then_recommend"
    people: int = 40
    seed: int = 0
    users: str = "llm"
    encoder: str = "hash"
    probe_items: int = 8
    dialogues: OptionalPath = None
    ratings: OptionalPath = None
    replay: bool = False
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, people=2, seed=0)
        if self.probe_items < 0 or self.probe_items % 2:
            raise ConfigError(f"--probe-items must be an even number, 0 or more, got {self.probe_items}.")


def speaking(users: str | dict[str, Any], *, replay: bool) -> dict[str, Any]:
    """The language model's users with their recording named, so that a second run finds it.

    Raises:
        ConfigError: These are not users of the LLM user simulator.
    """
    from simulators.llm.backends import default_recording, make_backend

    told = dict(users) if isinstance(users, dict) else {"name": users}
    if told.get("name") != "llm":
        raise ConfigError(
            f"--users must name the LLM user simulator, got {users!r}. Example: --users "
            '\'{"name": "llm", "backend": "llamacpp", "mode": "full"}\''
        )
    options = {key: value for key, value in told.items() if key != "name"}
    if replay and not options.get("recording"):
        options["recording"] = str(default_recording(make_backend(LLMConfig.create(options))))
    if replay:
        options["replay"] = True
    LLMConfig.create(options)  # wrong options are told before anything is loaded
    return {"name": "llm", **options}


def as_asked(users: dict[str, Any]) -> dict[str, Any]:
    """The options of users that their answers depend on: not where these are recorded."""
    return {key: value for key, value in users.items() if key not in ("replay", "recording")}


def find_policy(config: EvalSimulatorConfig) -> tuple[Policy, EnvConfig]:
    """The policy that talks to everybody, and where it acts.

    Raises:
        ConfigError: If the folder holds several.
    """
    found = find_policies([config.policy], config.config(users="scripted"))
    if len(found) > 1:
        names = ", ".join(c.name for c in found)
        raise ConfigError(
            f"{config.policy} holds several policies ({names}). Name one, as RUN/policies/NAME."
        )
    check_single(found[0].env)
    return found[0].policy, replace(found[0].env, max_turns=config.max_turns)


def open_run(config: EvalSimulatorConfig, env: EnvConfig, users: dict[str, Any]) -> Run:
    """The run folder: a new one, or the one of the same options that stopped.

    Raises:
        ConfigError: If the folder holds something else.
    """
    names = ("policy", "people", "seed", "probe_items")
    options = {
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
) -> tuple[dict[str, Any], list[Life], list[Life]]:
    """Both simulators play everybody; the table, and the people as each played them."""
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
    run.write("simulators.png", draw(plain, spoken, talk, ratings))
    return {"format": FORMAT, **about, "rows": rows}, plain, spoken


def eval_simulator(config: EvalSimulatorConfig) -> int:
    """Run the command; returns its exit code."""
    users = speaking(config.config().users, replay=config.replay)
    policy, env = find_policy(config)
    played_by(env, users)  # refused, if it must be, before there is a run folder
    run = open_run(config, env, users)
    table, plain, spoken = compare(config, policy, env, users, Meter(), run)
    write_document(run.folder / "table.json", table)
    run.write("index.html", to_page(run, table, plain, spoken))
    run.done("eval-simulator")
    run.mark("finished")
    show(table, [grid_of(table)], json=config.json)
    say(f"The page: {clean(run.folder / 'index.html')}")
    return 0

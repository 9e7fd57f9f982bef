"""``chatrec log``: conversations, or what a service kept, with all chances."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, MissingExtraError
from experiments.cli.options import EnvOptions, OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, command_line, say
from experiments.evaluate.rollout import people_seeds, read_sentences
from experiments.offline.files import write_log, write_minari
from experiments.offline.logs import record
from experiments.offline.policies import named_policy
from experiments.report.runlog import check_free, new_folder

if TYPE_CHECKING:
    from experiments.offline.served import Served

POLICY_HELP = (
    "a heuristic or a policy folder, softened after a colon: random, greedy:epsilon=0.3, "
    "ask_then_recommend:questions=2,epsilon=0.2, greedy:temperature=0.5, runs/demo/policies/ppo:temperature=1"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogConfig(EnvOptions):
    """Hold conversations and log them: what was seen, the chances of all actions, what was drawn, what came of it.

    Writes a folder: log.json, people.parquet, turns.parquet (with what was said), and a Minari dataset. `chatrec ope`
    reads it. A policy that never draws gives logs that tell nothing of what else could be done: soften it.

    With `--store` no conversation is held: the sessions that `chatrec serve` kept are written instead, as they were
    decided. If several policies were served, each gets a folder of its own.

    Attributes:
        store: SQLite file of `chatrec serve`.
        people: How many people it meets.
        seed: Which people.
        out: The folder; default: runs/log, or runs/log-2, ...
        minari: Also write a Minari dataset.
    """

    policy: Annotated[
        str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY", help=f"Who decides: {POLICY_HELP}.")
    ] = ""
    store: OptionalPath = None
    people: int = 1000
    seed: int = 0
    out: OptionalPath = None
    minari: bool = True

    def __post_init__(self) -> None:
        check_least(self, people=1, seed=0)
        if bool(self.policy) == (self.store is not None):
            raise ConfigError(f"Name a policy or a --store, one of them. A policy: {POLICY_HELP}.")


def log(config: LogConfig) -> int:
    """Run ``chatrec log``; returns its exit code."""
    folder = config.out or new_folder(Path("runs"), "log")
    check_free(folder)
    if config.store is not None:
        return _log_store(config.store, folder, minari=config.minari)
    env = config.config()
    named = named_policy(config.policy, env)
    if named.env is not None and named.env != env:
        env = named.env
        say(
            clean(
                "The policy acts in the environment it was trained in; options of the environment have no effect."
            )
        )
    meter = Meter()
    read_sentences(env, meter)
    task = make_task(env)
    meta = {
        "env": env.to_dict(),
        "policy": named.name,
        "version": named.version,
        "catalog": task.manager.catalog.digest,
        "seed": config.seed,
    }
    seeds = people_seeds("log", config.seed, config.people)
    found = record(task, named.policy, seeds, meta, meter, f"Logging {named.name}")
    write_log(folder, task, found)
    if config.minari:
        dataset = write_minari(folder, task, found, env, meter)
        say(f"Minari dataset: MINARI_DATASETS_PATH={clean(folder / 'minari')}, {clean(dataset)}")
    say(
        f"{len(found):,} conversations, {len(found.turns['turn']):,} turns, mean return "
        f"{found.returns.mean():.2f}: kept in {clean(folder)}"
    )
    say(
        f"What would another policy have got?  {clean(command_line('chatrec', 'ope', folder, 'greedy:epsilon=0.3'))}"
    )
    return 0


def _log_store(path: Path, folder: Path, *, minari: bool) -> int:
    """Write the sessions of a store; returns the exit code."""
    sources, meter = served_in(path), Meter()
    for source in sources:
        place, task = folder if len(sources) == 1 else folder / source.version[:12], make_task(source.env)
        with meter.work(f"Reading {len(source.sessions):,} sessions of {source.about['name']}"):
            found = source.log((lambda seen, _: {"observation": seen.observation}) if minari else None)
        write_log(place, task, found)
        if minari:
            write_minari(place, task, found, source.env, meter)
        say(f"{len(found):,} sessions, {len(found.turns['turn']):,} decisions: kept in {clean(place)}")
    return 0


def served_in(path: Path) -> list[Served]:
    """What was served in a store; see ``served.served``.

    Raises:
        MissingExtraError: What the service needs is not installed.
    """
    try:
        from experiments.offline.served import served
    except ModuleNotFoundError as error:
        raise MissingExtraError("sqlalchemy", "serve", "Reading what a service kept") from error
    return served(path)

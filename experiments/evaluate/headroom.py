"""``chatrec headroom``: what there is to win in each scenario, from random to a planner that knows the person."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import OptionalPath
from experiments.cli.progress import Meter
from experiments.evaluate.headroom_table import MEANS, POLICIES, make_table, to_markdown, to_rich
from experiments.evaluate.rollout import Episodes, join, people_seeds, run
from experiments.report.documents import FORMAT, jsonable, write_document
from experiments.report.runlog import Run, new_folder
from simulators.scenarios.scenario import SCENARIOS

if TYPE_CHECKING:
    from agents.planner import PlannerConfig

BLOCK = 50
"""People a worker plans for before it reports."""

Job = tuple[Callable[..., dict[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadroomConfig:
    """Print what there is to win in each scenario: random, greedy, the best heuristic, and two that know the person.

    The best heuristic is tuned on its grid on people of its own, as in `chatrec reproduce`. *oracle* knows each
    person's utilities and recommends the best candidate; *planner* tries every action in imagined futures as well, and
    so looks ahead. Neither can be attained by an agent; an agent that gains on greedy where the planner does not has
    found a leak. All meet the same people. Means and differences have t intervals, gains (as a share of greedy's
    return) bootstrap intervals over people, all of 95%.

    Attributes:
        scenarios: Scenarios to measure.
        people: How many people each policy meets.
        seed: Which people.
        catalog: Name of a built-in catalogue, or a path.
        encoder: Sentence encoder; no policy here looks at what it says.
        draws: The planner's futures: fresh (it knows the person), or own (it knows the very draws of the conversation
            too: a clairvoyant bound, which dodges bad luck and gains in null as well).
        futures: Futures in which the planner decides; more are steadier, and slower.
        tune_people: People the heuristic is tuned on in the last of four rounds, each a third of the next.
        workers: Processes side by side; each computes with one thread.
        out: Run folder; default: runs/headroom.
        json: Print the tables as JSON.
    """

    scenarios: tuple[str, ...] = tuple(SCENARIOS)
    people: int = 400
    seed: int = 0
    catalog: str = "movies"
    encoder: str = "hash"
    draws: str = "fresh"
    futures: int = 10
    tune_people: int = 2160
    workers: int = 2
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        for name, least in (("people", 2), ("futures", 2), ("tune_people", 4), ("workers", 1), ("seed", 0)):
            value = getattr(self, name)
            if value < least:
                raise ConfigError(f"--{name.replace('_', '-')} must be at least {least}, got {value}.")


def check_names(config: HeadroomConfig) -> None:
    """Refuse unknown names before anything is run.

    Raises:
        ConfigError: If a scenario is unknown or named twice, or ``draws`` is unknown.
    """
    from agents.planner import FUTURES

    for name in config.scenarios:
        if name not in SCENARIOS:
            raise UnknownNameError("scenario", name, SCENARIOS)
    if not config.scenarios or len(set(config.scenarios)) < len(config.scenarios):
        raise ConfigError(f"--scenarios must name each scenario once, got {list(config.scenarios)}.")
    if config.draws not in FUTURES:
        raise UnknownNameError("draws of a planner", config.draws, FUTURES)


def env_of(config: HeadroomConfig, scenario: str) -> EnvConfig:
    """Where everybody acts; what only learners look at is left out."""
    return EnvConfig(catalog=config.catalog, encoder=config.encoder, scenario=scenario, observation="tabular")


def planner_config(config: HeadroomConfig) -> PlannerConfig:
    """How hard the planner thinks."""
    from agents.planner import PlannerConfig

    return PlannerConfig(draws=config.draws, futures=config.futures, seed=config.seed)


def tune_rounds(people: int) -> tuple[int, ...]:
    """People met after each round of the tuning: the last as many as given, each of the others a third of the next."""
    return tuple(sorted({max(1, people // 27), max(1, people // 9), max(1, people // 3), people}))


def heuristics_job(config: HeadroomConfig, scenario: str) -> dict[str, Any]:
    """Tune the heuristic; let it, random, greedy and the oracle meet the people."""
    from agents.baselines import make_baseline
    from agents.planner import Privileged
    from chatrec_env.envs.task import make_task
    from experiments.train.tune import tune

    env = env_of(config, scenario)
    task, seeds = make_task(env), people_seeds("eval", config.seed, config.people)
    tuned = tune(env, seed=config.seed, rounds=tune_rounds(config.tune_people))
    met = {
        "random": run(task, make_baseline("random", env), seeds),
        "greedy": run(task, make_baseline("greedy", env), seeds),
        "best heuristic": run(task, tuned.policy, seeds),
        "oracle": run(task, Privileged(task), seeds),
    }
    return {"scenario": scenario, "params": tuned.params, "met": met}


def planner_job(config: HeadroomConfig, scenario: str, start: int, stop: int) -> dict[str, Any]:
    """Let the planner meet some of the people."""
    from agents.planner import Planner
    from chatrec_env.envs.task import make_task

    task, seeds = make_task(env_of(config, scenario)), people_seeds("eval", config.seed, config.people)
    planner = Planner(task, planner_config(config))
    return {"scenario": scenario, "start": start, "met": {"planner": run(task, planner, seeds[start:stop])}}


def jobs_of(config: HeadroomConfig) -> list[Job]:
    """All that has to be done, scenario by scenario."""
    jobs: list[Job] = []
    for scenario in config.scenarios:
        jobs.append((heuristics_job, (config, scenario)))
        for start in range(0, config.people, BLOCK):
            stop = min(start + BLOCK, config.people)
            jobs.append((planner_job, (config, scenario, start, stop)))
    return jobs


def done(config: HeadroomConfig, jobs: list[Job]) -> Iterator[dict[str, Any]]:
    """What the jobs find, as they finish; in worker processes if there are several."""
    if config.workers == 1:
        for job, arguments in jobs:
            yield job(*arguments)
        return
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(config.workers, mp_context=context) as pool:
        futures = [pool.submit(job, *arguments) for job, arguments in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def summary(episodes: Episodes) -> dict[str, Any]:
    """What a table needs of some conversations: every return, means of the rest."""
    values = (episodes.clicks, episodes.stars, episodes.questions, episodes.turns)
    means = {
        name: float(np.nanmean(v)) if not np.isnan(v).all() else float("nan")
        for name, v in zip(MEANS, values, strict=True)
    }
    return {"return": episodes.ret, **means}


def measure(config: HeadroomConfig, meter: Meter) -> list[dict[str, Any]]:
    """The table of each scenario; see ``headroom_table.make_table``."""
    found: dict[str, dict[str, Any]] = {name: {} for name in config.scenarios}
    planned: dict[str, dict[int, Episodes]] = {name: {} for name in config.scenarios}
    total = len(config.scenarios) * config.people * len(POLICIES)
    with meter.work("Measuring headroom", total, "conversations") as work:
        for part in done(config, jobs_of(config)):
            scenario = part["scenario"]
            for name, episodes in part["met"].items():
                work.add(len(episodes.seeds), f"{scenario}, {name}: {episodes.ret.mean():.2f}")
                if name == "planner":
                    planned[scenario][part["start"]] = episodes
                    continue
                found[scenario][name] = summary(episodes)
                if name == "best heuristic":
                    found[scenario][name]["params"] = part["params"]
    tables = []
    for scenario in config.scenarios:
        blocks = [episodes for _, episodes in sorted(planned[scenario].items())]
        found[scenario]["planner"] = summary(join(blocks))
        tables.append(make_table(scenario, found[scenario]))
    return tables


def headroom(config: HeadroomConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.cli.terminal import clean, output, print_json, say
    from experiments.report.plots import headroom_chart

    options = jsonable({**asdict(config), "planner": asdict(planner_config(config))})
    check_names(config)
    folder = config.out or new_folder(Path("runs"), "headroom")
    record = Run.create(folder, kind="headroom", config=options, seeds={"eval": config.seed})
    try:
        tables = measure(config, Meter())
    except KeyboardInterrupt:
        record.mark("interrupted")
        raise
    document = {"format": FORMAT, "config": options, "tables": tables}
    write_document(record.folder / "table.json", document)
    record.write("table.md", to_markdown(tables))
    record.write("headroom.png", headroom_chart(tables))
    record.done("headroom")
    record.mark("finished")
    if config.json:
        print_json(document)
    else:
        for table in tables:
            output().print(to_rich(table))
    say(f"Kept in {clean(folder)}")
    return 0

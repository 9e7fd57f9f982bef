"""``chatrec headroom``: what there is to win in each scenario, from random to a planner that knows the person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import column_mean, people_seeds
from experiments.evaluate.stats import mean_interval, paired_interval, ratio_interval
from experiments.evaluate.trained import TUNED, heuristic, met, tune_rounds
from experiments.report.documents import FORMAT, jsonable
from experiments.report.grid import Grid, from_to, number, plus_minus
from experiments.report.plots import headroom_chart
from experiments.report.publish import Section, Sheet
from experiments.report.study import Part, StudyOptions, chosen, compute_groups, contents, finish, folder_of
from simulators.scenarios.scenario import SCENARIOS

if TYPE_CHECKING:
    from agents.planner import PlannerConfig

BLOCK = 50
"""People a worker plans for before it reports."""

PLANNED = tuple(name for name, scenario in SCENARIOS.items() if scenario.notion_share == 0)
"""Scenarios that every planner can plan in."""

POLICIES = ("random", "greedy", "best heuristic", "Bayes planner", "oracle", "planner")
"""Rows of a table, in order."""

MEANS = ("clicks", "rating", "questions", "turns")
"""Columns without an interval."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadroomConfig(StudyOptions):
    """Print what there is to win in each scenario: heuristics, who knows the population, and two that know the person.

    The best heuristic is tuned on its grid on people of its own, as in `chatrec reproduce`. *Bayes planner* knows the
    population and of the person only what it sees, as an agent does: what it gains on the best heuristic can be
    reached (attainable headroom). *oracle* knows each
    person's utilities and recommends the best candidate; *planner* tries every action in imagined futures as well, and
    so looks ahead. Neither can be attained by an agent; an agent that gains on greedy where the planner does not has
    found a leak. All meet the same people. Means and differences have t intervals, gains (as a share of greedy's
    return) bootstrap intervals over people, all of 95%. Finished parts are kept in the run folder.

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
    """

    scenarios: tuple[str, ...] = PLANNED
    people: int = 400
    seed: int = 0
    catalog: str = "movies"
    encoder: str = "hash"
    draws: str = "fresh"
    futures: int = 10
    tune_people: int = 2160

    def __post_init__(self) -> None:
        check_least(self, people=2, futures=2, tune_people=4, workers=1, seed=0)

    def check_names(self) -> None:
        """Refuse unknown names before anything is run.

        Raises:
            ConfigError: If a scenario is unknown or named twice, or ``draws`` is unknown.
        """
        from agents.planner import FUTURES

        for name in self.scenarios:
            if name not in SCENARIOS:
                raise UnknownNameError("scenario", name, SCENARIOS)
            if name not in PLANNED:
                raise ConfigError(
                    f"The Bayes planner knows wishes that facets hold, and people of {name!r} have others. "
                    f"Use --scenarios {' '.join(PLANNED)}, or some of them."
                )
        if not self.scenarios or len(set(self.scenarios)) < len(self.scenarios):
            raise ConfigError(f"--scenarios must name each scenario once, got {list(self.scenarios)}.")
        if self.draws not in FUTURES:
            raise UnknownNameError("draws of a planner", self.draws, FUTURES)

    def env(self, scenario: str) -> EnvConfig:
        """Where everybody acts; what only learners look at is left out."""
        return EnvConfig(catalog=self.catalog, encoder=self.encoder, scenario=scenario, observation="tabular")

    def seeds(self) -> list[int]:
        """The people that everybody meets."""
        return people_seeds("eval", self.seed, self.people)

    def planner(self) -> PlannerConfig:
        """How hard the planner thinks."""
        from agents.planner import PlannerConfig

        return PlannerConfig(draws=self.draws, futures=self.futures, seed=self.seed)


def policies_job(config: HeadroomConfig, scenario: str, folder: str, meter: Meter) -> dict[str, Any]:
    """Tune the heuristic; let it, random, greedy and the oracle meet the people."""
    from agents.baselines import make_baseline
    from agents.planner import Oracle

    env, label = config.env(scenario), f"{scenario}: "
    rounds = tune_rounds(config.tune_people)
    tuned, told = heuristic(TUNED, env, meter, Path(folder), scenario, seed=config.seed, rounds=rounds)
    policies: dict[str, Any] = {name: make_baseline(name, env) for name in ("random", "greedy")}
    policies |= {"best heuristic": tuned, "oracle": Oracle(make_task(env))}
    found = {name: met(env, one, config.seeds(), meter, label + name) for name, one in policies.items()}
    found["best heuristic"] |= told
    return found


def planner_job(config: HeadroomConfig, scenario: str, start: int, stop: int, meter: Meter) -> dict[str, Any]:
    """Let the planner meet some of the people."""
    from agents.planner import Planner

    env = config.env(scenario)
    planner = Planner(make_task(env), config.planner())
    return met(env, planner, config.seeds()[start:stop], meter, f"{scenario}: planner")


def bayes_job(config: HeadroomConfig, scenario: str, start: int, stop: int, meter: Meter) -> dict[str, Any]:
    """Let the Bayes planner meet some of the people; with its effective sample sizes, a mean for each person."""
    from agents.bayes_planner.agent import BayesPlanner

    env, seeds = config.env(scenario), config.seeds()[start:stop]
    planner = BayesPlanner(make_task(env))
    found = met(env, planner, seeds, meter, f"{scenario}: Bayes planner")
    size = float(np.mean(planner.effective)) if planner.effective else None
    return {**found, "effective": [size] * len(seeds)}


def parts_of(config: HeadroomConfig, scenario: str, folder: Path) -> list[Part]:
    """A scenario's parts: the policies that are quick, then each planner with ``BLOCK`` people at a time."""
    from agents.bayes_planner.agent import BayesPlannerConfig

    told = {**chosen(config, ("people", "seed", "catalog", "encoder")), **contents(config.catalog)}
    own = {**told, "tune_people": config.tune_people}
    out = [Part(f"{scenario}-policies", policies_job, (config, scenario, str(folder)), own)]
    for start in range(0, config.people, BLOCK):
        stop = min(start + BLOCK, config.people)
        where = (config, scenario, start, stop)
        own = {**told, "planner": asdict(BayesPlannerConfig()), "stop": stop}
        out.append(Part(f"{scenario}-bayes-{start}", bayes_job, where, own))
        own = {**told, "planner": asdict(config.planner()), "stop": stop}
        out.append(Part(f"{scenario}-planner-{start}", planner_job, where, own))
    return out


def make_table(scenario: str, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One scenario as plain JSON data.

    Returns:
        ``attainable``: what the Bayes planner gains on the best heuristic, also as a ``share`` of its return; ``rows``
        in the order of ``POLICIES``: mean return, paired difference to greedy and to the best heuristic,
        and the gain on greedy as a share of it; None where a policy would be compared with itself.
    """
    returns = {name: np.asarray(found[name]["return"], np.float64) for name in POLICIES}
    rows = []
    for name in POLICIES:
        row: dict[str, Any] = {"policy": name, "return": mean_interval(returns[name]).to_dict()}
        for key, other in (("to_greedy", "greedy"), ("to_heuristic", "best heuristic")):
            row[key] = None if name == other else paired_interval(returns[name], returns[other]).to_dict()
        row["gain"] = (
            None if name == "greedy" else ratio_interval(returns[name], returns["greedy"], 1.0).to_dict()
        )
        row.update({key: column_mean(found[name][key]) for key in MEANS})
        if "params" in found[name]:
            row["params"] = found[name]["params"]
        if "effective" in found[name]:
            row["effective"] = column_mean(found[name]["effective"])
        rows.append(row)
    bayes, best = returns["Bayes planner"], returns["best heuristic"]
    attainable = {
        **paired_interval(bayes, best).to_dict(),
        "share": ratio_interval(bayes, best, 1.0).to_dict(),
    }
    return {"scenario": scenario, "people": len(best), "attainable": attainable, "rows": rows}


def settings(table: dict[str, Any]) -> str:
    """The settings of the best heuristic, those that are not zero."""
    params = next(row["params"] for row in table["rows"] if row["policy"] == "best heuristic")
    told = ", ".join(f"{name} {value:g}" for name, value in params.items() if value)
    return told or "all settings zero: greedy"


def grid_of(table: dict[str, Any]) -> Grid:
    """One scenario for people."""
    out = Grid(
        ("policy", "return", "to greedy", "gain on greedy", "to best heuristic", *MEANS),
        title=f"{table['scenario']}: the same {table['people']:,} people for every policy",
        caption=f"best heuristic: {settings(table)}; {attainable(table)}",
    )
    for row in table["rows"]:
        out.add(
            row["policy"],
            plus_minus(row["return"]),
            plus_minus(row["to_greedy"], sign=True),
            from_to(row["gain"], 0, sign=True, percent=True),
            plus_minus(row["to_heuristic"], sign=True),
            *(number(row[key], 1 if key == "turns" else 2) for key in MEANS),
            bold=row["policy"] == "Bayes planner",
        )
    return out


def attainable(table: dict[str, Any]) -> str:
    """The attainable headroom in words."""
    found = table["attainable"]
    share = from_to(found["share"], 0, sign=True, percent=True)
    return f"attainable, from best heuristic to Bayes planner: {plus_minus(found, sign=True)}, {share}"


def sheet_of(tables: list[dict[str, Any]]) -> Sheet:
    """The page."""
    most = max(tables, key=lambda table: table["attainable"]["mean"])
    return Sheet(
        kicker="headroom",
        headline=f"Most is to be won in {most['scenario']}: {plus_minus(most['attainable'], sign=True)} a conversation",
        lead=f"From the best heuristic to the Bayes planner, which knows the population and not the person; the same "
        f"{most['people']:,} people for every policy.",
        sections=[
            Section(title="What there is to win", pictures={"headroom": headroom_chart(tables)}),
            *(
                Section(title=f"Scenario {table['scenario']}", grids={table["scenario"]: grid_of(table)})
                for table in tables
            ),
        ],
    )


def headroom(config: HeadroomConfig) -> int:
    """Run the command; returns its exit code."""
    config.check_names()
    folder, tables = folder_of(config, "headroom"), []
    parts = {scenario: parts_of(config, scenario, folder) for scenario in config.scenarios}
    for scenario, (policies, *planned) in compute_groups(parts, folder, config.where, Meter()).items():
        bayes, planner = (
            {key: [value for part in own for value in part[key]] for key in own[0]}
            for own in (planned[::2], planned[1::2])
        )
        tables.append(make_table(scenario, {**policies, "Bayes planner": bayes, "planner": planner}))
    options = jsonable({**asdict(config), "planner": asdict(config.planner())})
    document = {"format": FORMAT, "config": options, "tables": tables}
    return finish(config, folder, document, sheet_of(tables))

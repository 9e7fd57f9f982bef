"""``chatrec learners``: every learner beside the best heuristic, at a small budget, scenario by scenario."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents import registry
from agents.baselines import make_baseline
from chatrec_env.envs import IDS
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import column_mean, final_people, read_sentences
from experiments.evaluate.stats import trained_difference, trained_interval
from experiments.evaluate.trained import TUNED, label_of, learner, met
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, count, number, plus_minus
from experiments.report.plots import comparison
from experiments.report.publish import Section, Sheet
from experiments.report.study import Part, StudyOptions, chosen, compute_groups, finish, folder_of
from experiments.train.tune import tune

SLATE = "slate"
HEURISTICS = {"items": ("random", "greedy", TUNED), SLATE: ("random", "greedy", "mmr", TUNED)}
"""Who is compared with: on items also those that learn on strategies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnersConfig(StudyOptions):
    """Train every learner for a share of its usual turns, and compare it with the best heuristic, person by person.

    A learner is trained once per seed in the environment it acts in unless told otherwise, and each of these policies
    meets people of its own. Heuristics meet all of them; the strongest is tuned on other people first. The difference
    to the best of them is taken with the same person; its interval is over training seeds (t, few degrees of freedom),
    or over people where there is one seed. Those that recommend slates are compared with heuristics on slates.

    At so small a budget this is a comparison of how soon learners are good, not of how good they get (`chatrec
    reproduce` is that). Finished parts are kept in the run folder, so a stopped run goes on where it was.

    Attributes:
        learners: Who learns; default: all.
        scenarios: Scenarios.
        share: Share of a learner's usual turns that it is trained for.
        seeds: Training seeds.
        first_seed: The first of them.
        people: Unseen people per training seed.
        tune_people: People that the best settings of the tuned heuristic have met.
        encoder: Sentence encoder.
    """

    learners: tuple[str, ...] = tuple(registry.names(registry.LEARNER))
    scenarios: tuple[str, ...] = ("full", "satiation", "null")
    share: float = 0.1
    seeds: int = 3
    first_seed: int = 30
    people: int = 500
    tune_people: int = 360
    encoder: str = "hash"

    def __post_init__(self) -> None:
        check_least(self, seeds=1, first_seed=0, people=2, tune_people=4, workers=1)
        for name in self.learners:
            registry.find(name, registry.LEARNER)
        if not 0 < self.share <= 1:
            raise ConfigError(f"--share must be a number in (0, 1], got {self.share}.")

    @property
    def training_seeds(self) -> range:
        """The seeds learners are trained with."""
        return range(self.first_seed, self.first_seed + self.seeds)

    def turns(self, agent: str) -> int:
        """Turns a learner is trained for."""
        return max(1, round(self.share * registry.AGENTS[agent].turns))

    def env(self, scenario: str, actions: str, observation: str) -> EnvConfig:
        """Where a policy acts."""
        return EnvConfig(actions=actions, scenario=scenario, encoder=self.encoder, observation=observation)


def rivals_of(agent: str) -> str:
    """The action set of the heuristics a learner is compared with."""
    return SLATE if registry.AGENTS[agent].actions[0] == SLATE else "items"


def parts_of(config: LearnersConfig, scenario: str, folder: Path) -> list[Part]:
    """A scenario's parts: heuristics on every action set that is needed, then the learners, seed by seed."""
    told = chosen(config, ("seeds", "first_seed", "people", "encoder"))
    sets = [kind for kind in HEURISTICS if any(rivals_of(name) == kind for name in config.learners)]
    parts = [
        Part(
            f"{scenario}-{kind}-{name}",
            heuristic_job,
            (config, scenario, kind, name),
            {**told, "tune_people": config.tune_people},
        )
        for kind in sets
        for name in HEURISTICS[kind]
    ]
    for name in config.learners:
        for seed in config.training_seeds:
            about = {**chosen(config, ("people", "encoder")), "turns": config.turns(name)}
            part = f"{scenario}-{name}-{seed}"
            arguments = (config, scenario, name, seed, str(folder / "policies" / part))
            parts.append(Part(part, learner_job, arguments, about))
    return parts


def heuristic_job(
    config: LearnersConfig, scenario: str, kind: str, name: str, meter: Meter
) -> dict[str, Any]:
    """Let one heuristic meet everybody; the strongest is tuned first (on slates as it is on items)."""
    env, policy = config.env(scenario, kind, "tabular"), make_baseline(name)
    told: dict[str, Any] = {}
    if name == TUNED:
        rounds = [
            max(1, config.tune_people // 9),
            max(2, config.tune_people // 3),
            max(3, config.tune_people),
        ]
        found = tune(config.env(scenario, "items", "tabular"), rounds=rounds)
        policy, told = found.policy, {"params": found.params}
    people = final_people(config.training_seeds, config.people)
    return {"name": name, "rivals": kind, **met(env, policy, people, meter, f"{scenario}: {name}"), **told}


def learner_job(
    config: LearnersConfig, scenario: str, agent: str, seed: int, place: str, meter: Meter
) -> dict[str, Any]:
    """Train one learner with one seed and let it meet its people."""
    known = registry.AGENTS[agent]
    env = config.env(scenario, known.actions[0], known.observation)
    policy = learner(agent, config.turns(agent), seed, env, Path(place), meter, f"{scenario}: ")
    found = met(env, policy, final_people([seed], config.people), meter, f"{scenario}: {known.label}")
    return {"name": agent, "rivals": rivals_of(agent), **found}


def make_rows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one scenario, learners by falling difference to the best heuristic; plain JSON data."""
    rows: list[dict[str, Any]] = []
    for kind in HEURISTICS:
        own = [one for one in found if one["rivals"] == kind]
        plain = {one["name"]: np.array(one["return"]) for one in own if one["name"] in HEURISTICS[kind]}
        if not plain:
            continue
        best = max(plain, key=lambda name: float(plain[name].mean()))
        ease = np.mean(list(plain.values()), axis=0)
        runs: dict[str, list[dict[str, Any]]] = {}
        for one in own:
            runs.setdefault(one["name"], []).append(one)
        for name, theirs in runs.items():
            returns = [np.array(one["return"]) for one in theirs]
            ahead = None if name == best else trained_difference(returns, plain[best])
            rows.append(
                {
                    "policy": name,
                    "learns": name not in plain,
                    "rivals": kind,
                    "best": best,
                    "return": trained_interval(returns, ease).to_dict(),
                    "difference": None if ahead is None else ahead.to_dict(),
                    "questions": column_mean([column_mean(one["questions"]) for one in theirs]),
                }
            )
    return sorted(rows, key=lambda row: (row["rivals"], -row["return"]["mean"]))


def grid_of(scenario: str, rows: list[dict[str, Any]], config: LearnersConfig) -> Grid:
    """The table of one scenario for people."""
    out = Grid(
        ("policy", "acts on", "turns", "return", "− best heuristic", "questions"),
        title=f"Scenario {scenario}: {config.people:,} unseen people per training seed ({config.seeds})",
        caption="95% intervals; differences person by person",
        text=(1,),
    )
    for row in rows:
        name = row["policy"]
        where = registry.AGENTS[name].actions[0] if row["learns"] else row["rivals"]
        out.add(
            registry.label(name) if row["learns"] else label_of(name),
            next(known for known, actions in IDS.items() if actions == where).rpartition("/")[2],
            count(config.turns(name) if row["learns"] else None),
            plus_minus(row["return"]),
            plus_minus(row["difference"], sign=True),
            number(row["questions"]),
            bold=row["learns"],
        )
    return out


def sheet_of(tables: dict[str, list[dict[str, Any]]], config: LearnersConfig) -> Sheet:
    """The page."""
    ahead = {
        name: [
            row for row in rows if row["learns"] and row["difference"] and (row["difference"]["low"] or 0) > 0
        ]
        for name, rows in tables.items()
    }
    told = "; ".join(f"{len(rows)} in {name}" for name, rows in ahead.items())
    mean = f"{config.people:,} unseen people per training seed"
    return Sheet(
        kicker=f"learners at {config.share:.0%} of their turns",
        headline=f"Learners ahead of the best heuristic: {told}",
        lead=f"{len(config.learners)} learners, {config.seeds} training seeds, encoder {config.encoder}. How soon they "
        "are good, not how good they get.",
        sections=[
            Section(
                title=f"Scenario {name}",
                pictures={
                    f"returns-{name}": comparison([{**row, "learned": row["learns"]} for row in rows], mean)
                },
                grids={name: grid_of(name, rows, config)},
            )
            for name, rows in tables.items()
        ],
    )


def learners(config: LearnersConfig) -> int:
    """Run the command; returns its exit code."""
    folder, meter = folder_of(config, "learners"), Meter()
    parts = {scenario: parts_of(config, scenario, folder) for scenario in config.scenarios}
    if config.encoder.startswith("minilm"):
        read_sentences(config.env(config.scenarios[0], "items", "flat"), meter)
    found = compute_groups(parts, folder, config.where, meter)
    tables = {scenario: make_rows(own) for scenario, own in found.items()}
    about = chosen(config, ("share", "seeds", "first_seed", "people", "encoder"))
    turns = {name: config.turns(name) for name in config.learners}
    document = {"format": FORMAT, **about, "turns": turns, "tables": tables}
    return finish(config, folder, document, sheet_of(tables, config))

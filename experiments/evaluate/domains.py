"""``chatrec domains``: PPO against the best heuristic in every domain, on the same unseen people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.catalog import BUILT_IN, Catalog, load_catalog
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import column_mean, final_people, read_sentences
from experiments.evaluate.stats import mean_interval, trained_difference, trained_interval
from experiments.evaluate.trained import TUNED, heuristic, heuristics, label_of, learner, met
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, count, number, plus_minus
from experiments.report.publish import Section, Sheet
from experiments.report.study import Part, StudyOptions, chosen, compute_groups, finish, folder_of
from experiments.train.tune import ROUNDS

LEARNER = "ppo"


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainsConfig(StudyOptions):
    """Train PPO in every domain and compare it with the best heuristic there, person by person.

    In each domain the heuristics meet unseen people, the strongest of them after being tuned on other people of
    that domain; PPO is trained with the same settings everywhere and meets the same people. The
    difference is paired: return of PPO less return of the best heuristic with the same person. With one training
    seed its interval is over people; with several, over seeds (see ``stats.trained_difference``).

    Finished parts are kept in the run folder, and PPO's training goes on from its last checkpoint: a stopped run
    takes up where it was.

    Attributes:
        catalogs: Names of built-in catalogues, or paths; default: all that are built in.
        scenario: Scenario the conversations are held in.
        turns: Turns PPO trains on in each domain, per seed.
        seeds: Training seeds.
        people: Unseen people per training seed.
        tune_people: People the best settings of the tuned heuristic have met (at most; see experiments/train/tune.py).
        encoder: Sentence encoder.
        workers: Processes side by side; each computes with one thread. With one, every training shows its progress.
    """

    catalogs: tuple[str, ...] = tuple(BUILT_IN)
    scenario: str = "full"
    turns: int = 100_000
    seeds: int = 3
    people: int = 2000
    tune_people: int = 720
    encoder: str = "hash"
    workers: int = 1

    def __post_init__(self) -> None:
        check_least(self, turns=1, seeds=1, tune_people=1, people=2, workers=1)
        if not self.catalogs or len(set(self.catalogs)) < len(self.catalogs):
            raise ConfigError(f"--catalogs must name each domain once, got {list(self.catalogs)}.")

    def env(self, catalog: str, observation: str = "flat") -> EnvConfig:
        """The environment of a domain."""
        return EnvConfig(
            catalog=catalog, scenario=self.scenario, encoder=self.encoder, observation=observation
        )


def parts_of(config: DomainsConfig, catalog: str, folder: Path) -> list[Part]:
    """The parts of one domain, heuristics first; PPO once per seed."""
    about = {"catalog": catalog, "digest": load_catalog(catalog).digest}
    shared = ("scenario", "people", "encoder")
    out = []
    for name in heuristics():
        own = (*shared, "seeds", "tune_people") if name == TUNED else (*shared, "seeds")
        told = {**chosen(config, own), **about, "policy": name}
        out.append(
            Part(f"{Path(catalog).stem}-{name}", heuristic_job, (config, catalog, name, str(folder)), told)
        )
    for seed in range(config.seeds):
        told = {**chosen(config, (*shared, "turns")), **about, "policy": LEARNER, "seed": seed}
        name = f"{Path(catalog).stem}-{LEARNER}-{seed}"
        place = folder / "policies" / name
        out.append(Part(name, learner_job, (config, catalog, seed, str(place)), told))
    return out


def heuristic_job(
    config: DomainsConfig, catalog: str, name: str, folder: str, meter: Meter
) -> dict[str, Any]:
    """Let one heuristic meet the people; the strongest is tuned first."""
    env, domain = config.env(catalog, "tabular"), Path(catalog).stem
    rounds = (*(r for r in ROUNDS if r < config.tune_people), config.tune_people)
    policy, told = heuristic(name, env, meter, Path(folder), domain, rounds=rounds)
    people = final_people(range(config.seeds), config.people)
    return {**met(env, policy, people, meter, f"{domain}: {label_of(name)}"), **told}


def learner_job(config: DomainsConfig, catalog: str, seed: int, place: str, meter: Meter) -> dict[str, Any]:
    """Train PPO with one seed and let it meet its people."""
    env, domain = config.env(catalog), Path(catalog).stem
    policy = learner(LEARNER, config.turns, seed, env, Path(place), meter, f"{domain}: ")
    return met(env, policy, final_people([seed], config.people), meter, f"{domain}: PPO")


def make_row(
    items: Catalog, heuristics: dict[str, dict[str, Any]], learned: list[dict[str, Any]]
) -> dict[str, Any]:
    """One domain: PPO, the best heuristic, their difference, and what the others reach; plain JSON data.

    Args:
        items: The catalogue.
        heuristics: Name -> what met everybody; ``return`` lists the people of all training seeds, seed by seed.
        learned: PPO with each training seed and the people of that seed.
    """
    plain = {name: np.array(met["return"]) for name, met in heuristics.items()}
    best = max(plain, key=lambda name: float(plain[name].mean()))
    returns = [np.array(one["return"]) for one in learned]  # (people,) per seed
    ahead = np.concatenate(returns) - plain[best]
    ease = np.mean(list(plain.values()), axis=0)
    return {
        "domain": items.name,
        "items": items.n_items,
        "facets": items.n_facets,
        "values": items.n_values,
        "ppo": trained_interval(returns, ease).to_dict(),
        "best": best,
        "best_return": mean_interval(plain[best]).to_dict(),
        "difference": trained_difference(returns, plain[best]).to_dict(),
        "per_seed": [float(one.mean()) for one in np.split(ahead, len(learned))],
        "questions": column_mean([column_mean(one["questions"]) for one in learned]),
        "heuristics": {name: float(values.mean()) for name, values in plain.items()},
    }


def grid_of(table: dict[str, Any]) -> Grid:
    """The table of all domains for people."""
    people = f"{table['people']:,} unseen people per training seed ({table['seeds']}); 95% intervals"
    out = Grid(
        ("domain", "items", "PPO", "best heuristic", "which", "PPO − best", "greedy", "random"),
        title=f"Scenario {table['scenario']}, {table['turns']:,} turns of PPO a domain; {people}",
        caption="PPO − best: person by person",
        text=(4,),
    )
    for row in table["rows"]:
        out.add(
            row["domain"],
            count(row["items"]),
            plus_minus(row["ppo"]),
            plus_minus(row["best_return"]),
            label_of(row["best"]),
            plus_minus(row["difference"], sign=True),
            *(number(row["heuristics"][name]) for name in ("greedy", "random")),
        )
    return out


def sheet_of(table: dict[str, Any]) -> Sheet:
    """The page."""
    ahead = [row["domain"] for row in table["rows"] if (row["difference"]["low"] or 0) > 0]
    return Sheet(
        kicker="domains",
        headline=f"PPO leads the best heuristic in {len(ahead)} of {len(table['rows'])} domains",
        lead=f"With certainty in {', '.join(ahead) or 'none'}: {table['seeds']} training seeds of {table['turns']:,} "
        f"turns, scenario {table['scenario']}.",
        sections=[Section(title="Every domain", grids={"table": grid_of(table)})],
    )


def domains(config: DomainsConfig) -> int:
    """Run the command; returns its exit code."""
    for catalog in config.catalogs:
        load_catalog(catalog)  # before a folder is made for what cannot be
    folder, meter = folder_of(config, "domains"), Meter()
    parts = {catalog: parts_of(config, catalog, folder) for catalog in config.catalogs}
    if config.encoder.startswith("minilm"):
        for catalog in config.catalogs:
            read_sentences(config.env(catalog), meter)
    rows, names = [], heuristics()
    for catalog, found in compute_groups(parts, folder, config.where, meter).items():
        plain = dict(zip(names, found, strict=False))
        rows.append(make_row(load_catalog(catalog), plain, found[len(names) :]))
    about = chosen(config, ("scenario", "turns", "seeds", "people", "tune_people", "encoder"))
    table = {"format": FORMAT, **about, "rows": rows}
    return finish(config, folder, table, sheet_of(table))

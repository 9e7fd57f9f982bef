"""``chatrec reproduce``: the published comparison, over scenarios, training seeds and unseen people."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.planner import Oracle
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.evaluate.attainable import PLANNER, attainable, planner_job
from experiments.evaluate.attainable import grid_of as attainable_grid
from experiments.evaluate.headroom import PLANNED
from experiments.evaluate.rollout import COLUMNS, column_mean, final_people, read_sentences
from experiments.evaluate.stats import trained_difference, trained_interval
from experiments.evaluate.trained import TUNED, heuristic, heuristics, learner, met, tune_rounds
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, count, number, percent, plus_minus
from experiments.report.plots import comparison
from experiments.report.publish import Section, Sheet
from experiments.report.study import Part, StudyOptions, chosen, compute_groups, finish, folder_of
from experiments.train.learning import FEW


@dataclass(frozen=True, kw_only=True, slots=True)
class ReproduceConfig(StudyOptions):
    """Compare every policy on every scenario, over several training seeds and many unseen people.

    Learners are trained once per seed, and each of these policies meets people of its own; heuristics, which
    have nothing to train, meet all of them. The strongest heuristic is tuned on yet other people. Intervals
    of learners are over training seeds and people (``stats.seeds_interval``), those of their differences t intervals
    over seeds; the others' are over people. Two more rows: PPO with the conversation block of its state set to
    zero, and an oracle that knows each person's utilities and recommends the best candidate (not attainable; what
    myopic perfection would give). A second table says what can be attained: a planner that knows the population, and
    of the person what an agent sees, meets some of the people of each seed.

    Finished parts are kept in the run folder, so a stopped run goes on where it was.

    Attributes:
        scenarios: Scenarios to compare on.
        seeds: Training seeds.
        first_seed: The first of them; earlier versions have met the people of seeds 0 to 19, and one those of 20 to 24.
        people: Unseen people per training seed.
        planned: How many of these the Bayes planner meets; 0 for no such table. A conversation takes it half a second.
            It knows people who talk plainly.
        ppo_turns: Turns PPO, and any other learner that reads flat observations, trains on.
        ppo_people: People of each lesson of PPO's warm start; in scenario null, and where turns are so few that it is a
            trial, as many as usual.
        ppo_rounds: Lessons in which it acts itself, likewise.
        null_turns: The same in scenario null, where the best policy is found early.
        tabular_turns: Turns the tabular learners train on.
        tune_people: People the heuristic is tuned on in the last of four rounds, each a third of the next.
        encoder: Sentence encoder.
        talk: How people talk: plain, crs (as people talk to machines) or chat (as they talk to people).
    """

    scenarios: tuple[str, ...] = ("full", "null")
    seeds: int = 5
    first_seed: int = 20
    people: int = 2000
    planned: int = 200
    ppo_turns: int = 100_000
    ppo_people: int = 15_000
    ppo_rounds: int = 1
    null_turns: int = 100_000
    tabular_turns: int = 1_600_000
    tune_people: int = 2160
    encoder: str = "minilm"
    talk: str = "plain"

    def __post_init__(self) -> None:
        check_least(
            self, first_seed=0, seeds=1, people=1, ppo_turns=1, null_turns=1, tabular_turns=1, workers=1
        )
        check_least(self, planned=0, tune_people=4, ppo_people=0, ppo_rounds=0)
        if self.planned > self.people:
            raise ConfigError(f"--planned is at most --people, {self.people}, got {self.planned}.")
        if self.planned and self.talk != "plain":
            raise ConfigError(
                f"The Bayes planner knows people who talk plainly. With --talk {self.talk} use --planned 0."
            )

    @property
    def training_seeds(self) -> range:
        """The seeds learners are trained with."""
        return range(self.first_seed, self.first_seed + self.seeds)

    def env(self, scenario: str, actions: str = "items", observation: str = "flat") -> EnvConfig:
        """Where a policy acts."""
        return EnvConfig(
            actions=actions,
            scenario=scenario,
            encoder=self.encoder,
            talk=self.talk,
            observation=observation,
        )


class Ablated:
    """A policy that reads a zero instead of one block of its observation."""

    def __init__(self, policy: Any, block: str) -> None:
        self.policy, self.block, self.name = policy, block, f"{policy.name} without {block}"

    def act(self, decision: Any, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Act on the observation without the block."""
        observation = decision.observation.copy()
        observation[:, decision.task.layout.slices[self.block]] = 0.0
        actions: npt.NDArray[np.int64] = self.policy.act(replace(decision, observation=observation), uniforms)
        return actions


def learner_job(
    config: ReproduceConfig, scenario: str, agent: str, seed: int, folder: str, meter: Meter
) -> dict[str, Any]:
    """Train one learner with one seed and let it meet its people."""
    known = registry.AGENTS[agent]
    env = config.env(scenario, known.actions[0], known.observation)
    flat = known.observation == "flat"
    turns = config.ppo_turns if flat else config.tabular_turns
    if flat and scenario == "null":
        turns = min(config.null_turns, turns)
    place = Path(folder) / "policies" / scenario / f"{agent}-{seed}"
    lessons = {"warm_start": config.ppo_people, "rounds": config.ppo_rounds}
    taught = lessons if agent == "ppo" and scenario != "null" and turns >= FEW else {}
    policy = learner(agent, turns, seed, env, place, meter, f"{scenario}: ", settings=taught)
    policies = {agent: policy}
    if flat:
        policies[f"{agent} without conversation"] = Ablated(policy, "conversation")
    people = final_people([seed], config.people)
    return {name: met(env, one, people, meter, f"{scenario}: {name}") for name, one in policies.items()}


def heuristic_job(
    config: ReproduceConfig, scenario: str, name: str, folder: str, meter: Meter
) -> dict[str, Any]:
    """Let one heuristic, or the oracle, meet the people; the strongest heuristic is tuned first."""
    from agents.baselines import save_baseline

    env = config.env(scenario, observation="tabular")
    policy: Any
    told: dict[str, Any] = {}
    if name == "oracle":
        policy = Oracle(make_task(env))
    else:
        rounds = tune_rounds(config.tune_people)
        policy, told = heuristic(name, env, meter, Path(folder), scenario, rounds=rounds)
    if name == TUNED:
        save_baseline(Path(folder) / "policies" / scenario / name, policy, env)
    people = final_people(config.training_seeds, config.people)
    return {name: {**met(env, policy, people, meter, f"{scenario}: {name}"), **told}}


def planner_part(config: ReproduceConfig, scenario: str, seed: int, meter: Meter) -> dict[str, Any]:
    """Let the Bayes planner meet some of the people of a training seed."""
    return planner_job(config.env(scenario, observation="tabular"), seed, config.planned, meter)


def parts_of(config: ReproduceConfig, scenario: str, folder: Path) -> list[Part]:
    """A scenario's parts: every learner with every seed, in the order of the seeds, then the policies without."""
    names = (
        "seeds",
        "first_seed",
        "people",
        "ppo_turns",
        "ppo_people",
        "ppo_rounds",
        "tabular_turns",
        "encoder",
        "talk",
    )
    told = chosen(config, (*names, "null_turns") if scenario == "null" else names)
    learners = [
        Part(f"{scenario}-{agent}-{seed}", learner_job, (config, scenario, agent, seed, str(folder)), told)
        for agent in registry.names(registry.LEARNER)
        if registry.AGENTS[agent].published
        for seed in config.training_seeds
    ]
    plain = [
        Part(
            f"{scenario}-{name}",
            heuristic_job,
            (config, scenario, name, str(folder)),
            {**told, **chosen(config, ("tune_people",) if name == TUNED else ())},
        )
        for name in (*heuristics(), "oracle")
    ]
    own = chosen(config, ("first_seed", "planned", "encoder", "talk"))
    planned = [
        Part(f"{scenario}-{PLANNER}-{seed}", planner_part, (config, scenario, seed), own)
        for seed in config.training_seeds
        if config.planned and scenario in PLANNED
    ]
    return learners + plain + planned


def make_table(parts: list[dict[str, Any]], **about: Any) -> dict[str, Any]:
    """The table of one scenario as plain JSON data, rows by falling return.

    Args:
        parts: What each part found, policy by policy; the parts of a learner in the order of its seeds.
        **about: What else to note: scenario, people per seed, encoder, talk.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, numbers in part.items():
            found.setdefault(name, []).append(numbers)
    planned = [np.array(run["return"]) for run in found.pop(PLANNER, [])]
    plain = [n for n in found if n in heuristics()]
    best = max(plain, key=lambda n: float(np.mean(found[n][0]["return"])))
    ease = np.mean([found[n][0]["return"] for n in plain], axis=0)
    reference = np.array(found[best][0]["return"])
    rows: list[dict[str, Any]] = []
    for name, runs in found.items():
        returns = [np.array(r["return"]) for r in runs]  # one array per policy trained
        theirs = np.split(reference, np.cumsum([len(r) for r in returns]))
        means = {key: [column_mean(r[key]) for r in runs] for key in COLUMNS if key != "return"}
        rows.append(
            {
                "policy": name,
                "seeds": len(runs),
                "return": trained_interval(returns, ease).to_dict(),
                "difference": None if name == best else trained_difference(returns, reference).to_dict(),
                "per_seed": [float(r.mean()) for r in returns],
                "per_seed_ahead": [float((r - t).mean()) for r, t in zip(returns, theirs, strict=False)],
                **{key: column_mean([v for v in values if v is not None]) for key, values in means.items()},
            }
        )
    rows.sort(key=lambda r: -r["return"]["mean"])
    learners = {
        name: [np.array(run["return"]) for run in runs]
        for name, runs in found.items()
        if name in registry.names(registry.LEARNER)
    }
    reached = attainable(planned, learners, reference) if planned else None
    return {**about, "reference": best, "rows": rows, "attainable": reached}


def grid_of(table: dict[str, Any]) -> Grid:
    """The table of one scenario for people."""
    out = Grid(
        ("policy", "return", "difference", "seeds", "clicks", "rating", "questions", "turns", "unhappy"),
        title=f"Scenario {table['scenario']}, {table['talk']} talk: {table['people']:,} unseen people a training seed",
        caption=f"95% intervals; difference to {table['reference']}, person by person",
    )
    for row in table["rows"]:
        out.add(
            row["policy"],
            plus_minus(row["return"]),
            plus_minus(row["difference"], sign=True),
            count(row["seeds"]),
            *(number(row[key]) for key in ("clicks", "rating", "questions")),
            number(row["turns"], 1),
            percent(row["left_unhappy"]),
            bold=row["policy"] in registry.names(registry.LEARNER),
        )
    return out


def way(table: dict[str, Any]) -> dict[str, Grid]:
    """What can be attained, by the stem of its files; nothing where no planner was asked."""
    scenario, found = table["scenario"], table["attainable"]
    if found is None:
        return {}
    return {f"{scenario}-attainable": attainable_grid(scenario, found, table["reference"])}


def sheet_of(document: dict[str, Any]) -> Sheet:
    """The page."""
    sections, told = [], []
    for table in document["tables"]:
        rows = [
            {**row, "learned": row["policy"] in registry.names(registry.LEARNER)} for row in table["rows"]
        ]
        top = next(row for row in rows if row["policy"] != "oracle")
        told.append(f"{table['scenario']}: {top['policy']} {plus_minus(top['return'])}.")
        mean = f"{table['people']:,} unseen people per training seed"
        scenario = table["scenario"]
        sections.append(
            Section(
                title=f"Scenario {scenario}",
                pictures={f"returns-{scenario}": comparison(rows, mean)},
                grids={scenario: grid_of(table), **way(table)},
            )
        )
    return Sheet(
        kicker="reproduce",
        headline="Every policy on every scenario",
        lead=f"The best that can be had in each: {' '.join(told)} The oracle knows what no agent can.",
        sections=sections,
    )


def reproduce(config: ReproduceConfig) -> int:
    """Run the command; returns its exit code."""
    folder, meter = folder_of(config, "reproduce"), Meter()
    parts = {scenario: parts_of(config, scenario, folder) for scenario in config.scenarios}
    missing = any(part.kept(folder) is None for own in parts.values() for part in own)
    if config.encoder.startswith("minilm") and missing:
        read_sentences(config.env(config.scenarios[0]), meter)
    about = {"people": config.people, "encoder": config.encoder, "talk": config.talk}
    found = compute_groups(parts, folder, config.where, meter)
    tables = [make_table(own, scenario=scenario, **about) for scenario, own in found.items()]
    document = {"format": FORMAT, "config": {**asdict(config), "out": str(folder)}, "tables": tables}
    return finish(config, folder, document, sheet_of(document))

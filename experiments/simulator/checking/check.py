"""Checks simulators: the same systems meet the people of each, and real dialogues are laid beside theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatrec_env.catalog import load_catalog
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from chatrec_env.language import make_encoder
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, say
from experiments.evaluate.evaluate import Contender, check_same_people, find_policies, make_unlearned, task_of
from experiments.evaluate.rollout import people_seeds, read_sentences
from experiments.report.documents import FORMAT
from experiments.report.publish import PAGE
from experiments.report.runlog import check_free, new_folder
from experiments.report.study import keep_table, show
from experiments.simulator.checking.classifier import Vectors
from experiments.simulator.checking.dialogues import Dialogue, read_real, read_with
from experiments.simulator.checking.held import Held, hold
from experiments.simulator.checking.page import cells, sheet_of
from experiments.simulator.checking.realism import HEADLINE, TOLD, realism
from experiments.simulator.checking.reliability import (
    error_rows,
    extremes,
    ranking_rows,
    realism_against_reliability,
    treated_rows,
)
from experiments.simulator.checking.rows import HALVES, Row
from experiments.simulator.playing import together
from experiments.simulator.variants import labels_of, people_of

DEAF = "deaf"
"""Name of the system that is bad on purpose: any item of the catalogue, at random, whatever was said."""


LEAST = 3
"""Systems that can be ranked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is checked, and how.

    Attributes:
        policies: Systems, by the names of the command line.
        simulators: Changes to the people, each NAME=VALUE.
        env: Where heuristics act.
        people: People each system meets in each simulator.
        seed: Of everything.
        real: Where real dialogues are; None: nothing is said about realism.
        vectors: Encoder of the sentence vectors.
        seeds: How often the folds of the classifier are drawn.
    """

    policies: tuple[str, ...]
    simulators: tuple[str, ...]
    env: EnvConfig
    people: int
    seed: int
    real: Path | None
    vectors: str
    seeds: int

    def options(self) -> dict[str, Any]:
        """As plain JSON data, for the run folder."""
        names = ("policies", "simulators", "people", "seed", "real", "vectors", "seeds")
        return {**{name: getattr(self, name) for name in names}, "env": self.env.to_dict()}


def systems_of(plan: Plan) -> list[Contender]:
    """The systems, and the deaf one where single items are recommended.

    Raises:
        ConfigError: If they are fewer than three, or meet different people.
    """
    found = find_policies(plan.policies, plan.env)
    check_same_people(found)
    first, named = found[0].env, ", ".join(c.name for c in found)
    if first.actions == "items":
        env = replace(first, n_candidates=load_catalog(first.catalog).n_items, observation="flat")
        found.append(Contender(DEAF, make_unlearned("random", env), env, learned=False))
        named += f", beside the system {DEAF!r} that is added"
    if len(found) < LEAST:
        raise ConfigError(f"A ranking needs at least {LEAST} systems, got {named}. Name more of them.")
    return found


def met(plan: Plan, systems: list[Contender], meter: Meter) -> dict[str, dict[str, Held]]:
    """What each system did to the people of each simulator; the first people's dialogues with the first are kept."""
    seeds = people_seeds("eval", plan.seed, plan.people)
    found: dict[str, dict[str, Held]] = {}
    for label, simulator in labels_of(plan.simulators).items():
        own = [replace(c, env=people_of(c.env, simulator)) for c in systems]
        read_sentences(own[0].env, meter, f"{label}: ")
        found[label] = {}
        for c in own:
            task = task_of(c)
            read = plan.people if c is own[0] and plan.real else 0
            work = f"{label}: {c.name} meets {len(seeds):,} people"
            found[label][c.name] = hold(task, c.policy, seeds, meter, work, read=read, size=together(task))
    return found


def make_document(plan: Plan, systems: list[Contender], real: list[Dialogue], meter: Meter) -> dict[str, Any]:
    """Everything that was found, as plain JSON data."""
    found = met(plan, systems, meter)
    first = {s: next(iter(own.values())) for s, own in found.items()}
    rows: list[Row] = []
    if real:
        parser = task_of(systems[0]).manager.table.parser
        read_with(parser, real, meter, "Reading real dialogues")
        simulated = {s: held.dialogues[: len(real)] for s, held in first.items()}
        for s, dialogues in simulated.items():
            read_with(parser, dialogues, meter, f"Reading, {s}")
        vectors = Vectors(make_encoder(plan.vectors))
        rows += realism(real, simulated, vectors, meter, seeds=plan.seeds, seed=plan.seed)
    with meter.work("Comparing rankings, good and bad systems, errors"):
        rows += ranking_rows(found, plan.seed) if len(found) > 1 else []
        rows += treated_rows(found, real, plan.seed)
        rows += error_rows(first, plan.seed)
    apart = {s: one for s, one in cells(rows, TOLD, HEADLINE).items() if s != HALVES}
    both = realism_against_reliability(apart, rows) if apart and len(found) > 1 else None
    return {
        "format": FORMAT,
        "catalog": plan.env.catalog,
        "people": plan.people,
        "seed": plan.seed,
        "real": {"dialogues": len(real), "systems": sorted({d.system for d in real if d.system})},
        "systems": [c.name for c in systems],
        "best_and_worst": {s: list(extremes(own)) for s, own in found.items()},
        "simulators": list(found),
        "people_of": labels_of(plan.simulators),
        "realism_and_reliability": both,
        "rows": rows,
    }


def check(plan: Plan, out: Path | None, track: str, *, json: bool) -> int:
    """Run the check; tables, picture and page go into a run folder; returns the exit code."""
    if len(set(plan.simulators)) < max(1, len(plan.simulators)):
        raise ConfigError(f"Name each simulator once; got {list(plan.simulators)}.")
    if out is not None:
        check_free(out)
    for simulator in plan.simulators:
        people_of(plan.env, simulator)  # a wrong one is told before anything is computed
    real = [] if plan.real is None else read_real(plan.real)
    systems = systems_of(plan)
    document = make_document(plan, systems, real, Meter())
    folder, sheet = out or new_folder(Path("runs"), "eval-simulator"), sheet_of(document)
    first = systems[0]
    users = [task_of(replace(first, env=people_of(first.env, one))).users for one in plan.simulators]
    seeds = {"eval": plan.seed}
    keep_table(folder, "eval-simulator", plan.options(), seeds, document, users, sheet, track)
    show(document, sheet.grids, json=json)
    say(f"The page: {clean(folder / PAGE)}")
    return 0

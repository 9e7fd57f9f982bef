"""``chatrec compare``: every measure of every policy on the same people, by segment, and what pairing saves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import EnvOptions, OptionalPath, check_least, id_of
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import (
    Contender,
    about,
    check_heeded,
    check_same_people,
    find_policies,
    task_of,
)
from experiments.evaluate.measures import MEASURES, Measure
from experiments.evaluate.measuring import Measured, check_measurable, measure, segments
from experiments.evaluate.rollout import people_seeds, read_sentences
from experiments.evaluate.stats import (
    LEVEL,
    holm,
    mean_interval,
    paired_interval,
    paired_p,
    pairing,
    people_needed,
    share_interval,
)
from experiments.evaluate.tables import correction, setting_told
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, Told, count, from_to, number, percent, plus_minus
from experiments.report.page import h
from experiments.report.plots import comparison
from experiments.report.publish import Section, Sheet
from experiments.report.runlog import check_free
from experiments.report.study import keep_table, show
from experiments.report.tracking import NONE, Track, check_kept

PILOT = 200
"""People met first where the number of people follows from a wanted interval."""

CERTAIN = 0.1
"""Half the width of the interval that the table tells the people for."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompareConfig(EnvOptions):
    """Let policies meet the same unseen people and print every measure, by segment of people, with 95% intervals.

    Differences are in return, person by person, to one policy (`--reference`; default: the best heuristic there is).
    Their p values are of the paired t test, corrected for as many comparisons as there are by Holm (1979). "people
    saved" is what pairing is worth: so much smaller is the number of people for an interval of the same width, compared
    with meeting other people for every policy. "people for" says how many make the difference certain to a tenth of a
    unit, judged by those who were met. With `--within` the number of people is worked out beforehand, from
    200 people of their own.

    Segments are made of what people were like when they came. The worst segment of each policy is named below
    them: a recommender that serves most people well may fail some.

    Attributes:
        people: How many unseen people each policy meets.
        within: Meet as many people as make every paired difference certain to this much, in units of return (and at
            least two); `people` is then the most, and it is told if they are too few.
        reference: Name of the policy that the others are compared with.
        by_turn: T of "success by turn T".
        seed: Which people.
        out: Also write a run folder with the tables and a page here.
        track: Where numbers go besides the run folder; needs --out.
        json: Print the tables as JSON.
    """

    policies: Annotated[
        tuple[str, ...],
        tyro.conf.Positional,
        tyro.conf.arg(
            help="Run folders, policy folders, or names of heuristics; see `chatrec evaluate --help`."
        ),
    ] = ()
    people: int = 1000
    within: float | None = None
    reference: str = ""
    by_turn: int = 5
    seed: int = 0
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0, people=2, by_turn=1)
        check_kept(self.track, self.out)
        if self.within is not None and not 0 < self.within < math.inf:
            raise ConfigError(f"--within must be a number above 0, got {self.within}.")
        if len(self.policies) == 0:
            raise ConfigError(
                "Name at least one policy. Example: chatrec compare greedy random ask_then_recommend"
            )


def measure_all(
    config: CompareConfig, contenders: list[Contender], seeds: list[int], meter: Meter
) -> list[Measured]:
    """Every contender with every person."""
    people = f"{len(seeds):,} people"
    return [
        measure(task_of(c), c.policy, seeds, meter, f"{c.name} meets {people}", by_turn=config.by_turn)
        for c in contenders
    ]


def reference_of(config: CompareConfig, contenders: list[Contender], found: list[Measured]) -> int:
    """Which contender the others are compared with.

    Raises:
        UnknownNameError: If none has the name that was asked for.
    """
    names = [c.name for c in contenders]
    if config.reference:
        if config.reference not in names:
            raise UnknownNameError("reference", config.reference, names)
        return names.index(config.reference)
    candidates = [i for i, c in enumerate(contenders) if not c.learned] or list(range(len(found)))
    return max(candidates, key=lambda i: float(found[i].columns["return"].mean()))


def how_many(config: CompareConfig, contenders: list[Contender], meter: Meter) -> int:
    """How many people ``within`` needs, judged by people of their own; without it, as many as told.

    Raises:
        ConfigError: If there is a width, and only one policy.
    """
    if config.within is None:
        return config.people
    if len(contenders) < 2:
        raise ConfigError(f"--within is of differences: name two policies or more, got {contenders[0].name}.")
    found = measure_all(config, contenders, people_seeds("tune", config.seed, PILOT), meter)
    base = reference_of(config, contenders, found)
    returns = [m.columns["return"] for m in found]
    needed = [people_needed(r, returns[base], config.within) for i, r in enumerate(returns) if i != base]
    return max(needed)


def make_document(
    contenders: list[Contender], found: list[Measured], base: int, contexts: Sequence[str], **told: Any
) -> dict[str, Any]:
    """All tables as plain JSON data; see ``CompareConfig``."""
    returns = [m.columns["return"] for m in found]
    others = [i for i in range(len(found)) if i != base]
    p = dict(zip(others, holm([paired_p(returns[i], returns[base]) for i in others]), strict=True))
    groups = segments(found[0].traits, contexts)
    rows = []
    for i, (contender, measured) in enumerate(zip(contenders, found, strict=True)):
        row: dict[str, Any] = {"policy": contender.name, "env": id_of(contender.env)}
        row["learned"] = contender.learned
        row["measures"] = {
            m.key: (share_interval if m.share else mean_interval)(measured.columns[m.key]).to_dict()
            for m in MEASURES
        }
        row["coverage"] = measured.coverage
        row["difference"] = row["p"] = row["pairing"] = row["needed"] = None
        if i != base:
            row["difference"] = paired_interval(returns[i], returns[base]).to_dict()
            row["p"], row["pairing"] = p[i], pairing(returns[i], returns[base])
            row["needed"] = people_needed(returns[i], returns[base], CERTAIN)
        row["segments"] = {name: mean_interval(returns[i][who]).to_dict() for name, who in groups.items()}
        means = {name: interval["mean"] for name, interval in row["segments"].items()}
        row["worst_segment"] = min(means, key=lambda name: means[name]) if len(means) > 1 else None
        rows.append(row)
    return {
        "format": FORMAT,
        **told,
        "people": len(found[0].seeds),
        "level": LEVEL,
        "reference": contenders[base].name,
        "correction": correction(len(others)),
        "meanings": {m.key: m.meaning for m in MEASURES},
        "segment_people": {name: int(who.sum()) for name, who in groups.items()},
        "rows": rows,
    }


def shown(interval: dict[str, Any], m: Measure) -> str:
    """One figure of the table of measures."""
    return from_to(interval, 0, percent=True) if m.share else plus_minus(interval, m.decimals)


def grids(document: dict[str, Any]) -> dict[str, Grid]:
    """The tables for people, by name: measures, differences, segments."""
    rows, names = document["rows"], [row["policy"] for row in document["rows"]]
    title = f"{document['people']:,} unseen people, the same for every policy; 95% intervals over people"
    measures = Grid(
        ("measure", *names),
        title=title,
        caption="(high) or (low): which is better; --json tells what each measure is; what is 0 for all is left out",
    )
    for m in MEASURES:
        # Where nobody has a value, or nothing ever happens, there is nothing to compare.
        if any((row["measures"][m.key]["mean"] or 0) != 0 for row in rows):
            heading = m.heading.replace("turn T", f"turn {document['by_turn']}")
            better = f" ({m.better})" if m.better else ""
            measures.add(heading + better, *(shown(row["measures"][m.key], m) for row in rows))
    measures.add("coverage of the catalogue", *(percent(row["coverage"]) for row in rows))
    out = {"measures": measures}
    if len(rows) > 1:
        differences = Grid(
            ("policy", "difference", "p", "people saved", f"people for ±{CERTAIN:g}"),
            title=f"Difference in return to {document['reference']}, person by person",
            caption=f"p of the paired t test, corrected ({document['correction']}); people saved by pairing, for "
            f"intervals of the same width{missed(document)}",
        )
        for row in rows:
            if row["difference"] is not None:
                p = Told("<0.001", row["p"]) if row["p"] < 0.001 else number(row["p"], 3)
                saved = "" if row["pairing"] is None else percent(1 - row["pairing"])
                gap, needed = plus_minus(row["difference"], sign=True), count(row["needed"])
                differences.add(row["policy"], gap, p, saved, needed, bold=row["learned"])
        out["differences"] = differences
    if document["segment_people"]:
        several = len(document["segment_people"]) > 1
        told = "worst: its name, and its mean less that of all" if several else ""
        groups = Grid(("segment", "people", *names), title="Mean return by segment", caption=told)
        for name, people in document["segment_people"].items():
            groups.add(name, count(people), *(plus_minus(row["segments"][name]) for row in rows))
        if several:
            groups.add("worst", "", *(row["worst_segment"] for row in rows))
            groups.add("worst less all", "", *(number(behind(row)) for row in rows))
        out["segments"] = groups
    return out


def missed(document: dict[str, Any]) -> str:
    """That fewer people were met than the wanted width takes, to end a sentence; empty where that is not so."""
    within, needed, people = (document[key] for key in ("within", "within_people", "people"))
    if needed is None or needed <= people:
        return ""
    return f"; ±{within:g} is missed: {people:,} people were met, and it takes about {needed:,} (--people)"


def behind(row: dict[str, Any]) -> float:
    """How far the worst segment of a policy is behind everybody, in return."""
    return float(row["segments"][row["worst_segment"]]["mean"] - row["measures"]["return"]["mean"])


def sheet_of(document: dict[str, Any]) -> Sheet:
    """The page."""
    tables, rows = grids(document), document["rows"]
    best = max(rows, key=lambda row: row["measures"]["return"]["mean"])
    met = f"All met the same {document['people']:,} people, none of whom anybody was trained on"
    told = [f"{met}{missed(document)}."]
    for row in rows:
        if row["difference"] is not None:
            gap = plus_minus(row["difference"], sign=True)
            told.append(f"{row['policy']} against {document['reference']}, person by person: {gap}.")
    for row in rows:
        if row["worst_segment"] is not None:
            worst = row["segments"][row["worst_segment"]]
            told.append(f"{row['policy']} serves {row['worst_segment']!r} worst: {plus_minus(worst)}.")
    about = {
        "measures": "What each is stands below; latent: worked out from what the simulated person would have liked, "
        "which no agent sees.",
        "differences": "How sure it is that one is better than another, and what it takes to know.",
        "segments": "A recommender that serves most people well may fail some.",
    }
    titles = {"measures": "Every measure", "differences": "Differences", "segments": "Who is served how well"}
    returns = [{**row, "return": row["measures"]["return"]} for row in rows]
    mean = f"mean of the same {document['people']:,} unseen people"
    sections = [
        Section(
            title=titles[name],
            about=about[name],
            pictures={"returns": comparison(returns, mean)} if name == "differences" else {},
            grids={name: grid},
        )
        for name, grid in tables.items()
    ]
    meanings = "; ".join(f"<em>{h(m.heading)}</em>: {h(m.meaning)}" for m in MEASURES)
    return Sheet(
        kicker=f"compare · {setting_told(document)}",
        headline=f"{best['policy']} reaches {best['measures']['return']['mean']:.2f} a conversation",
        lead=" ".join(told),
        sections=sections,
        footer=f"{meanings}.",
    )


def compare(config: CompareConfig) -> int:
    """Run the command; returns its exit code."""
    if config.out is not None:
        check_free(config.out)
    contenders = find_policies(config.policies, config.config())
    check_heeded(config, contenders)
    check_same_people(contenders)
    check_measurable(task_of(contenders[0]))
    meter = Meter()
    read_sentences(contenders[0].env, meter)
    needed = how_many(config, contenders, meter)
    people = min(needed, config.people)
    found = measure_all(config, contenders, people_seeds("eval", config.seed, people), meter)
    base = reference_of(config, contenders, found)
    contexts = [c.name for c in task_of(contenders[0]).manager.catalog.contexts]
    told = {**about(contenders[0].env, config.seed), "by_turn": config.by_turn, "within": config.within}
    told["within_people"] = None if config.within is None else needed
    document = make_document(contenders, found, base, contexts, **told)
    if config.out is not None:
        options = {"policies": list(config.policies), "people": people, "env": contenders[0].env.to_dict()}
        users = [task_of(contenders[0]).users]
        seeds = {"eval": config.seed}
        keep_table(config.out, "compare", options, seeds, document, users, sheet_of(document), config.track)
    show(document, list(grids(document).values()), json=config.json)
    return 0

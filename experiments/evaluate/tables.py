"""The comparison table: what every policy reached with the same people, as JSON, CSV and for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chatrec_env.errors import ArtifactError
from experiments.evaluate.rollout import COLUMNS, Episodes
from experiments.evaluate.stats import (
    LEVEL,
    Interval,
    holm,
    mean_interval,
    paired_interval,
    paired_p,
    share_interval,
)
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, from_to, plus_minus


@dataclass(frozen=True, slots=True)
class Metric:
    """One column: its key in JSON, its heading, and how many decimals it is shown with."""

    key: str
    heading: str
    decimals: int
    share: bool = False


METRICS = (
    Metric("return", "return", 2),
    Metric("clicks", "clicks", 2),
    Metric("rating", "mean rating", 2),
    Metric("questions", "questions", 2),
    Metric("turns", "turns", 1),
    Metric("left_unhappy", "left unhappy", 0, share=True),
)
"""Columns of the table. Means have Student-t intervals over people, the share a Wilson interval. The mean
rating is over the people who accepted something."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one policy reached.

    Attributes:
        name: What the policy is called.
        env: Environment id it acted in.
        learned: Whether it learned (else it is a heuristic).
        episodes: One row per person.
    """

    name: str
    env: str
    learned: bool
    episodes: Episodes


def intervals(episodes: Episodes) -> dict[str, Interval]:
    """Every metric with its 95% interval over people."""
    return {
        m.key: (share_interval if m.share else mean_interval)(getattr(episodes, COLUMNS[m.key]))
        for m in METRICS
    }


def make_table(results: list[Result], **about: Any) -> dict[str, Any]:
    """The table as plain JSON data.

    Args:
        results: Every policy's episodes, all with the same people in the same order.
        **about: What else to note: scenario, catalogue, seed, ...

    Returns:
        ``rows`` by falling return, each with its intervals and, where there is a heuristic, its
        ``difference``: the paired difference in return to the best one (``reference``), person by person, and its
        ``p`` value, corrected for all of them (``correction``).
    """
    first = results[0].episodes.seeds
    for result in results:
        if not np.array_equal(result.episodes.seeds, first):
            raise ValueError(
                f"{result.name} met other people than {results[0].name}; the table would mislead."
            )
    heuristics = [r for r in results if not r.learned]
    best = max(heuristics, key=lambda r: float(r.episodes.ret.mean()), default=None)
    rows = []
    for result in sorted(results, key=lambda r: -float(r.episodes.ret.mean())):
        row: dict[str, Any] = {"policy": result.name, "env": result.env, "learned": result.learned}
        row.update({key: interval.to_dict() for key, interval in intervals(result.episodes).items()})
        row["difference"] = row["p"] = None
        if best is not None and result is not best:
            row["difference"] = paired_interval(result.episodes.ret, best.episodes.ret).to_dict()
            row["p"] = paired_p(result.episodes.ret, best.episodes.ret)
        row["terms"] = {name: float(values.mean()) for name, values in result.episodes.terms.items()}
        rows.append(row)
    compared = [row for row in rows if row["p"] is not None]
    for row, p in zip(compared, holm([row["p"] for row in compared]), strict=True):
        row["p"] = p
    return {
        "format": FORMAT,
        **about,
        "people": len(first),
        "level": LEVEL,
        "reference": best.name if best is not None else None,
        "correction": correction(len(compared)),
        "rows": rows,
    }


def correction(comparisons: int) -> str:
    """What p values of so many comparisons are corrected by, in words."""
    return f"Holm, {comparisons} comparison{'s' * (comparisons != 1)}"


def check_table(table: dict[str, Any], where: object) -> dict[str, Any]:
    """The table, if it is one.

    Raises:
        ArtifactError: If something a reader needs is missing; names it.
    """
    try:
        for row in table["rows"]:
            for metric in METRICS:
                Interval.from_dict(row[metric.key])
            str(row["policy"]), bool(row["learned"]), row["difference"]
        int(table["people"]), table["reference"]
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{where} is not a table of results: {error!r} is missing or wrong.") from error
    return table


def shown(row: dict[str, Any], metric: Metric) -> str:
    """``"3.31 ± 0.09"``; ``"78% (74–81)"`` for a share; ``"–"`` where there is nothing."""
    value = row[metric.key]
    return from_to(value, 0, percent=True) if metric.share else plus_minus(value, metric.decimals)


def grid_of(table: dict[str, Any]) -> Grid:
    """The table for people, learned policies in bold."""
    reference = table["reference"]
    # Of a single comparison the interval says it all; tables of earlier versions have no p values.
    several = sum(row.get("p") is not None for row in table["rows"]) > 1
    out = Grid(
        ("policy", *(m.heading for m in METRICS), "difference"),
        title=f"{table['people']:,} unseen people, the same for every policy; 95% intervals",
        caption=f"difference: in return, person by person, to the best heuristic ({reference})"
        * bool(reference)
        + f"; *: p < {1 - LEVEL:.2f}, paired t test, corrected ({table.get('correction')})" * several,
    )
    for row in table["rows"]:
        figures = (shown(row, metric) for metric in METRICS)
        mark = "*" * (several and row["p"] is not None and row["p"] < 1 - LEVEL)
        gap = plus_minus(row["difference"], sign=True).marked(mark)
        out.add(row["policy"], *figures, gap, bold=row["learned"])
    return out


def people_told(table: dict[str, Any]) -> str:
    """What the means of a table are of."""
    return f"mean of the same {table['people']:,} unseen people"


def setting_told(table: dict[str, Any]) -> str:
    """Where a table's conversations were held, in one line."""
    scenario = table["scenario"]
    name = scenario if isinstance(scenario, str) else scenario.get("name", "own")
    return (
        f"scenario {name} · catalogue {table['catalog']} · encoder {table['encoder']} · "
        f"{table['people']:,} unseen people"
    )

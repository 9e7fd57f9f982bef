"""The tables of ``chatrec headroom``: from every policy's returns to intervals, differences and shares of greedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import LEVEL, Interval, mean_interval, paired_interval

if TYPE_CHECKING:
    from rich.table import Table

POLICIES = ("random", "greedy", "best heuristic", "oracle", "planner")
"""Rows of a table, in order."""

MEANS = ("clicks", "rating", "questions", "turns")
"""Columns without an interval."""

RESAMPLES = 4000
"""Bootstrap resamples of a ratio."""

Float = npt.NDArray[np.float64]


def gain_interval(returns: Float, reference: Float, level: float = LEVEL) -> Interval:
    """``mean(returns) / mean(reference) - 1`` with a percentile bootstrap interval over people, pairs kept.

    Args:
        returns: (n,) of one policy.
        reference: (n,) of another with the same people; the mean must be positive.
        level: Confidence level.

    Returns:
        NaN throughout where a share of the reference makes no sense, its mean being 0 or less.
    """
    n = len(reference)
    if reference.mean() <= 0:
        return Interval(np.nan, np.nan, np.nan, n)
    rows = np.random.default_rng(0).integers(0, n, (RESAMPLES, n))
    base = reference[rows].mean(1)
    drawn = returns[rows].mean(1)[base > 0] / base[base > 0] - 1.0
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(returns.mean() / reference.mean() - 1.0), float(low), float(high), n)


def make_table(scenario: str, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One scenario as plain JSON data.

    Args:
        scenario: Its name.
        found: For each of ``POLICIES`` its ``return`` (n,), person by person, and the means of the other columns;
            for the best heuristic also its ``params``.

    Returns:
        ``rows`` in the order of ``POLICIES``: mean return, paired difference to greedy and to the best heuristic,
        and the gain on greedy as a share of it; None where a policy would be compared with itself.
    """
    returns = {name: np.asarray(found[name]["return"], np.float64) for name in POLICIES}
    rows = []
    for name in POLICIES:
        row: dict[str, Any] = {"policy": name, "return": mean_interval(returns[name]).to_dict()}
        for key, other in (("to_greedy", "greedy"), ("to_heuristic", "best heuristic")):
            row[key] = None if name == other else paired_interval(returns[name], returns[other]).to_dict()
        row["gain"] = None if name == "greedy" else gain_interval(returns[name], returns["greedy"]).to_dict()
        row.update({key: found[name][key] for key in MEANS})
        if "params" in found[name]:
            row["params"] = found[name]["params"]
        rows.append(row)
    return {"scenario": scenario, "people": len(returns["greedy"]), "rows": rows}


def shown_difference(value: dict[str, Any] | None) -> str:
    """``"+1.02 ± 0.11"``, or ``"–"`` where there is nothing to compare."""
    if value is None:
        return "–"
    interval = Interval.from_dict(value)
    return f"{interval.mean:+.2f} ± {interval.half:.2f}".replace("-", "−")


def shown_gain(value: dict[str, Any] | None) -> str:
    """``"+51% [42, 60]"``, or ``"–"`` where there is none."""
    if value is None or value["mean"] is None:
        return "–"
    interval = Interval.from_dict(value)
    told = f"{100 * interval.mean:+.0f}% [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
    return told.replace("-", "−")


HEADINGS = ("policy", "return", "to greedy", "gain on greedy", "to best heuristic", *MEANS)


def cells(row: dict[str, Any]) -> list[str]:
    """A row as text, in the order of ``HEADINGS``."""
    interval = Interval.from_dict(row["return"])
    return [
        row["policy"],
        f"{interval.mean:.2f} ± {interval.half:.2f}",
        shown_difference(row["to_greedy"]),
        shown_gain(row["gain"]),
        shown_difference(row["to_heuristic"]),
        *(f"{row[key]:.{1 if key == 'turns' else 2}f}" for key in MEANS),
    ]


def settings(table: dict[str, Any]) -> str:
    """The settings of the best heuristic, those that are not zero."""
    params = next(row["params"] for row in table["rows"] if row["policy"] == "best heuristic")
    told = ", ".join(f"{name} {value:g}" for name, value in params.items() if value)
    return told or "all settings zero: greedy"


def to_rich(table: dict[str, Any]) -> Table:
    """One scenario for the terminal."""
    from rich import box
    from rich.table import Table

    from experiments.cli.terminal import clean

    out = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"[bold]{clean(table['scenario'])}[/bold]: the same {table['people']:,} people for every policy",
        title_justify="left",
        caption=f"best heuristic: {clean(settings(table))}",
        caption_justify="left",
    )
    for heading in HEADINGS:
        out.add_column(heading, justify="left" if heading == "policy" else "right", no_wrap=True)
    for row in table["rows"]:
        out.add_row(*(clean(cell) for cell in cells(row)), style="bold" if row["policy"] == "planner" else "")
    return out


def to_markdown(tables: list[dict[str, Any]]) -> str:
    """All scenarios as Markdown."""
    lines = []
    for table in tables:
        lines += [f"Scenario `{table['scenario']}` (best heuristic: {settings(table)}):", ""]
        lines += ["| " + " | ".join(HEADINGS) + " |", "|---" + "|---:" * (len(HEADINGS) - 1) + "|"]
        lines += ["| " + " | ".join(cells(row)) + " |" for row in table["rows"]]
        lines.append("")
    return "\n".join(lines)

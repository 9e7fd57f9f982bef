"""The tables, the pictures and the page of ``chatrec rank-systems``: functions of its document."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np

from experiments.report.grid import Grid, from_to, plus_minus
from experiments.report.page import h, minus
from experiments.report.plots import COLORS, INK, MUTED, Picture, canvas, drawn, titled
from experiments.report.publish import Section, Sheet

TITLES = {
    "returns": ("Who stands where", ""),
    "agreement": ("How far simulators agree", ""),
    "disagreements": (
        "Where they disagree",
        "Each side prefers another system of the pair with p below 0.05: paired t tests, corrected by Holm for all "
        "pairs and simulators.",
    ),
}
"""Heading and explanation of each part of the page, by its table."""


def returns_grid(document: dict[str, Any]) -> Grid:
    """Return and rank of every system in every simulator."""
    simulators, people = document["simulators"], document["people"]
    out = Grid(
        ("system", *simulators),
        title=f"Return and rank; {people:,} people in each simulator, the same for every system",
        caption="95% intervals over people",
    )
    for row in document["rows"]:
        cells = (plus_minus(row["returns"][s]).marked(f"  #{row['ranks'][s]}") for s in simulators)
        out.add(row["policy"], *cells, bold=row["learned"])
    return out


def agreement_grid(document: dict[str, Any]) -> Grid:
    """How far rankings agree, and whether each simulator tells good from bad."""
    simulators = document["simulators"]
    out = Grid(
        ("simulator", *simulators, "left unhappy, best", "left unhappy, worst"),
        title="Rank correlation of two simulators (Spearman), with 95% intervals; and whether they tell good from bad",
    )
    for s, row in zip(simulators, document["spearman"], strict=True):
        cells = ("" if r is None else from_to(r, 2) for r in row)
        ends = (from_to(document["left_unhappy"][s][end], 0, percent=True) for end in ("best", "worst"))
        out.add(s, *cells, *ends)
    return out


def disagreements_grid(document: dict[str, Any]) -> Grid:
    """Pairs of systems of which some simulators clearly prefer one, and others the other; empty if there are none."""
    out = Grid(
        ("these prefer", "the first", "these prefer", "the second"),
        text=(1, 2, 3),
        title="Clear disagreements",
    )
    for each in document["disagreements"]:
        one, other = each["systems"]
        out.add(", ".join(each["first"]), one, ", ".join(each["second"]), other)
    return out


def grids(document: dict[str, Any]) -> dict[str, Grid]:
    """All tables, by the stems of their files."""
    out = {
        "returns": returns_grid(document),
        "agreement": agreement_grid(document),
        "disagreements": disagreements_grid(document),
    }
    return {name: grid for name, grid in out.items() if grid.rows}


def disputed(document: dict[str, Any]) -> list[str]:
    """Systems on which simulators clearly disagree, best first."""
    named = {name for each in document["disagreements"] for name in each["systems"]}
    return [row["policy"] for row in document["rows"] if row["policy"] in named]


def draw_agreement(document: dict[str, Any]) -> Picture:
    """The matrix of rank correlations."""
    simulators = document["simulators"]
    n = len(simulators)
    means = [
        [np.nan if r is None or r["mean"] is None else r["mean"] for r in row] for row in document["spearman"]
    ]
    figure, axes = canvas(max(5.0, 0.9 * n + 2.4), max(3.4, 0.36 * n + 2.0))
    axes.imshow(np.array(means), cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    for i, j in np.ndindex(n, n):
        if not np.isnan(means[i][j]):
            told = f"{means[i][j]:.2f}".replace("-", "−")
            axes.text(j, i, told, ha="center", va="center", color="white" if abs(means[i][j]) > 0.6 else INK)
    axes.set_xticks(range(n), simulators, rotation=40, ha="right")
    axes.set_yticks(range(n), simulators)
    axes.grid(visible=False)
    titled(axes, "Do simulators rank alike?", "Spearman's correlation of two rankings; 1: the same order")
    return drawn(figure, "Rank correlations of every two simulators")


def draw_ranks(document: dict[str, Any]) -> Picture:
    """The rank of every system in every simulator; those on which simulators disagree are coloured."""
    simulators, rows = document["simulators"], document["rows"]
    figure, axes = canvas(max(6.6, 1.1 * len(simulators) + 3.0), max(3.6, 0.45 * len(rows) + 2.0))
    colors = dict(zip(disputed(document), cycle(COLORS), strict=False))
    for row in rows:
        color = colors.get(row["policy"], MUTED)
        ranks = [row["ranks"][s] for s in simulators]
        axes.plot(
            range(len(ranks)), ranks, "o-", color=color, lw=2.2 if row["policy"] in colors else 1.2, ms=7
        )
        axes.annotate(
            row["policy"], (len(ranks) - 1, ranks[-1]), (10, 0), textcoords="offset points", va="center", color=color,
            fontsize=10, annotation_clip=False,
        )  # fmt: skip
    axes.set_xticks(range(len(simulators)), simulators, rotation=40, ha="right")
    axes.set_yticks(range(1, len(rows) + 1))
    axes.set_ylim(len(rows) + 0.5, 0.5)
    told = (
        "coloured: systems of a pair on which simulators clearly disagree"
        if colors
        else "1: the highest mean return"
    )
    titled(axes, "Rank of each system", told)
    return drawn(figure, "Rank of each system in each simulator")


def headline(document: dict[str, Any]) -> tuple[str, str]:
    """The result in a line and in a few sentences."""
    simulators, pairs = document["simulators"], document["disagreements"]
    n = len(document["rows"])
    known = [
        (r["mean"], simulators[i], simulators[j])
        for i, row in enumerate(document["spearman"])
        for j, r in enumerate(row)
        if j > i and r is not None and r["mean"] is not None
    ]
    first = {row["policy"] for row in document["rows"] if 1 in row["ranks"].values()}
    parts = [
        f"All put {next(iter(first))} first."
        if len(first) == 1
        else f"First of some: {', '.join(sorted(first))}.",
    ]
    if known:
        low, one, other = min(known)
        parts.append(f"Least alike are {one} and {other}: rank correlation {minus(low)}.")
    if not pairs:
        return f"{len(simulators)} simulators rank {n} systems without a clear disagreement", " ".join(parts)
    told = "; ".join(" or ".join(each["systems"]) for each in pairs)
    parts.append(f"Clearly preferred the other way round by some: {told}.")
    line = f"{len(simulators)} simulators disagree clearly on {len(pairs)} of {n * (n - 1) // 2} pairs of systems"
    return line, " ".join(parts)


def sheet_of(document: dict[str, Any]) -> Sheet:
    """Its page: who stands where, how far simulators agree, and on what they do not."""
    line, told = headline(document)
    pictures = {
        "returns": {"ranks": draw_ranks(document)},
        "agreement": {"correlations": draw_agreement(document)},
    }
    sections = [
        Section(title=title, about=about, pictures=pictures.get(name, {}), grids={name: grid})
        for name, grid in grids(document).items()
        for title, about in [TITLES[name]]
    ]
    return Sheet(
        kicker=f"systems ranked by simulators · {document['catalog']} · {document['people']:,} people each",
        headline=line,
        lead=told,
        sections=sections,
        footer=f"Seed {h(document['seed'])}.",
    )

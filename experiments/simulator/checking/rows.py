"""Rows of the check: one figure of every simulator, and of real people where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.evaluate.stats import Interval
from experiments.report.grid import Grid, from_to

REALISM, RELIABILITY, ERRORS = "realism", "reliability", "errors"
KINDS = {
    REALISM: "Realism: like real people?",
    RELIABILITY: "Reliability: a judge of systems that can be trusted?",
    ERRORS: "Errors: whose are they?",
}
"""By name: title of the table."""

CAPTIONS = {
    REALISM: "AUC: 0.5 cannot be told apart, 1 always. Real people, of AUC and distances: two random halves of theirs, "
    "the floor. Intervals: folds (AUC), random halves (distances), bootstrap over dialogues (the rest), 95%",
    RELIABILITY: "Rank correlations are Spearman's. Best and worst: the systems of the highest and the lowest mean "
    "return in each simulator. Intervals over people, 95%",
    ERRORS: "Conversations with the first system. Of the simulator and of the reader: shares of messages; of the "
    "system: of turns. Intervals over people, 95%",
}

HALVES, REAL = "real halves", "real people"

Row = dict[str, Any]


def row(
    kind: str, part: str, measure: str, about: str, cells: Mapping[str, Interval | None], decimals: int = 2
) -> Row:
    """A row as plain JSON data; cells without a figure are left out."""
    told = {
        who: found.to_dict() for who, found in cells.items() if found is not None and found.mean == found.mean
    }
    return {
        "kind": kind,
        "part": part,
        "measure": measure,
        "about": about,
        "decimals": decimals,
        "cells": told,
    }


def columns_of(rows: Iterable[Row], simulators: list[str]) -> list[str]:
    """Who has a figure in these rows: real people first, then the simulators."""
    found = {_column(who) for each in rows for who in each["cells"]}
    return [who for who in (REAL, *simulators) if who in found]


def _column(who: str) -> str:
    return REAL if who == HALVES else who


def grid_of(kind: str, rows: list[Row], simulators: list[str]) -> Grid:
    """The table of one kind of rows, a group a part."""
    own = [each for each in rows if each["kind"] == kind]
    columns = columns_of(own, simulators)
    out = Grid(("measure", *columns), title=KINDS[kind], caption=CAPTIONS[kind])
    part = ""
    for each in own:
        if each["part"] != part:
            part = each["part"]
            out.add(part)
        own_cells = {_column(who): found for who, found in each["cells"].items()}
        cells = [from_to(own_cells.get(who), each["decimals"]) for who in columns]
        out.add(f"  {each['measure']}", *cells, about=each["about"])
    return out

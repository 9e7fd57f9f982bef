"""Ratings added to a table of items: how well known and how well liked each item is."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np

from chatrec_env.catalog.draft.columns import columns_of
from chatrec_env.catalog.readers import beside
from chatrec_env.catalog.table import Table, csv_rows
from chatrec_env.catalog.written import amount_of
from chatrec_env.errors import CatalogError, ConfigError, MismatchError
from experiments.cli.progress import Meter
from experiments.own_data.catalog_report import read_table
from experiments.report.documents import write_atomic

RATING_NAMES = ("rating", "stars", "score", "value")
ITEM_NAMES = ("item", "item_id", "itemid", "id", "title", "name", "product", "product_id")
PRIOR = 10.0
"""Ratings at the overall mean that every item is given beforehand, so that few ratings say little."""

EVERY = 50_000
"""Ratings between two reports."""


def add_ratings(items: Path, ratings: Path, meter: Meter) -> Path:
    """Writes a copy of a table of items with the columns ``popularity`` and ``acclaim``, beside it.

    Popularity is ``log(1 + n) / log(1 + max n)`` over rating counts ``n``, in [0, 1]. Acclaim is how far the shrunken
    mean rating ``(sum + k m) / (n + k)``, with ``k = 10`` ratings at the overall mean ``m``, lies from ``m``, in
    quarters of the range of ratings, cut to [-1, 1]. (The same as for MovieLens folders, where a quarter is a star.)

    Args:
        items: A table of items.
        ratings: A text table with a column of the items (named as one of theirs, or ``item``) and one called
            ``rating``, ``stars``, ``score`` or ``value``; more columns are ignored. It is read line by line.
        meter: Shows the progress.

    Returns:
        The path of the new table, ``NAME-rated.csv``.

    Raises:
        CatalogError: A line is not as promised: names file, line and column.
        ConfigError: The new table exists already.
    """
    place = items.with_name(f"{beside(items, '').name}-rated.csv")
    if place.exists():
        raise ConfigError(f"{place} exists already and is kept. Move it away, or check it as it is.")
    table, problems = read_table(items)
    if problems or table is None:
        raise CatalogError(f"{problems[0]}.")
    rows = csv_rows(ratings)
    header = [cell.strip() for cell in next(rows)[1]]
    rating_at, item_at, key = _columns(table, header, ratings)
    index = {cell: row for row, cell in enumerate(table.cells(key))}
    count, total = np.zeros(len(index)), np.zeros(len(index))
    low, high = math.inf, -math.inf
    with meter.work("Adding up ratings", 0, "ratings") as work:
        for line, cells in rows:
            if len(cells) != len(header):
                raise MismatchError(ratings, f"{len(header)} cells", str(len(cells)), line, header[-1])
            row = index.get(cells[item_at].strip())
            if row is None:
                expected = f"an item of {items.name} (its column {key!r})"
                raise MismatchError(ratings, expected, repr(cells[item_at]), line, header[item_at])
            rating = _number(cells[rating_at])
            if not math.isfinite(rating):
                raise MismatchError(ratings, "a number", repr(cells[rating_at]), line, header[rating_at])
            count[row] += 1
            total[row] += rating
            low, high = min(low, rating), max(high, rating)
            if line % EVERY == 0:
                work.to(line)
    if not low < high:
        raise CatalogError(f"{ratings}: expected ratings that differ, got {int(count.sum())} of one kind.")
    mean = total.sum() / count.sum()
    acclaim = np.clip(((total + PRIOR * mean) / (count + PRIOR) - mean) / ((high - low) / 4), -1.0, 1.0)
    popularity = np.log1p(count) / np.log1p(count.max())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*table.columns, "popularity", "acclaim"])
    decimal = columns_of(table.columns, map(table.cells, table.columns))[1]  # the table's own
    for cells_of_row, *levels in zip(table.rows, popularity, acclaim, strict=True):
        writer.writerow([*cells_of_row, *(f"{level:.4f}".replace(".", decimal) for level in levels)])
    write_atomic(place, out.getvalue())
    return place


def _columns(table: Table, header: list[str], ratings: Path) -> tuple[int, int, str]:
    """Where ratings have the rating and the item, and the column of the items that the latter is looked up in."""
    lower = [name.lower() for name in header]
    rating_at = next((lower.index(name) for name in RATING_NAMES if name in lower), -1)
    if rating_at < 0:
        came = ", ".join(header)
        raise CatalogError(
            f"{ratings}, line 1: expected a column called {' or '.join(RATING_NAMES)}, got {came}."
        )
    for name in ("popularity", "acclaim"):
        if name in table.columns:
            raise CatalogError(
                f"{table.source}: has a column {name!r} already; ratings would add another one."
            )
    unique = [c for c in table.columns if len({*table.cells(c)}) == len(table.rows) and all(table.cells(c))]
    for at, name in enumerate(header):
        if name in unique and at != rating_at:
            return rating_at, at, name
    item_at = next((lower.index(name) for name in ITEM_NAMES if name in lower), -1)
    if item_at >= 0 and unique:
        # Not named as a column of the items: the one that holds the first item rated.
        first = next((cells[item_at].strip() for _, cells in _some(ratings) if len(cells) > item_at), "")
        for column in unique:
            if first in table.cells(column):
                return rating_at, item_at, column
    raise CatalogError(
        f"{ratings}, line 1: expected a column that names the items like one of {', '.join(unique) or 'theirs'} in "
        f"{table.source} (each item once), got {', '.join(header)}."
    )


def _some(path: Path) -> list[tuple[int, list[str]]]:
    rows = csv_rows(path)
    next(rows)
    return [row for row, _ in zip(rows, range(1), strict=False)]


def _number(cell: str) -> float:
    found = amount_of(cell) or amount_of(cell, ",")
    return math.nan if found is None else found.number

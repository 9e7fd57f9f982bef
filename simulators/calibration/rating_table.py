"""Ratings of any table of user, item, rating and, if at all, time; whatever its format and its scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog, Declaration
from chatrec_env.catalog.build import build_catalog
from chatrec_env.catalog.movielens.files import whole_number
from chatrec_env.catalog.movielens.folder import rating_levels
from chatrec_env.catalog.table import make_table
from chatrec_env.catalog.written import amount_of
from chatrec_env.errors import CatalogError, ConfigError, MismatchError
from simulators.calibration.rating_columns import Coded, RatingColumns, coded, read_columns
from simulators.ratings import MIN_PEOPLE, Ratings, last_of_each, unit_of_time, years_of

LEAST, MOST = 0.5, 5.0
"""Stars that every scale is mapped to."""

SCALES: Final = (
    (0.0, 1.0),
    (-1.0, 1.0),
    (1.0, 5.0),
    (0.0, 5.0),
    (1.0, 10.0),
    (0.0, 10.0),
    (0.0, 20.0),
    (0.0, 100.0),
)
"""Scales that ratings are given on, as lowest and highest; the first that holds all of them is taken."""


@dataclass(frozen=True, slots=True)
class RatingTable:
    """What was read.

    Attributes:
        ratings: Ratings in stars.
        catalog: The items.
        notes: What was taken for what, for people.
    """

    ratings: Ratings
    catalog: Catalog
    notes: list[str] = field(default_factory=list)


def read_rating_table(path: Path, columns: RatingColumns, catalog: Catalog | None = None) -> RatingTable:
    """Reads a table of ratings.

    Where a person rated an item twice, the later rating counts; without times, the one further down. Ratings are
    mapped in a straight line from their scale to 0.5 to 5 stars, and rounded to half stars; those that lie in 0.5 to 5
    already stay as they are.

    Args:
        path: CSV of any separator and encoding, packed with gzip or not, or Parquet; a text table may have no header.
        columns: Which columns are what.
        catalog: The items, found by their id or else by their title. Without it, a catalogue is made of the ratings:
            the items by name, and how often they were rated.

    Raises:
        CatalogError: A column is not found, or a cell is not as expected: names the row.
        ConfigError: A column that was named does not exist, or the scale does not hold the ratings.
    """
    table, found, notes = read_columns(path, columns)
    read = {role: coded(table.column(role)) for role in found}
    for role in ("user", "item", "rating"):
        if (empty := read[role].codes < 0).any():
            came = "an empty one; fill it or take the row out"
            raise MismatchError(path, "a filled cell", came, int(empty.argmax()) + 1, found[role], "row")
    stars = _stars(path, read["rating"], found["rating"], columns.scale, notes)
    times = _times(path, read["time"], found["time"], notes) if "time" in read else None
    names = [_plain_id(text) for text in read["item"].texts]
    place = np.arange(len(names)) if catalog is None else _places(path, names, catalog)
    items = place[read["item"].codes].astype(np.int32)
    there = np.flatnonzero(items >= 0)
    if len(there) < len(items):
        told = f"{len(items) - len(there):,} of {len(items):,} ratings are of items that are not in the catalogue"
        notes.append(f"{told}, as {names[int(read['item'].codes[(items < 0).argmax()])]!r}: left out.")
    users = np.unique(read["user"].codes[there], return_inverse=True)[1].astype(np.int32)
    n_users = int(users.max(initial=-1)) + 1
    if n_users < MIN_PEOPLE:
        raise CatalogError(f"{path}: expected ratings of {MIN_PEOPLE} people or more, got {n_users}.")
    items, stars = items[there], stars[there]
    times = None if times is None else times[there]
    order = np.argsort(users, kind="stable") if times is None else np.lexsort((times, users))
    n_items = len(names) if catalog is None else catalog.n_items
    order = order[last_of_each(users[order], items[order], n_items)]
    ratings = Ratings(
        *(
            users[order],
            items[order],
            stars[order],
            n_users,
            n_items,
            np.zeros(0, np.int64),
            times is not None,
        ),
        *(len(users) - len(order), None if times is None else years_of(times)),
    )
    if catalog is None:
        catalog = _catalog_of(path, names, ratings)
        notes.append("No items were given (--items): all that is known of them is how often they were rated.")
    return RatingTable(ratings, catalog, notes)


def _stars(
    path: Path, column: Coded, heading: str, scale: tuple[float, float] | None, notes: list[str]
) -> npt.NDArray[np.float32]:
    """The stars of each row."""
    marks = {mark: [amount_of(text, mark) for text in column.texts] for mark in (".", ",")}
    read = max(marks.values(), key=lambda amounts: sum(amount is not None for amount in amounts))
    values = np.array([np.nan if amount is None else amount.number for amount in read])
    each = values[column.codes]
    if np.isnan(each).any():
        row = int(np.isnan(each).argmax())
        came = f"{column.texts[column.codes[row]]!r}; correct the row or take it out"
        raise MismatchError(path, "a number", came, row + 1, heading, "row")
    low, high = float(each.min()), float(each.max())
    if scale is None and low >= LEAST and high <= MOST:
        notes.append(f"Ratings are from {low:g} to {high:g}, taken for stars.")
        return np.asarray(each, np.float32)
    if scale is not None and not scale[0] <= low <= high <= scale[1]:
        raise ConfigError(
            f"--scale {scale[0]:g} {scale[1]:g} does not hold the ratings, {low:g} to {high:g}."
        )
    least, most = scale or next((s for s in SCALES if s[0] <= low and high <= s[1]), (low, high))
    if least == most:
        raise CatalogError(f"{path}: expected ratings that differ, got {len(each):,} of {low:g}.")
    stars = LEAST + (MOST - LEAST) * (each - least) / (most - least)
    told = f"a scale of {least:g} to {most:g} is read as {LEAST} to {MOST:g} stars, in half stars"
    other = "" if scale else " (another one: --scale LOW HIGH)"
    notes.append(f"Ratings are from {low:g} to {high:g}; {told}{other}.")
    return np.asarray(np.round(2 * stars) / 2, np.float32)


def _times(path: Path, column: Coded, heading: str, notes: list[str]) -> npt.NDArray[np.int64] | None:
    """Seconds since 1970 of each row; None where some rows have no time."""
    import pandas as pd

    if (column.codes < 0).any():
        notes.append(f"Some ratings have no {heading!r}: no order of rating is known.")
        return None
    numbers = [whole_number(text) for text in column.texts if text]
    if None not in numbers:
        times = np.array([whole_number(text) or 0 for text in column.texts], np.int64)
        unit, per_second = unit_of_time(times)
        if unit != "seconds":
            notes.append(f"Times are read as {unit} since 1970.")
        return times[column.codes] // per_second
    read = pd.to_datetime(pd.Series(column.texts), errors="coerce", utc=True, format="mixed")
    each = read.isna().to_numpy()[column.codes]
    if each.any():
        row = int(each.argmax())
        came = f"{column.texts[column.codes[row]]!r}; correct it, or leave the column out"
        raise MismatchError(path, "a date, or seconds since 1970", came, row + 1, heading, "row")
    return read.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64)[column.codes]


def _plain_id(text: str) -> str:
    """An id as the catalogue has it: ``"1.0"`` is ``"1"``."""
    number = whole_number(text)
    return text if number is None else str(number)


def _places(path: Path, names: list[str], catalog: Catalog) -> npt.NDArray[np.int64]:
    """The row of each item in the catalogue, by its id or else its title; -1 where it has none."""
    by_id = {_plain_id(key): row for row, key in enumerate(catalog.ids)}
    by_title = {title.casefold(): row for row, title in reversed([*enumerate(catalog.titles)])}
    place = np.array([by_id.get(name, by_title.get(name.casefold(), -1)) for name in names], np.int64)
    if (place < 0).all():
        known = ", ".join(map(repr, catalog.ids[:3]))
        raise MismatchError(
            path, f"ids or titles of items in the catalogue (such as {known})", repr(names[0])
        )
    return place


def _catalog_of(path: Path, names: list[str], ratings: Ratings) -> Catalog:
    """A catalogue of rated items of which nothing else is known."""
    counts = np.bincount(ratings.items, minlength=len(names)).astype(np.float64)
    totals = np.bincount(ratings.items, ratings.stars.astype(np.float64), len(names)).astype(np.float64)
    popularity, acclaim = rating_levels(counts, totals)
    edges = np.unique(np.quantile(counts, (1 / 3, 2 / 3)).round())
    edges = edges[(edges > counts.min()) & (edges <= counts.max())]
    labels = ("rarely rated", "sometimes rated", "often rated")
    known = {0: ("rated",), 1: (labels[0], labels[2]), 2: labels}[len(edges)]
    columns = ("id", "ratings", "popularity", "acclaim")
    rows = [
        (name, f"{count:.0f}", repr(float(p)), repr(float(a)))
        for name, count, p, a in zip(names, counts, popularity, acclaim, strict=True)
    ]
    fame = {
        "name": "fame",
        "kind": "numeric",
        "column": "ratings",
        "values": known,
        "bins": [None, *edges, None],
    }
    declared = Declaration.from_dict(
        {
            "name": path.name.partition(".")[0],
            "columns": {"title": "id", "id": "id", "popularity": "popularity", "acclaim": "acclaim"},
            "facets": [fame],
        }
    )
    return build_catalog(make_table(str(path), columns, enumerate(rows, 1), "row"), declared)

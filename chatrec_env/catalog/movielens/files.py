"""The files of a MovieLens folder: which layout it has, and the checked rows of its small files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from chatrec_env.catalog.table import csv_rows
from chatrec_env.errors import MismatchError


class Layout(NamedTuple):
    """How a MovieLens folder is laid out."""

    films: str  # name of the file of films
    ratings: str  # name of the file of ratings
    separator: str  # what stands between the cells of the ratings
    columns: tuple[str, str, str, str]  # columns of the ratings; the last, the time, may be missing
    # whether the ratings begin with a line of column names, and may be in another order
    header: bool = False


_WHOLE = re.compile(r"([-+]?[0-9]+)(?:\.0*)?")
WHOLE = "a whole number that 64 bits hold"
_COLUMNS = ("user", "movie", "rating", "time")
LAYOUTS = (
    Layout("movies.csv", "ratings.csv", ",", ("userId", "movieId", "rating", "timestamp"), header=True),
    Layout("u.item", "u.data", "\t", _COLUMNS),
    Layout("movies.dat", "ratings.dat", "::", _COLUMNS),
)
"""The layouts of latest / 20M / 25M / 32M, 100k, and 1M / 10M."""

Rows = Iterator[tuple[int, list[str]]]
"""Line and cells."""


def find_layout(folder: Path) -> tuple[Path, Path, Layout]:
    """The files of films and ratings, and their layout.

    Raises:
        CatalogError: The folder holds none of the layouts.
    """
    for layout in LAYOUTS:
        films, ratings = folder / layout.films, folder / layout.ratings
        if films.is_file() and ratings.is_file():
            return films, ratings, layout
    pairs = ", or ".join(f"{layout.films} and {layout.ratings}" for layout in LAYOUTS)
    if folder.is_dir():
        came = ", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) or "an empty folder"
    else:
        came = "a file; give the folder it is in" if folder.is_file() else "no such folder"
    raise MismatchError(folder, f"a MovieLens folder ({pairs})", came)


def csv_cells(path: Path, *columns: str) -> Rows:
    """Cells of these columns of a CSV file, in this order; they are found by name, others may be there too.

    Raises:
        CatalogError: A column is missing, or a row is not whole; names the line.
    """
    rows = csv_rows(path)
    line, header = next(rows)
    places = find_columns(path, line, header, columns)
    for line, cells in rows:
        checked(path, line, cells, header)
        yield line, [cells[place] for place in places]


def find_columns(path: Path, line: int, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Where the columns of a CSV file stand, by their names, case aside.

    Raises:
        CatalogError: One is missing.
    """
    names = [cell.strip().lower() for cell in header]
    for column in columns:
        if column.lower() not in names:
            expected = f"the header {','.join(columns)}, in any order"
            raise MismatchError(path, expected, ",".join(header)[:200], line, column)
    return [names.index(column.lower()) for column in columns]


def whole_number(cell: str) -> int | None:
    """The whole number a cell holds, ``"1.0"`` and ``"-5"`` included; None if none, or more than 64 bits hold."""
    found = _WHOLE.fullmatch(cell.strip())
    number = int(found[1]) if found else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def line_cells(path: Path, separator: str) -> Rows:
    """Rows of a file without header or quoting, in UTF-8 (10M) or Latin-1 (100k, 1M); empty lines are skipped."""
    with path.open("rb") as file:
        for line, data in enumerate(file, 1):
            try:
                text = data.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                text = data.decode("latin-1").rstrip("\r\n")
            if text.strip():
                yield line, text.split(separator)


def checked(path: Path, line: int, cells: list[str], columns: Sequence[str]) -> list[str]:
    """The cells, if there are as many as columns."""
    if len(cells) != len(columns):
        last = columns[min(len(cells), len(columns)) - 1]
        raise MismatchError(path, f"{len(columns)} cells ({', '.join(columns)})", str(len(cells)), line, last)
    return cells


def tag_rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Person, movie id and word of each line of ``tags.csv`` or ``tags.dat``; nothing where there is neither.

    Raises:
        CatalogError: ``tags.csv`` is not as its layout says. Lines of ``tags.dat`` without a word are skipped.
    """
    comma, colons = folder / "tags.csv", folder / "tags.dat"
    if comma.is_file():
        for _, cells in csv_cells(comma, "userId", "movieId", "tag"):
            yield cells[0], cells[1], cells[2]
    elif colons.is_file():
        for _, cells in line_cells(colons, "::"):
            if len(cells) >= 3:
                yield cells[0], cells[1], cells[2]

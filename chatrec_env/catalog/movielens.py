"""Catalogues from MovieLens folders, in the layouts of latest-small / 25M, 100k and 1M / 10M."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec_env.catalog.build import LEVEL_GRID, build_catalog
from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.csv_files import csv_rows
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.movielens_declaration import GENRES_100K, movielens_declaration
from chatrec_env.catalog.table import Table, make_table
from chatrec_env.errors import CatalogError

ACCLAIM_PRIOR = 10
ACCLAIM_STARS = 1.0
NO_GENRES = ("(no genres listed)", "unknown")
LAYOUTS: tuple[tuple[str, str], ...] = (
    ("movies.csv", "ratings.csv"),
    ("u.item", "u.data"),
    ("movies.dat", "ratings.dat"),
)
_YEAR = re.compile(r"\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
_OTHER_TITLE = re.compile(r"^(.*[^\s:])\s+\([^()]*\)$")
_ARTICLE = re.compile(r"^(.*), (The|A|An|Les|Le|La|L'|El|Los|Las|Il|Das|Der|Die|Un|Une)$")
_ID = "movie id"

_Rows = Iterator[tuple[int, list[str]]]


@dataclass(slots=True)
class _Ratings:
    """Count and sum of the ratings of each movie id."""

    source: str
    count: dict[str, int] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)


def from_movielens(folder: str | Path) -> Catalog:
    """Builds a catalogue of films from a MovieLens folder.

    Facets are genre and era. Popularity is ``log(1 + n) / log(1 + max n)`` over rating counts ``n``.
    Acclaim is how far the film's shrunken mean rating, ``(sum + k m) / (n + k)`` with ``k = 10`` ratings at
    the overall mean ``m``, lies from ``m``: one star is the whole scale. Both are rounded to multiples of
    1/16. Tags, where there are any, enter the content factors.

    Args:
        folder: Holds ``movies.csv`` and ``ratings.csv`` (latest, latest-small, 20M, 25M), ``u.item`` and
            ``u.data`` (100k), or ``movies.dat`` and ``ratings.dat`` (1M, 10M).

    Raises:
        CatalogError: The folder holds none of the layouts, or a file is not as its layout says.
    """
    folder = Path(folder)
    readers = (_read_latest, _read_100k, _read_1m)
    for names, read in zip(LAYOUTS, readers, strict=True):
        if all((folder / name).is_file() for name in names):
            return _build(folder, *read(folder / names[0], folder / names[1]))
    came = "no such folder"
    if folder.is_dir():
        came = ", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) or "an empty folder"
    pairs = ", or ".join(" and ".join(names) for names in LAYOUTS)
    raise CatalogError(f"{folder}: expected a MovieLens folder ({pairs}), got {came}.")


def split_title(text: str) -> tuple[str, str]:
    """Title and year of a MovieLens title; the year is empty where there is none.

    The article comes back to the front and titles in other languages are dropped:
    ``"City of Lost Children, The (Cité des enfants perdus, La) (1995)"`` becomes
    ``("The City of Lost Children", "1995")``.
    """
    match = _YEAR.search(text)
    year = match.group(1) if match else ""
    title = text[: match.start()].strip() if match else text.strip()
    while (other := _OTHER_TITLE.match(title)) and not other.group(1).endswith(" Or"):
        title = other.group(1)
    article = _ARTICLE.match(title)
    if article:
        space = "" if article.group(2).endswith("'") else " "
        title = f"{article.group(2)}{space}{article.group(1)}"
    return title, year


def rating_levels(
    counts: NDArray[np.float64], totals: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Popularity in [0, 1] and acclaim in [-1, 1] of each item, ``(I,)`` multiples of 1/16.

    Args:
        counts: (I,) ratings of each item.
        totals: (I,) sum of their stars.
    """
    mean = totals.sum() / max(counts.sum(), 1.0)
    shrunken = (totals + ACCLAIM_PRIOR * mean) / (counts + ACCLAIM_PRIOR)
    acclaim = np.clip((shrunken - mean) / ACCLAIM_STARS, -1.0, 1.0)
    popularity = np.log1p(counts) / max(math.log1p(counts.max(initial=0.0)), 1e-9)
    levels = (np.round(np.stack([popularity, acclaim]) * LEVEL_GRID) / LEVEL_GRID).astype(np.float32)
    return levels[0], levels[1]


def _build(folder: Path, table: Table, ratings: _Ratings, words: dict[str, str]) -> Catalog:
    ids = table.cells(_ID)
    stray = ratings.count.keys() - set(ids)
    if stray:
        films = Path(table.source).name
        raise CatalogError(
            f"{ratings.source}: expected ratings of films in {films}, got movie {min(stray)!r}."
        )
    counts = np.array([ratings.count.get(movie, 0) for movie in ids], np.float64)
    totals = np.array([ratings.total.get(movie, 0.0) for movie in ids], np.float64)
    levels = zip(*rating_levels(counts, totals), strict=True)
    rows = tuple(
        (*row, repr(float(p)), repr(float(a))) for row, (p, a) in zip(table.rows, levels, strict=True)
    )
    columns = (*table.columns, "popularity", "acclaim")
    full = Table(source=table.source, columns=columns, rows=rows, lines=table.lines)
    declaration = movielens_declaration(
        folder.resolve().name, [int(year) for year in table.cells("year") if year]
    )
    return build_catalog(full, declaration, [words.get(movie, "") for movie in ids])


def _film_table(path: Path, rows: _Rows) -> Table:
    """A table of id, title, year and genres from ``(line, [id, title with year, genres])``."""

    def split() -> _Rows:
        for line, (movie, text, genres) in rows:
            known = [genre for genre in genres.split(SEPARATOR) if genre not in NO_GENRES]
            yield line, [movie, *split_title(text), SEPARATOR.join(known)]

    table = make_table(str(path), (_ID, "title", "year", "genres"), split(), "line")
    table.require((_ID,))
    return table


def _count(path: Path, rows: _Rows) -> _Ratings:
    """Adds up ``(line, [user, movie, rating, ...])``; about a microsecond a rating."""
    ratings = _Ratings(str(path))
    count, total = ratings.count, ratings.total
    for line, cells in rows:
        movie, text = cells[1], cells[2]
        try:
            rating = float(text)
        except ValueError:
            rating = math.nan
        if not 0.5 <= rating <= 5.0:
            raise CatalogError(
                f"{path}, line {line}, column 'rating': expected a number from 0.5 to 5, got {text!r}."
            )
        count[movie] = count.get(movie, 0) + 1
        total[movie] = total.get(movie, 0.0) + rating
    return ratings


def _csv_cells(path: Path, *header: str) -> _Rows:
    """Rows of a CSV file below the header this layout has."""
    rows = csv_rows(path)
    _, came = next(rows)
    for position, column in enumerate(header):
        if came[position : position + 1] != [column]:
            where = f"{path}, line 1, column {column!r}"
            raise CatalogError(f"{where}: expected the header {','.join(header)}, got {','.join(came)}.")
    for line, cells in rows:
        yield line, _checked(path, line, cells, came)


def _line_cells(path: Path, separator: str, columns: tuple[str, ...]) -> _Rows:
    """Rows of a file without header or quoting, in UTF-8 (10M) or Latin-1 (100k, 1M)."""
    with path.open("rb") as file:
        for line, data in enumerate(file, 1):
            try:
                text = data.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                text = data.decode("latin-1").rstrip("\r\n")
            if text:
                yield line, _checked(path, line, text.split(separator), columns)


def _checked(path: Path, line: int, cells: list[str], columns: tuple[str, ...] | list[str]) -> list[str]:
    if len(cells) != len(columns):
        last = columns[min(len(cells), len(columns)) - 1]
        raise CatalogError(
            f"{path}, line {line}, column {last!r}: expected {len(columns)} cells ({', '.join(columns)}), "
            f"got {len(cells)}."
        )
    return cells


def _read_latest(movies: Path, ratings: Path) -> tuple[Table, _Ratings, dict[str, str]]:
    films = ((line, cells[:3]) for line, cells in _csv_cells(movies, "movieId", "title", "genres"))
    table = _film_table(movies, films)
    tags = movies.with_name("tags.csv")
    words: dict[str, str] = {}
    if tags.is_file():
        for _, cells in _csv_cells(tags, "userId", "movieId", "tag"):
            words[cells[1]] = f"{words.get(cells[1], '')} {cells[2]}"
    return table, _count(ratings, _csv_cells(ratings, "userId", "movieId", "rating")), words


def _read_100k(items: Path, data: Path) -> tuple[Table, _Ratings, dict[str, str]]:
    columns = (_ID, "title", "release date", "video release date", "address", *GENRES_100K)

    def films() -> _Rows:
        for line, cells in _line_cells(items, "|", columns):
            for genre, flag in zip(GENRES_100K, cells[5:], strict=True):
                if flag not in ("0", "1"):
                    where = f"{items}, line {line}, column {genre!r}"
                    raise CatalogError(f"{where}: expected 0 or 1, got {flag!r}.")
            genres = [genre for genre, flag in zip(GENRES_100K, cells[5:], strict=True) if flag == "1"]
            yield line, [cells[0], cells[1], SEPARATOR.join(genres)]

    table = _film_table(items, films())
    return table, _count(data, _line_cells(data, "\t", ("user", "movie", "rating", "time"))), {}


def _read_1m(movies: Path, ratings: Path) -> tuple[Table, _Ratings, dict[str, str]]:
    table = _film_table(movies, _line_cells(movies, "::", (_ID, "title", "genres")))
    return table, _count(ratings, _line_cells(ratings, "::", ("user", "movie", "rating", "time"))), {}

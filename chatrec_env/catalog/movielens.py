"""Catalogues from MovieLens folders, in the layouts of latest-small / 25M, 100k and 1M / 10M."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chatrec_env.catalog.build import LEVEL_GRID, build_catalog
from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.movielens_declaration import GENRES_100K, movielens_declaration
from chatrec_env.catalog.table import Table, decode, make_table
from chatrec_env.errors import CatalogError

ACCLAIM_PRIOR = 10
ACCLAIM_STARS = 1.0
_YEAR = re.compile(r"\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
_ARTICLE = re.compile(r"^(.*), (The|A|An|Les|Le|La|L'|El|Los|Las|Il|Das|Der|Die|Un|Une)$")
_ID = "movie id"


@dataclass(slots=True)
class _Ratings:
    """Count and sum of the ratings of each movie id."""

    count: dict[str, int] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)


def from_movielens(folder: str | Path) -> Catalog:
    """Builds a catalogue of films from a MovieLens folder.

    Facets are genre and era. Popularity is ``log(1 + n) / log(1 + max n)`` over rating counts ``n``. Acclaim
    is the deviation of the film's shrunken mean rating, ``(sum + k m) / (n + k)`` with ``k = 10`` ratings at the
    overall mean ``m``, from ``m``: one star is the whole scale. Both are rounded to multiples of 1/16.

    Args:
        folder: Holds ``movies.csv`` and ``ratings.csv`` (latest, latest-small, 20M, 25M), ``u.item`` and
            ``u.data`` (100k), or ``movies.dat`` and ``ratings.dat`` (1M, 10M).

    Raises:
        CatalogError: The folder holds none of the layouts, or a file is not as its layout says.
    """
    folder = Path(folder)
    for names, read in (
        (("movies.csv", "ratings.csv"), _read_latest),
        (("u.item", "u.data"), _read_100k),
        (("movies.dat", "ratings.dat"), _read_1m),
    ):
        if all((folder / name).is_file() for name in names):
            table, ratings, words = read(folder / names[0], folder / names[1])
            return _build(folder, table, ratings, words)
    came = ", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) if folder.is_dir() else "no such folder"
    raise CatalogError(
        f"{folder}: expected a MovieLens folder (movies.csv and ratings.csv, u.item and u.data, or movies.dat "
        f"and ratings.dat), got {came or 'an empty folder'}."
    )


def _build(folder: Path, table: Table, ratings: _Ratings, words: dict[str, str]) -> Catalog:
    ids = table.cells(_ID)
    stray = ratings.count.keys() - set(ids)
    if stray:
        raise CatalogError(
            f"{folder}: expected ratings of the {len(ids)} movies of {Path(table.source).name} only, "
            f"got ratings of the unknown movie {min(stray)!r}."
        )
    counts = np.array([ratings.count.get(movie, 0) for movie in ids], np.float64)
    totals = np.array([ratings.total.get(movie, 0.0) for movie in ids], np.float64)
    mean = totals.sum() / max(counts.sum(), 1.0)
    shrunken = (totals + ACCLAIM_PRIOR * mean) / (counts + ACCLAIM_PRIOR)
    acclaim = np.clip((shrunken - mean) / ACCLAIM_STARS, -1.0, 1.0)
    popularity = np.log1p(counts) / max(math.log1p(counts.max(initial=0.0)), 1e-9)
    extra = np.stack([np.round(popularity * LEVEL_GRID), np.round(acclaim * LEVEL_GRID)], axis=1) / LEVEL_GRID
    rows = tuple((*row, repr(float(p)), repr(float(a))) for row, (p, a) in zip(table.rows, extra, strict=True))
    full = Table(
        source=table.source, columns=(*table.columns, "popularity", "acclaim"), rows=rows, lines=table.lines
    )
    years = [int(year) for year in table.cells("year") if year]
    declaration: Declaration = movielens_declaration(folder.name, years)
    return build_catalog(full, declaration, [words.get(movie, "") for movie in ids])


def _split_title(text: str) -> tuple[str, str]:
    """``"Matrix, The (1999)"`` -> ``("The Matrix", "1999")``; the year is empty where there is none."""
    match = _YEAR.search(text)
    year = match.group(1) if match else ""
    title = text[: match.start()].strip() if match else text.strip()
    article = _ARTICLE.match(title)
    if article:
        space = "" if article.group(2).endswith("'") else " "
        title = f"{article.group(2)}{space}{article.group(1)}"
    return title, year


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not empty; UTF-8 (10M), otherwise Latin-1 (100k, 1M)."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _film_table(path: Path, rows: Iterator[tuple[int, list[str]]]) -> Table:
    """A table of id, title, year and genres from ``(line, [id, title with year, genres])``."""

    def split() -> Iterator[tuple[int, list[str]]]:
        for line, (movie, text, genres) in rows:
            title, year = _split_title(text)
            known = [genre for genre in genres.split(SEPARATOR) if genre not in ("(no genres listed)", "unknown")]
            yield line, [movie, title, year, SEPARATOR.join(known)]

    table = make_table(str(path), (_ID, "title", "year", "genres"), split(), "line")
    if not table.rows:
        raise CatalogError(f"{path}: expected at least one movie, got none.")
    return table


def _cells(path: Path, line: int, text: str, separator: str, n_cells: int) -> list[str]:
    cells = text.rstrip("\r\n").split(separator)
    if len(cells) != n_cells:
        raise CatalogError(
            f"{path}, line {line}, column {min(len(cells), n_cells)}: expected {n_cells} cells separated by "
            f"{separator!r}, got {len(cells)}."
        )
    return cells


def _count(path: Path, rows: Iterator[tuple[int, list[str]]]) -> _Ratings:
    """Adds up ``(line, [user, movie, rating, ...])``."""
    ratings = _Ratings()
    count, total = ratings.count, ratings.total
    for line, cells in rows:
        try:
            rating = float(cells[2])
        except ValueError:
            rating = math.nan
        if not 0.5 <= rating <= 5.0:
            raise CatalogError(
                f"{path}, line {line}, column 'rating': expected a number from 0.5 to 5, got {cells[2]!r}."
            )
        movie = cells[1]
        count[movie] = count.get(movie, 0) + 1
        total[movie] = total.get(movie, 0.0) + rating
    return ratings


def _csv_rows(path: Path, header: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Numbered CSV rows below the header this layout has."""
    data = path.read_bytes()
    if not data.strip():
        raise CatalogError(f"{path}, line 1: expected the header {','.join(header)}, got an empty file.")
    reader = csv.reader(io.StringIO(decode(str(path), data, "utf-8-sig"), newline=""))
    came = next(reader)
    if came[: len(header)] != header:
        missing = next(name for name in header if name not in came) if set(header) - set(came) else header[0]
        raise CatalogError(
            f"{path}, line 1, column {missing!r}: expected the header {','.join(header)}, got {','.join(came)}."
        )
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            if len(cells) != len(came):
                raise CatalogError(
                    f"{path}, line {line}, column {came[min(len(cells), len(came)) - 1]!r}: "
                    f"expected {len(came)} cells, got {len(cells)}."
                )
            yield line, cells
        line = reader.line_num + 1


def _read_latest(movies: Path, ratings: Path) -> tuple[Table, _Ratings, dict[str, str]]:
    table = _film_table(movies, ((line, cells[:3]) for line, cells in _csv_rows(movies, ["movieId", "title", "genres"])))
    tags = movies.with_name("tags.csv")
    words: dict[str, str] = {}
    if tags.is_file():
        for _, cells in _csv_rows(tags, ["userId", "movieId", "tag"]):
            words[cells[1]] = f"{words.get(cells[1], '')} {cells[2]}"
    return table, _count(ratings, _csv_rows(ratings, ["userId", "movieId", "rating"])), words


def _read_100k(items: Path, data: Path) -> tuple[Table, _Ratings, dict[str, str]]:
    def films() -> Iterator[tuple[int, list[str]]]:
        for line, text in _lines(items):
            cells = _cells(items, line, text, "|", 5 + len(GENRES_100K))
            flags = dict(zip(GENRES_100K, cells[5:], strict=True))
            for genre, flag in flags.items():
                if flag not in ("0", "1"):
                    raise CatalogError(f"{items}, line {line}, column {genre!r}: expected 0 or 1, got {flag!r}.")
            yield line, [cells[0], cells[1], SEPARATOR.join(genre for genre, flag in flags.items() if flag == "1")]

    table = _film_table(items, films())
    return table, _count(data, ((line, _cells(data, line, text, "\t", 4)) for line, text in _lines(data))), {}


def _read_1m(movies: Path, ratings: Path) -> tuple[Table, _Ratings, dict[str, str]]:
    table = _film_table(movies, ((line, _cells(movies, line, text, "::", 3)) for line, text in _lines(movies)))
    counted = _count(ratings, ((line, _cells(ratings, line, text, "::", 4)) for line, text in _lines(ratings)))
    return table, counted, {}

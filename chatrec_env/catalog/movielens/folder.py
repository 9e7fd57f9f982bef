"""Catalogues from MovieLens folders, in the layouts of latest / 20M / 25M / 32M, 100k and 1M / 10M."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec_env.catalog.build import LEVEL_GRID, build_catalog
from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.movielens.files import (
    WHOLE,
    Layout,
    Rows,
    checked,
    csv_cells,
    find_layout,
    line_cells,
    tag_rows,
    whole_number,
)
from chatrec_env.catalog.movielens.rating_blocks import rating_blocks
from chatrec_env.catalog.table import Table, make_table
from chatrec_env.catalog.written import split_cell
from chatrec_env.errors import MismatchError

ACCLAIM_PRIOR = 10
ACCLAIM_STARS = 1.0
NO_GENRES = ("(no genres listed)", "unknown")
_YEAR = re.compile(
    r"\s*\(+((?:18|19|20)\d\d)\s*(?:/[IVX]+)?(?:[-–—]\s*\d{0,4}\s*)?\)+\s*(?:\((?:V|TV|VG)\)\s*)*$"
)
_OTHER_TITLE = re.compile(r"^(.*[^\s:])\s+\([^()]*\)$")
_ARTICLE = re.compile(r"^(.*), (The|A|An|Les|Le|La|L'|El|Los|Las|Il|Das|Der|Die|Un|Une)$")
_ID = "movie id"
_DECLARATION = Path(__file__).with_name("declaration.json")  # name and decades are those of the folder

# The order of the flags in `u.item`.
GENRES_100K: tuple[str, ...] = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller"),
    *("War", "Western"),
)


def from_movielens(folder: str | Path) -> Catalog:
    """Builds a catalogue of films from a MovieLens folder.

    Facets are genre and era. Popularity is ``log(1 + n) / log(1 + max n)`` over rating counts ``n``.
    Acclaim is how far the film's shrunken mean rating, ``(sum + k m) / (n + k)`` with ``k = 10`` ratings at
    the overall mean ``m``, lies from ``m``: one star is the whole scale. Both are rounded to multiples of
    1/16. Tags, where there are any, enter the content factors.

    Args:
        folder: Holds ``movies.csv`` and ``ratings.csv`` (latest, latest-small, 20M, 25M, 32M), ``u.item`` and
            ``u.data`` (100k), or ``movies.dat`` and ``ratings.dat`` (1M, 10M).

    Raises:
        CatalogError: The folder holds none of the layouts, or a file is not as its layout says.
    """
    folder = Path(folder)
    films, ratings, layout = find_layout(folder)
    table = _film_table(films, _READERS[layout.films](films))
    ids = np.array([int(movie) for movie in table.cells(_ID)], np.int64)
    words: dict[str, list[str]] = {}
    for _, movie, word in tag_rows(folder):
        words.setdefault(str(whole_number(movie)), []).append(word)
    said = [" ".join(words.get(movie, ())) for movie in table.cells(_ID)]
    return _build(folder, table, *_count(ratings, layout, ids), said)


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


def _build(
    folder: Path, table: Table, counts: NDArray[np.float64], totals: NDArray[np.float64], said: list[str]
) -> Catalog:
    levels = zip(*rating_levels(counts, totals), strict=True)
    rows = tuple(
        (*row, repr(float(p)), repr(float(a))) for row, (p, a) in zip(table.rows, levels, strict=True)
    )
    columns = (*table.columns, "popularity", "acclaim")
    full = Table(source=table.source, columns=columns, rows=rows, lines=table.lines)
    years = [int(year) for year in table.cells("year") if year]
    return build_catalog(full, _declaration(folder.resolve().name, years), said)


def _declaration(name: str, years: Sequence[int]) -> Declaration:
    """Genre (open vocabulary), and the decades from the earliest to the latest year; none without any year."""
    data = json.loads(_DECLARATION.read_text(encoding="utf-8"))
    genre, era = data["facets"]
    genre["value_critiques"] = {each: f"too much of {said}" for each, said in genre["value_phrases"].items()}
    data["facets"] = [genre]
    if years:
        starts = range(min(years) // 10 * 10, max(years) // 10 * 10 + 10, 10)
        era["values"], era["bins"] = [f"{start}s" for start in starts], [*starts, starts[-1] + 10]
        era["synonyms"] = {each: said for each, said in era["synonyms"].items() if each in era["values"]}
        data["facets"].append(era)
    return Declaration.from_dict({"name": name, **data})


def _film_table(path: Path, rows: Rows) -> Table:
    """A table of id, title, year and genres from ``(line, [id, title with year, genres])``."""

    def split() -> Rows:
        for line, (movie, text, genres) in rows:
            number = whole_number(movie)
            if number is None:
                came = f"{movie.strip()!r}; films of MovieLens have a number"
                raise MismatchError(path, WHOLE, came, line, _ID)
            known = [genre for genre in split_cell(genres, SEPARATOR) if genre not in NO_GENRES]
            yield line, [str(number), *split_title(text), SEPARATOR.join(known)]

    table = make_table(str(path), (_ID, "title", "year", "genres"), split(), "line")
    table.require((_ID,))
    return table


def _count(
    path: Path, layout: Layout, ids: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Number (I,) and sum (I,) of the ratings of each film."""
    counts, totals = np.zeros(len(ids)), np.zeros(len(ids))
    for block in rating_blocks(path, layout, ids):
        counts += np.bincount(block.items, minlength=len(ids))
        totals += np.bincount(block.items, block.stars, len(ids))
    return counts, totals


def _read_latest(films: Path) -> Rows:
    return csv_cells(films, "movieId", "title", "genres")


def _read_100k(films: Path) -> Rows:
    columns = (_ID, "title", "release date", "video release date", "address", *GENRES_100K)
    for line, cells in line_cells(films, "|"):
        flags = checked(films, line, cells, columns)[5:]
        for genre, flag in zip(GENRES_100K, flags, strict=True):
            if flag not in ("0", "1"):
                raise MismatchError(films, "0 or 1", repr(flag), line, genre)
        genres = [genre for genre, flag in zip(GENRES_100K, flags, strict=True) if flag == "1"]
        yield line, [cells[0], cells[1], SEPARATOR.join(genres)]


def _read_1m(films: Path) -> Rows:
    for line, cells in line_cells(films, "::"):
        yield line, checked(films, line, cells, (_ID, "title", "genres"))


_READERS = {"movies.csv": _read_latest, "u.item": _read_100k, "movies.dat": _read_1m}
"""What reads the films, by the name of their file."""

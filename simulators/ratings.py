"""Ratings of real people, from the MovieLens layouts the catalogue loader knows; read in blocks, checked whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.movielens import LAYOUTS
from chatrec_env.errors import CatalogError

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

MIN_PEOPLE = 20
"""People below which a population cannot be told from its members."""

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings sorted by person; within a person in the order they were given, where that is known.

    Attributes:
        users: (n,) int32 person of each rating, 0 to ``n_users - 1``.
        items: (n,) int32 row of the item in the catalogue.
        stars: (n,) float32, 0.5 to 5.
        n_users: People.
        n_items: Items of the catalogue, rated or not.
        keys: ``n_users`` ids of the people in the file, to find them in the tags; empty for simulated people.
        timed: Whether every rating has a time.
        repeated: Ratings dropped because the same person rated the same item again later.
        years: First and last year of the ratings, where they have times.
    """

    users: Ints
    items: Ints
    stars: npt.NDArray[np.float32]
    n_users: int
    n_items: int
    keys: npt.NDArray[np.int64]
    timed: bool = False
    repeated: int = 0
    years: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.users)

    def starts(self) -> npt.NDArray[np.int64]:
        """(n_users + 1,) where each person's ratings begin."""
        out = np.zeros(self.n_users + 1, np.int64)
        np.cumsum(np.bincount(self.users, minlength=self.n_users), out=out[1:])
        return out

    def where(self, chosen: npt.NDArray[np.bool_]) -> Ratings:
        """The chosen ratings of the same people; some may be left without any."""
        return self._with(self.users[chosen], self.items[chosen], self.stars[chosen], self.n_users, self.keys)

    def of_people(self, people: npt.NDArray[np.intp]) -> Ratings:
        """The ratings of these people alone, renumbered in ascending order."""
        people = np.sort(people)
        number = np.full(self.n_users, -1, np.int32)
        number[people] = np.arange(len(people), dtype=np.int32)
        chosen = number[self.users] >= 0
        keys = self.keys[people] if len(self.keys) else self.keys
        return self._with(
            number[self.users[chosen]], self.items[chosen], self.stars[chosen], len(people), keys
        )

    def rated(self, stars: npt.NDArray[Any]) -> Ratings:
        """The same people and items with other stars."""
        none = np.zeros(0, np.int64)
        return self._with(self.users, self.items, stars.astype(np.float32), self.n_users, none)

    def _with(
        self, users: Ints, items: Ints, stars: npt.NDArray[np.float32], n: int, keys: npt.NDArray[np.int64]
    ) -> Ratings:
        return Ratings(users, items, stars, n, self.n_items, keys, self.timed, self.repeated, self.years)


def read_ratings(folder: str | Path, catalog: Catalog) -> Ratings:
    """Reads the ratings of a MovieLens folder.

    Where a person rated an item twice, the later rating counts. Without times the order of the file stands for
    the order of rating.

    Args:
        folder: As for ``from_movielens``.
        catalog: The catalogue made of the same folder.

    Raises:
        CatalogError: A file is not as its layout says; the message names the line.
    """
    folder = Path(folder)
    path, layout = _ratings_file(folder)
    columns = _columns(path, layout)
    users, movies, stars, times = columns
    if not len(users):
        raise CatalogError(f"{path}: expected ratings, got a file without any.")
    timed = times is not None
    bad = ~((stars >= 0.5) & (stars <= 5.0))
    if bad.any():
        _explain(path, layout)
    ids = np.array([int(key) for key in catalog.ids], np.int64)
    order = np.argsort(ids)
    place = np.minimum(np.searchsorted(ids, movies, sorter=order), len(ids) - 1)
    items = order[place].astype(np.int32)
    stray = ids[items] != movies
    if stray.any():
        raise CatalogError(
            f"{path}: expected ratings of films in {LAYOUTS[layout][0]}, got movie {movies[stray.argmax()]}."
        )
    years = None
    if timed:
        first, last = (np.datetime64(int(t), "s").astype("datetime64[Y]") for t in (times.min(), times.max()))
        years = (int(str(first)), int(str(last)))
    keys, numbers = np.unique(users, return_inverse=True)
    users = numbers.astype(np.int32)
    given = np.lexsort((times, users)) if timed else np.argsort(users, kind="stable")
    users, items, stars = users[given], items[given], stars[given]
    keep = _last_of_each(users, items, len(catalog.ids))
    if len(keys) < MIN_PEOPLE:
        raise CatalogError(f"{path}: expected ratings of {MIN_PEOPLE} people or more, got {len(keys)}.")
    return Ratings(
        users[keep],
        items[keep],
        stars[keep],
        len(keys),
        catalog.n_items,
        keys,
        timed,
        int((~keep).sum()),
        years,
    )


def read_tags(folder: str | Path) -> Iterator[tuple[int, int, str]]:
    """Person, movie id and word of each tag of a folder that has ``tags.csv`` or ``tags.dat``; lower case."""
    from chatrec_env.catalog.csv_files import csv_rows

    csv, dat = Path(folder) / "tags.csv", Path(folder) / "tags.dat"
    if csv.is_file():
        rows = csv_rows(csv)
        next(rows)
    elif dat.is_file():
        text = dat.read_text(encoding="utf-8", errors="replace")
        rows = ((n, line.split("::")) for n, line in enumerate(text.splitlines(), 1) if line)
    else:
        return
    for _, cells in rows:
        if len(cells) >= 3 and cells[0].isdigit() and cells[1].isdigit():
            yield int(cells[0]), int(cells[1]), " ".join(cells[2].lower().split())


def _ratings_file(folder: Path) -> tuple[Path, int]:
    for layout, names in enumerate(LAYOUTS):
        if all((folder / name).is_file() for name in names):
            return folder / names[1], layout
    pairs = ", or ".join(" and ".join(names) for names in LAYOUTS)
    raise CatalogError(f"{folder}: expected a MovieLens folder ({pairs}), got none of them.")


def _last_of_each(users: Ints, items: Ints, n_items: int) -> npt.NDArray[np.bool_]:
    """Which ratings no later one of the same person and item replaces."""
    key = users.astype(np.int64) * n_items + items
    order = np.argsort(key, kind="stable")
    later = np.zeros(len(key), np.bool_)
    later[order[:-1]] = key[order[:-1]] == key[order[1:]]
    return ~later


def _columns(path: Path, layout: int) -> tuple[Any, Any, Any, Any]:
    """Person, movie, stars and times (None where one is missing), in the order of the file."""
    import pyarrow as pa
    from pyarrow import csv

    names = ["userId", "movieId", "rating", "timestamp"]
    read, parse = csv.ReadOptions(use_threads=False), csv.ParseOptions()
    if layout == 1:
        read.column_names, parse.delimiter = names, "\t"
    elif layout == 2:  # "::" reads as ":" with an empty column between two
        read.column_names = ["userId", "_1", "movieId", "_2", "rating", "_3", "timestamp"]
        parse.delimiter = ":"
    kinds = dict(zip(names, (pa.int64(), pa.int64(), pa.float32(), pa.int64()), strict=True))
    convert = csv.ConvertOptions(include_columns=names, include_missing_columns=True, column_types=kinds)
    parts: list[list[Any]] = [[], [], [], []]
    timed = True
    try:
        with csv.open_csv(path, read_options=read, parse_options=parse, convert_options=convert) as blocks:
            for block in blocks:
                if any(block.column(c).null_count for c in range(3)):
                    _explain(path, layout)
                timed &= block.column(3).null_count == 0
                for c, kind in enumerate((np.int64, np.int64, np.float32, np.int64)):
                    column = block.column(c)
                    whole = c < 3 or column.null_count == 0
                    parts[c].append(column.to_numpy(zero_copy_only=False).astype(kind) if whole else None)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        _explain(path, layout, str(error))
    users, movies, stars = (np.concatenate(p) if p else np.zeros(0) for p in parts[:3])
    return users, movies, stars, np.concatenate(parts[3]) if timed and parts[3] else None


def _explain(path: Path, layout: int, otherwise: str = "an unreadable file") -> NoReturn:
    """Finds the first line that is wrong; slow, so only once something is known to be."""
    separator = (",", "\t", "::")[layout]
    with path.open(encoding="utf-8", errors="replace") as file:
        for line, text in enumerate(file, 1):
            cells = [cell.strip().strip('"') for cell in text.rstrip("\r\n").split(separator)]
            if not text.strip() or (layout == 0 and line == 1):
                continue
            where = f"{path}, line {line}"
            if len(cells) < 3:
                raise CatalogError(f"{where}: expected user, movie, rating and time, got {text.strip()!r}.")
            for name, cell in zip(("user", "movie"), cells, strict=False):
                if not cell.isdigit():
                    raise CatalogError(f"{where}, column {name!r}: expected a whole number, got {cell!r}.")
            try:
                stars = float(cells[2])
            except ValueError:
                stars = math.nan
            if not 0.5 <= stars <= 5.0:
                raise CatalogError(
                    f"{where}, column 'rating': expected a number from 0.5 to 5, got {cells[2]!r}."
                )
    raise CatalogError(f"{path}: expected user, movie, rating and time in every line, got {otherwise}.")

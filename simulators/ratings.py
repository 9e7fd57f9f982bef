"""Ratings of real people, from the MovieLens layouts the catalogue loader knows; read in blocks, checked whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.movielens.files import find_layout, tag_rows, whole_number
from chatrec_env.catalog.movielens.rating_blocks import rating_blocks
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
        counted_in: Unit of the times in the file: seconds since 1970, or smaller ones.
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
    counted_in: str = "seconds"

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
        return Ratings(
            users, items, stars, n, self.n_items, keys, self.timed, self.repeated, self.years, self.counted_in
        )


def read_ratings(folder: str | Path, catalog: Catalog) -> Ratings:
    """Reads the ratings of a MovieLens folder; about 100 bytes of memory a rating at most.

    Where a person rated an item twice, the later rating counts; without times, the one further down in the file.

    Args:
        folder: As for ``from_movielens``.
        catalog: The catalogue made of the same folder.

    Raises:
        CatalogError: A file is not as its layout says, or there are fewer than ``MIN_PEOPLE`` people; the message
            names line and column where it is a cell.
    """
    import pandas as pd

    _, path, layout = find_layout(Path(folder))
    ids = np.array([int(key) for key in catalog.ids], np.int64)
    parts: list[list[Any]] = [[], [], [], []]
    timed = True
    for block in rating_blocks(path, layout, ids):
        timed = timed and block.times is not None
        whole = (block.users, block.items, block.stars, block.times if timed else None)
        for part, column in zip(parts, whole, strict=True):
            part.append(None if column is None else _small(column))
    if not parts[0]:
        raise CatalogError(f"{path}: expected ratings, got a file without any.")
    stars, times = _joined(parts[2]), _joined(parts[3]) if timed else None
    items = _joined(parts[1])
    codes, keys = pd.factorize(_joined(parts[0]), sort=True)
    users = codes.astype(np.int32)
    del codes
    if len(keys) < MIN_PEOPLE:
        raise CatalogError(
            f"{path}: expected ratings of {MIN_PEOPLE} people or more, got {len(keys)}; fewer do not tell a "
            "population from its members."
        )
    years, unit = None, "seconds"
    if times is not None:
        unit, per_second = unit_of_time(times)
        times = times // per_second
        years = years_of(times)
    given = np.argsort(users, kind="stable") if times is None else np.lexsort((times, users))
    del times
    given = given[last_of_each(users[given], items[given], len(ids))]
    kept = users[given], items[given], stars[given]
    return Ratings(
        *kept, len(keys), len(ids), keys.astype(np.int64), timed, len(users) - len(given), years, unit
    )


def read_tags(folder: str | Path) -> Iterator[tuple[int, int, str]]:
    """Person, movie id and word of each tag of a folder that has ``tags.csv`` or ``tags.dat``; lower case."""
    for person, movie, word in tag_rows(Path(folder)):
        someone, film = whole_number(person), whole_number(movie)
        if someone is not None and film is not None:
            yield someone, film, " ".join(word.lower().split())


def years_of(times: npt.NDArray[np.int64]) -> tuple[int, int]:
    """First and last year of times in seconds since 1970."""
    first, last = (np.datetime64(int(t), "s").astype("datetime64[Y]") for t in (times.min(), times.max()))
    return int(str(first)), int(str(last))


def unit_of_time(times: npt.NDArray[np.int64]) -> tuple[str, int]:
    """What times since 1970 are counted in, and how many of these are a second; told by how large they are.

    In seconds, 1e11 is the year 5138.
    """
    middle = float(np.median(np.abs(times)))
    units = ((1e17, "nanoseconds", 10**9), (1e14, "microseconds", 10**6), (1e11, "milliseconds", 1000))
    return next(((name, size) for least, name, size in units if middle >= least), ("seconds", 1))


def _small(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy, of half the size where its whole numbers allow; the block it is of can go."""
    if column.dtype == np.int64 and column.min() >= -(2**31) and column.max() < 2**31:
        return column.astype(np.int32)
    return column.copy()


def _joined(parts: list[Any]) -> npt.NDArray[Any]:
    """One array of many, which are let go of."""
    out = np.concatenate(parts)
    parts.clear()
    return out


def last_of_each(users: Ints, items: Ints, n_items: int) -> npt.NDArray[np.bool_]:
    """Which ratings no later one of the same person and item replaces."""
    key = users.astype(np.int64) * n_items + items
    ordered = np.sort(key)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.ones(len(key), np.bool_)
    del ordered
    order = np.argsort(key, kind="stable")
    key = key[order]
    later = np.zeros(len(key), np.bool_)
    later[order[:-1]] = key[:-1] == key[1:]
    return ~later

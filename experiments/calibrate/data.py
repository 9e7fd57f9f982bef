"""Ratings of real people from a folder, or one clear reason why they do not do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.catalog.loading import MOVIELENS_PREFIX
from chatrec_env.errors import CatalogError, ConfigError, MismatchError
from experiments.cli.options import OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, say
from experiments.report.runlog import Run, new_folder
from simulators.calibration.heldout import held_out_sizes
from simulators.calibration.rating_columns import RatingColumns
from simulators.ratings import MIN_PEOPLE, Ratings, read_ratings

Scale = Annotated[tuple[float, float] | None, tyro.conf.arg(metavar="LOW HIGH", help_behavior_hint="")]
"""Lowest and highest rating; may be left out."""

TABLE_OPTIONS = ("items", "user_column", "item_column", "rating_column", "time_column", "scale")
"""Options of a table of ratings, as they stand in the command that gives the same figures."""

MIN_HELD_OUT = 100
"""Held-out ratings below which the check says nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingsOptions:
    """Which ratings of real people a study is of.

    Attributes:
        ratings: MovieLens folder (latest, latest-small, 100k, 1M, 10M, 20M, 25M or 32M layout), or a table of user,
            item, rating and, if at all, time (CSV of any kind, Parquet), in any scale.
        items: Catalogue of the items of a table (a built-in name or a path); without it, all that is known of them
            is how often they were rated.
        user_column: Heading of the people in a table; found by its name where it is not given.
        item_column: Heading of the items.
        rating_column: Heading of the ratings.
        time_column: Heading of the times.
        scale: Lowest and highest rating that can be given, in a table; told by the ratings where it is not given.
        held_out: Share of each person's ratings that is held out.
        people: People used at most, drawn at random.
        draws: Bootstrap samples of people behind an interval.
        seed: Of splits, factors and draws.
        out: Run folder; default: runs/ and the name of the command, or the next free name.
        json: Print the tables as JSON.
    """

    ratings: Path
    items: str = ""
    user_column: str = ""
    item_column: str = ""
    rating_column: str = ""
    time_column: str = ""
    scale: Scale = None
    held_out: float = 0.1
    people: int = 20_000
    draws: int = 1000
    seed: int = 0
    out: OptionalPath = None
    json: bool = False

    def check(self, **least: int) -> None:
        """Refuse what is out of range; ``least``: of further options.

        Raises:
            ConfigError: Names the first such option.
        """
        if not 0.01 <= self.held_out <= 0.5:
            raise ConfigError(f"--held-out is a share and must be between 0.01 and 0.5, got {self.held_out}.")
        check_least(self, people=20, draws=20, seed=0, **least)
        if self.scale is not None and not self.scale[0] < self.scale[1]:
            raise ConfigError(f"--scale expects the lowest and the highest rating, got {self.scale}.")

    @property
    def columns(self) -> RatingColumns:
        """What was said of the columns of a table."""
        return RatingColumns(
            user=self.user_column,
            item=self.item_column,
            rating=self.rating_column,
            time=self.time_column,
            scale=self.scale,
        )


def begin(config: RatingsOptions, kind: str, notes: Iterable[str]) -> Run:
    """The run folder of a study, and the notes on its ratings told."""
    folder = config.out or new_folder(Path("runs"), kind)
    run = Run.create(folder, kind=kind, config=asdict(config), seeds={"all": config.seed})
    for note in notes:
        say(clean(note))
    return run


def read(config: RatingsOptions, meter: Meter) -> tuple[Catalog, Ratings, list[str]]:
    """Catalogue, ratings of the people that are used, and what to know about them.

    Raises:
        CatalogError: A file is not as its layout says.
        ConfigError: Options of a table with a MovieLens folder.
    """
    from simulators.calibration.rating_table import read_rating_table

    source, notes = config.ratings, []
    if not source.exists():
        expected = "a MovieLens folder or a table of user, item and rating"
        raise MismatchError(source, expected, "no such file or folder")
    with meter.work(f"Reading {source.name}"):
        if source.is_file():
            items = load_catalog(config.items) if config.items else None
            table = read_rating_table(source, config.columns, items)
            catalog, ratings, notes = table.catalog, table.ratings, table.notes
        else:
            if config.items or config.columns != RatingColumns():
                raise ConfigError(
                    "--items, --scale and the columns are for a table, not for a MovieLens folder."
                )
            catalog = load_catalog(f"{MOVIELENS_PREFIX}{source}")
            ratings = read_ratings(source, catalog)
    if ratings.repeated:
        notes.append(
            f"{ratings.repeated:,} ratings were given again by the same person: the last one counts."
        )
    if ratings.counted_in != "seconds":
        notes.append(f"Times are read as {ratings.counted_in} since 1970.")
    if ratings.n_users > (people := config.people):
        notes.append(f"{people:,} of {ratings.n_users:,} people, drawn at random (--people).")
        chosen = np.random.default_rng(config.seed).choice(ratings.n_users, people, replace=False)
        ratings = ratings.of_people(chosen)
    return catalog, ratings, notes


def check_enough(folder: Path, ratings: Ratings, held_out: float) -> None:
    """Refuse ratings that a population cannot be fitted to and checked on.

    Raises:
        CatalogError: All ratings are the same.
        ConfigError: There are too few.
    """
    sizes = np.diff(ratings.starts())
    if (several := int((sizes >= 2).sum())) < MIN_PEOPLE:
        raise ConfigError(
            f"{folder}: expected {MIN_PEOPLE} people or more who rated two items or more, got {several} of "
            f"{ratings.n_users:,}: one rating says nothing of how a person rates. Take more ratings."
        )
    held = int(held_out_sizes(sizes, held_out).sum())
    if held < MIN_HELD_OUT:
        raise ConfigError(
            f"{folder}: expected {MIN_HELD_OUT} ratings or more to hold out, got {held} (of {len(ratings):,} "
            f"by {ratings.n_users:,} people). Hold out a larger share (--held-out 0.3), or take more ratings."
        )
    if ratings.stars.min() == ratings.stars.max():
        raise CatalogError(
            f"{folder}: expected ratings that differ, got {len(ratings):,} of {ratings.stars[0]:g}."
        )

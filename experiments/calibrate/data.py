"""What ``chatrec calibrate`` works on: the ratings of a folder, or one clear reason why they do not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.catalog.loading import MOVIELENS_PREFIX
from chatrec_env.errors import CatalogError, ConfigError
from simulators.calibration.heldout import held_out_sizes
from simulators.ratings import MIN_PEOPLE, Ratings, read_ratings

if TYPE_CHECKING:
    from experiments.calibrate.calibrate import CalibrateConfig
    from experiments.cli.progress import Meter

MIN_HELD_OUT = 100
"""Held-out ratings below which the check says nothing."""


def read(config: CalibrateConfig, meter: Meter) -> tuple[Catalog, Ratings, list[str]]:
    """Catalogue, ratings of the people that are used, and what to know about them.

    Raises:
        CatalogError: A file is not as its layout says, or all ratings are the same.
        ConfigError: There are too few ratings.
    """
    with meter.work(f"Reading {config.ratings.name}"):
        catalog = load_catalog(f"{MOVIELENS_PREFIX}{config.ratings}")
        ratings = read_ratings(config.ratings, catalog)
    notes = []
    if ratings.repeated:
        notes.append(
            f"{ratings.repeated:,} ratings were given again by the same person: the last one counts."
        )
    if not ratings.timed:
        told = "held out at random, not by time" if config.split == "time" else "what is held out is random"
        notes.append(f"Not every rating has a time, so no order of rating is known: {told}.")
    if ratings.n_users > config.people:
        notes.append(f"{config.people:,} of {ratings.n_users:,} people, drawn at random (--people).")
        chosen = np.random.default_rng(config.seed).choice(ratings.n_users, config.people, replace=False)
        ratings = ratings.of_people(chosen)
    sizes = np.diff(ratings.starts())
    if (several := int((sizes >= 2).sum())) < MIN_PEOPLE:
        raise ConfigError(
            f"{config.ratings}: expected {MIN_PEOPLE} people or more who rated two films or more, got {several} of "
            f"{ratings.n_users:,}: one rating says nothing of how a person rates. Take a larger folder."
        )
    held = int(held_out_sizes(sizes, config.held_out).sum())
    if held < MIN_HELD_OUT:
        raise ConfigError(
            f"{config.ratings}: expected {MIN_HELD_OUT} ratings or more to hold out, got {held} (of {len(ratings):,} "
            f"by {ratings.n_users:,} people). Hold out a larger share (--held-out 0.3), or take a larger folder."
        )
    if ratings.stars.min() == ratings.stars.max():
        raise CatalogError(
            f"{config.ratings}: expected ratings that differ, got {ratings.stars[0]:g} stars {len(ratings):,} times."
        )
    return catalog, ratings, notes

"""What people did before they came: rated items, drawn with the person, visible to the system."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

RATING_HISTORIES: dict[str, tuple[tuple[float, int, int], ...]] = {
    "cold": ((1.0, 0, 0),),
    "warm": ((1.0, 5, 15),),
    "heavy": ((1.0, 40, 100),),
    "mixed": ((0.25, 0, 0), (0.5, 5, 15), (0.25, 40, 100)),
}
"""Kinds of past by name: (share of people, fewest ratings, most ratings), even in between."""

COLD = "cold"

LARGEST_SHARE = 4
"""At most one item in so many was rated before: the rest is left to talk about."""

SPARE = 1.6
"""Items met per rating: the same item is rated once."""

PLACE_DRAWS = 4
"""Uniforms per item met: the item, another one, which of the two is taken, and its rating."""


class RatingHistory(NamedTuple):
    """Ratings from before the conversation; filled from the left."""

    items: npt.NDArray[np.int32]  # (N, L) rows of the catalogue, -1 where no more
    stars: npt.NDArray[np.float32]  # (N, L) 0.5 to 5, 0 where no more

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(N,) how many ratings each person came with."""
        return (self.items >= 0).sum(1)


def no_rating_history(n: int) -> RatingHistory:
    """N people of whom nothing is known: arrays without a column."""
    return RatingHistory(np.full((n, 0), -1, np.int32), np.zeros((n, 0), np.float32))


class RatingHistoryPlan:
    """How long the rating histories of a kind are, and what they are drawn from.

    Args:
        kind: A key of ``RATING_HISTORIES``.
        n_items: Items of the catalogue.

    Attributes:
        most: L, the largest number of ratings.
        places: Items met at most, P.
        draws: Uniforms per person: one for how many ratings, then ``PLACE_DRAWS`` per place.
    """

    def __init__(self, kind: str, n_items: int) -> None:
        limit = n_items // LARGEST_SHARE
        self._kinds = [
            (share, min(low, limit), min(high, limit)) for share, low, high in RATING_HISTORIES[kind]
        ]
        self.most = max(high for _, _, high in self._kinds)
        self.places = math.ceil(SPARE * self.most)
        self.draws = 1 + PLACE_DRAWS * self.places if self.most else 0

    def numbers(self, uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """How many ratings each person gave, (N,), from one uniform each, (N,)."""
        out = np.zeros(len(uniform), np.int64)
        lower = 0.0
        for share, low, high in self._kinds:
            place = (uniform - lower) / share
            inside = (place >= 0) & (place < 1)
            out[inside] = low + (place[inside] * (high - low + 1)).astype(np.int64)
            lower += share
        return out


def distinct(
    items: npt.NDArray[np.int32], number: npt.NDArray[np.int64], most: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first ``number (N,)`` different entries of each row of ``items (N, P)``.

    Returns:
        Row and place of each entry kept, and its rank among those of its row, in [0, ``most``); all ``(n,)``.
    """
    order = np.argsort(items, axis=1, kind="stable")
    ranked = np.take_along_axis(items, order, axis=1)
    first = np.ones(items.shape, np.bool_)
    first[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    fresh = np.empty(items.shape, np.bool_)
    np.put_along_axis(fresh, order, first, axis=1)
    rank = np.cumsum(fresh, axis=1) - 1
    kept = fresh & (rank < np.minimum(number, most)[:, None])
    rows, places = np.nonzero(kept)
    return rows, places, rank[rows, places]

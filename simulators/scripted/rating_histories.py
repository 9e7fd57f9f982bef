"""What scripted people rated before they came: met by popularity, taken and rated by their lasting tastes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rating_history import PLACE_DRAWS, RatingHistory, RatingHistoryPlan, distinct
from simulators.scripted.choice import careless_rating, sigmoid
from simulators.scripted.profiles import People, on_grid

if TYPE_CHECKING:
    from simulators.scripted.simulator import ScriptedUsers

Float = npt.NDArray[np.float64]

LEAN = 3.0
"""Items come by with weight ``exp(LEAN * popularity)``: popularity counts ratings on a log scale, and the best known
item comes by 20 times as often as one nobody knows."""

ANCHOR_PEOPLE, ANCHOR_ITEMS = 256, 64
"""Size of the sample that anchors the ratings."""


class RatingHistories:
    """Draws the pasts of one population.

    Two items come a person's way, drawn by popularity. They take one of them, by a logit of the difference in lasting
    utility: tastes and quality, without the goal of today's session and before anything palled. They rate it with
    their own cut points, generosity and noise, as they will rate in the conversation. What an item's appeal was on
    its day nobody knows (it had met a wish of that day), so appeals are moved to have the mean, over people and what
    they took, for which the cut points were set; for a fitted population also its spread.

    Args:
        people: The population.
    """

    def __init__(self, people: ScriptedUsers) -> None:
        self.base = people
        weight = np.exp(LEAN * people.catalog.popularity.astype(np.float64))
        self._cdf = np.cumsum(weight / weight.sum())
        self._anchor = self._find_anchor()

    def draw(self, people: People, plan: RatingHistoryPlan, draws: Float) -> RatingHistory:
        """The pasts of ``people``, who stay as they are, from ``draws (N, plan.draws)``."""
        n = len(draws)
        places = draws[:, 1:].reshape(n, PLACE_DRAWS, -1)
        items, appeal = self._take(people, places)
        rows, at, rank = distinct(items, plan.numbers(draws[:, 0]), plan.most)
        mean, scale, to = self._anchor
        stars = careless_rating(
            to + scale * (appeal[rows, at] - mean),
            people.generosity[rows],
            places[rows, 3, at],
            self.base.scenario.careless,
            self.base.cuts,
            people.stretch[rows],
        )
        past = RatingHistory(np.full((n, plan.most), -1, np.int32), np.zeros((n, plan.most), np.float32))
        past.items[rows, rank], past.stars[rows, rank] = items[rows, at], stars
        return past

    def _take(self, people: People, places: Float) -> tuple[npt.NDArray[np.int32], Float]:
        """Items taken and their appeal, ``(N, P)`` each, from ``places (N, 4, P)``."""
        place = np.searchsorted(self._cdf, places[:, :2], side="right")
        met: npt.NDArray[np.int32] = np.minimum(place, self.base.catalog.n_items - 1).astype(
            np.int32
        )  # (N, 2, P)
        before = lasting(people, self.base.scenario.avoid_weight)
        worth = self.base.scripted_utility(before, met.reshape(len(met), -1)).reshape(met.shape)
        other = places[:, 2] >= sigmoid(worth[:, 0] - worth[:, 1])
        return (
            np.where(other, met[:, 1], met[:, 0]),
            np.where(other, worth[:, 1], worth[:, 0]) - people.threshold[:, None],
        )

    def _find_anchor(self) -> tuple[float, float, float]:
        """Mean and scale of the appeal of what is taken, and the mean it is moved to; from fixed people and items."""
        rng = np.random.default_rng(0)
        people = self.base.sampler.sample(rng.random((ANCHOR_PEOPLE, self.base.sampler.n_draws)))
        _, appeal = self._take(people, rng.random((ANCHOR_PEOPLE, PLACE_DRAWS, ANCHOR_ITEMS)))
        population = self.base.population
        if population is None:
            return float(appeal.mean()), 1.0, 0.0
        spread = max(float(appeal.std()), 1e-3)
        return float(appeal.mean()), population.appeal["sd"] / spread, population.appeal["mean"]


def lasting(people: People, avoid_weight: float) -> People:
    """The same people without the goal of this session: the tastes they bring to every one.

    Args:
        people: As they come in.
        avoid_weight: What a value to avoid costs, as a multiple of what a wanted one is worth.
    """
    size = people.goal_size[:, None]
    goal = people.wanted * size - people.unwanted * (avoid_weight * size)
    return replace(people, desire=on_grid(people.desire - goal))

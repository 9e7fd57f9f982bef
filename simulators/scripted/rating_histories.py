"""What people rated before they came: met by popularity, clicked and rated by their lasting tastes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.rating_history import PLACE_DRAWS, RatingHistory, RatingHistoryPlan, distinct
from simulators.scripted.choice import rate_all, sigmoid
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.profiles import ProfileSampler, on_grid
from simulators.scripted.utility import utilities
from simulators.uniforms import pick

if TYPE_CHECKING:
    from simulators.population import Population

Float = npt.NDArray[np.float64]

LEAN = 3.0
"""Items come by with weight ``exp(LEAN * popularity)``: popularity counts ratings on a log scale, and the best known
item comes by 20 times as often as one nobody knows."""

ANCHOR_PEOPLE, ANCHOR_ITEMS = 256, 64
"""Size of the sample that anchors the ratings."""


class RatingHistories:
    """Draws the rating histories of one population.

    Two items come a person's way, drawn by popularity. They click one of them, by a logit of the difference in lasting
    utility: tastes and quality, without the goal of today's session. They rate it with
    their own cut points, generosity and noise, as they will rate in the conversation. What an item's appeal was on
    its day nobody knows (it had met a wish of that day), so appeals are moved to have the mean, over people and what
    they clicked, for which the cut points were set; for a fitted population also its spread.

    Args:
        sampler: Draws the people, of whom a sample anchors the ratings.
        items: The items as they see them.
        rates: How they rate.
        avoid_weight: What a value to avoid costs, as a multiple of what a wanted one is worth.
        population: The fitted population they are drawn from, if any.
    """

    def __init__(
        self,
        sampler: ProfileSampler,
        items: Items,
        rates: Rates,
        avoid_weight: float,
        population: Population | None = None,
    ) -> None:
        self._items, self._rates, self._avoid_weight = items, rates, avoid_weight
        weight = np.exp(LEAN * items.popularity.astype(np.float64))
        self._edges = np.cumsum(weight / weight.sum())
        self._anchor = self._find_anchor(sampler, population)

    def draw(self, people: People, plan: RatingHistoryPlan, draws: Float) -> RatingHistory:
        """The rating histories of ``people``, who stay as they are, from ``draws (N, plan.draws)``."""
        n = len(draws)
        places = draws[:, 1:].reshape(n, PLACE_DRAWS, -1)
        items, appeal = self._click(people, places)
        rows, at, rank = distinct(items, plan.numbers(draws[:, 0]), plan.most)
        mean, scale, to = self._anchor
        stars = rate_all(
            to + scale * (appeal[rows, at] - mean),
            people.generosity[rows],
            people.stretch[rows],
            self._rates.cuts,
            places[rows, 3, at],
            self._rates.careless,
        )
        history = RatingHistory(np.full((n, plan.most), -1, np.int32), np.zeros((n, plan.most), np.float32))
        history.items[rows, rank], history.stars[rows, rank] = items[rows, at], stars
        return history

    def _click(self, people: People, places: Float) -> tuple[npt.NDArray[np.int32], Float]:
        """Items clicked and their appeal, ``(N, P)`` each, from ``places (N, 4, P)``."""
        before = lasting(people, self._avoid_weight)
        return click_one_of_two(before, np.ascontiguousarray(places), self._edges, self._items)

    def _find_anchor(
        self, sampler: ProfileSampler, population: Population | None
    ) -> tuple[float, float, float]:
        """Mean and scale of the appeal of what is clicked, and the mean it is moved to; from fixed people and items."""
        rng = np.random.default_rng(0)
        people = sampler.sample(rng.random((ANCHOR_PEOPLE, sampler.n_draws)))
        _, appeal = self._click(people, rng.random((ANCHOR_PEOPLE, PLACE_DRAWS, ANCHOR_ITEMS)))
        if population is None:
            return float(appeal.mean()), 1.0, 0.0
        spread = max(float(appeal.std()), 1e-3)
        return float(appeal.mean()), population.appeal["sd"] / spread, population.appeal["mean"]


@rule
def click_one_of_two(
    people: People, places: Float, edges: Float, items: Items
) -> tuple[npt.NDArray[np.int32], Float]:
    """Of two items met at each place, the one clicked, and its appeal, utility less threshold; ``(N, P)`` each.

    ``P(second) = 1 - sigmoid(u_1 - u_2)`` (logit choice between two).

    Args:
        people: N people.
        places: (N, 4, P) uniforms: the one item, the other, which, and one that is not used here.
        edges: (I,) cumulative chances of coming by.
        items: The items as they see them.
    """
    n_people, _, width = places.shape
    met = np.empty((n_people, 2 * width), np.int32)
    for n in range(n_people):
        for p in range(width):
            met[n, p], met[n, width + p] = pick(edges, places[n, 0, p]), pick(edges, places[n, 1, p])
    worth = utilities(people, met, items)
    clicked, appeal = np.empty((n_people, width), np.int32), np.empty((n_people, width))
    for n in range(n_people):
        for p in range(width):
            second = places[n, 2, p] >= sigmoid(worth[n, p] - worth[n, width + p])
            at = width + p if second else p
            clicked[n, p], appeal[n, p] = met[n, at], worth[n, at] - people.threshold[n]
    return clicked, appeal


def lasting(people: People, avoid_weight: float) -> People:
    """The same people without the goal of this session: the tastes they bring to every one.

    Args:
        people: As they come in.
        avoid_weight: What a value to avoid costs, as a multiple of what a wanted one is worth.
    """
    return people._replace(
        desire=lasting_desire(people, avoid_weight), notion=np.full(len(people.notion), -1, np.int16)
    )


@rule
def lasting_desire(people: People, avoid_weight: float) -> npt.NDArray[np.float32]:
    """``desire`` less the goal: goal size if wanted, its multiple if unwanted; (N, V), multiples of 1/64."""
    out = np.empty_like(people.desire)
    for n in range(out.shape[0]):
        size = people.goal_size[n]
        for v in range(out.shape[1]):
            goal = people.wanted[n, v] * size - people.unwanted[n, v] * (avoid_weight * size)
            out[n, v] = on_grid(np.float64(people.desire[n, v]) - goal)
    return out

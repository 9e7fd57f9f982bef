"""Who the person is: drawn from uniforms, one person at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import Met, Repeated, renew, rule
from chatrec_env.core.records import take
from simulators.notions.record import Notions, notions_of
from simulators.scripted.goals import SCALARS, Goals, draw_goal, goal_items, goals_of
from simulators.scripted.manners.notions import draw_notion
from simulators.scripted.people import STYLES, People, new_people
from simulators.tastes import (
    HABIT_DRAWS,
    Habits,
    Tastes,
    cut_wide,
    habits_of,
    independent_tastes,
    rating_habit,
    taste_for,
    tastes_on,
)
from simulators.uniforms import normals_of

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.population import Population
    from simulators.scenarios.scenario import Scenario

Float = npt.NDArray[np.float64]

TASTE_GRID = 64.0
N_STYLES = len(STYLES)
NOTION_DRAWS = 2
"""Uniforms of what a person has in mind that no facet holds, where there is any: whether, and what."""


class Traits(NamedTuple):
    """How people differ: parameters of the scenario, by its names."""

    goal_weight: float
    avoid_weight: float
    goal_spread: float
    pickiness: float
    pickiness_spread: float
    generosity_spread: float
    satiation: float
    steady: float
    steady_share: float
    patience: float
    knows: float
    vague: float
    tells: float
    trust: float
    familiarity: float
    typos: float


class Makeup(NamedTuple):
    """All that people of one catalogue and scenario are made from."""

    goals: Goals
    tastes: Tastes
    factor_scale: Float  # (16,) standard deviation of tastes over content factors; (0,) where there are none
    habits: Habits
    traits: Traits
    notions: Notions


class ProfileSampler:
    """Draws people for one catalogue and scenario.

    Each interest of the goal is read off a real item (drawn by popularity), so it can be met: the item's first
    facet always, another facet with chance ``weight ** 2``, three values at most. With chance 0.6 there is one
    unwanted value, which none of these items carries. Company, the time of day and the device may add wishes.
    Tastes are independent Gaussians on values and factors, or
    those of a population fitted to ratings, which then also gives the rating habits. What a scenario switches off
    (a scale of 0) stays off.

    Attributes:
        n_draws: Uniforms of a person.
        makeup: What people are made from.
        met: Records that the rules of its people have met.
    """

    def __init__(self, catalog: Catalog, scenario: Scenario, population: Population | None = None) -> None:
        n_factors = catalog.factors.shape[1]
        self._blank = new_people(1, catalog.n_values, n_factors)
        self.met = Met()
        self._draw, self._renew = Repeated(draw_people, 2, self.met), Repeated(renew, 2, self.met)
        factor_scale = scenario.factor_scale if population is None else population.factors
        self.makeup = made = Makeup(
            goals=goals_of(catalog, scenario),
            tastes=_tastes(catalog, scenario, population),
            factor_scale=np.full(n_factors if scenario.factor_scale > 0 else 0, float(factor_scale)),
            habits=habits_of(population if scenario.generosity_spread > 0 else None),
            traits=Traits(**{name: float(getattr(scenario, name)) for name in Traits._fields}),
            notions=notions_of(catalog, scenario),
        )
        self.n_draws = (
            SCALARS
            + made.goals.interests * (1 + 2 * catalog.n_facets)
            + made.tastes.n_normals
            + len(made.factor_scale)
            + (HABIT_DRAWS if len(made.habits.edges) else 0)
            + (NOTION_DRAWS if made.notions.share > 0 else 0)
        )

    def sample(self, draws: Float, over: People | None = None) -> People:
        """People from uniforms ``(N, n_draws or more)``; in the arrays of as many who are ``over``, where given."""
        draws = np.ascontiguousarray(draws)
        if over is None:
            people = take(self._blank, np.zeros(len(draws), np.intp))
        else:
            people = over
            self._renew(people, self._blank)
        self._draw(people, self.makeup, draws, normals_of(draws))
        return people

    def goal_items(self, draws: Float) -> npt.NDArray[np.int32]:
        """Rows of the items each goal was read off, ``(N, interests)``: what no prompt may name."""
        goals = self.makeup.goals
        return goal_items(
            np.ascontiguousarray(draws), goals.item_edges, goals.interests, len(goals.wanted_chance)
        )


def _tastes(catalog: Catalog, scenario: Scenario, population: Population | None) -> Tastes:
    if scenario.taste_scale <= 0:
        return independent_tastes(0, 0.0)
    if population is None:
        return independent_tastes(catalog.n_values, scenario.taste_scale)
    return tastes_on(population, catalog, scenario.taste_scale)


@rule
def on_grid(value: float) -> Any:
    """Round to a multiple of 1/64, float32, so that utilities are exact sums in any order."""
    return np.float32(np.rint(value * TASTE_GRID) / TASTE_GRID)


@rule
def cut(normal: float) -> float:
    """A standard normal, cut at 3 standard deviations."""
    return min(max(normal, -3.0), 3.0)


@rule
def draw_satiability(uniform: float, traits: Traits) -> Any:
    """Utility lost per unit of satiation: some hardly tire, the others from half the mean to half as much again."""
    place = (uniform - traits.steady_share) / max(1.0 - traits.steady_share, 1e-9)
    return np.float32(traits.steady if place < 0 else traits.satiation * (0.5 + place))


@rule
def draw_traits(people: People, n: int, u: Float, z: Float, traits: Traits) -> None:
    """How person ``n`` chooses, rates, talks and trusts: uniforms u (``SCALARS``,) and their normal quantiles z."""
    t = traits
    people.goal_size[n] = t.goal_weight * (1.0 + t.goal_spread * (2.0 * u[5] - 1.0))
    people.threshold[n] = t.pickiness + t.pickiness_spread * cut(z[6])
    people.generosity[n] = t.generosity_spread * cut(z[7])
    people.satiability[n] = draw_satiability(u[15], traits)
    people.patience[n] = t.patience * 2.0 * u[8]
    people.talkative[n] = min(max(t.tells * (0.5 + u[9]), 0.0), 1.0)
    people.knows[n] = t.knows / 3.0 if u[10] < t.vague else t.knows
    people.familiarity[n] = t.familiarity * 2 * u[11] if t.familiarity <= 0.5 else t.familiarity
    people.style[n] = int(u[12] * N_STYLES)
    people.typos[n] = u[13] < t.typos
    people.trust[n] = min(max(t.trust + 0.2 * t.trust * (1 - t.trust) * cut(z[14]), 0.0), 1.0)


@rule
def draw_desire(people: People, n: int, uniform: float, z: Float, makeup: Makeup) -> None:
    """Utility per unit of each value for person ``n``: goal size if wanted, its cost if unwanted, and lasting taste.

    Liking all that is common makes nobody easier to please: the threshold rises with the taste for an average item.

    Args:
        people: ``desire`` and ``threshold`` change.
        n: Which of them.
        uniform: Decides the goal's size, and in proportion the cost.
        z: (n_normals,) standard normals, cut.
        makeup: What people are made from.
    """
    t, tastes = makeup.traits, makeup.tastes
    cost = t.goal_weight * t.avoid_weight * (1.0 + t.goal_spread * (2.0 * uniform - 1.0))
    shift = 0.0
    for v in range(people.desire.shape[1]):
        worth = people.wanted[n, v] * people.goal_size[n] - people.unwanted[n, v] * cost
        if len(tastes.own):
            taste = taste_for(tastes, v, z)
            worth += taste
            shift += taste * tastes.centre[v]
        people.desire[n, v] = on_grid(worth)
    people.threshold[n] += shift


@rule
def draw_people(people: People, makeup: Makeup, draws: Float, normals: Float) -> None:
    """Fill in N new people.

    Args:
        people: N people; see ``new_people``.
        makeup: What people are made from.
        draws: (N, n_draws or more) uniforms.
        normals: Of the same shape, their standard normal quantiles.
    """
    people, makeup, draws, normals = borrowed((people, makeup, draws, normals))
    goals = makeup.goals
    items = goal_items(draws, goals.item_edges, goals.interests, len(goals.wanted_chance))
    tastes, habits, scale = makeup.tastes, makeup.habits, makeup.factor_scale
    start = SCALARS + makeup.goals.interests * (1 + 2 * len(makeup.goals.wanted_chance))
    stop = start + tastes.loadings.shape[1] + len(tastes.own)
    last = stop + len(scale) + (HABIT_DRAWS if len(habits.edges) else 0)
    z = np.empty(stop - start)
    for n in range(len(draws)):
        draw_goal(people, n, draws[n], items[n], makeup.goals)
        draw_traits(people, n, draws[n], normals[n], makeup.traits)
        for j in range(len(z)):
            z[j] = cut(normals[n, start + j])
        draw_desire(people, n, draws[n, 5], z, makeup)
        for f in range(len(scale)):
            people.factor_taste[n, f] = on_grid(scale[f] * cut(normals[n, stop + f]))
        if len(habits.edges):
            own = stop + len(scale)
            a, b, c = (
                cut_wide(normals[n, own + 1]),
                cut_wide(normals[n, own + 2]),
                cut_wide(normals[n, own + 3]),
            )
            activity = habits.rating_mean + habits.activity_sd * c
            people.generosity[n], people.stretch[n] = rating_habit(habits, draws[n, own], a, b, activity)
        if makeup.notions.share > 0:
            people.notion[n] = draw_notion(items[n], draws[n, last], draws[n, last + 1], makeup.notions)

"""Who the person is: drawn from uniforms, vectorised over people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from chatrec_env.core.rows import Rows
from simulators.scripted.situation import Settings

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.population import Population
    from simulators.scenarios.scenario import Scenario

STYLES = ("terse", "plain", "chatty", "hedged")
STYLE_MIX = np.array(
    [
        [0.45, 0.35, 0.10, 0.05, 0.03, 0.02],
        [0.10, 0.20, 0.30, 0.30, 0.05, 0.05],
        [0.02, 0.05, 0.13, 0.20, 0.45, 0.15],
        [0.03, 0.05, 0.12, 0.15, 0.15, 0.50],
    ]
)
"""(style, wording) chances: wordings run from terse to hedged in every form."""

TASTE_GRID = 64.0
MAX_WANTED = 3
SCALARS = 16
"""Uniforms of a profile besides its tastes."""

HABIT_DRAWS = 4
"""Uniforms of a fitted person's rating habits; see ``Population.habits_of``."""


@dataclass(slots=True)
class People(Rows):
    """Latent state of N people. V values, 16 content factors; hidden from every agent."""

    desire: npt.NDArray[
        np.float32
    ]  # (N, V) utility per unit of weighted value: goal + taste, multiples of 1/64
    wanted: npt.NDArray[np.bool_]  # (N, V) values of the session goal
    unwanted: npt.NDArray[np.bool_]  # (N, V) values to avoid in this session
    factor_taste: npt.NDArray[np.float32]  # (N, 16) tastes over content factors, multiples of 1/64
    satiation: npt.NDArray[np.float32]  # (N, V) decayed sum of consumed values
    told: npt.NDArray[np.bool_]  # (N, V) wishes already said
    threshold: npt.NDArray[np.float64]  # (N,) utility at which half the suggestions are accepted
    generosity: npt.NDArray[np.float64]  # (N,) shift of the rating cut points
    satiability: npt.NDArray[np.float32]  # (N,) utility lost per unit of satiation
    patience: npt.NDArray[np.float64]  # (N,) questions taken kindly
    talkative: npt.NDArray[np.float64]  # (N,) chance of volunteering something in a reply
    knows: npt.NDArray[np.float64]  # (N,) chance of knowing an answer
    familiarity: npt.NDArray[np.float64]  # (N,) chance of knowing an item of full popularity
    goal_size: npt.NDArray[np.float64]  # (N,) utility per unit weight of a wanted value
    style: npt.NDArray[np.int8]  # (N,) index into STYLES
    typos: npt.NDArray[np.bool_]  # (N,) whether wishes carry typing errors
    context: npt.NDArray[np.int8]  # (N,) company, index into catalog.contexts, -1 if none
    setting: npt.NDArray[np.int8]  # (N, 2) time of day and device, indices into the catalogue's, -1 if none
    satisfaction: npt.NDArray[np.float64]  # (N,) running satisfaction in [-1, 1]
    trust: npt.NDArray[np.float64]  # (N,) trust in the system's reasons, [0, 1]
    waiting: npt.NDArray[np.int16]  # (N,) turns since something good came up
    questions: npt.NDArray[np.int16]  # (N,) questions heard
    complained: npt.NDArray[np.bool_]  # (N,) whether the last reply already named satiation
    visits: npt.NDArray[np.int16]  # (N,) visits so far, this one included
    day: npt.NDArray[np.int16]  # (N,) days since the first one
    stretch: npt.NDArray[np.float64]  # (N,) noise of their ratings, 1 for the usual


class ProfileSampler:
    """Draws people for one catalogue and scenario.

    Each interest of the goal is read off a real item (drawn by popularity), so it can be met: the item's first
    facet always, another facet with chance ``weight ** 2``, three values at most. With chance 0.6 there is one
    unwanted value, which none of these items carries. Company, the time of day and the device may add wishes.
    Tastes are independent Gaussians on values and factors, or
    those of a population fitted to ratings, which then also gives the rating habits. What a scenario switches off
    (a scale of 0) stays off.
    """

    def __init__(self, catalog: Catalog, scenario: Scenario, population: Population | None = None) -> None:
        self.catalog, self.scenario, self.population = catalog, scenario, population
        n_factors = catalog.factors.shape[1]
        self.n_facets = catalog.n_facets
        self.n_goal = scenario.interests * (1 + 2 * self.n_facets)
        self.n_draws = SCALARS + self.n_goal
        if scenario.taste_scale > 0:
            self.n_draws += catalog.n_values
        if scenario.factor_scale > 0:
            self.n_draws += n_factors
        self.tastes = self.habits = None
        if population is not None and scenario.taste_scale > 0:
            self.tastes = population.on(catalog, scenario.taste_scale)
            self.n_draws += self.tastes.n_normals - catalog.n_values
        if population is not None and scenario.generosity_spread > 0:
            self.habits = population
            self.n_draws += HABIT_DRAWS
        weight = catalog.popularity + np.float32(0.25)
        self._item_cdf = np.cumsum(weight / weight.sum(), dtype=np.float64)
        self._chance = np.array([min(1.0, f.weight**2) for f in catalog.facets])
        self._chance[0] = 1.0
        self._counts = np.stack(
            [catalog.values[:, s].sum(1).astype(np.int64) for s in catalog.facet_slices], axis=1
        )  # (I, F)
        most = int(self._counts.max())
        self._carried = np.zeros((catalog.n_items, self.n_facets, most), np.int64)
        for f, part in enumerate(catalog.facet_slices):
            for item in range(catalog.n_items):
                own = np.flatnonzero(catalog.values[item, part]) + part.start
                self._carried[item, f, : len(own)] = own
        multi = [f for f, facet in enumerate(catalog.facets) if facet.kind == "multi"] or [0]
        share = catalog.values.sum(0).astype(np.float64)
        share[~np.isin(catalog.value_facet, multi)] = 0
        self._value_cdf = np.cumsum(share / share.sum())
        self.settings = Settings(catalog)
        self._context_wants = catalog.context_wishes > 0
        self._context_avoids = catalog.context_wishes < 0

    def sample(self, draws: npt.NDArray[np.float64]) -> People:
        """People from uniforms ``(N, n_draws)``."""
        s, catalog, n = self.scenario, self.catalog, len(draws)
        every = np.arange(n)
        u = draws[:, :SCALARS]
        goal = draws[:, SCALARS : SCALARS + self.n_goal].reshape(n, s.interests, 1 + 2 * self.n_facets)
        items = self.goal_items(draws).astype(np.intp)
        item = items[:, 0]
        wanted = self._pick_wanted(items, goal[:, :, 1:].reshape(n, s.interests, 2, self.n_facets))
        context = self._pick_context(item, u[:, 1], u[:, 2])
        unwanted = np.zeros_like(wanted)
        value = np.minimum(np.searchsorted(self._value_cdf, u[:, 3], side="right"), catalog.n_values - 1)
        has = (u[:, 4] < 0.6) & (catalog.values[items, value[:, None]] == 0).all(1)
        unwanted[every[has], value[has]] = True
        with_context = context >= 0
        wanted[with_context] |= self._context_wants[context[with_context]]
        unwanted[with_context] |= self._context_avoids[context[with_context]]
        setting, implied = self.settings.draw(u[:, 0], s.settings)
        if implied is not None:
            wanted |= (implied > 0) & ~unwanted
            unwanted |= (implied < 0) & (catalog.values[items] == 0).all(1)
        unwanted &= ~wanted
        spread = 1.0 + s.goal_spread * (2.0 * u[:, 5] - 1.0)
        goal_size = s.goal_weight * spread
        desire = wanted * goal_size[:, None] - unwanted * (s.goal_weight * s.avoid_weight * spread)[:, None]
        start = SCALARS + self.n_goal
        threshold = s.pickiness + s.pickiness_spread * normal(u[:, 6])
        generosity, stretch = s.generosity_spread * normal(u[:, 7]), np.ones(n)
        if self.tastes is not None:
            taste = self.tastes.draw(normal(draws[:, start : start + self.tastes.n_normals]))
            desire += taste
            threshold += taste @ self.tastes.centre  # liking all that is common makes nobody easier to please
            start += self.tastes.n_normals
        elif s.taste_scale > 0:
            desire += s.taste_scale * normal(draws[:, start : start + catalog.n_values])
            start += catalog.n_values
        factor_taste = np.zeros((n, catalog.factors.shape[1]))
        if s.factor_scale > 0:
            scale = s.factor_scale if self.population is None else self.population.factors
            factor_taste = scale * normal(draws[:, start : start + factor_taste.shape[1]])
            start += factor_taste.shape[1]
        if self.habits is not None:
            generosity, stretch = self.habits.habits_of(draws[:, start : start + HABIT_DRAWS])
        return People(
            desire=on_grid(desire),
            wanted=wanted,
            unwanted=unwanted,
            factor_taste=on_grid(factor_taste),
            satiation=np.zeros((n, catalog.n_values), np.float32),
            told=np.zeros((n, catalog.n_values), np.bool_),
            threshold=threshold,
            generosity=generosity,
            satiability=self._satiability(u[:, 15]),
            patience=s.patience * 2.0 * u[:, 8],
            talkative=np.clip(s.tells * (0.5 + u[:, 9]), 0, 1),
            knows=np.where(u[:, 10] < s.vague, s.knows / 3.0, s.knows),
            familiarity=s.familiarity * 2 * u[:, 11] if s.familiarity <= 0.5 else np.full(n, s.familiarity),
            goal_size=goal_size,
            style=(u[:, 12] * len(STYLES)).astype(np.int8),
            typos=u[:, 13] < s.typos,
            context=context,
            setting=setting,
            satisfaction=np.zeros(n),
            trust=np.clip(s.trust + 0.2 * s.trust * (1 - s.trust) * normal(u[:, 14]), 0, 1),
            waiting=np.zeros(n, np.int16),
            questions=np.zeros(n, np.int16),
            complained=np.zeros(n, np.bool_),
            visits=np.ones(n, np.int16),
            day=np.zeros(n, np.int16),
            stretch=stretch,
        )

    def goal_items(self, draws: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """Rows of the items each goal was read off, ``(N, interests)``: what no prompt may name."""
        goal = draws[:, SCALARS : SCALARS + self.n_goal].reshape(len(draws), self.scenario.interests, -1)
        items = np.searchsorted(self._item_cdf, goal[:, :, 0], side="right")
        return np.minimum(items, self.catalog.n_items - 1).astype(np.int32)

    def _satiability(self, uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Utility lost per unit of satiation, (N,)."""
        s = self.scenario
        place = (uniform - s.steady_share) / max(1.0 - s.steady_share, 1e-9)
        return np.where(place < 0, s.steady, s.satiation * (0.5 + place)).astype(np.float32)

    def _pick_wanted(
        self, items: npt.NDArray[np.intp], per_facet: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        """Values of the goal items that are wanted, (N, V): at most ``MAX_WANTED`` of each, first facet always.

        Args:
            items: (N, interests)
            per_facet: (N, interests, 2, F) uniforms: whether a facet is wanted, and which of the item's values.
        """
        counts = self._counts[items]  # (N, interests, F)
        place = np.minimum((per_facet[:, :, 1] * counts).astype(np.int64), np.maximum(counts - 1, 0))
        chosen = (per_facet[:, :, 0] < self._chance) & (counts > 0)
        chosen &= np.cumsum(chosen, axis=2) <= MAX_WANTED
        wanted = np.zeros((len(items), self.catalog.n_values), np.bool_)
        rows, interests, facets = np.nonzero(chosen)
        value = self._carried[items[rows, interests], facets, place[rows, interests, facets]]
        wanted[rows, value] = True
        return wanted

    def _pick_context(
        self, item: npt.NDArray[np.intp], has: npt.NDArray[np.float64], which: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int8]:
        """Company that does not rule the goal item out, (N,), -1 if none."""
        n_contexts = len(self.catalog.contexts)
        if not n_contexts:
            return np.full(len(item), -1, np.int8)
        context = (which * n_contexts).astype(np.int64)
        clash = (self.catalog.values[item] * self._context_avoids[context]).any(1)
        return np.where((has < self.scenario.contexts) & ~clash, context, -1).astype(np.int8)


def normal(uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Standard normal quantiles of uniforms, cut at 3 standard deviations."""
    return np.clip(ndtri(np.maximum(uniform, 1e-12)), -3.0, 3.0)


def on_grid(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Round to multiples of 1/64, so that utilities are exact sums in any order."""
    return (np.rint(values * TASTE_GRID) / TASTE_GRID).astype(np.float32)

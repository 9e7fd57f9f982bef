"""Tastes and rating habits of people, drawn from those of a population."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from simulators.uniforms import pick

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.population import Population

Float = npt.NDArray[np.float64]

LOWEST, HIGHEST = -4.753424308822899, 4.753424308817087
"""Where the normals behind habits are cut: their quantiles of 1e-6 and 1 - 1e-6."""

HABIT_DRAWS = 4
"""Uniforms of a fitted person's rating habits: component, two normals, activity."""


class Habits(NamedTuple):
    """Rating habits of a population: a mixture of H Gaussians over shift and log stretch; see ``Habit``."""

    edges: Float  # (H,) cumulative shares
    shift: Float  # (H,)
    shift_sd: Float  # (H,)
    log_stretch: Float  # (H,)
    log_stretch_sd: Float  # (H,)
    correlation: Float  # (H,)
    slope: float  # of the shift per unit of activity
    activity_mean: float
    rating_mean: float  # the mean of activity over ratings instead of people
    activity_sd: float


def habits_of(population: Population | None) -> Habits:
    """The habits of a population; of nobody, without a component."""
    if population is None:
        none = np.empty(0)
        return Habits(none, none, none, none, none, none, 0.0, 0.0, 0.0, 0.0)
    mixture = population.habits
    share = np.array([h.share for h in mixture])
    act = population.activity
    return Habits(
        edges=np.cumsum(share / share.sum()),
        shift=np.array([h.shift for h in mixture]),
        shift_sd=np.array([h.shift_sd for h in mixture]),
        log_stretch=np.array([h.log_stretch for h in mixture]),
        log_stretch_sd=np.array([h.log_stretch_sd for h in mixture]),
        correlation=np.array([h.correlation for h in mixture]),
        slope=float(act["slope"]),
        activity_mean=float(act["mean"]),
        rating_mean=float(act["rating_mean"]),
        activity_sd=float(act["sd"]),
    )


@rule
def cut_wide(normal: float) -> float:
    """A standard normal within its 1e-6 quantiles."""
    return min(max(normal, LOWEST), HIGHEST)


@rule
def rating_habit(habits: Habits, uniform: float, a: float, b: float, activity: float) -> tuple[float, float]:
    """Shift (logits) and stretch of one person.

    Args:
        habits: The mixture.
        uniform: Decides the component.
        a: Standard normal behind the shift.
        b: Another one; with the component's correlation behind the log stretch.
        activity: log(1 + ratings).
    """
    h = pick(habits.edges, uniform)
    rho = habits.correlation[h]
    b = rho * a + np.sqrt(max(1 - rho**2, 0.0)) * b
    moved = habits.slope * (activity - habits.activity_mean)
    return (
        habits.shift[h] + habits.shift_sd[h] * a + moved,
        np.exp(habits.log_stretch[h] + habits.log_stretch_sd[h] * b),
    )


@rule
def habits_of_all(uniforms: Float, normals: Float, activity: Float, habits: Habits) -> tuple[Float, Float]:
    """``rating_habit`` of N people, (N,) each: component and two normals in three columns, activity ``(N,)``."""
    shift, stretch = np.empty(len(activity)), np.empty(len(activity))
    for n in range(len(activity)):
        a, b = cut_wide(normals[n, 1]), cut_wide(normals[n, 2])
        shift[n], stretch[n] = rating_habit(habits, uniforms[n, 0], a, b, activity[n])
    return shift, stretch


class Tastes(NamedTuple):
    """Tastes over the V values of one catalogue: ``mean + loadings z + own e`` with standard normals z (r,), e (V,)."""

    mean: Float  # (V,) mean taste
    centre: Float  # (V,) what an average item carries of each value
    loadings: Float  # (V, r) shared part
    own: Float  # (V,) own part

    @property
    def n_normals(self) -> int:
        """Standard normals a person's tastes are made from."""
        return self.loadings.shape[1] + len(self.own)


def independent_tastes(n_values: int, scale: float) -> Tastes:
    """Independent tastes with mean 0 and one standard deviation."""
    nothing = np.zeros(n_values)
    return Tastes(nothing, nothing.copy(), np.zeros((n_values, 0)), np.full(n_values, float(scale)))


def tastes_on(population: Population, catalog: Catalog, otherwise: float = 0.0) -> Tastes:
    """A population's tastes over the values of a catalogue, matched by name and declared synonyms.

    Args:
        population: Whose.
        catalog: Any catalogue.
        otherwise: Standard deviation of tastes over values the population knows nothing of.
    """
    matched = match_values(population, catalog)
    known, row = matched >= 0, np.maximum(matched, 0)
    return Tastes(
        mean=np.where(known, np.array(population.mean)[row], 0.0),
        centre=np.where(known, np.array(population.centre)[row], catalog.weighted_values.mean(0)),
        loadings=np.where(known[:, None], np.array(population.loadings)[row], 0.0),
        own=np.where(known, np.array(population.own)[row], otherwise),
    )


@rule
def taste_for(tastes: Tastes, v: int, normals: Float) -> float:
    """One person's taste for value ``v``, from their standard normals ``(n_normals,)``."""
    shared, rank = 0.0, tastes.loadings.shape[1]
    for r in range(rank):
        shared += normals[r] * tastes.loadings[v, r]
    return tastes.mean[v] + shared + normals[rank + v] * tastes.own[v]


@rule
def draw_tastes(tastes: Tastes, normals: Float) -> Float:
    """Tastes (N, V) from standard normals (N, n_normals)."""
    out = np.empty((len(normals), len(tastes.own)))
    for n in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[n, v] = taste_for(tastes, v, normals[n])
    return out


def match_values(population: Population, catalog: Catalog) -> npt.NDArray[np.intp]:
    """Row of the population's value for each value of the catalogue (V,), -1 for none.

    The facet's name must be the same; the value's name counts before its synonyms.
    """
    named: dict[tuple[str, str], int] = {}
    for places in (0, 1):
        for row, value in enumerate(population.values):
            facet, _, name = value.partition(":")
            for word in ([name], population.also.get(value, []))[places]:
                named.setdefault((facet, plain_word(word)), row)
    out = np.full(catalog.n_values, -1, np.intp)
    for v, name in enumerate(catalog.value_names):
        facet = catalog.facets[catalog.value_facet[v]]
        words: Sequence[str] = (name, *facet.synonyms.get(name, ()))
        out[v] = next(
            (named[facet.name, plain_word(w)] for w in words if (facet.name, plain_word(w)) in named), -1
        )
    return out


def plain_word(text: str) -> str:
    """A name without case, spaces and marks."""
    return re.sub(r"[\W_]+", "", text.casefold())

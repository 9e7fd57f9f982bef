"""What people come for: wishes read off real items, something to avoid, company, and when and where they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from simulators.scripted.people import People
from simulators.scripted.situation import Settings, draw_setting, settings_of
from simulators.uniforms import pick

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.scenarios.scenario import Scenario

Float = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MAX_WANTED = 3
"""Values that are wanted of one item at most."""

AVOIDS_SOMETHING = 0.6
"""Chance that there is a value to avoid, if none of the items that the goal is read off carries it."""

SCALARS = 16
"""Uniforms of a profile besides its goal and its tastes; those of the goal follow."""


class Goals(NamedTuple):
    """What goals are made of. I items, V values, F facets, X contexts."""

    item_edges: Float  # (I,) cumulative chances of the items that goals are read off
    wanted_chance: Float  # (F,) chance that a facet of such an item is wanted
    unwanted_edges: Float  # (V,) cumulative chances of the value to avoid
    contexts: npt.NDArray[np.int8]  # (X, V) wishes of company, +1 wanted, -1 avoided
    carried: npt.NDArray[np.int32]  # (I, C) each item's values, ascending, padded with V
    facet_of: npt.NDArray[np.intp]  # (V,)
    company: float  # share of people who come with company
    moved: float  # share of people whom the time of day moves, and as large a share whom the device does
    settings: Settings
    interests: int  # things a person is in for, each read off an item of its own


def goals_of(catalog: Catalog, scenario: Scenario) -> Goals:
    """What goals of a scenario are made of."""
    arrays = catalog.arrays
    weight = catalog.popularity + np.float32(0.25)
    chance = np.array([min(1.0, f.weight**2) for f in catalog.facets])
    chance[0] = 1.0
    share = catalog.values.sum(0).astype(np.float64)
    avoidable = arrays.sating if arrays.sating.any() else arrays.facet_of == 0
    share[~avoidable] = 0
    return Goals(
        item_edges=np.cumsum(weight / weight.sum(), dtype=np.float64),
        wanted_chance=chance,
        unwanted_edges=np.cumsum(share / share.sum()),
        contexts=arrays.context_wishes,
        carried=arrays.carried,
        facet_of=arrays.facet_of,
        company=float(scenario.contexts),
        moved=float(scenario.settings),
        settings=settings_of(catalog),
        interests=scenario.interests,
    )


@rule
def goal_items(draws: Float, edges: Float, interests: int, n_facets: int) -> npt.NDArray[np.int32]:
    """Rows of the items each goal is read off, ``(N, interests)``, from uniforms ``(N, n_draws or more)``."""
    items = np.empty((len(draws), interests), np.int32)
    for n in range(items.shape[0]):
        for k in range(interests):
            items[n, k] = pick(edges, draws[n, SCALARS + k * (1 + 2 * n_facets)])
    return items


@rule
def want_values(carried: npt.NDArray[np.int32], draws: Float, goals: Goals, wanted: Flags) -> None:
    """Mark what is wanted of an item: ``MAX_WANTED`` values at most, one a facet, the first facet always.

    Args:
        carried: (C,) the item's values, ascending, padded with V.
        draws: (2 F,) uniforms: whether each facet is wanted, and which of the item's values.
        goals: The chances.
        wanted: (V,) added to.
    """
    n_values, n_facets, found, c = wanted.shape[0], len(goals.wanted_chance), 0, 0
    for f in range(n_facets):
        first = c
        while c < carried.shape[0] and carried[c] < n_values and goals.facet_of[carried[c]] == f:
            c += 1
        if c > first and found < MAX_WANTED and draws[f] < goals.wanted_chance[f]:
            found += 1
            place = min(int(draws[n_facets + f] * (c - first)), c - first - 1)
            wanted[carried[first + place]] = True


@rule
def any_carries(items: npt.NDArray[np.int32], carried: npt.NDArray[np.int32], v: int) -> bool:
    """Whether one of the items has value ``v``; ``carried (I, C)``."""
    for i in items:
        for c in range(carried.shape[1]):
            if carried[i, c] == v:
                return True
    return False


@rule
def pick_company(draws: Float, carried: npt.NDArray[np.int32], goals: Goals) -> int:
    """Company that does not rule the goal item out, -1 if none.

    Args:
        draws: (2,) uniforms: whether they have company, and which.
        carried: (C,) the goal item's values, padded with V.
        goals: What company wishes for.
    """
    which = int(draws[1] * len(goals.contexts))
    for v in carried:
        if v < goals.contexts.shape[1] and goals.contexts[which, v] < 0:
            return -1
    return which


@rule
def draw_goal(people: People, n: int, draws: Float, items: npt.NDArray[np.int32], goals: Goals) -> None:
    """What person ``n`` wants and avoids in this session, with whom, when and where.

    Args:
        people: ``wanted``, ``unwanted``, ``context`` and ``setting`` are filled in.
        n: Which of them.
        draws: (n_draws,) uniforms.
        items: (interests,) what the goal is read off.
        goals: What goals are made of.
    """
    wanted, unwanted = people.wanted[n], people.unwanted[n]
    width = 2 * len(goals.wanted_chance)
    for k in range(len(items)):
        start = SCALARS + k * (1 + width) + 1
        want_values(goals.carried[items[k]], draws[start : start + width], goals, wanted)
    avoided = pick(goals.unwanted_edges, draws[3])
    unwanted[avoided] = draws[4] < AVOIDS_SOMETHING and not any_carries(items, goals.carried, avoided)
    if len(goals.contexts) and draws[1] < goals.company:
        people.context[n] = pick_company(draws[1:3], goals.carried[items[0]], goals)
    implied = np.empty(len(wanted), np.int8)
    draw_setting(goals.settings, draws[0], goals.moved, people.setting[n], implied)
    for v in range(len(wanted)):
        if people.context[n] >= 0:
            wanted[v] |= goals.contexts[people.context[n], v] > 0
            unwanted[v] |= goals.contexts[people.context[n], v] < 0
        wanted[v] |= implied[v] > 0 and not unwanted[v]
        unwanted[v] |= implied[v] < 0 and not any_carries(items, goals.carried, v)
        unwanted[v] &= not wanted[v]

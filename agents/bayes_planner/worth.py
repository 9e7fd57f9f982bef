"""What a turn is expected to bring, over particles."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import inlined, rule
from simulators.scripted.choice import attraction, choice_chance, examination, stars_chance
from simulators.scripted.dynamics import leaving_chance
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.talk import ANSWER, AVOID, NO_PREFERENCE, answer_to
from simulators.scripted.utility import appetite, liking, satiation_loss, utilities

Float = npt.NDArray[np.float64]


class Pays(NamedTuple):
    """What a click, and a unit of ``(stars - 3) / 2`` of it, are paid."""

    click: float
    rating: float


DOUBT = 0.02
"""See ``reweigh``."""

GRID = (-12.0, 12.0, 0.25)
"""Lowest and highest utility less threshold that rewards are tabulated at, and the step."""

ONE = np.float32(1)
"""The satiability that a crowd's shared sum is taken for."""


class Outcomes(NamedTuple):
    """What came of an imagined turn of B conversations, all (B,)."""

    facet: npt.NDArray[np.int64]  # asked about, -1 if none
    item: npt.NDArray[np.int64]  # recommended, -1 if none
    click: npt.NDArray[np.int8]
    stars: npt.NDArray[np.int8]
    known: npt.NDArray[np.bool_]  # whether they said that they know the item
    form: npt.NDArray[np.int64]  # of their first words, -1 if none
    arg: npt.NDArray[np.int64]


@rule
def fresh_reward(people: People, n: int, utility: float, rates: Rates, pays: Pays) -> float:
    """Reward that an item of this utility, which person ``n`` does not know, is expected to bring now."""
    weights = np.empty(1)
    weights[0] = attraction(examination(0, people.trust[n]), utility, people.threshold[n])
    at, scale, to = rates.anchor
    appeal = to + scale * (utility - people.threshold[n] - at)
    stars = 0.0
    for s in range(1, len(rates.cuts) + 2):
        stars += s * stars_chance(
            appeal, people.generosity[n], people.stretch[n], rates.cuts, rates.careless, s
        )
    return choice_chance(weights, 0) * (pays.click + pays.rating * (stars - 3.0) / 2.0)


@rule
def expected_rewards(
    people: People, shown: npt.NDArray[np.int32], items: Items, rates: Rates, pays: Pays
) -> Float:
    """Reward expected now of items ``shown (P, K)``, -1 where none: -inf there; (P, K)."""
    people, shown, items = borrowed((people, shown, items))
    out = utilities(people, shown, items)
    for n in range(shown.shape[0]):
        for k in range(shown.shape[1]):
            if shown[n, k] >= 0:
                fresh = 1.0 - people.familiarity[n] * items.popularity[shown[n, k]]
                out[n, k] = fresh * fresh_reward(people, n, out[n, k], rates, pays)
    return out


@rule
def hazards(people: People, rates: Rates) -> Float:
    """Chance of leaving now, (P,)."""
    out = np.empty(len(people.threshold))
    for n in range(len(out)):
        excess = max(people.questions[n] - people.patience[n], 0.0)
        out[n] = leaving_chance(people.satisfaction[n], people.waiting[n], excess, rates)
    return out


class Crowd(NamedTuple):
    """M particles as an imagined conversation weighs them: tastes as they are now, only satiation goes on."""

    people: People
    liked: Float  # (M, I) utility of every item without satiation
    fresh: Float  # (M, I) chance that they do not know it
    table: (
        Float  # (M, G) reward expected of an item they do not know, by utility less threshold; see ``GRID``
    )


@rule
def tabulate(people: People, rates: Rates, pays: Pays) -> Float:
    """``fresh_reward`` at the grid of utilities, (M, G)."""
    low, high, step = GRID
    out = np.empty((len(people.threshold), int((high - low) / step) + 1))
    for n in range(out.shape[0]):
        for g in range(out.shape[1]):
            out[n, g] = fresh_reward(people, n, people.threshold[n] + low + g * step, rates, pays)
    return out


@rule
def read_off(row: Float, x: float) -> float:
    """The table ``row (G,)`` at a utility less threshold, linear between the grid's points."""
    low, high, step = GRID
    at = (min(max(x, low), high - 1e-9) - low) / step
    g = int(at)
    return row[g] + (at - g) * (row[g + 1] - row[g])


@rule
def liked_by(people: People, items: Items) -> Float:
    """Utility of every item without satiation, (M, I)."""
    people, items = borrowed((people, items))
    out = np.empty((len(people.threshold), len(items.quality)))
    for n in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[n, i] = items.quality[i] + liking(people, n, i, items)
    return out


@inlined
def utility_now(crowd: Crowd, m: int, item: int, unit_loss: np.float32) -> Any:
    """Utility of an item to particle ``m``; ``unit_loss`` is the ``satiation_loss`` of a satiability of 1.

    The loss is linear in satiability, and an imagined conversation has one satiation, whoever it may be with: the sum
    over values is taken once for the whole crowd.
    """
    return crowd.liked[m, item] - crowd.people.satiability[m] * unit_loss


@rule
def best_places(
    crowd: Crowd,
    weights: Float,
    satiation: npt.NDArray[np.float32],
    shown: npt.NDArray[np.int32],
    items: Items,
) -> npt.NDArray[np.int64]:
    """The place of ``shown (B, K)`` whose item is worth most to the crowd, weighed ``(B, M)``, satiated ``(B, V)``."""
    crowd, weights, satiation, shown, items = borrowed((crowd, weights, satiation, shown, items))
    people, best = crowd.people, np.zeros(len(shown), np.int64)
    products = np.empty(satiation.shape[1], np.float32)
    for b in range(len(best)):
        most = -np.inf
        for k in range(shown.shape[1]):
            item = shown[b, k]
            if item < 0:
                continue
            total, lost = 0.0, satiation_loss(ONE, satiation[b], items.sating[item], products)
            for m in range(weights.shape[1]):
                if weights[b, m] > 1e-4:
                    utility = utility_now(crowd, m, item, lost)
                    worth = read_off(crowd.table[m], utility - people.threshold[m])
                    total += weights[b, m] * crowd.fresh[m, item] * worth
            if total > most:
                most, best[b] = total, k
    return best


@rule
def reweigh(
    crowd: Crowd,
    weights: Float,
    satiation: npt.NDArray[np.float32],
    outcome: Outcomes,
    items: Items,
    rates: Rates,
) -> None:
    """Weights ``(B, M)`` of a crowd after what came of an imagined turn, in place; each row sums to 1.

    What was clicked, rated and answered counts; a share ``DOUBT`` of an answer's likelihood is left to everybody, since
    tastes of the crowd stand still.
    """
    crowd, weights, satiation, outcome, items = borrowed((crowd, weights, satiation, outcome, items))
    people, (at, scale, to) = crowd.people, rates.anchor
    own, choice = np.empty(people.desire.shape[1], np.float32), np.empty(1)
    products, lost = np.empty_like(own), ONE
    for b in range(weights.shape[0]):
        item, facet, total = outcome.item[b], outcome.facet[b], 0.0
        if item >= 0:
            lost = satiation_loss(ONE, satiation[b], items.sating[item], products)
        for m in range(weights.shape[1]):
            if facet >= 0:
                if outcome.form[b] in (ANSWER, AVOID, NO_PREFERENCE):
                    appetite(people.desire[m], satiation[b], people.satiability[m], own)
                    form, arg, _ = answer_to(facet, own, 1.0, 0.0, 0.5, items.facet_start)
                    same = form == outcome.form[b] and arg == outcome.arg[b]
                    weights[b, m] *= DOUBT + (1.0 - DOUBT) * same
            elif not outcome.known[b]:
                utility = utility_now(crowd, m, item, lost)
                choice[0] = attraction(examination(0, people.trust[m]), utility, people.threshold[m])
                weights[b, m] *= choice_chance(choice, outcome.click[b])
                if outcome.click[b] >= 0:
                    appeal = to + scale * (utility - people.threshold[m] - at)
                    weights[b, m] *= stars_chance(
                        appeal,
                        people.generosity[m],
                        people.stretch[m],
                        rates.cuts,
                        rates.careless,
                        outcome.stars[b],
                    )
            total += weights[b, m]
        for m in range(weights.shape[1]):
            weights[b, m] /= max(total, 1e-300)

"""What a turn is expected to bring, over particles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from simulators.scripted.choice import attraction, choice_chance, examination, stars_chance
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.utility import utilities

Float = npt.NDArray[np.float64]


@rule
def expected_rewards(
    people: People, shown: npt.NDArray[np.int32], items: Items, rates: Rates, click: float, rating: float
) -> Float:
    """Reward that each item is expected to bring if it is recommended now, (P, K), the cost of leaving left out.

    Args:
        people: P people.
        shown: (K,) items, -1 where none: -inf there.
        items: The items as people see them.
        rates: Of the scenario.
        click: Paid for an accepted item.
        rating: Paid per unit of ``(stars - 3) / 2`` of it.
    """
    people, shown, items = borrowed((people, shown, items))
    n_people, n_shown = len(people.threshold), len(shown)
    every = np.empty((n_people, n_shown), np.int32)
    for n in range(n_people):
        every[n] = shown
    utility, weights = utilities(people, every, items), np.empty(1)
    at, scale, to = rates.anchor
    for n in range(n_people):
        looked = examination(0, people.trust[n])
        for k in range(n_shown):
            if shown[k] < 0:
                continue
            weights[0] = attraction(looked, utility[n, k], people.threshold[n])
            appeal = to + scale * (utility[n, k] - people.threshold[n] - at)
            stars = 0.0
            for s in range(1, len(rates.cuts) + 2):
                stars += s * stars_chance(
                    appeal, people.generosity[n], people.stretch[n], rates.cuts, rates.careless, s
                )
            fresh = 1.0 - people.familiarity[n] * items.popularity[shown[k]]
            taken = fresh * choice_chance(weights, 0)
            utility[n, k] = taken * (click + rating * (stars - 3.0) / 2.0)
    return utility

"""What items and values are worth to a person now."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.sums import dot
from simulators.scripted.manners.notions import has_notion
from simulators.scripted.people import Items, People

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@inlined
def liking(people: People, n: int, item: int, items: Items) -> Any:
    """``desire . x + factor_taste . f + w`` of person ``n`` for an item with values x and content factors f.

    w is the worth of what they have in mind, if the item has it. Everything lies on a binary grid, so the float32 sum
    is exact in any order.
    """
    desire, factor_taste = people.desire[n], people.factor_taste[n]
    carried, weights, factors = items.carried[item], items.carried_weights[item], items.factors[item]
    total = np.float32(0)
    for c in range(carried.shape[0]):
        if carried[c] == desire.shape[0]:
            break
        total += desire[carried[c]] * weights[c]
    for f in range(factors.shape[0]):
        total += factor_taste[f] * factors[f]
    if has_notion(items.notions, item, people.notion[n]):
        total += items.notions.worth
    return total


@inlined
def satiation_loss(satiability: np.float32, satiation: Row, sating: Row, products: Row) -> Any:
    """Utility that an item loses to what a person consumed of late, ``b (s . x)`` in logits; float32.

    Linear in satiation as in Leqi et al. (2021), whose dynamics of s are those of ``dynamics.satiate``.

    Args:
        satiability: b, utility lost per unit of satiation, float32.
        satiation: s, (V,) what is left of the values consumed.
        sating: x, (V,) sating values of the item.
        products: (V,) scratch.
    """
    return satiability * dot(satiation, sating, products)


@rule
def utilities(people: People, shown: npt.NDArray[np.int32], items: Items) -> npt.NDArray[np.float64]:
    """Utility of items to people, (N, S) in logits: ``liking + quality - satiation_loss``.

    Args:
        people: N people.
        shown: (N, S) items, -1 where none; -inf there.
        items: The catalogue.
    """
    out = np.full(shown.shape, -np.inf)
    products = np.empty(people.desire.shape[1], np.float32)
    for n in range(shown.shape[0]):
        for s in range(shown.shape[1]):
            i = shown[n, s]
            if i < 0:
                continue
            liked = liking(people, n, i, items)
            lost = satiation_loss(people.satiability[n], people.satiation[n], items.sating[i], products)
            out[n, s] = np.float64(liked + items.quality[i]) - np.float64(lost)
    return out


@inlined
def wanting(desire: np.float32, satiation: np.float32, satiability: np.float32) -> Any:
    """Utility per unit of a value now, ``d - b s``: desire less what ``satiation_loss`` takes of a unit; float32."""
    return desire - satiability * satiation


@inlined
def appetite(desire: Row, satiation: Row, satiability: np.float32, worth: Row) -> None:
    """``wanting`` of each value into ``worth``; all (V,)."""
    for v in range(desire.shape[0]):
        worth[v] = wanting(desire[v], satiation[v], satiability)


@rule
def worth_having(desire: np.float32, satiation: np.float32, satiability: np.float32) -> bool:
    """Whether a value that a reason names is wanted now."""
    return bool(wanting(desire, satiation, satiability) > 0)


@rule
def rank(worth: Row, start: int, stop: int) -> tuple[int, int, int]:
    """Best, worst and second best of ``worth[start:stop]`` of (V,), the first of equals; -1 if there is no second."""
    best = worst = start
    for v in range(start, stop):
        if worth[v] > worth[best]:
            best = v
        if worth[v] < worth[worst]:
            worst = v
    second = -1
    for v in range(start, stop):
        if v != best and (second < 0 or worth[v] > worth[second]):
            second = v
    return best, worst, second


@rule
def most_sated(satiation: Row, sates: Flags) -> int:
    """The value consumed most of late, of those that satiate, (V,)."""
    best, most = 0, np.float32(0)
    for v in range(satiation.shape[0]):
        if sates[v] and satiation[v] > most:
            best, most = v, satiation[v]
    return best


@rule
def worst_fault(worth: Row, weighted: Row) -> int:
    """The item's value that costs the person most, 0 if none does, (V,); ``weighted`` are the item's."""
    wrong, least = 0, np.float32(0)
    for v in range(worth.shape[0]):
        if worth[v] * weighted[v] < least:
            wrong, least = v, worth[v] * weighted[v]
    return wrong

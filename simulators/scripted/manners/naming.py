"""Which items people name, and in which words they tell a wish."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scenarios.talk import Talk
from simulators.scripted.people import Items, People
from simulators.scripted.sentences import EXTRA, Said, say
from simulators.scripted.talk import WANT
from simulators.scripted.utility import liking

AT_MOST, AT_LEAST = FORMS.index(Form.AT_MOST), FORMS.index(Form.AT_LEAST)
FOR_OTHER, EXCEPT_VALUE = FORMS.index(Form.FOR_OTHER), FORMS.index(Form.EXCEPT_VALUE)
LIKED_ITEM, DISLIKED_ITEM = FORMS.index(Form.LIKED_ITEM), FORMS.index(Form.DISLIKED_ITEM)
SEEN_ITEM, LIKE_ITEM = FORMS.index(Form.SEEN_ITEM), FORMS.index(Form.LIKE_ITEM)
FIND_ITEM = FORMS.index(Form.FIND_ITEM)

RECALLED = 8
"""Titles that come to mind when people think of one to name."""

DISLIKE = -0.25
"""What a value must be worth at most to be named as an exception."""


@rule
def recall(people: People, n: int, uniform: float, sign: float, items: Items) -> int:
    """The item person ``n`` names: the best (sign 1) or worst (sign -1) to them of 8 they have heard of, -1 if none.

    The eight stand at equal distances in the list of famous items, the first where the uniform falls. They are judged
    by lasting and present desires and by quality, whatever was consumed of late.
    """
    famous = items.names.famous
    best, most = -1, -np.inf
    for k in range(min(RECALLED, len(famous))):
        item = famous[(int(uniform * len(famous)) + k * len(famous) // RECALLED) % len(famous)]
        worth = sign * np.float64(liking(people, n, item, items) + items.quality[item])
        if worth > most:
            best, most = item, worth
    return int(best)


@rule
def name_item(people: People, n: int, place: int, uniform: float, items: Items, said: Said) -> None:
    """Person ``n`` names a title in a place: one they want the like of, liked, disliked, have seen or look for."""
    kind = uniform * 997.0 % 1.0
    item = recall(people, n, uniform, -1.0 if 0.6 <= kind < 0.8 else 1.0, items)
    if item >= 0:
        form = LIKE_ITEM if kind < 0.3 else (LIKED_ITEM if kind < 0.6 else DISLIKED_ITEM)
        if kind >= 0.8:
            form = SEEN_ITEM if kind < 0.9 else FIND_ITEM
        say(said, n, place, form, item)


@rule
def limit_of(desire: npt.NDArray[np.float32], value: int, items: Items) -> int:
    """``AT_MOST`` or ``AT_LEAST`` for a wanted value of numbers, -1 if it has no end that can be said.

    The end towards the neighbour they want less is named; of a value with one end, that.

    Args:
        desire: (V,) of the person.
        value: What they want.
        items: The catalogue.
    """
    up, down = items.names.at_most[value], items.names.at_least[value]
    if up and down:
        return AT_MOST if desire[value + 1] <= desire[value - 1] else AT_LEAST
    return AT_MOST if up else (AT_LEAST if down else -1)


@rule
def exception_of(people: People, n: int, value: int, items: Items) -> int:
    """What often goes with a wanted value and person ``n`` dislikes, -1 if nothing does."""
    companions = items.names.companions
    for k in range(companions.shape[1]):
        other = companions[value, k]
        if other >= 0 and not people.wanted[n, other] and people.desire[n, other] <= DISLIKE:
            return int(other)
    return -1


@rule
def put_wishes(people: People, n: int, uniform: float, items: Items, talk: Talk, said: Said) -> None:
    """Person ``n`` puts the wishes they tell as limits, for somebody else or with an exception, by the rates.

    The value is the same in all of these, and both their wish and the other's stand.

    Args:
        people: Who speaks; ``told`` (of an exception they avoid) and ``last_told`` change.
        n: Which of them.
        uniform: Decides.
        items: The catalogue.
        talk: Rates.
        said: Changed.
    """
    people.last_told[n] = -1
    for place in range(said.forms.shape[1]):
        if said.forms[n, place] != WANT:
            continue
        value = said.args[n, place]
        people.last_told[n] = value
        limit = limit_of(people.desire[n], value, items)
        if limit >= 0:
            if uniform < talk.limits:
                said.forms[n, place] = limit
        elif uniform < talk.others:
            said.forms[n, place] = FOR_OTHER
        elif uniform > 1.0 - talk.excepts and place < EXTRA and said.forms[n, EXTRA] < 0:
            other = exception_of(people, n, value, items)
            if other >= 0:
                say(said, n, EXTRA, EXCEPT_VALUE, other)
                people.told[n, other] = True

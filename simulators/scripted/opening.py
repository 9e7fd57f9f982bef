"""A person's first words: a greeting, company, and a wish or two; everything if the scenario tells all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.core.sums import how_many
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scripted.manners.notions import open_with_all, open_with_notion
from simulators.scripted.people import Items, People
from simulators.scripted.sentences import (
    CLOSING,
    EXTRA,
    OPENING,
    REPLY,
    Numbering,
    Said,
    nothing_said,
    number_sentences,
    say,
)
from simulators.scripted.talk import AVOID, GREET, WANT, untold

CONTEXT, WANT_PAIR = FORMS.index(Form.CONTEXT), FORMS.index(Form.WANT_PAIR)

Flags = npt.NDArray[np.bool_]

SECOND_WISH, SOMETHING_TO_AVOID = 0.35, 0.25
"""Chances that a second wish is named with the first, where there is a sentence for both, and something to avoid."""

OPENING_DRAWS = 4
"""Uniforms of an opening: wording, greeting, a second wish, something to avoid."""

U_STYLE, U_GREET, U_SECOND, U_AVOID = range(4)


@rule
def say_unwanted(unwanted: Flags, told: Flags, n: int, place: int, said: Said) -> None:
    """Person ``n`` names the first value to avoid, if there is one; ``unwanted`` and ``told`` are theirs, (V,)."""
    for v in range(unwanted.shape[0]):
        if unwanted[v]:
            say(said, n, place, AVOID, v)
            told[v] = True
            break


@rule
def tell_all(wanted: Flags, told: Flags, n: int, end: int, said: Said) -> None:
    """Person ``n`` names every wanted value, of (V,), in a sentence of its own, in the places before ``end``."""
    place = 0
    for v in range(wanted.shape[0]):
        if wanted[v] and place < end:
            say(said, n, place, WANT, v)
            told[v] = True
            place += 1


@rule
def tell_some(
    wanted: Flags, told: Flags, uniform: float, weights: npt.NDArray[np.float32], pairs: npt.NDArray[np.int32],
    n: int, said: Said,
) -> None:  # fmt: skip
    """Person ``n`` names the weightiest wish, at times with the second in one sentence.

    Args:
        wanted: (V,) theirs.
        told: (V,) theirs, updated in place.
        uniform: Decides on the second.
        weights: (V,) weight of each value's facet.
        pairs: (V, V) argument of the sentence that names two values, -1 where there is none.
        n: Which person.
        said: Filled in.
    """
    first = untold(wanted, told, weights)
    if first < 0:
        return
    told[first] = True
    say(said, n, REPLY, WANT, first)
    second = untold(wanted, told, weights)
    if second >= 0 and uniform < SECOND_WISH and pairs[first, second] >= 0:
        told[second] = True
        say(said, n, REPLY, WANT_PAIR, pairs[first, second])


@rule
def open_all(
    people: People, items: Items, numbering: Numbering, draws: npt.NDArray[np.float64],
    pairs: npt.NDArray[np.int32], all_at_once: bool,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """First words of N people, sentence ids (N, 4): a greeting or company, wishes, and what to avoid.

    Args:
        people: Who speaks; ``told`` is updated in place.
        items: The catalogue.
        numbering: Of sentences.
        draws: (N, 4) uniforms of the opening, (N, 5) where people may have something in mind that no facet holds.
        pairs: (V, V) argument of the sentence that names two values, -1 where there is none.
        all_at_once: Whether everything is told.
    """
    people, items, numbering, draws, pairs = borrowed((people, items, numbering, draws, pairs))
    said, weights, notions = nothing_said(len(draws)), items.value_weights, items.notions
    for n in range(len(draws)):
        wanted, unwanted, told = people.wanted[n], people.unwanted[n], people.told[n]
        if all_at_once:
            tell_all(wanted, told, n, CLOSING if how_many(unwanted) else CLOSING + 1, said)
        else:
            if people.context[n] >= 0:
                say(said, n, OPENING, CONTEXT, people.context[n])
            elif draws[n, U_GREET] < 0.5:
                say(said, n, OPENING, GREET, 0)
            if notions.share == 0 or not open_with_notion(people, n, draws[n, OPENING_DRAWS], notions, said):
                tell_some(wanted, told, draws[n, U_SECOND], weights, pairs, n, said)
        if all_at_once or draws[n, U_AVOID] < SOMETHING_TO_AVOID:
            say_unwanted(unwanted, told, n, CLOSING if all_at_once else EXTRA, said)
        if all_at_once and notions.share > 0:
            open_with_all(people, n, draws[n, OPENING_DRAWS], notions, said)
    return number_sentences(people, said, draws[:, U_STYLE], numbering)

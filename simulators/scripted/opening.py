"""A person's first words: a greeting, company, and a wish or two; everything if the scenario tells all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scripted.people import People
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

OPENING_DRAWS = 4
"""Uniforms of an opening: wording, greeting, a second wish, something to avoid."""


@rule
def say_unwanted(people: People, n: int, place: int, said: Said) -> None:
    """Name the first value to avoid, if there is one."""
    value = int(np.argmax(people.unwanted[n]))
    if people.unwanted[n, value]:
        say(said, n, place, AVOID, value)
        people.told[n, value] = True


@rule
def tell_all(people: People, n: int, said: Said) -> None:
    """Every wanted value in a sentence of its own, as far as there is room, then the unwanted one."""
    place, end = 0, CLOSING if people.unwanted[n].any() else CLOSING + 1
    for v in range(people.wanted.shape[1]):
        if people.wanted[n, v] and place < end:
            say(said, n, place, WANT, v)
            people.told[n, v] = True
            place += 1
    say_unwanted(people, n, CLOSING, said)


@rule
def introduce(
    people: People, n: int, draws: npt.NDArray[np.float64], weights: npt.NDArray[np.float32],
    pairs: npt.NDArray[np.int32], said: Said,
) -> None:  # fmt: skip
    """Company or a greeting, the weightiest wish, at times with the second in one sentence, and what to avoid.

    Args:
        people: Who speaks; ``told`` is updated in place.
        n: Which of them.
        draws: (4,) uniforms.
        weights: (V,) weight of each value's facet.
        pairs: (V, V) argument of the sentence that names two values, -1 where there is none.
        said: Filled in.
    """
    if people.context[n] >= 0:
        say(said, n, OPENING, CONTEXT, people.context[n])
    elif draws[1] < 0.5:
        say(said, n, OPENING, GREET, 0)
    first = untold(people.wanted[n], people.told[n], weights)
    if first >= 0:
        people.told[n, first] = True
        say(said, n, REPLY, WANT, first)
        second = untold(people.wanted[n], people.told[n], weights)
        if second >= 0 and draws[2] < 0.35 and pairs[first, second] >= 0:
            people.told[n, second] = True
            say(said, n, REPLY, WANT_PAIR, pairs[first, second])
    if draws[3] < 0.25:
        say_unwanted(people, n, EXTRA, said)


@rule
def open_all(
    people: People, draws: npt.NDArray[np.float64], weights: npt.NDArray[np.float32],
    pairs: npt.NDArray[np.int32], all_at_once: bool, numbering: Numbering,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """First words of N people, sentence ids (N, 4).

    Args:
        people: Who speaks; ``told`` is updated in place.
        draws: (N, 4 or more) uniforms; the last four are the opening's.
        weights: (V,) weight of each value's facet.
        pairs: (V, V) argument of the sentence that names two values, -1 where there is none.
        all_at_once: Whether everything is told.
        numbering: Of sentences.
    """
    said, start = nothing_said(len(draws)), draws.shape[1] - OPENING_DRAWS
    for n in range(len(draws)):
        if all_at_once:
            tell_all(people, n, said)
        else:
            introduce(people, n, draws[n, start:], weights, pairs, said)
    return number_sentences(people, said, draws[:, start], numbering)

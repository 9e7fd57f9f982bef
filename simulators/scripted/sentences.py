"""What a person says in a turn: up to four sentences, each a form with an argument, and their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.language.forms import N_VARIANTS
from chatrec_env.language.grammar import FORMS
from chatrec_env.language.variants import variant_of
from simulators.scripted.people import People

if TYPE_CHECKING:
    from chatrec_env.language import Grammar

OPENING, REPLY, EXTRA, CLOSING = 0, 1, 2, 3
"""Places of a turn's sentences: reaction or answer, what is volunteered, mood, goodbye."""

STYLE_MIX = np.array(
    [
        [0.45, 0.35, 0.10, 0.05, 0.03, 0.02],
        [0.10, 0.20, 0.30, 0.30, 0.05, 0.05],
        [0.02, 0.05, 0.13, 0.20, 0.45, 0.15],
        [0.03, 0.05, 0.12, 0.15, 0.15, 0.50],
    ]
)
"""(style, wording) chances: wordings run from terse to hedged in every form."""


UNUSUAL = 0.15
"""Share of their messages that people who type in haste type with care, and the other way round."""


class Said(NamedTuple):
    """The sentences of N people before they are numbered."""

    forms: npt.NDArray[np.int8]  # (N, 4) indices into FORMS, -1 where nothing is said
    args: npt.NDArray[np.int32]  # (N, 4) their arguments


class Numbering(NamedTuple):
    """How sentences are numbered; see ``Grammar``."""

    starts: npt.NDArray[np.int32]  # (forms,) id of argument 0, variant 0
    strides: npt.NDArray[np.int32]  # (forms,) ids per argument
    can_slip: npt.NDArray[
        np.bool_
    ]  # (forms,) whether there are wordings with typing errors, after the plain ones
    style_edges: npt.NDArray[np.float64]  # (styles, N_VARIANTS - 1) cumulative chances of the wordings
    styles: npt.NDArray[np.int32]  # (forms,) styles of each form
    ways: npt.NDArray[np.int32]  # (forms,) ways of each style
    style_mix: npt.NDArray[np.float64]  # (styles, N_VARIANTS) chances of the wordings
    tones: npt.NDArray[np.int8]  # (sentences, 2) warmth and sureness; empty where wordings do not go by them


def numbering_of(grammar: Grammar, tones: bool = False) -> Numbering:
    """The numbering of a grammar; with ``tones``, for people whose wording goes by their mood."""
    weighed = grammar.tones() if tones else np.zeros((0, 2), np.int8)
    weighed.setflags(write=False)  # rules are compiled once for both
    return Numbering(
        starts=grammar.starts,
        strides=grammar.strides,
        can_slip=np.array([form.has_typos for form in FORMS]),
        style_edges=np.cumsum(STYLE_MIX, axis=1)[:, :-1].copy(),
        styles=grammar.styles,
        ways=grammar.ways,
        style_mix=STYLE_MIX,
        tones=weighed,
    )


@rule
def nothing_said(n: int) -> Said:
    """N people who say nothing yet."""
    return Said(np.full((n, USER_SENTENCES), -1, np.int8), np.zeros((n, USER_SENTENCES), np.int32))


@rule
def say(said: Said, n: int, place: int, form: int, arg: int) -> None:
    """Person ``n`` says a sentence of ``form`` with ``arg`` in a place."""
    said.forms[n, place] = form
    said.args[n, place] = arg


@rule
def wording(edges: npt.NDArray[np.float64], uniform: float) -> int:
    """Which wording a person uses now: 0-1 terse, 2-3 plain, 4-5 at length; ``edges (E,)`` are those of their style."""
    found = 0
    for e in range(edges.shape[0]):
        found += uniform >= edges[e]
    return found


@rule
def number_sentences(
    people: People, said: Said, uniforms: npt.NDArray[np.float64], numbering: Numbering
) -> npt.NDArray[np.int64]:
    """Ids of the sentences, (N, 4), -1 where none: ``start + stride * argument + variant``.

    Neighbours in style take turns, so that a turn does not repeat itself.

    Args:
        people: Who speaks, in their style, with or without typing errors.
        said: What.
        uniforms: (N,) decide the wording.
        numbering: Of the grammar.
    """
    forms, args, styles, typos = said.forms, said.args, people.style, people.typos
    starts, strides = numbering.starts, numbering.strides
    can_slip, edges, n_styles = numbering.can_slip, numbering.style_edges, numbering.styles
    ids = np.full(forms.shape, -1, np.int64)
    for n in range(len(ids)):
        style = wording(edges[styles[n]], uniforms[n])
        for place in range(USER_SENTENCES):
            form = forms[n, place]
            if form >= 0:
                slip = N_VARIANTS if typos[n] and can_slip[form] else 0
                variant = (style ^ (place & 1)) % n_styles[form] + slip
                ids[n, place] = starts[form] + strides[form] * args[n, place] + variant
    return ids


@rule
def number_freely(
    people: People, said: Said, uniforms: npt.NDArray[np.float64], ways: npt.NDArray[np.float64],
    numbering: Numbering,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """Ids of the sentences, (N, 4), as ``number_sentences``, in all the ways there are to put them.

    Args:
        people: Who speaks, in their style, in haste or with care.
        said: What.
        uniforms: (N,) decide the style of the wording.
        ways: (N,) decide the way; each place takes it a golden section further.
        numbering: Of the grammar.
    """
    forms, args, own, hasty = said.forms, said.args, people.style, people.hasty
    starts, strides, edges = numbering.starts, numbering.strides, numbering.style_edges
    styles, n_ways = numbering.styles, numbering.ways
    ids = np.full(forms.shape, -1, np.int64)
    for n in range(len(ids)):
        style = wording(edges[own[n]], uniforms[n])
        in_haste = hasty[n] != (ways[n] * 61.0 % 1.0 < UNUSUAL)
        for place in range(USER_SENTENCES):
            form = forms[n, place]
            if form >= 0:
                way = (ways[n] + 0.618 * place) % 1.0
                variant = variant_of(style ^ (place & 1), in_haste, way, styles[form], n_ways[form])
                ids[n, place] = starts[form] + strides[form] * args[n, place] + variant
    return ids

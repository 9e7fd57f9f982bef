"""In which tone people say what they say: how they are at the moment weighs the wordings of a form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.language.forms import N_VARIANTS
from simulators.scripted.events import Event
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.sentences import UNUSUAL, Numbering, Said
from simulators.scripted.utility import satiation_loss

Float = npt.NDArray[np.float64]

NO_WAY = np.zeros(0)
"""Uniforms of the ways where people talk plainly: there is one way."""


@rule
def within(value: float) -> float:
    """Cut to [-1, 1]."""
    return min(max(value, -1.0), 1.0)


@rule
def warmth_of(satisfaction: float, ease: float, left: float, tired: float) -> float:
    """How warm a person sounds: ``2 m + e + p - s``, all but the first cut to [-1, 1].

    Args:
        satisfaction: m, in [-1, 1].
        ease: e, logits by which they accept more easily than most.
        left: p, share of the mean patience with questions that is left to them; 0 where nothing was asked.
        tired: s, half the logits that what was shown loses by satiation; 0 where nothing was shown.
    """
    return 2.0 * satisfaction + within(ease) + within(left) - within(tired)


@rule
def moods(people: People, event: Event, items: Items, rates: Rates) -> Float:
    """Warmth (``warmth_of``) and sureness of N people after a turn, times the strength of tone, (N, 2).

    Sureness is 1 for those who know what they want, -1 for those who know a third of that or less.
    """
    out = np.zeros((len(people.satisfaction), 2))
    products = np.empty(items.sating.shape[1], np.float32)
    for n in range(len(out)):
        left, tired = 0.0, 0.0
        if event.asked[n]:
            left = (people.patience[n] - people.questions[n]) / max(rates.patience, 1.0)
        if event.offered[n]:
            sating = items.sating[event.item[n]]
            tired = 0.5 * satiation_loss(people.satiability[n], people.satiation[n], sating, products)
        out[n, 0] = warmth_of(
            people.satisfaction[n], rates.pickiness - people.threshold[n], left, np.float64(tired)
        )
        out[n, 1] = within(3.0 * people.knows[n] / max(rates.knows, 1e-9) - 2.0)
    return rates.tone * out


@rule
def number_in_tone(
    people: People, said: Said, mood: Float, uniforms: Float, ways: Float, numbering: Numbering
) -> npt.NDArray[np.int64]:
    """Ids of the sentences, (N, 4), -1 where none; a softmax over the wordings of each form.

    The weight of a wording is its chance in the person's style times ``exp(mood . tone)``; people who talk freely have
    all ways of typing in haste, or with care, and those who talk plainly the first one.

    Args:
        people: Who speaks, in their style, in haste or with care.
        said: What.
        mood: (N, 2) of ``moods``.
        uniforms: (N,) decide the wording; each place takes it a golden section further.
        ways: (N,) decide who types otherwise than usual; empty where all talk plainly.
        numbering: Of the grammar.
    """
    ids = np.full(said.forms.shape, -1, np.int64)
    for n in range(len(ids)):
        in_haste = len(ways) > 0 and people.hasty[n] != (ways[n] * 61.0 % 1.0 < UNUSUAL)
        for place in range(USER_SENTENCES):
            form = said.forms[n, place]
            if form < 0:
                continue
            styles, n_ways = numbering.styles[form], numbering.ways[form]
            first = numbering.starts[form] + numbering.strides[form] * said.args[n, place]
            start, step = int(in_haste), 2
            if len(ways) == 0:
                start, step = int(people.typos[n] and numbering.can_slip[form]), n_ways
            if n_ways == 1:
                start = 0
            weights, total = np.zeros(styles * n_ways), 0.0
            for way in range(start, n_ways, step):
                for style in range(styles):
                    v = style + styles * way
                    tone = numbering.tones[first + v]
                    chance = numbering.style_mix[people.style[n], style] if styles == N_VARIANTS else 1.0
                    weights[v] = chance * np.exp(mood[n, 0] * tone[0] + mood[n, 1] * tone[1])
                    total += weights[v]
            left, v = (uniforms[n] + 0.618 * place) % 1.0 * total, 0
            for w in range(len(weights)):
                if weights[w] > 0:
                    v = w
                    left -= weights[w]
                    if left < 0:
                        break
            ids[n, place] = first + v
    return ids

"""The tone of replies: warm or cool, sure or hedged, by how people are at the moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.actions import blank_turn
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.english.people import CORES
from chatrec_env.language.english.phrases import lower_first
from chatrec_env.language.english.tones import WARMTH, tone
from chatrec_env.language.english.wording import WORDINGS
from chatrec_env.language.forms import N_VARIANTS, Form
from chatrec_env.language.grammar import FORMS, Grammar
from simulators.scripted.manners.tone import NO_WAY, number_in_tone, warmth_of
from simulators.scripted.people import new_people
from simulators.scripted.sentences import OPENING, STYLE_MIX, nothing_said, numbering_of, say


def test_every_wording_with_a_tone_is_one_that_people_use() -> None:
    used = {form: {core for cores in CORES[form] for core in cores} for form in {form for form, _ in WARMTH}}
    for form, said in used.items():
        said |= {lower_first(plain.removesuffix(".")) for plain in WORDINGS.get(form, ())}
    assert [(form, said) for form, said in WARMTH if said not in used[form]] == []


def test_every_form_with_tones_has_warm_and_cool_ones() -> None:
    for form in {form for form, _ in WARMTH}:
        assert {warmth for other, warmth in WARMTH.items() if other[0] is form} == {1, -1}


@pytest.mark.parametrize(
    ("form", "variant", "said", "expected"),
    [
        pytest.param(Form.ACCEPT_WARM, 1, "Love it!", (1, 0), id="warm"),
        pytest.param(Form.REJECT_FIRM, 1, "Next.", (-1, 0), id="cool"),
        pytest.param(Form.DONT_KNOW, 5, "Hmm, it's hard to say what genre I want.", (0, -1), id="hedged"),
        pytest.param(Form.ANSWER, 1, "Dramas, please.", (1, 0), id="with-a-value"),
        pytest.param(Form.ANSWER, 7, "", (1, 0), id="with-a-slip"),
    ],
)
def test_the_tone_of_a_wording(
    grammar: Grammar, form: Form, variant: int, said: str, expected: tuple[int, int]
) -> None:
    arg = grammar.catalog.value_names.index("drama") if form is Form.ANSWER else 0
    sentence = int(grammar.ids(form, arg, variant))
    assert said in ("", grammar.text(sentence))
    assert tone(form, arg, variant) == expected
    assert tuple(grammar.tones()[sentence]) == expected


def test_warmth_by_hand() -> None:
    assert warmth_of(0.5, 0.25, 0.0, 0.0) == 1.25
    assert warmth_of(-0.5, -3.0, -0.5, 4.0) == -1.0 - 1.0 - 0.5 - 1.0


@pytest.mark.parametrize("warmth", [0.0, 1.0, -2.0])
def test_wordings_are_weighed(grammar: Grammar, warmth: float) -> None:
    """Plain talk, style 1: of six wordings of a mild refusal, the weight is the style's times exp(warmth * tone)."""
    n = 2000
    people, said = new_people(n, 1, 1), nothing_said(n)
    people.style[:] = 1
    for row in range(n):
        say(said, row, OPENING, FORMS.index(Form.REJECT_MILD), 0)
    mood = np.tile([warmth, 0.0], (n, 1))
    uniforms = (np.arange(n) + 0.5) / n
    ids = number_in_tone(people, said, mood, uniforms, NO_WAY, numbering_of(grammar, tones=True))[:, OPENING]
    variants = [grammar.describe(int(i))[2] for i in ids]
    # "Not this one" is cool; "maybe not", "it's not quite", "I don't think", "hmm, it looks nice", "I'm not sure" warm.
    weights = STYLE_MIX[1] * np.exp(warmth * np.array([-1, 1, 1, 1, 1, 1]))
    np.testing.assert_allclose(
        np.bincount(variants, minlength=N_VARIANTS) / n, weights / weights.sum(), atol=1.5 / n
    )


@pytest.mark.parametrize("talk", ["plain", "crs"])
def test_content_people_sound_warmer(crowd: Callable[..., Any], talk: str) -> None:
    def sounds(strength: float, satisfaction: float) -> float:
        users, people, _ = crowd(400, talk=talk, tone=strength, leave_constant=0.0)
        people.satisfaction[:], people.curious[:] = satisfaction, 0.0
        turn = blank_turn(400, 1)
        turn.act[:], turn.facet[:] = SystemAct.ASK, 0
        answer = users.respond(people, turn, np.random.default_rng(1).random((400, users.turn_draws)))
        told = answer.sentences[answer.sentences >= 0]
        return float(users.grammar.tones()[told, 0].mean())

    assert sounds(1.0, 0.8) > sounds(1.0, -0.8) + 0.3
    assert sounds(0.0, 0.2) == pytest.approx(sounds(0.0, 0.1), abs=0.02)

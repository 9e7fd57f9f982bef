"""Reactions in other words: taking, declining, complaining, withdrawing and repairing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scenarios.talk import TALKS
from simulators.scripted.manners.replies import rare_act

RECOMMEND, ASK = SystemAct.RECOMMEND, SystemAct.ASK
CRS = TALKS["crs"]


def forms(said: Any) -> list[Form]:
    return [form for form, _ in said]


def test_a_click_may_be_said_plainly_by_title_by_place_or_not_at_all(person: Any) -> None:
    """Of the acceptances that are said (0.4), two in five point, at places first."""

    def said(uniform: float, slate: list[int]) -> Any:
        one = person()
        one.people.threshold[:] = -30.0
        answer, words = one.hears(RECOMMEND, slate=slate, U_SAY=uniform, U_CLICK=0.01, U_STARS=0.5)
        assert answer.click[0] >= 0
        return words

    famous = int(person().users.items.names.famous[0])
    assert said(0.99 * CRS.accepts * CRS.points, [famous]) == [(Form.TAKE_ITEM, famous)]
    assert said(0.1 * CRS.accepts * CRS.points, [0, 1]) == [(Form.TAKE_PLACE, 0)]
    assert forms(said(0.7 * CRS.accepts, [famous]))[0] in (
        Form.ACCEPT_WARM,
        Form.ACCEPT_PLAIN,
        Form.ACCEPT_COOL,
    )
    silent = forms(said(0.999, [famous]))
    assert silent
    assert not {Form.ACCEPT_WARM, Form.ACCEPT_PLAIN, Form.ACCEPT_COOL} & set(silent)


def test_a_condition_holds(person: Any) -> None:
    one = person()
    one.wants(3, 40.0, told=True)
    answer, said = one.hears(RECOMMEND, one.pick(3), U_SAY=0.999 * CRS.accepts, U_CLICK=0.01, U_STARS=0.5)
    assert answer.click[0] == 0
    assert said[1] == (Form.CONDITION, 3)


@pytest.mark.parametrize(("told", "satisfaction"), [(True, -0.285), (False, -0.15)])
def test_a_mismatch_is_of_something_said(person: Any, told: bool, satisfaction: float) -> None:
    """Not to be heard costs beside what any refusal costs: 0.7 * (0.3 * -0.5) + 0.3 * -0.6."""
    one = person()
    item = one.pick(3)
    value = one.other(item)
    one.wants(value, told=told)
    _, said = one.hears(RECOMMEND, item, U_MISMATCH=0.0)
    assert ((Form.MISMATCH, value) in said) == told
    assert one.people.satisfaction[0] == pytest.approx(satisfaction)
    assert one.people.wanted[0, value]


@pytest.mark.parametrize(
    ("uniform", "form"),
    [
        pytest.param(0.0, Form.REJECT_FIRM, id="plainly"),
        pytest.param(CRS.rejects + 0.01, Form.DOUBT, id="in-doubt"),
    ],
)
def test_refusals(person: Any, uniform: float, form: Form) -> None:
    assert forms(person().hears(RECOMMEND, 0, U_SAY=uniform, U_RARE=0.15)[1])[0] == form


@pytest.mark.parametrize(("threshold", "form"), [(-30.0, Form.LIKED_IT), (30.0, Form.HATED_IT)])
def test_what_is_known_is_judged(person: Any, threshold: float, form: Form) -> None:
    one = person(familiarity=1.0)
    one.people.familiarity[:], one.people.threshold[:] = 1.0, threshold
    item = int(np.argmax(one.users.items.popularity))
    assert forms(one.hears(RECOMMEND, item, U_KNOWN=0.0, U_SAY=0.0, U_RARE=0.15)[1])[0] == form


@pytest.mark.parametrize(("last", "said"), [(False, Form.DROP), (True, Form.UNDO)])
def test_an_old_wish_is_withdrawn(person: Any, last: bool, said: Form) -> None:
    """What was told and is no longer wanted is dropped, or, if it was the last thing told, taken back."""
    one = person(changes_mind=1.0)
    one.wants(3, 1.25, told=True)
    one.people.goal_size[:] = 1.25
    one.people.last_told[:] = 3 if last else -1
    _, words = one.hears(RECOMMEND, one.pick(3), U_CHANGE=0.0, U_SWAP=0.3, U_SAY=0.0, U_RARE=0.15)
    assert said in forms(words)
    assert Form.CHANGE_MIND not in forms(words)
    assert not one.people.told.any()
    assert not one.people.wanted[0, 3]


@pytest.mark.parametrize(
    ("satisfaction", "uniform", "form"),
    [
        pytest.param(0.0, 0.001, Form.OTHER_LANGUAGE, id="another-language"),
        pytest.param(0.0, 0.01, Form.HELP, id="help"),
        pytest.param(0.0, 0.06, Form.SMALL_TALK, id="chatter"),
        pytest.param(0.0, 0.1, None, id="content-people-do-not-insult"),
        pytest.param(-0.5, 0.1, Form.INSULT, id="insult"),
        pytest.param(-0.5, 0.2, Form.START_OVER, id="start-over"),
        pytest.param(-0.5, 0.3, None, id="nothing"),
    ],
)
def test_rare_acts(satisfaction: float, uniform: float, form: Form | None) -> None:
    found = rare_act(satisfaction, uniform, CRS)
    assert (FORMS[found] if found >= 0 else None) == form


def test_who_starts_over_tells_anew(person: Any) -> None:
    one = person()
    one.wants(3, told=True)
    one.wants(5, told=True)
    one.people.satisfaction[:] = -0.9
    _, said = one.hears(RECOMMEND, one.pick(9), U_RARE=0.2)
    assert forms(said) == [Form.START_OVER, Form.WANT]
    assert one.people.told.sum() == 1


def test_a_wish_of_numbers_is_put_as_a_limit(person: Any, films: Any) -> None:
    """Who wants a film of the 1990s and rather older than newer ones says: at most."""
    value = films.value_index("era", "1990s")
    for neighbour, form in ((value - 1, Form.AT_MOST), (value + 1, Form.AT_LEAST)):
        one = person()
        one.wants(value)
        one.people.desire[0, neighbour] = 0.5
        _, said = one.hears(RECOMMEND, one.pick(3), U_FILL=0.2, U_NAME=0.1, U_RARE=0.5)
        assert said == [(form, value)]

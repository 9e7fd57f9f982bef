"""Who asks, about what, and what an answer or the lack of one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.actions import blank_turn
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from simulators.scenarios.talk import TALKS
from simulators.scripted import events
from simulators.scripted.manners.questions import lacking, share_of

Crowd = Callable[..., Any]
RECOMMEND, ANSWER, ASK = SystemAct.RECOMMEND, SystemAct.ANSWER, SystemAct.ASK

KIND = {
    name: float(np.sum(TALKS["crs"].asks[:k]) + 1e-6)
    for k, name in enumerate(("value", "fact", "credit", "plot", "opinion", "why", "unanswered", "compare"))
}
"""Uniforms at which each kind of question begins."""


@pytest.mark.parametrize(
    ("uniform", "kind", "place"),
    [(0.0, 0, 0.0), (0.1, 0, 0.5), (0.3, 1, 0.5), (0.6, 2, 0.2)],
)
def test_shares_by_hand(uniform: float, kind: int, place: float) -> None:
    """Shares 0.2 and 0.2; the rest is behind them."""
    found, within = share_of((0.2, 0.2), uniform)
    assert found == kind
    assert within == pytest.approx(place)


def test_what_matters_most_is_asked_about(person: Any) -> None:
    """They want value 3 and fear value 5 more: is it 5? Whoever asks does not decide."""
    one = person()
    one.wants(3, 1.0)
    one.wants(5, -1.5)
    answer, said = one.hears(
        RECOMMEND, one.pick(3), U_ASK=0.0, U_QUESTION=KIND["value"], U_CLICK=0.0, U_RARE=0.5
    )
    assert said == [(Form.ASK_VALUE, 5)]
    assert answer.click[0] == -1
    assert one.people.satisfaction[0] == 0.0
    assert one.people.waiting[0] == 0


def test_who_wants_nothing_has_no_reason_to_ask(person: Any) -> None:
    one = person()
    _, said = one.hears(RECOMMEND, 0, U_ASK=0.0, U_QUESTION=KIND["value"])
    assert not any(form.is_question for form, _ in said)


def test_what_the_reason_told_is_not_asked(person: Any) -> None:
    """The reason names value 3, so the first facet is known: they ask about the other one."""
    one = person()
    names = one.users.items.names
    other = int(one.users.items.facet_start[np.flatnonzero(names.ordered)[0]])
    one.wants(3, 2.0)
    one.wants(other, 1.0)
    turn = blank_turn(1, 1)
    turn.act[:], turn.slate[:], turn.reason[:] = RECOMMEND, one.pick(3), 3
    draws = np.full((1, one.users.turn_draws), 0.5)
    draws[0, events.U_ASK], draws[0, events.U_QUESTION] = 0.0, KIND["value"]
    said = one.users.respond(one.people, turn, draws).sentences[0]
    assert (Form.ASK_VALUE, other) in [one.users.grammar.describe(int(i))[:2] for i in said if i >= 0]


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        pytest.param("plot", Form.ASK_PLOT, id="plot"),
        pytest.param("opinion", Form.ASK_OPINION, id="opinion"),
        pytest.param("why", Form.ASK_WHY, id="no-reason-was-given"),
        pytest.param("unanswered", Form.ASK_UNANSWERED, id="what-nobody-knows"),
        pytest.param("credit", Form.ASK_FACT, id="who-made-it"),
    ],
)
def test_kinds_of_questions(person: Any, kind: str, form: Form) -> None:
    _, said = person().hears(RECOMMEND, 0, U_ASK=0.0, U_QUESTION=KIND[kind], U_RARE=0.5)
    assert [f for f, _ in said] == [form]


def test_two_are_compared_only_where_there_are_two(person: Any) -> None:
    draws = {"U_ASK": 0.0, "U_QUESTION": KIND["compare"], "U_RARE": 0.5}
    assert person().hears(RECOMMEND, slate=[0, 1], **draws)[1] == [(Form.COMPARE, 0)]
    assert not any(f.is_question for f, _ in person().hears(RECOMMEND, slate=[0, -1], **draws)[1])


def test_an_answer_leads_to_a_decision(person: Any) -> None:
    """The second time they click on what they like, look at it for certain, trust more, and do not ask again."""
    one = person(trust=0.0)
    one.wants(3, 9.0)
    item = one.pick(3)
    one.people.trust[:] = 0.0
    answer, said = one.hears(RECOMMEND, item, U_ASK=0.0, U_QUESTION=KIND["value"], U_CLICK=0.5, U_RARE=0.5)
    assert (answer.click[0], said) == (-1, [(Form.ASK_VALUE, 3)])
    assert one.people.pending[0] == item
    answer, said = one.hears(ANSWER, item, U_ASK=0.0, U_QUESTION=KIND["value"], U_CLICK=0.5)
    assert answer.click[0] == 0
    assert one.people.trust[0] == pytest.approx(TALKS["crs"].answered)
    assert one.people.pending[0] == -1
    _, said = one.hears(RECOMMEND, item, U_ASK=0.0, U_QUESTION=KIND["value"], U_RARE=0.5)
    assert (Form.ASK_VALUE, 3) not in said


def test_who_is_ignored_asks_again_or_gives_up(person: Any) -> None:
    """A question to a question costs: 0.7 * 0 + 0.3 * -0.6."""
    for uniform, form in ((0.0, Form.ASK_PLOT), (0.99, Form.NO_PREFERENCE)):
        one = person()
        one.hears(RECOMMEND, 0, U_ASK=0.0, U_QUESTION=KIND["plot"], U_RARE=0.5)
        _, said = one.hears(ASK, facet=0, U_ASK=uniform, U_KNOW=0.0, U_RARE=0.5)
        assert said[0][0] == form
        assert one.people.satisfaction[0] == pytest.approx(-0.18)
        assert one.people.pending[0] == (0 if form is Form.ASK_PLOT else -1)


def test_another_suggestion_answers_first(person: Any) -> None:
    one = person()
    one.people.trust[:] = 0.0
    one.hears(RECOMMEND, 0, U_ASK=0.0, U_QUESTION=KIND["plot"])
    one.hears(RECOMMEND, 1)
    assert one.people.trust[0] == pytest.approx(0.03)
    assert one.people.satisfaction[0] == pytest.approx(0.3 * -0.5)  # the second is not accepted


def test_nobody_asks_about_what_they_know(person: Any) -> None:
    one = person(familiarity=1.0)
    one.people.familiarity[:] = 1.0
    item = int(np.argmax(one.users.items.popularity))
    _, said = one.hears(RECOMMEND, item, U_KNOWN=0.0, U_ASK=0.0, U_QUESTION=KIND["plot"], U_RARE=0.5)
    assert not any(form.is_question for form, _ in said)
    assert one.people.pending[0] == -1


@pytest.mark.parametrize(
    ("told", "weighted", "found"),
    [
        pytest.param([1, 1, 1], [0, 0, 1], 1, id="the-weightiest"),
        pytest.param([1, 0, 1], [0, 0, 1], 0, id="what-was-not-said-does-not-count"),
        pytest.param([1, 1, 1], [1, 1, 0], -1, id="all-is-met"),
    ],
)
def test_what_an_item_lacks(told: list[int], weighted: list[int], found: int) -> None:
    wanted, weights = np.array([True, True, False]), np.array([0.5, 1.0, 1.0], np.float32)
    assert lacking(wanted, np.array(told, bool), np.array(weighted, np.float32), weights) == found


@pytest.mark.parametrize("talk", ["crs", "chat"])
def test_no_click_in_a_turn_with_a_question(crowd: Crowd, talk: str) -> None:
    """5,000 people and a slate of two: clicks and questions exclude each other, and both happen."""
    users, people, _ = crowd(5000, talk=talk)
    turn = blank_turn(5000, 2)
    rng = np.random.default_rng(0)
    turn.act[:], turn.slate[:] = RECOMMEND, rng.integers(0, users.catalog.n_items, (5000, 2))
    answer = users.respond(people, turn, rng.random((5000, users.turn_draws)))
    forms = [[users.grammar.describe(int(i))[0] for i in row if i >= 0] for row in answer.sentences]
    asks = np.array([any(form.is_question for form in row) for row in forms])
    assert ((answer.click < 0) | ~asks).all()
    assert asks.mean() > 0.1
    assert (answer.click >= 0).mean() > 0.02
    np.testing.assert_array_equal(asks | answer.leave, (people.pending >= 0) | answer.leave)

"""What is answered to each kind of question, and how what went wrong is met."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.dialogue.answers import amends, answer, cards_of, replies_of
from chatrec_env.language.acts import UserAct
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from chatrec_env.language.questions import Question
from tests.chatrec_env.talk.scene import Scene


def worded(scene: Scene, form: int, about: int) -> str:
    grammar = scene.manager.grammar
    return grammar.text(int(grammar.ids(FORMS[form], about, 0)))


def answered(scene: Scene, kind: Question, about: int, title: str) -> str:
    cards, replies = cards_of(scene.films), replies_of(scene.manager.grammar)
    item = scene.film(title) if title else -1
    return worded(scene, *answer(int(kind), about, item, cards, replies))


def test_a_fact_is_what_the_card_says_of_the_topic(scene: Scene) -> None:
    assert "English" in answered(scene, Question.FACT, scene.topic("language"), "Alien")
    assert "Korean" in answered(scene, Question.FACT, scene.topic("language"), "Parasite")
    assert "Michael Mann" in answered(scene, Question.FACT, scene.topic("director"), "Heat")


@pytest.mark.parametrize(
    ("value", "title", "said"),
    [
        pytest.param("mood:scary", "Alien", "Yes, it's scary.", id="has-it"),
        pytest.param("mood:funny", "Alien", "Not mainly funny, no.", id="has-others-of-several"),
        pytest.param("language:Korean", "Alien", "No, it isn't in Korean.", id="has-another"),
    ],
)
def test_whether_it_has_a_value(scene: Scene, value: str, title: str, said: str) -> None:
    assert answered(scene, Question.VALUE, scene.value(value), title) == said


def test_what_the_card_does_not_tell_is_not_known(scene: Scene) -> None:
    cards, replies = cards_of(scene.films), replies_of(scene.manager.grammar)
    cards.truths[scene.film("Alien"), scene.value("mood:scary")] = 2
    form, about = answer(int(Question.VALUE), scene.value("mood:scary"), scene.film("Alien"), cards, replies)
    assert worded(scene, form, about) == "I don't know if it's scary."


def test_whether_somebody_is_in_it(scene: Scene) -> None:
    somebody = scene.films.entity_names.index("Al Pacino")
    assert answered(scene, Question.ENTITY, somebody, "Heat").startswith("Yes, Al Pacino")
    assert answered(scene, Question.ENTITY, somebody, "Alien").startswith("No, ")


def test_plot_and_opinion(scene: Scene) -> None:
    alien = scene.film("Alien")
    assert scene.films.sentences[alien].rstrip(".") in answered(scene, Question.PLOT, -1, "Alien")
    assert answered(scene, Question.OPINION, -1, "Alien").startswith("It's ")


def test_two_are_compared_by_what_is_asked_or_by_the_weightiest_topic(scene: Scene) -> None:
    """Of films the genre weighs most."""
    assert "Heat" in answered(scene, Question.COMPARE, scene.topic("era"), "Heat")
    by_genre = answered(scene, Question.COMPARE, scene.topic("genre"), "Heat")
    assert answered(scene, Question.COMPARE, -1, "Heat") == by_genre


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        pytest.param(Question.VALUE, 30, id="whether-it-has-a-value"),
        pytest.param(Question.ENTITY, 2000, id="whether-somebody-is-in-it"),
        pytest.param(Question.PLOT, -1, id="what-it-is-about"),
        pytest.param(Question.OPINION, -1, id="whether-it-is-good"),
        pytest.param(Question.COMPARE, -1, id="compared"),
    ],
)
def test_nothing_can_be_told_of_no_film(scene: Scene, kind: Question, about: int) -> None:
    assert answered(scene, kind, about, "") == "I don't know that."


def test_of_no_film_a_fact_is_not_known_by_its_name(scene: Scene) -> None:
    told = answered(scene, Question.FACT, scene.topic("language"), "")
    assert told.startswith("I don't know ")
    assert "language" in told


def test_what_no_card_tells_is_admitted(scene: Scene) -> None:
    first = len(scene.films.facets) + len(scene.films.declaration.entities)
    streaming = answered(scene, Question.UNKNOWN, first, "Alien")
    assert streaming.startswith("I don't know ")
    assert streaming != answered(scene, Question.UNKNOWN, first + 1, "Alien")


def test_a_reason_is_not_on_the_card(scene: Scene) -> None:
    cards, replies = cards_of(scene.films), replies_of(scene.manager.grammar)
    assert answer(int(Question.WHY), -1, scene.film("Alien"), cards, replies) == (-1, 0)


@pytest.mark.parametrize(
    ("acts", "lacking", "sought", "form", "about"),
    [
        pytest.param([UserAct.START_OVER, UserAct.INSULT], -1, -1, Form.S_START_OVER, 0, id="start-over"),
        pytest.param([UserAct.UNDO], -1, -1, Form.S_UNDONE, 0, id="undo"),
        pytest.param([UserAct.OTHER_LANGUAGE], -1, -1, Form.S_LANGUAGE, 0, id="other-language"),
        pytest.param([UserAct.MISMATCH], 7, -1, Form.S_MISMATCH, 7, id="not-what-was-asked-for"),
        pytest.param([UserAct.MISMATCH], -1, -1, Form.S_SORRY, 0, id="not-it-whatever-it-was"),
        pytest.param([UserAct.INSULT], -1, -1, Form.S_CALM, 0, id="insult"),
        pytest.param([UserAct.HELP], -1, -1, Form.S_HELP, 0, id="help"),
        pytest.param([UserAct.FIND_ITEM], -1, -1, Form.S_NOT_HERE, 0, id="unlisted"),
        pytest.param([UserAct.FIND_ITEM], -1, 5, None, 0, id="listed"),
        pytest.param([UserAct.WANT, UserAct.REJECT], -1, -1, None, 0, id="wishes-alone"),
    ],
)
def test_amends(
    scene: Scene, acts: list[UserAct], lacking: int, sought: int, form: Form | None, about: int
) -> None:
    remarks = np.uint64(sum(1 << act for act in acts))
    found = amends(remarks, lacking, sought, replies_of(scene.manager.grammar))
    assert found == ((-1 if form is None else FORMS.index(form)), about)

"""What the system says: the answer first, then what it shows; the question last; no reason that nobody stated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.forms import Form
from tests.chatrec_env.talk.scene import Scene

ASK, RECOMMEND, ANSWER, CLOSE = SystemAct.ASK, SystemAct.RECOMMEND, SystemAct.ANSWER, SystemAct.CLOSE


def forms(scene: Scene) -> list[Form]:
    """Forms of the sentences of the system's last turn, in order."""
    grammar = scene.manager.grammar
    return [grammar.describe(i)[0] for i in scene.turn.sentences[0].tolist() if i >= 0]


def test_an_answer_is_all_that_is_said(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.ASK_FACT, "mood:scary"))
    assert scene.system(ANSWER, "Alien") == "Yes, it's scary."
    assert scene.titles(scene.dialogue.slate[0]) == ["Alien"]


def test_who_is_shown_another_instead_is_answered_first(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.ASK_FACT, "mood:scary"))
    said = scene.system(RECOMMEND, "Heat")
    assert said.startswith("Yes, it's scary.")
    assert said.index("Heat") > 0
    assert forms(scene)[:2] == [Form.S_HAS_VALUE, Form.S_ITEM]


def test_who_is_asked_instead_is_not_answered(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.ASK_FACT, "mood:scary"))
    scene.system(ASK, ask="genre")
    assert forms(scene) == [Form.S_ASK]


def test_the_question_comes_last_after_an_apology(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.MISMATCH, "genre:comedy"))
    scene.system(ASK, ask="mood")
    assert forms(scene) == [Form.S_MISMATCH, Form.S_ASK]


def test_the_apology_comes_before_what_is_shown_instead(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.MISMATCH, "genre:comedy"))
    scene.system(RECOMMEND, "The Apartment")
    assert forms(scene) == [Form.S_MISMATCH, Form.S_ITEM, Form.S_EXPLAIN_VALUE]


def test_the_reason_that_was_asked_for_is_the_answer(scene: Scene) -> None:
    scene.say(scene.act(UserAct.WANT, "mood:scary")).show("Alien").say(scene.act(UserAct.ASK_WHY))
    scene.system(ANSWER, "Alien")
    assert forms(scene) == [Form.S_EXPLAIN_VALUE]
    assert scene.turn.reason[0] == scene.value("mood:scary")


@pytest.mark.parametrize("shown", [(), ("Alien",)], ids=["nothing-on-the-table", "alien-on-the-table"])
def test_why_something_named_was_meant_nobody_knows(scene: Scene, shown: tuple[str, ...]) -> None:
    """Nothing lies on the table: there is no suggestion to give a reason for."""
    scene.say(scene.act(UserAct.ASK_WHY, "Heat"))
    scene.system(ANSWER, *shown)
    assert len(forms(scene)) == 1
    assert (forms(scene) == [Form.S_UNKNOWN]) == (not shown)


def test_a_wish_that_was_only_inferred_is_no_reason(scene: Scene) -> None:
    """Who liked Alien may like the dark, but did not say so: what is given is the likeness itself, or a guess."""
    scene.say(scene.act(UserAct.LIKE, "Alien", polarity=1))
    assert scene.weak
    scene.system(RECOMMEND, "Alien")
    assert forms(scene)[-1] == Form.S_WHY_LIKENESS
    assert scene.turn.reason[0] == -1
    scene.say(scene.act(UserAct.WANT, "mood:dark"))
    scene.system(RECOMMEND, "Alien")
    assert forms(scene)[-1] == Form.S_EXPLAIN_VALUE
    assert scene.turn.reason[0] == scene.value("mood:dark")


def test_what_nothing_speaks_for_is_called_a_guess(scene: Scene) -> None:
    acclaim, popularity = scene.films.acclaim, scene.films.popularity
    plain = int(np.argmin(acclaim + popularity))
    scene.say()
    scene.system(RECOMMEND, scene.films.titles[plain])
    assert forms(scene) == [Form.S_RECOMMEND, Form.S_ITEM, Form.S_WHY_GUESS]


def test_what_was_taken_is_followed_by_an_offer_or_a_warm_goodbye(scene: Scene) -> None:
    scene.say().show("Alien").say(click=0, stars=5)
    scene.system(RECOMMEND, "Heat")
    assert forms(scene)[0] == Form.S_OFFER_MORE
    scene.say(click=0, stars=4)
    assert "Heat" in scene.system(CLOSE)  # what was taken last, though Alien was liked more
    assert forms(scene) == [Form.S_CLOSE_WARM]


def test_a_goodbye_after_nothing_taken_is_a_plain_one(scene: Scene) -> None:
    scene.say().show("Alien").say()
    scene.system(CLOSE)
    assert forms(scene) == [Form.S_CLOSE]


@pytest.mark.parametrize(
    ("acts", "opener"),
    [
        pytest.param([], Form.S_STARTERS, id="nothing-said"),
        pytest.param([UserAct.GREET], Form.S_STARTERS, id="hello"),
        pytest.param([UserAct.WANT], Form.S_SLATE, id="a-wish"),
    ],
)
def test_slates_are_announced(slates: Scene, acts: list[UserAct], opener: Form) -> None:
    slates.say(*map(ParsedAct, acts))
    slates.system(RECOMMEND, "Alien", "Heat", "Up")
    assert forms(slates)[:4] == [opener, Form.S_ITEM, Form.S_ITEM, Form.S_ITEM]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        pytest.param("", ["Alien", "Heat"], id="the-first-two"),
        pytest.param("Heat", ["Heat", "Alien"], id="the-one-named-and-the-first"),
        pytest.param("Up", ["Up", "Alien"], id="another-one-and-the-first"),
    ],
)
def test_two_are_compared_on_the_table(stage: Callable[[int], Scene], named: str, told: list[str]) -> None:
    scene = stage(2)
    scene.say().show("Alien", "Heat").say(scene.act(UserAct.COMPARE, named, facet=scene.topic("era")))
    said = scene.system(ANSWER, "Alien", "Heat")
    assert forms(scene) == [Form.S_FACT_OF, Form.S_FACT_OF]
    assert said.index(told[0]) < said.index(told[1])


def test_who_compares_and_is_shown_others_hears_of_the_first_and_the_reason_for_the_new(
    slates: Scene,
) -> None:
    """The reason that moves trust is one that was said."""
    slates.say(slates.act(UserAct.WANT, "genre:war")).show("Alien", "Heat")
    slates.say(slates.act(UserAct.COMPARE, facet=slates.topic("era")))
    said = slates.system(RECOMMEND, "Casablanca", "Up")
    assert said.startswith("Alien: ")
    assert slates.turn.reason[0] == slates.value("genre:war")
    assert forms(slates)[-1] == Form.S_EXPLAIN_VALUE


def test_help_is_given_once_and_what_is_shown_follows(scene: Scene) -> None:
    scene.say(ParsedAct(UserAct.HELP))
    scene.system(RECOMMEND, "Alien")
    assert forms(scene)[:2] == [Form.S_HELP, Form.S_ITEM]
    scene.say()
    scene.system(RECOMMEND, "Heat")
    assert forms(scene)[:2] == [Form.S_RECOMMEND, Form.S_ITEM]

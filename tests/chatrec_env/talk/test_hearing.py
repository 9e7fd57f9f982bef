"""What is heard besides plain wishes: how strongly, what is dropped or missed, named titles, second thoughts."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.core.state import ACCEPTED, ANSWERED, IGNORED, NOTHING
from chatrec_env.dialogue.slots import note_item
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.questions import Question
from tests.chatrec_env.talk.scene import Scene

ASK, ANSWER = SystemAct.ASK, SystemAct.ANSWER


@pytest.mark.parametrize(
    ("act", "strength", "wish"),
    [
        pytest.param(UserAct.WANT, 0.5, 0.5, id="maybe"),
        pytest.param(UserAct.WANT, 1.0, 1.0, id="wanted"),
        pytest.param(UserAct.WANT, 2.0, 1.5, id="it-must-be"),
        pytest.param(UserAct.AVOID, 0.5, -0.75, id="rather-not"),
        pytest.param(UserAct.AVOID, 1.0, -1.5, id="not"),
        pytest.param(UserAct.AVOID, 2.0, -2.25, id="by-no-means"),
        pytest.param(UserAct.EXCEPT, 1.0, -1.5, id="except"),
        pytest.param(UserAct.ENOUGH_OF, 1.0, -0.5, id="enough-of"),
    ],
)
def test_a_wish_counts_by_how_firmly_it_is_put(
    scene: Scene, act: UserAct, strength: float, wish: float
) -> None:
    scene.say(scene.act(act, "genre:war", strength=strength))
    assert scene.wishes == {"genre:war": wish}


def test_what_is_dropped_is_neither_wanted_nor_avoided(scene: Scene) -> None:
    scene.say(scene.act(UserAct.WANT, "genre:war"), scene.act(UserAct.AVOID, "mood:dark"))
    scene.say(scene.act(UserAct.DROP, "genre:war"), scene.act(UserAct.DROP, "mood:dark"))
    assert scene.wishes == {}
    assert not scene.memory.stated.any()


def test_a_facet_of_which_all_was_dropped_is_not_known_any_more(scene: Scene) -> None:
    genre = scene.films.facet_index("genre")
    scene.say(scene.act(UserAct.WANT, "genre:war"), scene.act(UserAct.WANT, "genre:drama"))
    scene.say(scene.act(UserAct.DROP, "genre:war"))
    assert scene.dialogue.status[0, genre] == ANSWERED
    scene.say(scene.act(UserAct.DROP, "genre:drama"))
    assert scene.dialogue.status[0, genre] != ANSWERED


def test_an_exception_leaves_the_wish_it_narrows(scene: Scene) -> None:
    """ "A comedy, but nothing about heists"."""
    scene.say((scene.act(UserAct.WANT, "genre:comedy"), scene.act(UserAct.EXCEPT, "theme:heists")))
    assert scene.wishes == {"genre:comedy": 1.0, "theme:heists": -1.5}


@pytest.mark.parametrize("before", [None, UserAct.WANT, UserAct.AVOID])
def test_what_was_missed_is_wished_for_firmly(scene: Scene, before: UserAct | None) -> None:
    """ "That is no comedy" is no word against comedies: it is a firm one for them."""
    if before is not None:
        scene.say(scene.act(before, "genre:comedy"))
    scene.show("Alien").say(scene.act(UserAct.MISMATCH, "genre:comedy"))
    assert scene.wishes == {"genre:comedy": 1.5}
    assert scene.memory.lacking[0] == scene.value("genre:comedy")
    scene.say()
    assert (scene.memory.lacking[0], scene.wishes) == (-1, {"genre:comedy": 1.5})


def values_of(scene: Scene, title: str, sign: float) -> dict[str, float]:
    """The values of a film that count when two are called alike, as weak wishes."""
    film = scene.film(title)
    telling = scene.manager.tracker.strengths.likeness[film]
    return {scene._name(v): sign * 0.25 for v in np.flatnonzero(telling).tolist()}


@pytest.mark.parametrize(
    ("act", "title", "sign"),
    [
        pytest.param(UserAct.LIKE, "Heat", 1, id="something-like-heat"),
        pytest.param(UserAct.LIKED_ITEM, "Heat", 1, id="loved-heat"),
        pytest.param(UserAct.DISLIKED_ITEM, "Heat", -1, id="hated-heat"),
        pytest.param(UserAct.SEEN_IT, "Heat", 0, id="seen-heat"),
        pytest.param(UserAct.LIKED_ITEM, "", 1, id="loved-it"),
        pytest.param(UserAct.DISLIKED_ITEM, "", -1, id="hated-it"),
        pytest.param(UserAct.SEEN_IT, "", 0, id="seen-it"),
        pytest.param(UserAct.MORE_LIKE_THAT, "", 1, id="more-like-it"),
    ],
)
def test_an_opinion_of_a_film_makes_weak_wishes_of_its_values(
    scene: Scene, act: UserAct, title: str, sign: int
) -> None:
    """Of the one named, or else of the one on the table."""
    scene.show("Alien").say(scene.act(act, title, polarity=sign))
    assert scene.wishes == {}
    assert scene.weak == (values_of(scene, title or "Alien", sign) if sign else {})


@pytest.mark.parametrize("act", [UserAct.LIKE, UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM])
@pytest.mark.parametrize("about", [{"topic": "blue sunset"}, {"entity": 3}], ids=["unlisted-title", "person"])
def test_an_opinion_of_what_is_not_listed_is_none_of_what_lies_on_the_table(
    scene: Scene, act: UserAct, about: dict[str, object]
) -> None:
    scene.show("Alien").say(ParsedAct(act, polarity=1, **about))  # type: ignore[arg-type]
    assert (scene.weak, scene.titles(scene.memory.named[0]), scene.memory.anchor[0]) == ({}, [], -1)


@pytest.mark.parametrize(
    ("act", "polarity", "anchor"),
    [
        pytest.param(UserAct.LIKE, 1, True, id="like"),
        pytest.param(UserAct.LIKED_ITEM, 1, True, id="liked"),
        pytest.param(UserAct.DISLIKED_ITEM, -1, False, id="disliked"),
        pytest.param(UserAct.SEEN_IT, 0, False, id="seen"),
    ],
)
def test_films_that_were_named_are_known_to_the_person(
    scene: Scene, act: UserAct, polarity: int, anchor: bool
) -> None:
    scene.say(scene.act(act, "Heat", polarity=polarity))
    assert scene.titles(scene.memory.named[0]) == ["Heat"]
    assert scene.titles(scene.memory.anchor) == (["Heat"] if anchor else [])
    assert scene.film("Heat") not in scene.dialogue.candidates[0]


def test_eight_named_films_are_remembered_and_the_oldest_makes_room() -> None:
    items = np.full(8, -1, np.int32)
    for item in (10, 11, 12, 11, 13, 14, 15, 16, 17):
        note_item(items, item)
    assert items.tolist() == [10, 11, 12, 13, 14, 15, 16, 17]
    note_item(items, 18)
    assert items.tolist() == [11, 12, 13, 14, 15, 16, 17, 18]
    note_item(items, 14)
    assert items.tolist() == [11, 12, 13, 14, 15, 16, 17, 18]


def test_a_film_asked_for_by_its_title_is_sought_for_one_turn(scene: Scene) -> None:
    scene.say(scene.act(UserAct.FIND_ITEM, "Heat"))
    assert scene.titles(scene.memory.sought) == ["Heat"]
    assert scene.titles(scene.memory.named[0]) == []
    assert scene.titles(scene.dialogue.candidates[0])[0] == "Heat"
    scene.say()
    assert scene.titles(scene.memory.sought) == []


def test_to_start_over_forgets_every_wish_but_not_what_was_seen(scene: Scene) -> None:
    scene.say(
        scene.act(UserAct.WANT, "genre:war"),
        scene.act(UserAct.LIKED_ITEM, "Heat", polarity=1),
        ParsedAct(UserAct.ENTITY, entity=5, polarity=1),
        ParsedAct(UserAct.CONTEXT, context=1),
    )
    scene.say(ParsedAct(UserAct.START_OVER))
    d = scene.dialogue
    assert (scene.wishes, scene.weak, d.context[0], d.entities.max(), d.status.max()) == ({}, {}, -1, -1, 0)
    assert scene.titles(scene.memory.named[0]) == ["Heat"]
    assert scene.memory.anchor[0] == -1


def test_wishes_told_with_the_fresh_start_count(scene: Scene) -> None:
    scene.say(scene.act(UserAct.WANT, "genre:war"))
    scene.say(ParsedAct(UserAct.START_OVER), scene.act(UserAct.WANT, "genre:comedy"))
    assert scene.wishes == {"genre:comedy": 1.0}


def test_to_undo_takes_back_the_last_turn_alone(scene: Scene) -> None:
    genre, mood = scene.films.facet_index("genre"), scene.films.facet_index("mood")
    scene.say(scene.act(UserAct.WANT, "genre:war"))
    scene.say(scene.act(UserAct.AVOID, "genre:war"), scene.act(UserAct.WANT, "mood:dark"))
    scene.say(ParsedAct(UserAct.UNDO))
    assert scene.wishes == {"genre:war": 1.0}
    assert scene.dialogue.status[0, genre] == ANSWERED
    assert scene.dialogue.status[0, mood] != ANSWERED
    scene.say(ParsedAct(UserAct.UNDO))  # there is nothing left to take back
    assert scene.wishes == {"genre:war": 1.0}


@pytest.mark.parametrize(("answer", "stated"), [(UserAct.YES, True), (UserAct.NO, False)])
def test_a_wish_that_was_confirmed_is_a_stated_one(scene: Scene, answer: UserAct, stated: bool) -> None:
    war = scene.value("genre:war")
    scene.dialogue.last_value[0] = war
    scene.say(ParsedAct(answer))
    assert scene.memory.stated[0, war] == stated
    assert scene.wishes == ({"genre:war": 1.0} if stated else {})


def test_a_wish_that_another_replaced_is_a_stated_one_no_more(scene: Scene) -> None:
    scene.say(scene.act(UserAct.WANT, "genre:war"))
    scene.say(scene.act(UserAct.CHANGE_MIND, "genre:comedy"))
    assert np.flatnonzero(scene.memory.stated[0]).tolist() == [scene.value("genre:comedy")]


def test_a_question_is_about_the_film_named_or_else_the_one_on_the_table(scene: Scene) -> None:
    scene.show("Alien").say(scene.act(UserAct.ASK_PLOT))
    assert (scene.memory.question[0], scene.titles(scene.memory.asked_item)) == (Question.PLOT, ["Alien"])
    scene.say(scene.act(UserAct.ASK_OPINION, "Heat"))
    assert (scene.memory.question[0], scene.titles(scene.memory.asked_item)) == (Question.OPINION, ["Heat"])
    scene.say()
    assert scene.memory.question[0] == Question.NONE


def test_a_question_put_again_is_about_the_film_shown_last(scene: Scene) -> None:
    """The system asks instead of answering, so that nothing lies on the table any more."""
    scene.show("Alien").say(scene.act(UserAct.ASK_PLOT))
    scene.system(ASK, ask="genre")
    scene.say(scene.act(UserAct.ASK_PLOT))
    assert scene.titles(scene.memory.asked_item) == ["Alien"]


def test_of_two_questions_the_first_is_answered(scene: Scene) -> None:
    scene.show("Alien").say(scene.act(UserAct.ASK_PLOT), scene.act(UserAct.ASK_OPINION, "Heat"))
    assert (scene.memory.question[0], scene.titles(scene.memory.asked_item)) == (Question.PLOT, ["Alien"])


@pytest.mark.parametrize(
    ("said", "click", "outcome", "refusals"),
    [
        pytest.param([], -1, IGNORED, 1, id="silence"),
        pytest.param([UserAct.ASK_PLOT], -1, NOTHING, 0, id="a-question-first"),
        pytest.param([UserAct.ASK_PLOT, UserAct.REJECT], -1, IGNORED, 1, id="refused-and-a-question"),
        pytest.param([UserAct.SEEN_IT, UserAct.ASK_OPINION], -1, IGNORED, 1, id="known-and-a-question"),
        pytest.param([UserAct.ASK_PLOT], 0, ACCEPTED, 0, id="taken-and-a-question"),
    ],
)
def test_who_asks_first_has_not_refused(
    scene: Scene, said: list[UserAct], click: int, outcome: int, refusals: int
) -> None:
    scene.say().show("Alien").say(*map(scene.act, said), click=click, stars=4 * (click >= 0))
    d = scene.dialogue
    assert (d.outcome[0], d.refusals[0]) == (outcome, refusals)
    assert d.preference.mean.any() == (outcome != NOTHING)
    assert d.waiting[0] == (click < 0)


def test_after_the_answer_silence_is_a_refusal(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.ASK_PLOT))
    scene.system(ANSWER, "Alien")
    scene.say()
    assert (scene.dialogue.outcome[0], scene.dialogue.refusals[0]) == (IGNORED, 1)

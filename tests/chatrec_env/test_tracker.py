"""What a sentence, a click or a rating does to the belief, case by case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.core.kernel import Task
from chatrec_env.core.state import (
    ACCEPTED,
    ANSWERED,
    ASKED,
    ENTITY_SLOTS,
    IGNORED,
    NO_ANSWER,
    NOTHING,
    UNKNOWN,
    Dialogue,
)
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.dialogue.preference import STAR_UTILITY
from chatrec_env.dialogue.slots import remember_entity
from chatrec_env.language.forms import Form

F32 = np.float32
Names = dict[str, float]


class Scene:
    """One conversation, told sentence by sentence."""

    def __init__(self, task: Task) -> None:
        self.task, self.films = task, task.manager.catalog
        self.tracker, self.grammar = task.manager.tracker, task.manager.grammar
        self.dialogue: Dialogue = task.manager.open(1)

    def value(self, name: str) -> int:
        return self.films.value_index(*name.split(":"))

    def facet(self, name: str) -> int:
        return [f.name for f in self.films.facets].index(name)

    def show(self, item: int) -> Scene:
        self.dialogue.slate[0, 0] = item
        return self

    def say(self, *sentences: tuple[Form, Any] | Form) -> Scene:
        """One turn of plain wordings (variant 2): ``(form, argument)`` or a form without one."""
        ids = np.full((1, 4), -1, np.int64)
        for place, sentence in enumerate(sentences):
            form, arg = sentence if isinstance(sentence, tuple) else (sentence, 0)
            ids[0, place] = self.grammar.ids(form, self.value(arg) if isinstance(arg, str) else arg, 2)
        self.task.manager.hear(self.dialogue, None, ids)
        return self

    def wishes(self) -> Names:
        names = [
            f"{self.films.facets[f].name}:{v}"
            for f, v in zip(self.films.value_facet, self.films.value_names, strict=True)
        ]
        return {n: float(w) for n, w in zip(names, self.dialogue.wishes[0], strict=True) if w}

    def status(self) -> dict[str, int]:
        return {f.name: int(s) for f, s in zip(self.films.facets, self.dialogue.status[0], strict=True) if s}


@pytest.fixture
def scene(task: Task) -> Scene:
    return Scene(task)


SAID: dict[str, tuple[list[tuple[Form, str]], Names]] = {
    "want": ([(Form.WANT, "genre:western")], {"genre:western": 1.0}),
    "answer": ([(Form.ANSWER, "mood:dark")], {"mood:dark": 1.0}),
    "avoid": ([(Form.AVOID, "genre:horror")], {"genre:horror": -1.5}),
    "too": ([(Form.TOO, "mood:violent")], {"mood:violent": -1.5}),
    "enough-of": ([(Form.ENOUGH_OF, "theme:heists")], {"theme:heists": -0.5}),
    "two-of-a-facet": (
        [(Form.WANT, "genre:western"), (Form.WANT, "genre:comedy")],
        {"genre:western": 1.0, "genre:comedy": 1.0},
    ),
    "wanted-then-not": ([(Form.WANT, "genre:horror"), (Form.AVOID, "genre:horror")], {"genre:horror": -1.5}),
    "not-then-wanted": ([(Form.AVOID, "genre:horror"), (Form.WANT, "genre:horror")], {"genre:horror": 1.0}),
    "change-of-mind": (
        [
            (Form.WANT, "genre:western"),
            (Form.AVOID, "genre:horror"),
            (Form.WANT, "mood:dark"),
            (Form.CHANGE_MIND, "genre:comedy"),
        ],
        {"genre:comedy": 1.0, "genre:horror": -1.5, "mood:dark": 1.0},
    ),
}


@pytest.mark.parametrize("turns", ["one-turn", "turn-by-turn"])
@pytest.mark.parametrize(("sentences", "expected"), SAID.values(), ids=SAID)
def test_wishes_by_hand(scene: Scene, sentences: list[tuple[Form, str]], expected: Names, turns: str) -> None:
    if turns == "one-turn":
        scene.say(*sentences)
    else:
        for sentence in sentences:
            scene.say(sentence)
    assert scene.wishes() == expected
    assert scene.status() == {name.split(":")[0]: ANSWERED for name in expected}


def test_a_pair_is_two_wishes(scene: Scene) -> None:
    pair = scene.grammar.pair_arg(scene.value("genre:western"), scene.value("mood:dark"))
    scene.say((Form.WANT_PAIR, int(pair)))
    assert scene.wishes() == {"genre:western": 1.0, "mood:dark": 1.0}


@pytest.mark.parametrize("form", [Form.DONT_KNOW, Form.NO_PREFERENCE])
def test_no_answer_is_noted_for_the_facet_asked(scene: Scene, form: Form) -> None:
    scene.dialogue.last_facet[0] = scene.facet("mood")
    scene.say((form, scene.facet("mood")))
    assert scene.status() == {"mood": NO_ANSWER}
    scene.say((Form.WANT, "mood:dark"))
    assert scene.status() == {"mood": ANSWERED}
    scene.say((form, scene.facet("mood")))  # what was known stays known
    assert scene.status() == {"mood": ANSWERED}


@pytest.mark.parametrize(("form", "expected"), [(Form.YES, {"theme:heists": 1.0}), (Form.NO, {})])
@pytest.mark.parametrize("before", [0.0, 0.25])
def test_yes_and_no_are_about_the_value_offered(
    scene: Scene, form: Form, expected: Names, before: float
) -> None:
    value = scene.value("theme:heists")
    scene.dialogue.wishes[0, value] = before
    scene.say(form)
    assert scene.dialogue.wishes[0, value] == before  # nothing was offered
    scene.dialogue.last_value[0] = value
    scene.say(form)
    assert scene.wishes() == expected


def test_company_implies_wishes_where_none_is_stated(scene: Scene) -> None:
    kids = [c.name for c in scene.films.contexts].index("kids")
    scene.say((Form.WANT, "mood:scary"), (Form.CONTEXT, kids))
    assert scene.wishes() == {
        "mood:scary": 1.0,
        "audience:kids": 1.0,
        "audience:adults": -1.5,
        "mood:violent": -1.5,
    }
    assert scene.dialogue.context[0] == kids


def shared_values(films: Catalog, item: int) -> set[str]:
    """Values a liked title lends: of multi-valued facets and of those that weigh half or more."""
    return {
        f"{films.facets[films.value_facet[v]].name}:{films.value_names[v]}"
        for v in np.flatnonzero(films.values[item])
        if films.facets[films.value_facet[v]].multi_valued or films.facets[films.value_facet[v]].weight >= 0.5
    }


@pytest.mark.parametrize(
    ("form", "arg", "stated"),
    [
        pytest.param(Form.MORE_LIKE_THAT, 0, {}, id="more-like-that"),
        pytest.param(Form.LIKE_BUT, "mood:whimsical", {"mood:whimsical": 1.0}, id="like-that-but"),
    ],
)
def test_more_like_that_lends_its_values_weakly(scene: Scene, form: Form, arg: Any, stated: Names) -> None:
    item = scene.films.item_index("Heat")
    scene.show(item).say((Form.AVOID, "genre:crime"), (Form.WANT, "mood:dark"))
    scene.say((form, arg))
    expected = dict.fromkeys(shared_values(scene.films, item), 0.25)
    assert "genre:crime" in expected
    assert scene.wishes() == {**expected, **stated, "genre:crime": -1.5, "mood:dark": 1.0}


def test_more_like_that_means_nothing_before_a_suggestion(scene: Scene) -> None:
    assert scene.say(Form.MORE_LIKE_THAT).wishes() == {}


def test_a_liked_title_needs_no_suggestion(scene: Scene) -> None:
    item = int(scene.grammar.likeable[0])
    scene.say((Form.LIKED_ITEM, item))
    assert scene.wishes() == dict.fromkeys(shared_values(scene.films, item), 0.25)


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [pytest.param(1, {"2000s", "2010s", "2020s"}, id="newer"), pytest.param(0, None, id="older")],
)
def test_newer_and_older_than_the_suggestion(scene: Scene, direction: int, wanted: set[str] | None) -> None:
    """Heat is of 1995: newer wants the decades after, and not the 1990s; older the other way round."""
    scene.show(scene.films.item_index("Heat")).say((Form.RELATIVE, 2 * scene.facet("era") + direction))
    eras = scene.films.facets[scene.facet("era")].values
    wanted = wanted if wanted is not None else {e for e in eras if e < "1990s"}
    assert scene.wishes() == {f"era:{e}": 0.5 if e in wanted else -0.5 for e in eras}


def test_people_by_name_are_remembered(scene: Scene) -> None:
    name = "Tom Hanks"
    entity = scene.films.entity_names.index(name)
    ids = np.full((1, 4), -1, np.int64)
    ids[0, 0] = scene.task.manager.table.intern([f"Something with {name}, please."])[0]
    scene.task.manager.hear(scene.dialogue, None, ids)
    assert scene.dialogue.entities[0].tolist() == [entity, -1, -1, -1]
    assert scene.dialogue.entity_signs[0, 0] == 1
    assert set(scene.dialogue.candidates[0, :6]) <= set(scene.films.entity_items[entity].tolist())


def test_the_oldest_name_makes_room(scene: Scene) -> None:
    d = scene.dialogue
    for entity in range(ENTITY_SLOTS):
        remember_entity(d.entities[0], d.entity_signs[0], entity, +1)
    remember_entity(d.entities[0], d.entity_signs[0], 1, -1)  # known: only its sign changes
    assert d.entities[0].tolist() == [0, 1, 2, 3]
    assert d.entity_signs[0].tolist() == [1, -1, 1, 1]
    remember_entity(d.entities[0], d.entity_signs[0], 9, +1)
    assert d.entities[0].tolist() == [1, 2, 3, 9]
    assert d.entity_signs[0].tolist() == [-1, 1, 1, 1]


def test_small_talk_changes_only_the_encoding(scene: Scene) -> None:
    scene.say(Form.SMALL_TALK)
    assert scene.wishes() == {}
    assert scene.status() == {}
    assert scene.dialogue.said.any()


def test_the_encoding_is_a_recency_weighted_mean(scene: Scene) -> None:
    """Kept 0.6, new 0.4 of the turn's mean sentence; silence leaves it as it is."""
    vector = scene.task.manager.table.embedding
    ids = [int(scene.grammar.ids(form, 3, 2)) for form in (Form.WANT, Form.AVOID, Form.ANSWER)]
    scene.say((Form.WANT, 3))
    np.testing.assert_allclose(scene.dialogue.said[0], 0.4 * vector(ids[0]), rtol=1e-6)
    scene.say()
    np.testing.assert_allclose(scene.dialogue.said[0], 0.4 * vector(ids[0]), rtol=1e-6)
    scene.say((Form.AVOID, 3), (Form.ANSWER, 3))
    expected = 0.24 * vector(ids[0]) + 0.2 * (vector(ids[1]) + vector(ids[2]))
    np.testing.assert_allclose(scene.dialogue.said[0], expected, atol=1e-6)
    assert not scene.dialogue.heard.any()


FEEDBACK: dict[str, tuple[list[tuple[int, int]], dict[str, int]]] = {
    # (click, stars) turn by turn, 7 shown first and 8 second; -1 for ignored
    "ignored": ([(-1, 0)], {"outcome": IGNORED, "waiting": 1, "refusals": 1, "favourite": -1}),
    "accepted": (
        [(0, 4)],
        {
            "outcome": ACCEPTED,
            "clicks": 1,
            "stars": 4,
            "best": 4,
            "last_stars": 4,
            "favourite": 7,
            "waiting": 0,
        },
    ),
    "worse-than-before": (
        [(0, 5), (0, 2)],
        {"clicks": 2, "stars": 7, "best": 5, "last_stars": 2, "favourite": 7},
    ),
    "as-good-as-before": ([(0, 4), (0, 4)], {"best": 4, "favourite": 8}),
    "ignored-after-accepted": (
        [(0, 3), (-1, 0)],
        {"outcome": IGNORED, "clicks": 1, "last_stars": 3, "waiting": 1, "refusals": 1, "favourite": 7},
    ),
    "accepted-after-ignored": ([(-1, 0), (0, 3)], {"waiting": 0, "refusals": 0, "favourite": 8}),
}


@pytest.mark.parametrize(("turns", "expected"), FEEDBACK.values(), ids=FEEDBACK)
def test_feedback_by_hand(scene: Scene, turns: list[tuple[int, int]], expected: dict[str, int]) -> None:
    for item, (click, stars) in zip((7, 8), turns, strict=False):
        scene.show(item)
        scene.tracker.feedback(scene.dialogue, np.array([click], np.int8), np.array([stars], np.int8))
    assert {name: int(getattr(scene.dialogue, name)[0]) for name in expected} == expected


def test_a_question_only_costs_time(scene: Scene) -> None:
    d = scene.dialogue
    d.outcome[0], d.refusals[0] = ASKED, 2
    scene.tracker.feedback(d, np.array([-1], np.int8), np.array([0], np.int8))
    assert (d.outcome[0], d.refusals[0], d.waiting[0]) == (ASKED, 2, 1)
    assert not d.preference.mean.any()
    assert UNKNOWN == NOTHING == 0


def test_the_trace_of_accepted_items_fades(scene: Scene) -> None:
    trace = scene.films.weighted_values[7] * scene.films.arrays.sating
    none = np.array([-1], np.int8), np.array([0], np.int8)
    scene.show(7)
    scene.tracker.feedback(scene.dialogue, np.array([0], np.int8), np.array([4], np.int8))
    np.testing.assert_array_equal(scene.dialogue.recent[0], trace)
    for _ in range(2):
        scene.tracker.feedback(scene.dialogue, *none)
    np.testing.assert_allclose(scene.dialogue.recent[0], 0.85**2 * trace, rtol=1e-6)


@pytest.mark.parametrize(
    ("click", "stars", "sign"),
    [
        pytest.param(0, 5, 1, id="loved"),
        pytest.param(0, 1, -1, id="hated"),
        pytest.param(-1, 0, -1, id="ignored"),
    ],
)
def test_taste_moves_with_the_surprise(
    task_of: Callable[..., Task], click: int, stars: int, sign: int
) -> None:
    """Nothing is stated, so the expected utility is the item's quality; the mean moves along its factors."""
    scene = Scene(task_of())
    item = int(np.argmax(np.abs(scene.films.factors).sum(1)))
    scene.show(item)
    scene.tracker.feedback(scene.dialogue, np.array([click], np.int8), np.array([stars], np.int8))
    factors = scene.films.factors[item].astype(float)
    expected = 0.5 * scene.films.acclaim[item] + 0.25 * scene.films.popularity[item]
    if stars:
        residual, information = (STAR_UTILITY[stars] + 2.75 - expected) / 4.0, 1 / 4.0
    else:
        chance = 1 / (1 + np.exp(2.75 - expected))
        residual, information = -chance, max(chance * (1 - chance), 0.05)
    mean = 0.25 * factors * residual / (1 + information * 0.25 * factors @ factors)
    np.testing.assert_allclose(scene.dialogue.preference.mean[0], mean, rtol=1e-5)
    assert np.sign(scene.dialogue.preference.mean[0] @ factors) == sign


def slate_scene(task_of: Callable[..., Task], *items: int) -> Scene:
    """A conversation in which a slate of three was just shown."""
    task = task_of()
    scene = Scene(task)
    scene.dialogue = DialogueManager(task.manager.catalog, task.manager.table, slate_size=3).open(1)
    scene.dialogue.slate[0] = items
    return scene


@pytest.mark.parametrize(
    ("click", "liked", "passed"),
    [
        pytest.param(1, [8], [7], id="second-clicked-first-passed-over-third-not-seen"),
        pytest.param(0, [7], [], id="first-clicked-nothing-else-seen"),
        pytest.param(-1, [], [7, 8, 9], id="none-clicked-all-passed-over"),
    ],
)
def test_credit_goes_to_the_item_that_was_clicked(
    task_of: Callable[..., Task], click: int, liked: list[int], passed: list[int]
) -> None:
    """The cascade: each item seen moves the mean as a slate of that item alone would, one after the other."""
    scene, alone = slate_scene(task_of, 7, 8, 9), Scene(task_of())
    stars = 5 if click >= 0 else 0
    scene.tracker.feedback(scene.dialogue, np.array([click], np.int8), np.array([stars], np.int8))
    for item in passed:
        alone.show(item)
        alone.tracker.feedback(alone.dialogue, np.array([-1], np.int8), np.array([0], np.int8))
    for item in liked:
        alone.show(item)
        alone.tracker.feedback(alone.dialogue, np.array([0], np.int8), np.array([5], np.int8))
    np.testing.assert_array_equal(scene.dialogue.preference.mean, alone.dialogue.preference.mean)
    assert scene.dialogue.clicks[0] == len(liked)
    assert scene.dialogue.refusals[0] == (click < 0)
    assert scene.dialogue.favourite[0] == (liked[0] if liked else -1)


def test_empty_places_of_a_slate_teach_nothing(task_of: Callable[..., Task]) -> None:
    scene, alone = slate_scene(task_of, 7, -1, -1), Scene(task_of()).show(7)
    for each in (scene, alone):
        each.tracker.feedback(each.dialogue, np.array([-1], np.int8), np.array([0], np.int8))
    np.testing.assert_array_equal(scene.dialogue.preference.mean, alone.dialogue.preference.mean)

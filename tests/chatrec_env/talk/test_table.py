"""What lies on the table: named films stay away, a film asked for comes first, and an answer leaves it as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.actions import ItemActions, SlateActions, StrategyActions
from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.retrieval.ranking import put_first
from tests.chatrec_env.talk.scene import Scene

Stage = Callable[[int], Scene]


@pytest.mark.parametrize(
    ("item", "items", "scores"),
    [
        pytest.param(9, [9, 1, 2, 3], [7, 4, 3, 2], id="from-outside-the-last-makes-room"),
        pytest.param(3, [3, 1, 2, 4], [7, 4, 3, 1], id="from-within-those-above-move-down"),
        pytest.param(1, [1, 2, 3, 4], [7, 3, 2, 1], id="first-already"),
    ],
)
def test_what_is_sought_is_put_first(item: int, items: list[int], scores: list[int]) -> None:
    found, worth = np.array([1, 2, 3, 4], np.int32), np.array([4, 3, 2, 1], np.float32)
    put_first(found, worth, item, np.float32(7))
    assert (found.tolist(), worth.tolist()) == (items, scores)


def test_a_film_asked_for_comes_first_though_it_was_shown_or_named_before(scene: Scene) -> None:
    scene.say(scene.act(UserAct.SEEN_IT, "Heat")).show("Alien").say()
    assert not {"Alien", "Heat"} & set(scene.titles(scene.dialogue.candidates[0]))
    for title in ("Alien", "Heat"):
        scene.say(scene.act(UserAct.FIND_ITEM, title))
        candidates = scene.titles(scene.dialogue.candidates[0])
        assert candidates[0] == title
        assert len(set(candidates)) == 12
        assert np.isfinite(scene.dialogue.scores[0]).all()
        assert scene.dialogue.scores[0, 0] > -100  # its own score, not that of what is left out


def test_named_films_stay_away_for_good(scene: Scene) -> None:
    best = scene.titles(scene.say().dialogue.candidates[0])[:3]
    acts = UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM, UserAct.SEEN_IT
    for act, title in zip(acts, best, strict=True):
        scene.say(scene.act(act, item=scene.films.titles.index(title)))
        for _ in range(2):
            assert title not in scene.titles(scene.say().dialogue.candidates[0])


ACTIONS: dict[str, tuple[Any, int, Any]] = {
    "items": (ItemActions, 1, 8),
    "strategy": (StrategyActions, 1, 6),
    "slate": (SlateActions, 3, [9, 0, 0, 0]),
}


@pytest.mark.parametrize("kind", ACTIONS)
def test_to_answer_is_the_action_after_the_questions(stage: Stage, kind: str) -> None:
    make, size, action = ACTIONS[kind]
    scene = stage(size)
    actions = make(scene.manager)
    number = action[0] if isinstance(action, list) else action
    assert actions.names[number] == "answer"
    assert actions.answers
    assert len(actions.names) == actions.n == sum(actions.sizes)


@pytest.mark.parametrize("kind", ACTIONS)
def test_there_is_something_to_answer_only_where_something_was_asked(stage: Stage, kind: str) -> None:
    make, size, action = ACTIONS[kind]
    scene = stage(size)
    actions = make(scene.manager)
    number = action[0] if isinstance(action, list) else action

    def legal() -> bool:
        return bool(actions.mask(scene.dialogue, scene.manager.view(scene.dialogue))[0, number])

    assert not legal()
    scene.say().show("Alien").say(scene.act(UserAct.ASK_PLOT))
    assert legal()
    scene.system(SystemAct.ANSWER, "Alien")
    scene.say()
    assert not legal()
    scene.say(scene.act(UserAct.ASK_WHY, "Heat"))
    assert legal()


@pytest.mark.parametrize("kind", ACTIONS)
@pytest.mark.parametrize(
    ("shown", "named", "table"),
    [
        pytest.param("Alien", "", ["Alien"], id="what-lies-there-stays"),
        pytest.param("Alien", "Heat", ["Alien"], id="whatever-was-asked-about"),
        pytest.param("", "Heat", ["Heat"], id="on-an-empty-table-what-was-asked-about"),
        pytest.param("", "", [], id="nothing-about-nothing"),
    ],
)
def test_an_answer_leaves_the_table_as_it_is(
    stage: Stage, kind: str, shown: str, named: str, table: list[str]
) -> None:
    make, size, action = ACTIONS[kind]
    scene = stage(size)
    scene.say()
    if shown:
        scene.show(shown)
    scene.say(scene.act(UserAct.ASK_OPINION, named))
    turn = make(scene.manager).decode(scene.manager, scene.dialogue, np.array([action]))
    assert (turn.act[0], turn.facet[0], turn.value[0]) == (SystemAct.ANSWER, -1, -1)
    assert scene.titles(turn.slate[0]) == table


def test_an_unanswered_question_put_again_brings_the_film_back(scene: Scene) -> None:
    scene.say().show("Alien").say(scene.act(UserAct.ASK_PLOT))
    scene.system(SystemAct.ASK, ask="genre")
    scene.say(scene.act(UserAct.ASK_PLOT))
    turn = ItemActions(scene.manager).decode(scene.manager, scene.dialogue, np.array([8]))
    assert scene.titles(turn.slate[0]) == ["Alien"]

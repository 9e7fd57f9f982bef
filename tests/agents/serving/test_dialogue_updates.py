"""The arrays of one conversation grow without losing what they hold; clicks are credited to the item clicked."""

from __future__ import annotations

import numpy as np
import pytest

from agents.serving.dialogue_updates import note_shown, user_turn, with_room
from agents.serving.sessions import Sessions
from chatrec_env.core.state import Dialogue


@pytest.fixture
def dialogue(asking: Sessions) -> Dialogue:
    """Three places for items, four rows of transcript."""
    d = asking.task.manager.open(1)
    return d._replace(shown=d.shown[:, :3].copy(), transcript=d.transcript[:, :4].copy())


def test_nothing_grows_before_it_must(dialogue: Dialogue) -> None:
    for turn in range(3):
        dialogue.turn[0] = turn
        assert with_room(dialogue) is dialogue
    dialogue.turn[0] = 3
    grown = with_room(dialogue)
    assert (grown.shown.shape, grown.transcript.shape) == ((1, 6), (1, 8, 7))


def test_items_clicked_besides_stand_at_the_end_and_move_there_again(dialogue: Dialogue) -> None:
    dialogue.shown[0, 0], dialogue.turn[0] = 10, 1
    for item in (77, 77, 10):
        dialogue = note_shown(dialogue, item)
    np.testing.assert_array_equal(dialogue.shown, [[10, -1, 77]])
    dialogue.shown[0, 1], dialogue.turn[0] = 11, 2
    dialogue = with_room(dialogue)
    np.testing.assert_array_equal(dialogue.shown, [[10, 11, -1, -1, -1, 77]])
    dialogue.shown[0, 2], dialogue.turn[0] = 12, 3
    dialogue = note_shown(with_room(dialogue), 78)
    np.testing.assert_array_equal(dialogue.shown, [[10, 11, 12, -1, 78, 77]])


def test_noting_an_item_when_all_places_are_taken(dialogue: Dialogue) -> None:
    dialogue.shown[0], dialogue.turn[0] = [10, 11, 12], 3
    dialogue = note_shown(dialogue, 77)
    np.testing.assert_array_equal(dialogue.shown, [[10, 11, 12, -1, -1, 77]])
    assert with_room(dialogue).shown[0, 3] == -1


@pytest.mark.parametrize(
    ("slate", "clicked", "place", "after"),
    [
        pytest.param([10], -1, -1, [10], id="no-click"),
        pytest.param([10], 10, 0, [10], id="the-suggestion"),
        pytest.param([10], 20, 0, [20], id="another-card-becomes-the-suggestion"),
        pytest.param([10, 11, 12], 12, 2, [10, 11, 12], id="the-third-of-a-slate"),
    ],
)
def test_a_click_is_credited_to_the_item_clicked(
    dialogue: Dialogue, slate: list[int], clicked: int, place: int, after: list[int]
) -> None:
    dialogue = dialogue._replace(slate=np.array([slate], np.int32))
    changed, turn = user_turn(dialogue, np.full((1, 4), -1), clicked, stars=4 if clicked >= 0 else 0)
    assert (turn.click.tolist(), changed.slate.tolist()) == ([place], [after])


def test_an_item_clicked_but_not_rated_counts_three_stars(dialogue: Dialogue) -> None:
    dialogue.slate[0] = 10
    changed, turn = user_turn(dialogue, np.full((1, 4), -1), 10, stars=0)
    assert (turn.stars.tolist(), changed.stars.tolist()) == ([0], [3])

"""The arrays of one conversation grow without losing what they hold."""

from __future__ import annotations

import numpy as np
import pytest

from agents.serving.room import make_room, note_shown
from agents.serving.sessions import Sessions
from chatrec_env.core.state import Dialogue


@pytest.fixture
def dialogue(asking: Sessions) -> Dialogue:
    """Three places for items, four rows of transcript."""
    d = asking.task.manager.open(1)
    d.shown, d.transcript = d.shown[:, :3].copy(), d.transcript[:, :4].copy()
    return d


def test_nothing_grows_before_it_must(dialogue: Dialogue) -> None:
    for turn in range(3):
        dialogue.turn[0] = turn
        make_room(dialogue)
        assert (dialogue.shown.shape, dialogue.transcript.shape) == ((1, 3), (1, 4, 7))
    dialogue.turn[0] = 3
    make_room(dialogue)
    assert (dialogue.shown.shape, dialogue.transcript.shape) == ((1, 6), (1, 8, 7))


def test_items_taken_besides_stand_at_the_end_and_move_there_again(dialogue: Dialogue) -> None:
    dialogue.shown[0, 0], dialogue.turn[0] = 10, 1
    note_shown(dialogue, 77)
    note_shown(dialogue, 77)
    note_shown(dialogue, 10)
    np.testing.assert_array_equal(dialogue.shown, [[10, -1, 77]])
    dialogue.shown[0, 1], dialogue.turn[0] = 11, 2
    make_room(dialogue)
    np.testing.assert_array_equal(dialogue.shown, [[10, 11, -1, -1, -1, 77]])
    dialogue.shown[0, 2], dialogue.turn[0] = 12, 3
    make_room(dialogue)
    note_shown(dialogue, 78)
    np.testing.assert_array_equal(dialogue.shown, [[10, 11, 12, -1, 78, 77]])


def test_noting_an_item_when_all_places_are_taken(dialogue: Dialogue) -> None:
    dialogue.shown[0], dialogue.turn[0] = [10, 11, 12], 3
    note_shown(dialogue, 77)
    np.testing.assert_array_equal(dialogue.shown, [[10, 11, 12, -1, -1, 77]])
    make_room(dialogue)
    assert dialogue.shown[0, 3] == -1

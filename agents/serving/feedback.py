"""Clicks and ratings as the tracker takes them in: with the words of the same turn, or turns later."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.serving.room import note_shown
from chatrec_env.core.state import Dialogue
from chatrec_env.core.user_simulator import UserTurn
from chatrec_env.dialogue.dialogue_manager import DialogueManager

UNRATED_STARS = 3
"""What an accepted item counts in the mean rating until it is rated: neither good nor bad. Simulated people
always rate what they take; real ones may not, and nought stars would read as worse than the worst."""


def user_turn(dialogue: Dialogue, sentences: npt.NDArray[np.int64], taken: int, stars: int) -> UserTurn:
    """The person's turn as the environment has it (N = 1).

    Args:
        dialogue: Changed in place where the person did what simulated people cannot: took another item than
            the one suggested, or did not rate it.
        sentences: (1, 4) what they said.
        taken: Item they took since the system spoke, -1 if none.
        stars: Its rating, 0 if they gave none.
    """
    if taken >= 0 and taken != dialogue.slate[0, 0]:
        # They took a next best one: that is what the turn suggested to them, as far as one can tell.
        dialogue.slate = np.array([[taken]], np.int32)
        note_shown(dialogue, taken)
    if taken >= 0 and not stars:
        dialogue.stars = (dialogue.stars + UNRATED_STARS).astype(np.int16)
    return UserTurn(
        click=np.array([0 if taken >= 0 else -1], np.int8),
        stars=np.array([stars], np.int8),
        leave=np.zeros(1, np.bool_),
        sentences=sentences,
    )


def rate_late(manager: DialogueManager, dialogue: Dialogue, item: int, stars: int) -> None:
    """Learn from a rating that comes turns after its item was taken; the clocks stand still (N = 1)."""
    other = dialogue.copy()
    other.slate = np.array([[item]], np.int32)
    manager.tracker.feedback(other, np.zeros(1, np.int8), np.array([stars], np.int8))
    manager.relate(other, np.array([stars], np.int8))
    for name in ("preference", "kindred", "best", "favourite", "last_stars"):
        setattr(dialogue, name, getattr(other, name))
    dialogue.stars = (dialogue.stars + stars - UNRATED_STARS).astype(np.int16)

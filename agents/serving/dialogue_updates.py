"""What a served conversation does to a ``Dialogue`` that the environment does not: N = 1, S = 1, records of arrays.

Clicks on other cards than the suggestion, items clicked but not rated, ratings that come turns later, and more turns
than the environment has. Arrays are changed in place; where they have to grow, a new record is returned.
"""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from chatrec_env.core import records
from chatrec_env.core.state import Dialogue
from chatrec_env.core.user_simulator import UserTurn
from chatrec_env.dialogue.dialogue_manager import DialogueManager

UNRATED_STARS = 3
"""What a clicked item counts in the mean rating until it is rated: neither good nor bad. Simulated users always rate
what they click; real ones may not, and no stars would read as worse than the worst."""


def user_turn(
    dialogue: Dialogue, sentences: npt.NDArray[np.int64], clicked: int, stars: int
) -> tuple[Dialogue, UserTurn]:
    """The user's turn as the environment has it, and the dialogue it belongs to.

    Args:
        dialogue: Changed where the user did what simulated ones cannot: clicked another item than the one suggested, or
            did not rate it.
        sentences: (1, 4) ids of what they said.
        clicked: Item they clicked since the system spoke, -1 if none.
        stars: Its rating, 0 if they gave none.
    """
    place = -1
    if clicked >= 0:
        if clicked not in dialogue.slate[0]:
            # They clicked a next best one: that is what the turn suggested to them, as far as one can tell.
            dialogue.slate[0, 0] = clicked
            dialogue = note_shown(dialogue, clicked)
        place = int((dialogue.slate[0] == clicked).argmax())
        if not stars:
            dialogue.stars[0] += UNRATED_STARS
    turn = UserTurn(
        click=np.array([place], np.int8),
        stars=np.array([stars], np.int8),
        leave=np.zeros(1, np.bool_),
        sentences=sentences,
    )
    return dialogue, turn


def whole_stars(stars: float) -> int:
    """What a rating counts as where the rules know whole stars only: the ones below it, but at least one."""
    return max(1, int(stars)) if stars else 0


def valuing(manager: DialogueManager, stars: float) -> DialogueManager:
    """A manager that learns from ``whole_stars(stars)`` what a rating of ``stars`` is worth.

    That of a half lies in the middle between its neighbours, as for ratings from before (``Tracker.recollect``).
    """
    whole = whole_stars(stars)
    if whole == stars:
        return manager
    manager, tracker = copy(manager), copy(manager.tracker)
    worth = tracker.learning.star_utility.copy()
    worth[whole] = np.interp(stars, np.arange(1, len(worth)), worth[1:])
    manager.tracker, tracker.learning = tracker, tracker.learning._replace(star_utility=worth)
    return manager


def rate_late(manager: DialogueManager, dialogue: Dialogue, item: int, stars: float) -> None:
    """Learn from a rating that comes turns after its item was clicked; counts of turns stand still. In place."""
    manager, whole = valuing(manager, stars), whole_stars(stars)
    other = records.copy(dialogue)
    other.slate[0] = -1
    other.slate[0, 0] = item
    manager.tracker.feedback(other, np.zeros(1, np.int8), np.array([whole], np.int8))
    manager.relate(other, 0, item, whole)
    for name in ("preference", "kindred", "best", "favourite", "last_stars"):
        records.put(getattr(dialogue, name), np.zeros(1, np.intp), getattr(other, name))
    dialogue.stars[0] += whole - UNRATED_STARS


def with_room(dialogue: Dialogue) -> Dialogue:
    """The dialogue with room for the next turn in ``shown`` and ``transcript``: what is full is doubled.

    Until then the arrays are exactly the environment's. Items the user clicked besides the suggestion of a turn stand
    at the end of ``shown``, latest first, so it is full when both meet.
    """
    turn = int(dialogue.turn[0])
    rows = dialogue.transcript.shape[1]
    if turn + 2 > rows:
        more = np.full_like(dialogue.transcript, -1)
        dialogue = dialogue._replace(transcript=np.concatenate([dialogue.transcript, more], axis=1))
    if turn >= dialogue.shown.shape[1] or dialogue.shown[0, turn] >= 0:
        dialogue = _with_longer_shown(dialogue)
    return dialogue


def note_shown(dialogue: Dialogue, item: int) -> Dialogue:
    """The dialogue with an item noted that was shown besides the turn's suggestion: it is not suggested again."""
    if (dialogue.shown[0] == item).any():
        return dialogue
    turn = int(dialogue.turn[0])
    if not (dialogue.shown[0, turn:] < 0).any():
        dialogue = _with_longer_shown(dialogue)
    free = np.flatnonzero(dialogue.shown[0, turn:] < 0)
    dialogue.shown[0, turn + free[-1]] = item
    return dialogue


def _with_longer_shown(dialogue: Dialogue) -> Dialogue:
    """Twice as many places in ``shown``: suggestions stay at the start, other items move to the new end."""
    turn, places = int(dialogue.turn[0]), dialogue.shown.shape[1]
    besides = dialogue.shown[0, turn:]
    besides = besides[besides >= 0]
    grown = np.full((1, 2 * places), -1, dialogue.shown.dtype)
    grown[0, :turn] = dialogue.shown[0, :turn]
    grown[0, 2 * places - len(besides) :] = besides
    return dialogue._replace(shown=grown)

"""Room for conversations longer than the environment's: the arrays of one ``Dialogue`` grow as they fill."""

from __future__ import annotations

import numpy as np

from chatrec_env.core.state import Dialogue


def make_room(dialogue: Dialogue) -> None:
    """See that the next turn fits into ``shown`` and ``transcript`` (N = 1); doubles what is full, in place.

    Until then the arrays are exactly the environment's. Items the person took besides the suggestion of a
    turn are noted from the end of ``shown`` backwards, so it is full when both meet.
    """
    turn = int(dialogue.turn[0])
    rows = dialogue.transcript.shape[1]
    if turn + 2 > rows:
        more = np.full((1, rows, dialogue.transcript.shape[2]), -1, dialogue.transcript.dtype)
        dialogue.transcript = np.concatenate([dialogue.transcript, more], axis=1)
    places = dialogue.shown.shape[1]
    if turn >= places or dialogue.shown[0, turn] >= 0:
        besides = dialogue.shown[0, turn:]
        besides = besides[besides >= 0]
        grown = np.full((1, 2 * places), -1, dialogue.shown.dtype)
        grown[0, :turn] = dialogue.shown[0, :turn]
        grown[0, 2 * places - len(besides) :] = besides
        dialogue.shown = grown


def note_shown(dialogue: Dialogue, item: int) -> None:
    """Note that an item was shown besides the turn's suggestion: it is not suggested again. In place."""
    if (dialogue.shown[0] == item).any():
        return
    turn = int(dialogue.turn[0])
    free = np.flatnonzero(dialogue.shown[0, turn:] < 0)
    if not len(free):
        grown = np.full((1, 2 * dialogue.shown.shape[1]), -1, dialogue.shown.dtype)
        grown[0, :turn] = dialogue.shown[0, :turn]
        besides = dialogue.shown[0, turn:]
        if len(besides):
            grown[0, -len(besides) :] = besides
        dialogue.shown = grown
        free = np.flatnonzero(dialogue.shown[0, turn:] < 0)
    dialogue.shown[0, turn + free[-1]] = item

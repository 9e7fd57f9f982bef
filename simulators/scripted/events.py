"""What a turn brings to N people: what they hear, the uniforms that decide, and what comes of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule

TURN_DRAWS, RETURN_DRAWS, LIVELY_DRAWS = 14, 2, 24
"""Uniforms of a turn, how many more where people may come back (whether, and when), and of one where people talk in a
way other than ``plain``."""

U_KNOWN, U_CLICK, U_STARS, U_NOTION = 0, 1, 2, 3
U_LEAVE, U_CHANGE, U_SWAP, U_WORDING = 4, 5, 6, 7
U_IGNORE, U_KNOW, U_VOLUNTEER, U_FULL_UP, U_WISH, U_REMARK = 8, 9, 10, 11, 12, 13
U_RETURN, U_AWAY = 14, 15
U_ASK, U_QUESTION, U_SAY, U_MISMATCH, U_NAME, U_FILL, U_RARE, U_WAY = 16, 17, 18, 19, 20, 21, 22, 23
"""Which uniform of a turn decides what."""


class Heard(NamedTuple):
    """What people take in of a system's turn; see ``SystemTurn``."""

    act: npt.NDArray[np.int8]  # (N,) SystemAct
    facet: npt.NDArray[np.int16]  # (N,) asked about, -1 otherwise
    value: npt.NDArray[np.int16]  # (N,) to confirm, -1 otherwise
    slate: npt.NDArray[np.int32]  # (N, S) items shown, -1 where none
    reason: npt.NDArray[np.int16]  # (N,) value the explanation names, -1 if none


class Event(NamedTuple):
    """What came of the turn of N people; all (N,)."""

    asked: npt.NDArray[np.bool_]  # whether a question was put
    offered: npt.NDArray[np.bool_]  # whether something was suggested
    click: npt.NDArray[np.int8]  # position of the item they accepted, -1 if none
    stars: npt.NDArray[np.int8]  # their rating of it, 0 if none
    item: npt.NDArray[np.int32]  # the one they speak of: the accepted, otherwise the first of the slate
    seen: npt.NDArray[np.bool_]  # whether they accepted nothing and know that item already
    passed: npt.NDArray[np.bool_]  # whether they accepted nothing of what they did not know
    swapped: npt.NDArray[
        np.int32
    ]  # what they say they want instead of something else now, -1 if they say none
    leave: npt.NDArray[np.bool_]  # whether they say goodbye
    speaks: npt.NDArray[np.int32]  # row among those who may speak of what values are worth to them, -1 if not
    question: npt.NDArray[np.int8]  # form of the question they put instead of deciding, -1 if none
    about: npt.NDArray[np.int32]  # its argument
    answered: npt.NDArray[np.bool_]  # whether a question of theirs was answered
    ignored: npt.NDArray[np.bool_]  # whether it was not
    lacking: npt.NDArray[np.int32]  # value they asked for and complain the item lacks, -1 if none
    renewed: npt.NDArray[np.bool_]  # whether they say that they have something else in mind now


@rule
def no_event(n: int) -> Event:
    """A turn in which nothing has happened yet."""
    return Event(
        np.zeros(n, np.bool_),
        np.zeros(n, np.bool_),
        np.full(n, -1, np.int8),
        np.zeros(n, np.int8),
        np.zeros(n, np.int32),
        np.zeros(n, np.bool_),
        np.zeros(n, np.bool_),
        np.full(n, -1, np.int32),
        np.zeros(n, np.bool_),
        np.full(n, -1, np.int32),
        np.full(n, -1, np.int8),
        np.zeros(n, np.int32),
        np.zeros(n, np.bool_),
        np.zeros(n, np.bool_),
        np.full(n, -1, np.int32),
        np.zeros(n, np.bool_),
    )

"""What a person asks about an item, as two numbers that compiled rules can answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from chatrec_env.language.acts import ParsedAct, UserAct


class Question(IntEnum):
    """Kind of a question, and what its number counts."""

    NONE = 0
    FACT = 1  # a topic: index into `facts.topics`
    VALUE = 2  # whether it has a value: index into `catalog.value_names`
    ENTITY = 3  # whether someone is part of it: index into `catalog.entity_names`
    PLOT = 4
    OPINION = 5
    WHY = 6
    COMPARE = 7  # a topic, or -1
    UNKNOWN = 8  # what the catalogue cannot tell: argument of `Form.S_UNKNOWN`


_WHOLE: Final = {
    UserAct.ASK_PLOT: Question.PLOT,
    UserAct.ASK_OPINION: Question.OPINION,
    UserAct.ASK_WHY: Question.WHY,
}
ASKING: Final = frozenset((*_WHOLE, UserAct.ASK_FACT, UserAct.COMPARE))
"""Acts that ask something about an item."""


def question_of(
    acts: Sequence[ParsedAct], topics: Sequence[str], unanswered: Sequence[str]
) -> tuple[Question, int]:
    """The first question among acts, and what it is about; ``(Question.NONE, -1)`` where nothing is asked.

    Args:
        acts: As read.
        topics: ``facts.topics`` of the catalogue.
        unanswered: Names of what people ask and the catalogue cannot tell, in order.
    """
    for act in acts:
        if act.act in _WHOLE:
            return _WHOLE[act.act], -1
        if act.act == UserAct.COMPARE:
            return Question.COMPARE, _topic(act, topics)
        if act.act != UserAct.ASK_FACT:
            continue
        if act.value >= 0:
            return Question.VALUE, act.value
        if act.entity >= 0:
            return Question.ENTITY, act.entity
        topic = _topic(act, topics)
        if topic >= 0:
            return Question.FACT, topic
        known = act.topic in unanswered
        return Question.UNKNOWN, len(topics) + (
            list(unanswered).index(act.topic) if known else len(unanswered)
        )
    return Question.NONE, -1


def _topic(act: ParsedAct, topics: Sequence[str]) -> int:
    """The topic an act names, the facet it is about where it names none, or -1."""
    return list(topics).index(act.topic) if act.topic in topics else act.facet

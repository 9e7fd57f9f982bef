"""Dialogue acts of both sides: what a sentence does, whoever words it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum


class UserAct(IntEnum):
    """What the person does with a sentence. The number is also the bit of the act in a flag word."""

    GREET = 0
    WANT = 1  # names a value they want
    AVOID = 2  # names a value they do not want
    DONT_KNOW = 3  # cannot say, about the facet asked
    NO_PREFERENCE = 4  # any value of the facet asked will do
    LIKED_ITEM = 5  # names a title they liked
    DISLIKED_ITEM = 6  # names a title they did not like
    ACCEPT = 7  # takes the suggestion
    REJECT = 8  # turns the suggestion down
    SEEN_IT = 9  # has already seen / owns / done it
    TOO = 10  # critique: the suggestion is too <value>
    RELATIVE = 11  # critique: newer / older / shorter / longer than the suggestion
    MORE_LIKE_THAT = 12  # like the suggestion, another one
    CHANGE_MIND = 13  # drops the earlier wish of that facet for this value
    ENOUGH_OF = 14  # has had their fill of a value
    IMPATIENT = 15  # tired of questions
    CONTEXT = 16  # who it is for: kids, partner, ...
    YES = 17  # confirms
    NO = 18  # denies
    THANK = 19
    LEAVE = 20  # ends the conversation
    SMALL_TALK = 21  # nothing the system can use
    LIKE_BUT = 22  # like the suggestion, but with this value
    ENTITY = 23  # wants (or avoids) a named person: director, lead, artist, ...
    ASK_FACT = 24  # asks for a fact about an item
    ASK_PLOT = 25  # asks what it is about
    ASK_OPINION = 26  # asks whether it is any good
    ASK_WHY = 27  # asks for the reason
    COMPARE = 28  # asks to compare two
    FIND_ITEM = 29  # looks for a named item, in the catalogue (`item`) or not (-1)
    DOUBT = 30  # not sure about the suggestion
    MISMATCH = 31  # the suggestion is not what was asked for; the wish stands
    CONDITION = 32  # takes it under a condition
    START_OVER = 33
    UNDO = 34  # takes back what was just said
    HELP = 35
    INSULT = 36
    OTHER_LANGUAGE = 37
    DROP = 38  # withdraws a wish: neither wanted nor avoided
    LIKE = 39  # wants what is like a named item
    EXCEPT = 40  # leaves a part out of another wish


class SystemAct(IntEnum):
    """What the system does in a turn."""

    GREET = 0
    ASK = 1
    CONFIRM = 2
    RECOMMEND = 3
    CLOSE = 4
    ANSWER = 5  # answers what the person asked about the item on the table, which stays there


@dataclass(frozen=True, slots=True)
class ParsedAct:
    """One act read from a sentence. Unused fields keep their defaults."""

    act: UserAct
    value: int = -1  # index into `catalog.value_names`, or -1
    facet: int = -1  # index into `catalog.facets`, or -1
    polarity: int = 0  # +1 wanted or liked, -1 not, 0 where it does not apply
    item: int = -1  # index of the item whose title was linked, or -1
    direction: int = 0  # +1 newer / longer / more, -1 older / shorter / less (`RELATIVE` only)
    context: int = -1  # index into `catalog.contexts`, or -1
    entity: int = -1  # index into `catalog.entity_names`, or -1
    strength: float = 1.0  # 2 for a firm wish ("must"), 0.5 for a soft one ("maybe")
    other: bool = False  # whether it is someone else's wish
    place: int = -1  # 0-based card that is pointed at, or -1
    # exact bounds of an amount that was said, `low <= x < high`, in units of the facet
    low: float = -math.inf
    high: float = math.inf
    # of a question: name of the facet, of a column of entities, or a topic such as `"availability"`; of something
    # that the catalogue does not know, and of an exception: its words
    topic: str = ""

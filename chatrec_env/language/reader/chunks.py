"""The stretches of a message that mean something, and what each may mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Any


class Cue(IntEnum):
    """What a phrase does to the wishes around it, or says on its own; examples are English."""

    # These shape the reading of what stands around them.
    START = auto()  # I'd like, give me: a new wish, whatever was negated before
    WISH = auto()  # something, in the mood for: a wish, or what a negation is about
    LIKE = auto()  # I liked: a wish, or a verdict on a title
    NOT = auto()  # not, don't want: "not X, Y" contrasts Y
    NONE = auto()  # nothing, anything but: "nothing X, Y" goes on
    HATE = auto()  # I hated: unwanted, or a verdict on a title
    NO_WORD = auto()  # no: an answer, or none
    SIMILAR = auto()  # something like (a title)
    TOO = auto()
    LESS = auto()
    MORE = auto()
    LACKS = auto()  # not enough
    ENOUGH = auto()
    ACTUALLY = auto()  # a change of mind at the start of a clause
    CHANGE = auto()  # on second thought
    CORRECT = auto()  # no wait: takes back what was just said
    FIX = auto()  # I mean: takes back, if there is something to take back
    INSTEAD = auto()
    BUT = auto()
    JUST = auto()  # not X, just Y
    AND = auto()
    OR = auto()
    ARTICLE = auto()
    THAN = auto()
    HAVE_SEEN = auto()  # I've seen (a title)
    NOT_SEEN = auto()
    REPORT = auto()  # it is, we were: a report, not a wish
    TOLERATE = auto()  # I don't mind if it is, I wonder whether
    ANY = auto()
    EVERY = auto()  # all, every: means something only with a facet
    OTHER = auto()  # a different (facet)
    PUT_OFF = auto()  # ... isn't for me, after a value
    IDLE = auto()  # covers words that would be misread
    # These say something by themselves.
    DONT_KNOW = auto()
    NO_PREFERENCE = auto()
    ACCEPT = auto()
    REJECT = auto()
    SEEN_IT = auto()
    MORE_LIKE = auto()
    LIKE_THAT = auto()  # like that: asks for more of it at the start of a clause
    LIKE_BUT = auto()
    IMPATIENT = auto()
    YES = auto()
    NO = auto()
    GREET = auto()
    THANK = auto()
    LEAVE = auto()
    LOVED_IT = auto()
    HATED_IT = auto()
    RATING = auto()
    # The same, but only where nothing else is said in the clause, or in the message.
    MAYBE_ACCEPT = auto()
    MAYBE_REJECT = auto()
    MAYBE_YES = auto()
    MAYBE_ELSE = auto()  # something else: turns down


class Kind(IntEnum):
    """What a stretch of text was recognised as, where it is no :class:`Cue`; the numbers do not overlap."""

    VALUE = 1_000  # data: candidate values, best first
    GROUP = 1_001  # data: values that all hold (the decades of a span of years)
    CRITIQUE = 1_002  # data: a value; the phrase includes "too"
    CONTEXT = 1_003  # data: a context
    FACET = 1_004  # data: a facet, named by its question noun
    COMPARATIVE = 1_005  # data: (facet, direction): newer
    POSITIVE = 1_006  # data: (facet, direction): new
    NOUN = 1_007
    ENTITY = 1_008  # data: an entity
    TITLE = 1_009  # data: an item
    WORD = 1_010  # data: any other word
    STOP = 1_011  # data: the mark
    COMMA = 1_012
    UNKNOWN_TITLE = 1_013  # a title that the catalogue does not have


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of tokens."""

    kind: int  # a `Cue` or a `Kind`
    data: Any  # what it is about; see `Kind`
    start: int  # first token
    end: int  # one past the last token

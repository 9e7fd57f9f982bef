"""What a mention is: a stretch of a message that names something; not yet what is meant by it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from chatrec_env.language.reader.text import Tokens

LAST: Final = -2
"""Place of the last card, however many there are."""


class MentionKind(IntEnum):
    """What a mention is: all that the heads see of it."""

    VALUE = 0  # a value of a facet, or a synonym
    AMOUNT = 1  # a limit, a span of years, a number with a unit
    TITLE = 2  # an item of the catalogue, or by its looks one that is not
    PERSON = 3  # a named entity
    COMPARATIVE = 4  # newer
    DEGREE = 5  # new, long: a value only beside other words
    COMPANY = 6  # who it is for
    FACET = 7  # words that name a facet or ask for it: how long
    PLACE = 8  # the second one
    OTHER = 9  # nothing the lexicon knows; only in what a reader is fitted to


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a message and what it may stand for; unused fields keep their defaults."""

    kind: MentionKind
    start: int  # first character of the message
    end: int  # one past the last
    values: tuple[int, ...] = ()  # of a `VALUE` candidates, best first; of an `AMOUNT` all bins it covers
    facet: int = -1  # index into `catalog.facets`
    topic: str = ""  # of a `FACET`: the facet's name, a column of entities, or a topic of the language
    direction: int = 0  # of a comparison: +1 more, -1 less
    item: int = -1  # of a `TITLE`, -1 where the catalogue does not have it
    entity: int = -1
    context: int = -1
    place: int = -1  # 0-based card, or `LAST`
    low: float = -math.inf  # of an `AMOUNT`: low <= x < high, in units of the facet
    high: float = math.inf


Found = tuple[int, int, Mention]
"""A mention by its tokens: first, one past the last, and what it is (its characters still to be set)."""

Finder = Callable[[Tokens], list[Found]]
"""Finds what no lexicon of values holds: places, ages, names of facets."""


def mark_tokens(spans: npt.NDArray[np.int64], slots: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Which slot each token is in: ``(T,)``, -1 for none.

    Args:
        spans: (T, 2) where the tokens stand in the text; empty for markers.
        slots: Start and end of each slot, in order, none inside another.
    """
    out = np.full(len(spans), -1, np.int64)
    for i, (start, end) in enumerate(slots):
        inside = (spans[:, 0] < end) & (spans[:, 1] > start) & (spans[:, 1] > spans[:, 0])
        out[inside & (out < 0)] = i
    return out


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text, widened to the ends of its words: the encoder's tokens are often parts of words."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


_NAME_BEFORE: Final = re.compile(r"(?:(?!I\b)[A-Z][\w'’]*\s+)+$")
_NAME_BEHIND: Final = re.compile(r"(?:\s+(?:(?:of|the|and|a|in|to)\s+){0,2}[A-Z][\w'’]*)+")


def whole_name(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text that begins with a capital, with the capitalised words right before and behind it."""
    if not text[start].isupper():
        return start, end
    before, behind = _NAME_BEFORE.search(text[:start]), _NAME_BEHIND.match(text, end)
    return (before.start() if before and before.start() else start), (behind.end() if behind else end)

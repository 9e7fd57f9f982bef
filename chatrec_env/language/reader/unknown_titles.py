"""Titles of items that the catalogue does not have: what is read off the way they are written.

Nothing is known of such an item, but what is in its name must not be read as a wish: "Scary Movie 3 (2003)" asks
for nothing scary, and not for the 2000s either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatrec_env.language.reader.text import CLOSE, COLON, COMMA, DASH, MARKS, OPEN, QUOTE, TAG, Tokens
from chatrec_env.language.reader.words import ReaderWords

_JOINTS: Final = frozenset((COLON, DASH, COMMA))
_YEARS: Final = range(1880, 2100)
_LONGEST: Final = 7  # words of a title in quotes


def unknown_titles(tokens: Tokens, language: ReaderWords, spared: set[int]) -> dict[int, int]:
    """Where such titles start and end: by a year in brackets, by quotes, or as a tag ("@1234").

    ``spared``: tokens of titles of the catalogue whose year or quotes are given.
    """
    words = tokens.words
    found: dict[int, int] = {}
    for at, word in enumerate(words):
        if word == TAG:
            found[at] = at + 1
        elif at in spared:
            continue
        elif word == OPEN and _is_year(words, at + 1):
            closed = at + 2 < len(words) and words[at + 2] == CLOSE
            found[_name_start(tokens, at, language)] = at + 2 + closed
        elif word == QUOTE and not tokens.shouting:
            end = _quoted(tokens, at)
            if end:
                found[at + 1] = end
    return found


def name_end(tokens: Tokens, start: int, language: ReaderWords) -> int:
    """Where the name in capitals that starts at ``start`` ends; ``start`` itself if there is none."""
    words, capitals, inside = tokens.words, tokens.capitals, language.names.inside
    at = end = start
    while at < len(words) and (capitals[at] or words[at] in inside or words[at] == COLON):
        if words[at] in language.always_capital:
            break
        at += 1
        if capitals[at - 1]:
            end = at
    return end


def _is_year(words: Sequence[str], at: int) -> bool:
    alone = at + 1 >= len(words) or words[at + 1] in MARKS
    return at < len(words) and alone and words[at].isdecimal() and int(words[at][:5]) in _YEARS


def _name_start(tokens: Tokens, end: int, language: ReaderWords) -> int:
    """Where the name in capitals that ends at ``end`` starts; ``end`` itself if there is none."""
    words, capitals = tokens.words, tokens.capitals
    inside, openers = language.names.inside, language.names.openers
    at = start = end
    while at:
        at -= 1
        if capitals[at] and not (words[at] in openers and start == end):
            if words[at] in openers and (at == 0 or not capitals[at - 1]):
                break
            start = at
        elif not (
            words[at] in inside or (words[at] in _JOINTS and capitals[at + 1] and at and capitals[at - 1])
        ):
            break
    return start


def _quoted(tokens: Tokens, at: int) -> int:
    """The end of a name in the quotes that open at ``at``, or 0: a name has a capital."""
    words = tokens.words
    if at + 1 >= len(words) or not tokens.capitals[at + 1] or words[at + 1][0].isdigit():
        return 0
    for end in range(at + 2, min(at + 3 + _LONGEST, len(words))):
        if words[end] == QUOTE:
            return end
        if words[end] in MARKS and words[end] not in _JOINTS:
            return 0
    return 0

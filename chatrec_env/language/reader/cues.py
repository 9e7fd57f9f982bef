"""What phrases of English do to the wishes around them, or say on their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum, auto


class Cue(IntEnum):
    """What a phrase is for; its wordings are in ``cue_frames`` and ``cue_replies``."""

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
    TOLD = auto()  # it is, we were: a report, not a wish
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


def expand(pattern: str) -> list[tuple[str, ...]]:
    """All phrases a pattern stands for: ``"no (more|) x"`` -> ``no more x``, ``no x``.

    Args:
        pattern: Words, with alternatives ``(a|b)`` that may hold further ones.
    """
    return list(dict.fromkeys(tuple(text.split()) for text in _alternatives(pattern, 0)[0]))


def _alternatives(pattern: str, at: int) -> tuple[list[str], int]:
    """The texts that the pattern stands for from ``at`` to the bracket that closes it, and where that is."""
    done, current = [], [""]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "(":
            inner, at = _alternatives(pattern, at + 1)
            current = [head + tail for head in current for tail in inner]
            at += 1
        elif pattern[at] == "|":
            done += current
            current = [""]
            at += 1
        else:
            end = min((i for i in map(pattern.find, "()|", (at,) * 3) if i >= 0), default=len(pattern))
            current = [head + pattern[at:end] for head in current]
            at = end
    return done + current, at


def phrases(patterns: str, words: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The phrases of a text of patterns, which are separated by semicolons or line ends.

    Args:
        patterns: The text.
        words: What stands for ``{verb}``, ``{verbing}``, ``{seen}``, ``{noun}`` and ``{nouns}``; several
            forms are separated by ``|``.
    """
    text = patterns.format_map({key: f"({word})" for key, word in words.items()})
    found = [phrase for line in re.split(r"[;\n]", text) for phrase in expand(line.strip()) if phrase]
    return list(dict.fromkeys(found))

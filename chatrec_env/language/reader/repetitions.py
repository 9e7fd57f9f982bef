"""Speech written down as it came: words said twice while the speaker looks for the next one."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.english.reading.words import FUNCTION
from chatrec_env.language.reader.text import MARKS, Tokens

_LONGEST: Final = 4
_MEANT: Final = frozenset(
    ("no", "not", "that", "very", "so", "too", "more", "much", "many", "had", "now", "why")
)
"""Function words that are said twice on purpose: "no no", "that that is good", "so so"."""


def collapse(tokens: Tokens) -> None:
    """Drops the first of two copies, in place: "I like I like thrillers", "it was it was good", "the the"."""
    words, at = tokens.words, 0
    while at < len(words) - 1:
        size = _repeated(words, at)
        if size:
            del words[at : at + size], tokens.capitals[at : at + size]
        else:
            at += 1


def _repeated(words: list[str], at: int) -> int:
    """How many words from ``at`` on are said again at once, or 0."""
    first = words[at]
    if first not in FUNCTION:
        return 0
    if words[at + 1] == first:
        return 0 if first in _MEANT else 1
    for size in range(_LONGEST, 1, -1):
        end = at + size
        if end + size <= len(words) and words[end] == first and words[at:end] == words[end : end + size]:
            return 0 if any(word in MARKS for word in words[at:end]) else size
    return 0

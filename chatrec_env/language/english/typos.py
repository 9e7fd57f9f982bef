"""Typing errors on an English keyboard: a sentence as someone in a hurry types it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD: Final = re.compile(r"(?<![\w'’])[^\W\d_]{3,}(?![\w'’])")
_NEIGHBORS: Final = {
    key: row[max(i - 1, 0) : i] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i, key in enumerate(row)
}
_KEPT: Final = frozenset(
    {"avoid", "can", "cannot", "never", "none", "not", "nothing", "out", "rather", "without"}
)
"""Words that carry the polarity of a sentence; "not" read as "hot" would turn a wish around."""
_COMMON_WORDS: Final = """
bad best better but could dear does done fan far farm fine firm for form from fun god good had has
have hear her here hers him his hot how idea lease like live look lot made make many maybe mod moody
mood more much one quite really right say she show some sure take than that thats the them then
there they thing this those try was way well were what when where which who will with would yes you
your
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())
"""A slip that makes one of these reads as another word, not as a typo."""
_ATTEMPTS: Final = 48
_LONG: Final = 5  # words; a sentence this long may hold two slips


def stream(text: str) -> Iterator[int]:
    """Endless 31-bit numbers that depend on the text alone (SplitMix64 over its CRC-32)."""
    state = zlib.crc32(text.encode())
    while True:
        state = (state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        yield (mixed ^ (mixed >> 31)) >> 33


def _token(text: str, position: int) -> int:
    """Where the white-space separated token around ``position`` starts ("heart-warming" is one)."""
    return text.rfind(" ", 0, position) + 1


def _slip(word: str, kind: int, where: int, side: int) -> str:
    """``word`` with one slip: letters swapped, dropped, doubled, or the key beside it hit."""
    i = 1 + where % (len(word) - 1)  # the first letter is what a reader holds on to
    if kind == 0 and i + 1 < len(word):
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1 and len(word) > 3:
        return word[:i] + word[i + 1 :]
    if kind == 2:
        return word[: i + 1] + word[i:]
    keys = _NEIGHBORS.get(word[i], "")
    return word[:i] + keys[side % len(keys)] + word[i + 1 :] if keys else word


def _misread(slipped: str, word: str, vocabulary: Collection[str]) -> bool:
    """Whether the slip turns the word into another one, or brings it as near to another one."""
    lower = slipped.lower()
    if lower in _COMMON or lower in vocabulary:
        return True
    near = process.extract(lower, vocabulary, scorer=OSA.distance, score_cutoff=1, limit=None)
    return any(other != word.lower() for other, _, _ in near)


def misspell(text: str, *, vocabulary: Collection[str] = ()) -> str:
    """``text`` with one slip, or two in different words of a longer sentence.

    First letters, numbers, short words and words such as "not" stay as they are, and no slip makes (or
    comes as near to) another word of the vocabulary. The same text always gets the same slips.

    Args:
        text: A sentence.
        vocabulary: Lower-case words that a slip must not produce: facet values and the like.

    Returns:
        A different sentence; where no word can take a slip, the same without its capital and full stop.
    """
    numbers = stream(text)
    two = len(text.split()) >= _LONG and next(numbers) % 3 == 0
    first = -1  # where the token with the first slip starts
    for _ in range(_ATTEMPTS):
        pick, kind, where, side = (next(numbers) for _ in range(4))
        words = [m for m in _WORD.finditer(text) if m.group().lower() not in _KEPT]
        words = [m for m in words if _token(text, m.start()) != first]
        words = [m for m in words if len(m.group()) > 3] or words
        if not words:
            break
        found = words[pick % len(words)]
        slipped = _slip(found.group(), kind % 4, where, side)
        if slipped == found.group() or _misread(slipped, found.group(), vocabulary):
            continue
        text = text[: found.start()] + slipped + text[found.end() :]
        if not two or first >= 0:
            return text
        first = _token(text, found.start())
    return text if first >= 0 else _careless(text)


def _careless(text: str) -> str:
    lower = text.rstrip(".!?").lower()
    return lower if lower != text else text + ".."

"""Slips of the finger: an unknown word near exactly one kind of known word is read as that word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

MAX_CACHED: Final = 20_000
"""Unknown words remembered; past it the memory starts afresh, so that it stays bounded."""
_SHORTEST: Final = 4
_LONG: Final = 8  # letters; such a word may hold two slips
_SHORTEST_NAME: Final = 5


class Speller:
    """Corrects words that nobody knows.

    Args:
        words: Words with a meaning to the parser. A slip is read as one of them first.
        names: Words of titles and of people's names; a slip in one needs at least 5 letters.
        known: All other words that are right as they are.
    """

    def __init__(self, words: Iterable[str], names: Iterable[str], known: Iterable[str]) -> None:
        targets, others = set(words), set(names)
        self._known = targets | others | set(known)
        self._targets = _by_letter(word for word in targets if len(word) >= _SHORTEST)
        self._names = _by_letter(word for word in others - targets if len(word) >= _SHORTEST_NAME)
        self._cache: dict[str, str] = {}

    def correct(self, word: str, *, name: bool = False) -> str:
        """The word meant, or the word itself.

        Args:
            word: A lower-case word.
            name: Whether it is written like a name; it is then read as one or not at all.
        """
        if word in self._known or len(word) < _SHORTEST or not word.isalpha():
            return word
        key = word + "^" if name else word
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            found = (None if name else self._nearest(word, self._targets)) or self._nearest(word, self._names) or word
            self._cache[key] = found
        return found

    def _nearest(self, word: str, buckets: dict[str, list[str]]) -> str | None:
        reach = 2 if len(word) >= _LONG else 1
        near = process.extract(
            word, buckets.get(word[0], ()), scorer=OSA.distance, score_cutoff=reach, limit=4, processor=None
        )
        best = min((int(distance) for _, distance, _ in near), default=reach + 1)
        if best > reach:
            return None
        candidates = sorted((other for other, distance, _ in near if distance == best), key=lambda o: _rank(word, o))
        first = candidates[0]
        if len(word) == _SHORTEST and sorted(word) != sorted(first) and len(first) <= len(word):
            return None  # four letters with one of them wrong are too little to go by
        return first


def _rank(word: str, other: str) -> tuple[bool, bool, str]:
    """Of equally near words, first the one with the same letters, then one that lost a letter."""
    return sorted(word) != sorted(other), len(other) <= len(word), other


def _by_letter(words: Iterable[str]) -> dict[str, list[str]]:
    buckets: dict[str, list[str]] = {}
    for word in sorted(words):
        if word.isalpha():
            buckets.setdefault(word[0], []).append(word)
    return buckets

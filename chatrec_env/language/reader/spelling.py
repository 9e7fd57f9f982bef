"""Typing errors: an unknown word near exactly one kind of known word is read as that word."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import takewhile
from operator import eq
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

MAX_CACHED: Final = 20_000
"""Unknown words remembered; past it the memory starts afresh, so that it stays bounded."""
_SHORTEST: Final = 4
_LONG: Final = 8  # letters; such a word may hold two slips
_SHORTEST_NAME: Final = 5
_LONG_NAME: Final = 10


class Speller:
    """Corrects unknown words.

    Args:
        words: Words with a meaning to the parser. A slip is read as one of them first.
        telling: Those of them that name values and the like: what a very short word may be a slip of.
        proper: Those of them that are written with a capital ("Japanese").
        names: Words of titles and of people's names; a slip in one needs at least 5 letters.
        known: All other words that are right as they are.
        endings: Endings of regular word forms.
    """

    def __init__(
        self,
        words: Iterable[str],
        *,
        telling: Collection[str],
        proper: Collection[str],
        names: Iterable[str],
        known: Iterable[str],
        endings: Collection[str],
    ) -> None:
        targets, others = set(words), set(names)
        self._known = targets | others | set(known)
        self._targets = _by_letter(word for word in targets if len(word) >= _SHORTEST)
        self._proper = _by_letter(word for word in proper if len(word) >= _SHORTEST)
        self._names = _by_letter(word for word in others - targets if len(word) >= _SHORTEST_NAME)
        self._telling = frozenset(telling)
        self._endings = endings
        self._cache: dict[str, str] = {}

    def correct(self, word: str, *, named: bool | None = None) -> str:
        """The word meant, or the word itself.

        Args:
            word: A lower-case word.
            named: True for a capital in mid-sentence: it is read as a name or not at all. False for a
                lower-case word of someone who writes names with capitals. None where one cannot tell.
        """
        if word in self._known or len(word) < _SHORTEST - 1 or not word.isalpha():
            return word
        key = f"{word} {named}"
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            first = self._proper if named else self._targets
            found = word
            if not self._is_derived(word):
                found = self._nearest(word, first, _LONG)
                if found == word and named is not False:
                    found = self._nearest(word, self._names, _LONG_NAME)
            self._cache[key] = found
        return found

    def undoubled(self, word: str) -> str:
        """The known word that a lower-case word is with one letter typed twice (``nicee``), else the word itself."""
        if self.knows(word):
            return word
        twice = (word[:i] + word[i + 1 :] for i in range(1, len(word)) if word[i] == word[i - 1])
        return next((one for one in twice if len(one) >= _SHORTEST - 1 and one in self._known), word)

    def knows(self, word: str) -> bool:
        """Whether a lower-case word, a number or a mark may stand as it is."""
        return word in self._known or not word.isalpha() or self._is_derived(word)

    def _is_derived(self, word: str) -> bool:
        """Whether it is a known word with an ending: ``creeping``, ``blandest``."""
        for ending in self._endings:
            stem = word.removesuffix(ending)
            known = stem in self._known or stem + "e" in self._known
            if known and stem != word and len(stem) >= _SHORTEST and stem not in self._telling:
                return True
        return False

    def _nearest(self, word: str, buckets: dict[str, list[str]], long: int) -> str:
        """The word of the buckets that is meant, or the word itself; ``long`` ones may hold two slips."""
        reach = 2 if len(word) >= long else 1
        near = process.extract(
            word, buckets.get(word[0], ()), scorer=OSA.distance, score_cutoff=reach, limit=8, processor=None
        )
        best = min((int(distance) for _, distance, _ in near), default=reach + 1)
        if best > reach:
            return word
        near = [one for one in near if one[1] < 2 or one[0][:2] == word[:2]]
        found = sorted(
            (other for other, distance, _ in near if distance == best), key=lambda o: _rank(word, o)
        )
        if not found:
            return word
        if len(word) > _SHORTEST or sorted(word) == sorted(found[0]):
            return found[0]
        # So few letters tell little: only one word may be meant, and one that matters.
        found = [other for other in found if other in self._telling]
        if len(found) != 1 or (len(word) < _SHORTEST and found[0][-1] != word[-1]):
            return word
        return found[0]


def is_slip(word: str, meant: str) -> bool:
    """Whether a word is surely another with one slip; where only its end differs it may be a form of it."""
    stem = sum(1 for _ in takewhile(bool, map(eq, word, meant)))
    ending = stem >= max(_SHORTEST, min(len(word), len(meant)) - 2)
    clear = len(word) > _SHORTEST or sorted(word) == sorted(meant)
    return clear and not ending and OSA.distance(word, meant) == 1


def _rank(word: str, other: str) -> tuple[bool, bool, str]:
    """Of equally near words, first the one with the same letters, then one that lost a letter."""
    return sorted(word) != sorted(other), len(other) <= len(word), other


def _by_letter(words: Iterable[str]) -> dict[str, list[str]]:
    buckets: dict[str, list[str]] = {}
    for word in sorted(words):
        if word.isalpha():
            buckets.setdefault(word[0], []).append(word)
    return buckets

"""The titles of a catalogue as people type them, and how telling their words are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatrec_env.language.english.reading.words import FUNCTION, english_words
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.text import surface

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

END: Final = ""  # key of a node's name; no token is empty
ARTICLES: Final = frozenset(("a", "an", "the"))

_AFTER_COMMA: Final = re.compile(r"^(.+), (The|A|An)$")
_MIN_PARTIAL: Final = 6
_MAX_SHARED: Final = 4
"""Titles that may share a word which then stands for the best known of them ("Godfather")."""
_NUMBERS: Final = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_SPELLED: Final = {str(number): word for number, word in enumerate(_NUMBERS, start=1)}
_DIGITS: Final = {word: digit for digit, word in _SPELLED.items()}

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What the words of a title say.

    Attributes:
        items: The items so called, best known first.
        content: Number of words that are not function words.
        odd: Whether one of them is no common English word.
        rare: Whether one of them is neither among the most common words nor one of the parser's own.
        partial: Whether it is only the telling word of a longer title ("Shawshank").
        number: Whether it consists of digits.
    """

    items: tuple[int, ...]
    content: int
    odd: bool
    rare: bool
    partial: bool = False
    number: bool = False


class TitleIndex:
    """A trie over the words of all titles.

    Args:
        catalog: The catalogue. Words that its sentences use in lower case count as ordinary words.
        lexicon: Its lexicon; words with a meaning of their own do not make a title telling.

    Attributes:
        root: Nested dicts by word; a :class:`Name` stands under ``END``.
        words: Every word of every title.
    """

    def __init__(self, catalog: Catalog, lexicon: Lexicon) -> None:
        self.root: dict[str, Any] = {}
        self.words: set[str] = set()
        self._popularity = [float(popularity) for popularity in catalog.popularity]
        english = english_words()
        prose = {
            word.strip(".,;:!?'\"()")
            for sentence in catalog.sentences
            for word in sentence.split()
            if word.islower()
        }
        plain, known = english.common | prose | lexicon.value_words, english.top | lexicon.value_words
        named = _named(catalog)
        for words, items in named.items():
            content = [word for word in words if word not in FUNCTION]
            name = Name(
                items=self._best_first(items),
                content=len(content),
                odd=any(word not in plain and not word.isdecimal() for word in content),
                rare=any(word not in known for word in content),
                number=all(word.isdecimal() for word in words),
            )
            self._put(words, name)
        people = {word for name in catalog.entity_names for word in surface(name)}
        for word, items in _telling(named, plain | people).items():
            self._put(
                (word,), Name(items=self._best_first(items), content=1, odd=True, rare=True, partial=True)
            )

    def _best_first(self, items: list[int]) -> tuple[int, ...]:
        return tuple(sorted(set(items), key=lambda item: (-self._popularity[item], item)))

    def _put(self, words: Phrase, name: Name) -> None:
        node = self.root
        for word in words:
            node = node.setdefault(word, {})
        node.setdefault(END, name)
        self.words.update(words)


def _named(catalog: Catalog) -> dict[Phrase, list[int]]:
    """Items by each form of their title, and by the part before a colon where no item is so called."""
    named: dict[Phrase, list[int]] = {}
    series: dict[Phrase, list[int]] = {}
    for item, title in enumerate(catalog.titles):
        for words in _forms(title):
            named.setdefault(words, []).append(item)
        head, colon, _ = title.partition(":")
        if colon and len(surface(head)) > 1:
            for words in _forms(head):
                series.setdefault(words, []).append(item)
    for words, items in series.items():
        named.setdefault(words, items)
    return named


def _forms(title: str) -> Iterator[Phrase]:
    """The ways a title is typed: without its article, with numbers spelled out, without its apostrophe."""
    moved = _AFTER_COMMA.match(title)
    if moved:
        title = f"{moved[2]} {moved[1]}"
    words = surface(title)
    forms = [
        words,
        surface(title.replace("'", "").replace("’", "")),
        surface(title.replace("'", " ").replace("-", " ")),
    ]
    if len(words) > 1:
        forms += [tuple(table.get(word, word) for word in words) for table in (_SPELLED, _DIGITS)]
    forms += [form[1:] for form in forms if len(form) > 1 and form[0] in ARTICLES]
    return iter(dict.fromkeys(form for form in forms if form))


def _telling(named: dict[Phrase, list[int]], ordinary: set[str] | frozenset[str]) -> dict[str, list[int]]:
    """Words that only the longer titles of a few items have: ``Shawshank``."""
    counts = Counter(word for words in named if len(words) > 1 for word in set(words))
    found: dict[str, list[int]] = {}
    for words, items in named.items():
        for word in words if len(words) > 1 else ():
            long = len(word) >= _MIN_PARTIAL and word.isalpha()
            if long and word not in ordinary and counts[word] <= _MAX_SHARED and (word,) not in named:
                found.setdefault(word, []).extend(items)
    return found

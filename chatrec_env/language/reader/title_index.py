"""The titles of a catalogue as people type them, and how telling their words are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatrec_env.language.contract import Language
from chatrec_env.language.reader.lexicon import Lexicon, Phrase

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

END: Final = ""  # key of a node's name; no token is empty
_MIN_PARTIAL: Final = 6
_MIN_LEFT: Final = 3
"""Words that must be left of a title without its noun: "Shaun the Sheep (Movie)", but not "Scary (Movie)"."""
_MAX_SHARED: Final = 4
"""Titles that may share a word which then stands for the best known of them ("Godfather")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What the words of a title say."""

    items: tuple[int, ...]  # the items so called, best known first
    content: int  # number of words that are not function words
    odd: bool  # whether one of them is no common English word
    rare: bool  # whether one of them is neither among the most common words nor one of the parser's own
    partial: bool = False  # whether it is only the telling word of a longer title ("Shawshank")
    number: bool = False  # whether it consists of digits


class TitleIndex:
    """A trie over the words of all titles.

    Words with a meaning in the lexicon, and those that the sentences of the catalogue use in lower case, do not make
    a title telling.

    Attributes:
        root: Nested dicts by word; a :class:`Name` stands under ``END``.
        words: Every word of every title.
    """

    def __init__(self, catalog: Catalog, lexicon: Lexicon, language: Language) -> None:
        self.root: dict[str, Any] = {}
        self.words: set[str] = set()
        self._popularity = [float(popularity) for popularity in catalog.popularity]
        frequent, surface = language.frequency_list(), language.tokenizer.surface
        prose = {
            word.strip(".,;:!?'\"()")
            for sentence in catalog.sentences
            for word in sentence.split()
            if word.islower()
        }
        plain, known = frequent.common | prose | lexicon.value_words, frequent.top | lexicon.value_words
        named = _named(catalog, _TitleForms(language, lexicon.nouns))
        for words, items in named.items():
            content = [word for word in words if word not in language.words.function]
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


class _TitleForms:
    """The ways a title is typed: without its article, with numbers spelled out, without its apostrophe."""

    def __init__(self, language: Language, nouns: frozenset[str]) -> None:
        self._nouns = nouns
        self.surface, self._articles = language.tokenizer.surface, language.words.articles
        articles = "|".join(sorted(article.capitalize() for article in self._articles))
        self._article_last = re.compile(rf"^(.+), ({articles})$")  # "Matrix, The"
        spelled = {str(number): word for number, word in enumerate(language.words.titles.numbers, start=1)}
        self._tables = (spelled, {word: digit for digit, word in spelled.items()})

    def __call__(self, title: str) -> list[Phrase]:
        moved = self._article_last.match(title)
        if moved:
            title = f"{moved[2]} {moved[1]}"
        joined, apart = title.replace("'", "").replace("’", ""), title.replace("'", " ").replace("-", " ")
        forms = [self.surface(text) for text in dict.fromkeys((title, joined, apart))]
        words = forms[0]
        if len(words) > 1:
            forms += [tuple(table.get(word, word) for word in words) for table in self._tables]
        forms += [form[1:] for form in forms if len(form) > 1 and form[0] in self._articles]
        return [form for form in dict.fromkeys(forms) if form]

    def without_noun(self, forms: list[Phrase]) -> list[Phrase]:
        """Those of a title's forms that have a noun at the end, without it."""
        return [form[:-1] for form in forms if len(form) > _MIN_LEFT and form[-1] in self._nouns]


def _named(catalog: Catalog, forms: _TitleForms) -> dict[Phrase, list[int]]:
    """Items by each form of their title; by a part of it where no item is so called."""
    named: dict[Phrase, list[int]] = {}
    series: dict[Phrase, list[int]] = {}
    for item, title in enumerate(catalog.titles):
        known = forms(title)
        for words in known:
            named.setdefault(words, []).append(item)
        for words in forms.without_noun(known):
            series.setdefault(words, []).append(item)
        head, colon, _ = title.partition(":")
        if colon and len(forms.surface(head)) > 1:
            for words in forms(head):
                series.setdefault(words, []).append(item)
    for words, items in series.items():
        named.setdefault(words, items)
    return named


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

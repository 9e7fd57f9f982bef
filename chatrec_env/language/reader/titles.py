"""Titles in a sentence: which words are the name of an item, and which only look like it.

A title that is made of ordinary words ("It", "Up", "Heat", "The Kid") is linked only where the sentence makes
it a title: quotes, its year in brackets, or capitals in mid-sentence after "liked", "seen" and the like. A
title with a word that English hardly has ("Goodfellas") is linked wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatrec_env.language.contract import Language
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.text import (
    CLOSE,
    COLON,
    MARKS,
    OPEN,
    QUESTION,
    QUOTE,
    STOP,
    Tokens,
    token_at,
)
from chatrec_env.language.reader.title_index import END, Name, TitleIndex

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

CALLED_FOR, ALLOWED = 2, 1
"""How much the words before a title call for one."""

_OPENINGS: Final = frozenset((STOP, QUESTION, QUOTE))
_HABIT: Final = 3  # words and marks; a longer message in capitals is a habit, not emphasis
_ABBREVIATION: Final = 4  # letters a word before a full stop inside a title may have
_JUDGEMENT: Final = 5  # words within which a judgement is passed: "is one of my favorite"


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of tokens that names an item."""

    item: int
    start: int
    end: int
    sure: bool  # from quotes, a year or capitals, not from the words alone


class Titles:
    """The titles of a catalogue, to be found in sentences."""

    def __init__(self, catalog: Catalog, lexicon: Lexicon, language: Language) -> None:
        index = TitleIndex(catalog, lexicon, language)
        self._root, self.words = index.root, index.words
        self._years = [int(year) for year in catalog.years]
        self._nouns, self._known = lexicon.nouns, lexicon.value_words
        self._cue = language.make_title_cue(catalog, lexicon)
        self._language, self._around = language.words, language.words.titles

    def find(self, tokens: Tokens) -> list[Link]:
        """The titles in a sentence, in order, none inside another."""
        words, at = tokens.words, 0
        n_words = sum(word not in MARKS for word in words)
        out: list[Link] = []
        while at < len(words):
            link = (
                self._link(tokens, at, out[-1] if out else None, n_words) if words[at] in self._root else None
            )
            if link is None:
                at += 1
            else:
                out.append(link)
                at = link.end
        return out

    def called(self, words: Sequence[str]) -> int:
        """The item whose whole title these words are, the best known first; -1 for none, or for words like "it"."""
        node = self._root
        for word in words:
            node = node.get(word, {})
        name: Name | None = node.get(END)
        return name.items[0] if name is not None and name.content and not name.partial else -1

    def _link(self, tokens: Tokens, start: int, before: Link | None, n_words: int) -> Link | None:
        """The longest title from ``start`` on that the sentence makes one."""
        words, node = tokens.words, self._root
        ends: list[tuple[int, Name, bool]] = []
        read = 0
        for at in range(start, len(words)):
            child = node.get(words[at])
            if child is None:
                # Marks inside a title are not in the index: "Dr. No", "Hello, Dolly!"
                short = words[at] not in (STOP, QUESTION) or len(words[at - 1]) <= _ABBREVIATION
                if words[at] in MARKS and short:
                    continue
                break
            node, read = child, read + 1
            if END in node:
                ends.append((at + 1, node[END], read == n_words))
        for end, name, alone in reversed(ends):
            link = self._read(tokens, start, end, name, before, alone=alone)
            if link is not None:
                return link
        return None

    def _read(
        self, tokens: Tokens, start: int, end: int, name: Name, before: Link | None, *, alone: bool
    ) -> Link | None:
        """The link, if the sentence makes these words a title; ``alone`` if there are no other words."""
        words, around = tokens.words, self._around
        left, right = token_at(words, start - 1), token_at(words, end)
        dated, after = self._dated(words, end, name)
        item = dated if dated >= 0 else name.items[0]
        if not name.partial and (dated >= 0 or left == right == QUOTE):
            return Link(item, start, after, sure=True)
        if right in self._nouns and self._known.issuperset(words[start:end]):
            return None  # "I'd like a Horror book": of what kind it is, not what it is called
        capitals, shown = self._capitals(tokens, start, end)
        if left in around.another or (
            shown and (self._goes_on(tokens, start - 1, -1) or self._goes_on(tokens, end, 1))
        ):
            return None
        if capitals and right in around.sequels and token_at(words, end + 1) not in around.counted:
            return None
        cue = self._cue(words, start, before.end if before is not None else -1)
        if not name.content and end == start + 1 and right in around.verbs:
            return None  # "it is", said twice
        if not cue and name.content and right in around.copulas:
            judged = not around.judgements.isdisjoint(words[end + 1 : end + 1 + _JUDGEMENT])
            cue = ALLOWED if judged else 0
        if cue and capitals and name.content and right in around.copulas and self._called(words, end + 1):
            return Link(item, start, end, sure=True)
        if len(words[start]) == 1 and right == STOP and tokens.capitals[end + 1 : end + 2] == [1]:
            return None  # an initial: "M. Night Shyamalan"
        sure, unsure = Link(item, start, end, sure=True), Link(item, start, end, sure=False)
        if name.partial:
            return sure if cue and (capitals or cue == CALLED_FOR) else None
        if name.number:
            return sure if cue and name.content else None
        if tokens.titled and len(words) > _HABIT:
            shown = int(shown > 0 and cue == CALLED_FOR and (name.content > 0 or end > start + 1))
        if cue and capitals and shown:
            return sure
        if name.content >= 2:
            if name.odd or name.rare or (capitals and shown >= min(2, name.content - (left in _OPENINGS))):
                return sure if capitals and shown else unsure
            return unsure if alone or (cue == CALLED_FOR and right in around.ends) else None
        if alone and name.rare and tokens.capitals[end - 1]:
            return unsure
        if cue == CALLED_FOR and tokens.shouting and name.rare and not capitals and right in around.ends:
            telling = words[start] not in self._known and words[end - 1][-1] != "s"
            if name.content and telling:
                return unsure  # "i watched inception"
        if name.odd and left not in around.places and len(words[end - 1]) > 3:
            return sure if capitals and shown else unsure
        return None

    def _dated(self, words: list[str], end: int, name: Name) -> tuple[int, int]:
        """The item whose year follows the title, or -1, and the end with the year."""
        bracket = end < len(words) and words[end] == OPEN
        at = end + bracket
        if at >= len(words) or not (words[at].isdecimal() and len(words[at]) == 4):
            return -1, end
        year = int(words[at])
        near = sorted(name.items, key=lambda item: abs(self._years[item] - year))  # stable: best known first
        item = near[0]
        if abs(self._years[item] - year) > bracket:  # premieres and releases differ by a year
            return -1, end
        closed = at + 1 < len(words) and words[at + 1] == CLOSE
        return item, at + 1 + (bracket and closed)

    def _called(self, words: list[str], at: int) -> bool:
        """Whether what follows calls it an item: "is | my favorite movie"."""
        for word in words[at : at + _JUDGEMENT]:
            if word in MARKS:
                return False
            if word in self._nouns:
                return True
        return False

    def _goes_on(self, tokens: Tokens, at: int, step: int) -> bool:
        """Whether the name goes on beyond the title: "Avengers: Infinity War" is not "Avengers"."""
        words = tokens.words
        if step > 0 and at < len(words) and words[at] == COLON:
            at += step
        if not 0 <= at < len(words) or tokens.capitals[at] != 1:
            return False
        if words[at] in self._language.function or words[at][0].isdigit():
            return False
        return step > 0 or (at > 0 and words[at - 1] not in _OPENINGS)

    def _capitals(self, tokens: Tokens, start: int, end: int) -> tuple[bool, int]:
        """Whether every content word is capitalised, and how many of them tell (not the first of a sentence)."""
        if tokens.shouting:
            return False, 0
        words, capitals = tokens.words, tokens.capitals
        spelled = [i for i in range(start, end) if words[i] not in MARKS]
        marked = [i for i in spelled if words[i] not in self._language.function] or spelled
        opening = start == 0 or words[start - 1] in _OPENINGS
        first = words[start] in self._language.articles or capitals[start] > 0
        own = [i for i in marked if capitals[i] and words[i] not in self._language.always_capital]
        telling = [i for i in own if not (opening and i == start)]
        return first and all(capitals[i] for i in marked), len(telling)

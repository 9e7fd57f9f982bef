"""Titles in a sentence: which words are the name of an item, and which only look like it.

A title that is made of ordinary words ("It", "Up", "Heat", "The Kid") is linked only where the sentence makes
it a title: quotes, its year in brackets, or capitals in mid-sentence after "liked", "seen" and the like. A
title with a word that English hardly has ("Goodfellas") is linked wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.reading.words import FUNCTION, word_set
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.text import (
    CLOSE,
    COLON,
    COMMA,
    MARKS,
    OPEN,
    QUESTION,
    QUOTE,
    STOP,
    Tokens,
    surface,
)
from chatrec_env.language.reader.title_index import ARTICLES, END, Name, TitleIndex

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_VERDICTS: Final = word_set(
    "liked loved enjoyed adored hated disliked loathed seen watched saw called titled named"
)
_SOFT_CUES: Final = word_set(
    "like love enjoy hate watch see rewatch than not except besides play into of stand recommend"
)
_NOT_LIKENESS: Final = word_set("would i we you feel look looks looking seems sound sounds not feels")
_JUDGEMENTS: Final = word_set(
    """great good amazing fantastic brilliant excellent wonderful awesome terrible awful boring bad dreadful
    overrated underrated perfect fun favorite favourite"""
)
_COPULAS: Final = frozenset(("was", "is"))
_VERBS: Final = word_set("is was has had will would does did")
_ANOTHER: Final = word_set("new newest latest next upcoming")
_SEQUELS: Final = word_set("2 3 4 5 6 ii iii iv")
_COUNTED: Final = [
    [word] for word in ("times", "hours", "weeks", "months", "years", "days", "nights", "stars", "out")
]
_PLACES: Final = word_set("in from to at near visit around")
_JOINS: Final = frozenset(("and", "or", COMMA))
_ENDS: Final = MARKS | {"but", "and"}
_OPENINGS: Final = frozenset((STOP, QUESTION, QUOTE))
_HABIT: Final = 3  # words and marks; a longer message in capitals is a habit, not emphasis
_ABBREVIATION: Final = 4  # letters a word before a full stop inside a title may have
_JUDGEMENT: Final = 5  # words within which a judgement is passed: "is one of my favorite"
_CALLED_FOR, _ALLOWED = 2, 1


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of tokens that names an item."""

    item: int
    start: int
    end: int
    sure: bool  # from quotes, a year or capitals, not from the words alone


class Titles:
    """The titles of a catalogue, to be found in sentences.

    Args:
        catalog: The catalogue.
        lexicon: Its lexicon.

    Attributes:
        words: Every word of every title.
    """

    def __init__(self, catalog: Catalog, lexicon: Lexicon) -> None:
        index = TitleIndex(catalog, lexicon)
        self._root, self.words = index.root, index.words
        self._years = [int(year) for year in catalog.years]
        past = [words for words in map(surface, catalog.verb_past) if words]
        self._cues = _VERDICTS | {words[-1] for words in past if words[-1] not in FUNCTION}
        self._verbs = {words[-1]: words[:-1] for words in past if words[-1] in FUNCTION}  # listened | to
        self._nouns, self._known = lexicon.nouns, lexicon.value_words
        self._soft = _SOFT_CUES | (set(surface(catalog.verb)) - FUNCTION) | lexicon.nouns

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
            link = self._judge(tokens, start, end, name, before, alone=alone)
            if link is not None:
                return link
        return None

    def _judge(
        self, tokens: Tokens, start: int, end: int, name: Name, before: Link | None, *, alone: bool
    ) -> Link | None:
        """The link, if the sentence makes these words a title; ``alone`` if there are no other words."""
        words = tokens.words
        left = words[start - 1] if start else STOP
        right = words[end] if end < len(words) else STOP
        dated, after = self._dated(words, end, name)
        item = dated if dated >= 0 else name.items[0]
        if not name.partial and (dated >= 0 or left == right == QUOTE):
            return Link(item, start, after, sure=True)
        capitals, shown = _capitals(tokens, start, end)
        if left in _ANOTHER or (shown and (_goes_on(tokens, start - 1, -1) or _goes_on(tokens, end, 1))):
            return None
        if capitals and right in _SEQUELS and words[end + 1 : end + 2] not in _COUNTED:
            return None
        cue = self._cue(words, start, before)
        if not name.content and end == start + 1 and right in _VERBS:
            return None  # "it is", said twice
        if not cue and name.content and right in _COPULAS:
            cue = (
                _ALLOWED if any(word in _JUDGEMENTS for word in words[end + 1 : end + 1 + _JUDGEMENT]) else 0
            )
        if cue and capitals and name.content and right in _COPULAS and self._called(words, end + 1):
            return Link(item, start, end, sure=True)
        if len(words[start]) == 1 and right == STOP and tokens.capitals[end + 1 : end + 2] == [1]:
            return None  # an initial: "M. Night Shyamalan"
        sure, unsure = Link(item, start, end, sure=True), Link(item, start, end, sure=False)
        if name.partial:
            return sure if cue and (capitals or cue == _CALLED_FOR) else None
        if name.number:
            return sure if cue and name.content else None
        if tokens.titled and len(words) > _HABIT:
            shown = int(shown > 0 and cue == _CALLED_FOR and (name.content > 0 or end > start + 1))
        if cue and capitals and shown:
            return sure
        if name.content >= 2:
            if name.odd or name.rare or (capitals and shown >= min(2, name.content - (left in _OPENINGS))):
                return sure if capitals and shown else unsure
            return unsure if alone or (cue == _CALLED_FOR and right in _ENDS) else None
        if alone and name.rare and tokens.capitals[end - 1]:
            return unsure
        if cue == _CALLED_FOR and tokens.shouting and name.rare and not capitals and right in _ENDS:
            telling = words[start] not in self._known and words[end - 1][-1] != "s"
            if name.content and telling:
                return unsure  # "i watched inception"
        if name.odd and left not in _PLACES and len(words[end - 1]) > 3:
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

    def _cue(self, words: list[str], start: int, before: Link | None) -> int:
        """``_CALLED_FOR`` after words that call for a title, ``_ALLOWED`` where one may follow, else 0."""
        at = start - 1
        if at >= 0 and words[at] in ARTICLES:
            at -= 1
        if at < 0:
            return 0
        word, earlier = words[at], words[at - 1] if at else STOP
        verb = self._verbs.get(word)
        if verb and tuple(words[max(0, at - len(verb)) : at]) == verb:
            return _CALLED_FOR
        if word in self._cues or (before is not None and before.end >= at and word in _JOINS):
            return _CALLED_FOR
        if word == "like":
            return _ALLOWED if earlier in _NOT_LIKENESS else _CALLED_FOR
        if word == "to" and earlier in ("similar", "close", "compared"):
            return _CALLED_FOR
        if word in ("is", "was", "are", "were"):
            spoken = words[max(0, at - 6) : at]
            if any("favo" in other for other in spoken):
                return _ALLOWED if self._nouns.isdisjoint(spoken) else _CALLED_FOR  # "my favorite movie is"
            return _ALLOWED if any(other in self._cues for other in spoken) else 0
        return _ALLOWED if word in self._soft else 0


def _goes_on(tokens: Tokens, at: int, step: int) -> bool:
    """Whether the name goes on beyond the title: "Avengers: Infinity War" is not "Avengers"."""
    words = tokens.words
    if step > 0 and at < len(words) and words[at] == COLON:
        at += step
    if not 0 <= at < len(words) or tokens.capitals[at] != 1:
        return False
    if words[at] in FUNCTION or words[at][0].isdigit():
        return False
    return step > 0 or (at > 0 and words[at - 1] not in _OPENINGS)


def _capitals(tokens: Tokens, start: int, end: int) -> tuple[bool, int]:
    """Whether every content word is capitalised, and how many of them tell (not the first of a sentence)."""
    if tokens.shouting:
        return False, 0
    words, capitals = tokens.words, tokens.capitals
    spelled = [i for i in range(start, end) if words[i] not in MARKS]
    marked = [i for i in spelled if words[i] not in FUNCTION] or spelled
    opening = start == 0 or words[start - 1] in _OPENINGS
    first = words[start] in ARTICLES or capitals[start] > 0
    telling = [i for i in marked if capitals[i] and words[i] != "i" and not (opening and i == start)]
    return first and all(capitals[i] for i in marked), len(telling)

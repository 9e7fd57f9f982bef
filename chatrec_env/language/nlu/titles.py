"""Titles in a sentence: which words are the name of an item, and which only look like it.

A title that is made of ordinary words ("It", "Up", "Heat", "The Kid") is linked only where the sentence makes it
a title: quotes, its year in brackets, or capitals in mid-sentence after a word such as "liked" or "seen". A title
with a word that English does not have ("Inception") is linked wherever it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatrec_env.language.nlu.cues import FUNCTION
from chatrec_env.language.nlu.lexicon import Lexicon, english_words
from chatrec_env.language.nlu.text import CLOSE, COMMA, MARKS, OPEN, QUESTION, QUOTE, STOP, Tokens, surface

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_END: Final = ""
_ARTICLES: Final = frozenset(("a", "an", "the"))
_AFTER_COMMA: Final = re.compile(r"^(.+), (The|A|An)$")
_VERDICTS: Final = frozenset(
    "liked loved enjoyed adored hated disliked loathed seen watched saw rewatched called titled named".split()
)
_SOFT_CUES: Final = frozenset("like love enjoy hate watch see rewatch than not except besides play".split())
_NOT_LIKENESS: Final = frozenset("would i we you feel look looks looking seems sound sounds not feels".split())
_COPULAS: Final = frozenset(("was", "is"))
_JUDGEMENTS: Final = frozenset(
    """great good amazing fantastic brilliant excellent wonderful awesome terrible awful boring bad dreadful
    overrated underrated perfect fun favorite favourite""".split()
)
_ANOTHER: Final = frozenset(("new", "newest", "latest", "next", "upcoming"))
_PLACES: Final = frozenset("in from to at near visit around".split())
_JOINS: Final = frozenset(("and", "or", COMMA))
_MIN_PARTIAL: Final = 6
_CERTAIN: Final = 3  # words and marks; a longer message in capitals is a habit, not emphasis
_ABBREVIATION: Final = 4  # letters a word before a full stop inside a title may have
_DIGITS: Final = {
    **{"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight"},
    **{"9": "nine", "10": "ten", "11": "eleven", "12": "twelve"},
}


@dataclass(frozen=True, slots=True)
class Name:
    """What the words of a title say.

    Attributes:
        items: The items so called, best known first.
        content: Number of words that are not function words.
        odd: Whether one of them is no English word at all.
        rare: Whether one of them is neither a common English word nor a word of the parser's own.
        partial: Whether it is only the telling word of a longer title ("Shawshank").
        number: Whether it consists of digits.
    """

    items: tuple[int, ...]
    content: int
    odd: bool
    rare: bool
    partial: bool
    number: bool


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
        lexicon: Its lexicon; words with a meaning of their own do not make a title telling.
    """

    def __init__(self, catalog: Catalog, lexicon: Lexicon) -> None:
        self._root: dict[str, Any] = {}
        self._years = [int(year) for year in catalog.years]
        self._cues = _VERDICTS | {surface(word)[-1] for word in catalog.verb_past if surface(word)}
        self._soft = _SOFT_CUES | set(surface(catalog.verb)) | set(surface(catalog.noun)) | lexicon.nouns
        self.words: set[str] = set()
        common, english, _ = english_words()
        prose = {
            word.strip(".,;:!?'\"()") for sentence in catalog.sentences for word in sentence.split() if word.islower()
        }
        plain, known = english | prose | lexicon.value_words, common | lexicon.value_words
        named: dict[tuple[str, ...], list[int]] = {}
        first: dict[tuple[str, ...], list[int]] = {}
        for item, title in enumerate(catalog.titles):
            for words in _forms(title):
                named.setdefault(words, []).append(item)
            head = title.split(":")[0]
            if head != title and len(surface(head)) > 1:
                for words in _forms(head):
                    first.setdefault(words, []).append(item)
        for words, items in first.items():
            named.setdefault(words, items)
        popularity = catalog.popularity
        ranked = {
            words: tuple(sorted(set(items), key=lambda item: (-float(popularity[item]), item)))
            for words, items in named.items()
        }
        for words, items in ranked.items():
            content = [word for word in words if word not in FUNCTION]
            name = Name(
                items,
                len(content),
                any(word not in plain and not word.isdecimal() for word in content),
                any(word not in known for word in content),
                partial=False,
                number=all(word.isdecimal() for word in words),
            )
            self._put(words, name)
        self._add_partial(ranked, plain, set(catalog.entity_names))

    def find(self, tokens: Tokens) -> list[Link]:
        """The titles in a sentence, in order, none inside another."""
        words, out, at, n = tokens.words, [], 0, len(tokens.words)
        while at < n:
            link = self._link(tokens, at, out[-1] if out else None) if words[at] in self._root else None
            if link is None:
                at += 1
            else:
                out.append(link)
                at = link.end
        return out

    def _link(self, tokens: Tokens, start: int, before: Link | None) -> Link | None:
        node, ends = self._root, []
        words = tokens.words
        for at in range(start, len(words)):
            child = node.get(words[at])
            if child is None:
                # Marks inside a title are not in the index: "Dr. No", "Hello, Dolly!"
                if words[at] in MARKS and (words[at] not in (STOP, QUESTION) or len(words[at - 1]) <= _ABBREVIATION):
                    continue
                break
            node = child
            if _END in node:
                ends.append((at + 1, node[_END]))
        for end, name in reversed(ends):
            link = self._judge(tokens, start, end, name, before)
            if link is not None:
                return link
        return None

    def _judge(self, tokens: Tokens, start: int, end: int, name: Name, before: Link | None) -> Link | None:
        """The link, if the sentence makes these words a title."""
        words = tokens.words
        dated, after = self._dated(words, end, name)
        item = dated if dated >= 0 else name.items[0]
        left = words[start - 1] if start else STOP
        right = words[end] if end < len(words) else STOP
        alone = not any(word not in MARKS for word in (*words[:start], *words[end:]))
        if not name.partial and (dated >= 0 or (left == right == QUOTE)):
            return Link(item, start, after, sure=True)
        capitals, shown = _capitals(tokens, start, end)
        if left in _ANOTHER or (shown and (_goes_on(tokens, start - 1, -1) or _goes_on(tokens, end, 1))):
            return None
        cue = self._cue(words, start, before) or (name.content > 0 and right in _COPULAS and _judged(words, end + 1))
        if name.partial:
            return Link(item, start, end, sure=True) if cue and (capitals or cue == 2) else None
        if name.number:
            return Link(item, start, end, sure=True) if cue and name.content else None
        if tokens.titled and len(words) > _CERTAIN:
            shown = int(shown > 0 and cue == 2 and (name.content > 0 or end > start + 1))
        if cue and capitals and shown:
            return Link(item, start, end, sure=True)
        if name.content >= 2:
            whole = alone or (cue == 2 and (right in MARKS or right in ("but", "and")))
            if name.odd or name.rare or (capitals and shown >= min(2, name.content - (left in (STOP, QUESTION)))):
                return Link(item, start, end, sure=bool(capitals and shown))
            return Link(item, start, end, sure=False) if whole else None
        if alone and name.rare and tokens.capitals[end - 1]:
            return Link(item, start, end, sure=False)
        if name.odd and left not in _PLACES and len(words[end - 1]) > 3:
            return Link(item, start, end, sure=bool(capitals and shown))
        return None

    def _dated(self, words: list[str], end: int, name: Name) -> tuple[int, int]:
        """The item whose year follows the title, or -1, and the end with the year."""
        bracket = end < len(words) and words[end] == OPEN
        at = end + bracket
        if at >= len(words) or not (words[at].isdecimal() and len(words[at]) == 4):
            return -1, end
        year = int(words[at])
        item = next((item for item in name.items if self._years[item] == year), -1)
        if item < 0:
            return -1, end
        closed = at + 1 < len(words) and words[at + 1] == CLOSE
        return item, at + 1 + (bracket and closed)

    def _cue(self, words: list[str], start: int, before: Link | None) -> int:
        """2 where the words before call for a title, 1 where they may, else 0."""
        at = start - 1
        if at >= 0 and words[at] in _ARTICLES:
            at -= 1
        if at < 0:
            return 0
        word = words[at]
        if before is not None and before.end >= at and word in _JOINS:
            return 2
        if word in self._cues:
            return 2
        if word == "like":
            return 1 if at and words[at - 1] in _NOT_LIKENESS else 2
        if word == "to" and at and words[at - 1] in ("similar", "close", "compared"):
            return 2
        if word in self._soft:
            return 1
        if word in ("is", "was", "are", "were"):
            return int(any(other in self._cues or "favo" in other for other in words[max(0, at - 6) : at]))
        return 0

    def _put(self, words: tuple[str, ...], name: Name) -> None:
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        node.setdefault(_END, name)
        self.words.update(words)

    def _add_partial(
        self, ranked: dict[tuple[str, ...], tuple[int, ...]], plain: set[str] | frozenset[str], people: set[str]
    ) -> None:
        """Single telling words of longer titles: ``Shawshank``, unless also a person's name."""
        taken = {word for name in people for word in surface(name)}
        counts = Counter(word for words in ranked if len(words) > 1 for word in set(words))
        for words, items in list(ranked.items()):
            for word in words if len(words) > 1 else ():
                if len(word) >= _MIN_PARTIAL and word not in plain and word not in taken and counts[word] <= 4:
                    if not word.isalpha() or _END in self._root.get(word, {}):
                        continue
                    self._put((word,), Name(items, 1, odd=True, rare=True, partial=True, number=False))


def _goes_on(tokens: Tokens, at: int, step: int) -> bool:
    """Whether the name goes on beyond the title: "Avengers: Infinity War" is not "Avengers"."""
    words = tokens.words
    if 0 <= at < len(words) and words[at] == COMMA and step > 0:
        at += step
    if not 0 <= at < len(words) or tokens.capitals[at] != 1 or words[at] in FUNCTION or words[at][0].isdigit():
        return False
    return step > 0 or (at > 0 and words[at - 1] not in (STOP, QUESTION, QUOTE))


def _judged(words: list[str], at: int) -> bool:
    """Whether a verdict follows: "... was (really) great"."""
    return any(word in _JUDGEMENTS for word in words[at : at + 3])


def _forms(title: str) -> Iterator[tuple[str, ...]]:
    """The ways a title is typed: without its article, with digits in words, without its apostrophe."""
    moved = _AFTER_COMMA.match(title)
    if moved:
        title = f"{moved[2]} {moved[1]}"
    words = surface(title)
    if not words:
        return
    seen = {words}
    yield words
    spelled = tuple(_DIGITS.get(word, word) for word in words) if len(words) > 1 else words
    joined = surface(title.replace("'", "").replace("’", ""))
    apart = surface(title.replace("'", " ").replace("-", " "))
    digits = tuple(_WORDS.get(word, word) for word in words) if len(words) > 1 else words
    for form in (spelled, joined, apart, digits):
        for other in (form, form[1:] if len(form) > 1 and form[0] in _ARTICLES else form):
            if other and other not in seen:
                seen.add(other)
                yield other


_WORDS: Final = {word: digit for digit, word in _DIGITS.items()}


def _capitals(tokens: Tokens, start: int, end: int) -> tuple[bool, int]:
    """Whether every content word is capitalised, and how many of them tell (not the first of a sentence)."""
    if tokens.shouting:
        return False, 0
    words = tokens.words
    marked = [i for i in range(start, end) if words[i] not in FUNCTION and words[i] not in MARKS]
    opening = start == 0 or words[start - 1] in (STOP, QUESTION, QUOTE)
    if not marked:
        marked = [i for i in range(start, end) if words[i] not in MARKS]
    lower = any(tokens.capitals[i] == 0 for i in marked)
    if words[start] not in _ARTICLES and tokens.capitals[start] == 0 and start not in marked:
        lower = True
    telling = sum(1 for i in marked if tokens.capitals[i] and words[i] != "i" and not (opening and i == start))
    return not lower, telling

"""Titles must not slip out: finds, fuzzily, catalogue titles that a sentence names and should not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial

from chatrec_env.catalog import Catalog
from chatrec_env.language.contract import get_language

FUZZY = 90.0
"""Likeness, 0 to 100, from which a stretch of a sentence counts as a distinctive title."""

_LONG = 12  # characters from which a title is still itself with a slip or two
_SHORT = 8  # characters below which a one-word title is an everyday word until it is written as a title
_WORD = re.compile(r"[^\W_]+")


class TitleGuard:
    """Finds titles in sentences.

    A title of two words or of eight letters and more, a leading article aside, is distinctive: it counts in any case,
    accents and marks aside, and from twelve letters on also where a run of words is 90% alike (ratio of matching
    characters; ``rapidfuzz``), so slips do not hide it. A shorter one
    ("Heat", "Up") counts where it is written as a title, capitalised within a sentence or in quotation marks; the
    titles of the person's own goal count as whole words in any case.

    Some themes are titles too ("love story", "poltergeist"). The words for a value that a person states are no leak,
    the title beside them is: of "a love story like Love Story" only the second counts.

    Args:
        titles: The catalogue's titles.
        phrases: Every way to say each value, by value; none known if left out.
    """

    def __init__(
        self, titles: Sequence[str], phrases: Callable[[int], Iterable[str]] = lambda value: ()
    ) -> None:
        self._titles = tuple(titles)
        self._phrases = phrases
        self._coincide: dict[tuple[int, int], list[str]] = {}  # (title, value) -> phrases

    @classmethod
    def of(cls, catalog: Catalog) -> TitleGuard:
        """The guard of a catalogue."""
        return cls(catalog.titles, partial(get_language().value_texts, catalog))

    @cached_property
    def _index(self) -> tuple[list[str], list[int], dict[str, list[int]]]:
        """Distinctive titles, their rows, and the rows of short ones."""
        names: list[str] = []
        rows: list[int] = []
        short: dict[str, list[int]] = {}
        for row, title in enumerate(self._titles):
            name = _core(title)
            if not name:
                continue
            if " " in name or len(name) >= _SHORT:
                names.append(name)
                rows.append(row)
            else:
                short.setdefault(name, []).append(row)
        return names, rows, short

    def named(self, text: str, goals: Iterable[int] = ()) -> set[int]:
        """Rows of the titles a text names.

        Args:
            text: A sentence.
            goals: Rows of the items that the person's goal was read off.
        """
        from rapidfuzz import fuzz, process

        names, rows, short = self._index
        flat = _flat(text)
        words = flat.split()
        found: set[int] = set()
        # The fuzzy look: the best stretch of the text for each title; titles longer than the text cannot be in it.
        for name, _, place in process.extract(
            flat or " ", names, scorer=fuzz.partial_ratio, score_cutoff=FUZZY, limit=None
        ):
            if len(name) <= len(flat) + 1 and _in_words(name, words):
                found.add(rows[place])
        for word in _titled(text):
            found.update(short.get(word, ()))
        spaced = f" {flat} "
        found.update(row for row in goals if (core := _core(self._titles[row])) and f" {core} " in spaced)
        return found

    def leaks(
        self,
        text: str,
        *,
        meant: str = "",
        goals: Iterable[int] = (),
        allowed: Iterable[int] = (),
        wishes: Iterable[int] = (),
    ) -> set[int]:
        """Rows of the titles that a wording names though it should not.

        Args:
            text: The wording.
            meant: What it words; a title that is in there by coincidence ("a love story") is no leak.
            goals: Rows of the items that the person's goal was read off.
            allowed: Rows of items that the other side has named already.
            wishes: Values that it states; their own words, however put, are no leak.
        """
        goals = tuple(goals)
        found = self.named(text, goals) - set(allowed)
        if found and meant:
            found -= self.named(meant, goals)
        wishes = frozenset(wishes)
        return {row for row in found if not self._stated(row, text, wishes, goals)}

    def _stated(self, row: int, text: str, wishes: frozenset[int], goals: tuple[int, ...]) -> bool:
        """Whether a title is found only in words for what is wished for."""
        said = text
        for value in wishes:
            for phrase in self._coincidences(row, value):
                said = re.sub(rf"(?<!\w){phrase}(?!\w)", " , ", said, flags=re.I)
        return said != text and row not in self.named(said, goals)

    def _coincidences(self, row: int, value: int) -> list[str]:
        """Patterns of the phrases for a value that hold a title, the longest first."""
        if (row, value) not in self._coincide:
            name = _core(self._titles[row])
            words = {_flat(phrase) for phrase in self._phrases(value)}
            held = [phrase for phrase in words if name and _in_words(name, phrase.split())]
            self._coincide[row, value] = [
                r"\W+".join(phrase.split()) for phrase in sorted(held, key=lambda p: (-len(p), p))
            ]
        return self._coincide[row, value]

    def masked(self, text: str, rows: Iterable[int], noun: str) -> str:
        """A text without the titles of these items, for a prompt: each becomes "that film"."""
        for row in rows:
            pattern = re.escape(self._titles[row]).replace(r"\ ", r"\s+")
            text = re.sub(rf"(?<!\w){pattern}(?!\w)(\s*\(\d{{4}}\))?", f"that {noun}", text, flags=re.I)
        return text


def _flat(text: str) -> str:
    """Lower-case words without marks or accents."""
    bare = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    return " ".join(_WORD.findall(bare.replace("'", "").replace("’", "").casefold()))


def _core(title: str) -> str:
    """A title as it is looked for: flat, without a leading article."""
    flat = _flat(title)
    first, _, rest = flat.partition(" ")
    return rest if rest and first in get_language().words.articles else flat


def _in_words(name: str, words: list[str]) -> bool:
    """Whether a run of whole words is alike: "up in the air" is not in "a grown-up in their airs"."""
    from rapidfuzz import fuzz

    size = name.count(" ") + 1
    solid = name.replace(" ", "")
    least = FUZZY if len(name) >= _LONG else 100.0  # "the kids" is not "The Kid" with a slip
    for n in range(max(size - 1, 1), size + 2):
        for start in range(len(words) - n + 1):
            run = words[start : start + n]
            if fuzz.ratio(name, " ".join(run)) >= least or fuzz.ratio(solid, "".join(run)) >= least:
                return True
    return False


def _titled(text: str) -> list[str]:
    """Words written as titles: capitalised within a sentence, or in quotation marks."""
    found = [_flat(inside) for inside in re.findall(r"[\"“'‘*_]([^\"”'’*_]{1,30})[\"”'’*_]", text)]
    for sentence in re.split(r"[.!?:;]+\s+|^", text):
        words = sentence.split()
        found += [_flat(word) for word in words[1:] if word[:1].isupper()]
    return [word for word in found if word]

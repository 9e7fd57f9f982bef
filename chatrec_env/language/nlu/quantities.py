"""Years, decades and amounts: "from 1994", "the late 80s", "under two hours"."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from chatrec_env.language.nlu.text import DASH, surface

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_FIRST_YEAR, _LAST_YEAR = 1_000, 2_100
_DECADE: Final = re.compile(r"(?:1[0-9]|20)?[0-9]0s")
_DECADES: Final = {
    **{
        "tens": 2010,
        "noughties": 2000,
        "naughties": 2000,
        "aughts": 2000,
        "twenties": 1920,
        "thirties": 1930,
    },
    **{
        "forties": 1940,
        "fifties": 1950,
        "sixties": 1960,
        "seventies": 1970,
        "eighties": 1980,
        "nineties": 1990,
    },
}
_TEENS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve"),
)
_NUMBERS: Final[dict[str, float]] = {word: float(i) for i, word in enumerate(_TEENS)} | {
    **{
        "a": 1.0,
        "an": 1.0,
        "half": 0.5,
        "couple": 2.0,
        "fifteen": 15.0,
        "twenty": 20.0,
        "thirty": 30.0,
        "forty": 40.0,
    },
    **{"fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0, "ninety": 90.0, "hundred": 100.0},
}
_THIRDS: Final = {"early": (0.0, 0.4), "mid": (0.3, 0.7), "middle": (0.3, 0.7), "late": (0.6, 1.0)}
_BELOW, _ABOVE = -1, 1
_LIMITS: Final = {
    **dict.fromkeys(("before", "pre", "until", "under", "below", "within", "max", "maximum"), _BELOW),
    **dict.fromkeys(
        ("less than", "fewer than", "shorter than", "older than", "earlier than", "up to"), _BELOW
    ),
    **dict.fromkeys(("cheaper than", "at most", "no more than", "no longer than", "no later than"), _BELOW),
    **dict.fromkeys(("not more than", "not longer than", "not later than", "no newer than"), _BELOW),
    **dict.fromkeys(("after", "since", "post", "over", "above", "minimum", "past", "beyond"), _ABOVE),
    **dict.fromkeys(
        ("more than", "longer than", "newer than", "later than", "at least", "younger than"), _ABOVE
    ),
    **dict.fromkeys(("no older than", "no earlier than", "no shorter than", "no less than"), _ABOVE),
    **dict.fromkeys(("not older than", "not earlier than"), _ABOVE),
    **dict.fromkeys(("about", "around", "roughly", "approximately", "circa", "some", "the", "in the"), 0),
    **dict.fromkeys(("from", "in", "from the", "released in", "made in"), 0),
}
_UNITS: Final[dict[str, dict[str, float]]] = {
    "minutes": {"minute": 1, "minutes": 1, "min": 1, "mins": 1, "hour": 60, "hours": 60, "hr": 60, "hrs": 60},
    "hours": {"hour": 1, "hours": 1, "hr": 1, "hrs": 1, "minute": 1 / 60, "minutes": 1 / 60},
    "seconds": {
        "second": 1,
        "seconds": 1,
        "sec": 1,
        "minute": 60,
        "minutes": 60,
        "hour": 3600,
        "hours": 3600,
    },
}
_RANGE_WORDS: Final = frozenset(("and", "to", "till", "until", "through", DASH))


class Span(NamedTuple):
    """A stretch of a numeric facet: ``low <= x < high``, read from words up to ``end``."""

    facet: int
    low: float
    high: float
    end: int


class Quantities:
    """Reads numbers with a meaning for the numeric facets of a catalogue.

    Args:
        catalog: The catalogue. A numeric facet counts as years when its inner bin edges are between
            the years 1000 and 2100; other facets are read with their declared unit.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._edges: dict[int, tuple[float, ...]] = {}
        self._first: dict[int, int] = {}
        self._years = -1
        self._unit_words: dict[str, tuple[int, float]] = {}
        for f, facet in enumerate(catalog.facets):
            if facet.kind != "numeric":
                continue
            self._edges[f], self._first[f] = facet.bins, catalog.facet_slices[f].start
            inner = [edge for edge in facet.bins if math.isfinite(edge)]
            if self._years < 0 and inner and all(_FIRST_YEAR <= edge <= _LAST_YEAR + 1 for edge in inner):
                self._years = f
            for unit in surface(facet.unit)[:1]:
                units = _UNITS.get(unit, {unit: 1.0, unit.removesuffix("s"): 1.0})
                self._unit_words.update({word: (f, scale) for word, scale in units.items()})
        self._starters = frozenset(
            {*_NUMBERS, *_DECADES, *_THIRDS, "between", *(words.split()[0] for words in _LIMITS)}
        )

    def match(self, words: list[str], start: int) -> tuple[tuple[int, ...], int]:
        """The values that a quantity at ``start`` stands for, and its end; ``((), start)`` for none."""
        word = words[start]
        if not self._edges or not (word in self._starters or word[0].isdigit()):
            return (), start
        side, at = _limit(words, start)
        if word == "between":
            at = start + 1
        span = self._span(words, at)
        if span is None:
            return (), start
        facet, low, high, end = span
        if side == 0 and end < len(words) and words[end] in _RANGE_WORDS:
            other = self._span(words, end + 1)
            if other is not None and other.facet == facet and other.high > low:
                return self._inside(facet, low, other.high), other.end
        if word == "from" and words[end : end + 1] in (["on"], ["onwards"], ["onward"]):
            return self._open(facet, low, _ABOVE), min(end + 1, len(words))
        if words[end : end + 2] in (["or", "less"], ["or", "under"], ["or", "shorter"], ["or", "older"]):
            return self._open(facet, high, _BELOW), end + 2
        if words[end : end + 2] in (["or", "more"], ["or", "longer"], ["or", "newer"], ["or", "later"]):
            return self._open(facet, low, _ABOVE), end + 2
        if side == 0:
            return self._inside(facet, low, high), end
        return self._open(facet, low if side < 0 or high - low < 1.5 else high, side), end

    def _span(self, words: list[str], at: int) -> Span | None:
        n = len(words)
        third = None
        while at < n and words[at] in ("the", *_THIRDS, DASH):
            third = _THIRDS.get(words[at], third)
            at += 1
        if at >= n:
            return None
        word = words[at]
        if self._years >= 0:
            decade, end = _decade(words, at)
            if decade:
                low, high = (10 * share for share in third or (0.0, 1.0))
                return Span(self._years, decade + low, decade + high, end)
            if len(word) == 4 and word.isdecimal() and _FIRST_YEAR <= int(word) <= _LAST_YEAR:
                return Span(self._years, float(word), float(word) + 1, at + 1)
        return self._amount(words, at) if self._unit_words else None

    def _amount(self, words: list[str], at: int) -> Span | None:
        """``two and a half hours``, ``90 minutes``, ``an hour and a half``, ``half an hour``."""
        number, at = _number(words, at)
        if number is None or at >= len(words):
            return None
        if number == 0.5 and words[at] in ("a", "an"):
            at += 1
        if words[at : at + 3] == ["and", "a", "half"]:
            number, at = number + 0.5, at + 3
        if words[at : at + 1] == [DASH]:
            at += 1
        unit = self._unit_words.get(words[at]) if at < len(words) else None
        if unit is None:
            return None
        facet, scale = unit
        at += 1
        if words[at : at + 3] == ["and", "a", "half"]:
            number, at = number + 0.5, at + 3
        return Span(facet, number * scale, number * scale + 1, at)

    def _inside(self, facet: int, low: float, high: float) -> tuple[int, ...]:
        edges, found = self._edges[facet], []
        for i, (left, right) in enumerate(pairwise(edges)):
            overlap = min(right, high) - max(left, low)
            if overlap > 0 and overlap >= 0.5 * min(right - left, high - low):
                found.append(self._first[facet] + i)
        return tuple(found)

    def _open(self, facet: int, edge: float, side: int) -> tuple[int, ...]:
        """Bins of which at least half is on one side of ``edge``, nearest first; else the bin it ends in."""
        edges, first = self._edges[facet], self._first[facet]
        found = []
        for i, (left, right) in enumerate(pairwise(edges)):
            inside = min(right, edge) - left if side < 0 else right - max(left, edge)
            whole = right <= edge if side < 0 else left >= edge
            if whole or (math.isfinite(right - left) and inside >= 0.5 * (right - left)):
                found.append(first + i)
        found = found[::-1] if side < 0 else found
        return tuple(found) or self._inside(facet, edge - 0.5 if side < 0 else edge, edge + 0.5)


def _limit(words: list[str], start: int) -> tuple[int, int]:
    for size in (3, 2, 1):
        side = _LIMITS.get(" ".join(words[start : start + size]))
        if side is not None:
            return side, start + size
    return 0, start


def _decade(words: list[str], at: int) -> tuple[int, int]:
    """The first year of a decade and its end, or ``(0, at)``."""
    word = words[at]
    if word in _DECADES:
        return _DECADES[word], at + 1
    if words[at + 1 : at + 2] == ["s"] and word.isdecimal():
        word, end = word + "s", at + 2
    else:
        end = at + 1
    if not _DECADE.fullmatch(word):
        return 0, at
    digits = int(word[:-1])
    if digits >= 1000:
        return digits, end
    return (2000 if digits < 20 else 1900) + digits, end


def _number(words: list[str], at: int) -> tuple[float | None, int]:
    word = words[at]
    if word[0].isdigit():
        return (float(word), at + 1) if word.isdecimal() and len(word) < 7 else (None, at)
    number = _NUMBERS.get(word)
    if number is None:
        return None, at
    following = words[at + 1] if at + 1 < len(words) else ""
    if word in ("a", "an") and following in ("couple", "hundred"):
        number, at = _NUMBERS[following], at + 1
        following = words[at + 1] if at + 1 < len(words) else ""
    if following == "hundred" and number < 10:
        return number * 100, at + 2
    if following == "of":
        return number, at + 2
    if number >= 20 and following in _TEENS[1:10]:
        return number + _NUMBERS[following], at + 2
    return number, at + 1

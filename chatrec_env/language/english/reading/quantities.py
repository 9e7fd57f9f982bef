"""Years, decades and amounts: "from 1994", "the late 80s", "under two hours"."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from chatrec_env.language.english.reading.tokens import surface
from chatrec_env.language.english.reading.units import PER, Units
from chatrec_env.language.english.reading.words import FILLERS
from chatrec_env.language.reader.bins import BinValues, bins_beyond, bins_inside
from chatrec_env.language.reader.text import COMMA, DASH, MARKS, STOP, token_at

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog, Facet

_DECADE: Final = re.compile(r"(?:1[0-9]|20)?[0-9]0s")
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
DECADES: Final = {
    **{"tens": 2010, "noughties": 2000, "naughties": 2000, "aughts": 2000},
    **{ten.removesuffix("y") + "ies": 1920 + 10 * i for i, ten in enumerate(_TENS)},
}
_TEENS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve"),
)
NUMBERS: Final[dict[str, float]] = {
    **{word: float(i) for i, word in enumerate(_TEENS)},
    **{"a": 1.0, "an": 1.0, "half": 0.5, "couple": 2.0, "fifteen": 15.0, "hundred": 100.0},
    **{ten: 20.0 + 10.0 * i for i, ten in enumerate(_TENS)},
}


def parse_decade(words: list[str], at: int) -> tuple[int, int]:
    """The first year of a decade and its end, or ``(0, at)``."""
    word = words[at]
    if word in DECADES:
        return DECADES[word], at + 1
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


def parse_number(words: list[str], at: int) -> tuple[float | None, int]:
    """The number at ``at`` and its end, or ``(None, at)``."""
    word = words[at]
    if word[0].isdigit():
        if not word.isdecimal() or len(word) >= 7:
            return None, at
        mark, tail = [*words[at + 1 : at + 3], "", ""][:2]
        if mark == COMMA and len(word) < 4 and len(tail) == 3 and tail.isdecimal():
            return float(word + tail), at + 3  # 1,200 euros
        if mark == STOP and len(word) < 4 and len(tail) < 3 and tail.isdecimal():
            return float(f"{word}.{tail}"), at + 3  # 2.5 hours
        return float(word), at + 1
    number = NUMBERS.get(word)
    if number is None:
        return None, at
    following = words[at + 1] if at + 1 < len(words) else ""
    if word in ("a", "an") and following in ("couple", "hundred"):
        number, at = NUMBERS[following], at + 1
        following = words[at + 1] if at + 1 < len(words) else ""
    if following == "hundred" and number < 10:
        return number * 100, at + 2
    if following == "of":
        return number, at + 2
    if number >= 20 and following in _TEENS[1:10]:
        return number + NUMBERS[following], at + 2
    return number, at + 1


_FIRST_YEAR, _LAST_YEAR = 1_000, 2_100
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
_OR: Final = {
    **dict.fromkeys(("less", "under", "shorter", "older", "fewer", "below"), _BELOW),
    **dict.fromkeys(("more", "longer", "newer", "later", "over", "above"), _ABOVE),
}
_AFTER: Final = {
    **dict.fromkeys(("at most", "max", "maximum", "tops"), _BELOW),
    **dict.fromkeys(("at least", "minimum", "and up", "upwards"), _ABOVE),
}
_OF_AMOUNTS: Final = frozenset(
    (
        *("under", "below", "over", "above", "max", "maximum", "minimum", "less than", "fewer than", "up to"),
        *("at most", "at least", "more than", "no more than", "not more than", "cheaper than"),
    )
)
"""Limits behind which a number may stand alone: "under 90", but not "after 9"."""
_EACH: Final = frozenset(("day", "night", "week", "month", "person", "head", "piece"))
_BESIDE_BARE: Final = FILLERS - {"of"} | MARKS | {"", "but", "per", "each", "altogether", "total"}
"""What may follow a number that stands alone."""
_RANGE_WORDS: Final = frozenset(("and", "to", "till", "until", "through", DASH))


_YEARS_OF: Final = {"year": 1, "years": 1, "yrs": 1, "decade": 10, "decades": 10}


class Span(NamedTuple):
    """A stretch of a numeric facet: ``low <= x < high``, read from words up to ``end``."""

    facet: int
    low: float
    high: float
    end: int


class Quantities:
    """Reads numbers with a meaning for the numeric facets of a catalogue.

    Args:
        catalog: The catalogue. A numeric facet without a unit counts as years when its inner bin edges are
            between the years 1000 and 2100; other facets are read with their declared unit.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._edges: dict[int, tuple[float, ...]] = {}
        self._first: dict[int, int] = {}
        self._years = -1
        self._newest = float(max(catalog.years, default=0))
        self._sides: dict[tuple[int, str], int] = {}
        limits: dict[str, int] = {}
        measured = []
        for f, facet in enumerate(catalog.facets):
            if not facet.numeric:
                continue
            self._edges[f], self._first[f] = facet.bins, catalog.facet_slices[f].start
            if self._years < 0 and in_years(facet):
                self._years = f
            if facet.unit or facet.unit_words:
                measured.append((f, facet))
            for declared, side in ((facet.more, _ABOVE), (facet.less, _BELOW)):
                word = " ".join(surface(declared))
                for words, means in (
                    (f"{word} than", side),
                    (f"no {word} than", -side),
                    (f"not {word} than", -side),
                ):
                    if word:
                        self._sides[f, words] = means
                        limits.setdefault(words, means)
        self._units = Units(measured)
        self._bare_facets = frozenset(f for f, _ in measured)
        self._usual = self._units.money if self._units.money >= 0 or len(measured) != 1 else measured[0][0]
        self._limits = {**limits, **_LIMITS}
        self._longest = max(map(len, map(str.split, self._limits)))
        self._starters = frozenset(
            {*NUMBERS, *DECADES, *_THIRDS, "between", *(words.split()[0] for words in self._limits)}
        )

    def spell(self, text: str) -> str:
        """See :meth:`.Units.spell`: ``"$50"`` -> ``"50 dollars"``."""
        return self._units.spell(text)

    def match(self, words: list[str], start: int) -> tuple[BinValues, int]:
        """The values that a quantity at ``start`` stands for, and its end; ``((), start)`` for none."""
        recent = self._recent(words, start)
        if recent:
            return self._open(self._years, self._newest - recent[0], _ABOVE), recent[1]
        word, exclaimed = words[start], words[max(start - 1, 0) : start + 1] == ["what", "a"]
        if exclaimed or not self._edges or not (word in self._starters or word[0].isdigit()):
            return BinValues(), start
        side, at = self._limit(words, start)
        if word == "between":
            at = start + 1
        span = self._span(words, at)
        if span is None:
            return self._bare(words, start, at, side)
        facet, low, high, end = span
        side = self._sides.get((facet, " ".join(words[start:at])), side)
        if side == 0 and end < len(words) and words[end] in _RANGE_WORDS:
            other = self._span(words, end + 1)
            if other is not None and other.facet == facet and other.high > low:
                return self._inside(facet, low, other.high), other.end
        if word == "from" and words[end : end + 1] in (["on"], ["onwards"], ["onward"]):
            return self._open(facet, low, _ABOVE), min(end + 1, len(words))
        beyond, after = self._beyond(words, end, facet)
        if beyond:
            return self._open(facet, low if beyond > 0 else high, beyond), after
        if side == 0:
            return self._inside(facet, low, high), end
        from_end = high - low >= 1.5 or (facet == self._years and words[start:at] == ["after"])
        return self._open(facet, high if side > 0 and from_end else low, side), end

    def _bare(self, words: list[str], start: int, at: int, side: int) -> tuple[BinValues, int]:
        """A limit on a number without a unit, of money or of all that is measured: "under 90 a day", "50 max"."""
        said = " ".join(words[start:at])
        facet = next((f for f, than in self._sides if than == said and f in self._bare_facets), self._usual)
        if facet < 0 or at >= len(words) or not words[at].isdecimal():
            return BinValues(), start
        number, end = parse_number(words, at)
        inner = [edge for edge in self._edges[facet] if math.isfinite(edge)]
        if number is None or not max(inner[0] / 2, inner[-1] / 20) <= number <= 4 * inner[-1]:
            return BinValues(), start
        if side == 0:
            side, end = self._beyond(words, end, facet)
        elif said not in _OF_AMOUNTS and (facet, said) not in self._sides:
            side = 0
        if words[end : end + 1] and words[end] in PER and token_at(words, end + 1) in _EACH:
            end += 2
        if side == 0 or token_at(words, end) not in _BESIDE_BARE:
            return BinValues(), start
        return self._open(facet, number, side), end

    def _recent(self, words: list[str], at: int) -> tuple[float, int] | None:
        """How many years back "(from) the last ten years" reaches, and its end."""
        while at < len(words) - 1 and words[at] in ("from", "in", "within", "of", "the"):
            at += 1
        if self._years < 0 or words[at] not in ("last", "past") or at + 1 >= len(words):
            return None
        number, end = parse_number(words, at + 1)
        span = _YEARS_OF.get(words[end]) if end < len(words) else None
        return None if span is None else (span * (1.0 if number is None else number), end + 1)

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
            decade, end = parse_decade(words, at)
            if decade:
                low, high = (10 * share for share in third or (0.0, 1.0))
                return Span(self._years, decade + low, decade + high, end)
            if len(word) == 4 and word.isdecimal() and _FIRST_YEAR <= int(word) <= _LAST_YEAR:
                edges = [edge for edge in self._edges[self._years] if math.isfinite(edge)]
                amount = self._amount(words, at)[0] if self._units else None
                if amount is not None and not edges[0] - 10 <= int(word) < edges[-1] + 10:
                    return amount  # "1500 dollars"
                return Span(self._years, float(word), float(word) + 1, at + 1)
        return self._amount(words, at)[0] if self._units else None

    def _limit(self, words: list[str], start: int) -> tuple[int, int]:
        for size in range(min(self._longest, len(words) - start), 0, -1):
            side = self._limits.get(" ".join(words[start : start + size]))
            if side is not None:
                return side, start + size
        return 0, start

    def _beyond(self, words: list[str], at: int, facet: int) -> tuple[int, int]:
        """Which way an amount is open by the words after it ("or less", "at most"), and their end."""
        if at < len(words) and words[at] == "or":
            for size in (2, 1):
                said = " ".join(words[at + 1 : at + 1 + size])
                side = self._sides.get((facet, f"{said} than")) or _OR.get(said, 0)
                if side:
                    return side, min(at + 1 + size, len(words))
        for size in (2, 1):
            side = _AFTER.get(" ".join(words[at : at + size]), 0)
            if side:
                return side, min(at + size, len(words))
        return 0, at

    def _amount(self, words: list[str], at: int) -> tuple[Span | None, float]:
        """``two and a half hours``, ``an hour and a half``, ``60 to 100 euros``; and the scale of the unit."""
        first = words[at]
        number, at = parse_number(words, at)
        if number is None or at >= len(words):
            return None, 0.0
        if words[at] in _RANGE_WORDS and at + 1 < len(words) and first not in ("a", "an", "half"):
            last, scale = self._amount(words, at + 1)
            if last is not None and number * scale < last.low:
                return Span(last.facet, number * scale, last.high, last.end), scale
        if number == 0.5 and words[at] in ("a", "an"):
            at += 1
        if words[at : at + 3] == ["and", "a", "half"]:
            number, at = number + 0.5, at + 3
        if words[at : at + 1] == [DASH]:
            at += 1
        unit, at = self._units.match(words, at)
        if unit is None or words[at : at + 1] == ["ago"]:
            return None, 0.0
        facet, scale, _ = unit
        if words[at : at + 3] == ["and", "a", "half"]:
            number, at = number + 0.5, at + 3
        return Span(facet, number * scale, number * scale + min(scale, 1.0), at), scale

    def _inside(self, facet: int, low: float, high: float) -> BinValues:
        values = (self._first[facet] + j for j in bins_inside(self._edges[facet], low, high))
        return BinValues(values, low, high)

    def _open(self, facet: int, edge: float, side: int) -> BinValues:
        values = (self._first[facet] + j for j in bins_beyond(self._edges[facet], edge, side))
        low, high = (-math.inf, edge) if side < 0 else (edge, math.inf)
        return BinValues(values, low, high)


def in_years(facet: Facet) -> bool:
    """Whether a numeric facet counts years: it has no unit, and its inner edges are between 1000 and 2100."""
    inner = [edge for edge in facet.bins if math.isfinite(edge)]
    return bool(inner) and not facet.unit and all(_FIRST_YEAR <= edge <= _LAST_YEAR + 1 for edge in inner)

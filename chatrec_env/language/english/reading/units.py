"""Units in words: what "hours", "a night" or "bucks" come to in the unit of a facet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from chatrec_env.language.english.reading.tokens import surface
from chatrec_env.language.english.word_forms import plural

if TYPE_CHECKING:
    from chatrec_env.catalog import Facet

_SAME: Final[tuple[dict[str, float], ...]] = (
    # What may be said for each other, in units of the first: words, and how many of the first one is.
    {"minute": 1, "min": 1, "hour": 60, "hr": 60},  # without seconds: "give me 30 seconds" is no length
    {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600},
    {"day": 1, "week": 7, "month": 30},
    {"meter": 1, "metre": 1, "m": 1, "kilometer": 1000, "kilometre": 1000, "km": 1000, "mile": 1609},
    {"gram": 1, "gramme": 1, "g": 1, "kilogram": 1000, "kilo": 1000, "kg": 1000, "pound": 454, "lb": 454},
    {"euro": 1, "eur": 1, "cent": 0.01},
    {"dollar": 1, "usd": 1, "buck": 1, "cent": 0.01},
    {"pound": 1, "gbp": 1, "quid": 1, "pence": 0.01},
)
_AS_THEY_ARE: Final = frozenset(("km", "kg", "m", "g", "eur", "usd", "gbp", "quid", "pence"))
_MONEY: Final = {"€": "euros", "$": "dollars", "£": "pounds"}
_COINS: Final = ("euro", "dollar", "pound", "buck")
_MONEY_BEFORE: Final = re.compile(r"([€$£])\s?(\d+(?:[.,]\d+)*)(?:\s?(k)\b)?", re.IGNORECASE)
_MONEY_AFTER: Final = re.compile(r"(\d+(?:[.,]\d+)*)\s?[€$£]")
_CLOCK: Final = re.compile(r"\b(\d)\s?h(?:rs?)?\s?(\d\d)(?:\s?m(?:ins?)?)?\b", re.IGNORECASE)
_JOINED_UNITS: Final = {
    **dict.fromkeys(("h", "hr", "hrs"), "hours"),
    **dict.fromkeys(("min", "mins"), "minutes"),
    **dict.fromkeys(("pp", "pgs", "pages"), "pages"),
    **{"yo": "years old", "kg": "kg", "km": "km", "eur": "euros", "usd": "dollars", "d": "days"},
}
_JOINED: Final = re.compile(rf"\b(\d+)({'|'.join(_JOINED_UNITS)})\b", re.IGNORECASE)
PER: Final = frozenset(("a", "an", "per", "each", "every"))


class Unit(NamedTuple):
    """What a word says of an amount."""

    facet: int  # the numeric facet it is an amount of
    scale: float  # how many units of the facet it is
    per: str  # what it is for each of ("night" in "euros per night"), or an empty text


class Units:
    """The words for amounts of the numeric facets of a catalogue.

    Attributes:
        money: The facet that is money, -1 for none.
    """

    def __init__(self, facets: Sequence[tuple[int, Facet]]) -> None:
        self._words: dict[tuple[str, ...], list[Unit]] = {}
        self._money, self.money = "", -1
        for f, facet in facets:
            name, per = _parted(facet.unit)
            for words, scale in _words_of(facet, name):
                self._words.setdefault(words, []).append(Unit(f, scale, per))
            # A declared coin makes other money, or money of no name, money: "dollars" beside "riyals".
            declared = next((word for word in facet.unit_words if _one(word) in _COINS), "")
            known = any(_is_money(sign, name) for sign in _MONEY)
            if not self._money and (known or declared):
                self._money, self.money = " ".join(name) or declared, f
                for coin in _COINS:  # before a weight in pounds
                    for word in (coin, plural(coin)):
                        self._words.setdefault((word,), []).insert(0, Unit(f, 1.0, per))
        self._longest = max(map(len, self._words), default=0)

    def __bool__(self) -> bool:
        return bool(self._words)

    def spell(self, text: str) -> str:
        """Amounts as they are spoken: ``"1h30"`` -> ``"90 minutes"``, ``"$1,200"`` -> ``"1200 dollars"``.

        Whatever the sign or the word, the money of the catalogue is meant: people use what they are used to.
        """
        text = _CLOCK.sub(lambda m: f"{60 * int(m[1]) + int(m[2])} minutes", text)
        text = _JOINED.sub(lambda m: f"{m[1]} {_JOINED_UNITS[m[2].lower()]}", text)
        if not self._money:
            return text
        text = _MONEY_AFTER.sub(lambda m: f"{m[1]} {self._money}", text)
        return _MONEY_BEFORE.sub(
            lambda m: f"{m[2].replace(',', '')}{'000' if m[3] else ''} {self._money}", text
        )

    def match(self, words: Sequence[str], at: int) -> tuple[Unit | None, int]:
        """The unit named at ``at`` and its end; a unit "per night" is preferred where "a night" follows."""
        for size in range(min(self._longest, len(words) - at), 0, -1):
            units = self._words.get(tuple(words[at : at + size]))
            if units is None:
                continue
            end = at + size
            after = end + (end < len(words) and words[end] in PER)
            said = words[after] if after < len(words) else ""
            for unit in units:
                if unit.per and said in (unit.per, unit.per + "s", unit.per + "ly"):
                    return unit, after + 1
            plain = [unit for unit in units if not unit.per]
            return (plain or units)[0], end
        return None, at


def _parted(unit: str) -> tuple[tuple[str, ...], str]:
    """``"hours per week"`` -> ``("hours",)`` and ``"week"``."""
    words = surface("".join(_MONEY.get(char, char) for char in unit).replace("/", " per "))
    at = next((i for i, word in enumerate(words) if i and word in PER), len(words))
    return words[:at], " ".join(words[at + 1 : at + 2])


def _words_of(facet: Facet, name: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
    """The words for the unit called ``name``, with how many units one is; declared words first."""
    for text, scale in facet.unit_words.items():
        yield surface(text), scale
    if not name:
        return
    yield name, 1.0
    one = (*name[:-1], _one(name[-1]))
    yield one, 1.0
    group = next((group for group in _SAME if len(one) == 1 and one[0] in group and _fits(group, name)), {})
    for word, size in group.items():
        scale = size / group[one[0]]
        yield (word,), scale
        if word not in _AS_THEY_ARE:
            yield (plural(word),), scale


def _one(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word


def _fits(group: Mapping[str, float], name: tuple[str, ...]) -> bool:
    """Whether a word with two meanings is meant by this group: "pounds" as a unit are money."""
    return not ("gram" in group and _one(name[-1]) == "pound")


def _is_money(sign: str, name: tuple[str, ...]) -> bool:
    spoken = _one(_MONEY[sign])
    return any(spoken in group and _one(word) in group for group in _SAME for word in name)

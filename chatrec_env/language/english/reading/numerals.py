"""Numbers and decades in words and digits: "two hundred", "1,200", "2.5", "the 80s"."""

from __future__ import annotations

import re
from typing import Final

from chatrec_env.language.reader.text import COMMA, STOP

_DECADE: Final = re.compile(r"(?:1[0-9]|20)?[0-9]0s")
DECADES: Final = {
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
NUMBERS: Final[dict[str, float]] = {word: float(i) for i, word in enumerate(_TEENS)} | {
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

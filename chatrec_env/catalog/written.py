"""What people and programs write into cells, and what is meant: markup, lists, numbers with signs, words and money."""

from __future__ import annotations

import ast
import html
import json
import math
import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

_BREAKING: Final = (
    "blockquote|br|center|code|dd|div|dl|dt|h[1-6]|hr|img|li|ol|p|pre|table|tbody|td|th|thead|tr|ul"
)
_INLINE: Final = "a|abbr|b|big|em|font|i|small|span|strong|sub|sup|u"
_HIDDEN: Final = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAKS: Final = re.compile(rf"</?(?:{_BREAKING})\b[^<>]*>", re.IGNORECASE)
_TAGS: Final = re.compile(rf"</?(?:{_INLINE})\b[^<>]*>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)

_ARRAY: Final = re.compile(r"""\[\s*(?:'[^']*'|"[^"]*")(?:\s+(?:'[^']*'|"[^"]*"))+\s*\]""")
_QUOTED: Final = re.compile(r"""'([^']*)'|"([^"]*)\"""")

_SPACES: Final = "\\s'’\u00a0\u202f"
_DIGITS: Final = {
    mark: re.compile(
        rf"\d{{1,3}}(?:[{_SPACES}{group}]\d{{3}})+(?:{mark}\d+)?"  # 1,200.50
        rf"|\d{{1,2}}(?:{group}\d{{2}})+{group}\d{{3}}(?:{mark}\d+)?"  # 1,20,000.50, as in India
        rf"|\d+(?:{mark}\d+)?|{mark}\d+"
    )
    for mark, group in ((r"\.", ","), (",", r"\."))
}
_AMOUNT: Final = re.compile(rf"([-+−]?)(\D*?)([-+−]?)\s*([.,]?\d(?:[\d.,{_SPACES}]*\d)?)(\D*)")
_TIMES: Final = {
    **dict.fromkeys(("k", "K", "thousand"), 1e3),
    **dict.fromkeys(("M", "mn", "mio", "million"), 1e6),
    **dict.fromkeys(("bn", "B", "billion"), 1e9),
}
_AFTER: Final = re.compile(r"\s*(?:(k|K|M|B|mn|mio|bn|thousand|million|billion)(?![^\W\d_]))?\s*(.*)")
_PER: Final = re.compile(r"^(.*?)\s*(?:/|\b(?:per|a|an|each|pro|par|por)\b)\s*(.+)$", re.IGNORECASE)
_LASTING: Final = re.compile(r"(\d+)\s*(?:h|hrs?|hours?)\s*(\d{1,2})\s*(?:m|mins?|minutes?)?", re.IGNORECASE)
_ABOUT: Final = frozenset(("about", "approx", "approx.", "ca", "ca.", "c.", "circa", "from", "~", "≈"))

_CURRENCIES: Final[dict[str, str]] = {
    word: name
    for name, words in {
        "euros": "€ eur euro euros",
        "dollars": "$ usd us$ dollar dollars aud cad nzd sgd hkd a$ c$ au$ ca$ nz$ hk$ s$",
        "pounds": "£ gbp pound pounds",
        "riyals": "sar riyal riyals ﷼ ر.س qar",
        "dirhams": "aed dirham dirhams mad",
        "yen": "¥ jpy yen 円",
        "yuan": "cny rmb yuan 元",
        "rupees": "₹ inr rs rs. rupee rupees pkr",
        "won": "₩ krw won",
        "rubles": "₽ rub ruble rubles rouble roubles",
        "francs": "chf franc francs sfr",
        "kronor": "sek krona kronor",
        "kroner": "nok dkk krone kroner",
        "crowns": "kr kr. kč czk",
        "zloty": "zł pln zloty",
        "forints": "ft huf forint forints",
        "lira": "₺ try tl lira",
        "reais": "r$ brl real reais",
        "pesos": "mxn ars clp cop peso pesos ₱ php",
        "rand": "zar rand",
        "shekels": "₪ ils shekel shekels",
        "baht": "฿ thb baht",
        "dong": "₫ vnd dong",
        "hryvnias": "₴ uah hryvnia hryvnias",
        "naira": "₦ ngn naira",
    }.items()
    for word in words.split()
}
"""Names of money in the plural, by sign, code or word in small letters."""


def plain_text(cell: str) -> str:
    """Text without the tags of HTML, and with its entities as the signs they stand for."""
    if "<" in cell:
        cell = _TAGS.sub("", _BREAKS.sub(" ", _HIDDEN.sub(" ", cell)))
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), cell) if "&" in cell else cell


def listed(cell: str) -> tuple[str, ...] | None:
    """The parts of a cell that is a list as Python, NumPy, JSON or PostgreSQL write it; None for any other."""
    if len(cell) < 2 or (cell[0], cell[-1]) not in (("[", "]"), ("{", "}")):
        return None
    if _ARRAY.fullmatch(cell):
        return _texts([one or other for one, other in _QUOTED.findall(cell)])
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(cell)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
        return _texts(sorted(found) if isinstance(found, (set, frozenset)) else found)
    return _texts([part.strip().strip("'\"") for part in cell[1:-1].split(",")])


def _texts(found: Any) -> tuple[str, ...] | None:
    if not isinstance(found, (list, tuple)):
        return None
    named = [part.get("name") if isinstance(part, dict) else part for part in found]
    if not all(part is None or isinstance(part, (str, int, float)) for part in named):
        return None
    return tuple(text for part in named if part is not None and (text := " ".join(str(part).split())))


def split_cell(cell: str, separator: str) -> list[str]:
    """The values of a cell: those of a list, or what stands between separators; empty ones included."""
    parts = listed(cell)
    return list(parts) if parts is not None else [part.strip() for part in cell.split(separator)]


def currency(word: str) -> str:
    """The money a sign, a code or a word stands for, in the plural; empty for anything else.

    >>> currency("SAR")
    'riyals'
    """
    word = word.strip()
    return _CURRENCIES.get(word.lower(), "") or (word if word in _currency_codes() else "")


def words_of_currency(name: str) -> tuple[str, ...]:
    """What else people write for a money: "sar" and "riyal" for "riyals"."""
    return tuple(
        word
        for word, money in _CURRENCIES.items()
        if money == name != word and word.isascii() and word.isalpha()
    )


@lru_cache(maxsize=1)
def _currency_codes() -> frozenset[str]:
    from price_parser.parser import CURRENCY_CODES  # type: ignore[attr-defined]  # not in its __all__

    return frozenset(CURRENCY_CODES)


class Amount(NamedTuple):
    """A number as it is written."""

    number: float
    unit: str  # what it is counted in, "" where that is not written: "euros", "pounds per bottle", "%"


@lru_cache(maxsize=4096)
def amount_of(cell: str, decimal: str = ".") -> Amount | None:
    """The one number a cell holds, with the words around it; None if it holds none, several, or other text before.

    ``"1,200"`` and ``"480k"`` are numbers, ``"£9.99 per bottle"`` is one of pounds per bottle,
    ``"1h 30m"`` one of minutes. What stands after a number is taken for its unit: the caller says which are known.

    Args:
        cell: The text.
        decimal: What stands before the decimals, ``"."`` or ``","``; the other may part thousands.
    """
    if decimal == "." and (number := _plain(cell)) is not None:
        return Amount(number, "")
    if lasting := _LASTING.fullmatch(cell.strip()):
        return Amount(60 * float(lasting[1]) + float(lasting[2]), "minutes")
    whole = _AMOUNT.fullmatch(cell.strip())
    if whole is None:
        return None
    sign, before, inner, digits, after = whole.groups()
    mark = _DIGITS[r"\." if decimal == "." else ","]
    if not mark.fullmatch(digits):
        return None
    digits = re.sub(f"[{_SPACES}{',' if decimal == '.' else '.'}]", "", digits).replace(decimal, ".")
    before = before.strip()
    money = currency(before)
    if before and not money and before.lower() not in _ABOUT:
        return None
    times, rest = _AFTER.fullmatch(after).groups()  # type: ignore[union-attr]  # fits any text without digits
    if times is None and money and after.strip()[:1] == "m":
        times, rest = "M", after.strip()[1:].strip()
    number = float(digits) * _TIMES.get(times or "", 1.0)
    number = -number if (sign or inner) in ("-", "−") else number
    rest = rest.strip().removeprefix("+").removesuffix("/-").removesuffix("/=").removesuffix(".").strip()
    parted = _PER.fullmatch(rest)
    head, per = (parted[1].strip(), f" per {parted[2].strip()}") if parted else (rest, "")
    if money and head:
        return None
    return Amount(number, f"{money or currency(head) or head}{per}".strip())


def _plain(cell: str) -> float | None:
    # float() also takes "nan", "inf" and "1_000": none of them is how a table writes a number.
    try:
        number = math.nan if "_" in cell else float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

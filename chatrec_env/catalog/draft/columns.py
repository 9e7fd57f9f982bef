"""Columns of a table without a declaration: what their names and cells look like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from chatrec_env.catalog.cells import unit_of
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.written import Amount, amount_of, currency, listed, split_cell

SEPARATORS: Final = (SEPARATOR, ";", ",", "/")
MOST_VALUES: Final = 80  # of a facet
MOSTLY: Final = 0.8  # share of its cells from which a column is of a kind, if with mistakes
WORDS: Final = re.compile(r"[^\W\d_]+|\d+")
MISSING: Final = frozenset(("nan", "n/a", "na", "null", "nil", "-", "--", "?", "unknown", "#n/a", "<na>"))
"""What people write into a cell that should be empty."""

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE: Final = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:19|20)\d{2}[01]\d[0-3]\d"
    r"|(?:\d{1,2}\.? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?:\d{1,2},? )?\d{4})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_SCALE: Final = re.compile(r"(?<=\S)\s*[(\[]\s*\d+\s*(?:[-–—]|to)\s*\d+\s*[)\]]\s*$")
_OUT_OF: Final = re.compile(r"\d+(?:[.,]\d+)?\s*(?:/|out of|of)\s*(5|10|20|100)", re.IGNORECASE)
_LINK: Final = re.compile(
    r"(?:https?://|www\.)\S+|[^@\s]+@[^@\s]+\.\w+|\S+\.(?:jpe?g|png|gif|webp|svg)", re.I
)
_CENTS: Final = re.compile(r",\d\d(?!\d)")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_CODE: Final = re.compile(r"(?=\S*\d)[\w.:/#+-]+")


@dataclass(slots=True)
class Column:
    """One column."""

    name: str  # its heading
    cells: list[str]  # its cells, top to bottom
    decimal: str = "."  # what stands before the decimals of its numbers
    filled: list[str] = field(init=False)  # those that are not empty
    amounts: list[Amount] = field(init=False)  # the numbers among them
    unit: str = field(init=False)  # what they are counted in, where cells say; "" where they differ

    def __post_init__(self) -> None:
        self.filled = [cell for cell in self.cells if cell and cell.lower() not in MISSING]
        self.amounts = [found for cell in self.filled if (found := amount_of(cell, self.decimal))]
        said = {found.unit for found in self.amounts if found.unit}
        self.unit = said.pop() if len(said) == 1 else ""

    @property
    def numbers(self) -> list[float]:
        """The numbers among the filled cells."""
        return [found.number for found in self.amounts]

    @property
    def units(self) -> list[str]:
        """The different words that stand beside its numbers, the most frequent first."""
        return [unit for unit, _ in Counter(found.unit for found in self.amounts if found.unit).most_common()]

    @property
    def words(self) -> list[str]:
        """The words and numbers of the heading, in small letters; not the scale of "smell (0-10)"."""
        return WORDS.findall(_SCALE.sub("", _CAMEL.sub(" ", self.name)).lower())

    @property
    def plain(self) -> str:
        """The heading in plain words."""
        return " ".join(self.words) or "column"

    @property
    def numeric(self) -> bool:
        """Whether every filled cell is a number, counted in one thing."""
        same = not self.units or self.unit or len({unit_of(unit) or unit for unit in self.units}) == 1
        return bool(self.filled) and len(self.amounts) == len(self.filled) and bool(same)

    @property
    def mostly_numbers(self) -> bool:
        """Whether it is a column of numbers, if with a few mistakes; of prices, where half of it is money."""
        priced = any(currency(unit.partition(" ")[0]) for unit in self.units)
        return bool(self.filled) and len(self.amounts) >= (0.5 if priced else MOSTLY) * len(self.filled)

    @property
    def distinct(self) -> int:
        """Number of different filled cells."""
        return len(set(self.filled))

    @property
    def dated(self) -> bool:
        """Whether its cells are dates."""
        return self._mostly(_DATE)

    @property
    def out_of(self) -> str:
        """The number that its numbers are out of: "10" of "8.3/10"; empty where they are of none, or of several."""
        found = [_OUT_OF.fullmatch(cell) for cell in self.filled]
        most = {whole[1] for whole in found if whole}
        return most.pop() if len(most) == 1 and all(found) else ""

    @property
    def linked(self) -> bool:
        """Whether its cells are addresses, or names of pictures."""
        return self._mostly(_LINK)

    @property
    def coded(self) -> bool:
        """Whether its cells are codes: one word each, with digits in it."""
        return self._mostly(_CODE)

    @property
    def counts_rows(self) -> bool:
        """Whether its cells number the rows."""
        numbers = self.numbers
        first = numbers[0] if numbers else 2.0
        return first in (0, 1) and numbers == [first + i for i in range(len(self.cells))]

    @property
    def width(self) -> float:
        """Mean length of its filled cells."""
        return sum(map(len, self.filled)) / max(len(self.filled), 1)

    def _mostly(self, form: re.Pattern[str]) -> bool:
        return bool(self.filled) and sum(
            form.fullmatch(cell) is not None for cell in self.filled
        ) >= MOSTLY * len(self.filled)

    def parts(self, separator: str) -> Counter[str]:
        """How often each value occurs when cells are split."""
        return Counter(
            part for cell in self.filled for part in dict.fromkeys(split_cell(cell, separator)) if part
        )

    def is_multi(self, separator: str) -> bool:
        """Whether cells hold several values: enough cells have the separator, and the parts recur."""
        several = [
            cell
            for cell in self.filled
            if listed(cell) or separator in (_THOUSANDS.sub("", cell) if separator == "," else cell)
        ]
        if len(several) < max(2, 0.05 * len(self.filled)):
            return False
        parts = self.parts(separator)
        return 1 < len(parts) <= MOST_VALUES and sum(n > 1 for n in parts.values()) >= 0.5 * len(parts)

    def separator(self) -> str:
        """What stands between several values of a cell: the first that yields parts that recur; "" where none does."""
        return next((between for between in SEPARATORS if self.is_multi(between)), "")

    def separator_of_names(self) -> str:
        """What stands between names: ``"Lee, Ann"`` is one name, ``"Ann Lee, Bo Ray"`` are two."""
        for between in SEPARATORS[:3]:
            several = [cell.split(between) for cell in self.filled if between in cell and not listed(cell)]
            whole = sum(" " in part.strip() for cell in several for part in cell)
            if several and (between != "," or whole > 0.6 * sum(map(len, several))):
                return between
        return ""


def columns_of(names: Sequence[str], cells: Iterable[list[str]]) -> tuple[list[Column], str]:
    """The columns of a table, each with its own decimal sign, and that of most numbers."""
    table = list(zip(names, cells, strict=True))
    read = {mark: [Column(name, column, mark) for name, column in table] for mark in (".", ",")}
    counts = {
        mark: sum(len(c.amounts) for c in columns if c.mostly_numbers) for mark, columns in read.items()
    }
    usual, other = (",", ".") if counts[","] > counts["."] else (".", ",")
    return [_better(*both) for both in zip(read[usual], read[other], strict=True)], usual


def _better(usual: Column, other: Column) -> Column:
    """A column with the decimal sign of its table, or with the other one where that alone makes numbers of it.

    Commas may stand between the values of a list: they are decimal signs where two digits follow each.
    """
    commas = [cell for cell in other.filled if "," in cell]
    cents = other.decimal == "." or all(_CENTS.search(cell) for cell in commas)
    return other if other.numeric and len(usual.amounts) < len(usual.filled) and cents else usual

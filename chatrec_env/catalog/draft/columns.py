"""Columns of a table without a declaration: what their names and cells look like."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from chatrec_env.catalog.facets import SEPARATOR

SEPARATORS: Final = (SEPARATOR, ";", ",", "/")
MOST_VALUES: Final = 80  # of a facet
WORDS: Final = re.compile(r"[a-z]+")
MISSING: Final = frozenset(("nan", "n/a", "na", "null", "nil", "-", "--", "?", "unknown", "#n/a"))
"""What people write into a cell that should be empty."""


@dataclass(slots=True)
class Column:
    """One column."""

    name: str  # its heading
    cells: list[str]  # its cells, top to bottom
    filled: list[str] = field(init=False)  # those that are not empty
    numbers: list[float] = field(init=False)  # the numbers among them

    def __post_init__(self) -> None:
        self.filled = [cell for cell in self.cells if cell]
        self.numbers = [number for number in map(number_of, self.filled) if math.isfinite(number)]

    @property
    def words(self) -> list[str]:
        """The words of the heading, in small letters."""
        return WORDS.findall(self.name.lower())

    @property
    def plain(self) -> str:
        """The heading in plain words."""
        return " ".join(self.words) or self.name.strip().lower()

    @property
    def numeric(self) -> bool:
        """Whether every filled cell is a number."""
        return bool(self.filled) and len(self.numbers) == len(self.filled)

    @property
    def distinct(self) -> int:
        """Number of different filled cells."""
        return len(set(self.filled))

    def parts(self, separator: str) -> Counter[str]:
        """How often each value occurs when cells are split."""
        counts: Counter[str] = Counter()
        for cell in self.filled:
            # "N/A" is not an N and an A.
            parts = [cell] if cell.lower() in MISSING else map(str.strip, cell.split(separator))
            counts.update(part for part in parts if part)
        return counts

    def is_multi(self, separator: str) -> bool:
        """Whether cells hold several values: enough cells have the separator, and the parts recur."""
        several = [cell for cell in self.filled if separator in cell and cell.lower() not in MISSING]
        if len(several) < max(2, 0.05 * len(self.filled)):
            return False
        parts = self.parts(separator)
        return len(parts) <= MOST_VALUES and sum(n > 1 for n in parts.values()) >= 0.5 * len(parts)


def find_separator(columns: Sequence[Column]) -> str:
    """What stands between several values of a cell: the first of ``SEPARATORS`` that yields parts that recur."""
    for separator in SEPARATORS:
        if any(not column.numeric and column.is_multi(separator) for column in columns):
            return separator
    return SEPARATOR


def number_of(cell: str) -> float:
    """The number a cell holds, NaN if it holds none."""
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan

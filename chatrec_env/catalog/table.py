"""A raw table of text cells that remembers where each row stood."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from chatrec_env.errors import MismatchError

# Overrides and isolates of the writing direction.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Text cells of a catalogue table."""

    source: str  # what errors call it: a file path or `"DataFrame"`
    columns: tuple[str, ...]  # column names
    rows: tuple[tuple[str, ...], ...]  # one tuple of stripped text cells per row, as long as `columns`
    lines: tuple[int, ...]  # where each row stands in the source: its first line, or its row number
    unit: str = "line"  # what `lines` counts: `"line"` or `"row"`

    def fail(self, row: int, column: str, expected: str, came: str) -> NoReturn:
        """Raises the one error of a bad cell."""
        raise MismatchError(self.source, expected, came, self.lines[row], column, self.unit)

    def cell(self, row: int, column: str) -> str:
        """One cell."""
        return self.rows[row][self.columns.index(column)]

    def cells(self, column: str) -> list[str]:
        """The cells of one column, top to bottom."""
        index = self.columns.index(column)
        return [row[index] for row in self.rows]

    def require(self, columns: Sequence[str]) -> None:
        """Checks that the columns exist and that there is at least one row.

        Raises:
            CatalogError: A column is missing, or the table is empty.
        """
        for column in columns:
            if column not in self.columns:
                near = difflib.get_close_matches(column, self.columns, n=1)
                hint = f" (is {near[0]!r} meant? rename it)" if near else ""
                came = f"the columns {', '.join(self.columns)}{hint}"
                header = int(self.unit == "line")  # the first line of a file, no row of a DataFrame
                raise MismatchError(self.source, "this column, as declared", came, header, column)
        if not self.rows:
            raise MismatchError(self.source, "at least one row of items", "none")


def make_table(
    source: str, columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], unit: str
) -> Table:
    """Builds a table from ``(line, cells)`` pairs; white space is trimmed and line breaks become spaces.

    Raises:
        CatalogError: A row has more or fewer cells than there are columns, a cell holds control
            characters, or a column name stands twice.
    """
    columns = tuple(columns)
    for column in columns:
        if columns.count(column) > 1 and not column:
            came = f"{columns.count('')} without one; take them out"
            raise MismatchError(source, "a name for every column", came)
        if columns.count(column) > 1:
            raise MismatchError(source, "each column name once", "it twice", column=column)
    kept: list[tuple[str, ...]] = []
    lines: list[int] = []
    for line, cells in rows:
        if len(cells) != len(columns):
            last = columns[min(len(cells), len(columns)) - 1]
            came = f"{len(cells)}; a cell that holds the separator must be quoted"
            raise MismatchError(source, f"{len(columns)} cells", came, line, last, unit)
        row = tuple(clean(cell) for cell in cells)
        for column, cell in zip(columns, row, strict=True):
            bad = "" if cell.isprintable() else next(filter(_is_harmful, cell), "")
            if bad:
                raise MismatchError(source, "text without control characters", repr(bad), line, column, unit)
        kept.append(row)
        lines.append(line)
    return Table(source=source, columns=columns, rows=tuple(kept), lines=tuple(lines), unit=unit)


def clean(cell: str) -> str:
    """Outer and repeated white space removed, line breaks included."""
    return " ".join(cell.split())


def _is_harmful(char: str) -> bool:
    """Characters that can rewrite what a terminal shows, and lone surrogates, which cannot be written."""
    return unicodedata.category(char) in ("Cc", "Cs") or char in _DIRECTION

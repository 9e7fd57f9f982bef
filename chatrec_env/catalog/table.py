"""A raw table of text cells that remembers where each row stood, and how CSV files are read into one."""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from chatrec_env.catalog.checks import reason
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


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of each row of a UTF-8 CSV file, header included; blank lines are skipped.

    Raises:
        CatalogError: The file is missing, empty, not UTF-8 or not CSV, or its cells are not told apart by commas.
    """
    line, empty = 1, True
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if any(cells):
                    if empty:
                        _check_separator(path, line, cells)
                    empty = False
                    yield line, cells
                line = reader.line_num + 1
    except OSError as error:
        raise MismatchError(path, "a readable CSV file", reason(error)) from None
    except UnicodeDecodeError:
        _name_bad_byte(path)
    except csv.Error as error:
        raise MismatchError(path, "well-formed CSV", str(error), line) from None
    if empty:
        raise MismatchError(path, "a header line and rows", "an empty file", 1)


def _check_separator(path: Path, line: int, header: list[str]) -> None:
    """Spreadsheets of many countries save tables with semicolons: say so, not that columns are missing."""
    if header[0].lower().startswith("sep="):
        came = f"{header[0]!r}, a line for spreadsheets; take it out"
        raise MismatchError(path, "the header line", came, line)
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            came = f"{name}; save the table as CSV with commas"
            raise MismatchError(path, "cells with commas between them", came, line)


def read_csv(path: Path) -> Table:
    """Reads a UTF-8 CSV file with a header line.

    Raises:
        CatalogError: The file is missing, empty, not UTF-8, or not a rectangular CSV table.
    """
    rows = csv_rows(path)
    _, header = next(rows)
    return make_table(str(path), [clean(cell) for cell in header], rows, "line")


def _cells(line: str) -> list[str]:
    """The cells of a line; where it is no CSV, the line as the only one."""
    try:
        return next(csv.reader([line]), []) or [line]
    except csv.Error:
        return [line]


def _name_bad_byte(path: Path) -> NoReturn:
    """Finds the first line that is not UTF-8 and the column its first bad byte stands in."""
    header: list[str] = []
    with path.open("rb") as file:
        for line, data in enumerate(file, 1):
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                before = _cells(data[: error.start].decode("utf-8"))
                header = header or _cells(data.decode("utf-8", "replace"))
                column = header[min(max(len(before), 1), len(header)) - 1].strip()
                came = f"byte 0x{data[error.start]:02x}; save the file as UTF-8"
                raise MismatchError(path, "UTF-8 text", came, line, column) from None
            header = header or _cells(text)
    raise MismatchError(path, "UTF-8 text", "a file that changed while it was read")

"""A raw table of text cells that remembers where each row stood, and how CSV files are read into one."""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from chatrec_env.catalog.checks import reason
from chatrec_env.catalog.text_files import TextFormat, open_text, refuse_text, text_format
from chatrec_env.catalog.written import plain_text
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
    notes: tuple[str, ...] = ()  # how the file was read, where that is out of the ordinary

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

    def without(self, lines: Set[int]) -> Table:
        """The table without the rows that begin on these lines."""
        kept = [row for row, line in enumerate(self.lines) if line not in lines]
        rows, at = tuple(self.rows[row] for row in kept), tuple(self.lines[row] for row in kept)
        return replace(self, rows=rows, lines=at)

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
    source: str,
    columns: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    unit: str,
    notes: Sequence[str] = (),
) -> Table:
    """Builds a table from ``(line, cells)`` pairs; cells are cleaned, columns without a name are called by number.

    Raises:
        CatalogError: A row has more or fewer cells than there are columns, a cell holds control
            characters, or a column name stands twice.
    """
    columns = headings(columns)
    for column in columns:
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
    return Table(
        source=source, columns=columns, rows=tuple(kept), lines=tuple(lines), unit=unit, notes=tuple(notes)
    )


def headings(columns: Iterable[str]) -> tuple[str, ...]:
    """The names of columns; one without a name is called by its place: ``"column 1"``."""
    return tuple(clean(column) or f"column {place}" for place, column in enumerate(columns, 1))


def clean(cell: str) -> str:
    """The text of a cell: markup read as text, outer and repeated white space and line breaks removed."""
    cell = " ".join(plain_text(cell).split())
    return "" if cell in ("[]", "{}") else cell


def _is_harmful(char: str) -> bool:
    """Characters that can rewrite what a terminal shows, and lone surrogates, which cannot be written."""
    return unicodedata.category(char) in ("Cc", "Cs") or char in _DIRECTION


def csv_rows(path: Path, form: TextFormat | None = None) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of each row of a text table, header included; blank lines are skipped.

    Args:
        path: The file: any encoding and separator that ``text_format`` finds, packed with gzip or not.
        form: How it is to be read, where that is known already.

    Raises:
        CatalogError: The file is missing, empty, no text or not CSV.
    """
    form = form or text_format(path)
    line, empty = 1, True
    try:
        with open_text(path, form) as file:
            for _ in range(form.skipped):
                file.readline()
            line += form.skipped
            reader = csv.reader(file, strict=True, delimiter=form.separator)
            for cells in reader:
                if any(cells):
                    empty = False
                    yield line, cells
                line = reader.line_num + 1 + form.skipped
    except OSError as error:
        raise MismatchError(path, "a readable CSV file", reason(error)) from None
    except UnicodeDecodeError:
        refuse_text(path, form)
    except csv.Error as error:
        raise MismatchError(path, "well-formed CSV", str(error), line) from None
    if empty:
        raise MismatchError(path, "a header line and rows", "an empty file", 1)


def read_csv(path: Path) -> Table:
    """Reads a text table with a header line.

    Raises:
        CatalogError: The file is missing, empty, no text, or not a rectangular table.
    """
    form = text_format(path)
    rows = csv_rows(path, form)
    _, header = next(rows)
    return make_table(str(path), header, rows, "line", notes=form.told)

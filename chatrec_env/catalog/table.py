"""A raw table of text cells that remembers where each row stood, and cell checks that say so."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from chatrec_env.catalog.facets import SEPARATOR, Facet
from chatrec_env.errors import CatalogError

csv.field_size_limit(1 << 20)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Text cells of a catalogue table.

    Attributes:
        source: What errors call it: a file path or ``"DataFrame"``.
        columns: Column names.
        rows: One tuple of stripped text cells per row, as long as ``columns``.
        lines: Where each row stands in the source: its first line, or its row number.
        unit: What ``lines`` counts: ``"line"`` or ``"row"``.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    unit: str = "line"

    def fail(self, row: int, column: str, expected: str, came: str) -> NoReturn:
        """Raises the one error of a bad cell."""
        raise CatalogError(
            f"{self.source}, {self.unit} {self.lines[row]}, column {column!r}: expected {expected}, got {came}."
        )

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
                header = f"line {1}, " if self.unit == "line" else ""
                raise CatalogError(
                    f"{self.source}, {header}column {column!r}: expected this column, as declared, "
                    f"got the columns {', '.join(self.columns)}{hint}."
                )
        if not self.rows:
            raise CatalogError(f"{self.source}: expected at least one row below the header, got none.")

    def text(self, row: int, column: str, *, optional: bool) -> str:
        """A cell that must be filled unless ``optional``."""
        cell = self.rows[row][self.columns.index(column)]
        if not cell and not optional:
            self.fail(row, column, "a filled cell", "an empty one")
        return cell

    def number(self, row: int, column: str, *, optional: bool, low: float, high: float, whole: bool = False) -> float:
        """A number in ``[low, high]``; NaN for an empty optional cell."""
        cell = self.text(row, column, optional=optional)
        if not cell:
            return math.nan
        expected = f"a {'whole ' if whole else ''}number" + _between(low, high)
        try:
            number = float(cell)
        except ValueError:
            self.fail(row, column, expected, repr(cell))
        # float() also takes "nan", "inf", "1_000": none of them is how a table writes a number.
        if not math.isfinite(number) or "_" in cell or not low <= number <= high or (whole and number % 1):
            self.fail(row, column, expected, repr(cell))
        return number

    def choices(self, row: int, facet: Facet, *, optional: bool) -> tuple[str, ...]:
        """The values of a single or multi facet, in the order they are written, each once."""
        cell = self.text(row, facet.column, optional=optional)
        if not cell:
            return ()
        parts = [part.strip() for part in cell.split(SEPARATOR)]
        if facet.kind == "single" and len(parts) > 1:
            self.fail(row, facet.column, f"one {facet.name}", repr(cell))
        for part in parts:
            if not part:
                self.fail(row, facet.column, f"values separated by single {SEPARATOR!r}", repr(cell))
            if facet.values and part not in facet.values:
                near = difflib.get_close_matches(part.lower(), facet.values, n=1)
                hint = f"{near[0]!r}? or " if near else ""
                known = ", ".join(facet.values)
                self.fail(row, facet.column, f"a declared {facet.name} ({hint}any of: {known})", repr(part))
        return tuple(dict.fromkeys(parts))

    def bin(self, row: int, facet: Facet, *, optional: bool) -> tuple[float, int]:
        """The number of a numeric facet and its bin; ``(NaN, -1)`` for an empty optional cell."""
        number = self.number(row, facet.column, optional=optional, low=-math.inf, high=math.inf)
        if math.isnan(number):
            return number, -1
        if not facet.bins[0] <= number < facet.bins[-1]:
            expected = f"a number from {facet.bins[0]:g} to below {facet.bins[-1]:g}, as the bins of {facet.name!r} say"
            self.fail(row, facet.column, expected, f"{number:g}")
        return number, sum(number >= edge for edge in facet.bins[1:-1])


def _between(low: float, high: float) -> str:
    return "" if math.isinf(low) else f" from {low:g} to {high:g}"


def clean(cell: str) -> str:
    """Outer and repeated white space removed, line breaks included."""
    return " ".join(cell.split())


def make_table(source: str, columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], unit: str) -> Table:
    """Builds a table from ``(line, cells)`` pairs.

    Raises:
        CatalogError: A row has more or fewer cells than there are columns, a cell holds control
            characters, or a column name stands twice.
    """
    columns = tuple(columns)
    for column in columns:
        if columns.count(column) > 1:
            raise CatalogError(f"{source}, column {column!r}: expected each column name once, got it twice.")
    kept: list[tuple[str, ...]] = []
    lines: list[int] = []
    for line, cells in rows:
        if len(cells) != len(columns):
            last = columns[min(len(cells), len(columns)) - 1]
            raise CatalogError(
                f"{source}, {unit} {line}, column {last!r}: expected {len(columns)} cells, got {len(cells)}. "
                "Quote cells that hold the separator."
            )
        row = tuple(clean(cell) for cell in cells)
        for column, cell in zip(columns, row, strict=True):
            if not cell.isprintable():
                bad = next(char for char in cell if not char.isprintable())
                if bad not in "\u00a0\u200b\u200d\u00ad\ufeff" and not bad.isspace():
                    raise CatalogError(
                        f"{source}, {unit} {line}, column {column!r}: expected printable text, got character {bad!r}."
                    )
        kept.append(row)
        lines.append(line)
    return Table(source=source, columns=columns, rows=tuple(kept), lines=tuple(lines), unit=unit)


def decode(source: str, data: bytes, encoding: str, delimiter: str = ",") -> str:
    """Decodes a file, or says where the first undecodable byte stands.

    Raises:
        CatalogError: The bytes are not in ``encoding``.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data[: error.start].count(b"\n") + 1
        header = next(csv.reader([data.split(b"\n", 1)[0].decode(encoding, "replace")], delimiter=delimiter))
        before = next(csv.reader([data[start : error.start].decode(encoding, "replace")], delimiter=delimiter), [])
        position = min(max(len(before) - 1, 0), len(header) - 1)
        raise CatalogError(
            f"{source}, line {line}, column {header[position]!r}: expected {encoding.split('-sig')[0].upper()} text, "
            f"got byte 0x{data[error.start]:02x}. Save the file as UTF-8."
        ) from None


def read_csv(path: Path, *, delimiter: str = ",") -> Table:
    """Reads a UTF-8 CSV file with a header line.

    Raises:
        CatalogError: The file is missing, empty, not UTF-8, or not a rectangular CSV table.
    """
    source = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{source}: expected a readable CSV file, got {error.strerror}.") from None
    if not data.strip():
        raise CatalogError(f"{source}, line 1: expected a header line and rows, got an empty file.")
    reader = csv.reader(io.StringIO(decode(source, data, "utf-8-sig", delimiter), newline=""), delimiter=delimiter, strict=True)
    numbered: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if cells:
                numbered.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise CatalogError(f"{source}, line {line}: expected well-formed CSV, got: {error}.") from None
    header = [clean(cell) for cell in numbered[0][1]]
    return make_table(source, header, numbered[1:], "line")

"""Reading text files line by line, so that every error names its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from chatrec_env.catalog.checks import reason
from chatrec_env.catalog.table import Table, clean, make_table
from chatrec_env.errors import MismatchError


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

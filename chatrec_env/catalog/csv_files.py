"""Reading text files line by line, so that every error names its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from chatrec_env.catalog.table import Table, clean, make_table
from chatrec_env.errors import CatalogError


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of each row of a UTF-8 CSV file, header included; blank lines are skipped.

    Raises:
        CatalogError: The file is missing, empty, not UTF-8 or not CSV.
    """
    line, empty = 1, True
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if any(cells):
                    empty = False
                    yield line, cells
                line = reader.line_num + 1
    except OSError as error:
        raise CatalogError(f"{path}: expected a readable CSV file, got {error.strerror}.") from None
    except UnicodeDecodeError:
        _name_bad_byte(path)
    except csv.Error as error:
        raise CatalogError(f"{path}, line {line}: expected well-formed CSV, got: {error}.") from None
    if empty:
        raise CatalogError(f"{path}, line 1: expected a header line and rows, got an empty file.")


def read_csv(path: Path) -> Table:
    """Reads a UTF-8 CSV file with a header line.

    Raises:
        CatalogError: The file is missing, empty, not UTF-8, or not a rectangular CSV table.
    """
    rows = csv_rows(path)
    _, header = next(rows)
    return make_table(str(path), [clean(cell) for cell in header], rows, "line")


def _name_bad_byte(path: Path) -> NoReturn:
    """Finds the first line that is not UTF-8 and the column its first bad byte stands in."""
    header: list[str] = []
    with path.open("rb") as file:
        for line, data in enumerate(file, 1):
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                before = next(csv.reader([data[: error.start].decode("utf-8")]), [])
                header = header or next(csv.reader([data.decode("utf-8", "replace")]))
                column = header[min(max(len(before), 1), len(header)) - 1].strip()
                raise CatalogError(
                    f"{path}, line {line}, column {column!r}: expected UTF-8 text, "
                    f"got byte 0x{data[error.start]:02x}; save the file as UTF-8."
                ) from None
            header = header or next(csv.reader([text]))
    raise CatalogError(f"{path}: expected UTF-8 text, got a file that changed while it was read.")

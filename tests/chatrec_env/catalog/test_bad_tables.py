"""Every bad table gives one error with file, line, column, what was expected and what came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import from_csv
from chatrec_env.errors import CatalogError, MismatchError

BAD_CELLS = [
    pytest.param("Small Hours,", ",", 3, "name", "a filled cell", "an empty one", id="missing-title"),
    pytest.param(
        *("Small Hours,2001", "sea dogs,1990", 3, "name", "a title and year of its own"),
        "'sea dogs (1990)' again (first in line 2)",
        id="duplicate-title-and-year",
    ),
    pytest.param(
        *("poetry", "poetri", 3, "kinds", "a declared kind ('poetry'? or any of: "),
        "'poetri'",
        id="unknown-value",
    ),
    pytest.param("poetry", "Poetry", 3, "kinds", "'poetry'?", "'Poetry'", id="wrong-case"),
    pytest.param("poetry", "poetry|", 3, "kinds", "separated by single '|'", "'poetry|'", id="empty-part"),
    pytest.param("child", "child|adult", 4, "reader", "one reader", "'child|adult'", id="two-of-a-single"),
    pytest.param("child", "", 4, "reader", "a filled cell", "an empty one", id="empty-needed-cell"),
    pytest.param(",250,", ",many,", 4, "pages", "a number", "'many'", id="text-for-a-number"),
    pytest.param(",250,", ",nan,", 4, "pages", "a number", "'nan'", id="nan-for-a-number"),
    pytest.param(",250,", ",inf,", 4, "pages", "a number", "'inf'", id="infinity-for-a-number"),
    pytest.param(",250,", ",2_50,", 4, "pages", "a number", "'2_50'", id="python-number"),
    pytest.param(
        "2001", "2001.5", 3, "published", "a whole number from 1 to 9999", "'2001.5'", id="half-a-year"
    ),
    pytest.param("2001", "20010", 3, "published", "from 1 to 9999", "'20010'", id="year-too-late"),
    pytest.param(",25,3,", ",125,3,", 3, "fame", "a number from 0 to 100", "'125'", id="popularity-outside"),
    pytest.param(",25,3,", ",25,0,", 3, "stars", "a number from 1 to 5", "'0'", id="acclaim-outside"),
    pytest.param(
        "Cy Moss", "Cy||Moss", 3, "author", "names separated by single '|'", "'Cy||Moss'", id="names"
    ),
    pytest.param("Cy Moss", "", 3, "author", "a filled cell", "an empty one", id="no-name"),
    pytest.param(
        "Cy Moss", "Cy\x1b[2J", 3, "author", "without control characters", r"'\x1b'", id="escape-code"
    ),
    pytest.param(
        "Cy Moss", "Cy\u202e", 3, "author", "without control characters", r"'\u202e'", id="direction"
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "expected", "came"), BAD_CELLS)
def test_a_bad_cell(
    books: Path, table: str, old: str, new: str, line: int, column: str, expected: str, came: str
) -> None:
    assert table.count(old) == 1
    books.write_text(table.replace(old, new), encoding="utf-8")
    with pytest.raises(MismatchError) as caught:
        from_csv(books)
    error = caught.value
    assert (error.source, error.line, error.column, error.came) == (str(books), line, column, came)
    assert expected in error.expected
    assert str(error) == f"{books}, line {line}, column {column!r}: expected {error.expected}, got {came}."
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "line 1: expected a header line and rows, got an empty file", id="empty-file"),
        pytest.param(b"\n \n", "line 1", id="blank-file"),
        pytest.param(
            b"name,kinds\n", "line 1, column 'published': expected this column", id="missing-column"
        ),
        pytest.param(b"a,a\n1,2\n", "column 'a': expected each column name once", id="column-twice"),
        pytest.param(b"a,b\n1,2\n3\n", "line 3, column 'a': expected 2 cells, got 1", id="too-few-cells"),
        pytest.param(
            b"a,b\n1,2\n\n3,4,5\n", "line 4, column 'b': expected 2 cells, got 3", id="too-many-cells"
        ),
        pytest.param(b'a,b\n1,2\n"3,4\n5,6\n', "line 3: expected well-formed CSV", id="open-quote"),
        pytest.param(b"PK\x03\x04\x00\x00", "got an Excel workbook", id="spreadsheet"),
    ],
)
def test_a_bad_file(books: Path, content: bytes, says: str) -> None:
    books.write_bytes(content)
    with pytest.raises(CatalogError, match=says) as caught:
        from_csv(books)
    assert str(books) in str(caught.value)


def test_a_header_without_rows(books: Path, table: str) -> None:
    books.write_text(table.splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="expected at least one row of items, got none"):
        from_csv(books)


def test_the_nearest_column_is_suggested(books: Path, table: str) -> None:
    books.write_text(table.replace("published", "publishd", 1), encoding="utf-8")
    with pytest.raises(CatalogError, match="is 'publishd' meant"):
        from_csv(books)


def test_a_missing_file(tmp_path: Path, declaration: dict[str, Any]) -> None:
    with pytest.raises(CatalogError, match=r"none\.csv: expected a readable CSV file"):
        from_csv(tmp_path / "none.csv", declaration)


def test_a_duplicate_id(books: Path, table: str, declaration: dict[str, Any]) -> None:
    declaration["columns"]["id"] = "author"
    declaration["entities"] = []
    books.write_text(table.replace("Cy Moss", "Ann Lee"), encoding="utf-8")
    says = "line 4, column 'author': expected an id of its own, got 'Ann Lee' again .first in line 3."
    with pytest.raises(CatalogError, match=says):
        from_csv(books, declaration)


def test_a_number_outside_the_bins(books: Path, declaration: dict[str, Any]) -> None:
    declaration["facets"][1]["bins"] = [0, 50, 100, 150, 250]
    says = "line 4, column 'pages': expected a number inside the bins of 'size', 0 <= x < 250, got '250'"
    with pytest.raises(CatalogError, match=says):
        from_csv(books, declaration)


def test_a_facet_without_any_value(books: Path, table: str, declaration: dict[str, Any]) -> None:
    books.write_text(table.replace(",100,adult", ",,adult").replace(",40,", ",,").replace(",250,", ",,"))
    with pytest.raises(CatalogError, match="column 'pages': expected a size in at least one row, got none"):
        from_csv(books, declaration)


def test_quoted_line_breaks_do_not_shift_the_line_numbers(books: Path, table: str) -> None:
    text = table.replace("Two sailors", '"Two\nsailors').replace("stolen ship.", 'stolen ship."')
    books.write_text(text.replace("poetry", "poetri"), encoding="utf-8")
    with pytest.raises(CatalogError, match="line 4, column 'kinds'"):
        from_csv(books)

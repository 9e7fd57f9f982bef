"""The audit of a table finds everything that is wrong, and finds nothing exactly where a catalogue can be built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import from_csv, to_frame
from chatrec_env.catalog.draft.audit import Problem, read_declaration, read_rows, table_problems
from chatrec_env.errors import CatalogError
from tests.chatrec_env.catalog.test_bad_tables import BAD_CELLS


def audit(path: Path) -> list[Problem]:
    """Everything wrong with a table whose declaration is fine."""
    table, problems = read_rows(path)
    declaration, wrong = read_declaration(path.with_suffix(".json"))
    assert declaration is not None
    assert not wrong
    return problems + (table_problems(table, declaration) if table is not None else [])


def test_nothing_is_wrong_with_a_table_that_loads(books: Path) -> None:
    from_csv(books)
    assert audit(books) == []


@pytest.mark.parametrize(("old", "new", "line", "column", "expected", "came"), BAD_CELLS)
def test_a_bad_cell_is_told_as_loading_tells_it(
    books: Path, table: str, old: str, new: str, line: int, column: str, expected: str, came: str
) -> None:
    books.write_text(table.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        from_csv(books)
    found = audit(books)
    assert [(p.line, p.column, p.got) for p in found] == [(line, column, came)]
    assert expected in found[0].expected
    assert f"{found[0]}." == str(caught.value)


def test_every_error_of_a_table_is_found(books: Path) -> None:
    books.write_text(
        "name,published,kinds,pages,reader,author,fame,stars,about\n"
        "Sea Dogs,1990,adventure|crimes,100,adult,Ann Lee|Bo Ray,100,5,Two sailors chase a ship.\n"
        "Small Hours,two,poetry,forty,adult,Cy Moss,25,3,\n"
        "Too,few,cells\n"
        ",1990,adventure,250,baby,Ann Lee,50,1,A girl follows her kite.\n"
        "Sea Dogs,1990,crime,-,adult,Bo Ray,101,9,A lorry driver.\n",
        encoding="utf-8",
    )
    found = [(p.line, p.column) for p in audit(books)]
    assert found == [
        (4, "kinds"),  # a row with too few cells is told of first: the others are checked without it
        (2, "kinds"),
        (3, "published"),
        (3, "pages"),
        (5, "name"),
        (5, "reader"),
        (6, "fame"),
        (6, "stars"),
        (6, "pages"),
        (6, "name"),
    ]
    with pytest.raises(CatalogError):
        from_csv(books)


def test_missing_columns_do_not_hide_the_rest(books: Path) -> None:
    books.write_text(
        "name,published,kinds,author,fame,stars,about\nA,1990,crimea,Bo,1,9,x\n", encoding="utf-8"
    )
    found = [(p.line, p.column) for p in audit(books)]
    assert found == [(1, "pages"), (1, "reader"), (2, "stars"), (2, "kinds")]


def test_a_table_without_rows(books: Path, table: str) -> None:
    books.write_text(table.splitlines()[0] + "\n", encoding="utf-8")
    _, problems = read_rows(books)
    assert [str(p) for p in problems or audit(books)] == [
        f"{books}: expected at least one row of items, got none"
    ]


def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for content in (b"", b"\x89PNG\r\n"):
        path.write_bytes(content)
        table, problems = read_rows(path)
        assert table is None
        assert len(problems) == 1
        assert str(path) in str(problems[0])


def test_a_declaration_is_told_facet_by_facet(tmp_path: Path, declaration: dict[str, Any]) -> None:
    path = tmp_path / "books.json"
    declaration["facets"][0]["kind"] = "many"
    declaration["facets"][2]["weight"] = 0.3
    declaration["contexts"][0]["wants"] = ["child"]
    path.write_text(json.dumps(declaration), encoding="utf-8")
    declared, problems = read_declaration(path)
    assert declared is None
    assert [p.field for p in problems] == [
        "facet 'kind', kind",
        "facet 'reader', weight",
        "context 'bedtime', wants and avoids",
    ]
    assert str(problems[1]) == (
        f"{path}, facet 'reader', weight: expected a multiple of 1/16 in (0, 16], got 0.3"
    )
    path.write_text("{", encoding="utf-8")
    declared, problems = read_declaration(path)
    assert declared is None
    assert len(problems) == 1


def test_another_separator(books: Path, table: str, declaration: dict[str, Any]) -> None:
    plain = from_csv(books)
    declaration["separator"] = ";"
    books.with_suffix(".json").write_text(json.dumps(declaration), encoding="utf-8")
    assert [p.column for p in audit(books)] == ["kinds"]  # "adventure|crime" is no kind now
    books.write_text(table.replace("|", "; "), encoding="utf-8")
    again = from_csv(books)
    assert audit(books) == []
    assert (again.values == plain.values).all()
    assert again.entity_names == plain.entity_names
    frame = to_frame(again)
    assert frame["kinds"][0] == "adventure;crime"


@pytest.mark.parametrize(
    ("content", "line", "column", "expected", "got"),
    [
        pytest.param(
            *("name,kind\nté,y\nž,w\nx,caf".encode() + b"\xe9\n", 4, "kind", "UTF-8 text"),
            "byte 0xe9; save the file as UTF-8",
            id="one-damaged-byte-in-UTF-8",
        ),
        pytest.param(
            *(b"PK\x03\x04\x14\x00xl/", 0, "", "a table of text (CSV)"),
            "an Excel workbook or another zip archive; save its sheet as CSV, or unpack it",
            id="workbook-called-csv",
        ),
        pytest.param(
            *(b"PAR1\x15\x04", 0, "", "a table of text (CSV)"),
            "a Parquet file; name it .parquet",
            id="parquet-called-csv",
        ),
        pytest.param(
            *(b"<!DOCTYPE html><html>", 0, "", "a table of text (CSV)"),
            "a page of HTML or XML; save the table as CSV",
            id="page-called-csv",
        ),
        pytest.param(
            *(b"\x1f\x8b\x08\x00cut", 0, "", "a whole gzip file"),
            "compressed file ended before the end-of-stream marker was reached",
            id="cut-gzip",
        ),
        pytest.param(
            *(b"name,kind,kind\nx,y,z\n", 0, "kind", "each column name once"), "it twice", id="column-twice"
        ),
        pytest.param(b"", 1, "", "a header line and rows", "an empty file", id="empty"),
    ],
)
def test_a_table_of_a_spreadsheet_is_told_what_to_change(
    tmp_path: Path, content: bytes, line: int, column: str, expected: str, got: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    table, problems = read_rows(path)
    assert table is None
    assert [(p.line, p.column, p.expected, p.got) for p in problems] == [(line, column, expected, got)]

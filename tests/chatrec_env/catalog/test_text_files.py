"""How text tables are read: encodings, separators, gzip; and what is no text is called by its name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chatrec_env.catalog.table import Table, read_csv
from chatrec_env.catalog.text_files import text_format
from chatrec_env.errors import MismatchError


def read(path: Path, data: bytes) -> Table:
    path.write_bytes(data)
    return read_csv(path)


PLAIN = 'name,kind\nCafé,"a, b"\nBar,c\n'


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        pytest.param(PLAIN.encode(), (), id="utf-8"),
        pytest.param(PLAIN.encode("utf-8-sig"), (), id="utf-8-with-a-mark"),
        pytest.param(PLAIN.encode("utf-16"), ("text in UTF-16",), id="utf-16"),
        pytest.param(PLAIN.encode("utf-16-le"), ("text in utf-16-le",), id="utf-16-without-a-mark"),
        pytest.param(gzip.compress(PLAIN.encode()), ("packed with gzip",), id="gzip-under-a-plain-name"),
        pytest.param(
            PLAIN.encode("cp1252"),
            ("text in Windows-1252 (Latin-1), a guess; if letters are wrong, save it as UTF-8",),
            id="latin-1",
        ),
        pytest.param(
            PLAIN.replace('"a, b"', "a, b")
            .replace("name,kind", "name;kind")
            .replace("fé,", "fé;")
            .replace("r,c", "r;c")
            .encode(),
            ("semicolons between the cells",),
            id="semicolons",
        ),
        pytest.param(
            b"sep=;\nname;kind\nCaf\xc3\xa9;a, b\nBar;c\n", ("semicolons between the cells",), id="sep"
        ),
        pytest.param("name\tkind\nCafé\ta, b\nBar\tc\n".encode(), ("tabs between the cells",), id="tabs"),
        pytest.param("name|kind\nCafé|a, b\nBar|c\n".encode(), ("bars between the cells",), id="bars"),
    ],
)
def test_the_same_table_in_many_forms(tmp_path: Path, data: bytes, notes: tuple[str, ...]) -> None:
    table = read(tmp_path / "t.csv", data)
    assert table.rows == (("Café", "a, b"), ("Bar", "c"))
    assert table.columns == ("name", "kind")
    assert table.notes == notes
    assert table.lines == ((3, 4) if data.startswith(b"sep=") else (2, 3))


def test_a_header_with_several_signs_is_told_by_its_rows(tmp_path: Path) -> None:
    """Commas stand in the header and in cells; what parts the cells is the semicolon."""
    (tmp_path / "t.csv").write_text("name;kind, main;price\nx;a;1,5\ny;b, c;2,5\nz;d;3,5\n")
    assert text_format(tmp_path / "t.csv").separator == ";"


def test_one_byte_of_latin_1_among_many_rows_loses_none(tmp_path: Path) -> None:
    rows = [b"Wine %d,red" % i for i in range(1200)]
    rows.insert(600, b"Caf\xe9,red")
    table = read(tmp_path / "t.csv", b"name,kind\n" + b"\n".join(rows) + b"\n")
    assert len(table.rows) == 1201
    assert table.rows[600] == ("Café", "red")


def test_a_damaged_byte_in_utf_8_is_not_guessed_at(tmp_path: Path) -> None:
    data = "name,kind\nÉté,a\nNoël,b\nCafé,c\n".encode().replace(b"No\xc3\xab", b"No\xeb")
    with pytest.raises(MismatchError, match="line 3, column 'name': expected UTF-8 text, got byte 0xeb"):
        read(tmp_path / "t.csv", data)


def test_columns_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    assert read(tmp_path / "t.csv", b",name,,\n0,x,,\n").columns == (
        "column 1",
        "name",
        "column 3",
        "column 4",
    )

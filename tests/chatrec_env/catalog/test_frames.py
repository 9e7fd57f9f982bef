from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chatrec_env.catalog import Catalog, from_csv, from_frame, from_parquet, load_catalog, to_frame
from chatrec_env.errors import CatalogError


def test_to_frame_has_title_and_year_and_the_declared_columns(catalog: Catalog) -> None:
    frame = to_frame(catalog)
    assert len(frame) == 4
    assert frame["title"].tolist() == frame["name"].tolist() == list(catalog.titles)
    assert frame["year"].tolist() == [1990, 2001, 1990, 2010]
    assert frame["kinds"].tolist() == ["adventure|crime", "poetry", "adventure", "crime"]
    assert frame["author"].tolist() == ["Ann Lee|Bo Ray", "Cy Moss", "Ann Lee", "Bo Ray"]
    assert frame["pages"].tolist()[:3] == [100, 40, 250]
    assert frame["pages"].isna().tolist() == [False, False, False, True]
    assert frame["fame"].tolist() == [100, 25, 50, 50]
    assert frame["stars"].tolist() == [5, 3, 1, 4]


def test_a_frame_makes_an_equal_catalogue(catalog: Catalog) -> None:
    assert from_frame(to_frame(catalog), catalog.declaration) == catalog


def test_the_built_in_films_survive_the_way_through_a_frame() -> None:
    movies = load_catalog("movies")
    frame = to_frame(movies)
    assert {"title", "year"} <= set(frame.columns)
    assert from_frame(frame, movies.declaration) == movies


def test_an_unknown_year_is_missing_in_the_frame(
    books: Path, declaration: dict[str, Any], table: str
) -> None:
    declaration["optional"].append("published")
    books.write_text(table.replace("2001", ""), encoding="utf-8")
    catalog = from_csv(books, declaration)
    frame = to_frame(catalog)
    assert catalog.years.tolist() == [1990, 0, 1990, 2010]
    assert frame["year"].isna().tolist() == [False, True, False, False]
    assert from_frame(frame, catalog.declaration) == catalog


def test_cells_of_any_kind_are_read(books: Path, catalog: Catalog, declaration: dict[str, Any]) -> None:
    frame = pd.read_csv(books)
    frame["kinds"] = [["adventure", "crime"], ["poetry"], ["adventure"], ["crime"]]
    frame["published"] = frame["published"].astype("Int64")
    frame.index = pd.Index([7, 7, 7, 7])
    assert from_frame(frame, declaration) == catalog


def test_parquet(books: Path, catalog: Catalog) -> None:
    path = books.with_suffix(".parquet")
    frame = pd.read_csv(books)
    frame["kinds"] = frame["kinds"].str.split("|")
    frame.to_parquet(path)
    assert from_parquet(path) == catalog
    assert load_catalog(str(path)) == catalog


@pytest.mark.parametrize(
    ("row", "column", "cell", "says"),
    [
        pytest.param(
            1, "kinds", "war", "row 2, column 'kinds': expected a declared kind", id="unknown-value"
        ),
        pytest.param(0, "name", None, "row 1, column 'name': expected a filled cell", id="missing-title"),
        pytest.param(2, "pages", "x", "row 3, column 'pages': expected a number, got 'x'", id="wrong-type"),
        pytest.param(
            3, "stars", float("inf"), "row 4, column 'stars': expected a number from 1 to 5", id="infinite"
        ),
    ],
)
def test_a_bad_row_is_named(
    books: Path, declaration: dict[str, Any], row: int, column: str, cell: str | float | None, says: str
) -> None:
    frame = pd.read_csv(books).astype(object)
    frame.loc[row, column] = cell
    with pytest.raises(CatalogError, match=f"^DataFrame, {says}"):
        from_frame(frame, declaration)
    path = books.with_suffix(".parquet")
    frame.astype("string").to_parquet(path)
    with pytest.raises(CatalogError, match=says):
        from_parquet(path)


def test_a_missing_column_and_an_empty_frame(books: Path, declaration: dict[str, Any]) -> None:
    frame = pd.read_csv(books)
    with pytest.raises(CatalogError, match=r"^DataFrame, column 'author': expected this column"):
        from_frame(frame.drop(columns="author"), declaration)
    with pytest.raises(CatalogError, match=r"^DataFrame: expected at least one row"):
        from_frame(frame.iloc[:0], declaration)


def test_what_is_not_parquet(books: Path, tmp_path: Path) -> None:
    path = books.with_suffix(".parquet")
    path.write_bytes(b"not parquet at all")
    with pytest.raises(CatalogError, match="expected a readable Parquet file"):
        from_parquet(path)
    with pytest.raises(CatalogError, match="expected a readable Parquet file"):
        from_parquet(tmp_path / "none.parquet", books.with_suffix(".json"))


@pytest.mark.parametrize(
    "frame", [[{"title": "Heat"}], {"title": ["Heat"]}, None], ids=["list", "dict", "none"]
)
def test_what_is_no_frame_is_refused(frame: Any) -> None:
    with pytest.raises(CatalogError, match=r"expected a pandas DataFrame, got (list|dict|NoneType); pandas"):
        from_frame(frame, load_catalog("movies").declaration)


@pytest.mark.parametrize("read", [from_csv, from_parquet])
def test_a_table_that_is_not_there_is_missed_before_its_declaration(read: Any, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"nothing\.here: expected a readable (CSV|Parquet) file"):
        read(tmp_path / "nothing.here")

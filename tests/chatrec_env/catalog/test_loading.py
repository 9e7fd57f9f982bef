from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import chatrec_env
from chatrec_env.catalog import from_csv, load_catalog
from chatrec_env.errors import CatalogError, UnknownNameError


def test_the_built_in_catalogue_is_loaded_once() -> None:
    assert load_catalog("movies") is load_catalog("movies")


def test_a_table_is_loaded_once_until_it_or_its_declaration_changes(books: Path) -> None:
    first = load_catalog(str(books))
    assert load_catalog(books) is first
    assert first == from_csv(books)
    books.write_text(books.read_text().replace("The Kite", "The Kite Flyer"))
    second = load_catalog(books)
    assert second.titles[2] == "The Kite Flyer"
    declaration = json.loads(books.with_suffix(".json").read_text())
    books.with_suffix(".json").write_text(json.dumps(declaration | {"name": "library"}))
    assert load_catalog(books).name == "library"


def test_an_unknown_name_lists_what_is_known() -> None:
    with pytest.raises(
        UnknownNameError, match=r"No catalog 'moveis'\. Did you mean 'movies'\? Known: .*FOLDER"
    ):
        load_catalog("moveis")


def test_a_path_that_is_no_catalogue(tmp_path: Path) -> None:
    other = tmp_path / "films.xlsx"
    other.write_bytes(b"x")
    with pytest.raises(CatalogError, match=r"expected a \.csv or \.parquet table or a MovieLens folder, got"):
        load_catalog(other)
    with pytest.raises(CatalogError, match=r"none\.csv: expected a readable CSV file, got no such file"):
        load_catalog(tmp_path / "none.csv")
    with pytest.raises(CatalogError, match=r"expected a MovieLens folder .* got no such folder"):
        load_catalog(f"movielens:{tmp_path / 'none'}")
    with pytest.raises(CatalogError, match=r"expected a MovieLens folder .* got films\.xlsx"):
        load_catalog(tmp_path)


def test_a_failed_load_is_not_remembered(books: Path) -> None:
    good = books.read_text()
    books.write_text(good.replace("poetry", "poetri"))
    with pytest.raises(CatalogError, match="poetri"):
        load_catalog(books)
    books.write_text(good)
    assert load_catalog(books).n_items == 4


def test_loading_the_films_needs_no_pandas_and_is_quick() -> None:
    code = (
        "import sys, time\n"
        "from chatrec_env.catalog import load_catalog\n"
        "start = time.process_time()\n"
        "load_catalog('movies')\n"
        "print(time.process_time() - start)\n"
        "print(*sorted({'pandas', 'pyarrow', 'scipy', 'torch', 'matplotlib'} & set(sys.modules)))\n"
    )
    # One thread: threads that spin while they wait would count as work.
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    seconds, loaded = run.stdout.split("\n")[:2]
    assert loaded == ""
    assert float(seconds) < 0.6  # about 0.09 on an idle machine


def test_the_ending_may_be_in_capitals(tmp_path: Path) -> None:
    source = Path(chatrec_env.__file__).parent / "catalog" / "data"
    (tmp_path / "MUSIC.CSV").write_bytes((source / "music.csv").read_bytes())
    (tmp_path / "MUSIC.json").write_bytes((source / "music.json").read_bytes())
    assert load_catalog(tmp_path / "MUSIC.CSV").n_items == load_catalog("music").n_items


def test_an_empty_name_is_not_the_folder_one_is_in() -> None:
    with pytest.raises(UnknownNameError, match="No catalog ''"):
        load_catalog("")

"""Ratings of one's own: a table says the same as a folder, in another scale and form."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from experiments.calibrate.data import RatingsOptions, read
from experiments.cli.progress import Meter

FAST = ("--rounds", "2", "--factors", "2", "--draws", "20", "--splits", "2")


@pytest.fixture
def table(planted: Any, tmp_path: Path) -> Path:
    """The planted ratings doubled, with semicolons, columns in another order and times in milliseconds."""
    lines = [line.split(",") for line in (planted.folder / "ratings.csv").read_text().splitlines()[1:]]
    rows = [f"{2 * float(rating):.0f};{time}000;{film};u{user}" for user, film, rating, time in lines]
    path = tmp_path / "my ratings.csv"
    path.write_text("\n".join(["Score;When;Film ID;Viewer", *rows]) + "\n")
    return path


def test_a_table_is_read_as_the_folder_it_is_made_of(planted: Any, table: Path) -> None:
    meter = Meter(quiet=True)
    _, folder, _ = read(RatingsOptions(ratings=planted.folder), meter)
    options = RatingsOptions(
        ratings=table, items=str(planted.folder), user_column="Viewer", time_column="When"
    )
    catalog, ratings, notes = read(options, meter)
    assert catalog.name == planted.folder.name
    for name in ("users", "items", "stars"):
        assert (getattr(ratings, name) == getattr(folder, name)).all()
    assert (ratings.timed, ratings.years) == (folder.timed, folder.years)
    assert notes == [
        "Columns: user is 'Viewer', item is 'Film ID', rating is 'Score', time is 'When'.",
        "The file: semicolons between the cells.",
        "Ratings are from 1 to 10; a scale of 1 to 10 is read as 0.5 to 5 stars, in half stars "
        "(another one: --scale LOW HIGH).",
        "Times are read as milliseconds since 1970.",
    ]


def test_calibrate_takes_a_table_of_items_of_which_nothing_is_known(chatrec: Any, table: Path) -> None:
    pytest.importorskip("implicit")
    options = ("--user-column", "Viewer", "--time-column", "When", "--scale", "1", "10")
    done = chatrec("calibrate", "--ratings", table, *options, *FAST, "--out", "run", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    rows = {row["predictor"]: row["rmse"]["mean"] for row in found["held_out"]["rows"]}
    assert rows["fitted people"] < rows["global mean"]
    assert shlex.split(found["command"])[2:4] == ["--ratings", "my ratings.csv"]
    assert "--scale 1 10" in found["command"]


def test_recall_takes_a_table(chatrec: Any, planted: Any, table: Path) -> None:
    pytest.importorskip("implicit")
    options = ("--user-column", "Viewer", "--items", planted.folder)
    done = chatrec(
        "recall", "--ratings", table, *options, "--k", "5", "--draws", "20", "--out", "run", "--json"
    )
    assert done.code == 0, done.err
    assert json.loads(done.out)["people"] == 150


def test_options_of_a_table_are_none_of_a_folder(planted: Any, refused: Any) -> None:
    refused("are for a table", "calibrate", "--ratings", planted.folder, "--scale", "1", "5")


def test_a_column_that_is_not_found_names_its_option(table: Path, refused: Any) -> None:
    refused("say which it is: --user-column NAME", "calibrate", "--ratings", table)

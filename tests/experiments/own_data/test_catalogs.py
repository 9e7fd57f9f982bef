"""``chatrec catalog``: what it says, what it writes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chatrec_env.catalog import BUILT_IN, load_catalog
from experiments.cli.main import main
from tests.chatrec_env.catalog.test_draft import wines


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "wines.csv"
    path.write_text(wines(), encoding="utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:
    """The JSON a command prints."""
    capsys.readouterr()
    assert main([*map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_list_names_every_built_in_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["name"] for row in told(capsys, "catalog", "list")] == list(BUILT_IN)
    assert main(["catalog", "list"]) == 0
    assert "movies" in capsys.readouterr().out


@pytest.mark.parametrize("name", BUILT_IN)
def test_nothing_is_wrong_with_a_built_in_catalogue(capsys: pytest.CaptureFixture[str], name: str) -> None:
    found = told(capsys, "catalog", "check", name)
    assert found["ok"]
    assert found["problems"] == found["warnings"] == []
    facets = {facet["name"]: facet for facet in found["understood"]["facets"]}
    catalog = load_catalog(name)
    assert list(facets) == [facet.name for facet in catalog.facets]
    for f, facet in enumerate(catalog.facets):
        counts = catalog.values[:, catalog.facet_slices[f]].sum(0)
        assert list(facets[facet.name]["values"].values()) == counts.astype(int).tolist()


def test_from_a_table_to_a_checked_declaration(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    before = told(capsys, "catalog", "check", table, code=1)
    assert [Path(p["file"]).name for p in before["problems"]] == ["wines.json"]
    assert "chatrec catalog draft" in before["problems"][0]["got"]
    written = told(capsys, "catalog", "draft", table)
    assert written["declaration"] == before["suggestion"]
    assert json.loads(table.with_suffix(".json").read_text(encoding="utf-8")) == written["declaration"]
    after = told(capsys, "catalog", "check", table)
    assert after["understood"]["columns"]["Vegan"] == ""
    assert after["understood"]["columns"]["Taste"] == "facet taste"
    assert main(["catalog", "check", str(table)]) == 0
    shown = capsys.readouterr().out
    assert "columns not used: Vegan, Comment, Shelf" in shown
    assert "Nothing is wrong." in shown
    assert main(["catalog", "draft", str(table)]) == 2  # never over what someone has edited
    assert "is kept" in capsys.readouterr().err


def test_every_bad_row_is_told(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    main(["catalog", "draft", str(table)])
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[5] = lines[5].replace("Bottle number 4", "Bottle number 3")
    lines[9] = lines[9].replace(",5,", ",").replace(",11", ",very strong")
    lines[20] = "broken"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = told(capsys, "catalog", "check", table, code=1)
    assert {(p["line"]) for p in found["problems"]} >= {21}
    assert all(p["expected"] and p["got"] for p in found["problems"])
    assert main(["catalog", "check", str(table)]) == 1
    assert "line 21" in capsys.readouterr().out


def test_values_people_cannot_name_are_warned_of(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "tiles.csv"
    rows = [f"Tile {i},{('rough', 'smooth')[i % 2]},{('rough', 'plain')[i % 2]}" for i in range(8)]
    path.write_text("\n".join(["name,finish,edge", *rows]) + "\n", encoding="utf-8")
    main(["catalog", "draft", str(path)])
    warned = " ".join(told(capsys, "catalog", "check", path)["warnings"])
    assert "facet edge" in warned
    assert "is meant as 'rough' but read as: want rough" in warned
    assert "8 items are fewer than the 12 candidates" in warned


def test_a_value_called_yes_is_warned_of(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("name,dimmable\n" + "".join(f"Lamp {i},{'yes' * (i % 2) or 'no'}\n" for i in range(16)))
    facet = {"name": "dimmable", "kind": "single", "column": "dimmable"}
    told_of = {"name": "lamps", "columns": {"title": "name"}, "facets": [facet]}
    path.with_suffix(".json").write_text(json.dumps(told_of))
    warned = told(capsys, "catalog", "check", path)["warnings"]
    assert any("no, yes as a value is mistaken for a reply" in warning for warning in warned)


def test_parquet_tables_are_checked_too(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    frame = pd.read_csv(table)
    place = table.with_suffix(".parquet")
    frame.to_parquet(place)
    told(capsys, "catalog", "draft", place)
    assert told(capsys, "catalog", "check", place)["ok"]
    frame.loc[3, "Colour"] = "orange"
    frame.to_parquet(place)
    found = told(capsys, "catalog", "check", place, code=1)
    assert [(p["line"], p["column"], p["got"]) for p in found["problems"]] == [(4, "Colour", "'orange'")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["check"], "Which table?", id="no-argument"),
        pytest.param(["list", "x.csv"], "takes no file", id="list-with-a-file"),
        pytest.param(["check", "nowhere.csv"], "No catalog 'nowhere.csv'", id="no-such-table"),
        pytest.param(["check", "movies", "--out", "x.json"], "--out belongs to", id="out-without-draft"),
    ],
)
def test_bad_options_are_named(refused: Any, arguments: list[str], says: str) -> None:
    refused(says, "catalog", *arguments)

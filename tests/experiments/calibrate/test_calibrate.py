from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.report.documents import read_document
from simulators.population import load_population

FAST = ("--rounds", "4", "--factors", "2", "--draws", "20", "--splits", "2")


def test_the_command_leaves_tables_population_and_page(chatrec: Any, planted: Any, tmp_path: Path) -> None:
    pytest.importorskip("implicit")
    done = chatrec("calibrate", "--ratings", planted.folder, "--out", "run", "--json", *FAST)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    rows = {row["predictor"]: row for row in table["held_out"]["rows"]}
    assert list(rows)[:3] == ["fitted people", "biased matrix factorisation", "ALS (implicit)"]
    assert rows["fitted people"]["rmse"]["mean"] < rows["item mean"]["rmse"]["mean"]
    assert rows["global mean"]["auc"]["mean"] == 0.5
    for row in rows.values():
        assert row["rmse"]["low"] <= row["rmse"]["mean"] <= row["rmse"]["high"]
    assert [row["measure"] for row in table["realism"]["rows"]][:2] == ["histogram", "person_mean"]
    run = tmp_path / "run"
    assert read_document(run / "table.json")["command"] == table["command"]
    population = load_population(str(run / "population.json"))
    assert population.provenance["command"] == table["command"]
    assert str(planted.folder.parent) not in (run / "population.json").read_text()
    page = (run / "index.html").read_text()
    assert page.count("<img") == 6
    assert "matrix factorisation" in page


def test_a_folder_that_is_none_is_one_line(refused: Any, tmp_path: Path) -> None:
    refused("expected a MovieLens folder", "calibrate", "--ratings", tmp_path / "nowhere")

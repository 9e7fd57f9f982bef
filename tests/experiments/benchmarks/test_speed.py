"""The benchmark measures what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from experiments.benchmarks.floor import Work, bare_turns
from experiments.benchmarks.speed import catalog_of


@pytest.mark.parametrize("items", [300, 1000], ids=["cut", "repeated"])
def test_the_catalogue_has_the_items_asked_for(items: int, tmp_path: Path) -> None:
    catalog = load_catalog(catalog_of(items, str(tmp_path)))
    assert catalog.n_items == items
    assert len(set(zip(catalog.titles, catalog.years.tolist(), strict=True))) == items


def test_no_number_means_the_films_as_they_are(tmp_path: Path) -> None:
    assert catalog_of(0, str(tmp_path)) == "movies"


def test_the_bare_loop_scores_picks_and_writes() -> None:
    """Two wishes of one value each and one factor: 2 * (1, 0, 0) - 1 * (0, 1, 1) + 0.5 * (1, 2, 4) = (2.5, 0, 1)."""
    work = Work(
        values=np.array([[1, 0, 0], [0, 1, 1]], np.float32),
        factors=np.array([[1, 2, 4]], np.float32),
        wished=np.array([[0, 1]], np.int32),
        strength=np.array([[2, -1]], np.float32),
        taste=np.array([[0.5]], np.float32),
        known=np.array([[7, 8, 9]], np.float32),
        rows=np.zeros((1, 3), np.float32),
    )
    bare_turns(work, 2, 1)
    assert work.rows.tolist() == [[2.5, 1.0, 9.0]]


def test_every_number_of_conversations_has_its_row(chatrec: Any) -> None:
    done = chatrec("bench", "--n", 1, 3, "--items", 60, "--encoder", "hash", "--quick", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert [row["n"] for row in found["rows"]] == [1, 3]
    for row in found["rows"]:
        (only,) = row["rounds"]
        assert row["turns_per_cpu_second"] == only["turns"] > 0
        assert row["microseconds_a_turn"] == pytest.approx(1e6 / only["turns"])
        assert row["share_of_floor"] == only["turns"] / only["floor"]
        assert row["ratio"] == only["turns"] / only["cartpole"]
        assert 0 < row["floor"]["wishes"] < 30


def test_nothing_to_measure_is_refused(chatrec: Any) -> None:
    assert "--n expects numbers of 1 or more, got [0]" in chatrec("bench", "--n", 0).err

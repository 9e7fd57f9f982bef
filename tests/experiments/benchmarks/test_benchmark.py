"""The benchmark measures what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.errors import ConfigError
from experiments.benchmarks.speed import BenchConfig, benchmark, catalog_of


@pytest.mark.parametrize("items", [300, 1000], ids=["cut", "repeated"])
def test_the_catalogue_has_the_items_asked_for(items: int, tmp_path: Path) -> None:
    catalog = load_catalog(catalog_of(items, str(tmp_path)))
    assert catalog.n_items == items
    assert len(set(zip(catalog.titles, catalog.years.tolist(), strict=True))) == items


def test_no_number_means_the_films_as_they_are(tmp_path: Path) -> None:
    assert catalog_of(0, str(tmp_path)) == "movies"


def test_the_ratio_is_that_of_the_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    config = BenchConfig(conversations=16, items=0, turns=2, rounds=1, encoder="hash", json=True)
    assert benchmark(config) == 0
    found = json.loads(capsys.readouterr().out)
    (only,) = found["rounds"]
    assert found["turns_per_cpu_second"] == only["turns"] > 0
    assert found["ratio"] == only["turns"] / only["cartpole"]
    assert found["config"]["conversations"] == 16


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(ConfigError, match="--rounds"):
        BenchConfig(rounds=0)

"""``chatrec probe``: where the truth is known by hand, and the command small."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.progress import Meter
from experiments.evaluate.probe import ProbeConfig, column_sets, gather, probe
from experiments.evaluate.probing import Probe, States, explained, ridge
from experiments.evaluate.rollout import people_seeds
from experiments.report.documents import read_document

EVERY = np.arange(4)


def test_ridge_by_hand() -> None:
    """One column: ``x'y / (x'x + p)`` is 14 / (14 + p)."""
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [3.0]])
    assert ridge(x.T @ x, x.T @ y, np.array([1e-9, 14.0]))[:, 0, 0] == pytest.approx([1.0, 0.5])


def test_explained_by_hand() -> None:
    """Squares about the mean of 1, 2, 3 and 6 are 4, 1, 0 and 9, in all 14; one is missed by 1, another by 2.5."""
    y, people = np.array([1.0, 2.0, 3.0, 6.0]), np.array([0, 0, 1, 2])
    assert explained(y, y, people).mean == 1.0
    assert explained(y, np.array([2.0, 2.0, 3.0, 3.5]), people).mean == pytest.approx(1 - 7.25 / 14)
    assert explained(y, np.full(4, 3.0), people).mean == pytest.approx(0.0)
    assert np.isnan(explained(np.ones(4), np.zeros(4), people).mean)


def known() -> States:
    """200 people with five turns: of four independent columns, the first is a trait; another is half noise."""
    rng = np.random.default_rng(0)
    seen, people = rng.standard_normal((1000, 4)), np.repeat(np.arange(200), 5)
    hidden = {
        "seen": 3.0 * seen[:, 0] - 1.0,
        "half": seen[:, 1] + rng.standard_normal(1000),
        "unseen": rng.standard_normal(200)[people],
        "constant": np.full(1000, 0.3),
    }
    return States(seen.astype(np.float32), hidden, people)


def test_probes_find_what_is_there_and_no_more() -> None:
    probes = Probe(known(), 0)
    found = probes.explained(EVERY)
    assert found["seen"].mean == pytest.approx(1.0, abs=1e-3)
    assert found["half"].low < 0.5 < found["half"].high
    assert found["unseen"].mean < 0.02
    assert np.isnan(found["constant"].mean)
    assert probes.explained(EVERY[1:])["seen"].mean < 0.02
    assert found["half"].n == 67  # a third of the people


TASK = EnvConfig(encoder="hash", max_turns=4)


def test_what_is_hidden_is_that_of_the_turn() -> None:
    task = make_task(TASK)
    states = gather(task, people_seeds("tune", 0, 20), Meter(quiet=True), "")
    assert states.seen.shape == (len(states.people), task.layout.width)
    assert (
        states.hidden["utility of the best candidate"] >= states.hidden["utility of the first candidate"]
    ).all()
    for person in range(20):
        own = states.people == person
        assert len(np.unique(states.hidden["patience"][own])) == 1


def test_sets_of_columns() -> None:
    layout = make_task(TASK).layout
    sets = dict(column_sets(make_task(TASK)))
    assert len(sets["all"]) == layout.width == len(sets["without belief"]) + len(sets["belief alone"])
    assert list(sets)[:2] == ["all", "without conversation"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "probe"
    assert probe(ProbeConfig(encoder=("hash",), scenario="null", people=15, out=out)) == 0
    assert "R² on held-out people; scenario null, talk plain" in capsys.readouterr().out
    lines = {
        line.pop("columns"): line for line in csv.DictReader((out / "hash.csv").read_text().splitlines())
    }
    assert float(lines["all"]["utility of the first candidate"]) <= 1
    assert {line["satiability"] for line in lines.values()} == {""}  # nobody tires in null
    assert read_document(out / "table.json")["tables"][0]["people"] == 15
    assert "| **all** |" in (out / "table.md").read_text()


def test_an_encoder_is_named_once() -> None:
    with pytest.raises(ConfigError, match="each encoder once"):
        ProbeConfig(encoder=("hash", "hash"))

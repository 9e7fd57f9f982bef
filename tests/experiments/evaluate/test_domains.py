"""``chatrec domains``: its arithmetic by hand, a tiny run, what is used again; and the example of the manual."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from experiments.evaluate.domains import DomainsConfig, make_row, parts_of
from experiments.evaluate.trained import heuristics

TINY = ("--turns", 8192, "--people", 4, "--tune-people", 2, "--seeds", 1)


def test_a_row_by_hand() -> None:
    plain = {name: {"return": [1.0] * 4} for name in heuristics()} | {
        "greedy": {"return": [2.0, 2.0, 4.0, 4.0]}
    }
    row = make_row(
        load_catalog("travel"), plain, [{"return": [3.0, 4.0, 5.0, 6.0], "questions": [0.0, 1.0, 0.0, 1.0]}]
    )
    assert (row["best"], row["best_return"]["mean"], row["ppo"]["mean"]) == ("greedy", 3.0, 4.5)
    # differences 1, 2, 1, 2: mean 1.5, standard error 0.5774 / 2, t(3) = 3.182
    assert row["difference"]["mean"] == 1.5
    assert row["difference"]["high"] - 1.5 == pytest.approx(3.182 * 0.57735 / 2, abs=1e-3)
    assert row["questions"] == 0.5


def test_several_seeds_are_compared_with_their_own_people() -> None:
    plain = {name: {"return": [0.0, 0.0, 10.0, 10.0]} for name in heuristics()}
    learned = [{"return": returns, "questions": [0.0]} for returns in ([1.0, 1.0], [11.0, 11.0])]
    row = make_row(load_catalog("travel"), plain, learned)
    assert row["per_seed"] == [1.0, 1.0]
    assert (row["difference"]["mean"], row["difference"]["low"], row["difference"]["high"]) == (1.0, 1.0, 1.0)


def test_what_the_numbers_of_a_part_depend_on() -> None:
    plain, longer = (
        {part.name: part.signature for part in parts_of(config, "music", Path("run"))}
        for config in (DomainsConfig(people=5, seeds=1), DomainsConfig(people=5, seeds=1, turns=9))
    )
    assert [name for name in plain if plain[name] != longer[name]] == ["music-ppo-0"]


def test_a_tiny_run_and_the_same_again(chatrec: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"questions": (0, 1), "diversity": (0.0,), "again_after": (0,)}
    monkeypatch.setattr("experiments.train.tune.GRID", few)
    monkeypatch.setattr("experiments.train.tune.REFINEMENT", {"refused": (0.0,)})
    command = ("domains", "--catalogs", "travel", *TINY, "--out", tmp_path / "run", "--json")
    done = chatrec(*command)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert [row["domain"] for row in table["rows"]] == ["travel"]
    row = table["rows"][0]
    assert row["heuristics"][row["best"]] == max(row["heuristics"].values())
    assert np.isfinite(row["difference"]["mean"])
    again = chatrec(*command)
    assert json.loads(again.out) == table
    assert "meets people" not in again.err  # finished parts are used again
    assert chatrec(*command[:-1]).code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(("--catalogs", "musik"), "Did you mean 'music'?", id="no-such-domain"),
        pytest.param(("--people", "1"), "--people must be 2 or more", id="one-person"),
        pytest.param(("--catalogs", "music", "music"), "each domain once", id="twice"),
    ],
)
def test_bad_options_are_refused_at_once(refused: Any, options: tuple[str, ...], says: str) -> None:
    refused(says, "domains", *options)


def test_the_example_of_the_manual(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chatrec: Any
) -> None:
    """docs/domains.md: the twenty lines are written as they stand there, checked, read and trained on."""
    text = (repo / "docs" / "domains.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^`(hikes\.\w+)`:\n\n```\w+\n(.*?)^```", text, re.M | re.S)
    assert [name for name, _ in blocks] == ["hikes.csv", "hikes.json"]
    for name, content in blocks:
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert sum(len(content.splitlines()) for _, content in blocks) <= 20
    code = re.search(r"```python\n(.*?)```", text, re.S)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code[1], names)  # the manual's own lines
    assert names["wanted"] == ["coast", "short"]
    assert names["unwanted"] == ["hard"]
    assert chatrec("catalog", "check", "hikes.csv").code == 0
    train = ("train", "--agent", "sarsa", "--catalog", "hikes.csv", "--candidates", 4, "--encoder", "hash")
    assert chatrec(*train, "--turns", 200, "--curve-people", 2, "--out", "run").code == 0

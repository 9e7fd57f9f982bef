"""``chatrec tune``: trials are kept, gone on with, stopped early; the best settings are read by ``chatrec train``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.errors import ArtifactError, ConfigError
from experiments.train.spaces import Range, space_of, usual_values
from experiments.train.tuned import keep_tuned, read_tuned, tuned_settings

FEW = ("--agent", "lin_ucb", "--encoder", "hash", "--turns", 400, "--people", 20)
ITEMS = "ChatRec/Items-v0"


def test_a_search_goes_on_where_it_was_and_train_reads_its_best(chatrec: Any, tmp_path: Path) -> None:
    first = chatrec(
        "tune", *FEW, "--trials", 1, "--space", '{"questions": [0, 1]}', "--out", "search", "--json"
    )
    assert first.code == 0
    one = json.loads(first.out)
    # The first trial has the usual settings.
    assert one["trials"][0]["settings"] == {"alpha": 0.5, "questions": 1}
    done = chatrec("tune", "--resume", "search", "--trials", 3, "--into", "all.json", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert sorted(row["trial"] for row in told["trials"]) == [0, 1, 2]
    assert told["best"]["return"]["mean"] == max(row["return"]["mean"] for row in told["trials"])
    best = told["best"]["settings"]
    assert tuned_settings(tmp_path / "search" / "tuned.json", ITEMS, "lin_ucb") == best
    assert read_tuned(tmp_path / "all.json")[ITEMS]["lin_ucb"]["settings"] == best
    refused = chatrec("tune", "--resume", "search", "--encoder", "hash", "--max-turns", 9)
    assert (refused.code, "--max-turns 9 cannot be given beside --resume" in refused.err) == (2, True)
    (tmp_path / "search" / "study.journal").rename(tmp_path / "kept")
    lost = chatrec("tune", "--resume", "search", "--trials", 4)
    assert (lost.code, "search/study.journal is missing: it holds the trials" in lost.err) == (2, True)
    few = ("--agent", "lin_ucb", "--encoder", "hash", "--turns", 200, "--curve-people", 2)
    run = chatrec("train", *few, "--tuned", "all.json", "--set", "ridge=3", "--out", "run", "--json")
    assert json.loads(run.out)["training"]["settings"] == {**best, "ridge": 3}
    assert chatrec("train", "--resume", "run", "--turns", 300).code == 0


def test_what_cannot_be_searched_is_refused(refused: Any) -> None:
    refused("nothing to search for lin_ucb", "tune", *FEW, "--space", '{"alpha": null, "questions": null}')
    refused("The range of alpha is a list of choices", "tune", *FEW, "--space", '{"alpha": 3}')
    refused("No hyperparameter of BanditConfig 'alfa'", "tune", *FEW, "--set", "alfa=1")


def test_spaces() -> None:
    space = space_of("dqn", {"tau": {"low": 0.1, "high": 1.0}, "batch_size": None})
    assert "batch_size" not in space
    assert space["tau"].holds(0.1)
    usual = usual_values("dqn", space, 1_000)
    assert usual["learning_rate"] == 5e-4
    assert "tau" not in usual  # the library's own
    with pytest.raises(ConfigError, match="A range has low < high"):
        Range(low=2.0, high=1.0)


def test_the_file_of_tuned_settings(tmp_path: Path) -> None:
    file = tmp_path / "tuned.json"
    keep_tuned(file, ITEMS, "dqn", {"settings": {"gamma": 0.8}})
    keep_tuned(file, ITEMS, "ppo", {"settings": {"gamma": 0.9}})
    assert tuned_settings(file, ITEMS, "dqn") == {"gamma": 0.8}
    with pytest.raises(ArtifactError, match=r"holds dqn in .*, ppo in .*, expected sarsa in"):
        tuned_settings(file, ITEMS, "sarsa")
    file.write_text('{"ChatRec/Items-v0": {"dqn": 3}}')
    with pytest.raises(ArtifactError, match="should hold"):
        read_tuned(file)
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_tuned(tmp_path / "none.json")

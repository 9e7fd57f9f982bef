from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.simulator.ranking import correlations, disagreements, people_of

HASH = EnvConfig(encoder="hash")


def test_rankings_that_are_alike_and_that_are_reversed() -> None:
    rng = np.random.default_rng(0)
    one = np.array([0.0, 5.0, 10.0])[:, None] + rng.normal(size=(3, 200))
    table = correlations(np.stack([one, one + 1.0, -one]), 0)
    assert table[0][0] is None
    assert table[0][1] == table[1][0]
    alike, reversed_ = table[0][1], table[0][2]
    assert alike is not None
    assert reversed_ is not None
    assert (alike["mean"], reversed_["mean"]) == (1.0, -1.0)


def test_only_clear_preferences_disagree() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(2, 3, 100))
    # The second simulator prefers b to a, the first a to b; neither tells b from c.
    lead = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 3.0]])
    (found,) = [
        each for each in disagreements(noise + lead[:, :, None], ["s", "t"], ["a", "b", "c"])
        if each["systems"] == ["a", "b"]
    ]  # fmt: skip
    assert (found["first"], found["second"]) == (["s"], ["t"])
    assert not disagreements(noise, ["s", "t"], ["a", "b", "c"])


def test_a_simulator_is_a_change_to_the_people() -> None:
    assert people_of(HASH, "talk=crs").talk == "crs"
    assert people_of(HASH, 'scenario={"name": "full", "satiation": 1.2}').scenario == {
        "name": "full",
        "satiation": 1.2,
    }
    with pytest.raises(UnknownNameError, match="Did you mean 'scenario'"):
        people_of(HASH, "scenari=null")
    with pytest.raises(ConfigError, match="NAME=VALUE"):
        people_of(HASH, "null")


def test_the_command(chatrec: Any) -> None:
    options = ("greedy", "random", "popular", "--people", 12)
    two = ("--simulators", "scenario=full", "scenario=null")
    document = json.loads(chatrec("rank-systems", *options, *two, "--json", "--out", "runs/r").out)
    assert document["simulators"] == ["scenario=full", "scenario=null"]
    assert {row["policy"] for row in document["rows"]} == {"greedy", "random", "most popular"}
    assert -1 <= document["spearman"][0][1]["mean"] <= 1
    assert Path("runs/r/table.json").exists()
    assert "Rank correlation" in chatrec("rank-systems", *options, *two).out


def test_what_cannot_be_ranked_is_refused(refused: Any) -> None:
    options = ("greedy", "random", "popular", "--people", 12)
    refused("at least two simulators", "rank-systems", *options, "--simulators", "scenario=full")
    refused("at least three systems", "rank-systems", "greedy", "random")

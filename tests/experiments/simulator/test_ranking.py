from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.simulator.ranking import correlations, disagreements
from experiments.simulator.ranking_page import headline
from experiments.simulator.variants import labels_of, noisy, people_of

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


def test_noise_lies_on_the_line_from_what_can_be_relied_on_to_noisy() -> None:
    half = noisy("full", 0.5)
    assert half == {
        "name": "full", "knows": pytest.approx(0.95), "vague": 0.35, "ignores": 0.075, "changes_mind": 0.025,
        "typos": 0.5, "careless": 0.25,
    }  # fmt: skip
    assert noisy({"name": "null", "pickiness": 2.0}, 0) == {
        "name": "null", "pickiness": 2.0, "knows": 1.0, "vague": 0.0, "ignores": 0.0, "changes_mind": 0.0,
        "typos": 0.0, "careless": 0.0,
    }  # fmt: skip
    twice = noisy("full", 2)
    assert (twice["vague"], twice["typos"], twice["careless"]) == (1.0, 1.0, 1.0)  # shares
    assert twice["knows"] == pytest.approx(0.8)
    assert people_of(HASH, "noise=2").scenario == twice
    with pytest.raises(ConfigError, match="noise must be 0 or more, got -1"):
        people_of(HASH, "noise=-1")
    with pytest.raises(ConfigError, match="noise expects a number"):
        people_of(HASH, "noise=much")


def test_simulators_have_short_names() -> None:
    llm, other = 'users={"name": "llm", "mode": "words"}', 'users={"name": "llm", "mode": "full"}'
    assert labels_of(["talk=crs", llm, other]) == {
        "talk=crs": "talk=crs",
        "users=llm": llm,
        "users=llm (3)": other,
    }


def test_the_command(chatrec: Any) -> None:
    options = ("greedy", "random", "popular", "--people", 12)
    two = ("--simulators", "scenario=full", "noise=1")
    done = chatrec("rank-systems", *options, *two, "--json", "--out", "runs/r", "--track", "tensorboard")
    document = json.loads(done.out)
    assert document["simulators"] == ["scenario=full", "noise=1"]
    assert {row["policy"] for row in document["rows"]} == {"greedy", "random", "most popular"}
    assert -1 <= document["spearman"][0][1]["mean"] <= 1
    assert "Rank correlation" in Path("runs/r/table.md").read_text()
    page = Path("runs/r/index.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    files = ("table.json", "returns.csv", "returns.tex", "agreement.csv", "ranks.svg", "correlations.png")
    assert [name for name in files if not Path("runs/r", name).exists()] == []
    logged = [json.loads(line) for line in Path("runs/r/metrics.jsonl").read_text().splitlines()]
    first = next(line for line in logged if line["event"] == "row")
    assert first["values"]["scenario=full"] == document["rows"][0]["returns"]["scenario=full"]
    assert any(Path("runs/r/tensorboard").iterdir())


def test_a_language_model_is_a_simulator_too(chatrec: Any, rules: Any) -> None:
    words = 'users={"name": "llm", "backend": "rules", "mode": "words"}'
    options = ("greedy", "random", "popular", "--people", 6, "--max-turns", 4, "--out", "r", "--json")
    document = json.loads(chatrec("rank-systems", *options, "--simulators", "talk=plain", words).out)
    assert document["simulators"] == ["talk=plain", "users=llm"]
    assert document["people_of"]["users=llm"] == words
    assert rules.asked > 0
    # This model repeats what the scripted person means, without typing errors: the same rankings, almost.
    assert document["spearman"][0][1]["mean"] > 0.4
    (usage,) = [json.loads(x) for x in Path("r/metrics.jsonl").read_text().splitlines() if '"users"' in x][:1]
    assert usage["event"] == "users"


def test_the_page_names_the_systems_on_which_simulators_disagree() -> None:
    rows = [{"policy": p, "ranks": {"s": i, "t": 4 - i}} for i, p in enumerate("abc", 1)]
    document = {
        "simulators": ["s", "t"],
        "rows": rows,
        "spearman": [[None, {"mean": -1.0}], [{"mean": -1.0}, None]],
        "disagreements": [{"systems": ["a", "c"], "first": ["s"], "second": ["t"]}],
    }
    line, told = headline(document)
    assert line == "2 simulators disagree clearly on 1 of 3 pairs of systems"
    assert "the other way round by some: a or c." in told
    assert "Least alike are s and t: rank correlation −1.00." in told
    assert headline({**document, "disagreements": []})[0].endswith("without a clear disagreement")


def test_what_cannot_be_ranked_is_refused(refused: Any) -> None:
    options = ("greedy", "random", "popular", "--people", 12)
    refused("at least two simulators", "rank-systems", *options, "--simulators", "scenario=full")
    refused("at least three systems", "rank-systems", "greedy", "random")
    refused("Name one with --out", "rank-systems", *options, "--track", "tensorboard")

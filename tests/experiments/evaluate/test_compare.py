from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.envs.config import EnvConfig
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import find_policies, task_of
from experiments.evaluate.measures import MEASURES
from experiments.evaluate.measuring import measure, segments
from experiments.evaluate.rollout import people_seeds, run
from experiments.evaluate.stats import holm, paired_p, pairing, people_needed
from experiments.report.runlog import Run

QUICK = ("--people", 30, "--encoder", "hash")


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.03, 0.04 times 3, 2, 1; never falling.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]


def test_paired_p_is_the_t_test() -> None:
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(0)
    a, b = rng.normal(0.2, 1, 50), rng.normal(0, 1, 50)
    assert paired_p(a, b) == pytest.approx(float(ttest_rel(a, b).pvalue))
    assert paired_p(a, a) == 1.0
    assert paired_p(a + 1.0, a) == pytest.approx(0.0)


def test_what_pairing_saves() -> None:
    a, b = np.array([0.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0])
    # var(a - b) = 1, var(a) + var(b) = 4 + 1.
    assert pairing(a, b) == pytest.approx(0.2)
    assert pairing(a, a) == 0.0
    assert math.isnan(pairing(np.ones(3), np.ones(3)))
    # (1.96 * 1 / 0.5)^2 = 15.4
    assert people_needed(a, b, 0.5) == 16


def test_segments_are_of_those_who_came() -> None:
    n = 90
    traits = {
        "threshold": np.arange(n) * 1.0,
        "patience": np.full(n, 3.0),
        "context": np.where(np.arange(n) < 30, 0.0, -1.0),
        "history": np.zeros(n),
    }
    found = segments(traits, ["alone", "kids"])
    assert {name: int(who.sum()) for name, who in found.items()} == {
        "easy to please": 30,
        "picky": 30,
        "alone": 30,
        "no company named": 60,
    }
    assert found["picky"][-1]
    assert not found["picky"][0]


def test_measures_agree_with_the_plain_evaluation() -> None:
    (c,) = find_policies(["ask_then_recommend"], EnvConfig(encoder="hash"))
    seeds = people_seeds("eval", 0, 12)
    plain = run(task_of(c), c.policy, seeds)
    full = measure(task_of(c), c.policy, seeds, Meter(quiet=True), "", size=5)
    assert set(full.columns) == {m.key for m in MEASURES}
    for key, field in (
        ("return", "ret"),
        ("clicks", "clicks"),
        ("questions", "questions"),
        ("turns", "turns"),
    ):
        np.testing.assert_array_equal(full.columns[key], getattr(plain, field))
    np.testing.assert_array_equal(full.columns["rating"], plain.stars)
    np.testing.assert_array_equal(full.columns["left_unhappy"], plain.left_unhappy)
    assert full.shown.sum() == (plain.turns - plain.questions).sum()
    shares = [full.columns[k] for k in ("ctr", "precision", "recall", "ndcg", "elicited", "repeated")]
    assert all(np.nanmin(share) >= 0 and np.nanmax(share) <= 1 for share in shares)


def test_who_always_shows_the_best_regrets_nothing() -> None:
    from agents.planner import Oracle

    (c,) = find_policies(["greedy"], EnvConfig(encoder="hash", scenario="null", n_candidates=100))
    seeds = people_seeds("eval", 0, 12)
    best = measure(task_of(c), Oracle(task_of(c)), seeds, Meter(quiet=True), "")
    plain = measure(task_of(c), c.policy, seeds, Meter(quiet=True), "")
    assert np.nanmean(best.columns["regret"]) < 0.5 * np.nanmean(plain.columns["regret"])
    assert np.nanmean(best.columns["ndcg"]) > np.nanmean(plain.columns["ndcg"])


def test_the_command(chatrec: Any) -> None:
    done = chatrec("compare", "greedy", "random", *QUICK, "--json", "--out", "runs/c")
    document = json.loads(done.out)
    assert document["reference"] == "greedy"
    assert [row["policy"] for row in document["rows"]] == ["greedy", "random"]
    assert document["rows"][1]["difference"]["mean"] < 0
    assert 0 < document["rows"][1]["p"] < 1
    header = Path("runs/c/measures.csv").read_text().splitlines()[0]
    assert header == "measure,greedy,greedy low,greedy high,random,random low,random high"
    assert "serves" in Path("runs/c/index.html").read_text()
    # Every number of the page is a line of metrics.jsonl, unrounded.
    logged = {
        (line["table"], line["row"]): line["values"] for line in Run.open(Path("runs/c")).metrics("row")
    }
    assert logged["differences", "random"]["p"] == document["rows"][1]["p"]
    assert logged["measures", "NDCG (high)"]["greedy"] == document["rows"][0]["measures"]["ndcg"]
    alone = chatrec("compare", "greedy", "random", *QUICK).out
    assert "worst" not in alone  # thirty people are one segment
    told = chatrec("compare", "greedy", "random", "--people", 120, "--encoder", "hash").out
    assert all(word in told for word in ("NDCG", "people saved", "worst"))


def test_people_follow_from_the_interval_that_is_wanted(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.evaluate.compare.PILOT", 30)
    done = chatrec("compare", "greedy", "random", "--encoder", "hash", "--within", 2.0, "--json")
    told = json.loads(done.out)
    assert 2 <= told["people"] == told["within_people"] < 200


def test_too_few_people_for_the_interval_that_is_wanted_are_told(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    monkeypatch.setattr("experiments.evaluate.compare.PILOT", 30)
    command = ("compare", "greedy", "random", *QUICK, "--within", 0.01)
    told = json.loads(chatrec(*command, "--json").out)
    assert (told["people"], told["within_people"] > 1000) == (30, True)
    shown = " ".join(chatrec(*command).out.split())
    assert f"±0.01 is missed: 30 people were met, and it takes about {told['within_people']:,}" in shown
    refused("name two policies or more, got", "compare", "greedy", *QUICK, "--within", 0.5)


def test_a_reference_must_be_among_those_who_are_compared(refused: Any) -> None:
    refused("greedy", "compare", "greedy", "random", *QUICK, "--reference", "gready")
    refused("above 0", "compare", "greedy", *QUICK, "--within", 0)

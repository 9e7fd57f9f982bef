"""One learner of each family from the command line: trained, gone on with, compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.registry import AGENTS

FAMILIES = (
    "double_q_learning", "linear_sarsa", "deep_q_learning", "slate_q", "thompson", "cloning", "dqn", "recurrent_ppo",
)  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_it_is_trained_and_gone_on_with_and_compared(chatrec: Any, name: str) -> None:
    settings = [f"{key}={json.dumps(value)}" for key, value in AGENTS[name].small.items()]
    few = ("--encoder", "hash", "--max-turns", 4, "--curve-people", 2, "--turns", 100)
    begun = chatrec("train", "--agent", name, *few, "--set", *settings, "--out", "run", "--json")
    assert begun.code == 0
    further = chatrec("train", "--resume", "run", "--turns", 300, "--json")
    assert json.loads(further.out)["evaluation"]["turns"] >= 300
    lost = Path("run/policies") / name / "training.safetensors"
    if lost.exists():  # cloning needs none
        lost.unlink()
        stopped = chatrec("train", "--resume", "run", "--turns", 500)
        assert stopped.code == 2
        assert f"{lost} is missing: it has what a training needs to go on" in stopped.err
    done = chatrec("evaluate", "run", "greedy", "--people", 4, "--json")
    rows = {row["policy"]: row for row in json.loads(done.out)["rows"]}
    assert set(rows) == {AGENTS[name].label, "greedy"}
    assert rows[AGENTS[name].label]["learned"]

"""``chatrec learners``: one table a scenario, each learner beside the best heuristic of its kind of action."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from experiments.train.learners import make_rows


def test_a_small_comparison(chatrec: Any, tmp_path: Path) -> None:
    few = ("--share", 0.004, "--people", 10, "--seeds", 2, "--tune-people", 9, "--workers", 1)
    done = chatrec(
        "learners", "--learners", "lin_ucb", "--scenarios", "null", *few, "--json", "--out", tmp_path / "run"
    )
    assert done.code == 0
    told = json.loads(done.out)
    assert told["turns"] == {"lin_ucb": 200}
    rows = {row["policy"]: row for row in told["tables"]["null"]}
    assert set(rows) == {"lin_ucb", "random", "greedy", "ask_then_recommend"}
    assert rows["lin_ucb"]["difference"]["n"] == 20
    assert "| **LinUCB** | Items-v0 | 200 |" in (tmp_path / "run" / "table.md").read_text(encoding="utf-8")


def test_learners_are_compared_with_the_best_heuristic_of_their_actions() -> None:
    def met(name: str, rivals: str, *returns: float) -> dict[str, Any]:
        return {"name": name, "rivals": rivals, "return": list(returns), "questions": [0.0] * len(returns)}

    rows = make_rows(
        [
            met("random", "items", 0.0, 1.0, 2.0, 3.0),
            met("greedy", "items", 2.0, 3.0, 4.0, 5.0),
            met("greedy", "slate", 9.0, 9.0, 9.0, 9.0),
            # Trained twice; each met two of the people.
            met("dqn", "items", 3.0, 4.0),
            met("dqn", "items", 5.0, 6.0),
        ]
    )
    dqn = next(row for row in rows if row["policy"] == "dqn")
    assert dqn["best"] == "greedy"
    assert dqn["difference"]["mean"] == 1.0
    assert dqn["return"]["mean"] == 4.5

"""The ranking of policies with two kinds of people: agreement by hand, and the command."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from experiments.report.documents import read_document
from experiments.simulator.agreement import AgreementConfig, agreement, spearman


def test_rank_correlation_is_scipys() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 4, (2, 30, 6)).astype(float)
    expected = [spearmanr(a, b).statistic for a, b in zip(one, other, strict=True)]
    assert np.allclose(spearman(one, other), expected, equal_nan=True)
    assert np.isnan(spearman([1.0, 1.0], [1.0, 2.0]))


def test_agreement_by_hand() -> None:
    """Three policies, two swapped: rho = 1 - 6 * 2 / 24 = 0.5; 3 of the 6 orders reach that (1, 0.5, 0.5)."""
    scripted = np.array([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0]])
    llm = np.array([[2.0, 2.0], [3.0, 3.0], [1.0, 1.0]])
    found = agreement(scripted, llm, seed=0)
    assert found["spearman"]["mean"] == pytest.approx(0.5)
    assert found["spearman"]["low"] == found["spearman"]["high"] == pytest.approx(0.5)  # people do not differ
    assert found["p"] == pytest.approx(3 / 6)
    assert (found["pairs"], found["pairs_alike"]) == (3, 2)


def test_the_interval_widens_where_people_differ() -> None:
    rng = np.random.default_rng(1)
    effect = np.array([0.0, 0.3, 0.6, 0.9])[:, None]
    few = agreement(effect + rng.normal(size=(4, 8)), effect + rng.normal(size=(4, 8)), seed=0)["spearman"]
    many = agreement(effect + rng.normal(size=(4, 800)), effect + rng.normal(size=(4, 800)), seed=0)[
        "spearman"
    ]
    assert many["low"] > few["low"]
    assert many["mean"] == 1


def test_the_command(chatrec: Any, rules: Any) -> None:
    users = '{"name": "llm", "backend": "rules", "mode": "%s", "recording": "r.jsonl"}'
    quick = ("simulator-agreement", "random", "greedy", "ask_then_recommend", "--people", 5, "--max-turns", 5)
    # In mode "words" the scripted preferences decide: the same returns, and so the same ranking.
    words = json.loads(chatrec(*quick, "--users", users % "words", "--json", "--out", "run").out)
    assert words["spearman"]["mean"] == 1
    assert words["pairs_alike"] == 3
    assert all(row["difference"]["mean"] == 0 for row in words["rows"])
    assert read_document(Path("run/table.json"))["rows"] == words["rows"]
    assert "3 of 3 pairs of policies in the same order" in Path("run/index.html").read_text()
    assert [
        name for name in ("table.csv", "table.tex", "returns.svg") if not Path("run", name).exists()
    ] == []
    choice = json.loads(chatrec(*quick, "--users", users % "choice", "--json").out)
    assert any(row["difference"]["mean"] != 0 for row in choice["rows"])
    assert [row["scripted"] for row in choice["rows"]] == [row["scripted"] for row in words["rows"]]
    asked = rules.asked
    told = chatrec(*quick, "--users", users % "choice", "--replay")
    assert told.code == 0, told.err
    assert "Spearman" in told.out
    assert rules.asked == asked


def test_a_learned_policy_is_ranked_with_the_others(chatrec: Any, rules: Any, finished: Any) -> None:
    """Trained with scripted people, evaluated with the LLM user simulator."""
    users = '{"name": "llm", "backend": "rules", "mode": "choice"}'
    policies = ("random", "greedy", finished.folder / "policies" / "ppo")
    done = chatrec(
        "simulator-agreement", *policies, "--people", 4, "--max-turns", 5, "--users", users, "--json"
    )
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert [row["learned"] for row in table["rows"] if row["policy"] == "PPO"] == [True]
    assert sorted(row["llm_rank"] for row in table["rows"]) == [1, 2, 3]
    assert table["reference"] in ("greedy", "random")


def test_too_few_policies_are_no_ranking(chatrec: Any, rules: Any) -> None:
    done = chatrec(
        "simulator-agreement", "greedy", "random", "--users", '{"name": "llm", "backend": "rules"}'
    )
    assert (done.code, "at least three policies, got 2" in done.err) == (2, True)
    with pytest.raises(ValueError, match="--people must be 2 or more"):
        AgreementConfig(people=1)


def test_the_example_of_the_document_runs(
    repo: Path, rules: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training and people made smaller, and the model replaced; otherwise as it stands there."""
    section = (
        (repo / "docs" / "llm.md").read_text(encoding="utf-8").split("## Trained with scripted users")[1]
    )
    code = section.split("```python\n")[1].split("```")[0]
    small = "turns=256, num_envs=16, batch_size=64, warm_start=0, check_people=0"
    for old, new in (("turns=200_000", small), ('"llamacpp"', '"rules"'), ("0, 20)", "0, 3)")):
        assert old in code
        code = code.replace(old, new)
    monkeypatch.setattr(
        "agents.ppo.network.START_CURIOSITY", -1.0
    )  # so little training leaves it asking otherwise
    exec(compile(code, "llm.md", "exec"), {})
    assert len(re.findall(r"return -?[\d.]+, accepted [\d.]+, turns [\d.]+", capsys.readouterr().out)) == 2
    assert rules.asked > 0

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.checkpoints import turns_trained
from chatrec_env.errors import ArtifactError
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import Episodes
from experiments.evaluate.tables import METRICS, Result, check_table
from experiments.report.documents import read_document
from experiments.report.runlog import Run
from experiments.train.demo import STEPS, Demo, telling_person

POLICIES = {
    "random",
    "most popular",
    "greedy",
    "ask-n-then-recommend (tuned)",
    "most informative question",
    "Q-learning",
    "SARSA",
    "PPO",
}


def test_the_run_folder_has_everything(finished: Any) -> None:
    files = {str(p.relative_to(finished.folder)) for p in finished.folder.rglob("*") if p.is_file()}
    assert {
        "run.json",
        "metrics.jsonl",
        "table.json",
        "table.csv",
        "table.tex",
        "table.md",
        "curves.png",
        "curves.svg",
        "returns.png",
        "index.html",
        "policies/ask_then_recommend/policy.json",
        "policies/ppo/policy.safetensors",
        "policies/q_learning/policy.safetensors",
        "policies/sarsa/policy.safetensors",
    } <= files
    transcripts = sorted(f for f in files if f.startswith("transcripts/"))
    assert [Path(f).suffix for f in transcripts] == [".html", ".md"] * 2
    assert not [f for f in files if f.endswith(".part")]
    run = Run.open(finished.folder)
    assert (run.status, tuple(run.finished)) == ("finished", STEPS)


def test_every_policy_met_the_same_people(finished: Any) -> None:
    table = check_table(read_document(finished.folder / "table.json"), "table.json")
    assert {row["policy"] for row in table["rows"]} == POLICIES
    assert table["people"] == finished.sizes.people
    assert {r["policy"] for r in table["rows"] if r["learned"]} == {"Q-learning", "SARSA", "PPO"}
    returns = [r["return"]["mean"] for r in table["rows"]]
    assert returns == sorted(returns, reverse=True)
    reference = next(r for r in table["rows"] if r["policy"] == table["reference"])
    assert not reference["learned"]
    assert reference["difference"] is None
    for row in table["rows"]:
        for metric in METRICS:
            if metric.key == "rating" and row["rating"]["mean"] is None:
                continue  # a policy that has hardly learned may have had nothing accepted
            assert row[metric.key]["low"] <= row[metric.key]["mean"] <= row[metric.key]["high"]
        total = sum(row["terms"].values())
        assert total == pytest.approx(row["return"]["mean"])
        if row["difference"] is not None:
            gap = row["return"]["mean"] - reference["return"]["mean"]
            assert row["difference"]["mean"] == pytest.approx(gap)


def test_each_learner_has_a_curve_that_ends_where_it_was_saved(finished: Any) -> None:
    run = Run.open(finished.folder)
    for agent, name in (("Q-learning", "q_learning"), ("SARSA", "sarsa"), ("PPO", "ppo")):
        turns = turns_trained(run.policy_folder(name))
        assert (
            finished.sizes.turns <= turns < 2 * finished.sizes.turns
        )  # whole batches, or whole conversations
        points = [r["turns"] for r in run.metrics("evaluation") if r["agent"] == agent]
        assert points == sorted(points)
        assert points[-1] == turns
        assert any(r["agent"] == agent for r in run.metrics("training"))
    assert run.metrics("tuned")[0]["params"]["questions"] in (0, 2)


def test_the_page_needs_nobody_else(finished: Any) -> None:
    page = (finished.folder / "index.html").read_text()
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:|#)", page)
    assert not re.findall(r"https?://|@import|url\(", page)
    assert page.count("data:image/png;base64,") == 2
    for policy in POLICIES:
        assert policy in page
    assert "The same person, twice" in page


def test_the_demo_repeats_to_the_bit(finished: Any, tmp_path: Path) -> None:
    run = Run.create(tmp_path / "again", kind="demo", config=asdict(finished.sizes), seeds={"all": 0})
    Demo(run, Meter(quiet=True)).go()
    assert read_document(run.folder / "table.json") == read_document(finished.folder / "table.json")


def test_an_interrupted_demo_keeps_what_is_done_and_goes_on(
    tmp_path: Path, finished: Any, monkeypatch: pytest.MonkeyPatch, chatrec: Any
) -> None:
    run = Run.create(tmp_path / "run", kind="demo", config=asdict(finished.sizes), seeds={"all": 0})

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("agents.ppo.agent.train_ppo", stop)
        done = chatrec("demo", "--resume", run.folder)
    assert done.code == 130
    assert f"Finished and kept in {run.folder}: read, tune, q_learning, sarsa." in done.err
    assert f"chatrec demo --resume {run.folder}" in done.err
    assert Run.open(run.folder).status == "interrupted"
    assert Run.open(run.folder).policies() == ["ask_then_recommend", "q_learning", "sarsa"]
    again = chatrec("demo", "--resume", run.folder, "--json")
    assert again.code == 0
    assert json.loads(again.out)["rows"] == read_document(finished.folder / "table.json")["rows"]


@pytest.mark.parametrize(
    "file", ["run.json", "metrics.jsonl", "policies/ppo/policy.json", "policies/sarsa/policy.safetensors"]
)
@pytest.mark.parametrize("command", ["evaluate", "watch", "chat"])
def test_a_damaged_run_is_named_not_used(own_run: Path, file: str, command: str, chatrec: Any) -> None:
    path = own_run / file
    path.write_bytes(b"\x00damaged\n" + path.read_bytes()[: path.stat().st_size // 2] + b"\n")
    agent = () if command == "evaluate" else ("--agent", file.split("/")[1] if "/" in file else "ppo")
    done = chatrec(command, own_run, *agent)
    assert done.code == 2
    assert done.out == ""
    assert file in done.err
    assert "Traceback" not in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("error:")]) == 1


def test_a_table_that_lost_a_column_is_named() -> None:
    with pytest.raises(ArtifactError, match="is not a table of results"):
        check_table({"rows": [{"policy": "x"}], "people": 3, "reference": None}, "table.json")


def test_the_person_shown_is_at_the_upper_quartile() -> None:
    def result(returns: list[float]) -> Result:
        n = len(returns)
        zeros = np.zeros(n, np.int64)
        episodes = Episodes(
            seeds=np.array([11, 22, 33, 44, 55], np.uint64),
            ret=np.array(returns),
            clicks=zeros,
            stars=np.zeros(n),
            questions=zeros,
            turns=zeros,
            left_unhappy=zeros > 0,
            left=zeros > 0,
            success=zeros > 0,
            terms={},
        )
        return Result("x", "env", learned=True, episodes=episodes)

    # Differences 9, -2, 1, 0, 3, in order -2, 0, 1, 3, 9: the fourth is of the fifth person.
    assert telling_person(result([9, 0, 4, 5, 3]), result([0, 2, 3, 5, 0])) == 55

"""``chatrec log``, ``chatrec ope`` and ``chatrec ope-study``: small runs, tables by hand, errors that name the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.offline.estimates import ESTIMATORS
from experiments.offline.study import OpeStudyConfig, parts_of
from experiments.offline.study_tables import pair_table, rank_table, recommended
from experiments.report.documents import read_document
from experiments.report.runlog import Run

SMALL = (
    "--env",
    "ChatRec/Strategy-v0",
    "--encoder",
    "none",
    "--max-turns",
    "3",
    "--people",
    "60",
    "--no-minari",
)


def test_log_then_ope(chatrec: Any, tmp_path: Path) -> None:
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    done = chatrec("log", "greedy:epsilon=0.6", *SMALL, "--out", "runs/relative")
    assert done.code == 0, done.err
    done = chatrec("log", "greedy:epsilon=0.6", *SMALL, "--out", first)
    assert done.code == 0, done.err
    assert chatrec("log", "random", *SMALL, "--out", second).code == 0
    done = chatrec("ope", first, second, "greedy:epsilon=0.4", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert [(t["policy"], t["logged"]) for t in told["tables"]] == [
        ("greedy:epsilon=0.4", "greedy:epsilon=0.6"),
        ("greedy:epsilon=0.4", "random"),
    ]
    assert [one["estimator"] for one in told["tables"][0]["estimates"]] == list(ESTIMATORS)
    assert set(told["relative_errors"]) == set(ESTIMATORS)
    done = chatrec("ope", first, "greedy:epsilon=0.4", "--out", second)
    assert (done.code, "is not empty" in done.err) == (2, True)
    kept = ("--out", "judged", "--track", "tensorboard")
    assert chatrec("ope", first, "greedy:epsilon=0.4", *kept).code == 0
    run = Run.open(Path("judged"))
    (line,) = run.metrics("curve")
    assert line["diagnostics"]["conversations"] == 60
    rows = {row["row"]: row["values"] for row in run.metrics("row")}
    ips, bernstein = (rows["IPS"][head] for head in ("return", "Bernstein"))
    assert bernstein["mean"] == ips["mean"]
    assert bernstein["high"] - bernstein["low"] > ips["high"] - ips["low"]  # unrounded, with its ends
    assert read_document(Path("judged/table.json"))["tables"][0]["policy"] == "greedy:epsilon=0.4"
    files = ("index.html", "policy-1.csv", "policy-1.tex", "policy-1.svg", "policy-1.png", "tensorboard")
    assert [name for name in files if not Path("judged", name).exists()] == []
    done = chatrec("ope", first, "greedy:epsilon=0.4")
    assert "should be 1" in " ".join(done.out.split())
    done = chatrec("ope", first, f"{first}/", "greedy:epsilon=0.4")
    assert (done.code, "Name each log once" in done.err) == (2, True)


def test_a_log_of_a_policy_that_never_draws_judges_no_other(chatrec: Any, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    chatrec("log", "greedy", *SMALL, "--out", log)
    done = chatrec("ope", log, "random")
    assert done.code == 2
    assert "never takes" in done.err
    nobody = chatrec("ope", log)
    assert (nobody.code, "Name a policy to judge" in nobody.err) == (2, True)
    other = str(tmp_path / "other")
    chatrec("log", "random", *SMALL[:-2], "30", "--no-minari", "--scenario", "null", "--out", other)
    assert "different environments" in chatrec("ope", log, other, "greedy").err


@pytest.mark.parametrize(
    ("names", "says"),
    [
        pytest.param(
            ("runs/gone", "greedy"), "runs/gone is neither a log nor a policy: there is no", id="missing"
        ),
        pytest.param(
            ("gone.sqlite", "greedy"), "gone.sqlite is neither a log nor a policy", id="missing-store"
        ),
        pytest.param(("empty.sqlite", "greedy"), "empty.sqlite is an empty file.", id="empty-file"),
        pytest.param(("notes.txt", "greedy"), "notes.txt is no file of sessions.", id="text-file"),
        pytest.param(("bare", "greedy"), "bare is an empty folder.", id="empty-folder"),
        pytest.param(("full", "greedy"), "full is a folder without a log or a policy.", id="other-folder"),
        pytest.param(
            ("log", "run"), "run is a run folder; policies of a run are in run/policies.", id="run-folder"
        ),
        pytest.param(("log", "gredy:epsilon=0.1"), "Did you mean 'greedy'?", id="misspelt-policy"),
        pytest.param(
            ("greedy:epsilon=0.1",), "Name a log besides the policy, a folder that `chatrec log`", id="no-log"
        ),
    ],
)
def test_what_is_neither_log_nor_policy_is_told_by_name(
    refused: Any, names: tuple[str, ...], says: str
) -> None:
    for file, text in (("empty.sqlite", ""), ("notes.txt", "mine"), ("full/a", ""), ("run/run.json", "{}")):
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).write_text(text)
    Path("bare").mkdir()
    Path("log").mkdir()
    Path("log/log.json").write_text("{}")
    refused(says, "ope", *names)
    if "log" not in names:
        refused("a file in which `chatrec serve` kept sessions", "ope", *names)


def repetition(mean: float, gain: float) -> dict[str, Any]:
    """One log whose estimates are all ``mean`` plus or minus 0.1, and the gain likewise."""
    one = {
        "interval": {"mean": mean, "low": mean - 0.1, "high": mean + 0.1},
        "gain": {"mean": gain, "low": gain - 0.1, "high": gain + 0.1},
        "bernstein": {"mean": mean, "low": mean - 1.0, "high": mean + 1.0},
    }
    told = {"share": 0.5, "weight": {"mean": 1.0}, "overlap": 0.8, "warnings": []}
    return {"estimates": [{"estimator": name, **one} for name in ESTIMATORS], **told}


def test_a_pair_by_hand() -> None:
    logs = [repetition(2.0, 0.5), repetition(2.05, 0.05), repetition(2.3, 0.8), repetition(1.95, 0.45)]
    table = pair_table("old", "new", {"old": 1.5, "new": 2.0}, logs)
    row = table["rows"][0]
    assert row["bias"] == pytest.approx(0.075)
    assert row["rmse"] == pytest.approx(((0.05**2 + 0.3**2 + 0.05**2) / 4) ** 0.5)
    assert row["relative"] == pytest.approx((0.025 + 0.15 + 0.025) / 4)
    assert row["coverage"]["mean"] == 0.75
    assert row["bernstein"]["mean"] == 1.0
    assert row["type_1"]["mean"] == 0.25  # the third's interval of the gain lies above 0.5
    assert row["claimed"]["mean"] == 0.75  # the second's holds 0
    assert recommended([table]) is None  # 75% is not 92 to 98


def test_a_ranking_by_hand() -> None:
    truth = {"a": 1.0, "b": 2.0, "c": 3.0}
    logs = [
        {"points": [dict.fromkeys(ESTIMATORS, v) for v in (0.1, 0.2, 0.3)]},
        {"points": [dict.fromkeys(ESTIMATORS, v) for v in (0.3, 0.2, 0.1)]},
    ]
    row = rank_table(["a", "b", "c"], truth, logs)["rows"][0]
    assert (row["spearman"], row["least"]) == (pytest.approx(0.0), pytest.approx(-1.0))
    assert row["regret"] == 1.0  # 0 of the first log; c less a of the second, 2


def test_a_small_study_writes_its_page_and_goes_on_where_it_was(chatrec: Any, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    small = "--envs ChatRec/Strategy-v0 --people 20 --repetitions 2 --truth-people 100 --rank-people 20"
    options = f"{small} --rank-repetitions 2 --max-turns 2 --workers 1".split()
    done = chatrec("ope-study", *options, "--out", str(folder))
    assert done.code == 0, done.err
    assert "Strategy-v0" in done.out
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "data:image/png;base64" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    before = {file: file.stat().st_mtime_ns for file in (folder / "parts").iterdir()}
    assert chatrec("ope-study", *options, "--out", str(folder), "--json").code == 0
    assert {file: file.stat().st_mtime_ns for file in (folder / "parts").iterdir()} == before


def test_parts_have_names_of_their_own() -> None:
    config = OpeStudyConfig()
    names = [part.name for env in config.envs for part in parts_of(config, env)]
    assert len(set(names)) == len(names)
    assert (config.people, config.repetitions) == (500, 200)


def test_a_study_of_an_environment_without_policies_of_its_own_is_refused(refused: Any) -> None:
    refused(
        "takes ChatRec/Items-v0, ChatRec/Strategy-v0, got ChatRec/Slate-v0",
        *("ope-study", "--envs", "ChatRec/Slate-v0"),
    )

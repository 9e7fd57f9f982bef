"""The published comparison: its arithmetic by hand, its jobs small, and what is kept between runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.base import Decision, decision
from agents.baselines import Greedy
from agents.planner import Oracle
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.progress import Meter
from experiments.evaluate.attainable import attainable, share_of_the_way
from experiments.evaluate.attainable import grid_of as attainable_grid
from experiments.evaluate.reproduce import (
    Ablated,
    ReproduceConfig,
    heuristic_job,
    learner_job,
    make_table,
    parts_of,
    reproduce,
)
from experiments.evaluate.rollout import final_people, meet, people_seeds, run
from experiments.evaluate.trained import TUNED
from experiments.report.documents import FORMAT, read_document, write_document

QUIET = Meter(quiet=True)

SMALL = ReproduceConfig(
    scenarios=("null",),
    seeds=2,
    first_seed=5,
    people=6,
    ppo_turns=8192,
    null_turns=8192,
    tabular_turns=1000,
    encoder="hash",
    planned=2,
)


def part(*returns: float) -> dict[str, Any]:
    """What a part knows of one policy: its columns, person by person."""
    rest = {"clicks": 1.0, "rating": None, "questions": 0.5, "turns": 9.0, "left_unhappy": 0.25}
    found: dict[str, Any] = {key: [value] * len(returns) for key, value in rest.items()}
    return {**found, "rating": [4.0, *[None] * (len(returns) - 1)], "return": list(returns)}


def test_the_table_by_hand() -> None:
    """Learners are compared with the heuristic on the people of their own seeds, in order."""
    parts = [
        {"ppo": part(3.0, 5.0)},
        {"ppo": part(4.0, 6.0)},
        {"greedy": part(1.0, 3.0, 3.0, 3.0)},
        {"random": part(0.0, 0.0, 0.0, 0.0)},
    ]
    table = make_table(parts, scenario="full")
    assert [row["policy"] for row in table["rows"]] == ["ppo", "greedy", "random"]
    ppo, greedy, random = table["rows"]
    assert (table["scenario"], table["reference"], greedy["difference"]) == ("full", "greedy", None)
    assert (ppo["seeds"], ppo["per_seed"], ppo["return"]["mean"]) == (2, [4.0, 5.0], 4.5)
    # By hand: 3-1, 5-3, 4-3, 6-3 are 2, 2, 1, 3.
    assert ppo["difference"]["mean"] == 2.0
    assert ppo["per_seed_ahead"] == [2.0, 2.0]
    assert random["difference"]["mean"] == -2.5
    assert ppo["left_unhappy"] == 0.25
    assert ppo["rating"] == 4.0  # of those who accepted something


def test_the_ablated_policy_reads_zeros_in_one_block_only() -> None:
    task = make_task(EnvConfig(encoder="hash"))
    seen: list[Decision] = []

    class Spy:
        name = "spy"

        def act(self, decision: Decision, uniforms: Any) -> Any:
            seen.append(decision)
            return np.zeros(len(decision), np.int64)

    found = decision(task, meet(task, people_seeds("tune", 0, 3)))
    before = found.observation.copy()
    Ablated(Spy(), "conversation").act(found, np.zeros(3))
    block = task.layout.slices["conversation"]
    assert before[:, block].any()
    assert not seen[0].observation[:, block].any()
    np.testing.assert_array_equal(seen[0].observation[:, block.stop :], before[:, block.stop :])
    np.testing.assert_array_equal(found.observation, before)  # the original is left alone


def test_everybody_meets_people_who_talk_alike() -> None:
    config = replace(SMALL, talk="crs", planned=0)
    assert (config.env("full").talk, config.env("null", "strategy", "tabular").talk) == ("crs", "crs")
    plain, crs = (parts_of(one, "full", Path()) for one in (replace(SMALL, planned=0), config))
    assert all(a.signature != b.signature for a, b in zip(plain, crs, strict=True))  # nothing is mixed


def test_knowing_the_person_helps() -> None:
    task = make_task(EnvConfig(encoder="hash", observation="tabular"))
    seeds = people_seeds("tune", 2, 200)
    assert run(task, Oracle(task), seeds).ret.mean() > run(task, Greedy(), seeds).ret.mean() + 0.5


def test_everybody_is_the_people_of_all_seeds_in_order() -> None:
    seeds = final_people(SMALL.training_seeds, SMALL.people)
    assert seeds == people_seeds("final", 5, 6) + people_seeds("final", 6, 6)
    assert len(set(seeds)) == 12


@pytest.mark.parametrize(
    ("agent", "policies"),
    [
        pytest.param("sarsa", ["sarsa"], id="tabular"),
        pytest.param("ppo", ["ppo", "ppo without conversation"], id="ppo"),
    ],
)
def test_a_learner_is_trained_once_and_meets_its_people(
    agent: str, policies: list[str], tmp_path: Path
) -> None:
    found = learner_job(SMALL, "null", agent, 1, str(tmp_path), QUIET)
    assert list(found) == policies
    assert all(len(numbers["return"]) == 6 for numbers in found.values())
    (kept,) = tmp_path.rglob("policy.json")
    made = kept.stat().st_mtime_ns
    more = learner_job(replace(SMALL, people=8), "null", agent, 1, str(tmp_path), QUIET)
    assert more[agent]["return"][:6] == found[agent]["return"]
    assert kept.stat().st_mtime_ns == made  # the agent kept is used again


@pytest.mark.parametrize(
    ("scenario", "agent", "turns", "settings"),
    [
        pytest.param("patience", "ppo", 10_000, {"warm_start": 300, "rounds": 2}, id="ppo"),
        pytest.param("patience", "ppo", 9_999, {}, id="trial"),
        pytest.param("null", "ppo", 10_000, {}, id="nothing-to-learn"),
        pytest.param("patience", "sarsa", 10_000, {}, id="tabular"),
    ],
)
def test_how_ppo_is_taught(
    scenario: str,
    agent: str,
    turns: int,
    settings: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = replace(
        SMALL, ppo_turns=turns, null_turns=turns, tabular_turns=turns, ppo_people=300, ppo_rounds=2
    )
    asked: list[Any] = []

    def taught(*_: Any, settings: dict[str, int]) -> Greedy:
        asked.append(settings)
        return Greedy()

    monkeypatch.setattr("experiments.evaluate.reproduce.learner", taught)
    learner_job(config, scenario, agent, 1, str(tmp_path), QUIET)
    assert asked == [settings]


def test_what_is_tuned_is_a_part_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is stopped while the tuned heuristic meets people does not tune it again."""
    short = replace(SMALL, tune_people=4)

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("experiments.evaluate.reproduce.met", stopped)
        with pytest.raises(KeyboardInterrupt):
            heuristic_job(short, "null", TUNED, str(tmp_path), QUIET)
    kept = read_document(tmp_path / "parts" / "null-tuning.json")
    assert (kept["signature"]["rounds"], kept["signature"]["env"]["scenario"]) == ([1, 4], "null")
    monkeypatch.setattr("experiments.evaluate.trained.tune", stopped)
    found = heuristic_job(short, "null", TUNED, str(tmp_path), QUIET)[TUNED]
    assert found["params"] == kept["found"]["params"]
    with pytest.raises(KeyboardInterrupt):  # with others it is tuned anew
        heuristic_job(replace(short, tune_people=9), "null", TUNED, str(tmp_path), QUIET)


def test_tuning_with_others_changes_the_tuned_heuristic_alone(tmp_path: Path) -> None:
    usual, short = (parts_of(one, "null", tmp_path) for one in (SMALL, replace(SMALL, tune_people=40)))
    differ = [a.name for a, b in zip(usual, short, strict=True) if a.signature != b.signature]
    assert differ == [f"null-{TUNED}"]


def keep(config: ReproduceConfig, folder: Path) -> list[Path]:
    """Write every part as if it had been computed; returns the files."""
    parts = parts_of(config, "null", folder)
    for one in parts:
        policy = one.name.split("-")[1]
        n = config.people * (1 if one.name[-1].isdigit() else config.seeds)
        found = {policy: part(*(np.arange(n) % 3).tolist())}
        write_document(one.file(folder), {"format": FORMAT, "signature": one.signature, "found": found})
    return [one.file(folder) for one in parts]


def test_only_what_is_missing_is_computed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two real worker processes, for the two parts that are missing; then nothing is left to do."""
    missing = [file for file in keep(SMALL, tmp_path) if file.stem in ("null-random", "null-greedy")]
    for file in missing:
        file.unlink()
    config = replace(SMALL, out=tmp_path, json=True, workers=2)
    assert reproduce(config) == 0
    (table,) = json.loads(capsys.readouterr().out)["tables"]
    assert {row["policy"]: row["seeds"] for row in table["rows"]}["ppo"] == 2
    assert json.loads((tmp_path / "table.json").read_text())["tables"] == [table]
    for file in missing:
        (numbers,) = json.loads(file.read_text())["found"].values()
        assert len(numbers["return"]) == 12
    times = [file.stat().st_mtime_ns for file in missing]
    reproduce(replace(config, json=False))
    assert "Scenario null" in capsys.readouterr().out
    assert [file.stat().st_mtime_ns for file in missing] == times


def test_a_part_depends_on_the_options_its_numbers_depend_on(tmp_path: Path) -> None:
    def signatures(config: ReproduceConfig, scenario: str) -> list[dict[str, Any]]:
        return [one.signature for one in parts_of(config, scenario, tmp_path)]

    longer = replace(SMALL, null_turns=9)
    assert signatures(longer, "null") != signatures(SMALL, "null")
    assert signatures(longer, "full") == signatures(SMALL, "full")
    assert len(signatures(SMALL, "null")) == 14
    assert len(signatures(SMALL, "own_words")) == 12  # the planner knows no wishes beyond the facets


def test_how_far_learners_come_by_hand() -> None:
    """Two seeds of three people, of whom the planner meets two: the heuristic has 1, 1 and 2, 2 with these."""
    reference = np.array([1.0, 1.0, 9.0, 2.0, 2.0, 9.0])
    planned = [np.array([2.0, 2.0]), np.array([3.0, 3.0])]
    learned = {"half": [np.array([1.5, 1.5, 0.0]), np.array([2.5, 2.5, 0.0])]}
    found = attainable(planned, learned, reference)
    assert (found["people"], found["return"]["mean"], found["difference"]["mean"]) == (4, 2.5, 1.0)
    half = found["learners"]["half"]
    assert (half["difference"]["mean"], half["share"]["mean"], half["share"]["low"]) == (0.5, 0.5, 0.5)
    assert "50%" in str(attainable_grid("full", found, "greedy").rows[1].cells[2])


def test_where_nothing_can_be_attained_there_is_no_share() -> None:
    flat = np.ones(4)
    assert np.isnan(share_of_the_way(flat + 1, flat, flat).mean)


def test_the_planner_meets_whom_it_knows() -> None:
    with pytest.raises(ConfigError, match="use --planned 0"):
        replace(SMALL, talk="crs")
    with pytest.raises(ConfigError, match="at most --people, 6"):
        replace(SMALL, planned=7)

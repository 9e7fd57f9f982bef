from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.core.rewards import RewardConfig
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import compare, find_policies
from experiments.evaluate.tables import make_table
from experiments.report.documents import read_document
from experiments.report.runlog import Run

HASH = EnvConfig(encoder="hash")
QUICK = ("--people", 6, "--encoder", "hash")


def test_heuristics_by_name() -> None:
    found = find_policies(["greedy", "random", "greedy"], HASH)
    assert [c.name for c in found] == ["greedy", "random", "greedy (2)"]
    assert not any(c.learned for c in found)
    with pytest.raises(UnknownNameError, match="Did you mean 'popular'"):
        find_policies(["populr"], HASH)


def test_a_run_folder_gives_all_its_policies(finished: Any) -> None:
    found = find_policies([str(finished.folder), "greedy"], EnvConfig())
    assert [c.name for c in found] == ["ask-n-then-recommend (tuned)", "PPO", "Q-learning", "SARSA", "greedy"]
    assert [c.learned for c in found] == [False, True, True, True, False]
    # Each acts where it learned; the heuristic joins those who choose items, with their encoder.
    assert [c.env.actions for c in found] == ["items", "items", "strategy", "strategy", "items"]
    assert {c.env.encoder for c in found} == {"hash"}


def test_a_policy_folder_gives_that_policy(finished: Any) -> None:
    (ppo,) = find_policies([str(finished.folder / "policies" / "ppo")], HASH)
    assert (ppo.name, ppo.learned) == ("PPO", True)


def test_the_same_learner_of_two_runs_is_called_by_the_run(finished: Any, tmp_path: Path) -> None:
    """By the folder's name, by its path where the names are equal too, by a number if it is one folder."""
    one, other, far = tmp_path / "one", tmp_path / "other", tmp_path / "far" / "one"
    for folder in (one, other, far):
        shutil.copytree(finished.folder / "policies" / "sarsa", folder / "policies" / "sarsa")
        shutil.copy(finished.folder / "run.json", folder)

    def names(*folders: Path) -> list[str]:
        return [c.name for c in find_policies([*map(str, folders), "greedy"], HASH)]

    assert names(one) == ["SARSA", "greedy"]
    assert names(one, other / "policies" / "sarsa") == ["SARSA (one)", "SARSA (other)", "greedy"]
    assert names(one, other, far) == [f"SARSA ({one})", "SARSA (other)", f"SARSA ({far})", "greedy"]
    assert names(one, one) == [f"SARSA ({one})", f"SARSA ({one}) (2)", "greedy"]


def test_a_run_without_a_policy_says_so(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", kind="train", config={}, seeds={})
    with pytest.raises(ConfigError, match="holds no policy yet"):
        find_policies([str(run.folder)], HASH)


def test_different_people_are_not_compared() -> None:
    one = find_policies(["greedy"], HASH)
    other = find_policies(["random"], EnvConfig(encoder="hash", scenario="null"))
    with pytest.raises(ConfigError, match="cannot meet the same people: their scenario differs"):
        compare(one + other, 4, 0, Meter(quiet=True))
    lively = find_policies(["random"], EnvConfig(encoder="hash", talk="crs"))
    with pytest.raises(ConfigError, match="cannot meet the same people: their talk differs"):
        compare(one + lively, 4, 0, Meter(quiet=True))


def test_returns_of_different_rewards_are_not_compared() -> None:
    one = find_policies(["greedy"], HASH)
    other = find_policies(["random"], EnvConfig(encoder="hash", reward=RewardConfig(click=10.0)))
    with pytest.raises(ConfigError, match=r"trained for different rewards.*chatrec shaping"):
        compare(one + other, 4, 0, Meter(quiet=True))


def test_the_same_people_whatever_the_actions(finished: Any) -> None:
    results = compare(find_policies([str(finished.folder)], HASH), 5, 0, Meter(quiet=True))
    assert len({tuple(r.episodes.seeds.tolist()) for r in results}) == 1


@pytest.mark.parametrize(
    ("name", "actions", "says"),
    [
        pytest.param("mmr", "items", "Use ChatRec/Slate-v0, or one of random, popular", id="slates-only"),
        pytest.param("popular", "slate", None, id="anywhere-items-are-named"),
    ],
)
def test_heuristics_act_where_they_can(name: str, actions: str, says: str | None) -> None:
    env = EnvConfig(encoder="hash", actions=actions)
    if says is None:
        assert find_policies([name], env)[0].env.actions == actions
        return
    with pytest.raises(ConfigError, match=says):
        find_policies([name], env)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("watch", "greedy"), id="watch"),
        pytest.param(("chat", "greedy"), id="chat"),
        pytest.param(("what-if", "greedy"), id="what-if"),
        pytest.param(("train", "--agent", "ppo"), id="ppo"),
        pytest.param(("train", "--agent", "sarsa"), id="sarsa"),
    ],
)
def test_slates_are_refused_where_one_item_is_recommended(refused: Any, command: tuple[str, ...]) -> None:
    refused("got actions='slate'. Use ChatRec/", *command, "--env", "ChatRec/Slate-v0", "--encoder", "hash")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        pytest.param(
            ("evaluate", "--scenario", "null"), "--scenario null has no effect: ask-n-then", id="evaluate"
        ),
        pytest.param(("watch", "--max-turns", 3), "PPO acts in an environment with 20", id="watch"),
        pytest.param(
            ("chat", "--encoder", "minilm"), "PPO acts in an environment with hash", id="the-default"
        ),
    ],
)
def test_options_that_a_learned_policy_does_not_heed_are_refused(
    refused: Any, finished: Any, command: tuple[Any, ...], told: str
) -> None:
    refused(told, command[0], finished.folder, *command[1:])


def test_options_that_a_learned_policy_has_may_be_repeated(chatrec: Any, finished: Any) -> None:
    assert chatrec("evaluate", finished.folder, *QUICK, "--max-turns", 20).code == 0


def test_on_slates_variety_pays_where_people_tire_of_the_same() -> None:
    """MMR against greedy with the same 400 unseen people: the 95% interval of the paired difference is above 0."""
    env = EnvConfig(encoder="hash", actions="slate", scenario="satiation")
    table = make_table(compare(find_policies(["greedy", "mmr"], env), 400, 0, Meter(quiet=True)))
    assert table["reference"] == "diverse slate (MMR)"
    greedy = next(row for row in table["rows"] if row["policy"] == "greedy")
    assert greedy["difference"]["high"] < 0


def test_the_table_on_the_terminal(chatrec: Any) -> None:
    done = chatrec("evaluate", "greedy", "random", *QUICK)
    assert done.code == 0
    assert "6 unseen people" in done.out
    assert "left unhappy" in done.out
    assert "greedy meets 6 people" in done.err


def test_the_table_as_json_and_as_a_run(chatrec: Any) -> None:
    done = chatrec("evaluate", "greedy", "random", *QUICK, "--json", "--out", "runs/e")
    table = json.loads(done.out)
    assert [set(r) >= {"policy", "return", "difference"} for r in table["rows"]] == [True, True]
    assert (table["people"], table["encoder"], table["scenario"]) == (6, "hash", "full")
    assert read_document(Path("runs/e/table.json"))["rows"] == table["rows"]
    assert Path("runs/e/table.csv").read_text().count("\n") == 3
    run = Run.open(Path("runs/e"))
    assert run.status == "finished"
    # Every number of the page is a line of metrics.jsonl, unrounded.
    logged = {line["row"]: line["values"] for line in run.metrics("row")}
    assert {name: row["return"] for name, row in logged.items()} == {
        row["policy"]: row["return"] for row in table["rows"]
    }
    again = chatrec("evaluate", "greedy", "random", *QUICK, "--json")
    assert json.loads(again.out)["rows"] == table["rows"]
    other = chatrec("evaluate", "greedy", "random", *QUICK, "--json", "--seed", 1)
    assert json.loads(other.out)["rows"] != table["rows"]

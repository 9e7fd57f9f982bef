from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError
from experiments.conversations.logged import held_again, log_at, logged_conversation
from experiments.conversations.what_if import WhatIfConfig, branches, logged, met
from experiments.evaluate.evaluate import find_policies, task_of
from experiments.evaluate.rollout import people_seeds, run
from experiments.offline.files import read_log, write_log
from experiments.offline.log_command import LogConfig
from experiments.offline.log_command import log as log_command


def test_the_branch_that_was_taken_is_what_happened() -> None:
    (c,) = find_policies(["ask_then_recommend"], EnvConfig(encoder="hash"))
    seed = people_seeds("eval", 0, 1)[0]
    happened = run(task_of(c), c.policy, [seed])
    found = branches(c, met(c, seed, 1))
    (taken,) = [b for b in found if b.taken]
    assert taken.total == pytest.approx(happened.ret[0])
    assert (taken.turns, taken.accepted) == (happened.turns[0], happened.clicks[0])
    assert taken.name.startswith("ask: ")
    assert [b.total for b in found] == sorted((b.total for b in found), reverse=True)
    assert len({b.action for b in found}) == len(found)


def test_later_turns_branch_from_the_same_past() -> None:
    (c,) = find_policies(["greedy"], EnvConfig(encoder="hash"))
    seed = people_seeds("eval", 0, 1)[0]
    whole = run(task_of(c), c.policy, [seed])
    (taken,) = [b for b in branches(c, met(c, seed, 2)) if b.taken]
    (first,) = [b for b in branches(c, met(c, seed, 1)) if b.taken]
    assert first.reward + taken.total == pytest.approx(whole.ret[0])
    assert taken.turns == whole.turns[0] - 1


def test_a_turn_that_never_came_is_refused() -> None:
    (c,) = find_policies(["greedy"], EnvConfig(encoder="hash", max_turns=2))
    with pytest.raises(ConfigError, match="there is no turn 3"):
        met(c, people_seeds("eval", 0, 1)[0], 3)


def test_the_command(chatrec: Any) -> None:
    told = json.loads(chatrec("what-if", "greedy", "--encoder", "hash", "--turn", 2, "--json").out)
    assert told["turn"] == 2
    assert sum(row["taken"] for row in told["rows"]) == 1


def test_an_agent_is_of_a_run_folder(refused: Any) -> None:
    refused("leave out --agent ppo", "what-if", "greedy", "--encoder", "hash", "--agent", "ppo")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Five short conversations of a softened heuristic, logged."""
    folder = tmp_path / "log"
    settings = LogConfig(policy="greedy:epsilon=0.5", people=5, encoder="hash", max_turns=4, out=folder)
    assert log_command(replace(settings, minari=False)) == 0
    return folder


@pytest.mark.parametrize("turn", [1, 2])
def test_a_logged_conversation_goes_on_as_it_was_logged(log: Path, turn: int) -> None:
    """Whoever takes the logged action once more gets what the log says: return, items, turns."""
    for episode in range(5):
        c, own = logged_conversation(log, episode, WhatIfConfig(policy=str(log)))
        moment = logged(c, own, turn)
        (taken,) = [b for b in branches(c, moment) if b.taken]
        assert taken.action == own.turns["action"][turn - 1]
        assert taken.reward == own.turns["reward"][turn - 1]
        assert taken.total == pytest.approx(own.turns["reward"][turn - 1 :].sum())
        assert taken.accepted == (own.turns["click"][turn - 1 :] >= 0).sum()
        assert taken.turns == own.people["turns"][0] - (turn - 1)


def test_one_other_action_of_a_logged_turn(chatrec: Any, log: Path) -> None:
    every = json.loads(chatrec("what-if", log, "--episode", 3, "--turn", 2, "--json").out)
    other = next(row for row in every["rows"] if not row["taken"])
    for action in (other["name"], other["action"]):
        one = json.loads(
            chatrec("what-if", log, "--episode", 3, "--turn", 2, "--action", action, "--json").out
        )
        assert [row["taken"] for row in one["rows"]].count(True) == 1
        assert other in one["rows"]
        assert len(one["rows"]) == 2
    assert "episode 3" in chatrec("what-if", log, "--episode", 3).out


def test_a_minari_dataset_names_the_log_it_lies_in(log: Path) -> None:
    assert log_at(log / "minari" / "chatrec" / "items") == log
    assert log_at(log) == log
    assert log_at(log / "elsewhere") is None


def test_a_log_that_cannot_be_held_again_is_refused(log: Path, refused: Any) -> None:
    command = ("what-if", log, "--turn", 1)
    refused("--scenario null is not what", *command, "--scenario", "null")
    refused("Use --episode 0 to 4", *command, "--episode", 5)
    refused("name its --episode instead", *command, "--person", 2)
    refused("it has no episodes", "what-if", "greedy", "--episode", 2)
    refused("There are: ", *command, "--action", "ask: nothing")
    whole = read_log(log)
    task = make_task(EnvConfig.create(whole.meta["env"]))
    for told, then in (
        ({"catalog": "0" * 64}, "the catalogue is another one than was logged"),
        ({"version": "0" * 64}, "the policy greedy:epsilon=0.5, or this version of chatrec, is another one"),
        ({"env": {**whole.meta["env"], "scenario": "null"}}, "takes another course here: at turn 1"),
    ):
        write_log(log, task, replace(whole, meta={**whole.meta, **told}))
        refused(then, *command)
    for mark, then in (("served", "who were served"), ("environment", "logged by an environment")):
        write_log(log, task, replace(whole, meta={**whole.meta, mark: True}))
        refused(then, *command)


def test_what_was_changed_since_is_named_with_its_turn(log: Path) -> None:
    c, own = logged_conversation(log, 0, WhatIfConfig(policy=str(log)))
    own.turns["stars"][1] += 1
    with pytest.raises(ArtifactError, match="at turn 2, 'stars' was"):
        held_again(task_of(c), own, 1)
    other = make_task(replace(c.env, scenario="null"))
    with pytest.raises(ArtifactError, match="at turn 1"):
        held_again(other, own, 1)

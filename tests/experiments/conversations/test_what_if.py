from __future__ import annotations

import json
from typing import Any

import pytest

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.conversations.what_if import branches
from experiments.evaluate.evaluate import find_policies, task_of
from experiments.evaluate.rollout import people_seeds, run


def test_the_branch_that_was_taken_is_what_happened() -> None:
    (c,) = find_policies(["ask_then_recommend"], EnvConfig(encoder="hash"))
    seed = people_seeds("eval", 0, 1)[0]
    happened = run(task_of(c), c.policy, [seed])
    found = branches(c, seed, 1)
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
    (taken,) = [b for b in branches(c, seed, 2) if b.taken]
    (first,) = [b for b in branches(c, seed, 1) if b.taken]
    assert first.reward + taken.total == pytest.approx(whole.ret[0])
    assert taken.turns == whole.turns[0] - 1


def test_a_turn_that_never_came_is_refused() -> None:
    (c,) = find_policies(["greedy"], EnvConfig(encoder="hash", max_turns=2))
    with pytest.raises(ConfigError, match="there is no turn 3"):
        branches(c, people_seeds("eval", 0, 1)[0], 3)


def test_the_command(chatrec: Any) -> None:
    told = json.loads(chatrec("what-if", "greedy", "--encoder", "hash", "--turn", 2, "--json").out)
    assert told["turn"] == 2
    assert sum(row["taken"] for row in told["rows"]) == 1


def test_an_agent_is_of_a_run_folder(refused: Any) -> None:
    refused("leave out --agent ppo", "what-if", "greedy", "--encoder", "hash", "--agent", "ppo")

"""The LLM user simulator on slates: every item is judged, one is taken, none is named."""

from __future__ import annotations

import json
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

USERS = {"name": "llm", "backend": "rules", "mode": "full"}
SETTING: dict[str, Any] = {"encoder": "hash", "users": USERS, "slate_size": 3, "max_turns": 4}
TOP = np.array([0, 0, 1, 2])
"""Recommends the three best candidates."""


def test_one_item_of_the_slate_is_taken_not_always_the_first(rules: Any) -> None:
    env = gym.make("ChatRec/Slate-v0", **SETTING)
    places = set()
    for seed in range(12):
        env.reset(seed=seed)
        info = env.step(TOP)[4]
        if info["clicked"]:
            places.add(info["slate"].tolist().index(info["item"]))
            assert info["stars"] >= 1
    assert len(places) > 1


def test_an_empty_place_is_not_taken(rules: Any) -> None:
    """The same candidate thrice is shown once; nothing else can be taken."""
    env = gym.make("ChatRec/Slate-v0", **SETTING)
    taken = 0
    for seed in range(12):
        candidates = env.reset(seed=seed)[1]["candidate_items"]
        info = env.step(np.array([0, 1, 1, 1]))[4]
        assert info["slate"].tolist() == [candidates[1], -1, -1]
        assert info["item"] == candidates[1]
        taken += info["clicked"]
    assert taken > 0


def test_no_title_of_a_slate_reaches_the_model(rules: Any) -> None:
    env: Any = gym.make("ChatRec/Slate-v0", **SETTING)
    titles = env.unwrapped.task.manager.catalog.titles
    for seed in range(4):
        env.reset(seed=seed)
        rules.read.clear()
        shown: set[int] = set()
        over = False
        while not over:
            *_, terminated, truncated, info = env.step(TOP)
            shown.update(info["slate"].tolist())
            over = terminated or truncated
        told = "\n".join(rules.read)
        assert told
        assert [titles[i] for i in shown - {-1} if len(titles[i].split()) > 2 and titles[i] in told] == []


@pytest.mark.parametrize("mode", ["next_step", "same_step"])
def test_many_at_once_are_the_people_one_meets_alone(rules: Any, mode: str) -> None:
    many = gym.make_vec("ChatRec/Slate-v0", num_envs=3, autoreset_mode=mode, **SETTING)
    alone: Any = gym.make("ChatRec/Slate-v0", **SETTING)
    observations, _ = many.reset(seed=5)
    for row in range(3):
        np.testing.assert_array_equal(alone.reset(seed=5 + row)[0], observations[row])
        expected = alone.step(TOP)
        if row == 0:
            told = many.step(np.stack([TOP] * 3))
        if not (expected[2] or expected[3]):
            np.testing.assert_array_equal(told[0][row], expected[0])
            for key in ("slate", "item", "stars", "user_text", "llm_calls"):
                np.testing.assert_array_equal(told[4][key][row], expected[4][key], err_msg=key)


def test_policies_on_slates_are_ranked_with_both_simulators(chatrec: Any, rules: Any) -> None:
    arguments = ("--env", "ChatRec/Slate-v0", "--slate-size", 3, "--people", 3, "--max-turns", 3)
    done = chatrec(
        "simulator-agreement", "greedy", "mmr", "random", *arguments, "--users", json.dumps(USERS), "--json"
    )
    assert done.code == 0, done.err
    assert {row["env"] for row in json.loads(done.out)["rows"]} == {"ChatRec/Slate-v0"}


def test_conversations_are_compared_where_one_item_is_suggested_a_turn(refused: Any, rules: Any) -> None:
    arguments = ("eval-simulator", "greedy", "--env", "ChatRec/Slate-v0", "--users", json.dumps(USERS))
    refused("recommends one item a turn, got actions='slate'", *arguments)

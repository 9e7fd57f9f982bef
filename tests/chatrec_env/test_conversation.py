"""The conversation block as the last turns one by one: what was said, when, and by whom."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from stable_baselines3.common.env_checker import check_env as sb3_check

import chatrec_env  # noqa: F401
from chatrec_env.core.conversation import mean_rows
from chatrec_env.core.kernel import Task
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError

Make = Callable[..., Task]
DIM, TURNS = 64, 3
SEQUENCE: dict[str, Any] = {"encoder": "hash", "conversation": "sequence", "history_turns": TURNS}


def test_mean_rows_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 2], [9, 9]], np.float32)
    rows = np.array([[0, 1, 2], [1, 2, 2], [2, 2, 2]])
    counted = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    np.testing.assert_array_equal(mean_rows(vectors, rows, counted), [[0.5, 1], [0, 2], [0, 0]])


def turns_of(task: Task, state: Any, row: int) -> list[Any]:
    """Mean encodings of each turn so far, person then system, from the texts alone."""
    table, d = task.manager.table, state.dialogue
    out = []
    for ids in d.transcript[row, : int(d.turn[row]) + 1].tolist():
        sides = ids[-USER_SENTENCES:], ids[:-USER_SENTENCES]
        texts = [[table.text(i) for i in side if i >= 0] for side in sides]
        out.append(np.concatenate([table.encoder.encode(t).mean(0) if t else np.zeros(DIM) for t in texts]))
    return out


def test_rows_are_the_last_turns_oldest_first() -> None:
    env = gym.make_vec("ChatRec/Items-v0", num_envs=4, observation="dict", max_turns=9, **SEQUENCE)
    observation, info = env.reset(seed=3)
    rng, lengths = np.random.default_rng(0), set()
    for _ in range(25):
        assert observation["conversation"].shape == (4, TURNS, 2 * DIM)
        assert observation["conversation_mask"].shape == (4, TURNS)
        for row in range(4):
            turns = turns_of(env.unwrapped.task, env.unwrapped.state, row)[-TURNS:]  # type: ignore[attr-defined]
            lengths.add(len(turns))
            mask = observation["conversation_mask"][row]
            assert mask.tolist() == [0.0] * (TURNS - len(turns)) + [1.0] * len(turns)
            np.testing.assert_allclose(
                observation["conversation"][row, TURNS - len(turns) :], turns, atol=1e-6
            )
            assert not observation["conversation"][row, : TURNS - len(turns)].any()
        actions = np.array([rng.choice(np.flatnonzero(m)) for m in info["action_mask"]])
        observation, _, _, _, info = env.step(actions)
    assert lengths == {1, 2, 3}


def test_the_sequence_weighted_is_the_recency_block(task_of: Make) -> None:
    """Both forms say the same where the sequence reaches back to the start."""
    kwargs: dict[str, Any] = {"max_turns": 4, "scenario": {"name": "full", "leave_base": -20}}
    one = gym.make("ChatRec/Items-v0", encoder="hash", observation="dict", **kwargs)
    other = gym.make("ChatRec/Items-v0", observation="dict", **{**SEQUENCE, "history_turns": 5}, **kwargs)
    (expected, _), (got, _) = one.reset(seed=1), other.reset(seed=1)
    for action in (9, 0, 8, 12):
        weighted = np.zeros(2 * DIM)
        for turn in got["conversation"]:
            for half in (slice(0, DIM), slice(DIM, 2 * DIM)):
                if turn[half].any():
                    weighted[half] = 0.6 * weighted[half] + 0.4 * turn[half]
        np.testing.assert_allclose(expected["conversation"], weighted, atol=1e-6)
        for block in ("history", "belief", "candidates", "context", "budget"):
            np.testing.assert_array_equal(expected[block], got[block])
        expected, got = one.step(action)[0], other.step(action)[0]


def test_flat_is_the_same_and_every_column_has_its_name(task_of: Make) -> None:
    task = task_of(**SEQUENCE)
    layout = task.layout
    assert layout.columns()[:2] == ["conversation/t-2: said:0", "conversation/t-2: said:1"]
    assert len(set(layout.columns())) == layout.width
    assert layout.slices["conversation"] == slice(0, TURNS * 2 * DIM)
    assert layout.slices["conversation_mask"] == slice(TURNS * 2 * DIM, TURNS * 2 * DIM + TURNS)
    flat = gym.make("ChatRec/Items-v0", **SEQUENCE).reset(seed=5)[0]
    blocks = gym.make("ChatRec/Items-v0", observation="dict", **SEQUENCE).reset(seed=5)[0]
    np.testing.assert_array_equal(np.concatenate([b.ravel() for b in blocks.values()]), flat)
    at = layout.columns().index("conversation/t-0: said:7")
    assert flat[at] == blocks["conversation"][2, 7]


@pytest.mark.parametrize("observation", ["flat", "dict"])
def test_the_checkers(observation: str) -> None:
    """Nothing to warn about when flat; of the dict form, only that one block has two dimensions, as it is meant to."""
    env = gym.make("ChatRec/Items-v0", observation=observation, masked_actions="redirect", **SEQUENCE)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gymnasium_check(env.unwrapped)
        assert told == []
        sb3_check(env.unwrapped, warn=True)
    unconventional = [str(w.message) for w in told]
    if observation == "flat":
        assert unconventional == []
    else:
        assert len(unconventional) == 1
        assert "conversation has an unconventional shape" in unconventional[0]


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_identically(clone: Any) -> None:
    env = gym.make("ChatRec/Strategy-v0", **SEQUENCE).unwrapped
    env.reset(seed=2)
    env.step(np.int64(0))
    other = clone(env)
    np.testing.assert_array_equal(env.step(np.int64(2))[0], other.step(np.int64(2))[0])


def test_ppo_takes_the_flat_form() -> None:
    from agents.ppo.network import make_network
    from chatrec_env.envs.task import make_task

    task = make_task(EnvConfig(**SEQUENCE))
    network = make_network(task)
    assert network.shape.width == task.layout.width
    assert network.shape.conversation == TURNS * 2 * DIM


@pytest.mark.parametrize("turns", [0, 1001, 2.5, True, "ten"])
def test_a_wrong_number_of_turns_is_refused(turns: Any) -> None:
    with pytest.raises(ConfigError, match=r"history_turns must be an integer in \[1, 1000\]"):
        EnvConfig(history_turns=turns)


def test_an_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sequence'\\? Known: recency, sequence"):
        EnvConfig(conversation="sequences")

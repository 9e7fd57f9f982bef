"""LLM users in the environment: Gymnasium's contract, declared determinism, costs in the info."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from stable_baselines3.common.env_checker import check_env as sb3_check

import chatrec_env  # noqa: F401
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.task import _TASKS
from chatrec_env.errors import ConfigError, UnknownNameError
from simulators.llm.users import METERS

MODES = pytest.mark.parametrize("mode", ["words", "choice", "full"])


@pytest.fixture(autouse=True)
def own_tasks(rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks of equal configuration are shared in a process; here each test has a backend of its own."""
    for key in [key for key in _TASKS if '"llm"' in key]:
        monkeypatch.delitem(_TASKS, key, raising=False)


def make(**options: Any) -> ChatRecEnv:
    users = {"name": "llm", "backend": "rules", **options}
    env = gym.make("ChatRec/Items-v0", encoder="hash", users=users, max_turns=6)
    assert isinstance(env.unwrapped, ChatRecEnv)
    return env.unwrapped


def play(env: ChatRecEnv, seed: int) -> list[Any]:
    """One conversation by a fixed rule: ask first, then show the best candidate."""
    observation, info = env.reset(seed=seed)
    out: list[Any] = [observation, info]
    done = False
    while not done:
        legal = np.flatnonzero(info["action_mask"])
        action = legal[0] if info["turn"] == 0 else next(a for a in legal if a >= 8)
        observation, reward, terminated, truncated, info = env.step(action)
        out += [observation, reward, terminated, truncated, info]
        done = terminated or truncated
    return out


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other))
    return bool(one == other)


@MODES
def test_checkers_pass(mode: str) -> None:
    env = gym.make(
        "ChatRec/Items-v0", encoder="hash", users={"name": "llm", "backend": "rules", "mode": mode}
    )
    gymnasium_check(env.unwrapped)
    sb3_check(
        ChatRecEnv(
            encoder="hash", masked_actions="redirect", users={"name": "llm", "backend": "rules", "mode": mode}
        )
    )


FITTED = {"population": "ml-small"}


def test_a_population_by_name() -> None:
    one, other = (make(mode="choice", **options).reset(seed=3)[1] for options in (FITTED, {}))
    assert one["user_text"] != other["user_text"]
    with pytest.raises(UnknownNameError, match="ml-small"):
        make(population="nobody")


def test_declared_nondeterministic_unless_replayed(tmp_path: Path) -> None:
    path = str(tmp_path / "people.jsonl")
    live = gym.make(
        "ChatRec/Items-v0", encoder="hash", users={"name": "llm", "backend": "rules", "recording": path}
    )
    assert live.spec is not None
    assert live.spec.nondeterministic
    users = {"name": "llm", "recording": path, "replay": True}
    replay = gym.make("ChatRec/Items-v0", encoder="hash", users=users)
    assert replay.spec is not None
    assert not replay.spec.nondeterministic
    scripted = gym.make("ChatRec/Items-v0", encoder="hash")
    assert scripted.spec is not None
    assert not scripted.spec.nondeterministic
    vector = gym.make_vec("ChatRec/Items-v0", 2, encoder="hash", users={"name": "llm", "backend": "rules"})
    assert vector.spec is not None
    assert vector.spec.nondeterministic


@MODES
def test_replay_is_bit_identical_and_needs_no_backend(mode: str, tmp_path: Path, rules: Any) -> None:
    path = str(tmp_path / "people.jsonl")
    first = [play(make(mode=mode, recording=path), seed) for seed in range(4)]
    asked = len(rules.asked)
    assert asked > 0
    again = [play(make(mode=mode, recording=path, replay=True), seed) for seed in range(4)]
    assert len(rules.asked) == asked
    for one, other in zip(first, again, strict=True):
        assert len(one) == len(other)
        assert all(same(a, b) for a, b in zip(one, other, strict=True))


def test_info_tells_what_a_conversation_took() -> None:
    env = make(mode="full")
    steps = play(env, 3)
    first, last = steps[1], steps[-1]
    assert {f"llm_{name}" for name in METERS} <= first.keys()
    assert last["llm_calls"] > first["llm_calls"] > 0
    assert last["llm_tokens"] >= 100 * first["llm_calls"]
    assert env.task.users.usage()["calls"] > 0  # type: ignore[attr-defined]
    scripted = ChatRecEnv(encoder="hash")
    assert not any(key.startswith("llm_") for key in scripted.reset(seed=0)[1])


def test_vector_equals_single() -> None:
    users = {"name": "llm", "backend": "rules"}
    vector = gym.make_vec(
        "ChatRec/Items-v0", 3, encoder="hash", users=users, max_turns=5, autoreset_mode="disabled"
    )
    observations, info = vector.reset(seed=11)
    for i in range(3):
        single = ChatRecEnv(encoder="hash", users=users, max_turns=5)
        observation, one = single.reset(seed=11 + i)
        assert np.array_equal(observation, observations[i])
        for key, value in one.items():
            assert np.array_equal(value, info[key][i]), key


def test_environment_pickles_and_copies() -> None:
    env = make(mode="full")
    env.reset(seed=1)
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        env_next, twin_next = (e.step(np.int64(9)) for e in (copy.deepcopy(env), twin))
        assert all(same(a, b) for a, b in zip(env_next, twin_next, strict=True))


@pytest.mark.parametrize(
    ("users", "error", "told"),
    [
        pytest.param({"name": "llm", "mood": 1}, UnknownNameError, "users option 'mood'", id="option"),
        pytest.param({"name": "llm", "mode": "ful"}, UnknownNameError, "Did you mean 'full'", id="mode"),
        pytest.param({"name": "llm", "backend": "gpt"}, UnknownNameError, "endpoint:MODEL", id="backend"),
        pytest.param({"name": "llm", "tries": 0}, ConfigError, "users.tries must be in", id="tries"),
        pytest.param({"name": "llm", "max_calls": True}, ConfigError, "must be a int", id="type"),
        pytest.param({"name": "llm", "replay": True}, ConfigError, "set users.recording", id="replay"),
        pytest.param(
            {"name": "scripted", "mode": "full"},
            ConfigError,
            "take no options but population, got mode",
            id="scripted",
        ),
        pytest.param({"mode": "full"}, UnknownNameError, "Known: llm, scripted", id="nameless"),
        pytest.param(3, ConfigError, "users must be a name or a dict, got int", id="number"),
    ],
)
def test_wrong_settings_say_what_to_do(users: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told.replace("(", r"\(")):
        ChatRecEnv(encoder="hash", users=users)

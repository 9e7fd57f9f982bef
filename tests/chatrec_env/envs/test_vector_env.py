"""The native vector environment equals Gymnasium's SyncVectorEnv of single ones, bit for bit."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import flatten_space
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import chatrec_env  # noqa: F401
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.errors import ConfigError, IllegalActionError, NotResetError, UnknownNameError

SEQUENCE = {"conversation": "sequence", "history_turns": 3}


def same(a: Any, b: Any, path: str) -> None:
    """Equal in structure, type, shape, dtype and every bit."""
    if isinstance(a, dict):
        assert sorted(a) == sorted(b), path
        for key in a:
            same(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), path
        if a.dtype == object:
            for i, (x, y) in enumerate(zip(a, b, strict=True)):
                same(x, y, f"{path}[{i}]")
        elif not np.array_equal(a, b):  # quick, where the next line is not
            np.testing.assert_array_equal(a, b, err_msg=path)
    else:
        assert (type(a), a) == (type(b), b), path


def legal(mask: np.ndarray, rng: np.random.Generator, sizes: tuple[int, ...] = ()) -> np.ndarray:
    """A random legal action per row, (N,); of parts of so many numbers each, (N, parts)."""
    parts = np.split(mask, np.cumsum(sizes)[:-1].astype(int), axis=1) if sizes else [mask]
    chosen = [[rng.choice(np.flatnonzero(row)) for row in part] for part in parts]
    return np.array(chosen).T if len(parts) > 1 else np.array(chosen[0])


EVERY_MODE = pytest.mark.parametrize(
    "mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP], ids=["next", "same"]
)


def ends_alike(name: str, n: int, steps: int, mode: AutoresetMode, **kwargs: Any) -> int:
    """Compare all outputs, and all info keys, of ``n`` conversations; returns how many ended."""
    sync = SyncVectorEnv([partial(gym.make, name, **kwargs) for _ in range(n)], autoreset_mode=mode)
    native: Any = gym.make_vec(name, num_envs=n, autoreset_mode=mode.name.lower(), **kwargs)
    rng = np.random.default_rng(5)
    (obs_a, info_a), (obs_b, info_b) = sync.reset(seed=11), native.reset(seed=11)
    same(obs_a, obs_b, "reset.obs")
    same(info_a, info_b, "reset.info")
    ends = 0
    for t in range(steps):
        actions = legal(native.action_masks(), rng, native.task.actions.sizes)
        out_a, out_b = sync.step(actions), native.step(actions)
        for part, a, b in zip(
            ("obs", "reward", "terminated", "truncated", "info"), out_a, out_b, strict=True
        ):
            same(a, b, f"step {t} {part}")
        ends += int((out_b[2] | out_b[3]).sum())
    sync.close()
    native.close()
    return ends


@EVERY_MODE
@pytest.mark.parametrize(
    ("name", "observation", "more"),
    [
        pytest.param("ChatRec/Items-v0", "flat", {}, id="items-flat"),
        pytest.param("ChatRec/Items-v0", "dict", {}, id="items-dict"),
        pytest.param("ChatRec/Strategy-v0", "tabular", {}, id="strategy-tabular"),
        pytest.param("ChatRec/Strategy-v0", "flat", {}, id="strategy-flat"),
        pytest.param("ChatRec/Slate-v0", "flat", {}, id="slate-flat"),
        pytest.param("ChatRec/Slate-v0", "dict", {"scenario": "satiation"}, id="slate-dict"),
        pytest.param("ChatRec/Items-v0", "tabular", {"info": "numbers"}, id="items-numbers"),
        pytest.param("ChatRec/Items-v0", "tabular", {"info": "lean"}, id="items-lean"),
        pytest.param(
            "ChatRec/Items-v0", "flat", {"rating_history": "mixed", "collaborative": 1.0}, id="items-past"
        ),
        pytest.param("ChatRec/Items-v0", "flat", {"semantic": 0.25}, id="items-meaning"),
        pytest.param("ChatRec/Slate-v0", "dict", {"semantic": 1.0}, id="slate-meaning"),
        pytest.param("ChatRec/Items-v0", "flat", {**SEQUENCE}, id="items-sequence-flat"),
        pytest.param("ChatRec/Items-v0", "dict", {**SEQUENCE}, id="items-sequence-dict"),
    ],
)
def test_native_vector_equals_sync(
    name: str, observation: str, more: dict[str, Any], mode: AutoresetMode
) -> None:
    kwargs = {"encoder": "hash", "observation": observation, "max_turns": 9, **more}
    assert ends_alike(name, 7, 500, mode, reward={"shaping": "knowledge"}, **kwargs) > 100


def test_autoreset_disabled_needs_a_masked_reset() -> None:
    """An ended conversation waits for ``reset_mask``, and the others go on undisturbed."""
    env = ChatRecVectorEnv(3, autoreset_mode="disabled", encoder="hash", max_turns=2)
    _, info = env.reset(seed=1)
    ended = np.zeros(3, bool)
    while not ended.any():
        _, _, terminated, truncated, info = env.step(legal(info["action_mask"], np.random.default_rng(0)))
        ended = terminated | truncated
    with pytest.raises(NotResetError, match="reset_mask"):
        env.step(legal(info["action_mask"], np.random.default_rng(0)))
    turns = info["turn"].copy()
    _, info = env.reset(options={"reset_mask": ended})
    np.testing.assert_array_equal(info["_turn"], ended)
    np.testing.assert_array_equal(env.state.dialogue.turn, np.where(ended, 0, turns))


def test_batch_size_does_not_change_a_conversation() -> None:
    """Conversation ``i`` of a large batch is the one a batch of its own would hold."""
    large = ChatRecVectorEnv(64, encoder="hash", autoreset_mode="same_step")
    obs, info = large.reset(seed=100)
    small = ChatRecVectorEnv(1, encoder="hash", autoreset_mode="same_step")
    obs_small, _ = small.reset(seed=141)
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(obs[41], obs_small[0])
    for _ in range(60):
        actions = legal(info["action_mask"], rng)
        obs, reward, _, _, info = large.step(actions)
        obs_small, reward_small, _, _, _ = small.step(actions[41:42])
        np.testing.assert_array_equal(obs[41], obs_small[0])
        assert reward[41] == reward_small[0]


def test_lean_info_has_only_what_ends() -> None:
    """``info="lean"`` leaves observations and rewards alone and drops the rest."""
    full, lean = (
        ChatRecVectorEnv(5, encoder="hash", autoreset_mode="same_step", info=i) for i in ("full", "lean")
    )
    a, info = full.reset(seed=2)
    b, nothing = lean.reset(seed=2)
    assert nothing == {}
    rng = np.random.default_rng(1)
    for _ in range(30):
        np.testing.assert_array_equal(a, b)
        actions = legal(info["action_mask"], rng)
        a, _, _, _, info = full.step(actions)
        b, _, _, _, few = lean.step(actions)
        assert set(few) <= {"final_obs", "_final_obs", "final_info", "_final_info"}
        if few:
            assert set(few["final_info"]) == {"is_success", "_is_success"}
            kept = {key: info["final_info"][key] for key in few["final_info"]}
            same(kept, few["final_info"], "final_info")


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        pytest.param(lambda: ChatRecVectorEnv(0), ConfigError, "num_envs", id="no-envs"),
        pytest.param(
            lambda: ChatRecVectorEnv(2, autoreset_mode="sam_step"), UnknownNameError, "same_step", id="mode"
        ),
        pytest.param(lambda: ChatRecVectorEnv(2, info="none"), UnknownNameError, "lean", id="info"),
        pytest.param(
            lambda: ChatRecVectorEnv(2, encoder="hash").step([0, 0]), NotResetError, "reset", id="no-reset"
        ),
        pytest.param(
            lambda: ChatRecVectorEnv(2, encoder="hash").reset(seed=[1, 2, 3]),
            ConfigError,
            "2 seeds",
            id="seeds",
        ),
        pytest.param(lambda: ChatRecVectorEnv(True), ConfigError, "num_envs", id="bool"),
        pytest.param(lambda: vector().reset(seed=1.5), ConfigError, "None or an integer", id="seed-float"),
        pytest.param(lambda: vector().reset(seed="12"), ConfigError, "None or an integer", id="seed-text"),
        pytest.param(
            lambda: vector().reset(seed=np.zeros(2)), ConfigError, "conversation 0", id="seed-floats"
        ),
        pytest.param(lambda: vector().reset(seed=np.array(1.0)), ConfigError, "sequence of 2", id="seed-0d"),
        pytest.param(
            lambda: vector().reset(seed=np.zeros((2, 1), int)), ConfigError, "sequence of 2", id="seed-2d"
        ),
        pytest.param(lambda: vector().reset(seed=[[1], 2]), ConfigError, "conversation 0", id="seed-nested"),
        pytest.param(lambda: vector().call("step"), ConfigError, "of the vector environment", id="call-step"),
        pytest.param(lambda: vector().call("action_mask"), AttributeError, "'action_masks'", id="call-typo"),
        pytest.param(lambda: vector().set_attr("max_turns", 3), ConfigError, "keyword when making", id="set"),
        pytest.param(lambda: vector().set_attr("render_mode", [None]), ConfigError, "2 values", id="set-few"),
        pytest.param(lambda: vector().reset(seed=[1, "a"]), ConfigError, "conversation 1", id="seed-in-list"),
        pytest.param(lambda: vector().reset(seed=-1), ConfigError, ">= 0, got -1", id="seed-negative"),
        pytest.param(lambda: vector().reset(options=[1]), ConfigError, "dict or None", id="options"),
        pytest.param(lambda: vector().action_masks(), NotResetError, "reset", id="mask-before-reset"),
    ],
)
def test_misuse_is_one_clear_error(call: Any, error: type[Exception], match: str) -> None:
    """Each mistake names what was expected."""
    with pytest.raises(error, match=match):
        call()


def vector() -> Any:
    return ChatRecVectorEnv(2, encoder="hash")


def test_seeds_may_be_numpys_and_are_told() -> None:
    """An integer seed from an array was "not iterable"; ``np_random_seed`` was an unrelated number."""
    env = vector()
    sync: Any = gym.make_vec("ChatRec/Items-v0", 2, vectorization_mode="sync", encoder="hash")
    assert env.np_random_seed == (-1, -1)
    expected = env.reset(seed=3)[0]
    np.testing.assert_array_equal(env.reset(seed=np.int64(3))[0], expected)
    for seeds in (
        np.array([3, 4]),
        np.array([3, 4], np.uint8),
        np.array([3, 4], object),
        torch.tensor([3, 4]),
    ):
        np.testing.assert_array_equal(env.reset(seed=seeds)[0], expected)
    for seed in (np.array(3), torch.tensor(3)):
        np.testing.assert_array_equal(env.reset(seed=seed)[0], expected)
    sync.reset(seed=3)
    assert env.np_random_seed == sync.np_random_seed == (3, 4)
    env.reset(seed=[7, None], options={"reset_mask": np.array([True, False])})
    assert env.np_random_seed == (7, 4)
    assert len(env.np_random) == 2


def test_a_refused_reset_changes_nothing() -> None:
    env, twin = vector(), vector()
    for each in (env, twin):
        each.reset(seed=3)
    with pytest.raises(ConfigError, match="conversation 1"):
        env.reset(seed=[5, "a"])
    np.testing.assert_array_equal(env.reset()[0], twin.reset()[0])


def test_illegal_action_names_the_row_and_the_legal_ones() -> None:
    """Outside the space, or asked twice running."""
    env = ChatRecVectorEnv(2, encoder="hash")
    env.reset(seed=0)
    with pytest.raises(IllegalActionError, match=r"in \[0, 20\)"):
        env.step(np.array([0, 20]))
    with pytest.raises(IllegalActionError, match="integer"):
        env.step(np.array([0.0, 1.0]))
    with pytest.raises(IllegalActionError, match="integer"):
        env.step([0, [1, 2]])


@pytest.mark.parametrize(
    "name", ["action_masks", "reveal", "render", "np_random_seed", "render_mode", "config"]
)
def test_call_gives_what_sync_gives(name: str) -> None:
    kwargs: dict[str, Any] = {"encoder": "hash", "render_mode": "ansi"}
    sync: Any = SyncVectorEnv([partial(gym.make, "ChatRec/Items-v0", **kwargs) for _ in range(3)])
    native = ChatRecVectorEnv(3, **kwargs)
    for envs in (sync, native):
        envs.reset(seed=4)
        envs.step([0, 8, 9])
    found, expected = native.call(name), sync.call(name)
    assert type(found) is tuple
    np.testing.assert_equal(found, expected)
    np.testing.assert_equal(native.get_attr(name), found)


def test_attributes_of_conversations() -> None:
    env = ChatRecVectorEnv(3, encoder="hash")
    env.reset(seed=4)
    assert env.get_attr("action_space") == (env.single_action_space,) * 3
    states = env.get_attr("state")
    for i, state in enumerate(states):
        assert len(state) == 1
        np.testing.assert_array_equal(state.dialogue.wishes[0], env.state.dialogue.wishes[i])
    env.set_attr("np_random", [np.random.default_rng(seed) for seed in (7, 8, 9)])
    twin = ChatRecVectorEnv(3, encoder="hash")
    twin.set_attr("np_random", [np.random.default_rng(seed) for seed in (7, 8, 9)])
    np.testing.assert_array_equal(env.reset()[0], twin.reset()[0])
    env.set_attr("render_mode", "ansi")
    assert env.get_attr("render_mode") == ("ansi",) * 3
    assert [str(text).count("turn 0/20") for text in env.render() or ()] == [1, 1, 1]


def test_a_registered_limit_is_the_turn_budget() -> None:
    """``make_vec`` hands it to the constructor, which refused it."""
    entry = gym.spec("ChatRec/Items-v0")
    gym.register(
        id="ChatRecTest/Short-v0",
        entry_point=entry.entry_point,
        vector_entry_point=entry.vector_entry_point,
        max_episode_steps=3,
        kwargs={"encoder": "hash"},
    )
    try:
        native: Any = gym.make_vec("ChatRecTest/Short-v0", num_envs=2)
        sync = gym.make_vec("ChatRecTest/Short-v0", num_envs=2, vectorization_mode="sync")
        assert native.config.max_turns == native.spec.max_episode_steps == 3
        for envs in (native, sync):
            envs.reset(seed=1)
            ends = [bool(envs.step(np.array([0, 0]))[3].all()) for _ in range(3)]
            assert ends == [False, False, True]
    finally:
        del gym.registry["ChatRecTest/Short-v0"]


def test_a_batched_dict_keeps_the_order_of_the_columns() -> None:
    env = ChatRecVectorEnv(2, encoder="hash", observation="dict")
    assert list(env.observation_space.spaces) == list(env.layout.slices)  # type: ignore[attr-defined]
    assert flatten_space(env.single_observation_space).shape == (env.layout.width,)


def test_a_specification_is_plain_data() -> None:
    env = gym.make_vec(
        "ChatRec/Items-v0",
        np.int64(2),  # type: ignore[arg-type]
        autoreset_mode=AutoresetMode.SAME_STEP,
        encoder="hash",
        max_turns=np.int64(3),
    )
    assert env.spec is not None
    again: Any = gym.make_vec(gym.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert (again.num_envs, again.autoreset_mode, again.config.max_turns) == (2, AutoresetMode.SAME_STEP, 3)

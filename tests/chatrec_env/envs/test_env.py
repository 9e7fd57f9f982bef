"""The single environment is a good citizen: Gymnasium's contract, SB3's, and its own."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import flatten, flatten_space
from gymnasium.utils.env_checker import check_env as gymnasium_check
from gymnasium.wrappers import (
    FlattenObservation,
    FrameStackObservation,
    NormalizeReward,
    RecordEpisodeStatistics,
    TimeLimit,
)
from gymnasium.wrappers.vector import FlattenObservation as FlattenObservations
from gymnasium.wrappers.vector import NormalizeReward as NormalizeRewards
from gymnasium.wrappers.vector import RecordEpisodeStatistics as EpisodeStatistics
from sb3_contrib import MaskablePPO
from stable_baselines3.common.env_checker import check_env as sb3_check
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import SubprocVecEnv

from chatrec_env import IDS, register_envs
from chatrec_env.core.compiled.tiers import used_rules
from chatrec_env.core.observations import OBSERVATIONS
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.rendering import font
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.errors import (
    ConcurrentUseError,
    ConfigError,
    IllegalActionError,
    NotResetError,
    UnknownNameError,
)

EVERY_ID = pytest.mark.parametrize("name", IDS)
EVERY_FORM = pytest.mark.parametrize("observation", OBSERVATIONS)
INFO_KEYS = {
    "action_mask",
    "system_text",
    "user_text",
    "candidate_items",
    "item",
    "clicked",
    "stars",
    "left",
    "turn",
    "questions",
    "is_success",
    "reward_click",
    "reward_rating",
    "reward_ask",
    "reward_leave",
    "reward_shaping",
}
Step = tuple[Any, float, bool, bool, dict[str, Any]]


def make(name: str = "ChatRec/Items-v0", **kwargs: Any) -> ChatRecEnv:
    env = gym.make(name, **{"encoder": "hash", **kwargs}).unwrapped
    assert isinstance(env, ChatRecEnv)
    return env


def play(env: ChatRecEnv, policy_seed: int = 0, most: int = 1000) -> Iterator[Step]:
    """Random legal turns until the conversation ends."""
    rng = np.random.default_rng(policy_seed)
    edges = np.cumsum(env.task.actions.sizes)[:-1]
    for _ in range(most):
        parts = [rng.choice(np.flatnonzero(part)) for part in np.split(env.action_masks(), edges)]
        step = env.step(np.array(parts) if len(parts) > 1 else parts[0])
        yield step
        if step[2] or step[3]:
            return


def digest(name: str, observation: str, seed: int) -> str:
    """SHA-256 of everything an episode returns."""
    env = make(name, observation=observation)
    found = hashlib.sha256()
    for out in [env.reset(seed=seed), *play(env, seed)]:
        for part in out:
            for value in part.values() if isinstance(part, dict) else (part,):
                found.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return found.hexdigest()


@EVERY_ID
@EVERY_FORM
def test_gymnasium_and_sb3_find_nothing_to_warn_about(name: str, observation: str) -> None:
    """Whatever actions they draw: neither checker asks which are legal, and here they are not seeded."""
    kwargs: dict[str, Any] = {"encoder": "hash", "observation": observation}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for env in (gym.make(name, **kwargs), gym.make(name, masked_actions="redirect", **kwargs)):
            for _ in range(5):
                gymnasium_check(env.unwrapped)
            sb3_check(env.unwrapped, warn=True)
            sb3_check(env, warn=True)


@EVERY_ID
@EVERY_FORM
def test_outputs_have_the_declared_types(name: str, observation: str) -> None:
    env = make(name, observation=observation, max_turns=6)
    first, info = env.reset(seed=3)
    assert first in env.observation_space
    assert set(info) - {"slate"} == INFO_KEYS
    assert ("slate" in info) == (name == "ChatRec/Slate-v0")
    kinds = {key: type(value) for key, value in info.items()}
    for out, reward, terminated, truncated, info in play(env):
        assert out in env.observation_space
        assert type(reward) is float
        assert type(terminated) is type(truncated) is bool
        assert {key: type(value) for key, value in info.items()} == kinds
        assert info["action_mask"].dtype == np.int8
        np.testing.assert_array_equal(info["action_mask"].astype(bool), env.action_masks())
        terms = [info[f"reward_{term}"] for term in ("click", "rating", "ask", "leave", "shaping")]
        assert reward == pytest.approx(sum(terms), abs=1e-12)
    assert type(info["is_success"]) is bool
    assert info["is_success"] == bool(env.state.dialogue.best[0] >= 4)


def test_every_output_is_a_new_object() -> None:
    env = make()
    observation, info = env.reset(seed=1)
    kept, mask, shown = observation.copy(), info["action_mask"].copy(), info["candidate_items"].copy()
    for _ in play(env, most=3):
        pass
    np.testing.assert_array_equal(observation, kept)
    np.testing.assert_array_equal(info["action_mask"], mask)
    np.testing.assert_array_equal(info["candidate_items"], shown)
    env.action_masks()[:] = False
    assert env.action_masks().any()


@EVERY_ID
def test_spec_survives_json(name: str) -> None:
    scenario = {"name": "null", "tells": 0.5}
    kwargs: dict[str, Any] = {"encoder": "hash", "reward": {"ask_cost": 0.1}, "scenario": scenario}
    env = gym.make(name, **kwargs)
    assert env.spec is not None
    again = gym.make(gym.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.config == env.unwrapped.config  # type: ignore[attr-defined]
    assert json.loads(env.spec.to_json())["kwargs"]["reward"] == {"ask_cost": 0.1}
    assert env.spec.max_episode_steps == 20
    np.testing.assert_array_equal(again.reset(seed=5)[0], env.reset(seed=5)[0])


def test_registering_twice_changes_nothing() -> None:
    before = dict(gym.registry)
    register_envs()
    assert dict(gym.registry) == before


@pytest.mark.parametrize(
    "clone",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda env: pickle.loads(pickle.dumps(env)), id="pickle"),
    ],
)
def test_a_copy_goes_on_identically(clone: Any) -> None:
    env = make("ChatRec/Items-v0", observation="dict")
    env.reset(seed=9)
    for _ in play(env, most=3):
        pass
    twin = clone(env)
    for (blocks, *rest, info), (blocks_2, *rest_2, info_2) in zip(play(env, 7), play(twin, 7), strict=True):
        for name, block in blocks.items():
            np.testing.assert_array_equal(block, blocks_2[name])
        assert rest == rest_2
        assert info["user_text"] == info_2["user_text"]
    assert env.reset()[1]["user_text"] == twin.reset()[1]["user_text"]  # the generators too


@pytest.mark.parametrize("talk", ["plain", "crs"])
def test_for_a_pickled_copy_nothing_is_compiled_anew(talk: str) -> None:
    """Another process that is given an environment would otherwise compile for a minute."""
    env = make("ChatRec/Items-v0", talk=talk)
    for _ in range(2):  # people who take the place of others are a rule of their own
        env.reset(seed=9)
        for _ in play(env, most=3):
            pass
    forms = {rule: len(rule.overloads) for rule in used_rules()}
    twin = pickle.loads(pickle.dumps(env))
    twin.reset(seed=9)
    for _ in play(twin, most=3):
        pass
    assert {rule: len(rule.overloads) for rule in used_rules()} == forms


def test_a_pickled_copy_hears_what_its_own_table_has_read() -> None:
    env = make("ChatRec/Items-v0")
    env.reset(seed=9)
    env.step(np.int64(9))
    manager = pickle.loads(pickle.dumps(env)).task.manager
    assert manager is not env.task.manager
    assert np.shares_memory(manager.known.sentences.ready, manager.table.arrays.ready)


def test_closing_twice_is_allowed() -> None:
    env = make()
    env.close()
    env.close()


@pytest.mark.parametrize("call", ["step", "reveal", "state", "render", "action_masks"])
def test_before_reset_there_is_nothing(call: str) -> None:
    env = make(render_mode="ansi")
    with pytest.raises(NotResetError, match=r"reset\(\)"):
        {
            "step": lambda: env.step(np.int64(0)),
            "reveal": env.reveal,
            "state": lambda: env.state,
            "render": env.render,
            "action_masks": env.action_masks,
        }[call]()


def test_after_the_end_comes_a_reset() -> None:
    env = make("ChatRec/Strategy-v0")
    env.reset(seed=0)
    _, _, terminated, truncated, info = env.step(np.int64(5))  # close
    assert terminated
    assert not truncated
    assert not info["left"]
    with pytest.raises(NotResetError, match="has ended"):
        env.step(np.int64(0))
    env.reset()
    env.step(np.int64(0))


def test_the_turn_budget_truncates() -> None:
    env = make("ChatRec/Items-v0", max_turns=2, scenario={"name": "null", "leave_constant": 0.0})
    env.reset(seed=0)
    assert env.step(np.int64(8))[2:4] == (False, False)
    assert env.step(np.int64(8))[2:4] == (False, True)


@pytest.mark.parametrize(
    ("action", "match"),
    [
        pytest.param(20, r"outside the action space: expected an integer in \[0, 20\)", id="too-large"),
        pytest.param(-1, "outside the action space", id="negative"),
        pytest.param(np.uint64(2**64 - 1), "Action 18446744073709551615 is outside", id="unsigned"),
        pytest.param(1.0, "integer", id="float"),
        pytest.param(True, "integer", id="bool"),
        pytest.param(np.True_, "integer", id="numpy-bool"),
        pytest.param(torch.tensor(True), r"got Tensor of torch.bool, shape \(\)", id="torch-bool"),
        pytest.param(torch.tensor([1, 2]), r"got Tensor of torch.int64, shape \(2,\)", id="two-in-a-tensor"),
        pytest.param(
            np.zeros(2), r"integer action in \[0, 20\), got ndarray of float64, shape \(2,\)", id="array"
        ),
        pytest.param([1, 2], "integer", id="two"),
        pytest.param([1, [2, 3]], "integer", id="ragged"),
        pytest.param("ask", r"got 'ask' \(str\)", id="text"),
        pytest.param(None, "integer", id="none"),
    ],
)
def test_what_is_no_action_is_refused(action: Any, match: str) -> None:
    env = make()
    env.reset(seed=0)
    with pytest.raises(IllegalActionError, match=match):
        env.step(action)
    env.step(np.int64(0))  # nothing happened


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(3, id="python"),
        pytest.param(np.int64(3), id="numpy"),
        pytest.param(np.uint8(3), id="numpy-unsigned"),
        pytest.param(np.array(3), id="array-without-axes"),
        pytest.param(np.array([3]), id="array-of-one"),
        pytest.param([3], id="list-of-one"),
        pytest.param(torch.tensor(3), id="tensor-without-axes"),
        pytest.param(torch.tensor([3]), id="tensor-of-one"),
    ],
)
def test_whatever_holds_one_integer_is_an_action(action: Any) -> None:
    env, twin = make(), make()
    env.reset(seed=0)
    twin.reset(seed=0)
    np.testing.assert_array_equal(env.step(action)[0], twin.step(3)[0])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        pytest.param({"options": "a"}, "options must be a dict or None, got 'a'", id="options-text"),
        pytest.param({"options": [1]}, "options must be a dict or None", id="options-list"),
        pytest.param({"seed": "a"}, "A seed must be None or an integer >= 0, got 'a'", id="seed-text"),
        pytest.param({"seed": -1}, ">= 0, got -1", id="seed-negative"),
        pytest.param({"seed": np.array([1, 2])}, "integer >= 0", id="seed-array"),
    ],
)
def test_a_refused_reset_changes_nothing(arguments: dict[str, Any], match: str) -> None:
    env, twin = make(), make()
    env.reset(seed=3)
    twin.reset(seed=3)
    with pytest.raises(ConfigError, match=match):
        env.reset(**{"seed": 5, **arguments})
    np.testing.assert_array_equal(env.reset()[0], twin.reset()[0])


def test_seeds_may_be_numpys() -> None:
    env = make()
    np.testing.assert_array_equal(env.reset(seed=np.int64(3))[0], env.reset(seed=3, options={})[0])  # type: ignore[arg-type]
    assert env.np_random_seed == 3


def test_a_masked_action_names_what_is_legal(three_films: str) -> None:
    env = make(catalog=three_films, n_candidates=3)
    env.reset(seed=0)
    last = np.int64(env.task.actions.n - 1)
    assert env.step(last - 2)[4]["action_mask"][-3:].tolist() == [1, 1, 0]
    with pytest.raises(IllegalActionError, match=r"\(recommend:2\) is masked.*Legal now: ask:genre"):
        env.step(last)


def test_a_masked_action_can_be_redirected_to_the_best_candidate(three_films: str) -> None:
    env = make(catalog=three_films, n_candidates=3, masked_actions="redirect")
    env.reset(seed=0)
    last = np.int64(env.task.actions.n - 1)
    best = env.step(last - 2)[4]["candidate_items"][0]
    assert env.step(last)[4]["item"] == best


def test_a_question_may_be_repeated_and_costs_its_turn() -> None:
    env = make()
    env.reset(seed=0)
    for turn in (1, 2, 3):
        info = env.step(np.int64(2))[4]
        assert (info["turn"], info["questions"]) == (turn, turn)
    assert info["action_mask"].all()


def test_ansi_shows_every_sentence() -> None:
    env = make(render_mode="ansi", max_turns=4)
    _, info = env.reset(seed=2)
    said = [info["user_text"]]
    for *_, info in play(env):
        said += [info["system_text"], info["user_text"]]
    page = env.render()
    for text in said:
        assert text in page
    assert page.count("\n") == sum(bool(text) for text in said) + 1
    assert page.endswith(f"[turn {info['turn']}/4, {env.state.dialogue.clicks[0]} accepted]\n")


def test_letters_of_european_languages_are_drawn() -> None:
    box = bytes(font(14).getmask("\uffff"))
    assert all(bytes(font(14).getmask(letter)) != box for letter in "éŁóźñï–€ßřΩЖ")


def test_the_picture_changes_with_the_conversation() -> None:
    env = make(render_mode="rgb_array")
    env.reset(seed=2)
    before = env.render()
    for _ in play(env, most=8):
        pass
    after = env.render()
    assert before.shape == after.shape == (480, 640, 3)
    assert before.dtype == np.uint8
    assert (before != after).any()


def test_rendering_needs_a_mode() -> None:
    with pytest.raises(ConfigError, match="render_mode must be one of"):
        ChatRecEnv(render_mode="human")
    env = make()
    env.reset(seed=0)
    with pytest.warns(UserWarning, match="without render_mode"):
        assert env.render() is None


def test_the_same_seed_is_the_same_bits_in_another_process(repo: Path) -> None:
    names = [(name, form) for name in IDS for form in ("flat", "tabular")]
    code = (
        "import sys, importlib.util as u\n"
        f"spec = u.spec_from_file_location('t', {str(Path(__file__))!r})\n"
        "t = u.module_from_spec(spec); spec.loader.exec_module(t)\n"
        f"print([t.digest(name, form, 17) for name, form in {names!r}])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True, timeout=120
    )
    assert found.stdout.strip() == repr([digest(name, form, 17) for name, form in names])
    assert digest(*names[0], 18) != digest(*names[0], 17)


def test_nothing_latent_is_visible() -> None:
    """Two people who differ only in what nobody can know yet look the same."""
    env = make()
    observation, info = env.reset(seed=4)
    people: Any = env.state.people
    for name in ("desire", "factor_taste", "threshold", "patience", "trust", "satisfaction", "generosity"):
        getattr(people, name)[:] += 0.25
    people.wanted[:] = ~people.wanted
    again, info_again = env._outputs(None)
    np.testing.assert_array_equal(observation, again)
    for key, value in info.items():
        np.testing.assert_array_equal(value, info_again[key])
    latent = {"utility", "desire", "satisfaction", "trust", "patience", "wanted", "satiation", "threshold"}
    assert latent <= set(env.reveal())
    assert not latent & set(info)


@pytest.mark.parametrize("conversation", ["recency", "sequence"])
def test_a_flattened_dict_observation_is_the_flat_one(conversation: str) -> None:
    """``layout.columns()`` names the columns of both."""
    kwargs: dict[str, Any] = {"conversation": conversation, "encoder": "hash"}
    env, flat = make(observation="dict", **kwargs), make(**kwargs)
    blocks, expected = env.reset(seed=1)[0], flat.reset(seed=1)[0]
    np.testing.assert_array_equal(flatten(env.observation_space, blocks), expected)
    np.testing.assert_array_equal(FlattenObservation(env).reset(seed=1)[0], expected)
    assert flatten_space(env.observation_space) == flat.observation_space
    budget = [name.split("/")[0] for name in env.layout.columns()].index("budget")
    assert expected[budget] == blocks["budget"][0] == 1.0


def test_no_environment_shares_its_spaces() -> None:
    one, other = make(observation="dict"), make(observation="dict")
    assert one.observation_space == other.observation_space
    other.action_space.seed(2)
    drawn = other.action_space.sample()
    other.action_space.seed(2)
    one.action_space.seed(3)
    assert other.action_space.sample() == drawn
    mine, theirs = (env.observation_space["budget"] for env in (one, other))  # type: ignore[index]
    mine.low[:] = -1
    assert theirs.low.tolist() == [-8, -8]


def test_numbers_leave_the_texts_out() -> None:
    full, numbers = make(), make(info="numbers")
    full.reset(seed=1)
    numbers.reset(seed=1)
    for (_, reward, *over, info), (_, same, *as_well, fewer) in zip(
        play(full, 2), play(numbers, 2), strict=True
    ):
        assert (reward, over) == (same, as_well)
        assert set(info) - set(fewer) == {"system_text", "user_text"}
        np.testing.assert_equal(fewer, {key: info[key] for key in fewer})


def test_lean_tells_success_at_the_end_and_nothing_else() -> None:
    full, lean = make(), make(info="lean")
    assert full.reset(seed=1)[1] != lean.reset(seed=1)[1] == {}
    for (_, reward, *over, info), (_, same, *as_well, few) in zip(play(full, 2), play(lean, 2), strict=True):
        assert (reward, over) == (same, as_well)
        assert few == ({"is_success": info["is_success"]} if any(over) else {})


def test_an_unknown_level_of_info() -> None:
    with pytest.raises(UnknownNameError, match=r"No info level 'texts'.*Known: full, lean, numbers"):
        make(info="texts")


@pytest.mark.parametrize("level", ["full", "numbers", "lean"])
def test_wrappers_and_checkers_take_every_level(level: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gym.make("ChatRec/Items-v0", encoder="hash", info=level, masked_actions="redirect")
        gymnasium_check(env.unwrapped)
        sb3_check(env, warn=True)
    counted = RecordEpisodeStatistics(env)
    counted.reset(seed=0)
    ended = False
    while not ended:
        *_, terminated, truncated, info = counted.step(0)
        ended = terminated or truncated
    assert info["episode"]["l"] == env.unwrapped.state.dialogue.turn[0]  # type: ignore[attr-defined]


@EVERY_ID
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(FlattenObservation, id="flatten"),
        pytest.param(partial(FrameStackObservation, stack_size=3), id="frame-stack"),
        pytest.param(partial(TimeLimit, max_episode_steps=2), id="time-limit"),
        pytest.param(NormalizeReward, id="normalize-reward"),
    ],
)
def test_gymnasiums_wrappers_take_every_id(name: str, wrap: Any) -> None:
    env = wrap(gym.make(name, encoder="hash", observation="dict", masked_actions="redirect"))
    env.action_space.seed(1)
    assert env.reset(seed=1)[0] in env.observation_space
    for _ in range(20):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        assert observation in env.observation_space
        if terminated or truncated:
            env.reset()


@EVERY_ID
@pytest.mark.parametrize("mode", ["native", "sync"])
def test_gymnasiums_vector_wrappers_take_every_id(name: str, mode: str) -> None:
    kwargs: dict[str, Any] = {"vectorization_mode": "sync"} if mode == "sync" else {}
    made = gym.make_vec(name, 3, encoder="hash", masked_actions="redirect", max_turns=3, **kwargs)
    env = NormalizeRewards(FlattenObservations(EpisodeStatistics(made)))
    env.action_space.seed(1)
    env.reset(seed=1)
    lengths: list[int] = []
    for _ in range(8):
        *_, info = env.step(env.action_space.sample())
        lengths += info["episode"]["l"][info["_episode"]].tolist() if "episode" in info else []
    assert lengths
    assert set(lengths) <= {1, 2, 3}


def test_the_specification_tells_the_turn_budget() -> None:
    """Gymnasium registers limits and makes ``TimeLimit`` of them; here the environment itself ends the conversation."""
    env = gym.make("ChatRec/Items-v0", encoder="hash", max_turns=3)
    assert env.spec is not None
    assert env.spec.max_episode_steps == 3
    assert not isinstance(env, TimeLimit)
    assert gym.spec("ChatRec/Items-v0").max_episode_steps is None
    again = gym.make(env.spec)
    many = gym.make_vec(env.spec, num_envs=2)
    assert again.unwrapped.config == many.unwrapped.config == env.unwrapped.config  # type: ignore[attr-defined]
    assert many.spec is not None
    assert many.spec.max_episode_steps == 3
    for each in (env, again):
        each.reset(seed=5)
        turns = [each.step(0)[2:4] for _ in range(3)]
        assert turns == [(False, False), (False, False), (False, True)]


def test_a_time_limit_of_gymnasiums_own_ends_earlier() -> None:
    env = gym.make("ChatRec/Items-v0", encoder="hash", max_episode_steps=2)
    assert env.spec is not None
    assert env.spec.max_episode_steps == 2
    env.reset(seed=5)
    assert env.step(0)[2:4] == (False, False)
    assert env.step(0)[2:4] == (False, True)


@pytest.mark.parametrize("kind", [ChatRecEnv, ChatRecVectorEnv], ids=["single", "vector"])
def test_a_second_thread_is_refused(kind: Any) -> None:
    """The calls would write into the same arrays; this ended the process."""
    env = kind(encoder="hash")
    env.reset(seed=0)
    inside, leave = threading.Event(), threading.Event()
    users = env.task.users

    class Slow:
        """The same people, who wait until they may answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(users, name)

        def respond(self, *arguments: Any) -> Any:
            inside.set()
            assert leave.wait(60)
            return users.respond(*arguments)

    env.task = replace(env.task, users=Slow())
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(env.step, np.array([0]))
        assert inside.wait(60)
        for call in (lambda: env.step(np.array([0])), env.reset):
            with pytest.raises(ConcurrentUseError, match="make one per thread"):
                call()
        leave.set()
        assert first.result()[4]["turn"] == 1
    assert env.step(np.array([0]))[4]["turn"] == 2


def test_environments_of_several_threads_do_not_disturb_each_other() -> None:
    alone = [digest("ChatRec/Items-v0", "flat", seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda seed: digest("ChatRec/Items-v0", "flat", seed), range(8))) == alone


def test_a_spawned_worker_finds_the_id_with_its_module() -> None:
    """MaskablePPO learns through it: masks are asked for across the processes."""
    env = make_vec_env(
        "chatrec_env:ChatRec/Items-v0",
        n_envs=1,
        env_kwargs={"encoder": "hash", "info": "lean"},
        vec_env_cls=SubprocVecEnv,
        vec_env_kwargs={"start_method": "spawn"},
    )
    MaskablePPO("MlpPolicy", env, n_steps=32, batch_size=32, n_epochs=1, seed=0, device="cpu").learn(32)
    assert env.env_method("action_masks")[0].shape == (20,)
    env.close()

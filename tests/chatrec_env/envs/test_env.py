"""The single environment is a good citizen: Gymnasium's contract, SB3's, and its own."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from stable_baselines3.common.env_checker import check_env as sb3_check

from chatrec_env import IDS, register_envs
from chatrec_env.core.observations import OBSERVATIONS
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.errors import ConfigError, IllegalActionError, NotResetError

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
    for _ in range(most):
        step = env.step(np.int64(rng.choice(np.flatnonzero(env.action_masks()))))
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
    assert set(info) == INFO_KEYS
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
    assert env.spec.max_episode_steps is None
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
        pytest.param([1, 2], "integer", id="two"),
        pytest.param("ask", "integer", id="text"),
        pytest.param(None, "integer", id="none"),
    ],
)
def test_what_is_no_action_is_refused(action: Any, match: str) -> None:
    env = make()
    env.reset(seed=0)
    with pytest.raises(IllegalActionError, match=match):
        env.step(action)
    env.step(np.int64(0))  # nothing happened


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

"""``ChatRec/Slate-v0``: several items at once, or a question."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from sb3_contrib import MaskablePPO
from stable_baselines3 import PPO

import chatrec_env  # noqa: F401
from chatrec_env.core.kernel import start_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, IllegalActionError
from chatrec_env.language.acts import SystemAct


def made(**kwargs: Any) -> ChatRecEnv:
    env = gym.make("ChatRec/Slate-v0", encoder="hash", **kwargs).unwrapped
    assert isinstance(env, ChatRecEnv)
    return env


def sampled(env: Any, mask: np.ndarray[Any, Any]) -> Any:
    """A legal action, as the manual page says."""
    parts = np.split(mask, np.cumsum(env.action_space.nvec)[:-1])
    return env.action_space.sample(mask=tuple(parts))


def test_its_space_by_hand() -> None:
    """Eight questions or none, then one of twelve candidates for each of the five places."""
    env = made()
    assert env.action_space.nvec.tolist() == [9, 12, 12, 12, 12, 12]  # type: ignore[attr-defined]
    assert env.reset(seed=0)[1]["action_mask"].shape == (9 + 5 * 12,)
    assert made(slate_size=3, n_candidates=4).action_space.nvec.tolist() == [9, 4, 4, 4]  # type: ignore[attr-defined]
    assert made(n_candidates=4).action_space.nvec.tolist() == [9, 4, 4, 4, 4]  # type: ignore[attr-defined]


def test_a_slate_is_shown_in_order_and_a_repeated_candidate_once() -> None:
    env = made(slate_size=3)
    candidates = env.reset(seed=1)[1]["candidate_items"]
    info = env.step(np.array([0, 4, 0, 4]))[4]
    assert info["slate"].tolist() == [candidates[4], candidates[0], -1]
    titles = env.task.manager.catalog.titles
    assert info["system_text"].index(titles[candidates[4]]) < info["system_text"].index(titles[candidates[0]])
    assert info["item"] in candidates[[0, 4]]
    shown = env.state.dialogue.shown[0]
    assert set(shown[shown >= 0]) == set(candidates[[4, 0]])


def test_when_asking_the_places_mean_nothing() -> None:
    env = made()
    env.reset(seed=1)
    info = env.step(np.array([2, 0, 0, 0, 0, 0]))[4]
    assert info["slate"].tolist() == [-1] * 5
    assert info["questions"] == 1
    assert info["item"] == -1


def test_the_item_of_a_turn_is_the_one_that_was_clicked() -> None:
    env = made(scenario={"name": "null", "pickiness": -3.0})
    candidates = env.reset(seed=3)[1]["candidate_items"]
    places = set()
    for seed in range(40):
        candidates = env.reset(seed=seed)[1]["candidate_items"]
        info = env.step(np.array([0, 0, 1, 2, 3, 4]))[4]
        place = candidates.tolist().index(info["item"])
        assert info["clicked"] or place == 0
        places.add(place)
    assert len(places) > 2  # not the first alone


@pytest.mark.parametrize(
    ("kind", "policy", "kwargs"),
    [
        pytest.param(MaskablePPO, "MlpPolicy", {}, id="masked"),
        pytest.param(MaskablePPO, "MultiInputPolicy", {"observation": "dict"}, id="masked-dict"),
        pytest.param(PPO, "MlpPolicy", {"masked_actions": "redirect"}, id="redirected"),
    ],
)
def test_ppo_learns_on_slates(kind: Any, policy: str, kwargs: dict[str, Any]) -> None:
    """As the manual page says: with masks it needs nothing, without it needs them redirected."""
    model = kind(policy, made(**kwargs), n_steps=32, batch_size=32, n_epochs=1, seed=0, device="cpu").learn(
        64
    )
    assert model.num_timesteps == 64


def test_a_slate_of_one_is_the_environment_of_items() -> None:
    """The same people, the same candidates, shown one at a time: the same conversation."""
    slate, items = made(slate_size=1), gym.make("ChatRec/Items-v0", encoder="hash").unwrapped
    (a, info), (b, _) = slate.reset(seed=11), items.reset(seed=11)
    rng, n_questions = np.random.default_rng(0), slate.action_space.nvec[0] - 1  # type: ignore[attr-defined]
    for _ in range(20):
        np.testing.assert_array_equal(a, b)
        asked, place = sampled(slate, info["action_mask"])
        if rng.random() < 0.7:
            asked = 0
        a, ours, terminated, truncated, info = slate.step(np.array([asked, place]))
        b, theirs, *ends, _ = items.step(asked - 1 if asked else n_questions + place)
        assert (ours, [terminated, truncated]) == (theirs, ends)
        if terminated or truncated:
            break


@pytest.mark.parametrize(
    ("action", "told"),
    [
        pytest.param(3, "Expected 1 action(s) of 6 integers", id="one-number"),
        pytest.param([0, 1, 2], "got ndarray of int64, shape (1, 3)", id="too-few"),
        pytest.param([0, 0, 0, 0, 0, 12], "Number 5 of action [0, 0, 0, 0, 0, 12] is outside", id="outside"),
        pytest.param([0.0] * 6, "Expected 1 action(s) of 6 integers", id="not-whole"),
    ],
)
def test_what_is_no_action_is_told(action: Any, told: str) -> None:
    env = made()
    env.reset(seed=0)
    with pytest.raises(IllegalActionError) as caught:
        env.step(action)
    assert told in str(caught.value)


def test_an_empty_candidate_place_is_masked_told_or_redirected(three_films: str) -> None:
    """Three films, two of them shown: one candidate is left, in the first place."""
    kwargs: dict[str, Any] = {"catalog": three_films, "n_candidates": 3, "slate_size": 2, "scenario": "null"}
    strict, kind = made(**kwargs), made(masked_actions="redirect", **kwargs)
    for env in (strict, kind):
        env.reset(seed=2)
        env.step(np.array([0, 0, 1]))
    n = strict.action_space.nvec[0]  # type: ignore[attr-defined]
    mask = strict.action_masks()
    assert mask[n:].tolist() == [True, False, False] * 2
    with pytest.raises(IllegalActionError, match=r"\(place 1: candidate 2\) is masked this turn"):
        strict.step(np.array([0, 0, 2]))
    assert kind.step(np.array([0, 2, 2]))[4]["slate"].tolist() == [kind.state.dialogue.slate[0, 0], -1]


@pytest.mark.parametrize(
    ("kwargs", "told"),
    [
        pytest.param(
            {"actions": "items", "slate_size": 3}, "slate_size is of ChatRec/Slate-v0 alone", id="items"
        ),
        pytest.param(
            {"actions": "slate", "slate_size": 13}, r"slate_size must lie in \[1, 12\]", id="too-many"
        ),
        pytest.param({"actions": "slate", "slate_size": 0}, r"slate_size must lie in \[1, 12\]", id="none"),
        pytest.param({"actions": "slate", "slate_size": "two"}, "slate_size must be an integer", id="text"),
    ],
)
def test_a_size_that_makes_no_sense_is_refused(kwargs: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        make_task(EnvConfig(encoder="hash", **kwargs))


def test_the_system_says_every_item_of_the_slate() -> None:
    task = make_task(EnvConfig(encoder="hash", actions="slate", slate_size=4))
    state = start_batch(task, np.random.default_rng(0).random((3, task.n_draws)))
    turn = task.actions.decode(task.manager, state.dialogue, np.array([[0, 3, 1, 1, 0]] * 3))
    task.manager.speak(state.dialogue, turn, np.zeros((3, 2), np.int64))
    assert (turn.act == SystemAct.RECOMMEND).all()
    assert turn.sentences.shape == (3, 4 + 2)  # opener, a place each, explanation
    assert ((turn.sentences >= 0) == [True, True, True, False, True, True]).all()

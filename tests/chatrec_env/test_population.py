from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import chatrec_env  # noqa: F401
from chatrec_env.errors import ConfigError, UnknownNameError
from simulators.population import load_population

FITTED = {"name": "scripted", "population": "ml-small"}


def make(**changes: Any) -> gym.Env[Any, Any]:
    return gym.make("ChatRec/Items-v0", encoder="hash", **changes)


def test_people_of_a_population_pass_the_check() -> None:
    check_env(make(users=FITTED).unwrapped, skip_render_check=True)


def stars_of(users: Any) -> np.ndarray[Any, Any]:
    n = 300
    env = gym.make_vec("ChatRec/Items-v0", num_envs=n, encoder="hash", observation="tabular", users=users)
    env.reset(seed=0)
    best = env.unwrapped.task.actions.fallback  # type: ignore[attr-defined]
    given = np.zeros(6)
    for _ in range(6):
        info = env.step(np.full(n, best))[4]
        given += np.bincount(info["stars"].astype(int), minlength=6)
    env.close()
    return given[1:] / given[1:].sum()


def test_ratings_move_to_the_real_ones() -> None:
    real = np.array(load_population("ml-small").histogram)
    default, fitted = stars_of("scripted"), stars_of(FITTED)
    far, near = (0.5 * np.abs(share - real).sum() for share in (default, fitted))
    assert near < 0.7 * far


def test_what_a_scenario_switches_off_stays_off() -> None:
    task = make(users=FITTED, scenario="null").unwrapped.task  # type: ignore[attr-defined]
    plain = make(scenario="null").unwrapped.task  # type: ignore[attr-defined]
    assert task.users.profile_draws == plain.users.profile_draws
    draws = np.random.default_rng(0).random((50, task.users.profile_draws))
    one, other = (t.users.reveal(t.users.start(draws)[0])["utility"] for t in (task, plain))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("users", "error", "told"),
    [
        pytest.param({"name": "scripted", "population": "ml-smal"}, UnknownNameError, "ml-small", id="name"),
        pytest.param({"name": "scripted", "population": 3}, ConfigError, "name or the path", id="kind"),
    ],
)
def test_a_wrong_population_is_refused(users: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        make(users=users)

"""People of one's own: registered by name, checked when they are first asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest
from gymnasium.utils.env_checker import check_env

import chatrec_env
from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.user_simulator import USERS, SystemTurn, UserTurn
from chatrec_env.errors import ConfigError

HERE = __name__


class Moods(NamedTuple):
    mood: npt.NDArray[np.float64]  # (N,)


class Whimsical:
    """Accepts by the toss of a coin and says nothing after the first words."""

    name = "whimsical"
    profile_draws = turn_draws = 1
    deterministic = True

    def __init__(self, hello: int) -> None:
        self.hello = hello

    def start(self, draws: npt.NDArray[np.float64]) -> tuple[Moods, npt.NDArray[np.int64]]:
        said = np.full((len(draws), 4), -1, np.int64)
        said[:, 0] = self.hello
        return Moods(draws[:, 0].copy()), said

    def respond(self, people: Moods, system: SystemTurn, draws: npt.NDArray[np.float64]) -> UserTurn:
        taken = (system.slate[:, 0] >= 0) & (draws[:, 0] < people.mood)
        return UserTurn(
            click=np.where(taken, 0, -1).astype(np.int8),
            stars=np.where(taken, 4, 0).astype(np.int8),
            leave=draws[:, 0] > 0.9,
            sentences=np.full((len(draws), 4), -1, np.int64),
        )

    def reveal(self, people: Moods) -> dict[str, npt.NDArray[Any]]:
        return {"mood": people.mood.copy()}


def whimsical(catalog: Any, table: Any, scenario: Any, options: dict[str, Any]) -> Whimsical:
    return Whimsical(int(table.intern(["Something sad, please."])[0]))


def nobody(*_: Any) -> None:
    return None


@pytest.fixture(autouse=True)
def own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatrec_env.core.user_simulator.USERS", dict(USERS))


def make(users: Any) -> Any:
    return gym.make("ChatRec/Items-v0", encoder="hash", users=users)


def test_people_of_ones_own_play() -> None:
    chatrec_env.register_users("whimsical", f"{HERE}:whimsical")
    chatrec_env.register_users("whimsical", f"{HERE}:whimsical")  # a module may be imported twice
    env = make("whimsical")
    assert env.reset(seed=0)[1]["user_text"] == "Something sad, please."
    assert set(env.unwrapped.reveal()) == {"mood"}
    check_env(env.unwrapped, skip_render_check=True)


class Regulars(Whimsical):
    """People with methods of earlier names: they come at noon, and liked the first item."""

    def crowd(self, draws: npt.NDArray[np.float64]) -> Moods:
        return self.start(draws)[0]

    def past(self, people: Moods, plan: Any, draws: npt.NDArray[np.float64]) -> RatingHistory:
        return RatingHistory(np.zeros((len(draws), 1), np.int32), np.full((len(draws), 1), 4.0, np.float32))

    def setting(self, people: Moods) -> npt.NDArray[np.int8]:
        return np.ones((len(people.mood), 2), np.int8)


def regulars(catalog: Any, table: Any, scenario: Any, options: dict[str, Any]) -> Regulars:
    return Regulars(int(table.intern(["Something sad, please."])[0]))


def test_methods_of_earlier_names_still_count() -> None:
    chatrec_env.register_users("regulars", f"{HERE}:regulars")
    with (
        pytest.warns(DeprecationWarning, match=r"Regulars\.past is called rating_history now"),
        pytest.warns(DeprecationWarning, match=r"Regulars\.setting is called situational_context now"),
    ):
        env = gym.make("ChatRec/Items-v0", encoder="hash", users="regulars", rating_history="warm")
    env.reset(seed=0)
    dialogue = env.unwrapped.state.dialogue  # type: ignore[attr-defined]
    assert dialogue.rating_history.items.tolist() == [[0]]
    assert dialogue.situational_context.tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("name", "factory", "told"),
    [
        pytest.param("mine", "mypeople", '"module:function", got', id="no-function"),
        pytest.param("mine", whimsical, '"module:function", got', id="not-a-name"),
        pytest.param("scripted", f"{HERE}:whimsical", "a name of their own, got 'scripted'", id="taken"),
    ],
)
def test_a_wrong_registration_is_refused(name: str, factory: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        chatrec_env.register_users(name, factory)


@pytest.mark.parametrize(
    ("factory", "told"),
    [
        pytest.param("no_such_module:make", "No module named 'no_such_module'", id="module"),
        pytest.param(f"{HERE}:make_nobody", "has no attribute 'make_nobody'", id="function"),
        pytest.param(f"{HERE}:nobody", "must return a UserModel .*NoneType without name, profile", id="none"),
    ],
)
def test_people_that_cannot_play_are_told_at_once(factory: str, told: str) -> None:
    """Was an AttributeError from inside ``gym.make``, or the first ``reset``."""
    chatrec_env.register_users("mine", factory)
    with pytest.raises(ConfigError, match=told):
        make("mine")

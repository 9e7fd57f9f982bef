"""People come with a past: the same people, rated by their own tastes, and a system that knows the ratings alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from chatrec_env import IDS
from chatrec_env.catalog import BUILT_IN
from chatrec_env.core.kernel import State, Task, observe_batch, start_batch, step_batch
from chatrec_env.core.rating_history import RATING_HISTORIES, RatingHistoryPlan, distinct
from chatrec_env.dialogue.preference import STANDARD_VARIANCE, recollected
from simulators.scripted.people import People
from simulators.scripted.rating_histories import lasting
from simulators.scripted.simulator import ScriptedUsers

Make = Callable[..., Task]


def started(task: Task, n: int = 200, seed: int = 5) -> State:
    return start_batch(task, np.random.default_rng(seed).random((n, task.n_draws)))


@pytest.mark.parametrize(
    ("kind", "uniform", "number"),
    [
        pytest.param("cold", 0.5, 0, id="cold"),
        pytest.param("warm", 0.0, 5, id="warm-fewest"),
        pytest.param("warm", 0.9999, 15, id="warm-most"),
        pytest.param("heavy", 0.0, 40, id="heavy-fewest"),
        pytest.param("heavy", 0.9999, 100, id="heavy-most"),
        pytest.param("mixed", 0.2499, 0, id="mixed-cold"),
        pytest.param("mixed", 0.25, 5, id="mixed-warm"),
        pytest.param("mixed", 0.7499, 15, id="mixed-warm-most"),
        pytest.param("mixed", 0.75, 40, id="mixed-heavy"),
    ],
)
def test_how_many(kind: str, uniform: float, number: int) -> None:
    assert RatingHistoryPlan(kind, 1000).numbers(np.array([uniform])).tolist() == [number]


def test_shares_of_a_kind_add_up() -> None:
    assert all(sum(share for share, _, _ in kinds) == 1 for kinds in RATING_HISTORIES.values())


def test_at_most_a_quarter_of_the_items() -> None:
    plan = RatingHistoryPlan("heavy", 30)
    assert (plan.most, plan.numbers(np.array([0.0, 0.99])).tolist()) == (7, [7, 7])
    assert RatingHistoryPlan("warm", 3).draws == 0


def test_an_item_counts_once() -> None:
    items = np.array([[7, 3, 7, 7, 2], [1, 1, 1, 1, 1]], np.int32)
    rows, places, rank = distinct(items, np.array([2, 3]), 4)
    assert list(zip(rows.tolist(), places.tolist(), rank.tolist(), strict=True)) == [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 0),
    ]


def test_the_same_person_in_the_same_mood_whatever_the_past(task_of: Make) -> None:
    """What the past is made of is drawn last."""
    cold, heavy = task_of(), task_of(rating_history="heavy")
    rng = np.random.default_rng(1)
    draws = rng.random((50, heavy.n_draws))
    one, other = start_batch(cold, draws[:, : cold.n_draws]), start_batch(heavy, draws)
    known = cold.users.reveal(one.people)
    for name, value in heavy.users.reveal(other.people).items():
        np.testing.assert_array_equal(value, known[name], err_msg=name)
    np.testing.assert_array_equal(one.draws, other.draws)
    np.testing.assert_array_equal(one.dialogue.transcript, other.dialogue.transcript)


@pytest.mark.parametrize("catalog", BUILT_IN)
def test_ratings_are_by_lasting_tastes_and_exposure_by_popularity(task_of: Make, catalog: str) -> None:
    task = task_of(catalog=catalog, rating_history="heavy")
    state, items = started(task), task.manager.catalog
    past, users, people = state.dialogue.rating_history, task.users, state.people
    assert isinstance(users, ScriptedUsers)
    assert isinstance(people, People)
    if items.n_items >= 400:
        assert past.counts.min() >= 40
    assert past.counts.max() <= min(100, items.n_items // 4)
    rows, places = np.nonzero(past.items >= 0)
    rated, stars = past.items[rows, places], past.stars[rows, places]
    assert set(stars.tolist()) == {1.0, 2.0, 3.0, 4.0, 5.0}
    utility = users.reveal(lasting(people, users.scenario.avoid_weight))["utility"]
    assert np.corrcoef(utility[rows, rated], stars)[0, 1] > 0.4
    assert items.popularity[rated].mean() > items.popularity.mean() + 0.03
    for row in range(len(state)):
        mine = past.items[row][past.items[row] >= 0]
        assert len(set(mine.tolist())) == len(mine)


def test_people_fitted_to_ratings_rate_as_real_ones_do(task_of: Make) -> None:
    task = task_of(rating_history="heavy", users={"name": "scripted", "population": "ml-small"})
    stars = started(task).dialogue.rating_history.stars
    shares = np.bincount(stars[stars > 0].astype(int), minlength=6)[1:] / (stars > 0).sum()
    histogram = np.array(task.users.population.histogram)  # type: ignore[attr-defined]
    assert np.abs(shares - histogram).max() < 0.08


def test_what_was_rated_is_never_on_the_table(task_of: Make) -> None:
    task = task_of(rating_history="heavy", max_turns=6)
    state = started(task, 60)
    for _ in range(6):
        _, mask, view = observe_batch(task, state)
        assert view.present.all()
        shared = state.dialogue.candidates[:, :, None] == state.dialogue.rating_history.items[:, None, :]
        assert not shared.any()
        step_batch(task, state, np.where(mask.any(1), task.actions.fallback, 0))


def test_the_system_knows_the_ratings_and_nothing_else(task_of: Make) -> None:
    """Visible state is made of what was rated and said: the people are not asked."""
    task = task_of(rating_history="mixed")
    state = started(task, 40)
    told = task.manager.open(40)
    told.situational_context[:] = state.dialogue.situational_context
    told = task.manager.remember(told, state.dialogue.rating_history)
    task.manager.hear(told, None, state.dialogue.transcript[:, 0, -4:])
    np.testing.assert_array_equal(
        task.layout.make(told, task.manager.view(told)), observe_batch(task, state)[0]
    )


def test_a_past_tells_tastes(task_of: Make) -> None:
    """Estimated tastes go with the true ones, better the longer the past."""
    fits = []
    for kind in ("warm", "heavy"):
        state = started(task_of(rating_history=kind))
        true, found = state.people.factor_taste, state.dialogue.preference.mean
        fits.append(np.corrcoef(true.ravel(), found.ravel())[0, 1])
    assert 0.1 < fits[0] < fits[1]
    assert fits[1] > 0.35


def test_recollection_is_the_posterior_by_hand() -> None:
    """One factor, one rating: ``mean = v w / (v + s + noise)`` with the standard's variance s summed out."""
    found = recollected(
        np.ones((1, 2, 1), np.float32),
        np.array([[3.0, 9.0]]),
        np.array([[True, False]]),
        variance=0.5,
        noise=2.0,
    )
    total = 0.5 + STANDARD_VARIANCE + 2.0
    assert found.mean[0, 0] == pytest.approx(0.5 * 3.0 / total)
    assert found.covariance[0, 0, 0] == pytest.approx(0.5 - 0.5**2 / total)


def test_nobody_is_changed_by_whom_they_are_drawn_with(task_of: Make) -> None:
    task = task_of(rating_history="mixed", collaborative=1.0)
    draws = np.random.default_rng(2).random((150, task.n_draws))
    together, alone = start_batch(task, draws), start_batch(task, draws[70:71])
    for name in ("candidates", "scores"):
        np.testing.assert_array_equal(getattr(together.dialogue, name)[70:71], getattr(alone.dialogue, name))
    np.testing.assert_array_equal(
        together.dialogue.rating_history.items[70:71], alone.dialogue.rating_history.items
    )


@pytest.mark.parametrize("name", IDS)
def test_the_checker_finds_nothing(name: str) -> None:
    env = gym.make(name, encoder="hash", rating_history="mixed", collaborative=1.0, disable_env_checker=True)
    assert env.unwrapped.spec is not None
    check_env(env.unwrapped, skip_render_check=True)


def test_a_catalogue_too_small_for_a_past_is_cold(task_of: Make, three_films: str) -> None:
    task = task_of(catalog=three_films, n_candidates=3, rating_history="warm")
    assert started(task, 3).dialogue.rating_history.items.shape == (3, 0)


def test_the_observation_space_is_unchanged(task_of: Make) -> None:
    plain: Any = task_of().layout
    assert task_of(rating_history="heavy", collaborative=1.0).layout.columns() == plain.columns()

"""Slates on scores and similarities worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from agents.slates import greedy_slate, mmr_slate, random_slate, sating_similarity
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task

SCORES = np.array([[3.0, 2.5, 1.0, 2.0]], np.float32)
ALL = np.ones((1, 4), np.bool_)
TWINS = np.array(
    # The first two are twins, so are the last two.
    [[[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]],
    np.float32,
)


@pytest.mark.parametrize(
    ("present", "size", "expected"),
    [
        pytest.param([1, 1, 1, 1], 3, [0, 1, 3], id="best-first"),
        pytest.param([0, 1, 1, 1], 2, [1, 3], id="only-what-is-there"),
        pytest.param([0, 0, 1, 0], 3, [2, -1, -1], id="too-few-are-filled-up"),
        pytest.param([1, 1, 1, 1], 6, [0, 1, 3, 2, -1, -1], id="larger-than-the-table"),
    ],
)
def test_greedy(present: list[int], size: int, expected: list[int]) -> None:
    assert greedy_slate(SCORES, np.array([present], np.bool_), size).tolist() == [expected]


def test_greedy_ties_go_to_the_lower_place() -> None:
    assert greedy_slate(np.zeros((1, 4), np.float32), ALL, 3).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("trade_off", "expected"),
    [
        pytest.param(1.0, [0, 1, 3], id="all-score-is-greedy"),
        # 0.5 * 2.5 - 0.5 * 1 = 0.75 for the twin of the first, 0.5 * 2.0 = 1 for the unlike one; then the twin's
        # 0.75 against 0.5 * 1.0 - 0.5 * 1 = 0 for the twin of the second.
        pytest.param(0.5, [0, 3, 1], id="unlike-before-twin"),
        pytest.param(0.0, [0, 2, 1], id="all-variety"),
    ],
)
def test_mmr(trade_off: float, expected: list[int]) -> None:
    assert mmr_slate(SCORES, TWINS, ALL, 3, trade_off).tolist() == [expected]


def test_mmr_shows_only_what_is_there() -> None:
    present = np.array([[False, True, False, True], [False] * 4])
    slates = mmr_slate(np.repeat(SCORES, 2, axis=0), np.repeat(TWINS, 2, axis=0), present, 3, 0.5)
    assert slates.tolist() == [[1, 3, -1], [-1, -1, -1]]


@pytest.mark.parametrize(
    ("uniform", "expected"),
    [
        # 0.0: the first of three, then the first of two. 0.5 * 3 = 1.5: the second, rest 0.5; 0.5 * 2 = 1: the second
        # of what is left. 0.99 * 3 = 2.97: the third, rest 0.97; 0.97 * 2 = 1.94: the second.
        pytest.param(0.0, [0, 2], id="first-first"),
        pytest.param(0.5, [2, 3], id="middle"),
        pytest.param(0.99, [3, 2], id="last"),
    ],
)
def test_random(uniform: float, expected: list[int]) -> None:
    present = np.array([[True, False, True, True]])
    assert random_slate(present, np.array([uniform]), 2).tolist() == [expected]


def test_random_draws_every_order_equally_often() -> None:
    uniforms = (np.arange(6000) + 0.5) / 6000
    slates = random_slate(np.ones((6000, 3), np.bool_), uniforms, 3)
    orders, counts = np.unique(slates, axis=0, return_counts=True)
    assert (len(orders), set(counts.tolist())) == (6, {1000})


def test_random_with_nothing_there_is_empty() -> None:
    assert random_slate(np.zeros((1, 3), np.bool_), np.array([0.7]), 2).tolist() == [[-1, -1]]


def test_similarity_is_that_of_what_people_tire_of() -> None:
    manager = make_task(EnvConfig(encoder="hash")).manager
    catalog, sating = manager.catalog, manager.catalog.arrays.sating
    item = catalog.item_index("Heat")
    other = int(((catalog.weighted_values * sating) @ (catalog.weighted_values[item] * sating)).argmin())
    found = sating_similarity(catalog, np.array([[item, item, other]], np.int32), sating)
    assert found.shape == (1, 3, 3)
    np.testing.assert_allclose(found[0, 0], [1.0, 1.0, 0.0], atol=1e-6)

"""Examination, choice and rating on numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.scripted.choice import (
    RATING_CUTS,
    attraction,
    choose,
    examination,
    knows_already,
    rate_all,
    sigmoid,
)

LOG2 = float(np.log(2.0))


@pytest.mark.parametrize(
    ("utility", "examined", "uniform", "chosen"),
    [
        # One item at the threshold: weight 1 against 1 for nothing.
        pytest.param([0.0], [1.0], 0.49, 0, id="clicked"),
        pytest.param([0.0], [1.0], 0.51, -1, id="left"),
        pytest.param([0.0], [0.5], 0.32, 0, id="half-examined-is-a-third"),
        pytest.param([0.0], [0.5], 0.34, -1, id="half-examined"),
        pytest.param([50.0], [0.0], 0.0, -1, id="never-examined"),
        # Weights 2, 1 and 1 for nothing: edges at 1/2 and 3/4.
        pytest.param([LOG2, 0.0], [1.0, 1.0], 0.49, 0, id="first-of-two"),
        pytest.param([LOG2, 0.0], [1.0, 1.0], 0.51, 1, id="second-of-two"),
        pytest.param([LOG2, 0.0], [1.0, 1.0], 0.76, -1, id="none-of-two"),
        pytest.param([-np.inf, 0.0], [1.0, 1.0], 0.0, 1, id="an-empty-place"),
        pytest.param([1e6], [1.0], 0.999999, 0, id="huge-utility-does-not-overflow"),
    ],
)
def test_choice_by_hand(utility: list[float], examined: list[float], uniform: float, chosen: int) -> None:
    weights = np.array([attraction(e, u, 0.0) for e, u in zip(examined, utility, strict=True)])
    assert choose(weights, uniform) == chosen


def test_only_the_utility_above_the_threshold_counts() -> None:
    assert attraction(1.0, 3.0, 2.0) == attraction(1.0, 1.0, 0.0) == pytest.approx(np.e)


@pytest.mark.parametrize(
    ("position", "trust", "weight"),
    [
        pytest.param(0, 1.0, 1.0, id="first"),
        pytest.param(2, 1.0, 0.7225, id="third"),  # 0.85 ** 2
        pytest.param(0, 0.0, 0.5, id="distrusted"),
        pytest.param(1, 0.5, 0.6375, id="both"),  # 0.85 * 0.75
    ],
)
def test_examination_by_hand(position: int, trust: float, weight: float) -> None:
    assert examination(position, trust) == pytest.approx(weight)


def test_one_uniform_decides_about_one_item_after_the_other() -> None:
    """Below the chance an item is known; the place within the share is what the next one is decided by."""
    assert knows_already(0.5, 0.25) == (True, 0.5)
    assert knows_already(0.5, 0.75) == (False, 0.5)
    assert knows_already(0.0, 0.3) == (False, 0.3)
    assert knows_already(1.0, 0.3) == (True, 0.3)
    uniforms, pairs = (np.arange(10_000) + 0.5) / 10_000, []
    for uniform in uniforms:
        first, rest = knows_already(0.2, float(uniform))
        pairs.append((first, knows_already(0.3, rest)[0]))
    assert np.mean([a and b for a, b in pairs]) == pytest.approx(0.06, abs=2e-4)
    assert np.mean([not a and b for a, b in pairs]) == pytest.approx(0.24, abs=2e-4)


@pytest.mark.parametrize(("appeal", "shift"), [(0.0, 0.0), (1.5, -0.5), (-2.0, 0.3)])
def test_ratings_follow_the_cut_points(appeal: float, shift: float) -> None:
    """Shares of 1 to 5 stars: differences of the logistic function at the cuts (proportional odds)."""
    n = 100_000
    uniform = (np.arange(n) + 0.5) / n
    stars = rate_all(np.full(n, appeal), np.full(n, shift), np.ones(n), RATING_CUTS, uniform, 0.0)
    below = sigmoid(RATING_CUTS - appeal - shift)
    shares = np.diff(np.concatenate([[0.0], below, [1.0]]))
    np.testing.assert_allclose(np.bincount(stars, minlength=6)[1:] / n, shares, atol=2e-5)
    assert (np.diff(stars) >= 0).all()


def test_cut_points_are_those_of_real_ratings() -> None:
    """Cumulative shares of MovieLens latest-small, half stars rounded up: 4%, 13%, 39%, 79%."""
    np.testing.assert_allclose(sigmoid(RATING_CUTS), [0.042, 0.135, 0.389, 0.786], atol=0.002)
    assert (np.diff(RATING_CUTS) > 0).all()


def test_careless_ratings_are_a_mixture_with_any_star() -> None:
    """With a share of 0.4: 0.4 / 5 of each star, and 0.6 of what the thoughtful give."""
    n = 100_000
    uniform = (np.arange(n) + 0.5) / n

    def shares(careless: float) -> np.ndarray:
        appeal, shift = np.full(n, 1.0), np.full(n, 0.25)
        stars = rate_all(appeal, shift, np.ones(n), RATING_CUTS, uniform, careless)
        return np.bincount(stars, minlength=6)[1:] / n

    np.testing.assert_allclose(shares(0.4), 0.08 + 0.6 * shares(0.0), atol=5e-5)
    np.testing.assert_allclose(shares(1.0), 0.2, atol=5e-5)

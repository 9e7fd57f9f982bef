"""Choice and rating on numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.scripted.choice import RATING_CUTS, careless_rating, ordinal_rating, sigmoid, slate_choice

LOG2 = float(np.log(2.0))


@pytest.mark.parametrize(
    ("utility", "examination", "uniform", "chosen"),
    [
        # One item at the threshold: weight 1 against 1 for nothing.
        pytest.param([0.0], [1.0], 0.49, 0, id="taken"),
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
def test_choice_by_hand(utility: list[float], examination: list[float], uniform: float, chosen: int) -> None:
    found = slate_choice(np.array([utility]), np.zeros(1), np.array([examination]), np.array([uniform]))
    assert found.tolist() == [chosen]
    assert found.dtype == np.int8


def test_the_threshold_shifts_the_utility() -> None:
    uniform = np.linspace(0, 1, 1001)[:-1]
    shape = (1000, 1)
    a = slate_choice(np.full(shape, 3.0), np.full(1000, 2.0), np.ones(shape), uniform)
    b = slate_choice(np.full(shape, 1.0), np.zeros(1000), np.ones(shape), uniform)
    np.testing.assert_array_equal(a, b)
    assert (a == 0).mean() == pytest.approx(float(sigmoid(np.array(1.0))), abs=2e-3)


@pytest.mark.parametrize(("appeal", "shift"), [(0.0, 0.0), (1.5, -0.5), (-2.0, 0.3)])
def test_ratings_follow_the_cut_points(appeal: float, shift: float) -> None:
    """Shares of 1 to 5 stars: differences of the logistic function at the cuts (proportional odds)."""
    uniform = (np.arange(100_000) + 0.5) / 100_000
    stars = ordinal_rating(np.full(100_000, appeal), np.full(100_000, shift), uniform)
    below = sigmoid(RATING_CUTS - appeal - shift)
    shares = np.diff(np.concatenate([[0.0], below, [1.0]]))
    found = np.bincount(stars, minlength=6)[1:] / 100_000
    np.testing.assert_allclose(found, shares, atol=2e-5)
    assert (np.diff(stars) >= 0).all()


def test_cut_points_are_those_of_real_ratings() -> None:
    """Cumulative shares of MovieLens latest-small, half stars rounded up: 4%, 13%, 39%, 79%."""
    np.testing.assert_allclose(sigmoid(RATING_CUTS), [0.042, 0.135, 0.389, 0.786], atol=0.002)
    assert (np.diff(RATING_CUTS) > 0).all()


def test_careless_ratings_are_a_mixture_with_any_star() -> None:
    """With a share of 0.4: 0.4 / 5 of each star, and 0.6 of what the thoughtful give; with none, the same bits."""
    n = 100_000
    uniform = (np.arange(n) + 0.5) / n
    appeal, shift = np.full(n, 1.0), np.full(n, 0.25)
    thoughtful = ordinal_rating(appeal, shift, uniform)
    np.testing.assert_array_equal(careless_rating(appeal, shift, uniform, 0.0), thoughtful)
    expected = 0.08 + 0.6 * np.bincount(thoughtful, minlength=6)[1:] / n
    found = np.bincount(careless_rating(appeal, shift, uniform, 0.4), minlength=6)[1:] / n
    np.testing.assert_allclose(found, expected, atol=5e-5)
    all_careless = np.bincount(careless_rating(appeal, shift, uniform, 1.0), minlength=6)[1:] / n
    np.testing.assert_allclose(all_careless, 0.2, atol=5e-5)

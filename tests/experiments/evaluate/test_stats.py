from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from chatrec_env.errors import ConfigError
from experiments.evaluate.stats import (
    Interval,
    mean_interval,
    paired_interval,
    seeds_interval,
    separated,
    share_interval,
)


def test_t_interval_of_one_to_five() -> None:
    # mean 3, s^2 = 10 / 4 = 2.5, s / sqrt(5) = sqrt(0.5); t(0.975; 4) = 2.776445.
    found = mean_interval([1, 2, 3, 4, 5])
    half = 2.776445105 * math.sqrt(0.5)
    assert (found.mean, found.n) == (3.0, 5)
    assert found.low == pytest.approx(3 - half, abs=1e-8)
    assert found.high == pytest.approx(3 + half, abs=1e-8)
    assert found.half == pytest.approx(half, abs=1e-8)


def test_people_with_nothing_to_rate_are_left_out() -> None:
    assert mean_interval([4.0, math.nan, 2.0, math.nan, 3.0]) == mean_interval([4.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("values", "mean", "n"),
    [
        pytest.param([2.0], 2.0, 1, id="one-value-has-no-spread"),
        pytest.param([math.nan], math.nan, 0, id="nobody-rated-anything"),
    ],
)
def test_too_few_values_give_no_interval(values: list[float], mean: float, n: int) -> None:
    found = mean_interval(values)
    assert found.mean == pytest.approx(mean, nan_ok=True)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.n == n
    assert found.to_dict() == {"mean": None if n == 0 else mean, "low": None, "high": None, "n": n}
    again = Interval.from_dict(found.to_dict())
    assert math.isnan(again.low)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.959964
        pytest.param(8, 10, 0.490162, 0.943318, id="eight-of-ten"),
        pytest.param(0, 10, 0.0, 0.277533, id="none-of-ten"),
        pytest.param(10, 10, 0.722467, 1.0, id="all-of-ten"),
    ],
)
def test_wilson_interval(hits: int, n: int, low: float, high: float) -> None:
    found = share_interval([True] * hits + [False] * (n - hits))
    assert found.mean == hits / n
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


def test_pairing_removes_what_makes_one_person_easier_than_another() -> None:
    easy_and_hard = np.array([10.0, 0.0, 7.0, 3.0])
    better = easy_and_hard + np.array([1.0, 2.0, 1.0, 2.0])
    found = paired_interval(better, easy_and_hard)
    # differences 1, 2, 1, 2: mean 1.5, s = sqrt(1/3); t(0.975; 3) = 3.182446
    assert found.mean == 1.5
    assert found.half == pytest.approx(3.182446305 * math.sqrt(1 / 3) / 2, abs=1e-8)
    assert found.half < mean_interval(better).half / 5


def test_pairs_must_be_of_the_same_people() -> None:
    with pytest.raises(ConfigError, match="same people twice, got 3 and 2"):
        paired_interval([1, 2, 3], [1, 2])


def test_seeds_interval_by_hand() -> None:
    """Two seeds of two people: the mean of the ease varies with the people, the rest with the seeds."""
    ease, left = np.array([[1.0, 3.0], [2.0, 4.0]]), np.array([[1.0, 1.0], [2.0, 2.0]])
    found = seeds_interval(ease + left, ease)
    # Over people: var(ease) = 5/3, cov(ease, left) = 1/3, so (5/3 + 2/3) / 4 = 7/12. Over seeds: 1/2 / 2 = 1/4.
    variance, freedom = 7 / 12 + 1 / 4, (7 / 12 + 1 / 4) ** 2 / (1 / 4) ** 2
    half = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    assert (found.mean, found.n) == (4.0, 4)
    assert found.low == pytest.approx(4.0 - half)
    assert found.high == pytest.approx(4.0 + half)


@pytest.mark.parametrize("between", [0.0, 0.1, 0.6])
def test_seeds_interval_holds_the_truth_in_95_of_100(between: float) -> None:
    """Seeds that do not differ, differ a little, and differ far more than the luck with their people."""
    rng = np.random.default_rng(0)
    runs, seeds, people = 1000, 5, 40
    ease = rng.normal(0, 0.8, (runs, seeds, people))
    left = rng.normal(0, 0.6, ease.shape) - 0.1 * ease + between * rng.normal(size=(runs, seeds, 1))
    found = [seeds_interval(e + d, e) for e, d in zip(ease, left, strict=True)]
    held = np.mean([one.low < 0 < one.high for one in found])
    assert 0.93 < held < 0.97


def test_seeds_interval_without_spread_and_without_sense() -> None:
    same = seeds_interval(np.full((3, 4), 2.5), np.full((3, 4), 2.0))
    assert (same.mean, same.low, same.high) == (2.5, 2.5, 2.5)
    with pytest.raises(ConfigError, match="same shape"):
        seeds_interval(np.zeros((2, 3)), np.zeros((3, 2)))
    with pytest.raises(ConfigError, match="seeds >= 2"):
        seeds_interval(np.zeros((1, 3)), np.zeros((1, 3)))


def test_separated() -> None:
    low, middle, high = Interval(1, 0, 2, 9), Interval(2.5, 1.5, 3.5, 9), Interval(4, 3.6, 4.4, 9)
    assert separated(low, high)
    assert separated(high, low)
    assert not separated(low, middle)


@pytest.mark.parametrize("values", [[], [[1.0, 2.0]]])
def test_no_values_is_an_error(values: list[float]) -> None:
    with pytest.raises(ConfigError, match="non-empty list"):
        mean_interval(values)

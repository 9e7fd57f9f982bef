"""The taste posterior against closed forms, and the gate that keeps noise out of the ranking."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.dialogue.preference import STAR_UTILITY, Preference, gated_mean, prior_preference, update
from simulators.scripted.choice import RATING_CUTS

F32 = np.float32
ROOM = np.empty(32, F32)


def one(mean: list[float], variance: list[float]) -> Preference:
    return Preference(mean=np.array([mean], F32), covariance=np.diag(variance).astype(F32)[None])


def test_one_rating_by_hand() -> None:
    """Prior N(0, 1/4), feature 2, noise variance 4, target 5: gain (1/2)/(4 + 1), mean 1/2, variance 1/4 - 1/20."""
    belief = prior_preference(1, 2, 0.25)
    update(belief.mean[0], belief.covariance[0], np.array([2, 0], F32), F32(5 / 4), F32(1 / 4), ROOM)
    np.testing.assert_allclose(belief.mean, [[0.5, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(belief.covariance, [[[0.2, 0.0], [0.0, 0.25]]], rtol=1e-6)


def test_one_click_by_hand() -> None:
    """p = 1/2: residual 1/2, information 1/4, prior variance 1, feature 1: mean (1/2)/(1 + 1/4), variance 1 - 1/5."""
    belief = prior_preference(1, 1, 1.0)
    update(belief.mean[0], belief.covariance[0], np.array([1], F32), F32(0.5), F32(0.25), ROOM)
    np.testing.assert_allclose(belief.mean, [[0.4]], rtol=1e-6)
    np.testing.assert_allclose(belief.covariance, [[[0.8]]], rtol=1e-6)


def test_ratings_give_the_bayesian_linear_regression() -> None:
    """``(X'X / s2 + I / v)^-1`` and its mean (Bishop, 2006, eq. 3.50), whatever came one by one."""
    rng = np.random.default_rng(0)
    n, width, noise, variance = 12, 16, 4.0, 0.25
    features = rng.normal(size=(n, width)).astype(F32)
    targets = rng.normal(size=n).astype(F32)
    belief = prior_preference(3, width, variance)
    for x, y in zip(features, targets, strict=True):
        error = y - belief.mean[1] @ x
        update(belief.mean[1], belief.covariance[1], x, F32(error / noise), F32(1 / noise), ROOM)
    exact = np.linalg.inv(features.T.astype(float) @ features / noise + np.eye(width) / variance)
    np.testing.assert_allclose(belief.covariance[1], exact, atol=1e-5)
    np.testing.assert_allclose(belief.mean[1], exact @ (features.T @ targets) / noise, atol=1e-5)
    np.testing.assert_array_equal(belief.mean[[0, 2]], 0)  # the others heard nothing
    np.testing.assert_array_equal(belief.covariance[0], np.eye(width, dtype=F32) * F32(variance))


@pytest.mark.parametrize(
    ("mean", "gate", "expected"),
    [
        # the standard deviation is 1/2 throughout
        pytest.param(1.0, 0.0, 1.0, id="no-gate"),
        pytest.param(1.0, 1.0, 0.5, id="shrunk-by-one-deviation"),
        pytest.param(-1.0, 1.0, -0.5, id="either-way"),
        pytest.param(0.4, 1.0, 0.0, id="within-its-uncertainty"),
        pytest.param(0.51, 1.0, 1 / 64, id="on-the-grid"),
        pytest.param(9.0, 1.0, 4.0, id="bounded"),
    ],
)
def test_gate_by_hand(mean: float, gate: float, expected: float) -> None:
    assert gated_mean(one([mean], [0.25]), F32(gate)).tolist() == [[expected]]


def test_gated_means_lie_on_the_grid_of_the_scores() -> None:
    rng = np.random.default_rng(2)
    belief = Preference(
        mean=rng.normal(size=(50, 16)).astype(F32),
        covariance=np.tile(np.eye(16, dtype=F32) * F32(0.1), (50, 1, 1)),
    )
    gated = gated_mean(belief, F32(0.5)) * 64
    np.testing.assert_array_equal(gated, np.rint(gated))
    assert gated.dtype == np.float32


def test_star_utilities_lie_between_the_cut_points() -> None:
    assert STAR_UTILITY[1] < RATING_CUTS[0]
    np.testing.assert_allclose(STAR_UTILITY[2:5], (RATING_CUTS[1:] + RATING_CUTS[:-1]) / 2, atol=0.05)
    assert STAR_UTILITY[5] > RATING_CUTS[-1]

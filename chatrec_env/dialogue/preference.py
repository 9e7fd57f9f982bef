"""What clicks and ratings say about a person: online Bayesian regression over factors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.sums import GRID, dot
from chatrec_env.dialogue.ridge import CHUNK, solve_people

Row = npt.NDArray[np.float32]

Float = npt.NDArray[np.float32]

STAR_UTILITY = np.array([0.0, -4.0, -2.5, -1.15, 0.4, 2.2], np.float32)
"""Utility above the threshold that a rating of 1-5 stars stands for (index 0 unused): midpoints between the
ordinal cut points of real ratings (-3.13, -1.86, -0.45, 1.30), and 0.9 beyond the outer ones."""

STANDARD_VARIANCE = 4.0
"""Prior variance of a person's own standard: how high they rate whatever they rate."""

MOST_TASTE = 4.0
"""Largest weight of a content factor that reaches a score."""


class Preference(NamedTuple):
    """Gaussian posterior over the weights of C factors."""

    mean: Float  # (N, C)
    covariance: Float  # (N, C, C), symmetric to the bit


def prior_preference(n: int, n_factors: int, variance: float) -> Preference:
    """Zero mean, independent factors, the population's variance."""
    covariance = np.zeros((n, n_factors, n_factors), np.float32)
    covariance[:, np.arange(n_factors), np.arange(n_factors)] = variance
    return Preference(mean=np.zeros((n, n_factors), np.float32), covariance=covariance)


@inlined
def update(
    mean: Row, covariance: Row, features: Row, residual: np.float32, information: np.float32, scratch: Row
) -> None:
    """One assumed-density (Kalman) update of one posterior, in place.

    ``mean += P f r / (1 + h f' P f)`` and ``P -= h P f (P f)' / (1 + h f' P f)`` with residual r and information h.
    For a click, ``residual = y - p`` and ``h = p (1 - p)`` (online Laplace step of Bayesian logistic regression,
    Chapelle and Li, 2011); for a rating, ``residual = h (target - prediction)`` with ``h = 1 / noise variance``
    (Bayesian linear regression; Bishop, 2006, section 3.3).

    Args:
        mean: (C,) float32.
        covariance: (C, C) float32.
        features: (C,) float32 factors of the observed item.
        residual: Gradient of the log-likelihood with respect to the utility, float32.
        information: Negative second derivative, float32, > 0.
        scratch: (2 C or more,) float32.
    """
    width, one = mean.shape[0], np.float32(1)
    projected, products = scratch[:width], scratch[width:]
    for i in range(width):
        projected[i] = dot(covariance[i], features, products)
    shrink = one / (one + information * dot(projected, features, products))
    gain, step = information * shrink, residual * shrink
    for i in range(width):
        mean[i] += step * projected[i]
        for j in range(width):
            covariance[i, j] -= gain * (projected[i] * projected[j])


def recollected(
    features: Float,
    worth: npt.NDArray[np.float64],
    rated: npt.NDArray[np.bool_],
    *,
    variance: float,
    noise: float,
) -> Preference:
    """The posterior after a whole log of ratings at once, in closed form (Bishop, 2006, section 3.3).

    What an item was worth is the person's own standard plus their tastes: nobody knows what they were after on those
    days. The standard has a prior of its own, and is then summed out.

    Args:
        features: (N, L, 16) factors of the rated items.
        worth: (N, L) utilities the ratings stand for.
        rated: (N, L) where there is a rating.
        variance: Prior variance of a factor's weight.
        noise: Variance of a rating around the utility it stands for.
    """
    n, _, width = features.shape
    out = prior_preference(n, width, variance)
    precision = np.diag([1 / variance] * width + [1 / STANDARD_VARIANCE])
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        there = rated[part].astype(np.float64)
        with_standard = (
            np.concatenate([features[part], np.ones((*there.shape, 1))], axis=2) * there[:, :, None]
        )
        mean, covariance = solve_people(with_standard, there / noise, there * worth[part] / noise, precision)
        out.mean[part], out.covariance[part] = mean[:, :width], covariance[:, :width, :width]
    return out


@inlined
def gate(mean: np.float32, variance: np.float32, deviations: np.float32) -> Any:
    """A posterior mean soft-thresholded by some standard deviations, on the score grid, in [-4, 4].

    A handful of noisy clicks moves every mean a little. Only what stands out of its own uncertainty may
    reorder candidates; otherwise feedback would corrupt a belief that was already right.
    """
    size = max(abs(mean) - deviations * np.sqrt(variance), np.float32(0))
    kept = np.rint((size if mean >= 0 else -size) * np.float32(GRID)) / np.float32(GRID)
    return min(max(kept, -np.float32(MOST_TASTE)), np.float32(MOST_TASTE))


@rule
def gated_mean(preference: Preference, deviations: np.float32) -> Any:
    """``gate`` of every mean, (N, C) float32; ``deviations`` is float32."""
    out = np.empty_like(preference.mean)
    for n in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[n, i] = gate(preference.mean[n, i], preference.covariance[n, i, i], deviations)
    return out

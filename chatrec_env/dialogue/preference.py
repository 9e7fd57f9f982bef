"""What clicks and ratings say about a person: online Bayesian regression over content factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rows import Rows
from chatrec_env.retrieval.retriever import GRID
from chatrec_env.retrieval.ridge import CHUNK, solve_people

Float = npt.NDArray[np.float32]

STAR_UTILITY = np.array([0.0, -4.0, -2.5, -1.15, 0.4, 2.2], np.float32)
"""Utility above the threshold that a rating of 1-5 stars stands for (index 0 unused): midpoints between the
ordinal cut points of real ratings (-3.13, -1.86, -0.45, 1.30), and 0.9 beyond the outer ones."""

STANDARD_VARIANCE = 4.0
"""Prior variance of a person's own standard: how high they rate whatever they rate."""

MOST_TASTE = 4.0
"""Largest weight of a content factor that reaches a score."""


@dataclass(slots=True)
class Preference(Rows):
    """Gaussian posterior over the weights of the content factors."""

    mean: Float  # (N, 16)
    covariance: Float  # (N, 16, 16)


def prior_preference(n: int, n_factors: int, variance: float) -> Preference:
    """Zero mean, independent factors, the population's variance."""
    covariance = np.zeros((n, n_factors, n_factors), np.float32)
    covariance[:, np.arange(n_factors), np.arange(n_factors)] = variance
    return Preference(mean=np.zeros((n, n_factors), np.float32), covariance=covariance)


def observe(
    preference: Preference,
    rows: npt.NDArray[np.intp],
    features: Float,
    residual: Float,
    information: Float,
) -> None:
    """One assumed-density (Kalman) update of the given rows, in place.

    ``mean += P f r / (1 + h f' P f)`` and ``P -= h P f (P f)' / (1 + h f' P f)`` with residual r and information h.
    For a click, ``residual = y - p`` and ``h = p (1 - p)`` (online Laplace step of Bayesian logistic regression,
    Chapelle and Li, 2011); for a rating, ``residual = h (target - prediction)`` with ``h = 1 / noise variance``
    (Bayesian linear regression; Bishop, 2006, section 3.3).

    Args:
        preference: Posteriors to update.
        rows: (n,) distinct rows.
        features: (n, 16) factors of the observed items.
        residual: (n,) gradient of the log-likelihood with respect to the utility.
        information: (n,) negative second derivative, > 0.
    """
    covariance = preference.covariance[rows]
    projected = (covariance * features[:, None, :]).sum(-1)
    spread = (projected * features).sum(-1)
    shrink = 1.0 / (1.0 + information * spread)
    outer = projected[:, :, None] * projected[:, None, :]
    preference.covariance[rows] = covariance - (information * shrink)[:, None, None] * outer
    preference.mean[rows] += (residual * shrink)[:, None] * projected


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


def gated_mean(preference: Preference, gate: float) -> Float:
    """Posterior mean, soft-thresholded by ``gate`` standard deviations and rounded to the score grid, (N, 16).

    A handful of noisy clicks moves every mean a little. Only what stands out of its own uncertainty may
    reorder candidates; otherwise feedback would corrupt a belief that was already right.
    """
    spread = np.sqrt(np.diagonal(preference.covariance, axis1=1, axis2=2))
    mean = preference.mean
    kept = np.sign(mean) * np.maximum(np.abs(mean) - gate * spread, 0.0)
    return np.clip(np.rint(kept * GRID) / GRID, -MOST_TASTE, MOST_TASTE).astype(np.float32)

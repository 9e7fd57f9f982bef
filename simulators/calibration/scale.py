"""From a felt mean to stars: ordinal cut points and how reliable the felt mean is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Float = npt.NDArray[np.float64]

LOGISTIC = float(np.sqrt(3) / np.pi)
"""Scale of a logistic distribution of unit variance."""

MOST = 60_000
"""Ratings the cut points are fitted to at most; more do not move the third decimal."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The proportional-odds model (McCullagh, 1980): ``P(stars <= level_k) = sigmoid((cut_k - mean) / (width s))``.

    ``s`` is the logistic scale of the predictive standard deviation of each rating.

    Attributes:
        levels: (L,) stars that are given, ascending.
        cuts: (L - 1,) cut points, in stars, ascending.
        width: Factor on the predictive standard deviation; 1 if that was right.
    """

    levels: Float
    cuts: Float
    width: float

    def shares(self, mean: Float, sd: Float) -> Float:
        """Chances (n, L) of each level."""
        wide = (self.width * LOGISTIC * sd)[:, None]
        below = expit((self.cuts - mean[:, None]) / wide)
        edge = np.zeros((len(mean), 1))
        return np.diff(np.hstack((edge, below, edge + 1)), axis=1)

    def expected(self, mean: Float, sd: Float) -> Float:
        """Expected stars (n,)."""
        return self.shares(mean, sd) @ self.levels


def fit_scale(mean: Float, sd: Float, stars: npt.NDArray[Any], seed: int = 0) -> Scale:
    """Cut points and width by maximum likelihood on ratings the means were not fitted to.

    Args:
        mean: (n,) predicted means, in stars.
        sd: (n,) predictive standard deviations, noise included.
        stars: (n,) ratings; half stars at the finest.
        seed: Of the sample where there are more than ``MOST``.
    """
    stars = np.round(2 * np.asarray(stars, np.float64)) / 2
    if len(stars) > MOST:
        some = np.random.default_rng(seed).choice(len(stars), MOST, replace=False)
        mean, sd, stars = mean[some], sd[some], stars[some]
    levels = np.unique(stars)
    if len(levels) < 2:
        return Scale(levels, np.zeros(0), 1.0)
    level = np.searchsorted(levels, stars)
    middle = (levels[1:] + levels[:-1]) / 2

    def unpack(free: Float) -> tuple[Float, float]:
        gaps = np.exp(np.clip(free[1:-1], -8, 3))
        return free[0] + np.concatenate(([0.0], np.cumsum(gaps))), float(np.exp(np.clip(free[-1], -3, 3)))

    def cost(free: Float) -> float:
        cuts, width = unpack(free)
        edges = np.concatenate(([-1e3], cuts, [1e3]))
        wide = width * LOGISTIC * sd
        p = expit((edges[level + 1] - mean) / wide) - expit((edges[level] - mean) / wide)
        return float(-np.log(np.maximum(p, 1e-12)).mean())

    start = np.concatenate((middle[:1], np.log(np.diff(middle)), [0.0]))
    cuts, width = unpack(minimize(cost, start, method="L-BFGS-B", options={"maxiter": 60}).x)
    return Scale(levels, cuts, width)

"""Intervals of an estimate: the studentised bootstrap over conversations, and the empirical Bernstein bound."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError
from experiments.evaluate.stats import LEVEL, Interval

Float = npt.NDArray[np.float64]

RESAMPLES = 1000
"""Bootstrap resamples."""

MOST_COUNTS = 20_000_000
"""Numbers kept of all resamples together."""


def resamples(n: int, count: int = RESAMPLES, seed: int = 0) -> Float:
    """How often each of n conversations is in each resample of n, ``(B, n)``.

    B is ``count``, less for so many conversations that the numbers would be more than ``MOST_COUNTS``, at least 200.
    """
    count = min(count, max(200, MOST_COUNTS // n))
    rng, out = np.random.default_rng(seed), np.empty((count, n))
    for one in out:
        one[:] = np.bincount(rng.integers(0, n, n), minlength=n)
    return out


def bootstrap(values: Float, counts: Float) -> Interval:
    """The mean of ``values (n,)`` with its studentised bootstrap interval over resamples ``counts (B, n)``.

    ``mean - q(1 - a/2) s`` to ``mean - q(a/2) s``, where s is the standard error and q are quantiles of
    ``(mean* - mean) / s*`` over the resamples (Hall, 1992). Weighted returns are skewed; percentiles of the resampled
    means hold the truth less often than they say, these hardly.
    """
    return bootstrap_ratio(values, np.ones_like(values), counts)


def bootstrap_ratio(top: Float, bottom: Float, counts: Float) -> Interval:
    """``sum(top) / sum(bottom)`` of values ``(n,)`` with its studentised interval; see ``bootstrap``.

    The squared standard error is ``sum (top - ratio * bottom)^2 / (sum bottom)^2``, of every resample its own.
    """
    every = np.concatenate([np.ones((1, len(top))), counts])  # as it is, then the resamples
    low = every @ bottom
    used = low > 0
    if not used[0]:
        return Interval(math.nan, math.nan, math.nan, len(top))
    every, low = every[used], low[used]
    ratio = every @ top / low
    squares = (
        every @ (top * top)
        - 2 * ratio * (every @ (top * bottom))
        + ratio * ratio * (every @ (bottom * bottom))
    )
    error = np.sqrt(np.maximum(squares, 0.0)) / low
    far = np.divide(ratio - ratio[0], error, out=np.full(len(ratio), np.nan), where=error > 1e-12 * error[0])[
        1:
    ]
    far = far[np.isfinite(far)]
    if not len(far):  # all values are alike
        return Interval(float(ratio[0]), float(ratio[0]), float(ratio[0]), len(top))
    below, above = np.quantile(far, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(
        float(ratio[0]), float(ratio[0] - above * error[0]), float(ratio[0] - below * error[0]), len(top)
    )


def empirical_bernstein(values: Float, span: float | None = None) -> Interval:
    """The mean of values in a known range and an interval that covers for every n (Maurer and Pontil, 2009, theorem 4).

    ``mean +- (sqrt(2 s^2 ln(4 / delta) / n) + 7 span ln(4 / delta) / (3 (n - 1)))``, delta = 1 - ``LEVEL``, half of it
    on either side.

    Args:
        values: (n,) independent, n >= 2.
        span: Largest less smallest possible value. Left out, that of the values seen: then it is no guarantee.

    Raises:
        ConfigError: Fewer than two values.
    """
    n = len(values)
    if n < 2:
        raise ConfigError(f"An empirical Bernstein interval needs at least 2 values, got {n}.")
    wide = float(np.ptp(values)) if span is None else span
    log = math.log(4.0 / (1.0 - LEVEL))
    mean, variance = float(values.mean()), float(values.var(ddof=1))
    half = math.sqrt(2.0 * variance * log / n) + 7.0 * wide * log / (3.0 * (n - 1))
    return Interval(mean, mean - half, mean + half, n)

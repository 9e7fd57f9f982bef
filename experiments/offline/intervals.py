"""Intervals of an estimate: the percentile bootstrap over conversations, and the empirical Bernstein bound."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError
from experiments.evaluate.stats import LEVEL, Interval, sampled_interval

Float = npt.NDArray[np.float64]

RESAMPLES = 400
"""Bootstrap resamples."""


def resamples(n: int, count: int = RESAMPLES, seed: int = 0) -> Float:
    """How often each of n conversations is in each resample of n, ``(count, n)``."""
    rows = np.random.default_rng(seed).integers(0, n, (count, n))
    rows += n * np.arange(count)[:, None]
    return np.bincount(rows.ravel(), minlength=count * n).reshape(count, n).astype(np.float64)


def bootstrap(values: Float, counts: Float) -> Interval:
    """The mean of ``values (n,)`` with its percentile interval (Efron, 1979) over resamples ``counts (B, n)``."""
    return sampled_interval(float(values.mean()), counts @ values / len(values), len(values))


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

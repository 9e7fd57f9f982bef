"""Means, shares and differences with their 95% intervals.

Two kinds of uncertainty are kept apart. *Over people*: one policy met n people; the interval says how far
the mean of other n people could lie off (``mean_interval``, ``share_interval``, ``paired_interval``). *Over
training seeds as well*: training again would give another policy (``seeds_interval``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError

Float = npt.NDArray[np.float64]

LEVEL = 0.95
"""Confidence level of every interval."""

RESAMPLES = 4000
"""Bootstrap resamples of a ratio."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval; ``low`` and ``high`` are NaN when one value gives no spread."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2.0

    def to_dict(self) -> dict[str, float | int | None]:
        """Plain JSON data; NaN becomes null, which strict readers accept."""
        numbers = {"mean": self.mean, "low": self.low, "high": self.high}
        return {**{k: v if math.isfinite(v) else None for k, v in numbers.items()}, "n": self.n}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Interval:
        """The inverse of ``to_dict``."""
        low, high, mean = (math.nan if data[k] is None else float(data[k]) for k in ("low", "high", "mean"))
        return cls(mean, low, high, int(data["n"]))


def _checked(values: npt.ArrayLike, what: str) -> Float:
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not len(array):
        raise ConfigError(f"{what} needs a non-empty list of numbers, got an array of shape {array.shape}.")
    return array


def mean_interval(values: npt.ArrayLike) -> Interval:
    """The mean and its Student-t interval, ``mean +- t(n - 1) * s / sqrt(n)``.

    Args:
        values: (n,) independent values, one per person; NaN values ("nothing to rate") are left out.

    Raises:
        ConfigError: If there is no value at all.
    """
    array = _checked(values, "A mean")
    array = array[~np.isnan(array)]
    n = len(array)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(array.mean())
    if n == 1:
        return Interval(mean, math.nan, math.nan, 1)
    from scipy.special import stdtrit  # scipy.stats has the same quantile, and takes a second to import

    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * float(array.std(ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def sampled_interval(value: float, sample: Float, n: int) -> Interval:
    """An estimate of n people with the percentile interval of what resampling them gave, where that is finite."""
    sample = sample[np.isfinite(sample)]
    if not math.isfinite(value) or not len(sample):
        return Interval(float(value), math.nan, math.nan, n)
    low, high = np.quantile(sample, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(float(value), float(low), float(high), n)


def ratio_interval(top: Float, below: Float, less: float = 0.0) -> Interval:
    """``mean(top) / mean(below) - less`` with a percentile bootstrap interval over people, (n,) each, pairs kept.

    NaN throughout where ``below``, on average, is not above 0: a share of it makes no sense.
    """
    n = len(below)
    if below.mean() <= 0:
        return Interval(math.nan, math.nan, math.nan, n)
    rows = np.random.default_rng(0).integers(0, n, (RESAMPLES, n))
    whole = below[rows].mean(1)
    drawn = top[rows].mean(1)[whole > 0] / whole[whole > 0] - less
    return sampled_interval(top.mean() / below.mean() - less, drawn, n)


def share_interval(hits: npt.ArrayLike) -> Interval:
    """A share of people and its Wilson (1927) score interval: within [0, 1], and not empty at 0 or n of n."""
    array = _checked(hits, "A share")
    from scipy.special import ndtri

    n, share = len(array), float(array.mean())
    z = float(ndtri((1 + LEVEL) / 2))
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Interval(share, max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale), n)


def paired_interval(values: npt.ArrayLike, reference: npt.ArrayLike) -> Interval:
    """Mean difference of two policies on the same people: the t interval of the per-person differences.

    What makes one person easier than another cancels, so this is far narrower than comparing two intervals.

    Raises:
        ConfigError: If the two have different lengths: they did not meet the same people.
    """
    a, b = _checked(values, "A paired difference"), _checked(reference, "A paired difference")
    if len(a) != len(b):
        raise ConfigError(
            f"A paired difference needs the same people twice, got {len(a)} and {len(b)} values."
        )
    return mean_interval(a - b)


def seeds_interval(values: npt.ArrayLike, ease: npt.ArrayLike) -> Interval:
    """Mean over training seeds and people, where every trained policy met people of its own.

    Seeds differ because training does, but also because some got easier people. How easy they were is known: other
    policies met all of them. With ``d = values - ease``, the mean is that of ``ease``, which varies with the people,
    plus that of ``d``, which varies with the seeds (a control variate with weight 1)::

        variance = (var(ease) + 2 cov(ease, d)) / (seeds * people) + var(mean d of each seed) / seeds

    The interval is Student's t with Satterthwaite's (1946) degrees of freedom. Resampling seeds, then people within
    them, would count the people twice where seeds hardly differ (99% of its 95% intervals hold the truth) and take
    five seeds for the population where they do (87%); ``tests/experiments/evaluate/test_stats.py`` holds this one to
    95%.

    Args:
        values: (seeds, people), what each policy got from each of its people.
        ease: (seeds, people), what the same people gave a policy, or the mean of several, that met everybody.

    Raises:
        ConfigError: If the shapes differ, or there are fewer than two seeds.
    """
    y, x = np.asarray(values, np.float64), np.asarray(ease, np.float64)
    if y.ndim != 2 or y.shape != x.shape or len(y) < 2:
        raise ConfigError(
            f"Expected values and ease of the same shape (seeds >= 2, people), got {y.shape} and {x.shape}."
        )
    from scipy.special import ndtri, stdtrit

    seeds, people = y.shape
    left = y - x
    covariance = np.cov(x.ravel(), left.ravel())
    over_people = max(float(covariance[0, 0] + 2.0 * covariance[0, 1]), 0.0) / (seeds * people)
    over_seeds = float(left.mean(1).var(ddof=1)) / seeds
    variance = over_people + over_seeds
    if over_seeds > 0:
        quantile = float(stdtrit((seeds - 1) * (variance / over_seeds) ** 2, (1 + LEVEL) / 2))
    else:
        quantile = float(ndtri((1 + LEVEL) / 2))
    mean, half = float(y.mean()), quantile * math.sqrt(variance)
    return Interval(mean, mean - half, mean + half, seeds * people)


def trained_interval(returns: list[Float], ease: Float) -> Interval:
    """Mean of a policy's returns: over people, and over seeds if it was trained more than once.

    Args:
        returns: One array ``(people,)`` per policy trained, each with people of its own.
        ease: What all people, in the same order, gave other policies on average; see ``seeds_interval``.
    """
    if len(returns) == 1:
        return mean_interval(returns[0])
    values = np.stack(returns)
    return seeds_interval(values, ease[: values.size].reshape(values.shape))


def trained_difference(returns: list[Float], reference: Float) -> Interval:
    """The difference to ``reference (all people,)``, person by person: t intervals over people, or over seeds."""
    if len(returns) == 1:
        return paired_interval(returns[0], reference[: len(returns[0])])
    values = np.stack(returns)
    ahead = values - reference[: values.size].reshape(values.shape)
    return replace(mean_interval(ahead.mean(1)), n=values.size)


def separated(one: Interval, other: Interval) -> bool:
    """Whether two intervals do not overlap."""
    return one.low > other.high or other.low > one.high


def holm(values: Sequence[float]) -> list[float]:
    """P values corrected for as many tests as there are (Holm 1979), in the order given.

    ``p'_(i) = max over j <= i of min(1, (m - j + 1) p_(j))`` for the m sorted ones: the chance that any true null
    hypothesis is rejected stays below the level, whatever their dependence.
    """
    order, out, highest = np.argsort(values, kind="stable"), [0.0] * len(values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[i]))
        out[i] = highest
    return out


def paired_p(values: Float, reference: Float) -> float:
    """Two-sided p value of the paired t test; 1 where all differences are 0."""
    differences = values - reference
    spread = float(differences.std(ddof=1))
    if spread == 0:
        return 1.0 if differences[0] == 0 else 0.0
    from scipy.special import stdtr

    t = abs(float(differences.mean())) / (spread / math.sqrt(len(differences)))
    return float(2 * stdtr(len(differences) - 1, -t))


def pairing(values: Float, reference: Float) -> float:
    """People needed with the same people for both, over people needed with other people for each.

    The variance of a difference of means is ``var(a - b) / n`` for pairs and ``(var(a) + var(b)) / n`` else.
    """
    apart = float(values.var(ddof=1) + reference.var(ddof=1))
    return float((values - reference).var(ddof=1)) / apart if apart > 0 else math.nan


def people_needed(values: Float, reference: Float, within: float) -> int:
    """People whose paired interval of 95% has half the width ``within`` or less, judged by these."""
    from scipy.special import ndtri

    spread = float((values - reference).std(ddof=1))
    return max(2, math.ceil((float(ndtri((1 + LEVEL) / 2)) * spread / within) ** 2))

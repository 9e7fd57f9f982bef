"""All estimators on one log and one policy: estimates with intervals, and what warns of a log that cannot tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Decision, Policy
from agents.stochastic import chances_of, propensity
from chatrec_env.core.actions import SlateActions
from chatrec_env.core.kernel import Task
from experiments.evaluate.stats import Interval, mean_interval, sampled_interval
from experiments.offline import estimators, models
from experiments.offline.features import Columns, choices
from experiments.offline.intervals import bootstrap, bootstrap_ratio, empirical_bernstein, resamples
from experiments.offline.logs import Log, Watch, decisions

Float = npt.NDArray[np.float64]

ESTIMATORS = ("ips", "clipped", "snips", "pdis", "dm", "fqe", "dr", "mrdr")
"""Names, in the order of tables."""

LABELS = {
    "ips": "IPS",
    "clipped": "clipped IPS",
    "snips": "SNIPS",
    "pdis": "per-decision IS",
    "dm": "direct method",
    "fqe": "fitted Q",
    "dr": "DR",
    "mrdr": "MRDR",
}

MEANS = ("ips", "clipped", "pdis", "dr", "mrdr")
"""Those that are means of a value per conversation, and so have a Bernstein interval too."""

MODEL_RESAMPLES = 200
"""Resamples of the estimators whose model is fitted anew in each."""

LEAST_SHARE, MOST_WEIGHT = 0.1, 0.1
"""Overlap is called poor where the effective share of conversations is below, or one has more weight than."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A log as estimators see it, for one policy; arrays are 0 after a conversation's end, ``rho`` 1.

    Attributes:
        name: Of the policy judged.
        r: (n, T) rewards.
        rho: (n, T) ratios.
        x: (n, T, P) columns of what was done.
        y: (n, T, P) their means under the policy judged.
        common: Mean overlap of the two policies' choices; see ``estimators.overlap``.
    """

    name: str
    r: Float
    rho: Float
    x: Float
    y: Float
    common: float

    def select(self, rows: npt.NDArray[np.intp]) -> Sample:
        """Some of the conversations."""
        return Sample(self.name, self.r[rows], self.rho[rows], self.x[rows], self.y[rows], self.common)


def watching(policies: Sequence[Policy]) -> Watch:
    """Notes the columns, and of each policy its chances and their mean columns, as fields of turns."""

    def watch(seen: Decision, actions: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        columns = Columns(seen)
        out = {"x": columns.done(actions)}
        for i, policy in enumerate(policies):
            chances = chances_of(policy, seen)
            out |= {
                f"chances {i}": chances,
                f"choices {i}": choices(seen, chances),
                f"y {i}": columns.expected(chances),
            }
        return out

    return watch


def watched(task: Task, log: Log, policies: Sequence[Policy]) -> Log:
    """The log with what ``watching`` notes, its visible states rebuilt."""
    watch, notes = watching(policies), dict[str, npt.NDArray[Any]]()
    for rows, seen in decisions(task, log):
        for name, values in watch(seen, log.turns["action"][rows]).items():
            if name not in notes:
                notes[name] = np.zeros((len(log.turns["turn"]), *values.shape[1:]), values.dtype)
            notes[name][rows] = values
    return Log(log.meta, log.people, {**log.turns, **notes})


def samples(task: Task, log: Log, policies: Sequence[Policy], names: Sequence[str]) -> list[Sample]:
    """What estimators need of a log that was ``watched``, for each of the policies.

    Raises:
        ConfigError: A policy may do what the log's policy never does, or a logged action had no chance.
    """
    turns, out = log.turns, []
    r, x = log.padded(turns["reward"]), log.padded(turns["x"])
    slates = isinstance(task.actions, SlateActions)
    for i, name in enumerate(names):
        chances = turns[f"chances {i}"]
        estimators.check_support(chances, turns["chances"], name)
        rho = estimators.ratios(propensity(task, chances, turns["action"]), turns["propensity"])
        own = (
            _top_choices(turns["chances"], turns[f"choices {i}"].shape[1], task)
            if slates
            else turns["chances"]
        )
        common = estimators.overlap(turns[f"choices {i}"], own)
        out.append(Sample(name, r, log.padded(rho, 1.0), x, log.padded(turns[f"y {i}"]), common))
    return out


def _top_choices(chances: Float, count: int, task: Task) -> Float:
    k = task.manager.n_candidates
    free = count - k
    return np.concatenate([chances[:, 1 : 1 + free], chances[:, :1] * chances[:, 1 + free :]], axis=1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an estimator says.

    Attributes:
        estimator: One of ``ESTIMATORS``.
        interval: The estimate with its bootstrap interval.
        bernstein: The estimate with its empirical Bernstein interval; None where it is no mean of values.
        gain: How much better the policy is than the one logged, on the same conversations, with its bootstrap interval.
    """

    estimator: str
    interval: Interval
    bernstein: Interval | None
    gain: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        bernstein = None if self.bernstein is None else self.bernstein.to_dict()
        return {
            "estimator": self.estimator,
            "interval": self.interval.to_dict(),
            "bernstein": bernstein,
            "gain": self.gain.to_dict(),
        }


def values_of(s: Sample, gamma: float = 1.0, most: float = 10.0) -> dict[str, Float]:
    """A value per conversation, ``(n,)``, of the estimators of ``MEANS``.

    The models of DR and MRDR that a conversation is judged with were fitted without it, in five folds.
    """
    x, y = models.scaled(s.x, s.y)
    turns, fold = s.r.shape[1], models.folds(len(s.r))
    own = np.equal.outer(np.arange(fold.max() + 1), fold)  # (folds, n)
    others = ~own if len(own) > 1 else own
    gram, ahead, right = models.summed(others.astype(np.float64), models.fqe_sums, s.r, x, y)
    fitted = models.fitted_q(gram, ahead, right, turns, gamma)
    a, b = models.variance_columns(s.r, s.rho, x, y, gamma)
    dr, mrdr = np.empty(len(fold)), np.empty(len(fold))
    for mine, rest, w in zip(own, others, fitted, strict=True):
        dr[mine] = estimators.doubly_robust(s.r[mine], s.rho[mine], x[mine] @ w, y[mine] @ w, gamma)
        mrdr[mine] = a[mine] - b[mine] @ models.least_variance(a[rest], b[rest])
    return {
        "ips": estimators.ips(s.r, s.rho, gamma),
        "clipped": estimators.clipped(s.r, s.rho, gamma, most),
        "pdis": estimators.per_decision(s.r, s.rho, gamma),
        "dr": dr,
        "mrdr": mrdr,
    }


def model_values(s: Sample, counts: Float, gamma: float = 1.0) -> dict[str, Float]:
    """Fitted Q evaluation and the direct method, fitted anew in every resample ``counts (B, n)``: ``(B,)`` each."""
    x, y = models.scaled(s.x, s.y)
    start = counts @ y[:, 0] / counts.sum(axis=1, keepdims=True)
    gram, ahead, right = models.summed(counts, models.fqe_sums, s.r, x, y)
    fitted = models.fitted_q(gram, ahead, right, s.r.shape[1], gamma)
    gram, right = models.summed(counts, partial(models.direct_sums, gamma=gamma), s.r, s.rho, x)
    return {"dm": (start * models.solve(gram, right)).sum(axis=1), "fqe": (start * fitted).sum(axis=1)}


def points(s: Sample, gamma: float = 1.0) -> dict[str, float]:
    """All estimates without their intervals."""
    found = {name: float(values.mean()) for name, values in values_of(s, gamma).items()}
    top, bottom = estimators.snips(s.r, s.rho, gamma)
    found["snips"] = float(top.sum() / bottom.sum()) if bottom.sum() > 0 else math.nan
    found |= {name: float(v[0]) for name, v in model_values(s, np.ones((1, len(s.r))), gamma).items()}
    return {name: found[name] for name in ESTIMATORS}


def estimates(s: Sample, gamma: float = 1.0, *, seed: int = 0) -> dict[str, Estimate]:
    """All estimators of one policy on one log, with their intervals.

    Args:
        s: The sample.
        gamma: Discount.
        seed: Of the resamples.
    """
    n = len(s.r)
    counts = resamples(n, seed=seed)
    own = s.r @ estimators.discounts(s.r.shape[1], gamma)
    found = {
        name: Estimate(name, bootstrap(v, counts), empirical_bernstein(v), bootstrap(v - own, counts))
        for name, v in values_of(s, gamma).items()
    }
    top, bottom = estimators.snips(s.r, s.rho, gamma)
    ratio = bootstrap_ratio(top, bottom, counts)
    influence = ratio.mean + (top - ratio.mean * bottom) / max(float(bottom.mean()), 1e-300)
    found["snips"] = Estimate("snips", ratio, None, bootstrap(influence - own, counts))
    every = np.concatenate(
        [np.ones((1, n)), counts[:MODEL_RESAMPLES]]
    )  # the log as it is, then its resamples
    logged = every @ own / n
    for name, values in model_values(s, every, gamma).items():
        intervals = [sampled_interval(float(v[0]), v[1:], n) for v in (values, values - logged)]
        found[name] = Estimate(name, intervals[0], None, intervals[1])
    return {name: found[name] for name in ESTIMATORS}


def diagnostics(s: Sample) -> dict[str, Any]:
    """What tells whether the log can tell: weights of whole conversations, their tail, and the overlap of choices.

    Returns:
        ``effective``: effective sample size; ``share``: as a share of the conversations; ``weight``: mean weight, which
        should be 1, with its t interval; ``largest``: the share of all weight of the heaviest conversation; ``tail``:
        that of the heaviest hundredth; ``overlap``: of choices, turn by turn; ``warnings``: in words.
    """
    weights = s.rho.prod(axis=1)
    n, size = len(weights), estimators.effective_size(weights)
    heaviest = np.sort(weights)[::-1][: max(1, math.ceil(n / 100))]
    mean, largest = mean_interval(weights), estimators.largest_share(weights)
    warnings = []
    if size < LEAST_SHARE * n:
        warnings.append(f"poor overlap: {n:,} conversations weigh as {size:.0f}")
    if largest > MOST_WEIGHT:
        warnings.append(f"one conversation has {largest:.0%} of the weight")
    if not mean.low - mean.half <= 1.0 <= mean.high + mean.half:
        warnings.append(f"the mean weight is {mean.mean:.2f} instead of 1")
    return {
        "conversations": n,
        "effective": size,
        "share": size / n,
        "weight": mean.to_dict(),
        "largest": largest,
        "tail": float(heaviest.sum() / max(weights.sum(), 1e-300)),
        "overlap": s.common,
        "warnings": warnings,
    }

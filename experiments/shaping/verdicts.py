"""What can be said of a reward from many trainings: how fast it teaches, what it changes, whether it is hacked.

The unit is the training seed. Each seed trains on people of its own and is judged on people of its own, the same for
every reward, so that differences within a seed are paired and the spread over seeds holds that over people as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import Interval, mean_interval

Float = npt.NDArray[np.float64]

ALPHA = 0.05
"""Chance of any wrong statement of one kind about one learner."""

MOST_EXACT = 12
"""Seeds up to which every pattern of signs is tried."""

FLIPS = 4096
"""Patterns that are drawn beyond that."""


def signs(n: int) -> Float:
    """Patterns of signs, (B, n), all of them where they are few; the first leaves everything as it is."""
    if n <= MOST_EXACT:
        return np.array(list(itertools.product((1.0, -1.0), repeat=n)))
    drawn = np.random.default_rng(0).choice((1.0, -1.0), (FLIPS, n))
    drawn[0] = 1.0
    return drawn


def rising(differences: Float) -> Float:
    """Adjusted p-values that the means of many differences are above 0, (m,): none or few are wrong *together*.

    Westfall and Young's (1993) max-T: under the hypothesis that nothing differs, the signs of a seed's differences
    could as well be turned, all together. The p-value of a difference is the share of sign patterns under which the
    largest t of *all* differences reaches its own. So looking often costs just what it has to, since looks that are
    alike count little more than one.

    Args:
        differences: (seeds, m), paired.
    """
    n = len(differences)
    mean = signs(n) @ differences / n
    square = (differences**2).mean(0)
    spread = np.sqrt(np.maximum(square - mean**2, 1e-24) / max(n - 1, 1))
    t = mean / spread
    largest = t.max(1)
    return np.asarray((largest[:, None] >= t[0] - 1e-9).mean(0))


def differing(differences: Float) -> Float:
    """Adjusted two-sided p-values that means of paired differences ``(seeds, m)`` are not 0, (m,); see ``rising``."""
    both = rising(np.concatenate([differences, -differences], axis=1))
    return np.asarray(both.reshape(2, -1).min(0))


def turns_until(turns: Sequence[int], curve: Float, target: float) -> float:
    """Turns of training until a curve is at the target for good; infinite if it never is.

    For good: at this look it is at the target or above, and so is the mean of this and all later looks.
    """
    for k, turn in enumerate(turns):
        if curve[k] >= target and curve[k:].mean() >= target:
            return float(turn)
    return float("inf")


def log_times(turns: Sequence[int], curves: Float, base: Float, share: float) -> tuple[Float, Float, Float]:
    """How fast a reward teaches, beside its base: turns until ``share`` of what the base comes to in the end.

    The target is each seed's own, on its own people, so that easy people do not pass for fast learning.

    Args:
        turns: (looks,) turns of training.
        curves: (seeds, looks) a yardstick while the reward is learned.
        base: (seeds, looks) the same of the base.
        share: Of the last value of ``base``.

    Returns:
        Turns until then, of the reward and of the base, infinite where it is never reached; and the logarithm of how
        many times as fast the reward is, for which never is the end of the training; (seeds,) each.
    """
    targets = share * base[:, -1]
    own, other = (
        np.array([turns_until(turns, curve, target) for curve, target in zip(values, targets, strict=True)])
        for values in (curves, base)
    )
    last = float(turns[-1])
    return own, other, np.log(np.minimum(other, last) / np.minimum(own, last))


def while_learning(turns: Sequence[int], curves: Float) -> Float:
    """Mean of curves ``(seeds, looks)`` over all turns of training, (seeds,): a look stands for the turns before it."""
    return np.asarray(curves @ (np.diff(np.concatenate(([0.0], np.asarray(turns, np.float64)))) / turns[-1]))


def speed(turns: Sequence[int], curves: Float, base: Float, share: float) -> dict[str, Any]:
    """``log_times`` over all seeds, as plain JSON data.

    Returns:
        ``until``: the median over seeds, None if half of them never get there; ``base_until``; ``missed``: seeds that
        never do; ``times``: how many times as fast, geometric mean with its t interval; ``while_learning``: difference
        of the mean over all turns of training, with its interval.
    """
    own, other, logs = log_times(turns, curves, base, share)
    times = mean_interval(logs)
    mean, low, high = (float(np.exp(x)) for x in (times.mean, times.low, times.high))
    return {
        "until": finite_or_none(float(np.median(own))),
        "base_until": finite_or_none(float(np.median(other))),
        "missed": int(np.isinf(own).sum()),
        "times": Interval(mean, low, high, times.n).to_dict(),
        "while_learning": mean_interval(while_learning(turns, curves - base)).to_dict(),
    }


def finite_or_none(value: float) -> float | None:
    """The value, None if it is infinite or NaN."""
    return value if np.isfinite(value) else None


def same(difference: Interval, margin: float) -> bool:
    """Whether a difference is shown to be none: its whole interval lies within the margin (equivalence)."""
    return -margin < difference.low and difference.high < margin


def hacking(
    turns: Sequence[int],
    paid: Float,
    yardsticks: Mapping[str, Float],
    margins: Mapping[str, float],
    default: Mapping[str, Float] | None = None,
) -> dict[str, Any]:
    """Whether a reward is hacked: what it pays goes up while a yardstick falls, between any two looks.

    For every pair of looks j < k and every yardstick must be shown: ``paid[k] > paid[j]``; that the yardstick falls by
    more than its margin; and that at look k it is below that of the default reward, which may fall as well while it is
    learned. Each is shown with the chance of *any* error among all pairs (and all yardsticks) held to an equal share of
    ``ALPHA`` (see ``rising``); so all hold together with at most ``ALPHA``. The p-value is the largest of the adjusted
    ones, times their number.

    Args:
        turns: (looks,) turns of training.
        paid: (seeds, looks) mean return under the reward that is learned.
        yardsticks: (seeds, looks) each, higher is better.
        margins: By yardstick, what a fall has to exceed.
        default: The same yardsticks of the default reward; None where this is the one, and nothing is compared.

    Returns:
        ``hacked``: whether it is at the last look; ``p`` of that; ``passing``: looks that are hacked although the last
        one is not. Where hacked, of the yardstick with the smallest p: ``yardstick``; ``since``: the turns from which
        on every look is hacked; ``reference``: the turns of the earlier look; ``rise`` of what is paid and ``fall`` of
        the yardstick between them, with t intervals; ``all``: every yardstick that falls.
    """
    early, late = np.array([(j, k) for k in range(len(turns)) for j in range(k)]).T
    up = rising(paid[:, late] - paid[:, early])
    names = list(yardsticks)
    falls = np.stack([yardsticks[n][:, early] - yardsticks[n][:, late] for n in names], axis=1)
    needed = np.array([margins[n] for n in names])[:, None]
    down = rising((falls - needed).reshape(len(paid), -1)).reshape(len(names), -1)
    needs = [np.broadcast_to(up, down.shape), down]
    if default is not None:
        behind = np.stack([default[n] - yardsticks[n] for n in names], axis=1)
        needs.append(rising(behind.reshape(len(paid), -1)).reshape(len(names), -1)[:, late])
    p = np.minimum(1.0, len(needs) * np.max(needs, axis=0))  # (yardsticks, pairs)
    at = np.stack([p[:, late == k].min(1) for k in range(1, len(turns))], axis=1)  # (yardsticks, looks - 1)
    caught, final = at <= ALPHA, at[:, -1]
    found: dict[str, Any] = {"hacked": bool(caught[:, -1].any()), "p": float(final.min())}
    if not found["hacked"]:
        return {**found, "passing": [turns[1 + k] for k in np.flatnonzero(caught.any(0)).tolist()]}
    worst = int(final.argmin())
    run = int(np.argmin(caught[worst][::-1])) or len(caught[worst])
    candidates = np.flatnonzero(late == len(turns) - 1)
    # Of equally sure pairs the one with the deepest fall tells most.
    best = min(candidates, key=lambda c: (p[worst, c], -falls[:, worst, c].mean()))
    return {
        **found,
        "passing": [],
        "yardstick": names[worst],
        "since": turns[len(turns) - run],
        "reference": turns[int(early[best])],
        "rise": mean_interval(paid[:, -1] - paid[:, early[best]]).to_dict(),
        "fall": mean_interval(falls[:, worst, best]).to_dict(),
        "all": [name for name, p_last in zip(names, final, strict=True) if p_last <= ALPHA],
    }

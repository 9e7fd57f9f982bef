"""What clicks and ratings teach."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.core.sums import dot


@njit(cache=True, nogil=True)
def consume(recent: Any, trace: Any, shown: Any, item: Any, clicked: Any, decay: Any, repeated: Any) -> None:
    """Decay what was accepted before, add what was accepted now, and note how alike the suggestion was.

    Args:
        recent: (N, V) float32, changed in place.
        trace: (I, V) float32 weighted values that can pall.
        shown: (N,) suggestion, at least 0.
        item: (N,) accepted item.
        clicked: (N,) whether there is one.
        decay: Share that remains, float32.
        repeated: (N,) float32, filled in.
    """
    products = np.empty(recent.shape[1], np.float32)
    for n in range(recent.shape[0]):
        repeated[n] = dot(recent[n], trace[shown[n]], products)
        if clicked[n]:
            for v in range(recent.shape[1]):
                recent[n, v] = recent[n, v] * decay + trace[item[n], v]
        else:
            for v in range(recent.shape[1]):
                recent[n, v] *= decay


@njit(cache=True, nogil=True)
def take_in(
    slate: Any,
    click: Any,
    stars: Any,
    accepted: Any,
    ignored: Any,
    outcome: Any,
    clicks: Any,
    total: Any,
    waiting: Any,
    refusals: Any,
    last_stars: Any,
    favourite: Any,
    best: Any,
    item: Any,
) -> None:
    """Count clicks and ratings, in place; see ``Tracker.feedback``.

    Args:
        slate: (N, S) items shown, -1 where none.
        click: (N,) place accepted, -1 if none.
        stars: (N,) rating, 0 if none.
        accepted: Outcome of an accepted suggestion.
        ignored: Outcome of another.
        outcome: (N,) as in ``Dialogue``, changed in place, likewise all up to ``best``.
        clicks: See ``Dialogue``.
        total: ``Dialogue.stars``.
        waiting: See ``Dialogue``.
        refusals: See ``Dialogue``.
        last_stars: See ``Dialogue``.
        favourite: See ``Dialogue``.
        best: See ``Dialogue``.
        item: (N,) filled in: the item accepted, otherwise the first shown.
    """
    for n in range(click.shape[0]):
        offered, clicked = slate[n, 0] >= 0, click[n] >= 0
        item[n] = slate[n, max(click[n], 0)]
        if clicked:
            outcome[n] = accepted
            clicks[n] += 1
            waiting[n] = refusals[n] = 0
        else:
            waiting[n] += 1
            if offered:
                outcome[n] = ignored
                refusals[n] += 1
        total[n] += stars[n]
        if stars[n] > 0:
            last_stars[n] = stars[n]
            if stars[n] >= best[n]:
                favourite[n], best[n] = item[n], stars[n]


@njit(cache=True, nogil=True)
def gate_means(mean: Any, covariance: Any, gate: Any, grid: Any, limit: Any, out: Any) -> None:
    """Posterior means that stand out of their own uncertainty, on the grid; see ``preference.gated_mean``.

    Args:
        mean: (N, 16) float32.
        covariance: (N, 16, 16) float32.
        gate: Standard deviations a mean must exceed, float32.
        grid: Steps per unit, float32.
        limit: Largest magnitude, float32.
        out: (N, 16) float32, filled in.
    """
    zero = np.float32(0)
    for n in range(mean.shape[0]):
        for i in range(mean.shape[1]):
            size = max(abs(mean[n, i]) - gate * np.sqrt(covariance[n, i, i]), zero)
            kept = np.rint((size if mean[n, i] >= 0 else -size) * grid) / grid
            out[n, i] = min(max(kept, -limit), limit)


@njit(cache=True, nogil=True)
def expect(
    wishes: Any,
    mean: Any,
    item: Any,
    carried: Any,
    weights: Any,
    factors: Any,
    prior: Any,
    weight: Any,
    threshold: Any,
    expected: Any,
    logit: Any,
) -> None:
    """Utility the state predicts for ``item (N,)``, and minus the logit of its acceptance; see ``Tracker._learn``.

    Args:
        wishes: (N, V) float32.
        mean: (N, 16) float32 estimated preference.
        item: (N,) -1 where none, which is passed over.
        carried: (I, C) value numbers of each item, V where there are no more; ``weights``: their facets' weights.
        weights: (I, C) float32.
        factors: (I, 16) float32.
        prior: (I,) float32 utility of quality.
        weight: Utility of a wish, float32.
        threshold: Utility accepted half of the time, float32.
        expected: (N,) float32, filled in.
        logit: (N,) float32, filled in.
    """
    products, end = np.empty(mean.shape[1], np.float32), wishes.shape[1]
    for n in range(item.shape[0]):
        expected[n] = logit[n] = 0
        if item[n] >= 0:
            match = np.float32(0)  # exact: wishes and weights lie on a binary grid
            for c in range(carried.shape[1]):
                v = carried[item[n], c]
                if v == end:
                    break
                match += wishes[n, v] * weights[item[n], c]
            utility = weight * match + prior[item[n]]
            expected[n] = utility + dot(mean[n], factors[item[n]], products)
            logit[n] = threshold - expected[n]


@njit(cache=True, nogil=True)
def learn(
    item: Any,
    clicked: Any,
    stars: Any,
    repeated: Any,
    expected: Any,
    odds: Any,
    factors: Any,
    star_utility: Any,
    threshold: Any,
    noise: Any,
    least: Any,
    surprise: Any,
    repetition: Any,
    mean: Any,
    covariance: Any,
) -> None:
    """Learn from how far the outcome is from what was expected, in place; see ``Tracker._learn``.

    Args:
        item: (N,) suggestion, -1 where none.
        clicked: (N,) whether it was accepted.
        stars: (N,) rating, 0 if none.
        repeated: (N,) float32 likeness to what was accepted before.
        expected: (N,) float32 utility expected.
        odds: (N,) float32 ``exp`` of minus the logit of acceptance.
        factors: (I, 16) float32.
        star_utility: (6,) float32 utility above the threshold a rating stands for.
        threshold: Utility accepted half of the time, float32.
        noise: Variance of a rating, float32.
        least: Least information of a click, float32.
        surprise: (N,) float32, changed in place, likewise all that follow.
        repetition: (N,) float32.
        mean: (N, 16) float32.
        covariance: (N, 16, 16) float32.
    """
    one, two = np.float32(1), np.float32(2)
    width = mean.shape[1]
    projected, products = np.empty(width, np.float32), np.empty(width, np.float32)
    for n in range(item.shape[0]):
        if item[n] < 0:
            continue
        chance = one / (one + odds[n])
        residual = (one if clicked[n] else np.float32(0)) - chance
        surprise[n] += residual
        repetition[n] += residual * min(repeated[n] / two, two)
        information = max(chance * (one - chance), least)
        if stars[n] > 0:
            residual = (star_utility[stars[n]] + threshold - expected[n]) / noise
            information = one / noise
        update(mean[n], covariance[n], factors[item[n]], residual, information, projected, products)


@njit(cache=True, nogil=True)
def project_sixteen(covariance: Any, features: Any, projected: Any) -> None:
    """``projected (16,) = covariance @ features``, each sum in the order NumPy takes sixteen numbers in.

    The covariance is symmetric to the bit, so all sums grow side by side, a row at a time.
    """
    c, f = covariance, features
    for i in range(16):
        projected[i] = (
            ((c[0, i] * f[0] + c[8, i] * f[8]) + (c[1, i] * f[1] + c[9, i] * f[9]))
            + ((c[2, i] * f[2] + c[10, i] * f[10]) + (c[3, i] * f[3] + c[11, i] * f[11]))
        ) + (
            ((c[4, i] * f[4] + c[12, i] * f[12]) + (c[5, i] * f[5] + c[13, i] * f[13]))
            + ((c[6, i] * f[6] + c[14, i] * f[14]) + (c[7, i] * f[7] + c[15, i] * f[15]))
        )


@njit(cache=True, nogil=True)
def update(
    mean: Any,
    covariance: Any,
    features: Any,
    residual: Any,
    information: Any,
    projected: Any,
    products: Any,
) -> None:
    """One Kalman update of one posterior, in place; see ``chatrec_env.dialogue.preference.observe``."""
    one, width = np.float32(1), mean.shape[0]
    if width == 16:
        project_sixteen(covariance, features, projected)
    else:
        for i in range(width):
            projected[i] = dot(covariance[i], features, products)
    shrink = one / (one + information * dot(projected, features, products))
    gain, step = information * shrink, residual * shrink
    for i in range(width):
        mean[i] += step * projected[i]
        for j in range(width):
            covariance[i, j] -= gain * (projected[i] * projected[j])

"""The inner loops of calibration, compiled: one pass over all people, ratings sorted by person.

A person's weights are ``[bias, taste per facet value (V), taste per latent factor (k)]``. Facet values are sparse, so
a rating touches only ``1 + values of the item + k`` of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _active(
    item: Any, starts: Any, values: Any, sizes: Any, latent: Any, n_values: Any, at: Any, h: Any
) -> Any:
    """Places (ascending) and sizes of the design of one rating; returns how many."""
    at[0], h[0] = 0, 1.0
    n = 1
    for p in range(starts[item], starts[item + 1]):
        at[n], h[n] = 1 + values[p], sizes[p]
        n += 1
    for f in range(latent.shape[1]):
        at[n], h[n] = 1 + n_values + f, latent[item, f]
        n += 1
    return n


@njit(cache=True, nogil=True)
def posterior(
    first: Any, last: Any, items: Any, left: Any, design: Any, moments: Any, prior: Any, inverse: Any, noise: Any,
    at: Any, h: Any,
) -> Any:  # fmt: skip
    """Mean and covariance of one person's weights given the ratings ``first`` to ``last``.

    Gaussian linear regression on uncertain regressors: the item's own covariance adds to the second moments.

    Args:
        first: First rating.
        last: One past the last.
        items: (n,) item of each rating.
        left: (n,) stars less the overall mean and the item's bias.
        design: Sparse facet values ``(starts, values, sizes)``, latent factors ``(I, k)``, number of values.
        moments: Covariances of items: bias with factors ``(I, k)``, factors ``(I, k, k)``.
        prior: (D,) prior mean.
        inverse: (D, D) prior precision.
        noise: Variance of a rating.
        at: Scratch, integers.
        h: Scratch, floats.
    """
    starts, values, sizes, latent, n_values = design
    with_bias, spread = moments
    k, d = latent.shape[1], len(prior)
    precision, right = np.zeros((d, d)), np.zeros(d)
    for j in range(first, last):
        i = items[j]
        n = _active(i, starts, values, sizes, latent, n_values, at, h)
        for p in range(n):
            right[at[p]] += h[p] * left[j]
            for q in range(p + 1):
                precision[at[p], at[q]] += h[p] * h[q]
        for p in range(k):
            right[d - k + p] -= with_bias[i, p]
            for q in range(p + 1):
                precision[d - k + p, d - k + q] += spread[i, p, q]
    for p in range(d):
        for q in range(p + 1):
            precision[p, q] = precision[p, q] / noise + inverse[p, q]
            precision[q, p] = precision[p, q]
    covariance = np.linalg.inv(precision)
    return covariance @ (right / noise + inverse @ prior), covariance


@njit(cache=True, nogil=True)
def people_pass(
    first: Any, items: Any, stars: Any, bias: Any, own: Any, design: Any, moments: Any, prior: Any, inverse: Any,
    noise: Any, weights: Any, scatter: Any, item_square: Any, item_right: Any, drawn: Any, normals: Any,
) -> Any:  # fmt: skip
    """One E-step over all people, which also adds up what the items' update needs.

    Args:
        first: (U + 1,) where each person's ratings begin.
        items: (n,) item of each rating.
        stars: (n,) stars less the overall mean.
        bias: (I,) item biases.
        own: (I,) their variances.
        design: As in ``posterior``.
        moments: As in ``posterior``.
        prior: (U, D) prior mean of each person.
        inverse: (D, D) prior precision.
        noise: (U,) variance of a person's ratings.
        weights: (U, D) posterior means, written.
        scatter: (D, D) sum of covariances and squared deviations from the prior, added to.
        item_square: (I, 1 + k, 1 + k) lower triangles, added to.
        item_right: (I, 1 + k), added to.
        drawn: (U, D) a draw from each posterior, written where ``normals`` has rows.
        normals: (U, D) standard normals, or (0, D).

    Returns:
        (U,) expected squared error of each person's ratings, summed.
    """
    starts, values, sizes, latent, n_values = design
    with_bias, spread = moments
    n_users, d, k = len(first) - 1, inverse.shape[0], latent.shape[1]
    error = np.zeros(n_users)
    at, h = np.empty(d, np.int64), np.empty(d)
    left = np.empty(len(items))
    for j in range(len(items)):
        left[j] = stars[j] - bias[items[j]]
    for u in range(n_users):
        mean, cov = posterior(
            first[u], first[u + 1], items, left, design, moments, prior[u], inverse, noise[u], at, h
        )
        weights[u] = mean
        off = mean - prior[u]
        for p in range(d):
            for q in range(d):
                scatter[p, q] += cov[p, q] + off[p] * off[q]
        if len(normals):
            drawn[u] = mean + np.linalg.cholesky(cov) @ normals[u]
        share = 1.0 / noise[u]
        for j in range(first[u], first[u + 1]):
            i = items[j]
            n = _active(i, starts, values, sizes, latent, n_values, at, h)
            fixed, full = 0.0, 0.0
            for p in range(n):
                if p < n - k:
                    fixed += h[p] * mean[at[p]]
                full += h[p] * mean[at[p]]
            item_square[i, 0, 0] += share
            item_right[i, 0] += share * (stars[j] - fixed)
            miss = left[j] - full
            vague = own[i]
            for p in range(n):
                for q in range(n):
                    vague += h[p] * h[q] * cov[at[p], at[q]]
            for p in range(k):
                a = d - k + p
                shared = 0.0
                for q in range(n - k):
                    shared += cov[a, at[q]] * h[q]
                item_right[i, 1 + p] += share * ((stars[j] - fixed) * mean[a] - shared)
                item_square[i, 1 + p, 0] += share * mean[a]
                vague += 2.0 * mean[a] * with_bias[i, p]
                for q in range(k):
                    second = mean[a] * mean[d - k + q] + cov[a, d - k + q]
                    vague += spread[i, p, q] * second
                    if q <= p:
                        item_square[i, 1 + p, 1 + q] += share * second
            error[u] += miss * miss + vague
    return error


@njit(cache=True, nogil=True)
def predict_pass(
    first: Any, items: Any, left: Any, asked: Any, asked_items: Any, own: Any, design: Any, moments: Any, prior: Any,
    inverse: Any, noise: Any, mean_out: Any, var_out: Any,
) -> None:  # fmt: skip
    """Mean (less the overall mean and the item's bias) and variance of what each person feels about asked items.

    Args:
        first: (U + 1,) where each person's known ratings begin.
        items: (n,) item of each known rating.
        left: (n,) as in ``posterior``.
        asked: (U + 1,) where each person's asked items begin.
        asked_items: (m,) them.
        own: (I,) variances of item biases.
        design: As in ``posterior``.
        moments: As in ``posterior``.
        prior: (U, D) prior mean of each person.
        inverse: (D, D) prior precision.
        noise: (U,) variance of a person's ratings.
        mean_out: (m,) written.
        var_out: (m,) written; without the noise of rating.
    """
    starts, values, sizes, latent, n_values = design
    with_bias, spread = moments
    d, k = inverse.shape[0], latent.shape[1]
    at, h = np.empty(d, np.int64), np.empty(d)
    for u in range(len(first) - 1):
        if asked[u] == asked[u + 1]:
            continue
        mean, cov = posterior(
            first[u], first[u + 1], items, left, design, moments, prior[u], inverse, noise[u], at, h
        )
        for j in range(asked[u], asked[u + 1]):
            i = asked_items[j]
            n = _active(i, starts, values, sizes, latent, n_values, at, h)
            total, vague = 0.0, own[i]
            for p in range(n):
                total += h[p] * mean[at[p]]
                for q in range(n):
                    vague += h[p] * h[q] * cov[at[p], at[q]]
            for p in range(k):
                a = d - k + p
                vague += 2.0 * mean[a] * with_bias[i, p]
                for q in range(k):
                    vague += spread[i, p, q] * (mean[a] * mean[d - k + q] + cov[a, d - k + q])
            mean_out[j], var_out[j] = total, vague

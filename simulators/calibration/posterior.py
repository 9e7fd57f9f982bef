"""What ratings say about people: compiled passes over all of them, ratings sorted by person.

A person's weights are ``[bias, taste per facet value (V), taste per latent factor (k)]``, D in all. Facet values are
sparse, so a rating touches only ``1 + values of the item + k`` of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule

Float = npt.NDArray[np.float64]
Rows = npt.NDArray[Any]


class Design(NamedTuple):
    """What items are made of, and how sure that is. I items, V facet values, k latent factors."""

    starts: npt.NDArray[np.int64]  # (I + 1,) where each item's facet values begin
    values: npt.NDArray[np.int64]  # which they are, ascending within an item
    sizes: Float  # what they weigh
    n_values: int  # V
    latent: Float  # (I, k) posterior means of latent factors
    own: Float  # (I,) variances of item biases
    with_bias: Float  # (I, k) covariances of bias and factors
    spread: Float  # (I, k, k) covariances of factors


class Given(NamedTuple):
    """Ratings, sorted by person. U people, n ratings."""

    first: Rows  # (U + 1,) where each person's ratings begin
    items: Rows  # (n,)
    stars: Float  # (n,) less the overall mean
    left: Float  # (n,) less the item's bias, too


class Prior(NamedTuple):
    """What is expected of people before their ratings are seen."""

    mean: Float  # (U, D)
    inverse: Float  # (D, D) precision
    noise: Float  # (U,) variance of a person's ratings


class Sums(NamedTuple):
    """What a pass over all people adds up."""

    scatter: Float  # (D, D) covariances and squared deviations from the prior
    item_square: Float  # (I, 1 + k, 1 + k) lower triangles
    item_right: Float  # (I, 1 + k)


class Scratch(NamedTuple):
    """Room for the design of one rating: places, ascending, and sizes, both (D,)."""

    at: npt.NDArray[np.int64]
    h: Float


@rule
def new_scratch(d: int) -> Scratch:
    """Room for D weights."""
    return Scratch(np.empty(d, np.int64), np.empty(d))


@rule
def write_design(item: int, design: Design, scratch: Scratch) -> int:
    """Places and sizes of the design of one rating; returns how many."""
    at, h = scratch
    at[0], h[0] = 0, 1.0
    n = 1
    for p in range(design.starts[item], design.starts[item + 1]):
        at[n], h[n] = 1 + design.values[p], design.sizes[p]
        n += 1
    for f in range(design.latent.shape[1]):
        at[n], h[n] = 1 + design.n_values + f, design.latent[item, f]
        n += 1
    return n


@rule
def posterior(u: int, given: Given, design: Design, prior: Prior, scratch: Scratch) -> tuple[Any, Any]:
    """Mean (D,) and covariance (D, D) of the weights of person ``u`` given their ratings.

    Gaussian linear regression on uncertain regressors: the item's own covariance adds to the second moments.
    """
    at, h = scratch
    k, d = design.latent.shape[1], prior.inverse.shape[0]
    precision, right = np.zeros((d, d)), np.zeros(d)
    for j in range(given.first[u], given.first[u + 1]):
        i = given.items[j]
        n = write_design(i, design, scratch)
        for p in range(n):
            right[at[p]] += h[p] * given.left[j]
            for q in range(p + 1):
                precision[at[p], at[q]] += h[p] * h[q]
        for p in range(k):
            right[d - k + p] -= design.with_bias[i, p]
            for q in range(p + 1):
                precision[d - k + p, d - k + q] += design.spread[i, p, q]
    for p in range(d):
        for q in range(p + 1):
            precision[p, q] = precision[p, q] / prior.noise[u] + prior.inverse[p, q]
            precision[q, p] = precision[p, q]
    covariance = np.linalg.inv(precision)
    return covariance @ (right / prior.noise[u] + prior.inverse @ prior.mean[u]), covariance


@rule
def uncertainty(i: int, n: int, mean: Float, cov: Float, design: Design, scratch: Scratch) -> float:
    """Variance of what a person feels about item ``i``, whose design (n places) is in ``scratch``; without noise.

    Args:
        i: The item.
        n: Places of its design.
        mean: (D,) posterior mean of the person's weights.
        cov: (D, D) their covariance.
        design: What items are made of.
        scratch: The item's design.
    """
    at, h = scratch
    k, d = design.latent.shape[1], len(mean)
    vague = design.own[i]
    for p in range(n):
        for q in range(n):
            vague += h[p] * h[q] * cov[at[p], at[q]]
    for p in range(k):
        a = d - k + p
        vague += 2.0 * mean[a] * design.with_bias[i, p]
        for q in range(k):
            vague += design.spread[i, p, q] * (mean[a] * mean[d - k + q] + cov[a, d - k + q])
    return vague


@rule
def add_to_item(
    i: int, n: int, stars: float, share: float, mean: Float, cov: Float, scratch: Scratch, sums: Sums
) -> None:
    """Add what one rating says about its item's bias and factors: second moments and right-hand side.

    Args:
        i: The item.
        n: Places of its design.
        stars: Less the overall mean.
        share: Precision of the person's ratings.
        mean: (D,) posterior mean of the person's weights.
        cov: (D, D) their covariance.
        scratch: The item's design.
        sums: ``item_square`` and ``item_right`` are added to.
    """
    at, h = scratch
    d, k = len(mean), sums.item_right.shape[1] - 1
    fixed = 0.0
    for p in range(n - k):
        fixed += h[p] * mean[at[p]]
    sums.item_square[i, 0, 0] += share
    sums.item_right[i, 0] += share * (stars - fixed)
    for p in range(k):
        a = d - k + p
        shared = 0.0
        for q in range(n - k):
            shared += cov[a, at[q]] * h[q]
        sums.item_right[i, 1 + p] += share * ((stars - fixed) * mean[a] - shared)
        sums.item_square[i, 1 + p, 0] += share * mean[a]
        for q in range(p + 1):
            sums.item_square[i, 1 + p, 1 + q] += share * (mean[a] * mean[d - k + q] + cov[a, d - k + q])


@rule
def people_pass(
    given: Given, design: Design, prior: Prior, normals: Float, sums: Sums
) -> tuple[Float, Float, Float]:
    """One E-step over all people, which also adds up what the items' update needs.

    Args:
        given: Known ratings.
        design: What items are made of.
        prior: What is expected of the people.
        normals: (U, D) standard normals to draw from each posterior with, or (0, D).
        sums: Added to.

    Returns:
        Posterior means (U, D); a draw from each posterior, (U, D), zero without ``normals``; and the expected squared
        error of each person's ratings, summed, (U,).
    """
    n_users, d = len(given.first) - 1, prior.inverse.shape[0]
    weights, drawn, error = np.zeros((n_users, d)), np.zeros((n_users, d)), np.zeros(n_users)
    scratch = new_scratch(d)
    at, h = scratch
    for u in range(n_users):
        mean, cov = posterior(u, given, design, prior, scratch)
        weights[u] = mean
        off = mean - prior.mean[u]
        for p in range(d):
            for q in range(d):
                sums.scatter[p, q] += cov[p, q] + off[p] * off[q]
        if len(normals):
            drawn[u] = mean + np.linalg.cholesky(cov) @ normals[u]
        for j in range(given.first[u], given.first[u + 1]):
            i = given.items[j]
            n = write_design(i, design, scratch)
            full = 0.0
            for p in range(n):
                full += h[p] * mean[at[p]]
            add_to_item(i, n, given.stars[j], 1.0 / prior.noise[u], mean, cov, scratch, sums)
            error[u] += (given.left[j] - full) ** 2 + uncertainty(i, n, mean, cov, design, scratch)
    return weights, drawn, error


@rule
def predict_pass(
    given: Given, asked: Rows, asked_items: Rows, design: Design, prior: Prior
) -> tuple[Float, Float]:
    """What each person feels about asked items: mean (less the overall mean and the item's bias) and variance, (m,).

    Args:
        given: Known ratings.
        asked: (U + 1,) where each person's asked items begin.
        asked_items: (m,) them.
        design: What items are made of.
        prior: What is expected of the people.
    """
    means, variances = np.zeros(len(asked_items)), np.zeros(len(asked_items))
    scratch = new_scratch(prior.inverse.shape[0])
    at, h = scratch
    for u in range(len(given.first) - 1):
        if asked[u] == asked[u + 1]:
            continue
        mean, cov = posterior(u, given, design, prior, scratch)
        for j in range(asked[u], asked[u + 1]):
            n = write_design(asked_items[j], design, scratch)
            for p in range(n):
                means[j] += h[p] * mean[at[p]]
            variances[j] = uncertainty(asked_items[j], n, mean, cov, design, scratch)
    return means, variances

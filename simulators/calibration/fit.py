"""Fits people to real ratings: a hierarchical linear model of taste, by variational EM.

A rating of item i by person u is ``m + a_i + b_u + t_u . x_i + p_u . v_i + e``: the overall mean, the item's bias
(its quality), the person's bias, tastes over facet values ``x_i`` and over latent factors ``v_i``, and noise. People
come from one population, ``[b, t, p]_u ~ N(mean + slope * activity_u, Sigma)``, with their own noise
``sigma_u^2`` shrunk to the common one; items from ``a_i ~ N(w . z_i, tau^2)``, where ``z_i`` are their facet values
and how often they were rated, and ``v_i ~ N(0, 1)``. So thin people and thin items lean on what is known of
all. The posterior is approximated by one Gaussian per person and per item (mean field; as Lim and Teh, 2007,
"Variational Bayesian approach to movie rating prediction", with features of the items and unequal noise).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulators.calibration.posterior import Design, Given, Prior, Sums, people_pass, predict_pass
from simulators.ratings import Ratings

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

Float = npt.NDArray[np.float64]

BIAS_PRIOR, TASTE_PRIOR, LATENT_PRIOR = 0.2, 0.03, 0.05
"""Variances, in squared stars, that the covariance of people is shrunk towards; ``SHRINKAGE`` people strong."""

SHRINKAGE = 20
NOISE_PRIOR = 6.0
"""Ratings that a person's own noise variance is shrunk by towards the common one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitConfig:
    """How the model is fitted.

    Attributes:
        factors: Latent factors besides the facet values.
        rounds: Rounds of EM.
        seed: Of the factors' starting point.
    """

    factors: int = 8
    rounds: int = 20
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model. U people, I items, V facet values, k latent factors, ``D = 1 + V + k``; unit: stars.

    Attributes:
        mean: Overall mean of the ratings.
        bias: (I,) posterior means of item biases.
        design: What items are made of, with their posterior factors and variances.
        weights: (U, D) posterior means of ``[b, t, p]``; b is for an item without facet values.
        drawn: (U, D) one draw from each person's posterior, whose spread is the population's.
        centre: (V,) mean facet values over ratings.
        population: (2, D) mean and slope by activity.
        covariance: (D, D) Sigma.
        activity: (U,) log(1 + ratings) less its mean.
        activity_mean: That mean.
        noise: (U,) variances of the noise, shrunk.
    """

    mean: float
    bias: Float
    design: Design
    weights: Float
    drawn: Float
    centre: Float
    population: Float
    covariance: Float
    activity: Float
    activity_mean: float
    noise: Float

    def predict(self, known: Ratings, asked: Ratings) -> tuple[Float, Float]:
        """Posterior mean and variance (without the noise of rating) of the asked ratings.

        Args:
            known: Ratings of the fitted people; usually those the model was fitted to.
            asked: Ratings of the same people, whose stars are not looked at.

        Returns:
            Two (n,) arrays, in stars and squared stars.
        """
        stars = known.stars.astype(np.float64) - self.mean
        given = Given(known.starts(), known.items, stars, stars - self.bias[known.items])
        prior = Prior(
            mean=self.population[0] + self.activity[:, None] * self.population[1],
            inverse=np.asarray(np.linalg.inv(self.covariance), np.float64),
            noise=self.noise,
        )
        mean, variance = predict_pass(given, asked.starts(), asked.items, self.design, prior)
        return self.mean + self.bias[asked.items] + mean, variance


def fit_people(
    ratings: Ratings,
    catalog: Catalog,
    config: FitConfig | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> Fit:
    """Fits the model.

    Args:
        ratings: Known ratings; people or items without any get the population's expectations.
        catalog: The items; only their facet values are used, since popularity and acclaim of a MovieLens
            catalogue are made of the ratings themselves.
        config: Options.
        step: Called with the number of finished rounds.
    """
    config = config or FitConfig()
    k, n_users, n_items = config.factors, ratings.n_users, ratings.n_items
    x = np.asarray(catalog.weighted_values, np.float64)
    n_values = x.shape[1]
    first, items = ratings.starts(), ratings.items
    count = np.bincount(items, minlength=n_items).astype(np.float64)
    per_person = np.maximum(np.diff(first), 1)
    mean = float(ratings.stars.mean(dtype=np.float64))
    stars = ratings.stars.astype(np.float64) - mean
    centre = count @ x / len(ratings)
    activity = np.log1p(np.diff(first))
    activity_mean = float(activity.mean())
    activity = activity - activity_mean
    rng = np.random.default_rng(config.seed)
    d = 1 + n_values + k
    scale = np.diag([BIAS_PRIOR, *[TASTE_PRIOR] * n_values, *[LATENT_PRIOR] * k])
    latent, spread = rng.normal(0, 0.3, (n_items, k)), np.tile(np.eye(k) * 0.5, (n_items, 1, 1))
    bias, own = np.bincount(items, stars, n_items) / (count + 5), np.full(n_items, 0.1)
    with_bias = np.zeros((n_items, k))
    covariance, population = scale.copy(), np.zeros((2, d))
    noise, tau = np.full(n_users, 0.75), 0.2
    explain = np.column_stack([np.ones(n_items), np.log1p(count) - np.log1p(count).mean(), x])
    item_weights = np.zeros(explain.shape[1])
    rated, regress = count > 0, np.column_stack([np.ones(n_users), activity])
    sparse = _sparse(x)
    nothing = np.zeros((0, d))
    for done in range(config.rounds):
        last = done == config.rounds - 1
        scatter, square = np.zeros((d, d)), np.zeros((n_items, 1 + k, 1 + k))
        right = np.zeros((n_items, 1 + k))
        design = Design(*sparse, n_values, latent, own, with_bias, spread)
        weights, drawn, error = people_pass(
            Given(first, items, stars, stars - bias[items]),
            design,
            Prior(regress @ population, np.linalg.inv(covariance), noise),
            rng.standard_normal((n_users, d)) if last else nothing,
            Sums(scatter, square, right),
        )
        if last:
            break
        population = np.linalg.lstsq(regress, weights, rcond=None)[0]
        population[:, 1 + n_values :] = 0.0
        covariance = (scatter + SHRINKAGE * scale) / (n_users + SHRINKAGE)
        common = error.sum() / len(ratings)
        noise = (error + NOISE_PRIOR * common) / (per_person + NOISE_PRIOR)
        square += np.tril(square, -1).transpose(0, 2, 1)
        square[:, 0, 0] += 1 / tau
        square[:, range(1, 1 + k), range(1, 1 + k)] += 1.0
        right[:, 0] += explain @ item_weights / tau
        cov = np.asarray(np.linalg.inv(square), np.float64)
        both: Float = np.einsum("ipq,iq->ip", cov, right)
        bias, latent = both[:, 0].copy(), both[:, 1:].copy()
        own, with_bias, spread = cov[:, 0, 0].copy(), cov[:, 0, 1:].copy(), cov[:, 1:, 1:].copy()
        known = explain[rated]
        squared = known.T @ known + np.eye(known.shape[1])
        item_weights = np.linalg.solve(squared, known.T @ bias[rated])
        tau = float((((bias - explain @ item_weights) ** 2 + own)[rated]).mean())
        step(done + 1)
    step(config.rounds)
    return Fit(
        mean=mean,
        bias=bias,
        design=design,
        weights=weights,
        drawn=drawn,
        centre=centre,
        population=population,
        covariance=covariance,
        activity=activity,
        activity_mean=activity_mean,
        noise=noise,
    )


def _sparse(x: Float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Float]:
    """Rows of a matrix as starts, columns (ascending) and entries."""
    rows, columns = np.nonzero(x)
    starts = np.zeros(len(x) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(x)), out=starts[1:])
    return starts, columns.astype(np.int64), x[rows, columns]

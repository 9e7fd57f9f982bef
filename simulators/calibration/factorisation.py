"""Biased matrix factorisation by alternating least squares: the yardstick, and what the realism check trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from chatrec_env.core.compiled import rule
from simulators.ratings import Ratings

Float = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]

DAMPING = 5.0
"""Ratings a bias is shrunk by."""


@dataclass(frozen=True, slots=True)
class Factorisation:
    """``m + a_i + b_u + p_u . q_i`` (Koren, Bell and Volinsky, 2009; least squares as Zhou et al., 2008).

    Attributes:
        mean: m.
        bias: (I,) a.
        item_factors: (I, k) q.
        person_bias: (U,) b.
        person_factors: (U, k) p.
        regularisation: Weight of a factor's square per rating.
    """

    mean: float
    bias: Float
    item_factors: Float
    person_bias: Float
    person_factors: Float
    regularisation: float

    def predict(self, asked: Ratings) -> Float:
        """Predictions (n,) for the people it was fitted to, within 0.5 to 5 stars."""
        flat = self.mean + self.bias[asked.items] + self.person_bias[asked.users]
        for begin in range(0, len(flat), 100_000):
            part = slice(begin, begin + 100_000)
            flat[part] += (self.person_factors[asked.users[part]] * self.item_factors[asked.items[part]]).sum(
                1
            )
        return np.clip(flat, 0.5, 5.0)

    def fold_in(self, known: Ratings) -> Factorisation:
        """The same items with other people, from their known ratings."""
        left = known.stars - self.mean - self.bias[known.items]
        person_bias = _damped(known.users, left, known.n_users)
        factors = np.zeros((known.n_users, self.item_factors.shape[1]))
        left = (left - person_bias[known.users]).astype(np.float64)
        _solve(known.starts(), known.items, left, self.item_factors, self.regularisation, factors)
        return Factorisation(
            self.mean, self.bias, self.item_factors, person_bias, factors, self.regularisation
        )


def factorise(
    ratings: Ratings, factors: int = 20, regularisation: float = 0.1, rounds: int = 15, seed: int = 0
) -> Factorisation:
    """Fits biases (damped means, items first) and then the factors of what they leave."""
    mean = float(ratings.stars.mean(dtype=np.float64))
    left = ratings.stars.astype(np.float64) - mean
    bias = _damped(ratings.items, left, ratings.n_items)
    left -= bias[ratings.items]
    person_bias = _damped(ratings.users, left, ratings.n_users)
    left -= person_bias[ratings.users]
    rng = np.random.default_rng(seed)
    q = rng.normal(0, 0.1, (ratings.n_items, factors))
    p = np.zeros((ratings.n_users, factors))
    by_item = np.argsort(ratings.items, kind="stable")
    item_starts = np.zeros(ratings.n_items + 1, np.int64)
    np.cumsum(np.bincount(ratings.items, minlength=ratings.n_items), out=item_starts[1:])
    starts, people, turned = ratings.starts(), ratings.users[by_item], left[by_item]
    for _ in range(rounds):
        _solve(starts, ratings.items, left, q, regularisation, p)
        _solve(item_starts, people, turned, p, regularisation, q)
    _solve(starts, ratings.items, left, q, regularisation, p)
    return Factorisation(mean, bias, q, person_bias, p, regularisation)


def _damped(which: npt.NDArray[np.int32], left: npt.NDArray[Any], n: int) -> Float:
    return np.bincount(which, left, n) / (np.bincount(which, minlength=n) + DAMPING)


def _solve(first: Ints, others: Rows, left: Float, fixed: Float, regularisation: float, out: Float) -> None:
    """See ``_solve_rows``."""
    # Products this small are slower on two threads than on one.
    with threadpool_limits(1, "blas"):
        _solve_rows(first, others, left, fixed, regularisation, out)


@rule
def _solve_rows(
    first: Ints, others: Rows, left: Float, fixed: Float, regularisation: float, out: Float
) -> None:
    """Ridge regression of each row's residuals on the factors of the other side: ``(Q'Q + l n I) p = Q'r``.

    Alternating least squares, weighted by the number of ratings (Zhou et al., 2008).

    Args:
        first: (R + 1,) int64 where the ratings of each of R rows begin, and the end.
        others: (L,) whom of the other side each rating is with.
        left: (L,) float64 residuals r, in stars.
        fixed: (M, K) float64 factors Q of the other side.
        regularisation: l, for each of a row's n ratings.
        out: (R, K) float64 factors p, filled in; 0 where a row has no ratings.
    """
    k, most = fixed.shape[1], 0
    for row in range(len(first) - 1):
        most = max(most, first[row + 1] - first[row])
    gathered = np.empty((most, k))
    for row in range(len(first) - 1):
        n = first[row + 1] - first[row]
        if n == 0:
            out[row] = 0.0
            continue
        for j in range(n):
            gathered[j] = fixed[others[first[row] + j]]
        near = gathered[:n]
        square = near.T @ near
        for p in range(k):
            square[p, p] += regularisation * n + 1e-9
        out[row] = np.linalg.solve(square, near.T @ left[first[row] : first[row + 1]])

"""Value models for off-policy evaluation, linear in the columns of ``features``: fitted by ridge regression.

What a fit needs of each conversation are a few sums, so leaving out a fold or resampling conversations is adding sums
up again. Notation as in ``estimators``; ``x (n, T, P)`` are the columns of what was done, ``y (n, T, P)`` their means
under the policy judged, both 0 after the end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from experiments.offline.estimators import cumulative, discounts, weighted_returns

Float = npt.NDArray[np.float64]

RIDGE = 1.0
"""Weight of the squared coefficients, in rows, where columns have a mean square of 1."""

CHUNK = 500
"""Conversations whose sums are held at a time: each has thousands of numbers."""

HOLDS = np.logspace(-6, 3, 19)
"""Weights of the squared coefficients of ``least_variance``, in mean squared singular values."""


def scaled(x: Float, y: Float) -> tuple[Float, Float]:
    """Both divided by the root mean square of the columns of ``x``; columns of 0 stay."""
    rows = x.reshape(-1, x.shape[-1])
    used = np.maximum((rows != 0).any(axis=1).sum(), 1)
    size = np.sqrt((rows * rows).sum(axis=0) / used)
    size = np.where(size > 1e-9, size, 1.0)
    return x / size, y / size


def solve(gram: Float, right: Float) -> Float:
    """Ridge solutions ``(..., P)`` of normal equations ``gram (..., P, P)`` and ``right (..., P)``."""
    eye = RIDGE * np.eye(gram.shape[-1])
    return np.asarray(np.linalg.solve(gram + eye, right[..., None])[..., 0])


def summed(counts: Float, sums: Callable[..., tuple[Float, ...]], *arrays: Float) -> list[Float]:
    """Sums over conversations, each as often as ``counts (B, n)`` says: of every part ``(n, ...)``, ``(B, ...)``.

    Args:
        counts: (B, n)
        sums: Gives the parts of some conversations from their rows of the arrays.
        *arrays: (n, ...) each.
    """
    out: list[Float] = []
    for start in range(0, counts.shape[1], CHUNK):
        rows = slice(start, start + CHUNK)
        parts = sums(*(one[rows] for one in arrays))
        added = [(counts[:, rows] @ p.reshape(len(p), -1)).reshape(len(counts), *p.shape[1:]) for p in parts]
        out = [a + b for a, b in zip(out, added, strict=True)] if out else added
    return out


def fqe_sums(r: Float, x: Float, y: Float) -> tuple[Float, Float, Float]:
    """What fitted Q evaluation needs of a conversation: ``x'x (n, P, P)``, ``x'y_next (n, P, P)``, ``x'r (n, P)``."""
    following = np.zeros_like(y)
    following[:, :-1] = y[:, 1:]
    turned = x.transpose(0, 2, 1)
    return turned @ x, turned @ following, np.einsum("ntp,nt->np", x, r)


def fitted_q(gram: Float, ahead: Float, right: Float, turns: int, gamma: float = 1.0) -> Float:
    """Fitted Q evaluation (Le, Voloshin and Yue, 2019): coefficients ``(..., P)`` after ``turns`` regressions.

    ``w <- argmin_w sum (r_t + gamma * w_old . y_{t+1} - w . x_t)^2``, from 0; the state beyond the last turn is worth
    0, for the turn budget ends a conversation for good.

    Args:
        gram: (..., P, P) sums of ``x'x``.
        ahead: (..., P, P) sums of ``x'y_next``.
        right: (..., P) sums of ``x'r``.
        turns: T
        gamma: Discount.
    """
    inverse = np.linalg.inv(gram + RIDGE * np.eye(gram.shape[-1]))
    weights = np.zeros_like(right)
    for _ in range(turns):
        weights = (inverse @ (right + gamma * (ahead @ weights[..., None])[..., 0])[..., None])[..., 0]
    return weights


def direct_sums(r: Float, rho: Float, x: Float, gamma: float = 1.0) -> tuple[Float, Float]:
    """What the direct method needs of each conversation: sums of weighted ``x'x (n, P, P)`` and ``x'G (n, P)``.

    The direct method regresses what each turn led to, ``G_t`` of ``weighted_returns``, on its columns, weighing turns
    by ``gamma^t w_t`` ("Q-Reg": Farajtabar, Chow and Ghavamzadeh, 2018; Voloshin et al., 2021). It needs no model of
    what comes next, and keeps the ratios' spread.
    """
    weights = cumulative(rho) * discounts(r.shape[1], gamma)
    weighted = (x * weights[..., None]).transpose(0, 2, 1)
    return weighted @ x, np.einsum("npt,nt->np", weighted, weighted_returns(r, rho, gamma))


def variance_columns(r: Float, rho: Float, x: Float, y: Float, gamma: float = 1.0) -> tuple[Float, Float]:
    """The doubly robust value of each conversation as ``a - b . w``: ``a (n,)`` and ``b (n, P)`` for a linear model w.

    ``a = sum_t gamma^t w_t r_t`` and ``b = sum_t gamma^t (w_t x_t - w_{t-1} y_t)``, whose mean is 0 under the log.
    """
    weights = cumulative(rho)
    before = np.concatenate([np.ones((len(weights), 1)), weights[:, :-1]], axis=1)
    factor = discounts(r.shape[1], gamma)
    b = np.einsum("nt,ntp->np", weights * factor, x) - np.einsum("nt,ntp->np", before * factor, y)
    return np.asarray((weights * r) @ factor), b


def least_variance(a: Float, b: Float) -> Float:
    """More robust doubly robust (Farajtabar, Chow and Ghavamzadeh, 2018): the model of least doubly robust variance.

    They estimate that variance turn by turn. For a linear model it is a quadratic form, so its minimum is the least
    squares of ``a`` on ``b`` with an intercept; see ``variance_columns``. How much the coefficients are held back is
    chosen by generalised cross-validation (Golub, Heath and Wahba, 1979): of ``HOLDS``, what makes
    ``n |rest|^2 / (n - trace)^2`` least. Where no column varies (all conversations alike), the model is 0.

    Args:
        a: (n,)
        b: (n, P)
    """
    n = len(a)
    centred, wanted = b - b.mean(axis=0), a - a.mean()
    left, size, right = np.linalg.svd(centred, full_matrices=False)
    part = left.T @ wanted
    outside = max(float(wanted @ wanted - part @ part), 0.0)
    best, least = np.zeros(b.shape[1]), np.inf
    for hold in HOLDS * float((size * size).mean()):
        kept = np.divide(size * size, size * size + hold, out=np.zeros_like(size), where=size > 0)
        rest = outside + float((((1.0 - kept) * part) ** 2).sum())
        score = n * rest / (n - 1.0 - float(kept.sum())) ** 2 if n - 1.0 > kept.sum() else np.inf
        if score < least:
            shrunk = np.divide(kept * part, size, out=np.zeros_like(size), where=size > 0)
            best, least = right.T @ shrunk, score
    return np.asarray(best)


def folds(n: int, count: int = 5) -> npt.NDArray[np.int64]:
    """The fold of each of n conversations: 0 .. count - 1 in turn."""
    return np.arange(n) % min(count, n)

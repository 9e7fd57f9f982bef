"""Estimators of a policy's value from another policy's logs: pure functions of arrays.

Notation: n conversations of at most T turns; ``r (n, T)`` rewards, 0 after the end; ``rho (n, T)`` ratios
``pi(a | s) / mu(a | s)`` of the policy judged (pi) and the one that was logged (mu), 1 after the end;
``w_t = rho_0 ... rho_t`` and ``w_{-1} = 1``; gamma the discount. Every function that averages gives one value a
conversation, ``(n,)``, whose mean is the estimate, so that intervals are those of a mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


def ratios(target: Float, logged: Float) -> Float:
    """``pi(a | s) / mu(a | s)`` of the actions logged, any shape.

    Raises:
        ConfigError: A logged action had no chance, or either is no probability.
    """
    for name, values in (("policy", target), ("log", logged)):
        if not (np.isfinite(values) & (values >= 0) & (values <= 1 + 1e-9)).all():
            raise ConfigError(f"Chances must lie in [0, 1]; those of the {name} do not.")
    if (logged <= 0).any():
        raise ConfigError(
            f"{int((logged <= 0).sum())} logged actions have a propensity of 0, which cannot have been drawn. Log "
            "with the chances that the actions were drawn from."
        )
    return np.asarray(target / logged)


def check_support(target: Float, logged: Float, name: str) -> None:
    """See that the log's policy may do all that the policy judged may do, where it was logged.

    Args:
        target: (m, W) chances of the policy judged.
        logged: (m, W) chances of the log.
        name: Of the policy judged.

    Raises:
        ConfigError: It may not: no log of it can tell what the other actions would have brought.
    """
    apart = np.asarray(((target > 0) & (logged <= 0)).any(axis=1))
    if apart.any():
        raise ConfigError(
            f"{name} may take actions that the log's policy never takes (at {int(apart.sum())} of {len(apart)} "
            "decisions). Nothing in the log tells what they bring. Log with a policy that draws among all actions: "
            "chatrec log greedy:epsilon=0.3, or chatrec serve --explore 0.05 where real people are logged."
        )


def discounts(turns: int, gamma: float) -> Float:
    """``gamma ** t`` for t = 0 .. T - 1."""
    return np.asarray(gamma ** np.arange(turns))


def cumulative(rho: Float) -> Float:
    """``w (n, T)``, the product of the ratios up to and with each turn."""
    return np.asarray(np.cumprod(rho, axis=1), np.float64)


def ips(r: Float, rho: Float, gamma: float = 1.0) -> Float:
    """Trajectory importance sampling: ``w_{T-1} * sum_t gamma^t r_t`` (Precup, Sutton and Singh, 2000). Unbiased."""
    return np.asarray(rho.prod(axis=1) * (r @ discounts(r.shape[1], gamma)))


def clipped(r: Float, rho: Float, gamma: float = 1.0, most: float = 10.0) -> Float:
    """IPS with weights of at most ``most``: ``min(w_{T-1}, most) * sum_t gamma^t r_t`` (Ionides, 2008).

    Biased towards 0, and never wild.
    """
    return np.asarray(np.minimum(rho.prod(axis=1), most) * (r @ discounts(r.shape[1], gamma)))


def snips(r: Float, rho: Float, gamma: float = 1.0) -> tuple[Float, Float]:
    """Self-normalised IPS: ``sum_i w_i G_i / sum_i w_i`` (Hesterberg, 1995; Swaminathan and Joachims, 2015).

    Returns:
        Numerators and denominators ``(n,)``, the estimate being the ratio of their sums. Biased by O(1/n).
    """
    weights = rho.prod(axis=1)
    return np.asarray(weights * (r @ discounts(r.shape[1], gamma))), np.asarray(weights)


def per_decision(r: Float, rho: Float, gamma: float = 1.0) -> Float:
    """Per-decision importance sampling: ``sum_t gamma^t w_t r_t`` (Precup, Sutton and Singh, 2000). Unbiased.

    A reward is weighed by what was done up to it, not by what came after.
    """
    return np.asarray((cumulative(rho) * r) @ discounts(r.shape[1], gamma))


def doubly_robust(r: Float, rho: Float, q: Float, v: Float, gamma: float = 1.0) -> Float:
    """Sequential doubly robust (Jiang and Li, 2016; their recursion written out as Thomas and Brunskill, 2016, do).

    ``sum_t gamma^t (w_{t-1} v_t + w_t (r_t - q_t))``: unbiased whatever q is, if v is its mean under pi.

    Args:
        r: (n, T)
        rho: (n, T)
        q: (n, T) values of the actions logged, 0 after the end.
        v: (n, T) values of the states under pi, 0 after the end.
        gamma: Discount.
    """
    w = cumulative(rho)
    before = np.concatenate([np.ones((len(w), 1)), w[:, :-1]], axis=1)
    return np.asarray((before * v + w * (r - q)) @ discounts(r.shape[1], gamma))


def weighted_returns(r: Float, rho: Float, gamma: float = 1.0) -> Float:
    """What each turn led to, ``(n, T)``: ``G_t = r_t + gamma rho_{t+1} G_{t+1}``, unbiased for ``Q_pi(s_t, a_t)``."""
    out = np.zeros_like(r)
    coming = np.zeros(len(r))
    for t in range(r.shape[1] - 1, -1, -1):
        out[:, t] = r[:, t] + gamma * coming
        coming = rho[:, t] * out[:, t]
    return out


def effective_size(weights: Float) -> float:
    """Kish's (1965) effective sample size ``(sum w)^2 / sum w^2``: n for even weights, 1 where one weighs all."""
    square = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / square if square > 0 else 0.0


def largest_share(weights: Float) -> float:
    """The share of all weight that the largest one has."""
    total = float(weights.sum())
    return float(weights.max(initial=0.0)) / total if total > 0 else 1.0


def overlap(target: Float, logged: Float) -> float:
    """Mean over decisions of ``sum_a min(pi(a | s), mu(a | s))``, in [0, 1]: 1 for equal policies, 0 for disjoint ones.

    Args:
        target: (m, A) probabilities of the policy judged.
        logged: (m, A) of the log.
    """
    return float(np.minimum(target, logged).sum(axis=1).mean())

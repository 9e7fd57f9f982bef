"""How a person changes during a conversation: satiation, satisfaction, leaving, trust, drift. Pure functions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]


def satiate(
    satiation: npt.NDArray[np.float32], consumed: npt.NDArray[np.float32], decay: float
) -> npt.NDArray[np.float32]:
    """``s' = decay * s + x`` on the values of what was consumed (Leqi et al., 2021, linear satiation dynamics).

    Args:
        satiation: (N, V) before.
        consumed: (N, V) weighted values of the accepted item, 0 where nothing was accepted.
        decay: Share that remains after a turn.
    """
    return (np.float32(decay) * satiation + consumed).astype(np.float32)


def satisfy(satisfaction: Float, reaction: Float, memory: float) -> Float:
    """Moving average ``m' = memory * m + (1 - memory) * reaction``, as RecSim's long-term satisfaction."""
    return memory * satisfaction + (1.0 - memory) * reaction


def leaving_logit(
    satisfaction: Float,
    waiting: Float,
    excess_questions: Float,
    *,
    base: float,
    by_satisfaction: float,
    by_waiting: float,
    by_questions: float,
) -> Float:
    """Logit of leaving, a discrete-time hazard (Cox, 1972): waiting and questions raise it, satisfaction lowers it."""
    return base - by_satisfaction * satisfaction + by_waiting * waiting + by_questions * excess_questions


def trust_after(
    trust: Float, given: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_], gain: float, loss: float
) -> Float:
    """A true reason closes a share of the gap to full trust, a false one destroys a share of it.

    Asymmetric, since trust is lost faster than won (Slovic, 1993).
    """
    return np.where(given, np.where(true, trust + gain * (1.0 - trust), trust * (1.0 - loss)), trust)


def drift_step(
    desire: npt.NDArray[np.float32], consumed: npt.NDArray[np.float32], reaction: Float, rate: float
) -> npt.NDArray[np.float32]:
    """Tastes move toward what was enjoyed, ``d' = d + rate * reaction * x``, kept on the 1/64 grid.

    Mere-exposure and preference shift as in Kalimeris et al. (2021).

    Args:
        desire: (N, V) before.
        consumed: (N, V) weighted values of the accepted item, 0 where nothing was accepted.
        reaction: (N,) in [-1, 1].
        rate: Step size.
    """
    step = np.rint(rate * reaction[:, None] * consumed * 64.0) / 64.0
    return np.clip(desire + step, -8.0, 8.0).astype(np.float32)


def return_chance(satisfaction: Float, *, base: float, by_satisfaction: float) -> Float:
    """Chance that someone who has gone comes back: ``sigmoid(base + by_satisfaction * satisfaction)``, (N,)."""
    chance: Float = 1.0 / (1.0 + np.exp(-(base + by_satisfaction * satisfaction)))
    return chance


def days_away(
    satisfaction: Float, uniform: Float, *, mean: float, by_satisfaction: float
) -> npt.NDArray[np.int64]:
    """Whole days until someone comes back, (N,), at least 1: the sooner, the better it was.

    Exponential with mean ``mean * exp(-by_satisfaction * satisfaction)``, rounded up: a constant return hazard with
    satisfaction as a covariate (Kapoor et al., 2014).
    """
    scale = mean * np.exp(-by_satisfaction * satisfaction)
    return np.maximum(np.ceil(-np.log1p(-uniform) * scale), 1).astype(np.int64)

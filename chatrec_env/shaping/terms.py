"""Further reward terms: functions of what happened in a turn of N conversations; ``(N,)`` float64 each, unweighted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rewards import ASK, CONFIRM, Happened
from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.shaping.potentials import earned

Float = npt.NDArray[np.float64]

AGREES = (UserAct.YES, UserAct.ACCEPT, UserAct.THANK, UserAct.LIKED_ITEM, UserAct.MORE_LIKE_THAT)
"""Acts that, as they were read, count as agreement in words."""

AGREEMENT = np.uint64(sum(1 << int(act) for act in AGREES))


def turn(happened: Happened) -> Float:
    """1 for every turn; with a negative weight, a cost of time."""
    return np.ones(len(happened.user.leave))


def question(happened: Happened) -> Float:
    """1 for a question or a confirmation."""
    return np.isin(happened.system.act, (ASK, CONFIRM)).astype(np.float64)


def at_end(happened: Happened) -> Float:
    """What ``potentials.earned`` comes to, once, when the person leaves or the system closes; 0 before.

    A truncated conversation was cut before its end and is not paid; its value is what a learner bootstraps there.
    """
    ended = happened.user.leave | (happened.system.act == SystemAct.CLOSE)
    return np.where(ended, earned(happened.manager, happened.after), 0.0)


def delight(happened: Happened) -> Float:
    """1 for an accepted item rated 5."""
    return (happened.user.stars == 5).astype(np.float64)


def agreement(happened: Happened) -> Float:
    """1 where the person's words, as they were read, agree, thank or praise."""
    return ((happened.after.remarks & AGREEMENT) > 0).astype(np.float64)


def diversity(happened: Happened) -> Float:
    """1 less the largest cosine, in factors, of a recommended item with those shown before, in [0, 1].

    The mean over the slate; 0 where nothing is recommended, or nothing was shown before.
    """
    factors = happened.manager.catalog.arrays.factors.astype(np.float64)
    unit = factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-9)
    slate, shown = happened.system.slate, happened.before.shown
    cosine = np.einsum("nsc,ntc->nst", unit[slate], unit[shown])
    nearest = np.where((shown >= 0)[:, None, :], cosine, -np.inf).max(2)  # (N, S)
    recommended = np.asarray(happened.system.act == SystemAct.RECOMMEND)
    counts = (slate >= 0) & (recommended & (shown >= 0).any(1))[:, None]
    unlike = np.where(counts, 1.0 - np.clip(nearest, 0.0, 1.0), 0.0)
    return np.asarray(unlike.sum(1) / np.maximum(counts.sum(1), 1))


def curiosity(happened: Happened) -> Float:
    """Information gained about tastes in nats: ``log(det P / det P') / 2`` of the estimated preference's covariance.

    The gain that an agent driven by curiosity looks for (Houthooft et al., 2016, VIME), here of the system's own belief
    about the person, in closed form. It is a difference of what is known, but paid without discount and kept at the
    end: no potential-based shaping.
    """
    before, after = (np.linalg.slogdet(d.preference.covariance.astype(np.float64))[1] for d in happened[1:3])
    return np.asarray(0.5 * (before - after))


def retention(happened: Happened) -> Float:
    """1 where the person is still there after the turn."""
    return (~happened.user.leave & (happened.system.act != SystemAct.CLOSE)).astype(np.float64)


def true_satisfaction(happened: Happened) -> Float:
    """The person's own satisfaction after the turn, in [-1, 1]; an oracle's."""
    return np.asarray(happened.reveal()["satisfaction"], np.float64)

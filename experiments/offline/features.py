"""Columns of state and action that the value models of off-policy evaluation are linear in.

A model of values is ``Q(s, a) = w . phi(s, a)``, so the value of a policy's state, ``sum_a pi(a | s) Q(s, a)``, is
``w . phi_pi(s)`` with the expected columns ``phi_pi(s) = sum_a pi(a | s) phi(s, a)``. Both are noted turn by turn, and
every estimator is a function of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from agents.stochastic import n_heads
from chatrec_env.core.actions import SlateActions, StrategyActions
from chatrec_env.core.state import ACCEPTED, ANSWERED, ASKED, IGNORED

Float = npt.NDArray[np.float64]


def choices(decision: Decision, chances: Float) -> Float:
    """Chances ``(N, C)`` of the choices the columns tell apart.

    On slates those of questions (and of answering), then of each candidate to stand on top; otherwise of the actions.
    """
    task = decision.task
    if not isinstance(task.actions, SlateActions):
        return chances
    heads = n_heads(task)
    return np.concatenate([chances[:, 1:heads], chances[:, :1] * chances[:, heads:]], axis=1)


def chosen(decision: Decision, actions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The choice ``(N,)`` that each action stands for."""
    task = decision.task
    if not isinstance(task.actions, SlateActions):
        return actions
    free = n_heads(task) - 1
    return np.where(actions[:, 0] > 0, actions[:, 0] - 1, free + actions[:, 1])


def state_columns(decision: Decision) -> Float:
    """What is known of the conversation, ``(N, P)``: turns left, questions, what was accepted, the best score."""
    d, turns = decision.dialogue, decision.task.manager.max_turns
    present = decision.view.present
    ranked = np.sort(np.where(present, d.scores, -1.0), axis=1)[:, ::-1]
    clicks = np.maximum(d.clicks, 1)
    left = (turns - d.turn) / turns
    columns = [
        np.ones(len(d.turn)),
        left,
        left * left,
        left * ranked[:, 0],
        ranked[:, 0],
        ranked[:, : min(4, ranked.shape[1])].mean(axis=1),
        left * (d.clicks / np.maximum(d.turn, 1)),
        d.stars / clicks,
        left * np.minimum(d.waiting, 4),
        left * np.minimum(d.refusals, 4),
        np.minimum(d.questions, 4),
        (d.status == ANSWERED).mean(axis=1),
        d.outcome == ACCEPTED,
        d.outcome == IGNORED,
        d.outcome == ASKED,
    ]
    return np.stack([np.asarray(c, np.float64) for c in columns], axis=1)


def choice_columns(decision: Decision) -> Float:
    """What tells the choices of a state apart, ``(N, C, G)``."""
    d, task, view = decision.dialogue, decision.task, decision.view
    n, turns = len(d.turn), task.manager.max_turns
    left = (turns - d.turn) / turns
    best = np.where(view.present, d.scores, -1.0).max(axis=1)
    context = np.stack([np.ones(n), left, best, np.minimum(d.questions, 4), np.minimum(d.waiting, 4)], axis=1)
    wide = context.shape[1]
    if isinstance(task.actions, StrategyActions):
        count = task.actions.n
        out = np.zeros((n, count, count * wide))
        for a in range(count):
            out[:, a, a * wide : (a + 1) * wide] = context
        return out
    catalog, k = task.manager.catalog, task.manager.n_candidates
    askable = [f for f, facet in enumerate(catalog.facets) if facet.askable]
    free = (n_heads(task) - 1) if isinstance(task.actions, SlateActions) else task.actions.n - k
    out = np.zeros((n, free + k, wide + 3 + 1 + 6))
    asks = slice(0, len(askable))
    out[:, asks, :wide] = context[:, None]
    out[:, asks, wide] = task.manager.beliefs.question_values(d)[:, askable]
    out[:, asks, wide + 1] = d.asked[:, askable]
    out[:, asks, wide + 2] = out[:, asks, wide] * left[:, None]
    out[:, len(askable) : free, wide + 3] = 1.0  # answering
    scores = np.where(view.present, d.scores, 0.0)
    for i, column in enumerate(
        (scores, scores * left[:, None], view.overlap, view.refused, view.uncertainty, scores * scores)
    ):
        out[:, free:, wide + 4 + i] = column
    return out


class Columns:
    """The columns of a decision, worked out once for what was done and for any number of policies."""

    def __init__(self, decision: Decision) -> None:
        self._decision = decision
        self._state, self._choices = state_columns(decision), choice_columns(decision)

    def done(self, actions: npt.NDArray[np.int64]) -> Float:
        """``phi(s, a)`` of actions, ``(N, P + G)``."""
        own = chosen(self._decision, actions)
        return np.concatenate([self._state, self._choices[np.arange(len(own)), own]], axis=1)

    def expected(self, chances: Float) -> Float:
        """``phi_pi(s)`` of a policy with these chances, ``(N, P + G)``."""
        mean = (choices(self._decision, chances)[:, None, :] @ self._choices)[:, 0]
        return np.concatenate([self._state, mean], axis=1)

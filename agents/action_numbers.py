"""What heuristics do as numbers of every action set, and slates of candidates from their scores.

Slates are pure functions of arrays: (N, K) in, places (N, S) out, no place twice, the top of the slate first. A row
with fewer than S present candidates is filled up with -1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from chatrec_env.catalog import Catalog
from chatrec_env.core.actions import STRATEGIES, SlateActions, StrategyActions
from chatrec_env.core.records import size

Actions = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Present = npt.NDArray[np.bool_]
Slates = npt.NDArray[np.int64]


class ActionNumbers:
    """Questions and recommendations for the N conversations of a decision.

    On ``"items"`` actions the question is the legal one whose answer would tell most, and the recommendation the
    candidate of highest utility. On ``"strategy"`` actions they are ``ask``, and ``exploit`` or ``diversify``. On
    ``"slate"`` actions, ``(N, 1 + S)``, a recommendation is a slate: the S candidates of highest utility.
    """

    def __init__(self, decision: Decision) -> None:
        self._decision, actions = decision, decision.task.actions
        self._strategies = isinstance(actions, StrategyActions)
        self._first_question = 1 if isinstance(actions, SlateActions) else 0
        self._slate_size = decision.task.manager.slate_size if isinstance(actions, SlateActions) else 0
        self._answer = actions.names.index("answer") if decision.task.manager.talks else None

    def ask(self) -> tuple[Actions, npt.NDArray[np.bool_]]:
        """The number of the question to ask, and whether any is legal, both (N,)."""
        decision = self._decision
        if self._strategies:
            place = STRATEGIES.index("ask")
            return np.full(len(decision), place, np.int64), decision.mask[:, place]
        catalog, first = decision.task.manager.catalog, self._first_question
        askable = [f for f, facet in enumerate(catalog.facets) if facet.askable]
        if not askable:
            return np.zeros(len(decision), np.int64), np.zeros(len(decision), np.bool_)
        worth = decision.task.manager.beliefs.question_values(decision.dialogue)[:, askable]
        legal = decision.mask[:, first : first + len(askable)]
        return first + np.where(legal, worth, -np.inf).argmax(axis=1), np.asarray(legal.any(axis=1))

    def recommend_best(self, utility: npt.NDArray[np.float32], *, diverse: bool = False) -> Actions:
        """Recommend the present candidates of highest utility, (N,) or (N, 1 + S); ties to the better match.

        Args:
            utility: (N, K) of the candidates; ignored on ``"strategy"`` actions, which do not name any.
            diverse: Whether ``"strategy"`` actions should diversify rather than exploit.
        """
        decision = self._decision
        if self._strategies:
            return np.full(len(decision), STRATEGIES.index("diversify" if diverse else "exploit"), np.int64)
        if self._slate_size:
            return recommend_slate(greedy_slate(utility, decision.view.present, self._slate_size))
        best = np.where(decision.view.present, utility, -np.inf).argmax(axis=1)
        return decision.task.actions.fallback + best

    def choose(self, ask: npt.NDArray[np.bool_], recommendation: Actions) -> Actions:
        """Ask where ``ask (N,)`` and a question is legal, or where nothing is left to recommend.

        Whoever has asked something themselves is answered first.
        """
        numbers = recommendation[:, 0] if self._slate_size else recommendation
        can_recommend = self._decision.mask[np.arange(len(numbers)), numbers]
        wanted = ask | ~can_recommend
        if wanted.any():
            question, can_ask = self.ask()
            numbers = np.where(wanted & can_ask, question, numbers)
        if self._answer is not None:
            numbers = np.where(self._decision.mask[:, self._answer], self._answer, numbers)
        return np.column_stack([numbers, recommendation[:, 1:]]) if self._slate_size else numbers


def recommend_slate(places: npt.NDArray[np.int64]) -> Actions:
    """``"slate"`` actions ``(N, 1 + S)`` that recommend the candidates in ``places (N, S)``, -1 where none.

    An empty place names the first candidate again, which is shown once.
    """
    first = np.maximum(places[:, :1], 0)
    return np.concatenate([np.zeros_like(first), np.where(places < 0, first, places)], axis=1)


def setting_match(decision: Decision) -> npt.NDArray[np.float32]:
    """What candidates have of that which goes with the time of day and the device, less what does not, (N, K).

    In units of a wish times a facet's weight. Values that the person has said anything about count nothing: the word
    of a person goes before a habit of people.
    """
    d, catalog = decision.dialogue, decision.task.manager.catalog
    habit = np.zeros((size(d), catalog.n_values), np.int8)
    for column, wishes in enumerate((catalog.time_wishes, catalog.device_wishes)):
        seen = np.flatnonzero(d.situational_context[:, column] >= 0)
        habit[seen] += wishes[d.situational_context[seen, column]]
    habit = np.sign(habit) * (d.wishes == 0)
    return np.einsum("nkv,nv->nk", catalog.weighted_values[d.candidates], habit.astype(np.float32))


def greedy_slate(scores: Scores, present: Present, size: int) -> Slates:
    """The candidates of highest score, best first; ties to the lower place.

    Args:
        scores: (N, K) utilities.
        present: (N, K) whether a place holds a candidate.
        size: S, at least 1.
    """
    order = np.argsort(-np.where(present, scores, -np.inf), axis=1, kind="stable")[:, :size]
    return _filled(order, np.take_along_axis(present, order, axis=1), size)


def random_slate(present: Present, uniforms: npt.NDArray[np.float64], size: int) -> Slates:
    """Candidates in an order drawn evenly among all orders, (N, S).

    Args:
        present: (N, K) whether a place holds a candidate.
        uniforms: (N,) draws in [0, 1), one a row.
        size: S, at least 1.
    """
    n, k = present.shape
    slates = np.full((n, size), -1, np.int64)
    left, rest = present.copy(), np.array(uniforms, np.float64)
    for s in range(min(size, k)):
        # One draw gives all places: its first digit in base ``count`` picks one, and what is left of it is even again.
        count = left.sum(axis=1)
        scaled = rest * count
        which = np.minimum(scaled.astype(np.int64), count - 1)
        rest = np.minimum(scaled - which, np.nextafter(1.0, 0.0))
        some = count > 0
        place = (left & (np.cumsum(left, axis=1) == which[:, None] + 1)).argmax(axis=1)
        slates[some, s] = place[some]
        left[some, place[some]] = False
    return slates


def mmr_slate(
    scores: Scores, similarity: npt.NDArray[np.float32], present: Present, size: int, trade_off: float
) -> Slates:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998): good candidates that are unlike those above them.

    Place by place, the candidate of highest ``trade_off * score - (1 - trade_off) * m``, where ``m`` is its largest
    similarity to a candidate already on the slate, 0 for the first place; ties to the lower place.

    Args:
        scores: (N, K) utilities.
        similarity: (N, K, K) of each pair of candidates, in units of the scores.
        present: (N, K) whether a place holds a candidate.
        size: S, at least 1.
        trade_off: Weight in [0, 1] of the score; 1 is ``greedy_slate``.
    """
    n, k = scores.shape
    every, slates = np.arange(n), np.full((n, size), -1, np.int64)
    left, closest = present.copy(), np.zeros((n, k), np.float32)
    for s in range(min(size, k)):
        worth = np.float32(trade_off) * scores - np.float32(1 - trade_off) * closest
        place = np.where(left, worth, -np.inf).argmax(axis=1)
        some = left.any(axis=1)
        slates[some, s] = place[some]
        left[every, place] = False
        new = similarity[every, place]
        closest = new.copy() if s == 0 else np.maximum(closest, new)
    return slates


def sating_similarity(
    catalog: Catalog, candidates: npt.NDArray[np.int32], sating: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """Cosine similarity of candidates in the values that users tire of, (N, K, K) in [0, 1], 1 on the diagonal.

    Args:
        catalog: The catalogue.
        candidates: (N, K) items.
        sating: (V,) whether a value satiates.
    """
    values = catalog.weighted_values[candidates] * sating  # (N, K, V)
    lengths = np.sqrt((values * values).sum(axis=2, keepdims=True))
    unit = values / np.maximum(lengths, np.float32(1e-6))
    return np.asarray(np.einsum("nkv,njv->nkj", unit, unit), np.float32)


def _filled(order: npt.NDArray[np.intp], there: Present, size: int) -> Slates:
    """``order (N, <= S)`` with -1 where nothing is ``there``, and up to S."""
    slates = np.full((len(order), size), -1, np.int64)
    slates[:, : order.shape[1]] = np.where(there, order, -1)
    return slates

"""Questions and recommendations of heuristics as action numbers, for every action set."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from agents.slates import greedy_slate
from chatrec_env.core.actions import STRATEGIES, SlateActions, StrategyActions
from chatrec_env.core.records import size

Actions = npt.NDArray[np.int64]


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
        """Ask where ``ask (N,)`` and a question is legal, or where nothing is left to recommend."""
        numbers = recommendation[:, 0] if self._slate_size else recommendation
        can_recommend = self._decision.mask[np.arange(len(numbers)), numbers]
        wanted = ask | ~can_recommend
        if not wanted.any():
            return recommendation
        question, can_ask = self.ask()
        numbers = np.where(wanted & can_ask, question, numbers)
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
        seen = np.flatnonzero(d.setting[:, column] >= 0)
        habit[seen] += wishes[d.setting[seen, column]]
    habit = np.sign(habit) * (d.wishes == 0)
    return np.einsum("nkv,nv->nk", catalog.weighted_values[d.candidates], habit.astype(np.float32))

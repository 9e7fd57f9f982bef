"""Questions and recommendations of heuristics as action numbers, for either action set."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from chatrec_env.core.actions import STRATEGIES, ItemActions
from chatrec_env.core.records import size

Actions = npt.NDArray[np.int64]


class ActionNumbers:
    """Questions and recommendations for the N conversations of a decision.

    On ``"items"`` actions the question is the legal one whose answer would tell most, and the recommendation
    the candidate of highest utility. On ``"strategy"`` actions they are ``ask``, and ``exploit`` or
    ``diversify``.
    """

    def __init__(self, decision: Decision) -> None:
        self._decision = decision
        self._named = isinstance(decision.task.actions, ItemActions)

    def ask(self) -> tuple[Actions, npt.NDArray[np.bool_]]:
        """The question to ask, and whether any is legal, both (N,)."""
        decision = self._decision
        if not self._named:
            place = STRATEGIES.index("ask")
            return np.full(len(decision), place, np.int64), decision.mask[:, place]
        catalog = decision.task.manager.catalog
        askable = [f for f, facet in enumerate(catalog.facets) if facet.askable]
        if not askable:
            return np.zeros(len(decision), np.int64), np.zeros(len(decision), np.bool_)
        worth = decision.task.manager.beliefs.question_values(decision.dialogue)[:, askable]
        legal = decision.mask[:, : len(askable)]
        return np.where(legal, worth, -np.inf).argmax(axis=1), np.asarray(legal.any(axis=1))

    def recommend_best(self, utility: npt.NDArray[np.float32], *, diverse: bool = False) -> Actions:
        """Recommend the present candidate of highest utility, (N,); ties to the better match.

        Args:
            utility: (N, K) of the candidates; ignored on ``"strategy"`` actions, which do not name any.
            diverse: Whether ``"strategy"`` actions should diversify rather than exploit.
        """
        decision = self._decision
        if not self._named:
            return np.full(len(decision), STRATEGIES.index("diversify" if diverse else "exploit"), np.int64)
        best = np.where(decision.view.present, utility, -np.inf).argmax(axis=1)
        return decision.task.actions.fallback + best

    def choose(self, ask: npt.NDArray[np.bool_], recommendation: Actions) -> Actions:
        """Ask where ``ask (N,)`` and a question is legal, or where nothing is left to recommend."""
        can_recommend = self._decision.mask[np.arange(len(recommendation)), recommendation]
        wanted = ask | ~can_recommend
        if not wanted.any():
            return recommendation
        question, can_ask = self.ask()
        return np.where(wanted & can_ask, question, recommendation)


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

"""The assistant's side of a turn: read, look up candidates, and put a chosen act into words.

The environment, the evaluators and the served policy all run this code, which is why a replayed
conversation gives the same observations everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.state import ASKED, NOTHING, Dialogue, empty_dialogue
from chatrec_env.core.user_simulator import SystemTurn, UserTurn
from chatrec_env.dialogue.beliefs import Beliefs
from chatrec_env.dialogue.preference import MOST_TASTE, gated_mean, prior_preference
from chatrec_env.dialogue.tracker import Tracker, TrackerConfig
from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.grammar import Form
from chatrec_env.retrieval.retriever import (
    EXCLUDED,
    GRID,
    RetrievalConfig,
    Retriever,
    UsesLoops,
    carried_values,
    compiled_loops,
)

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable
    from chatrec_env.retrieval.collaborative import Factors

ENTITY_BONUS = np.float32(2.0)
"""Utility added to (or taken from) the items of a named person."""

AKIN = np.float32(0.25)
"""Likeness to the best-rated item (inner product of content factors) above which it is given as the reason."""

PRAISED = np.float32(0.5)
"""Acclaim from which that is given as the reason."""

SPOKEN = (
    Form.S_ASK,
    Form.S_CONFIRM,
    Form.S_RECOMMEND,
    Form.S_CLOSE,
    Form.S_ITEM,
    Form.S_EXPLAIN_VALUE,
    Form.S_EXPLAIN_ITEM,
    Form.S_EXPLAIN_ACCLAIM,
    Form.S_EXPLAIN_POPULAR,
)
"""Forms of the system's turn: openers, the item, the reasons; in the order the compiled loop numbers them."""


@dataclass(slots=True)
class View:
    """What can be worked out about the candidates of this turn, all ``(N, K)``."""

    present: npt.NDArray[np.bool_]  # an unseen item lies in this place
    wanted: npt.NDArray[np.float32]  # weight of stated wishes the item meets
    unwanted: npt.NDArray[np.float32]  # weight of stated dislikes it runs into
    overlap: npt.NDArray[np.float32]  # likeness to what was accepted lately, decayed
    refused: npt.NDArray[np.float32]  # likeness to the suggestion just ignored
    taste: npt.NDArray[np.float32]  # utility the estimated preference adds
    uncertainty: npt.NDArray[np.float32]  # standard deviation of that estimate


class DialogueManager(UsesLoops):
    """Everything on the system's side of N conversations, given by catalogue and sentence table.

    Args:
        catalog: The items.
        table: Sentences, with their acts and encodings.
        n_candidates: K candidates a turn.
        max_turns: Turns after which a conversation is cut off.
        tracker: Strengths of the belief update.
        retrieval: Blend weights.
        factors: Collaborative factors, where the blend has a weight for them.
    """

    def __init__(
        self,
        catalog: Catalog,
        table: SentenceTable,
        *,
        n_candidates: int = 12,
        max_turns: int = 20,
        tracker: TrackerConfig | None = None,
        retrieval: RetrievalConfig | None = None,
        factors: Factors | None = None,
    ) -> None:
        if isinstance(max_turns, bool) or not isinstance(max_turns, int) or not 1 <= max_turns <= 1000:
            raise ConfigError(f"max_turns must be an integer in [1, 1000], got {max_turns!r}.")
        self.catalog, self.table, self.grammar = catalog, table, table.grammar
        self.n_candidates, self.max_turns = n_candidates, max_turns
        self.retriever = Retriever(catalog, n_candidates, retrieval, factors)
        self.factors = factors if self.retriever.config.collaborative > 0 else None
        self.tracker = Tracker(catalog, table, tracker, self.retriever.config)
        self.beliefs = Beliefs(catalog, self.tracker.config)
        self._loops = compiled_loops()
        self._forms = np.array([self.grammar.code(form) for form in SPOKEN], np.int64)
        self._index_values(catalog)

    def _index_values(self, catalog: Catalog) -> None:
        """Each item's value numbers, padded with V: looking up 15 values beats multiplying 140."""
        rows, weights = carried_values(catalog)
        self._carried, self._carried_weights = (
            rows.T.astype(np.intp),
            np.ascontiguousarray(weights.T),
        )  # (C, I)
        sating = np.append(self.tracker.sating, False)
        self._carried_sating = self._carried_weights * sating[self._carried]
        # The same an item a row, for the loops, which look at one item after the other.
        self._rows = rows, weights, np.ascontiguousarray(self._carried_sating.T)

    @property
    def compiled(self) -> ModuleType | None:
        """The compiled loops, or None."""
        return self._loops

    def open(self, n: int) -> Dialogue:
        """N conversations in which nobody has spoken."""
        catalog = self.catalog
        return empty_dialogue(
            n,
            n_facets=catalog.n_facets,
            n_values=catalog.n_values,
            width=self.table.encoder.dim,
            max_turns=self.max_turns,
            slate_size=1,
            n_candidates=self.n_candidates,
            preference=prior_preference(n, catalog.factors.shape[1], self.tracker.config.variance),
            kindred=self.factors.strangers(n) if self.factors else None,
        )

    def remember(self, dialogue: Dialogue, past: RatingHistory) -> None:
        """Take in what people rated before they came, in place: what they like, and what they have seen.

        It moves the estimated preference over content factors and the place among the collaborative ones. What was
        rated is never put on the table, as what was shown is not.
        """
        dialogue.past = past
        if not past.items.shape[1]:
            return
        dialogue.preference = self.tracker.recollect(past)
        if self.factors is not None:
            dialogue.kindred = self.factors.fold_in(past.items, past.stars)

    def hear(self, dialogue: Dialogue, turn: UserTurn | None, sentences: npt.NDArray[np.int64]) -> None:
        """Take in the person's turn and put fresh candidates on the table, in place.

        Args:
            dialogue: Conversations to update.
            turn: Clicks and ratings, or None for an opening.
            sentences: (N, 4) what the person said.
        """
        if turn is not None:
            self.tracker.feedback(dialogue, turn.click, turn.stars)
            self.relate(dialogue, turn.stars)
        self.tracker.hear(dialogue, sentences)
        self.retrieve(dialogue)

    def relate(self, dialogue: Dialogue, stars: npt.NDArray[np.int8]) -> None:
        """Fold ratings ``(N,)`` of the slate just shown (0: none) into the place among the collaborative factors."""
        rows = np.flatnonzero(stars > 0) if self.factors is not None else ()
        if self.factors is not None and len(rows):
            self.factors.rate(dialogue.kindred, np.asarray(rows), dialogue.slate[rows, 0], stars[rows])

    def retrieve(self, dialogue: Dialogue) -> None:
        """Recompute ``candidates`` and ``scores`` in place."""
        gate, preference = self.tracker.config.gate, dialogue.preference
        if self._loops is not None:
            taste = np.empty_like(preference.mean)
            limits = np.float32(gate), np.float32(GRID), np.float32(MOST_TASTE)
            self._loops.gate_means(preference.mean, preference.covariance, *limits, taste)
        else:
            taste = gated_mean(preference, gate)
        if self.factors is not None:
            taste = np.concatenate([taste, self.factors.taste(dialogue.kindred)], axis=1)
        out = dialogue.shown
        if dialogue.past.items.shape[1]:
            out = np.concatenate([out, dialogue.past.items], axis=1)
        named = np.flatnonzero(dialogue.entities[:, 0] >= 0)

        def favour_people(scores: npt.NDArray[np.float32], part: slice) -> None:
            for row in named[(named >= part.start) & (named < part.stop)]:
                for entity, sign in zip(dialogue.entities[row], dialogue.entity_signs[row], strict=True):
                    if entity >= 0:
                        scores[row - part.start, self.catalog.entity_items[entity]] += ENTITY_BONUS * sign

        dialogue.candidates, dialogue.scores = self.retriever.blend(
            dialogue.wishes,
            taste,
            dialogue.recent,
            out,
            favour_people if len(named) else None,
        )

    def view(self, dialogue: Dialogue) -> View:
        """Features of the candidates on the table."""
        wanted, unwanted, overlap, refused = self._sums(dialogue)
        taste, variance = self._tastes(dialogue)
        return View(
            present=dialogue.scores > EXCLUDED / 2,
            wanted=wanted,
            unwanted=unwanted,
            overlap=overlap,
            refused=refused,
            taste=taste,
            uncertainty=np.sqrt(np.maximum(variance, 0)),
        )

    def _tastes(self, dialogue: Dialogue) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Utility the estimated preference adds to each candidate, and its variance, (N, K) each.

        Sums over factors run from the first to the last, so that they do not depend on who adds up.
        """
        mean, covariance = dialogue.preference.mean, dialogue.preference.covariance
        taste, variance = np.zeros((2, *dialogue.candidates.shape), np.float32)
        if self._loops is not None:
            self._loops.tastes(mean, covariance, dialogue.candidates, self.catalog.factors, taste, variance)
            return taste, variance
        features = self.catalog.factors[dialogue.candidates]  # (N, K, 16)
        for i in range(features.shape[2]):
            projected = np.zeros_like(taste)
            for j in range(features.shape[2]):
                projected += covariance[:, i, j, None] * features[:, :, j]
            taste += mean[:, i, None] * features[:, :, i]
            variance += projected * features[:, :, i]
        return taste, variance

    def _sums(self, dialogue: Dialogue) -> tuple[npt.NDArray[np.float32], ...]:
        """``wanted``, ``unwanted``, ``overlap`` and ``refused`` of ``View``."""
        n, k = dialogue.candidates.shape
        n_values = self.catalog.n_values
        ignored = (dialogue.slate[:, 0] >= 0) & (dialogue.waiting > 0)
        if self._loops is not None:
            sums = np.empty((4, n, k), np.float32)
            self._loops.candidate_sums(
                dialogue.candidates,
                *self._rows,
                self.catalog.weighted_values,
                dialogue.wishes,
                dialogue.recent,
                np.where(ignored, dialogue.slate[:, 0], -1),
                *sums,
            )
            return tuple(sums)
        last = self.catalog.weighted_values[np.maximum(dialogue.slate[:, 0], 0)] * ignored[:, None]
        # Values come first, (C, N, K), so that sums over them run along memory.
        flat = self._carried.take(dialogue.candidates, axis=1)
        flat += (np.arange(n) * (n_values + 1))[:, None]
        source = np.zeros((n, n_values + 1), np.float32)
        source[:, :-1] = dialogue.wishes
        wish = source.ravel().take(flat)
        wish *= self._carried_weights.take(dialogue.candidates, axis=1)
        total = wish.sum(0)
        wanted = np.maximum(wish, 0, out=wish).sum(0)
        sating = self._carried_sating.take(dialogue.candidates, axis=1)
        overlap = self._likeness(dialogue.recent, source, flat, sating)
        return wanted, wanted - total, overlap, self._likeness(last, source, flat, sating)

    def _likeness(
        self,
        trace: npt.NDArray[np.float32],
        source: npt.NDArray[np.float32],
        flat: npt.NDArray[np.intp],
        sating: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float32]:
        """Sum over a candidate's sating values of ``trace (N, V)`` times their weight, (N, K)."""
        source[:, :-1] = trace
        shared = source.ravel().take(flat)
        shared *= sating
        total: npt.NDArray[np.float32] = shared.sum(0)
        return total

    def speak(self, dialogue: Dialogue, turn: SystemTurn, variants: npt.NDArray[np.int64]) -> None:
        """Choose the reason to give, word the turn, and note in the state what was done, in place.

        Args:
            dialogue: Conversations.
            turn: Acts to realise; ``reason`` and ``sentences`` are filled in.
            variants: (N, 2) wording numbers for the opener and the explanation, each in [0, 6).
        """
        if self._loops is not None:
            self._loops.speak(
                turn.act,
                turn.facet,
                turn.value,
                turn.slate,
                variants,
                dialogue.wishes,
                dialogue.favourite,
                *self._rows[:2],
                self.catalog.factors,
                self.catalog.acclaim,
                AKIN,
                PRAISED,
                self._forms,
                self.grammar.starts,
                self.grammar.strides,
                (ASKED, NOTHING),
                turn.reason,
                turn.sentences,
                dialogue.shown,
                dialogue.turn,
                dialogue.questions,
                dialogue.outcome,
                dialogue.asked,
                dialogue.confirmed,
            )
        else:
            self._speak(dialogue, turn, variants)
        dialogue.last_facet = turn.facet.astype(np.int16)
        dialogue.last_value = turn.value.astype(np.int16)
        dialogue.slate = turn.slate
        self.tracker.encode_system(dialogue, turn.sentences)

    def _speak(self, dialogue: Dialogue, turn: SystemTurn, variants: npt.NDArray[np.int64]) -> None:
        """The reason, the sentences, and what the state notes of the act, in NumPy."""
        grammar, n = self.grammar, len(dialogue)
        every = np.arange(n)
        item = turn.slate[:, 0]
        offered = item >= 0
        shown_item = np.maximum(item, 0)
        wish = dialogue.wishes * self.catalog.weighted_values[shown_item]
        best = wish.argmax(1)
        worth = wish[every, best]
        named = offered & (worth > 0)
        turn.reason = np.where(named, best, -1).astype(np.int16)
        fits = (self.catalog.factors[shown_item] * self.catalog.factors[dialogue.favourite]).sum(-1) > AKIN
        akin = offered & ~named & (dialogue.favourite >= 0) & fits
        praised = offered & ~named & ~akin & (self.catalog.acclaim[shown_item] >= PRAISED)
        ask, confirm = turn.act == SystemAct.ASK, turn.act == SystemAct.CONFIRM
        forms = self._forms
        opener = np.select(
            [ask, confirm, offered],
            [forms[0], forms[1], forms[2]],
            forms[3],
        )
        about = np.select([ask, confirm], [turn.facet, turn.value], 0)
        first = grammar.mixed_ids(opener, about, variants[:, 0])
        second = np.where(offered, grammar.ids(Form.S_ITEM, shown_item), -1)
        reason = np.select(
            [named, akin, praised],
            [forms[5], forms[6], forms[7]],
            forms[8],
        )
        about = np.select([named, akin], [best, dialogue.favourite], 0)
        third = grammar.mixed_ids(reason, about, np.where(akin, 0, variants[:, 1]))
        third = np.where(offered, third, -1)
        turn.sentences = np.stack([first, second, third], axis=1).astype(np.int64)
        dialogue.shown[every, dialogue.turn] = item
        dialogue.turn += 1
        questioned = ask | confirm
        dialogue.questions += questioned
        dialogue.outcome = np.where(questioned, ASKED, NOTHING).astype(np.int8)
        dialogue.asked[every[ask], turn.facet[ask]] += 1
        dialogue.confirmed[every[confirm], turn.value[confirm]] = True

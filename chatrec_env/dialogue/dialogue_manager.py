"""The dialogue manager: the system's side of a turn. It reads, looks up candidates, and words the chosen act.

The environment, the evaluators and the served policy all run this code, which is why a replayed
conversation gives the same observations everywhere.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.arrays import CatalogArrays
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import Met, Repeated, renew, rule
from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.records import take
from chatrec_env.core.state import MEANING_SLOTS, Dialogue, empty_dialogue
from chatrec_env.core.user_simulator import SystemTurn, UserTurn
from chatrec_env.dialogue.answers import cards_of, replies_of
from chatrec_env.dialogue.beliefs import Beliefs
from chatrec_env.dialogue.candidates import View, empty_view, look_all
from chatrec_env.dialogue.feedback import Learning, make_room, take_feedback
from chatrec_env.dialogue.hearing import Strengths, asks_first, hear, remarks_of
from chatrec_env.dialogue.meaning import believe, note_meaning
from chatrec_env.dialogue.preference import prior_preference
from chatrec_env.dialogue.speaking import Forms, speak_all
from chatrec_env.dialogue.tracker import Tracker, TrackerConfig
from chatrec_env.errors import ConfigError
from chatrec_env.language.grammar import Form
from chatrec_env.language.sentence_rows import SentenceArrays, all_ready
from chatrec_env.retrieval.collaborative import NO_FIT, Fit, fold_in_rating
from chatrec_env.retrieval.ranking import Blend, Scratch, make_scratch, retrieve
from chatrec_env.retrieval.retriever import RetrievalConfig, Retriever

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable
    from chatrec_env.retrieval.collaborative import Factors

Row = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Signs = npt.NDArray[np.int8]

NO_FEEDBACK = np.zeros(0, np.int8)
"""In place of clicks and ratings where nothing was shown yet."""

MOST_SLATE = 50
"""Largest slate."""


class Known(NamedTuple):
    """What does not change while the system hears what is said."""

    sentences: SentenceArrays  # rows of the sentence table
    catalog: CatalogArrays
    learning: Learning
    strengths: Strengths
    blend: Blend
    fit: Fit


class DialogueManager:
    """Everything on the system's side of N conversations, given by catalogue and sentence table.

    Args:
        catalog: The items.
        table: Sentences, with their acts and encodings.
        n_candidates: K candidates a turn.
        max_turns: Turns after which a conversation is cut off.
        slate_size: S items recommended at once.
        tracker: Strengths of the belief update.
        retrieval: Blend weights.
        factors: Collaborative factors, where the blend has a weight for them.
        talks: Whether it answers questions, mends and closes in words, and gives only reasons that were stated.
    """

    def __init__(
        self,
        catalog: Catalog,
        table: SentenceTable,
        *,
        n_candidates: int = 12,
        max_turns: int = 20,
        slate_size: int = 1,
        tracker: TrackerConfig | None = None,
        retrieval: RetrievalConfig | None = None,
        factors: Factors | None = None,
        talks: bool = False,
    ) -> None:
        if isinstance(max_turns, bool) or not isinstance(max_turns, int) or not 1 <= max_turns <= 1000:
            raise ConfigError(f"max_turns must be an integer in [1, 1000], got {max_turns!r}.")
        tracker = tracker or TrackerConfig()
        self.catalog, self.table, self.grammar = catalog, table, table.grammar
        self.n_candidates, self.max_turns, self.slate_size = n_candidates, max_turns, slate_size
        self.talks = talks
        self.retriever = Retriever(catalog, n_candidates, retrieval, factors, tracker.gate, table)
        if isinstance(slate_size, bool) or not isinstance(slate_size, int):
            raise ConfigError(f"slate_size must be an integer, got {slate_size!r}.")
        if not 1 <= slate_size <= min(n_candidates, MOST_SLATE):
            raise ConfigError(
                f"slate_size must lie in [1, {min(n_candidates, MOST_SLATE)}] with {n_candidates} candidates, got "
                f"{slate_size}."
            )
        self.factors = factors if self.retriever.config.collaborative > 0 else None
        self.tracker = Tracker(catalog, table, tracker, self.retriever.config)
        self.beliefs = Beliefs(catalog, tracker)
        self._fit = self.factors.fit if self.factors else NO_FIT
        self.met = Met()
        self._hear = Repeated(hear_all, 2, self.met)
        self._renew = Repeated(renew, 2, self.met)
        self._speak = Repeated(speak_all, 3, self.met)
        self._known = cast(Known | None, None)
        grammar, code = self.grammar, self.grammar.code
        # Where a table does not tell, nothing is said to be popular.
        known = "popularity" in catalog.declaration.columns
        popular = Form.S_EXPLAIN_POPULAR if known else Form.S_WHY_GUESS
        self._forms = Forms(
            ask=code(Form.S_ASK),
            confirm=code(Form.S_CONFIRM),
            recommend=code(Form.S_RECOMMEND),
            close=code(Form.S_CLOSE),
            item=code(Form.S_ITEM),
            by_value=code(Form.S_EXPLAIN_VALUE),
            by_item=code(Form.S_EXPLAIN_ITEM),
            by_acclaim=code(Form.S_EXPLAIN_ACCLAIM),
            by_popularity=code(popular),
            starts=grammar.starts,
            strides=grammar.strides,
            styles=grammar.styles,
            talks=talks,
            replies=replies_of(grammar),
            cards=cards_of(catalog),
        )

    def open(self, n: int, over: Dialogue | None = None) -> Dialogue:
        """N conversations in which nobody has spoken; in the arrays of as many that are ``over``, where given."""
        if over is None:  # copying is faster than making
            return take(self._blank, np.zeros(n, np.intp))
        self._renew(over, self._blank)
        return over

    @cached_property
    def _blank(self) -> Dialogue:
        catalog = self.catalog
        return empty_dialogue(
            1,
            n_facets=catalog.n_facets,
            n_values=catalog.n_values,
            width=self.table.encoder.dim,
            max_turns=self.max_turns,
            slate_size=self.slate_size,
            n_candidates=self.n_candidates,
            preference=prior_preference(1, catalog.factors.shape[1], self.tracker.config.variance),
            kindred=self.factors.strangers(1) if self.factors else None,
            n_meanings=MEANING_SLOTS if self.semantic else 0,
            n_themes=len(self.retriever.blend.themes.log_share),
        )

    @property
    def semantic(self) -> bool:
        """Whether what is said is matched with what the items' texts mean."""
        return self.retriever.config.semantic > 0

    @property
    def known(self) -> Known:
        """All that the system goes by when it hears something."""
        tracker, known = self.tracker, self._known
        if (
            known is None or known.learning is not tracker.learning
        ):  # a tracker may be put in place of another
            known = self._known = Known(
                sentences=self.table.arrays,
                catalog=self.catalog.arrays,
                learning=tracker.learning,
                strengths=tracker.strengths,
                blend=self.retriever.blend,
                fit=self._fit,
            )
        return known

    def __getstate__(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "_known": None,
        }  # its arrays are the table's own, and those of a copy the copy's

    def remember(self, dialogue: Dialogue, history: RatingHistory) -> Dialogue:
        """The conversations with what people rated before they came: what they like, and what they have seen.

        It moves the estimated preference over content factors and the place among the collaborative ones. What was
        rated is never put on the table, as what was shown is not.
        """
        if not history.items.shape[1]:
            return dialogue._replace(rating_history=history)
        kindred = self.factors.fold_in(history.items, history.stars) if self.factors else dialogue.kindred
        preference = self.tracker.recollect(history)
        return dialogue._replace(rating_history=history, preference=preference, kindred=kindred)

    def hear(self, dialogue: Dialogue, turn: UserTurn | None, sentences: npt.NDArray[np.int64]) -> None:
        """Take in the person's turn and put fresh candidates on the table, in place.

        Args:
            dialogue: Conversations to update.
            turn: Clicks and ratings, or None for an opening.
            sentences: (N, 4) what the person said.

        Raises:
            UnknownSentenceError: A sentence was never handed out by the table.
        """
        click = NO_FEEDBACK if turn is None else np.ascontiguousarray(turn.click, np.int8)
        stars = NO_FEEDBACK if turn is None else np.ascontiguousarray(turn.stars, np.int8)
        table, known = self.table, self.known
        sentences = np.ascontiguousarray(sentences, np.int64)
        if not self._hear(dialogue, known, sentences, click, stars, table.end):
            table.ensure(dialogue.transcript[np.arange(len(sentences)), dialogue.turn])
            self._hear(dialogue, known, sentences, click, stars, table.end)

    def retrieve(self, dialogue: Dialogue) -> None:
        """Recompute ``candidates`` and ``scores`` in place."""
        self.retriever.retrieve(dialogue)

    def relate(self, dialogue: Dialogue, n: int, item: int, stars: int) -> None:
        """Fold a rating of conversation n into the place among the collaborative factors, where those are in use."""
        if self.factors is not None:
            fold_in_rating(dialogue.kindred, n, item, stars, self._fit)

    def view(self, dialogue: Dialogue) -> View:
        """Features of the candidates on the table."""
        view = empty_view(*dialogue.candidates.shape)
        look_all(dialogue, self.catalog.arrays, view)
        return view

    def speak(self, dialogue: Dialogue, turn: SystemTurn, variants: npt.NDArray[np.int64]) -> None:
        """Choose the reason to give, word the turn, and note in the state what was done, in place.

        Args:
            dialogue: Conversations.
            turn: Acts to realise; ``reason`` and ``sentences`` are filled in.
            variants: (N, 2) wording numbers for the opener and the explanation, each in [0, 6).
        """
        self._speak(dialogue, self.catalog.arrays, self._forms, turn, variants)


@rule
def hear_all(d: Dialogue, known: Known, said: Ids, click: Signs, stars: Signs, end: int) -> bool:
    """Feedback, sentences and fresh candidates of N conversations, in place.

    Args:
        d: ``Dialogue``.
        known: ``Known``.
        said: (N, 4) sentences of the person.
        click: (N,) positions, -1 where none; (0,) where nothing was shown yet.
        stars: (N,) ratings, 0 where none; (0,) likewise.
        end: The next free id of the sentence table.

    Returns:
        False if a sentence of this turn has not been read yet: then it stands in the transcript, and no more was done.
    """
    d, known, said, click, stars = borrowed((d, known, said, click, stars))
    sentences, blend = known.sentences, known.blend
    ready = True
    for n in range(d.turn.shape[0]):
        place = d.transcript[n, d.turn[n]]
        for s in range(said.shape[1]):
            place[place.shape[0] - said.shape[1] + s] = said[n, s]
        ready &= all_ready(place, sentences, end)
    if not ready:
        return False
    scratch = make_scratch(blend, d.preference.mean.shape[1] + d.kindred.mean.shape[1])
    room = make_room(d.slate.shape[1], d.recent.shape[1], d.preference.mean.shape[1])
    hear_each(d, known, click, stars, end, (scratch, room, np.empty(d.said.shape[1], np.float32)))
    return True


@rule
def hear_each(
    d: Dialogue, known: Known, click: Signs, stars: Signs, end: int, scratch: tuple[Scratch, Row, Row]
) -> None:
    """``hear_all`` of sentences that have been read; ``scratch`` is that of retrieval, feedback and encodings.

    It is borrowed in this rule of its own: the rule that made it keeps it.
    """
    own, room, total = borrowed(scratch)
    sentences, catalog, learning, strengths = known.sentences, known.catalog, known.learning, known.strengths
    blend, fit = known.blend, known.fit
    means = d.meaning.sentences.shape[1] > 0
    for n in range(d.turn.shape[0]):
        remarks = remarks_of(d, n, sentences, end)
        if click.shape[0] > 0:
            undecided = click[n] < 0 and asks_first(remarks)
            take_feedback(d, n, click[n], stars[n], undecided, catalog, learning, room)
            if stars[n] > 0 and fit.items.shape[0] > 0:
                fold_in_rating(d.kindred, n, d.slate[n, click[n]], stars[n], fit)
            if means and d.meaning.themes.shape[1] == 0:
                believe(d, n, click[n], stars[n], undecided, sentences, end)
        hear(d, n, remarks, sentences, end, catalog, strengths, total)
        if means:
            note_meaning(d, n, sentences, end)
        retrieve(d, n, sentences, end, blend, own)

"""One conversation with a real user: reads, tracks and words as the environment does, without a simulator.

In the environment a user turn holds clicks, ratings and words at once. Here clicks and ratings arrive one by one: they
are held back until the user's next words and then form one ``UserTurn`` with them. So replaying an episode's words,
clicks and ratings gives the environment's observations and actions, bit for bit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from agents.serving.cards import Card, make_cards, understood
from agents.serving.dialogue_updates import rate_late, user_turn, valuing, whole_stars, with_room
from agents.serving.errors import (
    AlreadyRatedError,
    ConversationFullError,
    NotClickedError,
    NotSuggestedError,
    UnknownSettingError,
    UnusableHistoryError,
    UnusableInputError,
)
from agents.serving.explain import stated_wishes
from agents.serving.replies import PARTS, Chance, Decided, Move, Reply, Said, answers_to, reactions
from agents.serving.served import ServedPolicy
from agents.serving.talk.questions import asks, asks_in_vain, sensible
from chatrec_env.core import records
from chatrec_env.core.actions import blank_turn
from chatrec_env.core.kernel import Task
from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.errors import UnknownNameError
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.meanings import as_worded
from chatrec_env.language.message_reader import MessageReader
from chatrec_env.language.parser import Parser

MAX_TURNS = 1_000
"""Turns one session may have; far beyond what people do, and what a restart can replay in a few seconds."""


@dataclass(slots=True)
class Conversation:
    """The state of one session. ``branch`` it before a change: one that is not kept then leaves no trace."""

    task: Task
    dialogue: Any = None  # Dialogue of one row
    offered: dict[int, int] = field(default_factory=dict)  # item -> turn it was shown in, latest
    clicked: dict[int, float] = field(default_factory=dict)  # item -> stars, 0 until rated
    named: dict[int, int] = field(default_factory=dict)  # item the person spoke of -> +1 liked, -1 not
    pending: int = -1  # item clicked since the system last spoke, -1 if none
    ended: bool = False
    observation: npt.NDArray[Any] | None = None  # of the latest decision, (1, width) or (1,)
    after: SystemAct | None = None  # what the system did last
    decided: Decided | None = None  # the policy's decision since the person spoke, if it was asked
    reader: MessageReader = field(init=False)  # reads the person

    def __post_init__(self) -> None:
        table = self.task.manager.table
        self.reader = table.reader or reader_of(table.parser, cast(Any, table.encoder))
        if self.dialogue is None:
            self.dialogue = self.task.manager.open(1)

    def branch(self) -> Conversation:
        """An independent copy."""
        other = copy(self)
        other.dialogue = records.copy(self.dialogue)
        other.offered, other.clicked, other.named = dict(self.offered), dict(self.clicked), dict(self.named)
        return other

    @property
    def turn(self) -> int:
        """System turns taken."""
        return int(self.dialogue.turn[0])

    @property
    def liked(self) -> list[int]:
        """Items the person named with pleasure, or clicked and did not rate below 4."""
        kept = [item for item, stars in self.clicked.items() if stars == 0 or stars >= 4]
        return kept + [item for item, sign in self.named.items() if sign > 0 and item not in self.clicked]

    def situate(self, time: str | None, device: str | None) -> None:
        """Take note of when and with what the person came, by the catalogue's names; None where not known.

        Raises:
            UnknownSettingError: If the catalogue declares no such time of day or device.
        """
        try:
            self.dialogue.situational_context[0] = self.task.manager.catalog.setting_index(time, device)
        except UnknownNameError as error:
            raise UnknownSettingError(str(error)) from error

    def remember(self, ratings: Sequence[Sequence[float]]) -> None:
        """Take in what the person rated before, as pairs of item and stars.

        Raises:
            UnusableHistoryError: If a pair is no item with 0.5 to 5 stars, an item is not in the catalogue or
                comes twice, or nothing would be left to suggest.
        """
        n_items = self.task.manager.catalog.n_items
        try:
            items, stars = np.array(ratings, np.float64).reshape(len(ratings), 2).T
        except (TypeError, ValueError):
            raise UnusableHistoryError(f"Ratings are item and stars each, got {ratings!r:.200}.") from None
        odd = (items != np.floor(items)) | ~_are_stars(stars)
        if odd.any():
            came = ratings[int(odd.argmax())]
            raise UnusableHistoryError(
                f"Ratings are items (whole numbers) and their stars (0.5, 1, ... 5), got {came!r}."
            )
        wrong = [int(item) for item in items if not 0 <= item < n_items]
        if wrong:
            raise UnusableHistoryError(
                f"There is no item {wrong[0]}: the catalogue has items 0 to {n_items - 1}."
            )
        if len(set(items)) < len(items):
            twice = next(int(item) for item in items if (items == item).sum() > 1)
            raise UnusableHistoryError(
                f"Item {twice} was rated more than once in 'rating_history'. Send its last rating alone."
            )
        most = n_items - self.task.manager.n_candidates
        if len(items) > most:
            raise UnusableHistoryError(
                f"{len(items)} ratings leave too few of {n_items} items: send at most {most}."
            )
        history = RatingHistory(items.astype(np.int32)[None], stars.astype(np.float32)[None])
        self.dialogue = self.task.manager.remember(self.dialogue, history)

    def click(self, item: int) -> tuple[str, ...]:
        """The user clicks an item that was suggested; a later click before their next words replaces it.

        Returns:
            Replies they may pick from now.

        Raises:
            NotSuggestedError: If the item was not suggested in this session.
        """
        if item not in self.offered:
            raise NotSuggestedError(
                f"Item {item} was not suggested in this session. Click one of: {sorted(self.offered)[-12:]}."
            )
        if self.pending != item and item not in self.clicked:
            if self.pending >= 0:
                del self.clicked[self.pending]
            self.pending = item
            self.clicked[item] = 0
        return reactions(self.task.manager, item, clicked=True)

    def rate(self, item: int, stars: float) -> None:
        """The user rates an item they clicked, 0.5 to 5 stars; until their next words they may change it.

        Raises:
            UnusableInputError: If these are no stars.
            NotClickedError: If they did not click it.
            AlreadyRatedError: If another rating of it has been learned from.
        """
        if isinstance(stars, bool) or not isinstance(stars, int | float) or not _are_stars(stars):
            raise UnusableInputError(f"Stars must be 0.5, 1, 1.5, ... 5, got {stars!r}.")
        if item not in self.clicked:
            raise NotClickedError(f"Item {item} was not clicked, so it cannot be rated. Click it first.")
        if item != self.pending and self.clicked[item] != stars:
            if self.clicked[item]:
                raise AlreadyRatedError(
                    f"Item {item} was rated {self.clicked[item]:g} before, and that was learned from."
                )
            rate_late(self.task.manager, self.dialogue, item, stars)
        self.clicked[item] = stars

    def acts(self, sentences: Sequence[str]) -> list[ParsedAct]:
        """What was read in these words."""
        table = self.task.manager.table
        return [act for i in self._intern(sentences) for act in table.acts(int(i))]

    def _intern(self, sentences: Sequence[str]) -> npt.NDArray[np.int64]:
        """Ids of sentences: where simulated people say the same, theirs, so that an episode is read as it was."""
        table = self.task.manager.table
        after = SystemAct.GREET if self.after is None else self.after
        after = SystemAct.RECOMMEND if after == SystemAct.ANSWER else after
        ids = [as_worded(table.grammar, text, after) for text in sentences]
        free = [text for text, i in zip(sentences, ids, strict=True) if i < 0]
        interned = iter(table.intern(free, reader=self.reader, after=after).tolist())
        return np.array([next(interned) if i < 0 else i for i in ids], np.int64)

    def hear(self, sentences: Sequence[str]) -> None:
        """Take in the person's words, with what they clicked and how they rated it since the system spoke.

        Args:
            sentences: At most ``USER_SENTENCES``, each not empty.

        Raises:
            UnusableInputError: If they are more, or no list of texts.
            ConversationFullError: If the session has ``MAX_TURNS`` turns.
        """
        self._check(sentences)
        self._hear(self._intern(sentences), self.acts(sentences))

    def _check(self, sentences: Sequence[str]) -> None:
        if isinstance(sentences, str) or len(sentences) > USER_SENTENCES:
            came = "one text" if isinstance(sentences, str) else f"{len(sentences)} sentences"
            raise UnusableInputError(f"Expected a list of at most {USER_SENTENCES} sentences, got {came}.")
        if self.turn >= MAX_TURNS:
            raise ConversationFullError(
                f"This conversation has {MAX_TURNS} turns, the most there can be. Start a new one."
            )

    def _hear(self, read: npt.NDArray[np.int64], acts: Sequence[ParsedAct]) -> None:
        """Take in sentences by their ids, and what was read in them."""
        ids = np.full((1, USER_SENTENCES), -1, np.int64)
        ids[0, : len(read)] = read
        turn, stars = None, 0.0
        if self.turn:
            stars = self.clicked.get(self.pending, 0)
            self.dialogue, turn = user_turn(self.dialogue, ids, self.pending, whole_stars(stars))
        for act in acts:
            if act.act in (UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM) and act.item >= 0:
                self.named[act.item] = -1 if act.act == UserAct.DISLIKED_ITEM else 1
        valuing(self.task.manager, stars).hear(self.dialogue, turn, ids)
        self.pending, self.ended, self.decided = -1, False, None

    def decide(
        self, policy: ServedPolicy, chance: Chance, *, silent: bool = False, told: Collection[int] = ()
    ) -> tuple[Move, Any]:
        """The system's move, and the scores ``(K,)`` of the candidates; arguments as in ``answer``.

        ``silent``: no question is asked, and nothing closed, where something can be recommended; ``told``: facets
        that are not asked about where there is anything else to do.
        """
        task, d = self.task, self.dialogue
        view = task.manager.view(d)
        self.observation = task.layout.make(d, view)
        if task.layout.form != "tabular":
            # Past the environment's last turn there is no budget left, and never less than none.
            budget = self.observation[:, task.layout.slices["budget"].start]
            np.maximum(budget, 0, out=budget)
        mask = task.actions.mask(d, view)
        if not mask.any():
            return Move(int(SystemAct.CLOSE), -1, -1, -1, chance.variants, "", ends=True), d.scores[0]
        if silent and view.present.any():
            mask = mask & ~np.array([asks(name) for name in task.actions.names])
        mask = sensible(task, d, mask, told)
        seen = Decision(task=task, observation=self.observation, mask=mask, dialogue=d, view=view)
        choice = policy.choose(seen, chance.uniform)
        turn = task.actions.decode(task.manager, d, np.array([choice.action], np.int64))
        asks_in_vain(task, d, turn, told)  # has a strategy ask about something else
        self.decided = Decided.of(seen, choice.action, choice.chances, chance.uniform)
        move = Move(
            act=int(turn.act[0]),
            facet=int(turn.facet[0]),
            value=int(turn.value[0]),
            item=int(turn.slate[0, 0]),
            variants=chance.variants,
            action=task.actions.names[choice.action],
            ends=bool(turn.act[0] == SystemAct.CLOSE),
        )
        return move, choice.scores

    def speak(self, move: Move) -> tuple[Said, ...]:
        """Do a move: word it, and note it in the state. Returns what is said."""
        manager, turn = self.task.manager, blank_turn(1, 1)
        turn.act[0], turn.facet[0], turn.value[0] = move.act, move.facet, move.value
        turn.slate[0, 0] = move.item
        self.dialogue = with_room(self.dialogue)
        manager.speak(self.dialogue, turn, np.array([move.variants], np.int64))
        if move.item >= 0 and move.act != SystemAct.ANSWER:
            self.offered[move.item] = self.turn
        self.ended, self.after = move.act == SystemAct.CLOSE, SystemAct(move.act)
        ids = zip(PARTS, turn.sentences[0].tolist(), strict=True)
        return tuple(Said(part, manager.table.text(i)) for part, i in ids if i >= 0)

    def answer(self, policy: ServedPolicy, chance: Chance, sentences: Sequence[str]) -> tuple[Reply, Move]:
        """The system's turn after ``hear(sentences)``: the policy decides; explain, speak."""
        manager, d = self.task.manager, self.dialogue
        move, scores = self.decide(policy, chance)
        shown: tuple[Card, ...] = ()
        if move.item >= 0 and move.act == SystemAct.RECOMMEND:
            shown = make_cards(manager, d, manager.view(d), move.item, scores, self.liked, self.named)
        wishes = stated_wishes(manager, d)
        heard = understood(manager, self.acts(sentences))  # before speaking: it answers the turn before
        said = self.speak(move)
        for card in shown:
            self.offered[card.item] = self.turn
        reply = Reply(
            turn=self.turn,
            act=SystemAct(move.act).name.lower(),
            action=move.action,
            said=said,
            cards=shown,
            answers=answers_to(manager, move),
            heard=heard,
            wishes=wishes,
            took=-1,
            ended=self.ended,
        )
        return reply, move

    def replay(self, sentences: Sequence[str], move: Move, shown: Sequence[int]) -> None:
        """A turn as it was: what was said, done and shown."""
        self.hear(sentences)
        self.speak(move)
        for item in shown:
            self.offered[item] = self.turn


@lru_cache(maxsize=8)
def reader_of(parser: Parser, encoder: Any) -> MessageReader:
    """The reader of all conversations with these: to make one takes as long as to answer a message."""
    return MessageReader(parser, encoder)


def _are_stars(stars: Any) -> Any:
    """Whether numbers are ratings: 0.5, 1, ... 5."""
    return (stars >= 0.5) & (stars <= 5) & (stars * 2 == np.floor(stars * 2))

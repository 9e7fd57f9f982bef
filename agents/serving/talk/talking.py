"""A conversation with somebody who types: cards on the table, the one talked about, and limits kept besides wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agents.serving.cards import Card, card_of
from agents.serving.conversation import Conversation
from agents.serving.dialogue_updates import note_shown
from agents.serving.explain import explain, is_stated
from agents.serving.replies import Move, Said
from agents.serving.talk import likeness, wishes
from agents.serving.talk.bounds import Bounds
from agents.serving.talk.fitting import LEAST, PLAIN, fit, passed_over
from agents.serving.talk.message import REFUSING, Message
from agents.serving.talk.reading import read_message, told
from agents.serving.talk.table import ALIKE, VERY_ALIKE, beside, lay_table
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.questions import ASKING

STANCES = ("wanted", "avoided", "none")
"""What a person can make of a wish that was understood."""

AKIN = 6
"""Items nearest to what was named as one to be like, or described, among which the score decides."""

_ALIKE = frozenset((UserAct.LIKE, UserAct.LIKED_ITEM))
_LIKELY = frozenset((UserAct.LIKE, UserAct.MORE_LIKE_THAT))


@dataclass(slots=True)
class TalkingConversation(Conversation):
    """A session in which messages may be typed. Messages told apart beforehand replay an episode, as in the base."""

    cards: tuple[int, ...] = ()  # items on the cards of the table, from the first
    focus: int = -1  # the one that is talked about, -1 for none
    bounds: Bounds = field(default_factory=Bounds)
    bounds_before: Bounds = field(default_factory=Bounds)  # before the latest message
    table_empty: bool = False  # nothing that is left keeps to what was said
    spurned: frozenset[int] = frozenset()  # items that were turned down, seen or complained of
    akin: tuple[int, ...] = ()  # items that were named as ones to be like
    alike: bool = False  # whether something like them was asked for
    beyond: str = ""  # the comparison just asked for that nothing meets which fits the rest
    described: tuple[str, ...] = ()  # wishes in words that stand for no value
    said_last: str = ""  # what the system said last, but for the item and the reason
    hears: bool = True  # whether the policy reads what the system said
    near: npt.NDArray[np.float32] | None = None  # (I,) how near items are to what was said beside values
    restated: bool = False  # whether all that was wished for just now had been wished for before
    foreign: bool = False  # whether something was written in another language

    def branch(self) -> TalkingConversation:
        """An independent copy."""
        other = Conversation.branch(self)
        assert isinstance(other, TalkingConversation)
        other.bounds = self.bounds.copy()
        return other

    @property
    def place(self) -> SystemAct | None:
        """Where a message stands: after an answer the card is on the table still; the first, where people open."""
        if self.after is None:
            return SystemAct.GREET
        if self.after == SystemAct.ANSWER:
            return SystemAct.RECOMMEND if self.focus >= 0 else None
        return self.after

    @property
    def anchors(self) -> list[int]:
        """The item that was named as one to be like, if any."""
        anchor = int(self.dialogue.memory.anchor[0])
        return [anchor] if anchor >= 0 else []

    @property
    def knows_something(self) -> bool:
        """Whether anything is known of what the person wants."""
        d = self.dialogue
        named = (d.entities[0] >= 0).any() or d.context[0] >= 0 or d.favourite[0] >= 0 or bool(self.named)
        rated = d.rating_history.items.shape[1] > 0
        return bool(d.wishes[0].any() or named or rated or self.bounds.spans or self.bounds.words)

    def understand(self, sentences: Sequence[str]) -> Message:
        """What typed sentences mean here."""
        return read_message(self, sentences)

    def typed(self, sentences: Sequence[str]) -> npt.NDArray[np.int64]:
        """Ids of sentences, read where they were typed; of what somebody says they said, or another says, that."""
        return self.task.manager.table.intern(
            [told(text) for text in sentences],
            reader=self.reader,
            after=self.place,
            asked=int(self.dialogue.last_facet[0]),
            on_table=len(self.cards),
        )

    def takes(self, message: Message) -> int:
        """The item that a message accepts though nothing was clicked, or -1."""
        item = message.accepts
        free = self.pending < 0 <= item and item not in self.clicked
        return item if free else -1

    def listen(self, message: Message, took: int) -> None:
        """Take in a typed message, and lay only on the table what keeps to it.

        Args:
            message: Understood here.
            took: The item it accepts, as ``takes`` says.

        Raises:
            ServiceError: As ``hear``.
        """
        catalog, d = self.task.manager.catalog, self.dialogue
        if took >= 0:
            self.offered.setdefault(took, self.turn)
            self.click(took)
        elif message.about >= 0 and self.turn and message.about in self.cards:
            d.slate[0, 0] = message.about  # "it" is the card that is talked about
            self.dialogue = d = note_shown(d, message.about)
        if message.about >= 0 and message.kinds & REFUSING:
            self.spurned |= {message.about}
        self.focus = message.about
        self._check(message.sentences)
        spared = set(np.flatnonzero(d.wishes[0] < 0).tolist())
        before = d.wishes[0].copy(), d.memory.stated[0].copy()
        wished = set(np.flatnonzero((before[0] > 0) & before[1]).tolist())
        self._hear(self.typed(message.sentences), message.acts)
        if message.kinds and message.kinds <= ASKING:  # whatever its words were read as: "no long flights"
            d.wishes[0], d.memory.stated[0] = before
        asked = [act.value for act in message.acts if act.act == UserAct.ASK_FACT and act.value in spared]
        wishes.set_values(self, asked, "avoided")  # to ask for it is no wish
        kept, self.bounds_before = self.bounds_before, self.bounds.copy()
        if UserAct.START_OVER in message.kinds:
            self.bounds, self.named, self.described, self.akin, self.alike = Bounds(), {}, (), (), False
        elif UserAct.UNDO in message.kinds:
            self.bounds = kept.copy()
        wanted = {act.value for act in message.acts if act.act == UserAct.WANT}
        self.restated = bool(wanted) and wanted <= wished
        self.bounds.hear(message.acts, catalog, message.about)
        self.bounds.choices += message.choices
        self.foreign |= UserAct.OTHER_LANGUAGE in message.kinds
        for act in message.acts:
            wishes.settle(self, act, message)
        named = [act.item for act in message.acts if act.act in _ALIKE and act.item >= 0]
        self.akin = tuple(dict.fromkeys((*self.akin, *self.anchors, *named)))
        wishes.set_values(self, [v for v in message.misread if v not in wished | spared], "none")
        wishes.note_words(self, message)
        self.alike |= bool(message.kinds & _LIKELY) or (
            bool(named) and get_language().cues.more_so(" ".join(message.sentences))
        )
        self.beyond = ""
        new = [f for f, told in self.bounds.compared.items() if self.bounds_before.compared.get(f) != told]
        for facet in new:
            wishes.unless_beyond(self, facet, before)
        self.lay_table(message)

    def lay_table(self, message: Message | None = None) -> None:
        """Put on the table what keeps to what was said, and of that what is nearest to what no value tells."""
        near, most = self._near(message)
        self.near = near
        manager, d = self.task.manager, self.dialogue
        wishes.soften(self)
        laid = lay_table(
            manager,
            d,
            self.bounds,
            list(self.offered),
            near,
            most,
            alike=self._alike(message),
            known=list(self.named),
        )
        self.table_empty = not laid

    def _alike(self, message: Message | None) -> int:
        """Among how many of the nearest items wishes decide, where a likeness was asked for; 0 where not."""
        if not (self.akin and self.alike) or (message is not None and message.missing is not None):
            return 0
        named = message is not None and any(act.act in _ALIKE and act.item >= 0 for act in message.acts)
        return VERY_ALIKE if named and self.cards else ALIKE

    def _near(self, message: Message | None) -> tuple[npt.NDArray[np.float32] | None, int]:
        """(I,) how near items are to what was said beside values, and among how many the score decides."""
        manager, kinds = self.task.manager, message.kinds if message else set()
        if (
            message is not None
            and message.missing is not None
            and (message.tells_of_missing or not self.dialogue.wishes[0].any())
        ):
            return likeness.of_texts(manager, [" ".join(message.sentences)]), 0
        alike = [*self.akin, *self.akin[-1:]]  # what was named last counts twice
        if message is not None and kinds & {UserAct.MORE_LIKE_THAT, UserAct.LIKE_BUT} and message.about >= 0:
            alike.append(message.about)
        near = []
        if alike:
            near.append(likeness.of_items(manager, alike))
        if self.described:
            near.append(likeness.of_texts(manager, self.described))
            near.append(likeness.titled(manager.catalog, self.described))
        near += [
            likeness.for_whom(manager.catalog, value)
            for value in likeness.audiences(manager.catalog)
            if self.dialogue.wishes[0, value] >= PLAIN
        ]
        if not near:
            return None, 0
        return np.asarray(sum(map(likeness.standard, near)), np.float32), AKIN

    def earlier(self) -> list[int]:
        """Items that were on cards before, were not turned down and meet all that was said; the latest first."""
        allowed, lacks = fit(self.task.manager.catalog, self.dialogue, self.bounds)
        taken = self.spurned | set(self.named) | set(self.clicked)
        found = [item for item in self.offered if allowed[item] and lacks[item] < LEAST and item not in taken]
        return sorted(found, key=lambda item: -self.offered[item])

    def fits(self, item: int) -> bool:
        """Whether an item keeps to what was said."""
        allowed, _ = fit(self.task.manager.catalog, self.dialogue, self.bounds)
        return bool(allowed[item])

    def lacking(self, item: int) -> list[str]:
        """Stated wishes that an item does not meet, as phrases."""
        why = explain(self.task.manager, self.dialogue, item, (), self.bounds)
        met = {value for wish in why.meets for value in wish.values}
        enough = {value for choice in self.bounds.choices if choice & met for value in choice}
        return [
            wish.phrase
            for wish in why.misses
            if wish.strength >= PLAIN
            and is_stated(self.task.manager, self.dialogue, wish)
            and not (wish.values and enough.issuperset(wish.values))
        ]

    def besides(self, item: int) -> list[int]:
        """Items that fit as well as the one that is suggested, and were not suggested before; the best first."""
        manager, d = self.task.manager, self.dialogue
        shown = d.shown[0][d.shown[0] >= 0].tolist()
        out = beside(manager, d, self.bounds, item, [*shown, *self.spurned, *self.named, *self.clicked])
        sought = int(d.memory.sought[0])
        near = likeness.of_items(manager, [sought]) if sought >= 0 else self.near
        if near is not None:
            out.sort(key=lambda other: -near[other])
        over = passed_over(manager, d, self.bounds)
        return sorted(out, key=lambda other: (any(mask[other] for mask in over), other in self.offered))

    def card(self, item: int, rank: int) -> Card:
        """A card beside the policy's choice."""
        manager, d = self.task.manager, self.dialogue
        why = explain(manager, d, item, self.liked, self.bounds)
        places = int(manager.view(d).present.sum())
        return card_of(manager, item, why, chosen=False, score=why.utility, rank=rank, candidates=places)

    def replay_typed(
        self, sentences: Sequence[str], took: int, move: Move, said: Sequence[Said], shown: Sequence[int]
    ) -> None:
        """A turn that answered a typed message, as it was."""
        self.listen(self.understand(sentences), took)
        self.say(move, said, shown)

    def say(self, move: Move, said: Sequence[Said], cards: Sequence[int]) -> None:
        """Do a move, and note what was said and shown.

        The state holds what the environment says with such a move: that is what the policy was trained on, and its
        sentences are encoded once for everybody. Nothing at all, if the policy does not read it.
        """
        self.speak(move)
        if not self.hears:
            self.dialogue.transcript[0, self.turn, :-USER_SENTENCES] = -1
        self.said_last = " ".join(one.text for one in said if one.part not in ("item", "explanation"))
        for item in cards:
            self.offered[item] = self.turn
        if cards:
            self.cards, self.focus = tuple(cards), cards[0]
        elif move.act != SystemAct.ANSWER:
            self.cards, self.focus = (), -1
        elif move.item >= 0 and move.item not in self.cards:  # one of before, named again
            self.cards, self.focus = (move.item,), move.item
        self.ended = move.ends

    def correct(self, wish: str, stance: str) -> None:
        """Make of a wish that was understood what the person says of it; arguments and errors as ``wishes.correct``."""
        wishes.correct(self, wish, stance)
        if self.turn:
            self.lay_table()

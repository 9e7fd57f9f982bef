"""Words the sentences of one turn: those of the grammar, as answers of a service."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from agents.serving.talk import likeness
from agents.serving.talk.message import Asked
from chatrec_env.dialogue.answers import Cards, Replies, answer, cards_of, replies_of
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import Form
from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.facts import Truth, topics
from chatrec_env.language.questions import Question, question_of

MOST_ANSWERED = 3
"""Questions of one message that are answered."""


@lru_cache(maxsize=8)
def _known(manager: DialogueManager) -> tuple[Cards, Replies, dict[int, Form]]:
    """Cards, codes of replies, and the system's forms by code."""
    codes = {manager.grammar.code(form): form for form in Form if form.speaker == "system"}
    return cards_of(manager.catalog), replies_of(manager.grammar), codes


class Wording:
    """Words the sentences of one turn.

    Args:
        manager: Whose grammar and facts.
        variant: Wording number, in [0, 6).
    """

    def __init__(self, manager: DialogueManager, variant: int) -> None:
        self._manager, self._variant = manager, variant
        self._cards, self._replies, self._forms = _known(manager)
        self.catalog, self.remarks = manager.catalog, get_language().remarks
        self._topics = topics(self.catalog)
        self._unanswered = [one.name for one in self.catalog.declaration.unanswered]
        many = [f for f, facet in enumerate(self.catalog.facets) if facet.multi_valued]
        self._moods = many[1:]  # what an item is like beside its kind

    def say(self, form: Form, about: int = 0, *, most: int = 5) -> str:
        """A sentence of a form; ``most`` is the last style that may be taken."""
        grammar = self._manager.grammar
        return grammar.text(int(grammar.ids(form, about, self._variant % min(form.n_styles, most + 1))))

    def propose(self, item: int, number: int) -> str:
        """A suggestion, with what it is about; ``number`` chooses the words."""
        title, year = self.catalog.titles[item], int(self.catalog.years[item])
        return self.remarks.propose(title, year, self.catalog.sentences[item], number)

    def fact(self, item: int, topic: int, *, titled: bool = False) -> str:
        """One fact of an item."""
        return self.say(Form.S_FACT_OF if titled else Form.S_FACT, len(self._topics) * item + topic)

    def plain_fact(self, item: int, topic: int) -> str:
        """One fact of an item, said plainly."""
        told = self.fact(item, topic, titled=True)
        title = self.catalog.titles[item]
        for name in (title, f"{title} ({self.catalog.years[item]})"):
            told = told.removeprefix(f"{name}: ")
        return told[:1].upper() + told[1:]

    def _beyond_the_card(self, item: int) -> str:
        """What an item is about, where its sentence is known: the rest of what is told of it."""
        slices = self.catalog.facet_slices
        known = [f for f in reversed(self._moods) if self.catalog.values[item, slices[f]].any()]
        rest = " ".join(self.plain_fact(item, f) for f in known)
        return self.remarks.no_more_known(rest)

    def _is_open(self, asked: Asked) -> bool:
        """Whether it is not clear what a question asks for."""
        act = asked.act
        named = act.value >= 0 or act.entity >= 0 or act.facet >= 0
        return not named and act.topic not in (*self._topics, *self._unanswered)

    def answers(
        self,
        asks: Sequence[Asked],
        why: str,
        known: str,
        cards: Sequence[int],
        focus: int,
        shown: Collection[int] = (),
    ) -> list[str]:
        """The answers to the questions of a message.

        Args:
            asks: The questions.
            why: The reason for the card that is talked about.
            known: What is known of it, where it is not clear what was asked for.
            cards: Items on the table.
            focus: The one that was talked about: any other is named in its answer.
            shown: Items whose sentence they have read.
        """
        out: list[str] = []
        for asked in asks[:MOST_ANSWERED]:
            kind, about = question_of([asked.act], self._topics, self._unanswered)
            if kind == Question.COMPARE:
                out += self._compared(asked, about, cards)
            elif kind == Question.WHY:
                out.append(why)
            elif kind == Question.PLOT and asked.item in shown:
                out.append(self._beyond_the_card(asked.item))
            elif asked.act.act == UserAct.ASK_FACT and asked.item >= 0 and self._is_open(asked):
                out += [] if out else [known]
            else:
                titled = asked.item not in (-1, focus)
                out.append(self._answer(kind, about, asked.item, titled=titled, alone=len(asks) == 1))
        return list(dict.fromkeys(out))

    def _answer(self, kind: int, about: int, item: int, *, titled: bool, alone: bool) -> str:
        code, argument = answer(kind, about, item, self._cards, self._replies)
        form = self._forms[code]
        if kind == Question.VALUE and item >= 0:
            facet = int(self.catalog.value_facet[about])
            if np.isfinite(self.catalog.numbers[item, facet]):  # "is it long?": how long it is, too
                titled_fact = self.fact(item, facet, titled=titled)
                return titled_fact if titled else f"{self.say(form, argument)} {titled_fact}"
            if (
                alone
                and self.catalog.facets[facet].multi_valued
                and argument % len(Truth) == Truth.NO
                and not titled
            ):
                akin = likeness.akin_values(self._manager)[about] & (self.catalog.values[item] > 0)
                sentences = [self.say(form, argument), self.plain_fact(item, facet)]  # and what it is instead
                if akin.any():
                    sentences[1:1] = [self.remarks.but_it_is(self.catalog.value_phrases[akin.argmax()])]
                return " ".join(sentences)
        if kind == Question.OPINION and item >= 0 and self._moods:
            told = f"{self.say(form, argument)} {self.plain_fact(item, self._moods[0])}"
            return f"{self.catalog.titles[item]}: {told}" if titled else told
        if titled and form == Form.S_FACT:
            return self.say(Form.S_FACT_OF, argument)
        told = self.say(form, argument)
        return f"{self.catalog.titles[item]}: {told}" if titled and form != Form.S_UNKNOWN else told

    def opinion(self, item: int) -> str:
        """What others think of an item."""
        return self.say(Form.S_OPINION, int(self._cards.opinions[item]))

    def _compared(self, asked: Asked, topic: int, cards: Sequence[int]) -> list[str]:
        """The same fact of the item and of the next card, or of all cards."""
        others = [card for card in cards if card != asked.item]
        pair = [item for item in (asked.item, *others[:1]) if item >= 0]
        if topic < 0:
            topic = self._cards.weightiest
        return [self.fact(item, topic, titled=True) for item in pair]

"""What the service says beyond the sentences of the environment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from agents.serving.talk.bounds import Span
from agents.serving.talk.message import Asked
from chatrec_env.catalog import Catalog
from chatrec_env.dialogue.answers import Cards, Replies, answer, cards_of, replies_of
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import Form
from chatrec_env.language.acts import UserAct
from chatrec_env.language.facts import topics
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
        self.catalog = manager.catalog
        self._topics = topics(self.catalog)
        self._unanswered = [one.name for one in self.catalog.declaration.unanswered]

    def say(self, form: Form, about: int = 0, *, most: int = 5) -> str:
        """A sentence of a form; ``most`` is the last style that may be taken."""
        grammar = self._manager.grammar
        return grammar.text(int(grammar.ids(form, about, self._variant % min(form.n_styles, most + 1))))

    def fact(self, item: int, topic: int, *, titled: bool = False) -> str:
        """One fact of an item."""
        return self.say(Form.S_FACT_OF if titled else Form.S_FACT, len(self._topics) * item + topic)

    def answers(
        self, asks: Sequence[Asked], why: str, known: str, cards: Sequence[int], focus: int
    ) -> list[str]:
        """The answers to the questions of a message.

        Args:
            asks: The questions.
            why: The reason for the card that is talked about.
            known: What is known of it, where it is not clear what was asked for.
            cards: Items on the table.
            focus: The one that was talked about: any other is named in its answer.
        """
        out: list[str] = []
        for asked in asks[:MOST_ANSWERED]:
            kind, about = question_of([asked.act], self._topics, self._unanswered)
            if kind == Question.COMPARE:
                out += self._compared(asked, about, cards)
            elif kind == Question.WHY:
                out.append(why)
            elif asked.act.act == UserAct.ASK_FACT and _bare(asked) and asked.item >= 0:
                out.append(known)
            else:
                out.append(self._answer(kind, about, asked.item, titled=asked.item not in (-1, focus)))
        return list(dict.fromkeys(out))

    def _answer(self, kind: int, about: int, item: int, *, titled: bool) -> str:
        code, argument = answer(kind, about, item, self._cards, self._replies)
        form = self._forms[code]
        if kind == Question.VALUE and item >= 0:
            facet = int(self.catalog.value_facet[about])
            if np.isfinite(self.catalog.numbers[item, facet]):  # "is it long?": how long it is, too
                titled_fact = self.fact(item, facet, titled=titled)
                return titled_fact if titled else f"{self.say(form, argument)} {titled_fact}"
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


def _bare(asked: Asked) -> bool:
    act = asked.act
    return act.value < 0 and act.entity < 0 and act.facet < 0 and not act.topic


def span_words(catalog: Catalog, facet: int, span: Span) -> str:
    """A span in words: "under 100 minutes", "2000 or newer", "90 to 120 minutes"."""
    declared, (low, high) = catalog.facets[facet], span
    unit = f" {declared.unit}" if declared.unit else ""
    if math.isinf(low):
        return f"under {_number(high)}{unit}" if unit else f"before {_number(high)}"
    if math.isinf(high):
        return f"{_number(low)}{unit} or {declared.more or 'more'}"
    return f"{_number(low)} to {_number(high)}{unit}"


def _number(number: float) -> str:
    return f"{round(number, 2):.10g}"


def listed(texts: Sequence[str]) -> str:
    """Texts in a row: "a, b and c"."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def outline(facts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The facts of a card, by their labels."""
    return (
        "Here is what I have: " + "; ".join(f"{label} {', '.join(values)}" for label, values in facts) + "."
    )


def because(phrases: Sequence[str]) -> str:
    """The reason in stated wishes."""
    return f"I picked it because you asked for {listed(phrases)}."


def nothing_left(catalog: Catalog) -> str:
    """Where nothing keeps to what was said."""
    return f"I have no {catalog.noun} left that keeps to all of that. What matters least to you?"


def nearest(phrases: Sequence[str]) -> str:
    """Where not all wishes can be met."""
    return f"I have nothing left with all of that; this comes nearest, but it isn't {listed(phrases)}."


def not_here(title: str) -> str:
    """Where a title is not in the catalogue."""
    return f"I don't have {title}, I'm afraid; the nearest I have is this."


def here(title: str) -> str:
    """Where it is."""
    return f"Yes, I have {title}."


def unmet(title: str) -> str:
    """Where a condition is not fulfilled."""
    return f"I'm afraid {title} is not that. Maybe this one:"


def not_known(words: Sequence[str], catalog: Catalog) -> str:
    """Where words stand for nothing in the catalogue."""
    return f"I can't tell {catalog.noun_plural} by {listed([f'“{word}”' for word in words])}."


def liked(title: str) -> str:
    """Where the person liked what they know."""
    return f"Good to know that you liked {title}."


WELCOME = "You're welcome!"
AGAIN = "That one was on the table before; I have nothing new that fits."

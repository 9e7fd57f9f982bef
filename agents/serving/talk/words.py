"""What the service says beyond the sentences of the environment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from agents.serving.talk import likeness
from agents.serving.talk.message import Asked
from chatrec_env.catalog import Catalog
from chatrec_env.dialogue.answers import Cards, Replies, answer, cards_of, replies_of
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import Form
from chatrec_env.language.acts import UserAct
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
        self.catalog = manager.catalog
        self._topics = topics(self.catalog)
        self._unanswered = [one.name for one in self.catalog.declaration.unanswered]
        many = [f for f, facet in enumerate(self.catalog.facets) if facet.multi_valued]
        self._moods = many[1:]  # what an item is like beside its kind

    def say(self, form: Form, about: int = 0, *, most: int = 5) -> str:
        """A sentence of a form; ``most`` is the last style that may be taken."""
        grammar = self._manager.grammar
        return grammar.text(int(grammar.ids(form, about, self._variant % min(form.n_styles, most + 1))))

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
        return f"I know no more of it than that one sentence. {rest}".strip()

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
                but = f" But it is {self.catalog.value_phrases[akin.argmax()]}." if akin.any() else ""
                return f"{self.say(form, argument)}{but} {self.plain_fact(item, facet)}"  # what it is instead
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


def listed(texts: Sequence[str]) -> str:
    """Texts in a row: "a, b and c"."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def outline(facts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The facts of a card, by their labels."""
    told = "; ".join(f"{label} {', '.join(values)}" for label, values in facts)
    return f"I can't tell you that, I'm afraid. What I have on it: {told}."


def joined(phrases: Sequence[str], catalog: Catalog) -> str:
    """Wishes as one noun phrase: "a funny, tense western set in space", from "a funny film", "a western" ..."""
    noun, heads, before, behind = catalog.noun, list[str](), list[str](), list[str]()
    for phrase in phrases:
        words = phrase.split(" ")
        bare = words[1:] if words[0] in ("a", "an") else words
        if words[0] == "something":
            behind.append(f"{'of ' if words[1][0].isdigit() else ''}{' '.join(words[1:])}")
        elif bare[0] == noun:
            behind.append(" ".join(bare[1:]))
        elif bare[-1] == noun:
            before.append(" ".join(bare[:-1]))
        else:
            heads.append(" ".join(bare))
    told = " ".join(filter(None, [", ".join(before), listed(heads) or noun, listed(behind)]))
    return f"{'an' if told[:1] in 'aeiou' else 'a'} {told}"


def because(phrases: Sequence[str], catalog: Catalog) -> str:
    """The reason in stated wishes."""
    return f"I picked it because you asked for {joined(phrases, catalog)}."


def asked_for(phrases: Sequence[str], catalog: Catalog, turn: int) -> str:
    """That it meets stated wishes."""
    ways = ("You asked for {}.", "That makes it {}, as you wanted.", "It is {}, as you asked.")
    return ways[turn % len(ways)].format(joined(phrases, catalog))


def share(values: Sequence[str]) -> str:
    """What two items have in common."""
    return f"Both have this: {', '.join(values)}."


def nothing_left(catalog: Catalog, *, shown: bool) -> str:
    """Where nothing keeps to what was said; ``shown``: after something was suggested."""
    return f"I have no {catalog.noun}{' left' if shown else ''} that keeps to all of that. What matters least to you?"


def nearest(phrases: Sequence[str], *, shown: bool) -> str:
    """Where not all wishes can be met; ``shown``: after something was suggested."""
    left = " left" if shown else ""
    return f"I have nothing{left} with all of that; this comes nearest, but it isn't {listed(phrases)}."


def not_here(title: str, *, described: bool, wished: bool) -> str:
    """Where a title is not in the catalogue; what is offered instead, for what was said of it, or for wishes."""
    if described:
        return f"I don't have {title}, I'm afraid; the nearest I have to what you say of it is this."
    if wished:
        return f"I don't have {title}, I'm afraid, so I go by what you told me before."
    return f"I don't have {title}, I'm afraid, and all I have to go by is its name."


def here(title: str) -> str:
    """Where it is."""
    return f"Yes, I have {title}."


def unmet(title: str) -> str:
    """Where a condition is not fulfilled."""
    return f"I'm afraid {title} is not that. Maybe this one:"


def not_known(words: Sequence[str], *, described: bool = False) -> str:
    """Where words stand for nothing in the catalogue; ``described``: it was looked for by meaning all the same."""
    quoted = listed([f"“{word}”" for word in words])
    return f"My list has no heading for {quoted}{', so I went by the descriptions' if described else ''}."


def not_for(whom: str) -> str:
    """Where it is for somebody of whom the catalogue cannot tell what suits them."""
    return f"My list doesn't tell what would suit {whom}, so I go by the rest."


def no_more(titles: Sequence[str]) -> str:
    """Where only what was shown before meets all wishes."""
    one = len(titles) == 1
    had = "is the one that does" if one else "are the ones that do"
    offer = f"Shall we take {'it' if one else 'the first'}, or is there a wish I may drop?"
    return f"I have nothing else that fits all of that; {listed(titles)} {had}. {offer}"


def still_fits(title: str, phrases: Sequence[str]) -> str:
    """Where what is to be spared is not in the item on the table."""
    return f"{title} isn't {listed(phrases)}, as far as I know, so it still fits."


def already(title: str, fact: str) -> str:
    """Where the item on the table is what is wished for; ``fact`` is the number that tells."""
    return f"{fact} So {title} still fits."


def is_so(title: str, phrases: Sequence[str]) -> str:
    """The same, where that is told by values: "a comedy"."""
    return f"{title} is {listed(phrases)}, as far as I know."


def same_people(column: str, names: Sequence[str]) -> str:
    """Where two items have the same people."""
    return f"Yes, the {column} is the same: {listed(names)}."


def other_people(column: str, both: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Where they have not."""
    told = ", ".join(f"{title} has {listed(names)}" for title, names in both)
    return f"The {column} isn't the same, as far as I know: {told}."


def more_of(title: str, has: Sequence[str], lacks: Sequence[str]) -> str:
    """Which of several an item is more of: what it has of them."""
    if not has or not lacks:
        return f"{title} is {'both' if has else 'neither'}, by my list."
    return f"{title} is more {listed(has)} than {listed(lacks)}, by my list."


def spared(phrases: Sequence[str]) -> str:
    """That what is to be spared is not in it."""
    return f"As far as I know, it isn't {' or '.join(phrases)}."


def unmentioned(told: Sequence[str]) -> str:
    """That words to be spared are not in what is known of it."""
    return f"Nothing I have on it speaks of {listed([f'“{one}”' for one in told])}."


def none_beyond(comparison: str) -> str:
    """Where nothing that fits is newer, shorter or whatever was asked for."""
    return f"I have none that is {comparison} and fits the rest."


def liked(title: str) -> str:
    """Where the person liked what they know."""
    return f"Good to know that you liked {title}."


_PROPOSALS = (
    "How about {}",
    "Try {}",
    "Maybe {}",
    "I'd suggest {}",
    "You might like {}",
    "What about {}",
)
_ASKING = frozenset((0, 2, 5))


def propose(catalog: Catalog, item: int, number: int) -> str:
    """A suggestion, with what it is about; ``number`` chooses the words."""
    way = number % len(_PROPOSALS)
    year = int(catalog.years[item])
    title = f"{catalog.titles[item]} ({year})" if year else catalog.titles[item]
    mark = "?" if way in _ASKING else "."
    return f"{_PROPOSALS[way].format(title)}{mark} {catalog.sentences[item]}".strip()


LESS_KNOWN = "Fair enough, something less well known then."
CONDOLENCE = "I'm sorry to hear that."
WELCOME = "You're welcome!"

"""What the system answers to a question, and how it meets what was said besides wishes: compiled rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.acts import UserAct
from chatrec_env.language.facts import Truth, opinions, topics, truths
from chatrec_env.language.forms import Form
from chatrec_env.language.questions import Question

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import Grammar

FACT, VALUE, ENTITY, PLOT = int(Question.FACT), int(Question.VALUE), int(Question.ENTITY), int(Question.PLOT)
OPINION, WHY, COMPARE = int(Question.OPINION), int(Question.WHY), int(Question.COMPARE)
UNKNOWN = int(Question.UNKNOWN)
START_OVER, UNDO, OTHER_LANGUAGE = int(UserAct.START_OVER), int(UserAct.UNDO), int(UserAct.OTHER_LANGUAGE)
MISMATCH, INSULT, HELP = int(UserAct.MISMATCH), int(UserAct.INSULT), int(UserAct.HELP)
FIND_ITEM = int(UserAct.FIND_ITEM)
TRUTHS = len(Truth)


class Cards(NamedTuple):
    """What the cards of the items hold. T topics."""

    truths: npt.NDArray[np.int8]  # (I, V) `Truth`
    opinions: npt.NDArray[np.int32]  # (I,) argument of the opinion form
    entity_start: npt.NDArray[np.int64]  # (E + 1,) first place of each person's items, then their number
    entity_items: npt.NDArray[np.int32]  # (n,)
    topics: int  # T
    unknown: int  # argument of what is said where nothing can be told
    weightiest: int  # the topic that two items are compared by unless another is asked for


class Replies(NamedTuple):
    """Codes of the sentence forms that answer, mend and close."""

    fact: int
    fact_of: int
    has_value: int
    has_entity: int
    plot: int
    opinion: int
    unknown: int
    guess: int
    by_likeness: int
    mismatch: int
    sorry: int
    not_here: int
    started_over: int
    undone: int
    help: int
    calm: int
    language: int
    offer_more: int
    close_warm: int
    slate: int
    starters: int


def cards_of(catalog: Catalog) -> Cards:
    """The cards of a catalogue."""
    people = catalog.entity_items
    weights = [facet.weight for facet in catalog.facets]
    return Cards(
        truths=truths(catalog),
        opinions=opinions(catalog),
        entity_start=np.cumsum([0, *map(len, people)]),
        entity_items=np.concatenate([*people, np.zeros(0, np.int32)]).astype(np.int32),
        topics=len(topics(catalog)),
        unknown=len(topics(catalog)) + len(catalog.declaration.unanswered),
        weightiest=weights.index(max(weights)),
    )


def replies_of(grammar: Grammar) -> Replies:
    """The forms of a grammar."""
    names = {
        "guess": Form.S_WHY_GUESS,
        "by_likeness": Form.S_WHY_LIKENESS,
        "started_over": Form.S_START_OVER,
    }
    return Replies(*[grammar.code(names.get(name) or Form(f"s_{name}")) for name in Replies._fields])


@rule
def answer(kind: int, about: int, item: int, cards: Cards, replies: Replies) -> Any:
    """Form and argument of the answer to a question about an item; ``(-1, 0)`` where the reason is asked for.

    Args:
        kind: ``Question``.
        about: What it is about.
        item: Row of the catalogue, or -1: then nothing can be told.
        cards: ``Cards``.
        replies: ``Replies``.
    """
    if kind == WHY:
        return -1, 0
    if item >= 0:
        if kind == FACT:
            return replies.fact, cards.topics * item + about
        if kind == VALUE:
            return replies.has_value, TRUTHS * about + cards.truths[item, about]
        if kind == ENTITY:
            return replies.has_entity, 2 * about + takes_part(about, item, cards)
        if kind == PLOT:
            return replies.plot, item
        if kind == OPINION:
            return replies.opinion, cards.opinions[item]
        if kind == COMPARE:
            return replies.fact_of, cards.topics * item + (about if about >= 0 else cards.weightiest)
    return replies.unknown, about if kind in (FACT, UNKNOWN) else cards.unknown


@rule
def takes_part(entity: int, item: int, cards: Cards) -> int:
    """1 if a named person stands on the card of an item, else 0."""
    for i in range(cards.entity_start[entity], cards.entity_start[entity + 1]):
        if cards.entity_items[i] == item:
            return 1
    return 0


@rule
def said(remarks: np.uint64, act: int) -> bool:
    """Whether an act is among those of a turn."""
    return remarks >> np.uint64(act) & np.uint64(1) != 0


@rule
def amends(remarks: np.uint64, lacking: int, sought: int, replies: Replies) -> Any:
    """Form and argument of what is said first to a turn that was more than wishes; ``(-1, 0)`` for nothing.

    Args:
        remarks: ``UserAct`` bits of the person's turn.
        lacking: Value they missed in the suggestion, or -1.
        sought: Item they asked for by its title, or -1.
        replies: ``Replies``.
    """
    if said(remarks, START_OVER):
        return replies.started_over, 0
    if said(remarks, UNDO):
        return replies.undone, 0
    if said(remarks, OTHER_LANGUAGE):
        return replies.language, 0
    if said(remarks, MISMATCH):
        return (replies.mismatch, lacking) if lacking >= 0 else (replies.sorry, 0)
    if said(remarks, INSULT):
        return replies.calm, 0
    if said(remarks, HELP):
        return replies.help, 0
    if said(remarks, FIND_ITEM) and sought < 0:
        return replies.not_here, 0
    return -1, 0

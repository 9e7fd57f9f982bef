"""Why an item is suggested, in words: likeness to what was named, and wishes that were stated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.serving.explain import reasons, resembled
from agents.serving.talk.message import WISHING, Message
from agents.serving.talk.words import Wording
from chatrec_env.language import Form
from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import get_language

if TYPE_CHECKING:
    from agents.serving.talk.talking import TalkingConversation

MOST_NAMED = 3
"""Wishes that a reason names."""

MOST_SPARED = 2
"""Things that it is said not to be."""

_BY_LIKENESS = frozenset((UserAct.LIKE, UserAct.MORE_LIKE_THAT, UserAct.LIKE_BUT, UserAct.LIKED_ITEM))
"""Acts after which an item is suggested for its likeness."""


def answer_why(c: TalkingConversation, item: int, wording: Wording) -> str:
    """The reason for an item: what it is like where that counted, stated wishes it meets, else a guess."""
    if item < 0:
        return wording.say(Form.S_WHY_GUESS)
    phrases = [wish.phrase for wish in reasons(c.task.manager, c.dialogue, item, c.bounds)][:MOST_NAMED]
    alike = _likeness(c, item, wording)
    if phrases and not (alike and c.akin):
        return wording.remarks.because(phrases, c.task.manager.catalog.noun)
    return alike or wording.say(Form.S_WHY_GUESS)


def reason(c: TalkingConversation, m: Message, item: int, wording: Wording) -> str:
    """The reason given with a card; none where it was asked for by its title, or nothing new was said."""
    manager = c.task.manager
    if int(c.dialogue.memory.sought[0]) == item or m.missing is not None:
        return ""
    if c.cards and not m.kinds & (WISHING | _BY_LIKENESS | {UserAct.RELATIVE, UserAct.TOO}):
        return ""
    spared = _spared(c, m, item)
    met = reasons(manager, c.dialogue, item, c.bounds)
    now = {act.value for act in m.acts}
    met.sort(key=lambda wish: not now & set(wish.values))
    named = [act.item for act in m.acts if act.item >= 0 and act.act in _BY_LIKENESS]
    alike = _likeness(c, item, wording, named) or _likeness(c, item, wording)
    if alike and (not met or c.akin or m.kinds & _BY_LIKENESS):
        return f"{alike} {spared}".strip()
    if len(met) == 1 and len(met[0].values) == 1:
        return f"{wording.say(Form.S_EXPLAIN_VALUE, met[0].values[0])} {spared}".strip()
    if met:
        told = wording.remarks.asked_for(
            [wish.phrase for wish in met[:MOST_NAMED]], manager.catalog.noun, c.turn
        )
        return f"{told} {spared}".strip()
    if spared:
        return spared
    if manager.catalog.acclaim[item] >= 0.5:
        return wording.say(Form.S_EXPLAIN_ACCLAIM)
    return wording.say(Form.S_WHY_GUESS)


def _spared(c: TalkingConversation, m: Message, item: int) -> str:
    """That an item is not what the message asks to be spared; empty where it asks for nothing of the kind."""
    catalog = c.task.manager.catalog
    acts = [act for act in m.acts if act.act in (UserAct.AVOID, UserAct.EXCEPT)]
    without = [
        catalog.value_phrases[act.value]
        for act in acts
        if act.value >= 0
        and catalog.facets[int(catalog.value_facet[act.value])].multi_valued
        and not catalog.values[item, act.value]
    ]
    if without:
        return get_language().remarks.spared(list(dict.fromkeys(without))[:MOST_SPARED])
    told = [act.topic for act in acts if act.value < 0 and act.topic.lower() in c.bounds.words]
    return get_language().remarks.unmentioned(told[:MOST_SPARED]) if told else ""


def _likeness(c: TalkingConversation, item: int, wording: Wording, named: Sequence[int] | None = None) -> str:
    """That it is like an item that was named, and what both have; empty where it is not."""
    anchors = [*c.akin, *c.liked] if named is None else named
    alike = resembled(c.task.manager, item, anchors)
    if not alike:
        return ""
    shared = wording.remarks.share(alike[0].shared) if alike[0].shared else ""
    return f"{wording.say(Form.S_WHY_LIKENESS, alike[0].item)} {shared}".strip()

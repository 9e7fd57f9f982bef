"""What typed sentences mean where they are said, beyond what the reader of sentences tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from agents.serving.talk import likeness
from agents.serving.talk.described import choices, descriptions, tells
from agents.serving.talk.idioms import idiom, otherwise, perfect, unread
from agents.serving.talk.message import POLITE, Message, understand
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import LAST, MentionKind

HINTED = 0.5
"""Strength of a wish for a value that was not named but is meant by the words."""

_TAKEN = {UserAct.ACCEPT}
_TAKING = re.compile(
    r"(?:(?:ok|okay|k|fine|alright|yes|yeah|yep|sure|deal|good|right)\W+){0,2}(?:that|this)(?: one)?(?: then)?\W*",
    re.IGNORECASE,
)
"""What little it takes to take something that is pointed at: "ok that"."""

_BY_RULES = frozenset((UserAct.REJECT, UserAct.MORE_LIKE_THAT))

_BARE = 4
"""Words of a sentence that says which language to talk in: "ok, in English then"."""


class Read(Protocol):
    """A conversation with somebody who types, as far as reading goes: a ``TalkingConversation``."""

    task: Any
    dialogue: Any
    reader: Any
    cards: Any
    focus: int
    foreign: bool

    @property
    def place(self) -> SystemAct | None:
        """Where a message stands."""

    def typed(self, sentences: Sequence[str]) -> Any:
        """Ids of sentences, read where they were typed."""


def read_message(c: Read, sentences: Sequence[str]) -> Message:
    """What typed sentences mean in a conversation."""
    table, catalog = c.task.manager.table, c.task.manager.catalog
    finder = c.reader.finder
    told: list[str] = []
    either: list[frozenset[int]] = []
    read: list[tuple[ParsedAct, ...]] = []
    gone: list[int] = []
    for text, i in zip(sentences, c.typed(sentences), strict=True):
        acts = _or_by_rules(c, text, table.acts(int(i)), finder)
        heard = acts
        likeness.read_ahead(c.task.manager, [act.topic for act in acts if _is_words(c, act)])
        acts = tuple(
            _as_asked(c, text, _by_meaning(c, act)) for act in acts if not _of_the_talk(c, text, act)
        )
        acts = otherwise(text, acts, catalog, finder)
        values = {act.value for act in acts if act.act in (UserAct.WANT, UserAct.AVOID, UserAct.EXCEPT)}
        gone += [act.value for act in heard if act.act == UserAct.WANT and act.value not in values]
        described, spared = descriptions(text, acts, finder)
        told += described
        either += choices(text, acts, finder)
        read.append((*acts, *spared))
    message = understand(sentences, read, catalog, c.place, c.cards, c.focus)
    unclear = tuple(one for one in dict.fromkeys((*message.unclear, *told)) if tells(one))
    misread = (*message.misread, *(value for value in gone if value >= 0))
    return replace(message, described=tuple(told), choices=tuple(either), unclear=unclear, misread=misread)


def _of_the_talk(c: Read, text: str, act: ParsedAct) -> bool:
    """Whether an act is about the language to talk in, after somebody wrote in another: "ok, English"."""
    if not c.foreign or act.act != UserAct.WANT or act.value < 0 or len(text.split()) > _BARE:
        return False
    manager = c.task.manager
    name, noun = manager.catalog.value_names[act.value], manager.catalog.noun
    return name.casefold() == manager.table.parser.language.casefold() and noun not in text.casefold()


def _by_meaning(c: Read, act: ParsedAct) -> ParsedAct:
    """A wish for, or a question about, words that stand for no value: the value that is meant, if one is near."""
    if not _is_words(c, act):
        return act
    value = likeness.meant_value(c.task.manager, act.topic)
    return act if value < 0 else replace(act, value=value, strength=HINTED)


def _is_words(c: Read, act: ParsedAct) -> bool:
    """Whether an act wishes for, or asks about, words that stand for no value."""
    bare = act.value < 0 and act.facet < 0 and act.entity < 0 and act.item < 0 and bool(act.topic)
    return bare and act.act in (UserAct.WANT, UserAct.ASK_FACT) and not _is_topic(c, act.topic)


def _as_asked(c: Read, text: str, act: ParsedAct) -> ParsedAct:
    """A question, where somebody seems to wish in a question for what they will not have: "any villains?"."""
    spared = act.act == UserAct.WANT and act.value >= 0 and c.dialogue.wishes[0, act.value] < 0
    if not (spared and text.rstrip().endswith("?") and c.focus >= 0):
        return act
    return replace(act, act=UserAct.ASK_FACT, polarity=0, topic="")


def _is_topic(c: Read, text: str) -> bool:
    """Whether a text is the name of something that can be asked about."""
    declared = c.task.manager.catalog.declaration
    return text in declared.entities or any(text == one.name for one in declared.unanswered)


def _or_by_rules(
    c: Read, text: str, acts: tuple[ParsedAct, ...], finder: MentionFinder
) -> tuple[ParsedAct, ...]:
    """A saying as it is meant, and what the rules read in a sentence where the heads of the reader read nothing."""
    if said := idiom(text, on_table=c.place == SystemAct.RECOMMEND):
        return said
    on_table = c.place == SystemAct.RECOMMEND
    if on_table and perfect(text) and {act.act for act in acts} <= POLITE:
        return (*acts, *unread(text))
    if any(act.act != UserAct.SMALL_TALK for act in acts) or c.reader.notice:
        return acts
    if on_table and (said := unread(text)):
        return said
    asked = int(c.dialogue.last_facet[0])
    found = c.task.manager.table.parser.parse(text, asked=asked)
    if (place := _pointed(text, finder, len(c.cards))) >= 0 and c.place == SystemAct.RECOMMEND:
        return (ParsedAct(UserAct.ACCEPT, place=place),)
    if c.place == SystemAct.RECOMMEND and _TAKING.fullmatch(text) and {a.act for a in found} == _TAKEN:
        return found
    return tuple(act for act in found if act.act in _BY_RULES) or acts


def _pointed(text: str, finder: MentionFinder, cards: int) -> int:
    """The card whose place is all that a text holds ("the second one"), -1 for none."""
    mentions = finder.find(text)
    if len(mentions) != 1 or mentions[0].kind != MentionKind.PLACE:
        return -1
    beside = text[: mentions[0].start] + text[mentions[0].end :]
    place = cards - 1 if mentions[0].place == LAST else mentions[0].place
    return place if place < cards and len(beside.split()) <= 1 else -1

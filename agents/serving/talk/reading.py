"""What typed sentences mean where they are said, beyond what the reader of sentences tells."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from agents.serving.talk import likeness
from agents.serving.talk.described import (
    by_the_same,
    choices,
    extreme,
    named_by_titles,
    narrow_values,
    of_places,
    tells,
    two_compared,
)
from agents.serving.talk.fitting import HINTED, children
from agents.serving.talk.message import POLITE, Message, understand
from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import LAST, MentionKind
from chatrec_env.language.word_forms import get_word_forms

_BY_RULES = frozenset((UserAct.REJECT, UserAct.MORE_LIKE_THAT))

_WISHED = frozenset((UserAct.WANT, UserAct.AVOID, UserAct.MISMATCH))

_BARE = 4
"""Words of a sentence that says which language to talk in: "ok, in English then"."""


class Read(Protocol):
    """A conversation with somebody who types, as far as reading goes: a ``TalkingConversation``."""

    task: Any
    dialogue: Any
    reader: Any
    cards: Any
    focus: int
    bounds: Any
    described: tuple[str, ...]
    foreign: bool

    @property
    def place(self) -> SystemAct | None:
        """Where a message stands."""

    def typed(self, sentences: Sequence[str]) -> Any:
        """Ids of sentences, read where they were typed."""


def read_message(c: Read, sentences: Sequence[str]) -> Message:
    """What typed sentences mean in a conversation."""
    catalog, finder, table = c.task.manager.catalog, c.reader.finder, c.task.manager.table
    either: list[frozenset[int]] = []
    narrow: list[tuple[int, str]] = []
    whom, named = "", list[str]()
    cues = get_language().cues
    read: list[tuple[ParsedAct, ...]] = []
    gone: list[int] = []
    for text, i in zip(sentences, c.typed(sentences), strict=True):
        heard = _heard(c, text, table.acts(int(i)))
        likeness.read_ahead(c.task.manager, [act.topic for act in heard if _is_words(c, act)])
        meant = (_by_meaning(c, act) for act in heard if not _of_the_talk(c, text, act))
        acts = tuple(_as_asked(c, text, act) for act in meant if act is not None)
        acts = _about_facts(text, _of_people(c, text, _spared(text, acts, finder)), catalog, finder)
        acts = tuple(act for act in acts if act.value >= 0 or not act.topic or tells(act.topic))
        acts = by_the_same(text, acts, catalog, c.focus)
        acts = extreme(text, c.cards, finder) or of_places(text, acts, finder)
        if cues.corrected(text):
            acts = _corrected(c, acts)
        values = {act.value for act in acts if act.act in _WISHED | {UserAct.EXCEPT}}
        gone += [act.value for act in heard if act.act in _WISHED and act.value not in values]
        either += choices(text, acts, finder)
        narrow += narrow_values(text, acts, finder)
        people = {act.topic for act in acts if cues.for_whom(f"for my {act.topic.removeprefix('my ')}")}
        acts = tuple(act for act in acts if act.topic not in people and not act.topic.isdecimal())
        person = f"my {min(people).removeprefix('my ')}" if people else ""
        whom = _for_whom(text, acts, finder) or person or whom
        named += named_by_titles(text, acts, finder)
        read.append(acts)
    message = understand(sentences, read, catalog, c.place, c.cards, c.focus)
    declared = catalog.declaration
    nouns = (declared.noun, declared.noun_plural, declared.name, *declared.noun_synonyms)
    told = [one for one in message.unclear if tells(one) and not cues.sad_news(one)]
    unclear = tuple(one for one in told if not cues.for_any(one, nouns) and one not in whom)
    misread = (*message.misread, *(value for value in gone if value >= 0))
    return replace(
        message,
        choices=tuple(either),
        unclear=unclear,
        misread=misread,
        narrow=tuple(narrow),
        whom=whom,
        titled=tuple(named),
    )


def _for_whom(text: str, acts: Sequence[ParsedAct], finder: MentionFinder) -> str:
    """The person a sentence says it is for, where the catalogue does not know what suits them."""
    whom = get_language().cues.for_whom(text)
    return "" if any(act.context >= 0 for act in acts) or finder.find(whom) else whom


def told(text: str) -> str:
    """The words of a sentence that tell: of "no, I said red", or "Lea says red", what was said; idioms said plainly."""
    cues = get_language().cues
    return cues.plainly(cues.reported(text) or cues.corrected(text) or text)


def _heard(c: Read, text: str, acts: tuple[ParsedAct, ...]) -> tuple[ParsedAct, ...]:
    """What the reader, ``acts``, or a saying tells of a sentence; what somebody else says is their wish."""
    said = told(text)
    if get_language().cues.reported(text):
        acts = tuple(
            replace(act, other=act.act in (UserAct.WANT, UserAct.AVOID) or act.other) for act in acts
        )
    if get_language().cues.not_them(text) and (entity := _last_wished(c)) >= 0:
        return (ParsedAct(UserAct.REJECT), ParsedAct(UserAct.ENTITY, entity=entity, polarity=-1))
    acts = _or_by_rules(c, said, acts)
    if get_language().cues.corrected(text) and {act.act for act in acts} <= POLITE:
        acts = (ParsedAct(UserAct.WANT, polarity=1, topic=said.strip(" .!?")),)
    return acts


def _last_wished(c: Read) -> int:
    """The person who was wished for last, -1 for nobody."""
    d = c.dialogue
    found = d.entities[0][(d.entities[0] >= 0) & (d.entity_signs[0] > 0)]
    return int(found[-1]) if len(found) else -1


def _corrected(c: Read, acts: tuple[ParsedAct, ...]) -> tuple[ParsedAct, ...]:
    """The acts of a sentence that says what was meant: what had been taken for it goes, what had been heard stays.

    A complaint of the item on the table goes before, which names what it lacks. An item that is named is looked for.
    """
    d, catalog = c.dialogue, c.task.manager.catalog
    named = (UserAct.ACCEPT, UserAct.LIKED_ITEM)
    acts = tuple(replace(act, act=UserAct.FIND_ITEM, polarity=0) if act.act in named else act for act in acts)
    new = [act.value for act in acts if act.act == UserAct.WANT and act.value >= 0]
    plain = [act.value for act in acts if act.value in new and math.isinf(act.low) == math.isinf(act.high)]
    people = [act.entity for act in acts if act.act == UserAct.ENTITY and act.polarity > 0]
    wished = [int(v) for v in np.flatnonzero((d.wishes[0] > 0) & d.memory.stated[0])]
    facets = {int(catalog.value_facet[v]) for v in new if v not in wished}
    gone = [ParsedAct(UserAct.DROP, facet=f) for f in sorted(facets & set(c.bounds.spans))]
    gone += [
        ParsedAct(UserAct.DROP, value=v)
        for v in wished
        if v not in new and int(catalog.value_facet[v]) in facets
    ]
    if people and (last := _last_wished(c)) >= 0 and last not in people:
        gone.append(ParsedAct(UserAct.DROP, entity=last))
    if c.described and any(act.act == UserAct.WANT and act.value < 0 and act.topic for act in acts):
        gone.append(ParsedAct(UserAct.DROP, topic=c.described[-1]))
    lacks = next((v for v in plain if c.focus >= 0 and not catalog.values[c.focus, v]), -1)
    return (ParsedAct(UserAct.MISMATCH, value=lacks), *gone, *acts)


def _of_the_talk(c: Read, text: str, act: ParsedAct) -> bool:
    """Whether an act is about the language to talk in: "ok, English" after another was written, "my English is bad"."""
    if act.act not in _WISHED or act.value < 0:
        return False
    manager = c.task.manager
    name, noun = manager.catalog.value_names[act.value], manager.catalog.noun
    said = [text[one.start : one.end] for one in c.reader.finder.find(text) if act.value in one.values]
    if not _is_main(manager.catalog, act.value) and any(
        map(partial(get_language().cues.own_tongue, text), said)
    ):
        return True
    tongue = name.casefold() == manager.table.parser.language.casefold()
    return tongue and c.foreign and len(text.split()) <= _BARE and noun not in text.casefold()


def _is_main(catalog: Catalog, value: int) -> bool:
    """Whether a value is of a facet that weighs as much as the half of the first: what a catalogue is about."""
    return catalog.facets[int(catalog.value_facet[value])].weight >= catalog.facets[0].weight / 2


def _by_meaning(c: Read, act: ParsedAct) -> ParsedAct | None:
    """A wish for, or a question about, words that stand for no value: the value that is meant, if one is near.

    None of a wish for nothing but an item: "I need music".
    """
    if not _is_words(c, act):
        return act
    declared = c.task.manager.catalog.declaration
    if act.topic.casefold() in (
        *(declared.noun, declared.noun_plural, declared.name),
        *declared.noun_synonyms,
    ):
        return None
    value = likeness.meant_value(c.task.manager, act.topic, asked=act.act == UserAct.ASK_FACT)
    return act if value < 0 else replace(act, value=value, strength=HINTED)


def _is_words(c: Read, act: ParsedAct) -> bool:
    """Whether an act wishes for, or asks about, words that stand for no value."""
    bare = act.value < 0 and act.facet < 0 and act.entity < 0 and act.item < 0
    return (
        bare
        and any(map(str.isalpha, act.topic))
        and act.act in (UserAct.WANT, UserAct.ASK_FACT)
        and not _is_topic(c, act.topic)
    )


def _spared(text: str, acts: tuple[ParsedAct, ...], finder: MentionFinder) -> tuple[ParsedAct, ...]:
    """The acts, and what is described to be spared though it was not read so: "nothing where the dog dies"."""
    told = [one for one in get_language().cues.spared(text) if not finder.find(one)]
    if {act.act for act in acts} & {UserAct.AVOID, UserAct.EXCEPT}:
        whole = {act.topic: one for act in acts for one in told if act.topic and act.topic in one}
        against = (UserAct.AVOID, UserAct.EXCEPT)
        return tuple(
            replace(act, topic=whole.get(act.topic, act.topic)) if act.act in against else act for act in acts
        )
    kept = (
        act for act in acts if not (act.topic and any(act.topic in one or one in act.topic for one in told))
    )
    return (*kept, *(ParsedAct(UserAct.AVOID, polarity=-1, topic=one) for one in told))


def _of_people(c: Read, text: str, acts: tuple[ParsedAct, ...]) -> tuple[ParsedAct, ...]:
    """The acts, as what it says of people has them: no wish for what they are bad at, but for what they would mend.

    And for what is for children, where it is for somebody young.
    """
    cues, find, catalog = get_language().cues, c.reader.finder.find, c.task.manager.catalog
    bad = {value for one in find(text) if cues.weak_at(text[: one.start]) for value in one.values}
    acts = tuple(act for act in acts if act.act != UserAct.WANT or act.value not in bad)
    rusty, young = cues.rusty(text), cues.young_one(text)
    poor = [v for one in find(rusty) for v in one.values[:1] if _is_main(catalog, v)] if rusty else []
    small = sorted(children(catalog)) if young and not any(act.context >= 0 for act in acts) else []
    acts = tuple(act for act in acts if act.value not in poor)
    new = [v for one in find(cues.novice) for v in one.values[:1] if poor]
    wished = [(v, rusty) for v in (*poor, *new)] + [(v, young) for v in small]
    return (*acts, *(ParsedAct(UserAct.WANT, value=v, polarity=1, topic=word) for v, word in wished))


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


def _about_facts(
    text: str, acts: tuple[ParsedAct, ...], catalog: Catalog, finder: MentionFinder
) -> tuple[ParsedAct, ...]:
    """The acts of a sentence; what it asks, where it is about two named items, or about what no catalogue can tell."""
    question = text.rstrip().endswith("?")
    if question and (pair := two_compared(text, finder)):
        return pair
    if (topic := _cannot_tell(text, acts, catalog)) and (
        question or any(act.act in (UserAct.RELATIVE, UserAct.TOO) for act in acts)
    ):
        return (ParsedAct(UserAct.ASK_FACT, topic=topic),)
    return acts


def _cannot_tell(text: str, acts: Sequence[ParsedAct], catalog: Catalog) -> str:
    """The name of what a sentence is about that the catalogue cannot tell; empty where it is about none."""
    if any(act.topic for act in acts if act.act == UserAct.ASK_FACT):
        return ""
    forms = get_word_forms()
    for one in catalog.declaration.unanswered:
        either = {one.name, forms.singular(one.name), forms.plural(one.name)}
        if re.search(rf"\b(?:{'|'.join(map(re.escape, sorted(either)))})\b", text, re.IGNORECASE):
            return one.name
    return ""


def _or_by_rules(c: Read, text: str, acts: tuple[ParsedAct, ...]) -> tuple[ParsedAct, ...]:
    """A saying as it is meant, and what the rules read in a sentence where the heads of the reader read nothing."""
    on_table = c.place == SystemAct.RECOMMEND
    found = [
        one for one in get_language().cues.sayings if one.matches(text) and (on_table or not one.on_table)
    ]
    praise = UserAct.LIKED_ITEM  # of what is on the table, it adds nothing to a saying
    idle = {act.act for act in acts if act.act != praise or act.item >= 0} <= POLITE
    for one in found:
        if not one.last or (idle and not c.reader.notice):
            return tuple(ParsedAct(act) for act in one.acts)
    if any(act.act != UserAct.SMALL_TALK for act in acts) or c.reader.notice:
        return acts
    if on_table and (place := _pointed(text, c.reader.finder, len(c.cards))) >= 0:
        return (ParsedAct(UserAct.ACCEPT, place=place),)
    read = c.task.manager.table.parser.parse(text, asked=int(c.dialogue.last_facet[0]))
    return tuple(act for act in read if act.act in _BY_RULES) or acts


def _pointed(text: str, finder: MentionFinder, cards: int) -> int:
    """The card whose place is all that a text holds ("the second one"), -1 for none."""
    mentions = finder.find(text)
    if len(mentions) != 1 or mentions[0].kind != MentionKind.PLACE:
        return -1
    beside = text[: mentions[0].start] + text[mentions[0].end :]
    place = cards - 1 if mentions[0].place == LAST else mentions[0].place
    return place if place < cards and len(beside.split()) <= 1 else -1

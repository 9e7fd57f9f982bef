"""What a message means where it was said: which card it is about, whether it takes one, what it asks."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.serving.talk.described import with_titles
from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.questions import ASKING

_A = UserAct

_ASKED_FOR = frozenset((_A.WANT, _A.LIKE, _A.RELATIVE, _A.MORE_LIKE_THAT))
"""Acts that ask for an item: what is asked besides in no words is whether there is one."""

REFUSING = frozenset((_A.REJECT, _A.SEEN_IT, _A.TOO, _A.NO, _A.MISMATCH, _A.DISLIKED_ITEM, _A.RELATIVE))
"""Acts with which nothing that is not pointed at is taken."""

OTHERS = frozenset(
    {
        *(_A.REJECT, _A.SEEN_IT, _A.TOO, _A.RELATIVE, _A.MISMATCH, _A.MORE_LIKE_THAT, _A.LIKE_BUT, _A.LIKE),
        *(_A.FIND_ITEM, _A.LIKED_ITEM, _A.DISLIKED_ITEM, _A.START_OVER, _A.UNDO, _A.IMPATIENT, _A.NO),
    }
)
"""Acts that call for another card than the one that is talked about."""

WISHING = frozenset(
    {
        *(_A.WANT, _A.AVOID, _A.CHANGE_MIND, _A.ENOUGH_OF, _A.CONTEXT, _A.ENTITY, _A.DROP, _A.EXCEPT, _A.YES),
        *(_A.DONT_KNOW, _A.NO_PREFERENCE),
    }
)
"""Acts that tell what is wanted, or answer a question."""

POLITE = frozenset((_A.GREET, _A.THANK, _A.SMALL_TALK))
"""Acts that ask for nothing."""

_SIDE = frozenset((_A.DOUBT, _A.CONDITION, _A.HELP, _A.INSULT, _A.OTHER_LANGUAGE, _A.ACCEPT, _A.LEAVE))

UNDERSTOOD = OTHERS | WISHING | _SIDE | ASKING | {_A.GREET, _A.THANK}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about an item; -1 where it is about none."""

    act: ParsedAct
    item: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message, understood.

    Attributes:
        sentences: As typed.
        acts: What was read in them.
        about: The item it talks about, -1 for none.
        accepts: The item it takes, -1 for none.
        asks: Its questions.
        unmet: Whether it would have taken the item, under a condition that this does not fulfil.
        unclear: Parts that nothing was understood of.
        misread: Values that were read in the title of an item that it looks for.
        choices: Wanted values of which one is enough.
        whom: The person it is for, where no company is meant that the catalogue knows: "my mother".
        titled: Words of its wishes that stand in titles.
        narrow: Wanted values, and the word that was said, where it means less than the value: robots of machines.
    """

    sentences: tuple[str, ...]
    acts: tuple[ParsedAct, ...]
    about: int
    accepts: int
    asks: tuple[Asked, ...]
    unmet: bool
    unclear: tuple[str, ...]
    misread: tuple[int, ...] = ()
    choices: tuple[frozenset[int], ...] = ()
    narrow: tuple[tuple[int, str], ...] = ()
    whom: str = ""
    titled: tuple[str, ...] = ()

    def wants(self, value: int) -> bool:
        """Whether it states a wish for a value."""
        return any(act.value == value and act.act == _A.WANT for act in self.acts)

    @property
    def kinds(self) -> set[UserAct]:
        """Kinds of its acts."""
        return {act.act for act in self.acts}

    @property
    def tells_of_missing(self) -> bool:
        """Whether it says what the title is like that is not in the catalogue: "the one with the fake starship"."""
        after = " ".join(self.sentences).partition(self.missing or "\0")[2]
        return get_language().cues.tells_what(after)

    @property
    def missing(self) -> str | None:
        """The title it looks for that is not in the catalogue; empty where that was not read, None for none."""
        if not any(act.act == _A.FIND_ITEM and act.item < 0 for act in self.acts):
            return None
        return next((act.topic for act in self.acts if act.topic and act.act in (_A.FIND_ITEM, _A.WANT)), "")


def understand(
    sentences: Sequence[str],
    read: Sequence[Sequence[ParsedAct]],
    catalog: Catalog,
    after: SystemAct | None,
    cards: Sequence[int],
    focus: int,
) -> Message:
    """What a message means.

    Args:
        sentences: As typed.
        read: The acts of each.
        catalog: What it is about.
        after: What the system did just before.
        cards: Items on the cards of the table, from the first.
        focus: The item that was talked about, -1 for none.
    """
    read = _as_one(sentences, [_without_rhetoric(some) for some in read])
    read, misread = with_titles(sentences, read, catalog)
    read = [_by_title(text, some, catalog, cards) for text, some in zip(sentences, read, strict=True)]
    if focus < 0:
        read = [_seeking(text, some) for text, some in zip(sentences, read, strict=True)]
    acts = tuple(act for some in read for act in some)
    kinds = {act.act for act in acts}

    def meant(act: ParsedAct) -> int:
        if act.item >= 0:
            return act.item
        return cards[act.place] if 0 <= act.place < len(cards) else focus

    pointed = [meant(act) for act in acts if act.item in cards or 0 <= act.place < len(cards)]
    several = len({act.item for act in acts if act.act in ASKING and act.item >= 0}) > 1
    about = pointed[-1] if pointed and not several else focus
    found = [act for act in acts if act.act in ASKING]
    if any(_told(act) for act in found):  # "is it more this or more that?"
        found = [act for act in found if _told(act) or act.act not in (_A.ASK_FACT, _A.COMPARE)]
    asks = tuple(dict.fromkeys(Asked(act, act.item if act.item >= 0 else about) for act in found))
    accepts, unmet = -1, False
    aimed = [act for act in acts if act.act == _A.ACCEPT and (act.item >= 0 or act.place >= 0)]
    last = {act.act for act in read[-1]} if read else set()
    if _A.ACCEPT in last and not last & (REFUSING | {_A.DOUBT}):  # a doubt before has been overcome
        kinds = kinds - {_A.DOUBT}
    unsure = kinds & {_A.DOUBT, _A.CONDITION} or found
    if aimed and not unsure:
        accepts = meant(aimed[-1])
    elif about >= 0 and not unsure and not kinds & REFUSING and not _goes_on(read):
        polite = kinds <= POLITE | {_A.YES, _A.LEAVE}
        agreed = _A.YES in kinds and after == SystemAct.RECOMMEND and polite
        accepts = about if _A.ACCEPT in kinds or agreed else -1
    elif about >= 0 and _A.CONDITION in kinds and not found and not kinds & REFUSING:
        holds = fulfils(catalog, about, acts)
        accepts, unmet = (about, False) if holds else (-1, holds is False)
    known = [act.act in UNDERSTOOD and not _vague(act) for act in acts]
    silent = [
        text for text, some in zip(sentences, read, strict=True) if not {act.act for act in some} & UNDERSTOOD
    ]
    heard = any(act.act in WISHING | {_A.RELATIVE} and not _vague(act) for act in acts)
    unclear = [
        act.topic
        for act in acts
        if (_vague(act) and not (heard and act.act == _A.TOO))
        or (act.act == _A.AVOID and is_unanswered(act, catalog))
    ]
    unclear += silent if not any(known) else []
    return Message(
        tuple(sentences), acts, about, accepts, asks, unmet, tuple(dict.fromkeys(unclear)), misread
    )


def _goes_on(read: Sequence[Sequence[ParsedAct]]) -> bool:
    """Whether wishes come after what would have taken the item: "right. something funny then"."""
    agreeing = [i for i, acts in enumerate(read) if any(act.act in (_A.ACCEPT, _A.YES) for act in acts)]
    after = [act.act for acts in read[agreeing[-1] + 1 :] for act in acts] if agreeing else []
    return any(act in OTHERS | WISHING for act in after)


def _without_rhetoric(acts: Sequence[ParsedAct]) -> Sequence[ParsedAct]:
    """The acts of a sentence without questions that want no answer.

    In "is this a joke?" an insult is meant, in "is possible one in French?" a wish.
    """
    kinds = {act.act for act in acts}
    if _A.INSULT in kinds:
        return [act for act in acts if act.act not in ASKING]
    if kinds & _ASKED_FOR:
        return [act for act in acts if act.act != _A.ASK_FACT or act.facet >= 0 or act.topic or _told(act)]
    return acts


def _seeking(text: str, acts: Sequence[ParsedAct]) -> tuple[ParsedAct, ...]:
    """The acts of a sentence where nothing is on the table: "any French ones?" is a wish, "is it French?" is none."""
    seeks = not get_language().cues.of_it(text)
    return tuple(
        replace(act, act=_A.WANT, polarity=1)
        if seeks and act.act == _A.ASK_FACT and act.value >= 0 and act.item < 0 and act.place < 0
        else act
        for act in acts
    )


def _by_title(
    text: str, acts: Sequence[ParsedAct], catalog: Catalog, cards: Sequence[int]
) -> tuple[ParsedAct, ...]:
    """The acts, with the card that a sentence takes where its title stands in it as it is written."""
    named = [item for item in cards if re.search(rf"(?<!\w){re.escape(catalog.titles[item])}(?!\w)", text)]
    if not named:
        return tuple(acts)
    item = max(named, key=lambda card: len(catalog.titles[card]))
    free = [act.act == _A.ACCEPT and act.item < 0 and act.place < 0 for act in acts]
    return tuple(replace(act, item=item) if bare else act for act, bare in zip(acts, free, strict=True))


def _as_one(sentences: Sequence[str], read: Sequence[Sequence[ParsedAct]]) -> list[Sequence[ParsedAct]]:
    """The acts of sentences, where a question before tells what the next is about, of one that is asked of a card.

    "Is it scary? My friend scares easily" is no wish for a scary one, "Is it sad? I'd rather not end up in tears" turns
    nothing down.
    """
    asked: set[int] = set()
    out, cues = [], get_language().cues
    for text, acts in zip(sentences, read, strict=True):
        kinds = {act.act for act in acts}
        if asked and (kinds & {_A.AVOID, _A.EXCEPT} or cues.dreads(text)):
            acts = [act for act in acts if act.act not in (_A.REJECT, _A.DISLIKED_ITEM)]
        if asked and cues.dreads(text):
            acts = [*acts, *(ParsedAct(_A.AVOID, value=value, polarity=-1) for value in sorted(asked))]
        if not cues.wishes(text):
            acts = [act for act in acts if act.act != _A.WANT or act.value not in asked]
        asked |= {act.value for act in acts if act.act == _A.ASK_FACT and act.value >= 0}
        out.append(acts)
    return out


def _told(act: ParsedAct) -> bool:
    """Whether a question says which fact it is about."""
    return act.act == _A.ASK_FACT and (act.value >= 0 or act.entity >= 0)


def _vague(act: ParsedAct) -> bool:
    """Whether a wish is about words that the catalogue does not know."""
    bare = act.value < 0 and act.facet < 0 and act.item < 0 and act.entity < 0 and act.context < 0
    return (
        bare
        and bool(act.topic)
        and act.act in (_A.WANT, _A.LIKE_BUT, _A.CHANGE_MIND, _A.MISMATCH, _A.TOO, _A.LIKE)
    )


def is_unanswered(act: ParsedAct, catalog: Catalog) -> bool:
    """Whether an act is about something that the catalogue cannot tell: subtitles."""
    return act.value < 0 and any(one.name in act.topic.lower() for one in catalog.declaration.unanswered)


def fulfils(catalog: Catalog, item: int, acts: Sequence[ParsedAct]) -> bool | None:
    """Whether an item fulfils the wishes of a message; None where it states none that can be checked."""
    held: dict[int, bool] = {}
    for act in acts:
        if act.value < 0 or act.act not in (_A.WANT, _A.AVOID, _A.CONDITION):
            continue
        facet = int(catalog.value_facet[act.value])
        number = float(catalog.numbers[item, facet])
        if math.isfinite(number) and not (math.isinf(act.low) and math.isinf(act.high)):
            has = act.low <= number < act.high
        else:
            has = bool(catalog.values[item, act.value])
        if act.act == _A.AVOID:
            held[facet] = held.get(facet, True) and not has
        else:
            held[facet] = held.get(facet, False) or has
    return all(held.values()) if held else None

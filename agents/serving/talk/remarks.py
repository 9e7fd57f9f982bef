"""What is said before anything else: apologies, what is not here or was not understood, and what is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.serving.explain import resembled
from agents.serving.talk.described import farthest
from agents.serving.talk.likeness import of_items
from agents.serving.talk.message import OTHERS, POLITE, WISHING, Message
from agents.serving.talk.words import Wording
from chatrec_env.catalog import Catalog
from chatrec_env.language import Form
from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import get_language

if TYPE_CHECKING:
    from agents.serving.talk.talking import TalkingConversation

_A = UserAct
_MOOT = frozenset((_A.HELP, _A.OTHER_LANGUAGE))
"""Acts that are passed over where a wish was understood all the same."""

LOW = 2
"""Stars up to which an apology is due."""


def first_said(c: TalkingConversation, m: Message, wording: Wording, *, shows: bool = True) -> list[str]:
    """What is said before anything else: apologies, and what is not here or was not understood.

    Args:
        c: The conversation.
        m: The message it answers.
        wording: Words the sentences.
        shows: Whether something is suggested.
    """
    kinds, d, catalog = m.kinds, c.dialogue, c.task.manager.catalog
    out = [wording.remarks.CONDOLENCE] if any(map(get_language().cues.sad_news, m.sentences)) else []
    lacking, sought = int(d.memory.lacking[0]), int(d.memory.sought[0])
    if _A.MISMATCH in kinds:
        out.append(wording.say(Form.S_MISMATCH, lacking) if lacking >= 0 else wording.say(Form.S_SORRY))
    for act, form in (
        (_A.START_OVER, Form.S_START_OVER),
        (_A.UNDO, Form.S_UNDONE),
        (_A.OTHER_LANGUAGE, Form.S_LANGUAGE),
        (_A.INSULT, Form.S_CALM),
        (_A.HELP, Form.S_HELP),
    ):
        if act in kinds and not out and not (act in _MOOT and kinds & WISHING):
            out.append(wording.say(form, most=3) if act == _A.INSULT else wording.say(form))
    if m.missing is not None and not c.table_empty:
        told = {"described": m.tells_of_missing, "wished": bool(d.wishes[0].any())}
        out.append(wording.remarks.not_here(m.missing, **told) if m.missing else wording.say(Form.S_NOT_HERE))
    elif sought >= 0:
        out.append(wording.remarks.here(catalog.titles[sought]))
    if m.unmet:
        out.append(wording.remarks.unmet(catalog.titles[m.about]))
    if get_language().cues.less_known(" ".join(m.sentences)) and not out:
        out.append(wording.remarks.LESS_KNOWN)
    if 0 < c.clicked.get(m.about, 0) <= LOW and not out:
        out.append(wording.say(Form.S_SORRY))
    if not m.asks:
        out += claims(c, m)
    liked = [act for act in m.acts if act.act == _A.LIKED_ITEM]
    item = liked[0].item if liked and liked[0].item >= 0 else m.about
    if liked and item >= 0 and not out:
        out.append(wording.remarks.liked(catalog.titles[item]))
    if m.whom and shows:
        out.append(wording.remarks.not_for(get_language().cues.yours(m.whom)))
    vague = [text for text in m.unclear if text not in m.sentences]
    if vague and m.missing is None:
        out.append(wording.remarks.not_known(vague, described=shows and set(vague) <= set(c.described)))
    elif m.unclear and m.missing is None and not out and not kinds - POLITE:
        out.append(wording.say(Form.S_NOT_UNDERSTOOD))
    return out


def nothing_to_tell(c: TalkingConversation, m: Message) -> list[str]:
    """The answer to a question that is about no item, since none is on the table; none where more than that is said."""
    if not m.asks or m.kinds & (OTHERS | WISHING):
        return []
    return [get_language().remarks.no_subject(c.task.manager.catalog.noun, shown=bool(c.offered))]


def extremes(c: TalkingConversation, m: Message, wording: Wording) -> list[str]:
    """Which cards have most of what is asked for; that it cannot be told, where the list does not tell."""
    out, catalog = [], c.task.manager.catalog
    for act in (ask.act for ask in m.asks):
        if act.act != _A.COMPARE or not act.topic or not any(map(get_language().cues.extreme, m.sentences)):
            continue
        if act.direction:
            found = farthest(catalog, c.cards, act.facet, act.direction)
        else:
            found = [item for item in c.cards if act.value >= 0 and catalog.values[item, act.value]]
        titles = [catalog.titles[item] for item in found]
        if found and act.direction:
            told = [wording.remarks.most_of(titles, act.topic)]
            out += told if len(found) > 1 else [*told, wording.plain_fact(found[0], act.facet)]
        else:
            out.append(
                wording.remarks.most_unknown(
                    act.topic, titles, catalog.value_names[act.value] if found else ""
                )
            )
    return out


def weighed(c: TalkingConversation, m: Message) -> list[str]:
    """Which of two an item is more of, where that is asked: what it is called of these."""
    catalog = c.task.manager.catalog
    asks = [ask for ask in m.asks if ask.act.value >= 0 and ask.item >= 0]
    if len(asks) < 2 or not any(map(get_language().cues.weighs, m.sentences)):
        return []
    has = [catalog.value_phrases[ask.act.value] for ask in asks if catalog.values[ask.item, ask.act.value]]
    lacks = [
        catalog.value_phrases[ask.act.value] for ask in asks if not catalog.values[ask.item, ask.act.value]
    ]
    return [get_language().remarks.more_of(catalog.titles[asks[0].item], has, lacks)]


def nearest_still(c: TalkingConversation, m: Message) -> str:
    """That the item on the table is the one most like what the message likes, of all that fit; empty where it is not.

    Somebody who only says what they liked turns nothing down.
    """
    named = [act.item for act in m.acts if act.act == _A.LIKED_ITEM and act.item >= 0]
    if not named or c.focus not in c.cards or not m.kinds <= POLITE | {_A.LIKED_ITEM} or not c.fits(c.focus):
        return ""
    manager, title = c.task.manager, c.task.manager.catalog.titles
    near = of_items(manager, named)
    alike = resembled(manager, c.focus, named)
    if not alike or any(near[other] > near[c.focus] for other in c.besides(c.focus)):
        return ""
    say = get_language().remarks
    return f"{say.liked(title[named[0]])} {say.in_common(title[c.focus], alike[0].shared)}"


def claims(c: TalkingConversation, m: Message) -> list[str]:
    """What is true of what the message takes for true of the item it is about."""
    catalog, other = c.task.manager.catalog, c.akin[-1] if c.akin else -1
    return [told for text in m.sentences if (told := same_people(text, catalog, m.about, other))][:1]


def same_people(text: str, catalog: Catalog, item: int, other: int) -> str:
    """What is true where somebody says, or asks whether, two items have the same director; empty where nobody does.

    Args:
        text: A sentence.
        catalog: What it is about.
        item: Row of the item on the table.
        other: Row of the item it is compared with.
    """
    if item < 0 or other < 0 or item == other:
        return ""
    for column, mine, theirs in zip(
        catalog.declaration.entities, catalog.credits[item], catalog.credits[other], strict=True
    ):
        if not get_language().cues.same(text, column):
            continue
        if not mine or not theirs:
            return ""
        shared = [catalog.entity_names[one] for one in mine if one in theirs]
        if shared:
            return get_language().remarks.same_people(column, shared)
        both = [
            (catalog.titles[i], [catalog.entity_names[one] for one in some])
            for i, some in ((other, theirs), (item, mine))
        ]
        return get_language().remarks.other_people(column, both)
    return ""

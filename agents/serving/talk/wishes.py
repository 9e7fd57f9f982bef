"""The wishes of somebody who types, beyond what the environment keeps: what one act changes, and corrections."""

from __future__ import annotations

import re
from typing import Any, Protocol

import numpy as np

from agents.serving.errors import NoSuchWishError
from agents.serving.talk import likeness
from agents.serving.talk.message import Message, is_unanswered
from agents.serving.talk.table import least_lacking
from chatrec_env.dialogue.slots import remember_entity
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.contract import get_language

SHUNNED = 20
"""Items nearest to a description of what is to be spared that are left out."""

KNOWN, LESS_KNOWN = 0.9, 0.15
"""Popularity below which an item is less known than what everybody knows, and how much less it has to be."""

NEAR = 0.4
"""Cosine from which words mean a value, where that spares a person what they do not want."""

_WISH = re.compile(r"v(\d+)(?:-(\d+))?|e(\d+)|f(\d+)|w:(.+)")
_SEEN = frozenset((UserAct.SEEN_IT, UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM, UserAct.REJECT))


class Wishing(Protocol):
    """A conversation with somebody who types, as far as wishes go: a ``TalkingConversation``."""

    dialogue: Any
    task: Any
    bounds: Any
    bounds_before: Any
    beyond: str
    named: Any
    described: Any

    @property
    def turn(self) -> int:
        """Turns taken."""


def settle(c: Wishing, act: ParsedAct, message: Message) -> None:
    """What one act changes that the environment leaves open."""
    d, catalog = c.dialogue, c.task.manager.catalog
    if act.act in _SEEN and act.item < 0 and act.place < 0 and message.about >= 0:
        if act.act == UserAct.DISLIKED_ITEM:
            c.named[message.about] = -1
        elif act.act == UserAct.LIKED_ITEM:
            c.named[message.about] = 1
    if act.act == UserAct.FIND_ITEM:
        d.memory.sought[0] = act.item
    if act.act == UserAct.FIND_ITEM and act.item < 0 and not message.tells_of_missing:
        _let_go(c, message)
    if act.act in (UserAct.MISMATCH, UserAct.WANT) and act.value >= 0 and d.wishes[0, act.value] == 0:
        set_values(c, [act.value], "wanted")  # "no, I said fantasy", whether that had been heard or not
    if act.act == UserAct.MISMATCH and act.value >= 0:
        d.memory.lacking[0] = act.value
    if act.act == UserAct.DROP:
        _drop(c, act)
    if act.act == UserAct.ENTITY and act.entity >= 0 and act.polarity:
        remember_entity(d.entities[0], d.entity_signs[0], act.entity, act.polarity)
    if act.act == UserAct.EXCEPT and act.value >= 0 and message.wants(act.value):
        set_values(c, [act.value], "wanted")  # a part of it is left out, not all of it
    if act.act == UserAct.NO_PREFERENCE and act.facet >= 0:
        part = catalog.facet_slices[act.facet]
        d.wishes[0, part], d.memory.stated[0, part] = 0, False
    if (
        act.act == UserAct.AVOID and act.topic and message.about >= 0
    ):  # "is it sad? I'd rather not end up in tears"
        asked = [ask.act.value for ask in message.asks if ask.act.value >= 0]
        set_values(
            c, [v for v in asked if catalog.facets[int(catalog.value_facet[v])].multi_valued], "avoided"
        )
    if (
        act.act == UserAct.AVOID
        and act.value >= 0
        and catalog.facets[int(catalog.value_facet[act.value])].multi_valued
    ):
        set_values(c, [act.value], "avoided")
    apart = act.act == UserAct.EXCEPT and act.value < 0 and act.item < 0 and act.entity < 0
    if (act.act == UserAct.AVOID or apart) and act.topic and not is_unanswered(act, catalog):
        _spare(c, act.topic)
        c.bounds.shunned -= {message.about}  # it was talked about, and its card tells
    if act.act == UserAct.WANT and act.value >= 0 and c.turn:
        _replace_wish(c, act.value, message)
    if act.act == UserAct.WANT and act.topic and act.value >= 0:
        d.wishes[0, act.value], d.memory.stated[0, act.value] = act.strength, True


def _drop(c: Wishing, act: ParsedAct) -> None:
    """What is withdrawn is neither wanted nor avoided: a value, somebody, or words that stand for no value."""
    if act.value >= 0:
        set_values(c, [act.value], "none")
    if act.entity >= 0:
        c.dialogue.entities[0, c.dialogue.entities[0] == act.entity] = -1
    c.described = tuple(one for one in c.described if one != act.topic)


def _let_go(c: Wishing, message: Message) -> None:
    """The newest wish leads, though nothing is known of the title that was named.

    Of what was wished for before stands what counts most, and what limits it.
    """
    d, catalog = c.dialogue, c.task.manager.catalog
    before = [v for v in np.flatnonzero((d.wishes[0] > 0) & d.memory.stated[0]) if not message.wants(int(v))]
    many = [int(v) for v in before if catalog.facets[int(catalog.value_facet[v])].multi_valued]
    first = min((int(catalog.value_facet[v]) for v in many), default=-1)
    set_values(c, [v for v in many if int(catalog.value_facet[v]) != first], "none")


def _replace_wish(c: Wishing, value: int, message: Message) -> None:
    """Of a facet with one value an item and no order (a language) the wish that was stated last stands."""
    facet = int(c.task.manager.catalog.value_facet[value])
    declared, part = (
        c.task.manager.catalog.facets[facet],
        c.task.manager.catalog.facet_slices[facet],
    )
    if not (declared.multi_valued or declared.ordered):
        wanted = np.flatnonzero(c.dialogue.wishes[0, part] > 0) + part.start
        set_values(c, [int(v) for v in wanted if not message.wants(int(v))], "none")


def _spare(c: Wishing, said: str) -> None:
    """Words to be spared stand for the value that is nearest in meaning, if one is near.

    What is described at more length leaves out what comes nearest to it.
    """
    catalog, encoder = c.task.manager.catalog, c.task.manager.table.encoder
    near = encoder.encode(list(catalog.value_names)) @ encoder.encode([said])[0]
    many = likeness.of_many(catalog)
    value = int(np.where(many & (c.dialogue.wishes[0] <= 0), near, -1).argmax())
    c.bounds.blind |= bool(near[value] < NEAR)
    if near[value] >= NEAR:
        set_values(c, [value], "avoided")
    if len(said.split()) > 1:
        told = likeness.of_texts(c.task.manager, [said])
        c.bounds.shunned |= frozenset(np.argsort(-told, kind="stable")[:SHUNNED].tolist())


def soften(c: Wishing) -> None:
    """Ask for less of what was too much, as far as that costs no other wish."""
    manager, softer = c.task.manager, c.bounds.copy()
    while softer.soften():
        if least_lacking(manager, c.dialogue, softer) < least_lacking(manager, c.dialogue, c.bounds):
            c.bounds = softer.copy()


def unless_beyond(c: Wishing, facet: int, before: tuple[Any, Any]) -> None:
    """Forget a comparison that nothing meets which fits the rest, and note that.

    Args:
        c: Who compares.
        facet: In what.
        before: Wishes (V,) and which were stated (V,), before they compared.
    """
    soften(c)
    manager, d, part = c.task.manager, c.dialogue, c.task.manager.catalog.facet_slices[facet]
    now = least_lacking(manager, d, c.bounds)
    without, wishes, stated = c.bounds.copy(), d.wishes[0].copy(), d.memory.stated[0].copy()
    without.forget(facet)
    if facet in c.bounds_before.spans:
        without.spans[facet] = c.bounds_before.spans[facet]
    d.wishes[0, part], d.memory.stated[0, part] = before[0][part], before[1][part]
    if least_lacking(manager, d, without) < now:
        c.beyond, c.bounds = c.bounds.compared[facet], without
    else:
        d.wishes[0], d.memory.stated[0] = wishes, stated


def note_words(c: Wishing, message: Message) -> None:
    """Take in what is said in words that stand for no value: what it is about, and that it be less known."""
    wished = [act for act in message.acts if act.act == UserAct.WANT and act.topic]
    titled = [one.topic for one in wished if likeness.titled(c.task.manager.catalog, [one.topic]).any()]
    told = [one.topic for one in wished if one.value < 0 or one.topic in titled]
    c.bounds.narrow.update(message.narrow)
    if message.missing is None:
        c.described = tuple(dict.fromkeys((*c.described, *told, *message.titled)))
    if get_language().cues.less_known(" ".join(message.sentences)):
        fame = c.task.manager.catalog.popularity
        least = float(fame[message.about]) if message.about >= 0 else 1.0
        c.bounds.fame = min(c.bounds.fame, least, KNOWN) - LESS_KNOWN


def correct(c: Wishing, wish: str, stance: str) -> None:
    """Make of a wish that was understood what the person says of it.

    Args:
        c: Whose wish.
        wish: Its id.
        stance: One of ``talking.STANCES``.

    Raises:
        NoSuchWishError: If it is no id of this catalogue.
    """
    catalog, d = c.task.manager.catalog, c.dialogue
    found = _WISH.fullmatch(wish)
    first, last, entity, facet, word = found.groups() if found else (None,) * 5
    values = range(int(first), int(last or first) + 1) if first else range(0)
    known = first and values and values[-1] < catalog.n_values
    known = known or (entity and int(entity) < len(catalog.entity_names))
    if not (known or (facet and int(facet) in c.bounds.spans) or word in c.bounds.words):
        raise NoSuchWishError(f"There is no wish {wish[:64]!r}. Wishes have the ids that a reply lists.")
    if first:
        set_values(c, list(values), stance)
    elif entity:
        d.entities[0, d.entities[0] == int(entity)] = -1
        if stance != "none":
            remember_entity(d.entities[0], d.entity_signs[0], int(entity), 1 if stance == "wanted" else -1)
    elif facet:
        _set_span(c, int(facet), stance)
    elif stance != "avoided":
        c.bounds.words = tuple(one for one in c.bounds.words if one != word)


def set_values(c: Wishing, values: list[int], stance: str) -> None:
    """Wish for values, avoid them or neither."""
    d, strengths = c.dialogue, c.task.manager.tracker.strengths
    strength = {"wanted": strengths.want, "avoided": -abs(strengths.avoid), "none": 0}[stance]
    d.wishes[0, values], d.memory.stated[0, values] = strength, stance != "none"


def _set_span(c: Wishing, facet: int, stance: str) -> None:
    """A limit stays, goes, or is turned round: "under 100" becomes "100 or more"."""
    if stance == "wanted":
        return
    low, high = c.bounds.spans[facet]
    c.bounds.forget(facet)
    part = c.task.manager.catalog.facet_slices[facet]
    set_values(c, list(range(part.start, part.stop)), "none")
    if stance == "avoided" and low == -np.inf:
        c.bounds.spans[facet] = (high, np.inf)
    elif stance == "avoided" and high == np.inf:
        c.bounds.spans[facet] = (-np.inf, low)

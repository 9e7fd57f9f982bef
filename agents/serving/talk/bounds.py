"""What a person will not have, and what they asked for, kept for every card: which items fit.

Wishes for values stand in the dialogue. Exact numbers ("under 100 minutes", "newer than that") and words that no value
stands for ("no capes") are kept here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mention_acts import FAR

FARTHER = 0.6
"""Of the items on the other side of what was too much, the share that is still too near to it."""

ALIKE, VERY_ALIKE = 25, 8
"""Items near to what was named as one to be like, among which wishes decide: of before, and just now."""

PLAIN = 0.75
"""Strength from which a stated wish is asked of every card; softer ones only move its score."""

Span = tuple[float, float]
Mask = npt.NDArray[np.bool_]

_AGAINST = frozenset((UserAct.AVOID, UserAct.TOO, UserAct.EXCEPT))
_FOR = frozenset((UserAct.WANT, UserAct.CHANGE_MIND, UserAct.LIKE_BUT))


@dataclass(slots=True)
class Bounds:
    """Limits in numbers and words to be spared.

    Attributes:
        spans: By facet, ``low <= x < high``.
        words: Words that no value stands for; an item whose card holds one does not fit.
        plain: By facet, the span to fall back on where nothing is left far enough from what was too much.
        fame: Most popular an item may be, in [0, 1].
        shunned: Items that are too near in meaning to what is to be spared.
    """

    spans: dict[int, Span] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    plain: dict[int, Span] = field(default_factory=dict)
    fame: float = math.inf
    shunned: frozenset[int] = frozenset()

    def copy(self) -> Bounds:
        """An independent copy."""
        return replace(self, spans=dict(self.spans), plain=dict(self.plain))

    def soften(self) -> bool:
        """Ask for no more than a little less of what was too much; whether there was such a limit."""
        self.spans |= self.plain
        softened, self.plain = bool(self.plain), {}
        return softened

    def hear(self, acts: Sequence[ParsedAct], catalog: Catalog, anchor: int) -> None:
        """Take in what was said; ``anchor`` is the item that "newer" compares with, -1 for none."""
        for act in acts:
            facet = int(catalog.value_facet[act.value]) if act.value >= 0 else act.facet
            if act.act == UserAct.EXCEPT and act.item >= 0:
                continue
            if act.act in _AGAINST and act.value < 0 and act.topic and act.facet < 0:
                self.words = tuple(dict.fromkeys((*self.words, act.topic.lower())))
            elif act.act in (UserAct.DROP, UserAct.NO_PREFERENCE):
                self.spans.pop(facet, None)
            elif act.act == UserAct.RELATIVE and facet >= 0 and anchor >= 0:
                self._beyond(catalog, facet, anchor, act.direction > 0, far=act.strength >= FAR)
            elif act.act == UserAct.TOO and act.value >= 0 and anchor >= 0 and catalog.facets[facet].unit:
                part = catalog.facet_slices[facet]
                much = act.value - part.start > (part.stop - 1 - part.start) / 2  # "long", not "short"
                self._beyond(catalog, facet, anchor, not much, far=act.strength >= 1)
            elif act.act in _FOR and facet >= 0:
                self._want(facet, act, catalog)
            elif act.act in _AGAINST and facet >= 0 and math.isinf(act.low) != math.isinf(act.high):
                self._narrow(facet, (act.high, math.inf) if math.isinf(act.low) else (-math.inf, act.low))

    def _beyond(self, catalog: Catalog, facet: int, anchor: int, more: bool, *, far: bool) -> None:
        """More, or less, than an item has of something; far beyond it where that was too little, or too much.

        Far are those of the items beyond it that are past three in five of them.
        """
        number = float(catalog.numbers[anchor, facet])
        if not math.isfinite(number):
            return
        edge = float(np.nextafter(number, math.inf)) if more else number
        self._narrow(facet, (edge, math.inf) if more else (-math.inf, edge))
        numbers = catalog.numbers[:, facet]
        beyond = numbers[(numbers > number) if more else (numbers < number)]
        if far and len(beyond):
            self.plain[facet] = self.spans[facet]
            middle = float(np.quantile(beyond, FARTHER if more else 1 - FARTHER))
            self._narrow(facet, (middle, math.inf) if more else (-math.inf, middle))

    def _want(self, facet: int, act: ParsedAct, catalog: Catalog) -> None:
        if math.isinf(act.low) != math.isinf(act.high):
            self._narrow(facet, (act.low, act.high))
        elif act.value >= 0 and facet in self.spans:
            held = catalog.values[:, act.value] > 0
            if not (held & self.within(catalog, facet)).any():  # "the 1980s", after "before 1970"
                del self.spans[facet]

    def _narrow(self, facet: int, new: Span) -> None:
        """The part of both spans; the new one where they do not meet."""
        old = self.spans.get(facet, (-math.inf, math.inf))
        both = max(old[0], new[0]), min(old[1], new[1])
        self.spans[facet] = both if both[0] < both[1] else new

    def within(self, catalog: Catalog, facet: int) -> Mask:
        """(I,) whether the number of each item is known and lies in the span of a facet."""
        low, high = self.spans[facet]
        number = catalog.numbers[:, facet]
        return np.asarray((number >= low) & (number < high))


class Fit(NamedTuple):
    """How the items stand to what was said."""

    allowed: Mask  # (I,) nothing unwanted, within all limits
    lacks: npt.NDArray[np.float32]  # (I,) weight of the stated wishes that each does not meet


def fit(catalog: Catalog, dialogue: Dialogue, bounds: Bounds) -> Fit:
    """Which items keep to what was said (N = 1)."""
    wishes, stated = dialogue.wishes[0], dialogue.memory.stated[0]
    unwanted = (wishes < 0) & stated
    company = int(dialogue.context[0])
    if company >= 0:
        unwanted |= (wishes < 0) & (catalog.context_wishes[company] < 0)
    values = catalog.values > 0
    allowed: Mask = np.asarray(~values[:, unwanted].any(1))
    for limited in bounds.spans:
        allowed &= bounds.within(catalog, limited)
    for word in bounds.words:
        allowed &= ~mentions(catalog, word)
    allowed &= catalog.popularity <= bounds.fame
    allowed[list(bounds.shunned)] = False
    lacks = np.zeros(catalog.n_items, np.float32)
    for f, part in enumerate(catalog.facet_slices):
        wanted = np.flatnonzero((wishes[part] >= PLAIN) & stated[part]) + part.start
        if f in bounds.spans or not len(wanted):
            continue
        met = values[:, wanted]
        facet = catalog.facets[f]
        weight = facet.weight + (catalog.n_facets - f) / 64  # of equal ones that which is declared first
        lacks += np.float32(weight) * ((~met).sum(1) if facet.multi_valued else ~met.any(1))
    for entity, sign in zip(dialogue.entities[0], dialogue.entity_signs[0], strict=True):
        if entity >= 0:
            has = np.isin(np.arange(catalog.n_items), catalog.entity_items[entity])
            allowed &= ~has if sign < 0 else True
            lacks += ~has if sign > 0 else 0
    return Fit(allowed, lacks)


def _nearest(items: Mask, near: npt.NDArray[np.float32], most: int) -> Mask:
    """(I,) those ``most`` of some items that are nearest."""
    out = np.zeros_like(items)
    out[np.argsort(np.where(items, -near, np.inf), kind="stable")[:most]] = True
    return out & items


def mentions(catalog: Catalog, word: str) -> Mask:
    """(I,) whether the title or the sentence of each item holds a word."""
    found = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    texts = zip(catalog.titles, catalog.sentences, strict=True)
    return np.array([bool(found.search(title) or found.search(sentence)) for title, sentence in texts])


def lay_table(
    manager: DialogueManager,
    dialogue: Dialogue,
    bounds: Bounds,
    offered: Sequence[int],
    near: npt.NDArray[np.float32] | None = None,
    most: int = 0,
    *,
    alike: int = 0,
) -> bool:
    """Put on the table only what fits, what meets most first; in place.

    Args:
        manager: Whose catalogue and ranking.
        dialogue: One conversation; ``candidates`` and ``scores`` change.
        bounds: Limits and words.
        offered: Items that were on cards before: put on the table only where nothing else fits as well.
        near: (I,) how near each item is to what was looked for, where that counts.
        most: How many of the nearest are considered then; at least as many as lie on the table.
        alike: Among how many of the nearest wishes decide, where to be near matters more; 0: among all.

    Returns:
        Whether there is something on the table; if not, it is as it was.
    """
    catalog = manager.catalog
    allowed, lacks = fit(catalog, dialogue, bounds)
    gone = np.zeros(catalog.n_items, np.bool_)
    for items in (dialogue.shown[0], dialogue.rating_history.items[0], dialogue.memory.named[0]):
        gone[items[items >= 0]] = True
    left = allowed & ~gone
    if not left.any():
        return False
    if near is not None and alike:
        left = _nearest(left, near, alike)
    best = left & (lacks == lacks[left].min())
    fresh = best.copy()
    fresh[list(offered)] = False
    best = fresh if fresh.any() else best
    if near is not None:
        best = _nearest(best, near, max(most, manager.n_candidates))
    out = np.flatnonzero(~best).astype(dialogue.shown.dtype)
    manager.retrieve(dialogue._replace(shown=np.concatenate([dialogue.shown, out[None]], 1)))
    return True


def least_lacking(manager: DialogueManager, dialogue: Dialogue, bounds: Bounds) -> float:
    """How much of the stated wishes the best item that is left does not meet; infinite where none is left."""
    allowed, lacks = fit(manager.catalog, dialogue, bounds)
    gone = dialogue.shown[0]
    allowed[gone[gone >= 0]] = False
    return float(lacks[allowed].min()) if allowed.any() else math.inf

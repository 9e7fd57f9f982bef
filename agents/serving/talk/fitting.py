"""Which items fit what was said, and of these which lie on the table."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agents.serving.talk import likeness
from agents.serving.talk.bounds import Bounds, Mask
from agents.serving.talk.idioms import children
from chatrec_env.catalog import Catalog
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.dialogue_manager import DialogueManager

ALIKE, VERY_ALIKE, HARDLY_ALIKE = 25, 8, 50
"""Items near to what was named as one to be like, among which wishes decide: of before, just now, and at most."""

PLAIN = 0.75
"""Strength from which a stated wish is asked of every card; softer ones only move its score."""

ENOUGH = 4
"""Items that have to be left where those are passed over that might not suit."""

USUAL = 0.5
"""Share of the items that fit best from which those that might not suit are usual there, and stay."""

LIKELY = 0.4
"""Chance from which an item is passed over that might be what is to be spared, though the list does not say so."""

DATED = 0.1
"""Share of the oldest items, which are passed over where nobody asked for them."""


class Fit(NamedTuple):
    """How the items stand to what was said."""

    allowed: Mask  # (I,) nothing unwanted, within all limits
    lacks: npt.NDArray[np.float32]  # (I,) weight of the stated wishes that each does not meet


def fit(catalog: Catalog, dialogue: Dialogue, bounds: Bounds) -> Fit:
    """Which items keep to what was said (N = 1)."""
    wishes, stated = dialogue.wishes[0], dialogue.memory.stated[0]
    unwanted = (wishes < 0) & stated
    unwanted |= _kinds_of(catalog)[unwanted].any(0) & (wishes <= 0)
    company = int(dialogue.context[0])
    if company >= 0:
        unwanted |= (wishes < 0) & (catalog.context_wishes[company] < 0)
    values = _held(catalog)
    allowed: Mask = np.asarray(~values[:, unwanted].any(1))
    for limited in bounds.spans:
        allowed &= bounds.within(catalog, limited)
    for word in bounds.words:
        allowed &= ~mentions(catalog, word)
    allowed &= catalog.popularity <= bounds.fame
    allowed[list(bounds.shunned)] = False
    lacks, chosen = np.zeros(catalog.n_items, np.float32), np.zeros(catalog.n_values, np.bool_)
    for choice in bounds.choices:
        either = [value for value in choice if wishes[value] >= PLAIN]
        if len(either) > 1:
            chosen[either] = True
            lacks += _weight(catalog, int(catalog.value_facet[either[0]])) * ~values[:, either].any(1)
    asked = np.flatnonzero((wishes >= PLAIN) & stated & ~chosen)
    for f in np.unique(catalog.value_facet[asked]).tolist():
        if f in bounds.spans:
            continue
        met = values[:, asked[catalog.value_facet[asked] == f]]
        facet = catalog.facets[f]
        lacks += _weight(catalog, f) * ((~met).sum(1) if facet.multi_valued else ~met.any(1))
    for entity, sign in zip(dialogue.entities[0], dialogue.entity_signs[0], strict=True):
        if entity >= 0:
            has = np.isin(np.arange(catalog.n_items), catalog.entity_items[entity])
            allowed &= ~has if sign < 0 else True
            lacks += ~has if sign > 0 else 0
    return Fit(allowed, lacks)


def _weight(catalog: Catalog, facet: int) -> np.float32:
    """What it weighs to lack a value of a facet: of equal ones that counts which is declared first."""
    return np.float32(catalog.facets[facet].weight + (catalog.n_facets - facet) / 64)


@lru_cache(maxsize=4)
def _held(catalog: Catalog) -> Mask:
    """(I, V) which values each item has."""
    return np.asarray(catalog.values > 0)


@lru_cache(maxsize=4)
def _kinds_of(catalog: Catalog) -> Mask:
    """(V, V) whether the second value is by its name a kind of the first: organised crime of crime."""
    names = [name.casefold() for name in catalog.value_names]
    return np.array([[one != two and two.endswith(f" {one}") for two in names] for one in names])


def suspects(manager: DialogueManager, dialogue: Dialogue) -> Mask:
    """(I,) items that look like what is to be spared, though the list does not say they are."""
    catalog, out = manager.catalog, np.zeros(manager.catalog.n_items, np.bool_)
    spared = (dialogue.wishes[0] < 0) & dialogue.memory.stated[0]
    for value in np.flatnonzero(spared & likeness.of_many(catalog)):
        out |= likeness.likely(manager, int(value)) >= LIKELY
    return out


def passed_over(manager: DialogueManager, dialogue: Dialogue, bounds: Bounds) -> list[Mask]:
    """(I,) items that might not suit, the surest first.

    What looks like something to be spared; the oldest, and what is for children, where nobody wished so.
    """
    catalog = manager.catalog
    dated, facets = _dated(catalog)
    told = {int(catalog.value_facet[v]) for v in np.flatnonzero(dialogue.memory.stated[0])}
    aged = bool((told | set(bounds.spans)) & facets)
    young, for_children = _for_children(catalog)
    asked = bool(young) and (int(catalog.value_facet[young[0]]) in told or dialogue.context[0] >= 0)
    return [
        suspects(manager, dialogue),
        *([] if aged else [dated]),
        *([] if asked or not young else [for_children]),
    ]


@lru_cache(maxsize=4)
def _for_children(catalog: Catalog) -> tuple[tuple[int, ...], Mask]:
    """Values of items for children, and (I,) these items."""
    young = tuple(sorted(children(catalog)))
    return young, np.asarray(_held(catalog)[:, young].any(1))


@lru_cache(maxsize=4)
def _dated(catalog: Catalog) -> tuple[Mask, frozenset[int]]:
    """(I,) the oldest items, and the facets that tell how old items are."""
    years = catalog.years.astype(np.float32)
    dated = (years > 0) & (years < np.quantile(years[years > 0], DATED)) if (years > 0).any() else years > 0
    of_years = (catalog.numbers == years[:, None]).mean(0) > 0.5
    return np.asarray(dated), frozenset(np.flatnonzero(of_years).tolist())


def _without(left: Mask, lacks: npt.NDArray[np.float32], over: Sequence[Mask]) -> Mask:
    """(I,) items without those that are passed over, as long as enough are left that lack as little."""
    for mask in over:
        best = left & (lacks <= lacks[left].min())
        if (best & ~mask).sum() >= max(ENOUGH, USUAL * best.sum()):
            left = left & ~mask
    return left


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
        most: How many of the nearest are considered then; 0: as many as lie on the table.
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
    left = _without(left, lacks, passed_over(manager, dialogue, bounds))
    if near is not None and alike:
        met = lacks == lacks[left].min()
        wide = next((n for n in (alike, ALIKE, HARDLY_ALIKE) if (_nearest(left, near, n) & met).any()), alike)
        left = _nearest(left, near, wide)
    best = left & (lacks == lacks[left].min())
    fresh = best.copy()
    fresh[list(offered)] = False
    best = fresh if fresh.any() and near is None else best  # the nearest are so whether they were seen before
    if near is not None:
        best = _nearest(best, near, most or manager.n_candidates)
    out = np.flatnonzero(~best).astype(dialogue.shown.dtype)
    manager.retrieve(dialogue._replace(shown=np.concatenate([dialogue.shown, out[None]], 1)))
    return True


def least_lacking(manager: DialogueManager, dialogue: Dialogue, bounds: Bounds) -> float:
    """How much of the stated wishes the best item that is left does not meet; infinite where none is left."""
    allowed, lacks = fit(manager.catalog, dialogue, bounds)
    gone = dialogue.shown[0]
    allowed[gone[gone >= 0]] = False
    return float(lacks[allowed].min()) if allowed.any() else math.inf


def beside(
    manager: DialogueManager, dialogue: Dialogue, bounds: Bounds, item: int, without: Sequence[int]
) -> list[int]:
    """Items that meet as much of what was said as one does, the best first.

    Args:
        manager: Whose catalogue and ranking.
        dialogue: One conversation.
        bounds: Limits and words.
        item: The one.
        without: Items that are left out.
    """
    catalog, wishes, stated = manager.catalog, dialogue.wishes[0], dialogue.memory.stated[0]
    allowed, lacks = fit(catalog, dialogue, bounds)
    allowed &= lacks <= lacks[item]
    held = _held(catalog)
    wanted = (wishes >= PLAIN) & stated
    for value in np.flatnonzero(wanted & held[item]):  # what it has of these, they have
        facet = int(catalog.value_facet[value])
        same = wanted & (catalog.value_facet == facet)
        choice = next((list(some) for some in bounds.choices if value in some), [int(value)])
        allowed &= held[:, choice if catalog.facets[facet].multi_valued else same].any(1)
    gone = dialogue.rating_history.items[0]
    allowed[[item, *without, *gone[gone >= 0]]] = False
    score = manager.retriever.scores(dialogue.wishes, np.zeros((1, _tastes(manager)), np.float32))[0]
    found = np.flatnonzero(allowed)
    return [int(i) for i in found[np.argsort(-score[found], kind="stable")]]


def _tastes(manager: DialogueManager) -> int:
    return manager.retriever.blend.matrix.shape[0] - manager.catalog.n_values

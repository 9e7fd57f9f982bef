"""Which items fit what was said, and of these which lie on the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agents.serving.talk import likeness
from agents.serving.talk.bounds import Bounds, Mask
from chatrec_env.catalog import Catalog
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language.contract import get_language
from chatrec_env.language.word_forms import get_word_forms

PLAIN = 0.75
"""Strength from which a stated wish is asked of every card; softer ones only move its score."""

HINTED = 0.5
"""Strength from which a wish that was only hinted at is asked of a card, where that costs no plain one."""

_SOFT = np.float32(2**-12)
"""What it weighs to lack what was only hinted at."""

_NARROW = np.float32(2**-9)
"""What it weighs to have a value whose card does not hold the narrower word that was said: robots of machines."""

LEAST = 1 / 64
"""What it weighs to lack the least of what was plainly wished."""


LIKELY = 0.4
"""Chance from which an item is passed over that might be what is to be spared, though the list does not say so."""

MIGHT = 0.05
"""Share of the items on the list as something that are least likely so by the rest of their cards: what is likelier so
than these, though the list does not say it is, never lies beside a suggestion where it is to be spared."""

OFTEN, TIMES = 0.25, 2.5
"""Share of the items of a value that have another, and how many times its share of all items, from which the rest of
them might have it as well."""

HARDLY = 0.15
"""Share of the items on the list as something that are hardly so by the rest of their cards: others come first."""

FEWEST = 3
"""Items of a value whose cards hold a word from which the word may mean less than the value."""

DATED = 0.1
"""Share of the oldest items, which are passed over where nobody asked for them."""


class Fit(NamedTuple):
    """How the items stand to what was said."""

    allowed: Mask  # (I,) nothing unwanted, within all limits
    lacks: npt.NDArray[
        np.float32
    ]  # (I,) weight of the stated wishes that each does not meet, of hints next to none


def fit(catalog: Catalog, dialogue: Dialogue, bounds: Bounds) -> Fit:
    """Which items keep to what was said (N = 1)."""
    wishes, stated = dialogue.wishes[0], dialogue.memory.stated[0]
    unwanted = (wishes < 0) & stated
    unwanted |= _kinds_of(catalog)[unwanted].any(0) & (wishes <= 0)
    company = int(dialogue.context[0])
    if company >= 0:
        unwanted |= (wishes < 0) & (catalog.context_wishes[company] < 0)
    values = held_values(catalog)
    allowed: Mask = count_of(catalog, unwanted) == 0
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
            lacks += _weight(catalog, int(catalog.value_facet[either[0]])) * (count_of(catalog, either) == 0)
    asked = np.flatnonzero((wishes >= PLAIN) & stated & ~chosen)
    for f in np.unique(catalog.value_facet[asked]).tolist():
        if f in bounds.spans:
            continue
        alike = asked[catalog.value_facet[asked] == f]
        met = count_of(catalog, alike)
        lacks += _weight(catalog, f) * (len(alike) - met if catalog.facets[f].multi_valued else met == 0)
    many = multi_valued(catalog)
    for value, word in bounds.narrow.items():
        others = [other for choice in bounds.choices if value in choice for other in choice if other != value]
        lacks += _NARROW * (values[:, value] & ~mentions(catalog, word) & (count_of(catalog, others) == 0))
    hinted = np.flatnonzero(many & stated & (wishes >= HINTED) & (wishes < PLAIN))
    lacks += _SOFT * (len(hinted) - count_of(catalog, hinted))
    for entity, sign in zip(dialogue.entities[0], dialogue.entity_signs[0], strict=True):
        if entity >= 0:
            has = np.isin(np.arange(catalog.n_items), catalog.entity_items[entity])
            allowed &= ~has if sign < 0 else True
            lacks += ~has if sign > 0 else 0
    return Fit(allowed, lacks)


def _weight(catalog: Catalog, facet: int) -> np.float32:
    """What it weighs to lack a value of a facet: of equal ones that counts which is declared first."""
    return np.float32(catalog.facets[facet].weight + LEAST * (catalog.n_facets - facet))


def count_of(
    catalog: Catalog, values: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | Sequence[int]
) -> npt.NDArray[np.int64]:
    """(I,) how many of some values each item has."""
    chosen = np.zeros(catalog.n_values, np.float32)
    chosen[values] = 1
    return np.asarray(_as_numbers(catalog) @ chosen, np.int64)


@lru_cache(maxsize=4)
def _as_numbers(catalog: Catalog) -> npt.NDArray[np.float32]:
    """(I, V) 1 for a value that an item has: a product with it is ten times as fast as to pick columns."""
    return np.asarray(held_values(catalog), np.float32)


@lru_cache(maxsize=4)
def held_values(catalog: Catalog) -> Mask:
    """(I, V) which values each item has."""
    return np.asarray(catalog.values > 0)


@lru_cache(maxsize=4)
def multi_valued(catalog: Catalog) -> Mask:
    """(V,) whether an item may have several values of its facet."""
    return np.array([catalog.facets[f].multi_valued for f in catalog.value_facet])


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


def spared(manager: DialogueManager, dialogue: Dialogue) -> list[Mask]:
    """(I,) items near to what is to be spared: what looks like it, and what goes with it, unless wished for."""
    catalog, wishes = manager.catalog, dialogue.wishes[0]
    unwanted = (wishes < 0) & dialogue.memory.stated[0]
    wanted = (wishes > 0) & dialogue.memory.stated[0]
    near = likeness.akin_values(manager)[unwanted].any(0) & ~wanted
    return [suspects(manager, dialogue), count_of(catalog, near) > 0]


def doubtful(manager: DialogueManager, dialogue: Dialogue) -> Mask:
    """(I,) items that might be what is to be spared: their cards say so (``MIGHT``), or many that are like them are.

    Of the films about heists many are crime films: one that the list does not call so may be one all the same.
    """
    catalog, values = manager.catalog, held_values(manager.catalog)
    out, many = np.zeros(catalog.n_items, np.bool_), likeness.of_many(catalog)
    stated, wishes = dialogue.memory.stated[0], dialogue.wishes[0]
    for value in np.flatnonzero((wishes < 0) & stated & many):
        chances, held = likeness.likely(manager, int(value)), values[:, value]
        if chances.any() and held.any():
            out |= chances >= np.quantile(chances[held], MIGHT)
        often = values[held].sum(0) >= max(OFTEN, TIMES * held.mean()) * np.maximum(values.sum(0), 1)
        out |= count_of(catalog, often & many & ~((wishes > 0) & stated)) > 0
    return out


def hardly(manager: DialogueManager, dialogue: Dialogue) -> Mask:
    """(I,) items that are on the list as what is wished for, but least of all by the rest of their cards."""
    return np.asarray(_hardly(manager)[:, plainly_wished(manager.catalog, dialogue)].any(1))


@lru_cache(maxsize=4)
def _hardly(manager: DialogueManager) -> Mask:
    """(I, V) the same of each value of facets with several an item."""
    held = held_values(manager.catalog)
    out = np.zeros_like(held)
    for value in np.flatnonzero(multi_valued(manager.catalog) & held.any(0)):
        chances, has = likeness.likely(manager, int(value)), held[:, value]
        out[:, value] = has & (chances < np.quantile(chances[has], HARDLY))
    return out


def plainly_wished(catalog: Catalog, dialogue: Dialogue) -> npt.NDArray[np.intp]:
    """Values that were plainly wished for, of facets with several an item."""
    many = multi_valued(catalog)
    return np.flatnonzero(many & (dialogue.wishes[0] >= PLAIN) & dialogue.memory.stated[0])


def passed_over(
    manager: DialogueManager, dialogue: Dialogue, bounds: Bounds, *, typical: bool = True, alike: bool = False
) -> list[Mask]:
    """(I,) items that might not suit, the surest first.

    What is near to something to be spared; what is hardly what was wished for, if only the ``typical`` are; what may be
    to be spared, where something ``alike`` is asked for, of which there is much; the oldest,
    and what is for children, where nobody wished so.
    """
    catalog = manager.catalog
    dated, facets = _dated(catalog)
    told = {int(catalog.value_facet[v]) for v in np.flatnonzero(dialogue.memory.stated[0])}
    aged = bool((told | set(bounds.spans)) & facets)
    young, for_children = _for_children(catalog)
    asked = bool(young) and (int(catalog.value_facet[young[0]]) in told or dialogue.context[0] >= 0)
    return [
        *spared(manager, dialogue),
        *([hardly(manager, dialogue)] if typical else []),
        *([doubtful(manager, dialogue)] if alike else []),
        *([] if aged else [dated]),
        *([] if asked or not young else [for_children]),
    ]


@lru_cache(maxsize=4)
def children(catalog: Catalog) -> frozenset[int]:
    """Values of items that are for children."""
    wanted = [one.wants for one in catalog.contexts if one.name in get_language().cues.young]
    names = {wish for some in wanted for wish in some}
    return frozenset(
        v
        for v, (name, f) in enumerate(zip(catalog.value_names, catalog.value_facet, strict=True))
        if f"{catalog.facets[f].name}:{name}" in names
        and not (catalog.facets[f].multi_valued or catalog.facets[f].ordered)
    )


@lru_cache(maxsize=4)
def _for_children(catalog: Catalog) -> tuple[tuple[int, ...], Mask]:
    """Values of items for children, and (I,) these items."""
    young = tuple(sorted(children(catalog)))
    return young, np.asarray(held_values(catalog)[:, young].any(1))


@lru_cache(maxsize=4)
def _dated(catalog: Catalog) -> tuple[Mask, frozenset[int]]:
    """(I,) the oldest items, and the facets that tell how old items are."""
    years = catalog.years.astype(np.float32)
    dated = (years > 0) & (years < np.quantile(years[years > 0], DATED)) if (years > 0).any() else years > 0
    of_years = (catalog.numbers == years[:, None]).mean(0) > 0.5
    return np.asarray(dated), frozenset(np.flatnonzero(of_years).tolist())


def narrower(catalog: Catalog, value: int, word: str) -> bool:
    """Whether a word that stands for a value means less than it: some of its cards hold it, most do not."""
    if word in catalog.value_names[value].casefold() or not likeness.of_many(catalog)[value]:
        return False
    held = held_values(catalog)[:, value]
    share = (mentions(catalog, word) & held).sum()
    return bool(FEWEST <= share <= held.sum() / 2)


@lru_cache(maxsize=64)
def mentions(catalog: Catalog, word: str) -> Mask:
    """(I,) whether the title or the sentence of each item holds a word, in the singular or the plural."""
    forms = {word, get_word_forms().singular(word), get_word_forms().plural(word)}
    found = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(forms)))})\b", re.IGNORECASE)
    texts = zip(catalog.titles, catalog.sentences, strict=True)
    return np.array([bool(found.search(title) or found.search(sentence)) for title, sentence in texts])

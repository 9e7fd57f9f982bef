"""How near items are to what was said where no value tells: by meaning, by likeness, by who they are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import Form
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders.cache import remembered_aside
from chatrec_env.language.word_forms import get_word_forms

Floats = npt.NDArray[np.float32]

MEANT, ASKED = 0.78, 0.815
"""Cosine of "a fun film" and the phrase of a value from which a word means the value: in a wish, in a question."""

ALONE = 0.4
"""The same of the bare words: most of a phrase is its noun."""

MOST_READ = 5_000
"""Items up to which what is said of each is compared; of more, their values alone."""

FEW = 0.02
"""Share of the titles up to which a word that they hold tells one item from another."""

PEOPLE = 3.0
"""What it counts towards likeness that two items are by the same people, in deviations."""

_SMOOTH, _TOLD = 2.0, 0.5
"""Ridge penalty of ``likely``, and the weight of a value beside the words."""

AKIN, SHARED, MORE = 0.35, 0.3, 3.0
"""A value is near to another by the cosine of their names, and by the share of its items that have the other: at least
so large, and so many times the share of all items."""

_RARE = 0.05
"""Least share by which a value is more or less common than usual among the items for somebody."""


def of_texts(manager: DialogueManager, texts: Sequence[str]) -> Floats:
    """(I,) likeness of texts, in the mean, to what is said of each item, by the encoder.

    A text is encoded once: what was described stays described for a whole conversation. Where there are more items than
    ``MOST_READ``, likeness to the names of the values of each.
    """
    table, catalog = manager.table, manager.catalog
    mean = table.arrays.embeddings[table.row(table.intern(texts))].mean(0)
    if catalog.n_items <= MOST_READ:
        return np.asarray(_told(manager) @ mean, np.float32)
    held = (catalog.values > 0).astype(np.float32)
    return np.asarray(held @ (_named(manager) @ mean) / np.maximum(held.sum(1), 1), np.float32)


def prepare(manager: DialogueManager) -> None:
    """Compute what no person decides: seconds, where the model has to read what is said of items.

    Words that everybody describes items with are among it, so how long an answer takes does not tell who said them.
    """
    if manager.catalog.n_items <= MOST_READ:
        _likely(manager)
    akin_values(manager)
    _phrases(manager.catalog, cast(Any, manager.table.encoder))
    common = get_language(manager.table.parser.language).describing
    manager.table.encoder.encode([text for word in common for text in _phrase_and_word(manager, word)])


def titled(catalog: Catalog, texts: Sequence[str]) -> Floats:
    """(I,) how many words of texts the title of each item holds, those that stand in a few titles only."""
    said = {word for text in texts for word in re.findall(r"[^\W\d_]{3,}", text.casefold())}
    forms, held = get_word_forms(), _words_of_titles(catalog)
    words = {form for word in said for form in (word, forms.singular(word), forms.plural(word))}
    rows = [held[word] for word in words if word in held and len(held[word]) <= FEW * catalog.n_items]
    out = np.zeros(catalog.n_items, np.float32)
    for row in rows:
        out[row] += 1
    return out


@lru_cache(maxsize=4)
def _words_of_titles(catalog: Catalog) -> dict[str, list[int]]:
    """Words of titles, in lower case, and the items whose title holds each."""
    out: dict[str, list[int]] = {}
    for item, title in enumerate(catalog.titles):
        for word in set(re.findall(r"[^\W\d_]{3,}", title.casefold())):
            out.setdefault(word, []).append(item)
    return out


def of_items(manager: DialogueManager, items: Sequence[int]) -> Floats:
    """(I,) likeness to some items: by content, by rare values, by what is said of them, and by the people of each."""
    catalog = manager.catalog
    held = catalog.values > 0
    rarity = np.where(of_many(catalog), -np.log(np.maximum(held.mean(0), 1e-6)), 0)
    out = np.zeros(catalog.n_items, np.float32)
    for item in items:
        shared = np.asarray(held @ (rarity * held[item]), np.float32)
        out += standard(catalog.factors @ catalog.factors[item]) + standard(shared)
        if catalog.n_items <= MOST_READ:
            out += standard(_told(manager) @ _told(manager)[item])
        for people in catalog.credits[item]:
            for entity in people:
                out[catalog.entity_items[entity]] += PEOPLE / len(people)
    return out


@lru_cache(maxsize=4)
def of_many(catalog: Catalog) -> npt.NDArray[np.bool_]:
    """(V,) whether each value is of a facet with several values an item."""
    return np.array([catalog.facets[f].multi_valued for f in catalog.value_facet])


def said_of_items(manager: DialogueManager) -> npt.NDArray[np.int64]:
    """Ids of what is said of each item, (I,); of none where they are more than ``MOST_READ``."""
    items = np.arange(manager.catalog.n_items if manager.catalog.n_items <= MOST_READ else 0)
    return np.asarray(manager.grammar.ids(Form.S_ITEM, items, 0), np.int64)


@lru_cache(maxsize=4)
def _told(manager: DialogueManager) -> Floats:
    """(I, D) encodings of what is said of each item."""
    ids = said_of_items(manager)
    manager.table.ensure(ids)
    return np.array(manager.table.arrays.embeddings[manager.table.row(ids)], np.float32)


@lru_cache(maxsize=4)
def _named(manager: DialogueManager) -> Floats:
    """(V, D) encodings of the names of all values."""
    return np.asarray(manager.table.encoder.encode(list(manager.catalog.value_names)), np.float32)


def likely(manager: DialogueManager, value: int) -> Floats:
    """(I,) how likely each item is to have a value, judged by its other values and by what is said of it.

    Lists are not complete: a film with "crook" in its sentence and organised crime among its themes may well be called
    a crime film. Ridge regression over all items, each left out of its own estimate (its leverage taken off); 0 where
    there are more than ``MOST_READ``.
    """
    if manager.catalog.n_items > MOST_READ:
        return np.zeros(manager.catalog.n_items, np.float32)
    return np.asarray(_likely(manager)[:, value])


@lru_cache(maxsize=4)
def _likely(manager: DialogueManager) -> Floats:
    """(I, V) the same of all values, from one inverse.

    With ``P = (X'X + penalty)^-1`` the residual of column ``v``, given all others, is ``X P[:, v] / P[v, v]``.
    """
    held = (manager.catalog.values > 0).astype(np.float64)
    told = _told(manager)
    seen = np.concatenate([told, _TOLD * held], 1)
    seen -= seen.mean(0)
    inverse = np.linalg.inv(seen.T @ seen + _SMOOTH * np.eye(seen.shape[1]))
    own = np.diag(inverse)[told.shape[1] :]
    without = seen @ inverse
    leverage = (without * seen).sum(1)[:, None] - without[:, told.shape[1] :] ** 2 / own
    residual = without[:, told.shape[1] :] / own / np.maximum(1 - leverage, 1e-6)
    return np.asarray(held - residual / _TOLD, np.float32)


@lru_cache(maxsize=4)
def akin_values(manager: DialogueManager) -> npt.NDArray[np.bool_]:
    """(V, V) whether the second value goes with the first, by meaning and among the items: heists with crime.

    Of facets with several values an item; an item of the one need not be of the other.
    """
    catalog, names = manager.catalog, _named(manager)
    many = np.array([catalog.facets[f].multi_valued for f in catalog.value_facet])
    held = (catalog.values > 0).astype(np.float32)
    shared = held.T @ held / np.maximum(held.sum(0), 1)
    near = (names @ names.T >= AKIN) & (shared >= SHARED) & (shared >= MORE * held.mean(0)[:, None])
    np.fill_diagonal(near, False)
    return np.asarray(near & many & many[:, None])


def for_whom(catalog: Catalog, value: int) -> Floats:
    """(I,) how typical each item is of those with a value: sum over its values of how much commoner they are there."""
    held = catalog.values > 0
    usual, there = held.mean(0), held[held[:, value]].mean(0)
    return np.asarray(held @ np.log(np.maximum(there / np.maximum(usual, 1e-9), _RARE)), np.float32)


def audiences(catalog: Catalog) -> frozenset[int]:
    """Values that company brings with it of facets with one value an item: who an item is for."""
    found = np.flatnonzero((catalog.context_wishes > 0).any(0)).tolist() if catalog.contexts else []
    return frozenset(v for v in found if not catalog.facets[int(catalog.value_facet[v])].multi_valued)


def standard(near: Floats) -> Floats:
    """The same with mean 0 and deviation 1."""
    return np.asarray((near - near.mean()) / max(float(near.std()), 1e-6), np.float32)


def meant_value(manager: DialogueManager, words: str, *, asked: bool = False) -> int:
    """The value that a word means that no lexicon knows ("fun": funny); -1 where none is near.

    A question is answered wrongly by what is not quite meant, so where it is ``asked`` the value has to be nearer.
    """
    values, vectors = _phrases(manager.catalog, cast(Any, manager.table.encoder))
    if not values:
        return -1
    encode = manager.table.encoder.encode
    phrase, word = encode(_phrase_and_word(manager, words))
    near = vectors @ phrase
    best = int(near.argmax())
    if near[best] < (ASKED if asked else MEANT):
        return -1
    name = encode([manager.catalog.value_names[values[best]]])[0]
    return values[best] if float(word @ name) >= ALONE else -1


def read_ahead(manager: DialogueManager, words: Sequence[str]) -> None:
    """Encode in one call what ``meant_value`` asks of each, where that is remembered (``unkept``)."""
    if words and remembered_aside() is not None:
        manager.table.encoder.encode([text for one in words for text in _phrase_and_word(manager, one)])


def _phrase_and_word(manager: DialogueManager, words: str) -> list[str]:
    """Words as a phrase, and as they are: what they describe is asked for again."""
    return [f"a {words} {manager.catalog.noun}", words]


@lru_cache(maxsize=4)
def _phrases(catalog: Catalog, encoder: Any) -> tuple[tuple[int, ...], Floats]:
    """The values of facets with several values an item, and the vectors of their phrases."""
    values = tuple(
        v for v in range(catalog.n_values) if catalog.facets[int(catalog.value_facet[v])].multi_valued
    )
    return values, np.asarray(encoder.encode([catalog.value_phrases[v] for v in values]), np.float32)

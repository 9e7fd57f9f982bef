"""How near items are to what was said where no value tells: by meaning, by likeness, by who they are for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import Form

Floats = npt.NDArray[np.float32]

MEANT = 0.78
"""Cosine of "a fun film" and the phrase of a value from which a word means the value."""

_RARE = 0.05
"""Least share by which a value is more or less common than usual among the items for somebody."""


def of_texts(manager: DialogueManager, text: str) -> Floats:
    """(I,) likeness of a text to what is said of each item, by the encoder."""
    ids = manager.grammar.ids(Form.S_ITEM, np.arange(manager.catalog.n_items), 0)
    manager.table.ensure(ids)
    told = manager.table.arrays.embeddings[manager.table.row(ids)]
    return np.asarray(told @ manager.table.encoder.encode([text])[0], np.float32)


def of_items(catalog: Catalog, items: Sequence[int]) -> Floats:
    """(I,) likeness to the mean of some items, by their content."""
    return np.asarray(catalog.factors @ catalog.factors[list(items)].mean(0), np.float32)


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


def meant_value(manager: DialogueManager, words: str) -> int:
    """The value that a word means that no lexicon knows ("fun": funny); -1 where none is near."""
    values, vectors = _phrases(manager.catalog, cast(Any, manager.table.encoder))
    near = vectors @ manager.table.encoder.encode([f"a {words} {manager.catalog.noun}"])[0]
    best = int(near.argmax())
    return values[best] if near[best] >= MEANT else -1


@lru_cache(maxsize=4)
def _phrases(catalog: Catalog, encoder: Any) -> tuple[tuple[int, ...], Floats]:
    """The values of facets with several values an item, and the vectors of their phrases."""
    values = tuple(
        v for v in range(catalog.n_values) if catalog.facets[int(catalog.value_facet[v])].multi_valued
    )
    return values, np.asarray(encoder.encode([catalog.value_phrases[v] for v in values]), np.float32)

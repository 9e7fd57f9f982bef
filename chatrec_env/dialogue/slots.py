"""Slots for what a conversation remembers: the oldest makes room."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule

Ints = npt.NDArray[np.int32]
Signs = npt.NDArray[np.int8]


@rule
def note_item(items: Ints, item: int) -> None:
    """Put an item into the slots ``items``, unless it is there; the oldest makes room."""
    last = items.shape[0] - 1
    for i in range(last + 1):
        if items[i] == item:
            return
        if items[i] < 0:
            items[i] = item
            return
    for i in range(last):
        items[i] = items[i + 1]
    items[last] = item


@rule
def remember_entity(entities: Ints, signs: Signs, entity: int, sign: int) -> None:
    """Note a wish for (+1) or against (-1) a named person in the slots of a conversation; the oldest makes room."""
    last = entities.shape[0] - 1
    for i in range(last + 1):
        if entities[i] == entity:
            signs[i] = sign
            return
    for i in range(last + 1):
        if entities[i] < 0:
            entities[i], signs[i] = entity, sign
            return
    for i in range(last):
        entities[i], signs[i] = entities[i + 1], signs[i + 1]
    entities[last], signs[last] = entity, sign

"""The rows of the sentence table as one record of arrays, and which row a sentence id leads to."""

from __future__ import annotations

from typing import Any, NamedTuple

from chatrec_env.core.compiled import rule


class SentenceArrays(NamedTuple):
    """The rows of the sentence table, R of them; see ``SentenceTable``. The last row is empty."""

    embeddings: Any  # (R, D) float32
    wishes: Any  # (R, V) int8
    flags: Any  # (R,) uint32
    item: Any  # (R,) int32
    item_polarity: Any  # (R,) int8
    relative: Any  # (R, F) int8
    replaces: Any  # (R,) bool
    context: Any  # (R,) int8
    entity: Any  # (R,) int32
    entity_polarity: Any  # (R,) int8
    ready: Any  # (R,) bool
    first: int  # free ids from here on
    capacity: int  # of the free rows


@rule
def row_of(sentence: int, first: int, capacity: int, end: int) -> int:
    """The row of a sentence id; the empty last one for -1 and for free sentences that were dropped since."""
    if 0 <= sentence < first:
        return sentence
    if sentence < 0 or sentence < end - capacity:
        return first + capacity
    return (sentence - first) % capacity + first


@rule
def all_ready(ids: Any, sentences: Any, end: int) -> bool:
    """Whether every one of ``ids (P,)`` was handed out (or is -1), and its sentence has been read."""
    ready, first, capacity = sentences.ready, sentences.first, sentences.capacity
    for p in range(ids.shape[0]):
        if not (-1 <= ids[p] < end) or not ready[row_of(ids[p], first, capacity, end)]:
            return False
    return True

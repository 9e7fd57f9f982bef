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
def row_of(sentence: int, sentences: Any, end: int) -> int:
    """The row of a sentence id; the empty last one for -1 and for free sentences that were dropped since."""
    if sentence < 0:
        return sentences.first + sentences.capacity
    if sentence < sentences.first:
        return sentence
    if sentence < end - sentences.capacity:
        return sentences.first + sentences.capacity
    return (sentence - sentences.first) % sentences.capacity + sentences.first


@rule
def all_ready(ids: Any, sentences: Any, end: int) -> bool:
    """Whether every one of ``ids (P,)`` was handed out (or is -1), and its sentence has been read."""
    for p in range(ids.shape[0]):
        known = -1 <= ids[p] < end
        if not known or not sentences.ready[row_of(ids[p], sentences, end)]:
            return False
    return True

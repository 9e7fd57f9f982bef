"""What was said beyond the slots: remembered, believed more or less, matched with items; rules for one conversation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.hearing import START_OVER, UNDO, remarks_of
from chatrec_env.dialogue.themes import expect_of_last, hear_theme
from chatrec_env.language.acts import UserAct
from chatrec_env.language.sentence_ring import row_of
from chatrec_env.language.sentence_rows import SentenceArrays
from chatrec_env.retrieval.themes import ThemeArrays

Row = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

FADE = np.float32(0.7)
"""What is left of the weight of a sentence when another one comes."""

MOST_BELIEVED = np.float32(2)
"""Largest weight of a sentence; it begins with 1."""

PRAISE = np.float32(0.5)
"""What a rating of 5 adds to the weight of a sentence that resembles the item."""

REFUSAL = np.float32(0.25)
"""What it takes off the weight when such an item is refused."""

STEPS = np.float32(16)
"""Weights enter scores in multiples of one in so many."""

FOR = np.uint64(
    sum(1 << act for act in (UserAct.WANT, UserAct.CHANGE_MIND, UserAct.LIKE, UserAct.LIKED_ITEM))
)
OTHERWISE = np.uint64(
    sum(
        1 << act
        for act in (
            *(UserAct.AVOID, UserAct.TOO, UserAct.ENOUGH_OF, UserAct.EXCEPT, UserAct.DROP, UserAct.REJECT),
            *(UserAct.DISLIKED_ITEM, UserAct.SEEN_IT, UserAct.MISMATCH),
            *(UserAct.ACCEPT, UserAct.LEAVE, UserAct.MORE_LIKE_THAT, UserAct.IMPATIENT),
        )
    )
)
SEEN = np.uint64(1 << UserAct.SEEN_IT)
"""Acts as bits of a flag word: a sentence that does one of the others, and wishes for nothing, is no wish."""


@rule
def note_meaning(d: Dialogue, n: int, sentences: SentenceArrays, end: int) -> None:
    """Remember what the person of conversation n said beyond the slots in the turn that stands in the transcript.

    To start over forgets all of it; to undo, what they said the turn before.
    """
    meaning, said = d.meaning, d.transcript[n, d.turn[n]]
    ids, weights, themed = meaning.sentences[n], meaning.weights[n], meaning.themes.shape[1] > 0
    if d.remarks[n] & START_OVER:
        forget(ids, weights, ids.shape[0])
        meaning.themes[n] = 0
    elif d.remarks[n] & UNDO:
        if themed:
            for j in range(meaning.fresh[n]):
                hear_theme(d, n, ids[j], np.float32(-1), sentences, end)
        forget(ids, weights, meaning.fresh[n])
    meaning.fresh[n] = 0
    for p in range(d.slate.shape[1] + 2, said.shape[0]):
        if said[p] >= 0:
            row = row_of(said[p], sentences.first, sentences.capacity, end)
            flags = sentences.flags[row]
            if sentences.n_hits[row] > 0 and (flags & OTHERWISE == 0 or flags & FOR != 0):
                known = push(ids, weights, said[p])
                if themed and known == ids.shape[0] - 1:  # it is none of those remembered
                    hear_theme(d, n, said[p], np.float32(1), sentences, end)
                if known >= meaning.fresh[n]:
                    meaning.fresh[n] = min(meaning.fresh[n] + 1, ids.shape[0])


@rule
def forget(ids: Ids, weights: Row, count: int) -> None:
    """Forget the latest ``count`` of the sentences ``(J,)``."""
    for j in range(ids.shape[0]):
        there = j + count < ids.shape[0]
        ids[j] = ids[j + count] if there else -1
        weights[j] = weights[j + count] if there else np.float32(0)


@rule
def push(ids: Ids, weights: Row, said: int) -> int:
    """Put a sentence first, with weight 1; the others fade, and the oldest makes room. Where it was, else J - 1."""
    at = ids.shape[0] - 1
    for j in range(ids.shape[0]):
        weights[j] *= FADE
        if ids[j] == said:
            at = j
    for j in range(at, 0, -1):
        ids[j], weights[j] = ids[j - 1], weights[j - 1]
    ids[0], weights[0] = said, np.float32(1)
    return int(at)


@rule
def likeness_of(sentences: SentenceArrays, row: int, item: int) -> Any:
    """How like an item the sentence in a row is, float32; by halving, as its items ascend."""
    low, high, hits = 0, sentences.n_hits[row], sentences.hits[row]
    while low < high:
        middle = (low + high) // 2
        if hits[middle] < item:
            low = middle + 1
        else:
            high = middle
    found = low < sentences.n_hits[row] and hits[low] == item
    return sentences.alike[row, low] if found else np.float32(0)


@rule
def believe(
    d: Dialogue, n: int, click: int, stars: int, undecided: bool, sentences: SentenceArrays, end: int
) -> None:
    """Believe the remembered sentences more or less, by what came of the slate just shown to conversation n.

    Each weight moves with how good the item was, ``PRAISE (stars - 3) / 2``, or by ``-REFUSAL`` where it was passed
    over, times how like it the sentence is (at most 1). An item they know already is not refused.
    """
    slate, ids, weights = d.slate[n], d.meaning.sentences[n], d.meaning.weights[n]
    known = remarks_of(d, n, sentences, end) & SEEN != 0
    last = click + 1 if click >= 0 else (0 if undecided or known else slate.shape[0])
    for s in range(last):
        if slate[s] < 0:
            continue
        step = -REFUSAL
        if s == click:
            step = PRAISE * np.float32(stars - 3) / np.float32(2) if stars > 0 else np.float32(0)
        for j in range(ids.shape[0]):
            if ids[j] >= 0:
                row = row_of(ids[j], sentences.first, sentences.capacity, end)
                like = min(likeness_of(sentences, row, slate[s]), np.float32(1))
                weights[j] = min(max(weights[j] + step * like, np.float32(0)), MOST_BELIEVED)


@rule
def recall(d: Dialogue, n: int, count: int, sentences: SentenceArrays, end: int, meant: Row) -> None:
    """``meant (I,)``: how like each item the latest ``count`` remembered sentences are, by weight.

    The order of the sum is free: every number in it lies on the grid.
    """
    ids, weights = d.meaning.sentences[n], d.meaning.weights[n]
    for i in range(meant.shape[0]):
        meant[i] = 0
    for j in range(count):
        if ids[j] >= 0:
            row = row_of(ids[j], sentences.first, sentences.capacity, end)
            weight = np.rint(weights[j] * STEPS) / STEPS
            hits, alike = sentences.hits[row], sentences.alike[row]
            for h in range(np.uint64(sentences.n_hits[row])):  # an index that may be negative costs a check
                meant[np.uint64(hits[np.uint64(h)])] += weight * alike[np.uint64(h)]


@rule
def match_candidates(
    d: Dialogue, n: int, sentences: SentenceArrays, end: int, themes: ThemeArrays, meant: Row
) -> None:
    """Note how like the candidates are to what is remembered, ``meant (I,)``, and to what was said last."""
    match, last, fresh = d.meaning.match[n], d.meaning.match_last[n], d.meaning.fresh[n]
    items = d.candidates[n]
    for k in range(items.shape[0]):
        match[k], last[k] = meant[items[k]], 0
    if fresh > 0 and themes.log_share.shape[0] > 0:
        expect_of_last(d, n, sentences, end, themes)
    elif fresh > 0:
        recall(d, n, fresh, sentences, end, meant)
        for k in range(items.shape[0]):
            last[k] = meant[items[k]]


@rule
def meant_by(d: Dialogue, n: int, item: int) -> Any:
    """How like an item on the table is to what conversation n remembers, float32; 0 where it does not lie there."""
    items, match = d.candidates[n], d.meaning.match[n]
    for k in range(match.shape[0]):
        if items[k] == item:
            return match[k]
    return np.float32(0)

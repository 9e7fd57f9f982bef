"""Scores of all items, and the best of them: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.state import Dialogue
from chatrec_env.core.sums import GRID
from chatrec_env.dialogue.meaning import match_candidates, recall
from chatrec_env.dialogue.preference import gate
from chatrec_env.dialogue.themes import expect
from chatrec_env.language.sentence_rows import SentenceArrays
from chatrec_env.retrieval.selection import LANES, best_of
from chatrec_env.retrieval.themes import ThemeArrays

Row = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Ids = npt.NDArray[np.int64]
Signs = npt.NDArray[np.int8]

EXCLUDED = np.float32(-1e6)
"""Score of an item that was already shown; it never becomes a candidate."""

ENTITY_BONUS = np.float32(2.0)
"""Utility added to (or taken from) the items of a named person."""

LONGEST = 8.0
"""Longest vector of a person that enters a score: bounds scores, so that they stay exact."""


@inlined
def choose_rows(
    weights: Row, scale: np.float32, first: int, count: Any, chosen: Ids, chosen_weights: Row
) -> Any:
    """Note the rows whose weight is not 0, counted from ``first``, after the ``count`` noted; how many there are.

    Weights are noted times ``scale``. Counters are unsigned: an index that may be negative costs a check.
    """
    count = np.uint64(count)
    for m in range(weights.shape[0]):
        chosen[count] = first + m
        chosen_weights[count] = scale * weights[m]
        count += np.uint64(weights[m] != 0)
    return count


@rule
def sum_rows(base: Row, matrix: Row, count: int, chosen: Ids, chosen_weights: Row, total: Row) -> None:
    """``total (I,) = base (I,) + chosen_weights @ matrix[chosen]``, four rows at a time.

    The order of the sum is free: every number in it lies on the grid.

    Args:
        base: (I,) float32.
        matrix: (M, I) float32.
        count: How many rows are chosen.
        chosen: (M + 4,) their numbers; places after ``count`` are scratch.
        chosen_weights: (M + 4,) float32, likewise.
        total: (I,) float32, filled in.
    """
    for j in range(count, count + 4):
        chosen[j] = 0
        chosen_weights[j] = 0
    for j in range(0, max(count, 1), 4):
        a, b, c, d = matrix[chosen[j]], matrix[chosen[j + 1]], matrix[chosen[j + 2]], matrix[chosen[j + 3]]
        wa, wb, wc, wd = (
            chosen_weights[j],
            chosen_weights[j + 1],
            chosen_weights[j + 2],
            chosen_weights[j + 3],
        )
        if j == 0:
            for i in range(total.shape[0]):
                total[i] = base[i] + ((wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]))
        else:
            for i in range(total.shape[0]):
                total[i] += (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i])


class Blend(NamedTuple):
    """What scores are made of. M = V + 16 + C rows: values, content factors, collaborative factors."""

    matrix: npt.NDArray[np.float32]  # (M, I) weights of values, then utilities of factors per unit
    prior: npt.NDArray[np.float32]  # (I,) utility of quality
    wish: np.float32  # utility of a wish that is met
    sating: npt.NDArray[np.bool_]  # (V,) values that satiate
    entity_start: npt.NDArray[np.intp]  # (E + 1,) first place of each person's items, then their number
    entity_items: npt.NDArray[np.int32]  # (n,)
    variety: np.float32  # weight of the variety lens, over 64, negative
    gate: np.float32  # standard deviations an estimated taste must exceed to count
    semantic: np.float32  # utility per unit of likeness to what was said beyond the slots
    themes: ThemeArrays  # in place of likeness where any are in use
    own: int  # candidates by score; the rest of K come through the variety lens


class Scratch(NamedTuple):
    """Room for the scores of one conversation."""

    scores: npt.NDArray[np.float32]  # (I,)
    lens: npt.NDArray[np.float32]  # (I,)
    lanes: npt.NDArray[np.float32]  # (LANES,)
    hits: npt.NDArray[np.int32]  # (I + LANES,)
    values: npt.NDArray[np.float32]  # (2 I + LANES,)
    rows: npt.NDArray[np.int64]  # (M + 4,)
    weights: npt.NDArray[np.float32]  # (M + 4,)
    taste: npt.NDArray[np.float32]  # (16 + C,)
    recent: npt.NDArray[np.float32]  # (V,) what was accepted lately, by what it is worth
    meant: npt.NDArray[np.float32]  # (I,)


@rule
def make_scratch(blend: Blend, n_tastes: int) -> Any:
    """Scratch for one thread."""
    n, m = blend.prior.shape[0], blend.matrix.shape[0] + 4
    return Scratch(
        np.empty(n, np.float32),
        np.empty(n, np.float32),
        np.empty(LANES, np.float32),
        np.empty(n + LANES, np.int32),
        np.empty(2 * n + LANES, np.float32),
        np.empty(m, np.int64),
        np.empty(m, np.float32),
        np.empty(n_tastes, np.float32),
        np.empty(blend.sating.shape[0], np.float32),
        np.empty(n, np.float32),
    )


@rule
def retrieve(d: Dialogue, n: int, sentences: SentenceArrays, end: int, blend: Blend, s: Scratch) -> None:
    """Put the K candidates of conversation n on the table, best first, and their scores.

    Most are the best by score. The others are the best of the rest by the same score less ``variety`` times the overlap
    with what was accepted lately. The scores reported are without that.
    """
    estimate_taste(d, n, blend.gate, s.taste)
    count = choose_rows(d.wishes[n], blend.wish, 0, 0, s.rows, s.weights)
    count = choose_rows(s.taste, np.float32(1), d.wishes.shape[1], count, s.rows, s.weights)
    sum_rows(blend.prior, blend.matrix, count, s.rows, s.weights, s.scores)
    means = d.meaning.sentences.shape[1] > 0
    if means:
        if blend.themes.log_share.shape[0] > 0:
            expect(d, n, blend.themes, s.meant)
        else:
            recall(d, n, d.meaning.sentences.shape[1], sentences, end, s.meant)
        for i in range(s.scores.shape[0]):
            s.scores[i] += blend.semantic * s.meant[i]
    favour_entities(d.entities[n], d.entity_signs[n], blend, s.scores)
    sought = d.memory.sought[n]
    worth = s.scores[max(sought, 0)]
    exclude(d.shown[n], s.scores)
    exclude(d.rating_history.items[n], s.scores)
    exclude(d.memory.named[n], s.scores)
    fill_table(d, n, blend, s)
    if sought >= 0:
        put_first(d.candidates[n], d.scores[n], sought, worth)
    if means:
        match_candidates(d, n, sentences, end, blend.themes, s.meant)


@rule
def put_first(items: Ints, found: Row, item: int, score: np.float32) -> None:
    """An item that was asked for by its title is the first candidate, whether it was shown before or not."""
    at = items.shape[0] - 1
    for j in range(at):
        if items[j] == item:
            at = j
            break
    for j in range(at, 0, -1):
        items[j], found[j] = items[j - 1], found[j - 1]
    items[0], found[0] = item, score


@rule
def fill_table(d: Dialogue, n: int, blend: Blend, s: Scratch) -> None:
    """The candidates of conversation n by ``s.scores``, and through the variety lens; see ``retrieve``."""
    items, found = d.candidates[n], d.scores[n]
    best_of(s.scores, items, found, s)
    own, k = blend.own, items.shape[0]
    if k == own or not lens_weights(d.recent[n], blend, s.recent):
        return
    count = choose_rows(s.recent, np.float32(1), 0, 0, s.rows, s.weights)
    sum_rows(s.scores, blend.matrix, count, s.rows, s.weights, s.lens)
    scores, lens = s.scores, s.lens
    for j in range(own):
        lens[items[j]] = np.float32(2.0) * EXCLUDED
    best_of(lens, items[own:], found[own:], s)
    for j in range(own, k):
        found[j] = scores[items[j]]


@rule
def estimate_taste(d: Dialogue, n: int, deviations: np.float32, taste: Row) -> None:
    """Estimated tastes of conversation n on the score grid: over content factors, then over collaborative ones."""
    mean, covariance = d.preference.mean[n], d.preference.covariance[n]
    width = mean.shape[0]
    for i in range(width):
        taste[i] = gate(mean[i], covariance[i, i], deviations)
    place(d.kindred.mean[n], taste[width:])


@rule
def place(mean: Row, out: Row) -> None:
    """A person's place among C collaborative factors as it enters scores: at most ``LONGEST``, on the grid."""
    length = 0.0
    for i in range(mean.shape[0]):
        length += np.float64(mean[i]) ** 2
    kept = min(1.0, LONGEST / max(np.sqrt(length), LONGEST))
    for i in range(mean.shape[0]):
        out[i] = np.rint(mean[i] * kept * GRID) / GRID


@rule
def favour_entities(entities: Ints, signs: Signs, blend: Blend, scores: Row) -> None:
    """Items of named people gain or lose ``ENTITY_BONUS``."""
    start, items = blend.entity_start, blend.entity_items
    for slot in range(entities.shape[0]):
        if entities[slot] >= 0:
            for i in range(start[entities[slot]], start[entities[slot] + 1]):
                scores[items[i]] += ENTITY_BONUS * np.float32(signs[slot])


@rule
def exclude(items: Ints, scores: Row) -> None:
    """Items that are out; -1 is none."""
    for i in range(items.shape[0]):
        if items[i] >= 0:
            scores[items[i]] = EXCLUDED


@rule
def lens_weights(recent: Row, blend: Blend, weights: Row) -> Any:
    """Weights of the variety lens into ``weights (V,)``, and whether anything was accepted lately."""
    touched, sating, variety = False, blend.sating, blend.variety
    for v in range(recent.shape[0]):
        touched |= recent[v] != 0
        weights[v] = np.rint(recent[v] * np.float32(GRID)) * variety if sating[v] else np.float32(0)
    return touched


@rule
def retrieve_all(d: Dialogue, sentences: SentenceArrays, end: int, blend: Blend) -> None:
    """``retrieve`` of N conversations."""
    d, sentences, blend = borrowed((d, sentences, blend))
    scratch = make_scratch(blend, d.preference.mean.shape[1] + d.kindred.mean.shape[1])
    for n in range(d.turn.shape[0]):
        retrieve(d, n, sentences, end, blend, scratch)

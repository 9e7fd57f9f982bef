"""Scores of all items, and the best of them: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.sums import GRID
from chatrec_env.dialogue.meaning import match_candidates, recall
from chatrec_env.dialogue.preference import gate
from chatrec_env.dialogue.themes import expect
from chatrec_env.retrieval.selection import LANES, best_of

EXCLUDED = np.float32(-1e6)
"""Score of an item that was already shown; it never becomes a candidate."""

ENTITY_BONUS = np.float32(2.0)
"""Utility added to (or taken from) the items of a named person."""

LONGEST = 8.0
"""Longest vector of a person that enters a score: bounds scores, so that they stay exact."""


@inlined
def choose_rows(weights: Any, scale: Any, first: Any, count: Any, chosen: Any, chosen_weights: Any) -> Any:
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
def sum_rows(base: Any, matrix: Any, count: int, chosen: Any, chosen_weights: Any, total: Any) -> None:
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

    matrix: Any  # (M, I) float32 weight of each value, then utility of each factor per unit, of all items
    prior: Any  # (I,) float32 utility of quality
    wish: Any  # float32 utility of a wish that is met
    sating: Any  # (V,) values that satiate
    entity_start: Any  # (E + 1,) intp items of named people: first place of each, then their number
    entity_items: Any  # (n,) int32
    variety: Any  # float32 weight of the variety lens, over 64, negative
    gate: Any  # float32 standard deviations an estimated taste must exceed to count
    semantic: Any  # float32 utility per unit of likeness to what was said beyond the slots
    themes: Any  # `ThemeArrays`, in place of likeness where any are in use
    own: int  # candidates by score; the rest of K come through the variety lens


class Scratch(NamedTuple):
    """Room for the scores of one conversation."""

    scores: Any  # (I,) float32
    lens: Any  # (I,) float32
    lanes: Any  # (LANES,) float32
    hits: Any  # (I + LANES,) int32
    values: Any  # (2 I + LANES,) float32
    rows: Any  # (M + 4,) int64
    weights: Any  # (M + 4,) float32
    taste: Any  # (16 + C,) float32
    recent: Any  # (V,) float32 what was accepted lately, by what it is worth
    meant: Any  # (I,) float32


@rule
def make_scratch(blend: Any, n_tastes: int) -> Any:
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
def retrieve(d: Any, n: int, sentences: Any, end: int, blend: Any, s: Any) -> None:
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
def put_first(items: Any, found: Any, item: int, score: Any) -> None:
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
def fill_table(d: Any, n: int, blend: Any, s: Any) -> None:
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
def estimate_taste(d: Any, n: int, deviations: Any, taste: Any) -> None:
    """Estimated tastes of conversation n on the score grid: over content factors, then over collaborative ones."""
    mean, covariance = d.preference.mean[n], d.preference.covariance[n]
    width = mean.shape[0]
    for i in range(width):
        taste[i] = gate(mean[i], covariance[i, i], deviations)
    place(d.kindred.mean[n], taste[width:])


@rule
def place(mean: Any, out: Any) -> None:
    """A person's place among C collaborative factors as it enters scores: at most ``LONGEST``, on the grid."""
    length = 0.0
    for i in range(mean.shape[0]):
        length += np.float64(mean[i]) ** 2
    kept = min(1.0, LONGEST / max(np.sqrt(length), LONGEST))
    for i in range(mean.shape[0]):
        out[i] = np.rint(mean[i] * kept * GRID) / GRID


@rule
def favour_entities(entities: Any, signs: Any, blend: Any, scores: Any) -> None:
    """Items of named people gain or lose ``ENTITY_BONUS``."""
    start, items = blend.entity_start, blend.entity_items
    for slot in range(entities.shape[0]):
        if entities[slot] >= 0:
            for i in range(start[entities[slot]], start[entities[slot] + 1]):
                scores[items[i]] += ENTITY_BONUS * np.float32(signs[slot])


@rule
def exclude(items: Any, scores: Any) -> None:
    """Items that are out; -1 is none."""
    for i in range(items.shape[0]):
        if items[i] >= 0:
            scores[items[i]] = EXCLUDED


@rule
def lens_weights(recent: Any, blend: Any, weights: Any) -> Any:
    """Weights of the variety lens into ``weights (V,)``, and whether anything was accepted lately."""
    touched, sating, variety = False, blend.sating, blend.variety
    for v in range(recent.shape[0]):
        touched |= recent[v] != 0
        weights[v] = np.rint(recent[v] * np.float32(GRID)) * variety if sating[v] else np.float32(0)
    return touched


@rule
def retrieve_all(d: Any, sentences: Any, end: int, blend: Any) -> None:
    """``retrieve`` of N conversations."""
    d, sentences, blend = borrowed((d, sentences, blend))
    scratch = make_scratch(blend, d.preference.mean.shape[1] + d.kindred.mean.shape[1])
    for n in range(d.turn.shape[0]):
        retrieve(d, n, sentences, end, blend, scratch)

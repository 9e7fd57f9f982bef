"""The columns of the observation, but conversations turn by turn: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.arrays import CatalogArrays
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.state import ANSWERED, NO_ANSWER, Dialogue
from chatrec_env.core.sums import add_up
from chatrec_env.dialogue.beliefs import Prior, facet_entropy
from chatrec_env.dialogue.candidates import View, look
from chatrec_env.retrieval.dense import N_TEXT_FACTORS

Row = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint64]

CLIP = np.float32(8.0)
"""Every column lies in [-8, 8]."""

CANDIDATE_COLUMNS = (
    "present",
    "score",
    "gap",
    "wanted",
    "unwanted",
    "taste",
    "uncertainty",
    "overlap",
    "refused",
    "acclaim",
    "popularity",
)
"""Columns of one candidate: whether the place is filled; estimated utility / 2; how far its score is behind
the best; weight of the stated wishes it meets / 2, and of the dislikes it runs into / 2; utility the estimated
preference adds, and the standard deviation of that estimate; likeness to what was accepted lately / 2; likeness
to the suggestion just ignored / 2; acclaim in [-1, 1]; popularity in [0, 1]. ``write_candidates`` fills them in."""

MEANING_COLUMNS = ("match", "match_last", *(f"text {i}" for i in range(N_TEXT_FACTORS)))
"""Further columns where retrieval matches what is said with what items' texts mean: likeness to all that is remembered,
by weight; to what was said in the last turn; leading principal components of the texts' vectors, of unit variance."""

WIDTH = len(CANDIDATE_COLUMNS)


class Starts(NamedTuple):
    """The first column of each block, and what the blocks need besides the state."""

    recency: bool  # whether the first columns are the encodings of what both said
    history: int
    belief: int
    candidates: int
    context: int
    budget: int
    acts: npt.NDArray[np.uint64]  # (A,) acts of the person's last turn that are shown
    times: int  # first column of the times of day, from ``context`` on
    devices: int  # likewise of the devices
    max_turns: int
    texts: npt.NDArray[np.float32]  # (I, P) principal components of items' texts; P = 0: not shown


@rule
def clip(x: np.float32) -> Any:
    """Within the bounds of a column."""
    return min(max(x, -CLIP), CLIP)


@inlined
def write_history(d: Dialogue, n: int, acts: Bits, row: Row) -> None:
    """The history block, in the order that ``ObservationLayout`` names."""
    clicks, remarks, outcome = d.clicks[n], d.remarks[n], d.outcome[n]
    mean, covariance = d.preference.mean[n], d.preference.covariance[n]
    width, first = mean.shape[0], 11 + acts.shape[0]
    row[0] = min(clicks / 10.0, 8.0)
    row[1] = (d.stars[n] / clicks - 3.0) / 2.0 if clicks > 0 else 0.0
    row[2] = (d.last_stars[n] - 3.0) / 2.0 if d.last_stars[n] > 0 else 0.0
    for o in range(4):
        row[3 + o] = outcome == o
    row[7] = min(d.waiting[n] / 10.0, 8.0)
    row[8] = min(d.refusals[n] / 10.0, 8.0)
    row[9], row[10] = clip(d.surprise[n]), clip(d.repetition[n])
    for a in range(acts.shape[0]):
        row[11 + a] = (remarks >> acts[a]) & np.uint64(1)
    for i in range(width):
        row[first + i] = covariance[i, i]
    row[first + width] = add_up(row, first, first + width) / np.float32(width)
    for i in range(width):
        row[first + i] = clip(mean[i])


@inlined
def write_belief(d: Dialogue, n: int, prior: Prior, row: Row, scratch: Row) -> None:
    """The belief block: wishes, then entropy, times asked, answered and no answer of every facet."""
    wishes, asked, status = d.wishes[n], d.asked[n], d.status[n]
    n_values, n_facets = wishes.shape[0], asked.shape[0]
    for v in range(n_values):
        row[v] = wishes[v]
    for f in range(n_facets):
        at = n_values + f
        row[at] = facet_entropy(wishes, prior, f, scratch)
        row[at + n_facets] = min(asked[f] / 3.0, 8.0)
        row[at + 2 * n_facets] = status[f] == ANSWERED
        row[at + 3 * n_facets] = status[f] == NO_ANSWER


@inlined
def write_candidates(d: Dialogue, n: int, view: View, catalog: CatalogArrays, texts: Row, row: Row) -> None:
    """The columns of every candidate, ``CANDIDATE_COLUMNS``; all zero where no item lies in its place.

    ``MEANING_COLUMNS`` follow where ``texts (I, P)`` has columns.
    """
    items, scores, present = d.candidates[n], d.scores[n], view.present[n]
    wanted, unwanted, overlap, refused = view.wanted[n], view.unwanted[n], view.overlap[n], view.refused[n]
    taste, uncertainty, half = view.taste[n], view.uncertainty[n], np.float32(0.5)
    acclaim, popularity = catalog.acclaim, catalog.popularity
    best = scores[0] if present[0] else np.float32(0)
    shown = texts.shape[1]
    width = WIDTH + (2 + shown if shown > 0 else 0)
    for k in range(items.shape[0]):
        at, item = width * k, items[k]
        if not present[k]:
            row[at : at + width] = 0
            continue
        row[at] = 1
        row[at + 1] = clip(scores[k] * half)
        row[at + 2] = clip(best - scores[k])
        row[at + 3] = clip(wanted[k] * half)
        row[at + 4] = clip(unwanted[k] * half)
        row[at + 5] = clip(taste[k])
        row[at + 6] = clip(uncertainty[k])
        row[at + 7] = clip(overlap[k] * half)
        row[at + 8] = clip(refused[k] * half)
        row[at + 9] = clip(acclaim[item])
        row[at + 10] = clip(popularity[item])
        if shown > 0:
            row[at + WIDTH] = clip(d.meaning.match[n, k])
            row[at + WIDTH + 1] = clip(d.meaning.match_last[n, k])
            for i in range(shown):
                row[at + WIDTH + 2 + i] = clip(texts[item, i])


@rule
def write(
    d: Dialogue, n: int, view: View, catalog: CatalogArrays, known: tuple[Prior, Starts, Row], row: Row
) -> None:
    """All blocks of conversation n into ``row (width,)``, but of a conversation only that of recency.

    ``known`` is as ``write_all`` makes it.
    """
    prior, starts, scratch = known
    if starts.recency:
        said, heard = d.said[n], d.heard[n]
        for i in range(said.shape[0]):
            row[i] = said[i]
        for i in range(heard.shape[0]):
            row[said.shape[0] + i] = heard[i]
    write_history(d, n, starts.acts, row[starts.history : starts.belief])
    write_belief(d, n, prior, row[starts.belief : starts.candidates], scratch)
    write_candidates(d, n, view, catalog, starts.texts, row[starts.candidates : starts.context])
    context = row[starts.context : starts.budget]
    context[:] = 0
    context[1 + d.context[n]] = 1
    if d.situational_context[n, 0] >= 0:
        context[starts.times + d.situational_context[n, 0]] = 1
    if d.situational_context[n, 1] >= 0:
        context[starts.devices + d.situational_context[n, 1]] = 1
    row[starts.budget] = 1.0 - d.turn[n] / starts.max_turns
    row[starts.budget + 1] = min(d.questions[n] / 10.0, 8.0)


@rule
def write_all(
    d: Dialogue, view: View, catalog: CatalogArrays, prior: Prior, starts: Starts, out: Row
) -> None:
    """``write`` of N conversations into ``out (N, width)``."""
    d, view, catalog, prior, starts, out = borrowed((d, view, catalog, prior, starts, out))
    known = prior, starts, np.empty(d.wishes.shape[1], np.float32)
    for n in range(out.shape[0]):
        write(d, n, view, catalog, known, out[n])


@rule
def look_and_write_all(
    d: Dialogue, catalog: CatalogArrays, prior: Prior, starts: Starts, view: View, out: Row
) -> None:
    """The views of N conversations, and their columns."""
    d, catalog, prior, starts, view, out = borrowed((d, catalog, prior, starts, view, out))
    scratch = np.empty(d.wishes.shape[1], np.float32), np.empty(d.preference.mean.shape[1], np.float32)
    look_and_write_each(d, catalog, (prior, starts), view, out, scratch)


@rule
def look_and_write_each(
    d: Dialogue,
    catalog: CatalogArrays,
    about: tuple[Prior, Starts],
    view: View,
    out: Row,
    scratch: tuple[Row, Row],
) -> None:
    """The same with scratch, which is borrowed in this rule of its own: the rule that made it keeps it."""
    odds, projected = borrowed(scratch)
    known = about[0], about[1], odds
    for n in range(out.shape[0]):
        look(d, n, catalog, view, projected)
        write(d, n, view, catalog, known, out[n])

"""The columns of the observation but its conversation part: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chatrec_env.core.compiled import rule
from chatrec_env.core.state import ANSWERED, NO_ANSWER
from chatrec_env.core.sums import add_up
from chatrec_env.dialogue.beliefs import facet_entropy
from chatrec_env.dialogue.candidates import look

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
to the suggestion just ignored / 2; acclaim in [-1, 1]; popularity in [0, 1]. ``write_candidate`` fills them in."""

WIDTH = len(CANDIDATE_COLUMNS)


class Starts(NamedTuple):
    """The first column of each block, and what the blocks need besides the state."""

    history: int
    belief: int
    candidates: int
    context: int
    budget: int
    acts: Any  # (A,) uint32 acts of the person's last turn that are shown
    times: int  # first column of the times of day, from ``context`` on
    devices: int  # likewise of the devices
    max_turns: int


@rule
def clip(x: Any) -> Any:
    """Within the bounds of a column."""
    return min(max(x, -CLIP), CLIP)


@rule
def write_history(d: Any, n: int, acts: Any, row: Any) -> None:
    """The history block, in the order that ``ObservationLayout`` names."""
    clicks, width, first = d.clicks[n], d.preference.mean.shape[1], 11 + acts.shape[0]
    row[0] = min(clicks / 10.0, 8.0)
    row[1] = (d.stars[n] / clicks - 3.0) / 2.0 if clicks > 0 else 0.0
    row[2] = (d.last_stars[n] - 3.0) / 2.0 if d.last_stars[n] > 0 else 0.0
    for outcome in range(4):
        row[3 + outcome] = d.outcome[n] == outcome
    row[7] = min(d.waiting[n] / 10.0, 8.0)
    row[8] = min(d.refusals[n] / 10.0, 8.0)
    row[9], row[10] = clip(d.surprise[n]), clip(d.repetition[n])
    for a in range(acts.shape[0]):
        row[11 + a] = (d.remarks[n] >> acts[a]) & np.uint32(1)
    variance = np.empty(width, np.float32)
    for i in range(width):
        row[first + i] = clip(d.preference.mean[n, i])
        variance[i] = d.preference.covariance[n, i, i]
    row[first + width] = add_up(variance, 0, width) / np.float32(width)


@rule
def write_belief(d: Any, n: int, prior: Any, row: Any) -> None:
    """The belief block: wishes, then entropy, times asked, answered and no answer of every facet."""
    n_values, n_facets = d.wishes.shape[1], d.asked.shape[1]
    scratch = np.empty(n_values, np.float32)
    for v in range(n_values):
        row[v] = d.wishes[n, v]
    for f in range(n_facets):
        at = n_values + f
        row[at] = facet_entropy(d.wishes[n], prior, f, scratch)
        row[at + n_facets] = min(d.asked[n, f] / 3.0, 8.0)
        row[at + 2 * n_facets] = d.status[n, f] == ANSWERED
        row[at + 3 * n_facets] = d.status[n, f] == NO_ANSWER


@rule
def write_candidate(d: Any, n: int, k: int, view: Any, catalog: Any, row: Any) -> None:
    """The columns of candidate k, ``CANDIDATE_COLUMNS``; all zero where no item lies in its place."""
    if not view.present[n, k]:
        row[:] = 0
        return
    half, item, score = np.float32(0.5), d.candidates[n, k], d.scores[n, k]
    best = d.scores[n, 0] if view.present[n, 0] else np.float32(0)
    row[0] = 1
    row[1] = clip(score * half)
    row[2] = clip(best - score)
    row[3] = clip(view.wanted[n, k] * half)
    row[4] = clip(view.unwanted[n, k] * half)
    row[5] = clip(view.taste[n, k])
    row[6] = clip(view.uncertainty[n, k])
    row[7] = clip(view.overlap[n, k] * half)
    row[8] = clip(view.refused[n, k] * half)
    row[9] = clip(catalog.acclaim[item])
    row[10] = clip(catalog.popularity[item])


@rule
def write(d: Any, n: int, view: Any, catalog: Any, prior: Any, starts: Any, row: Any) -> None:
    """All blocks of conversation n but the conversation, into ``row (width,)``."""
    write_history(d, n, starts.acts, row[starts.history : starts.belief])
    write_belief(d, n, prior, row[starts.belief : starts.candidates])
    for k in range(d.candidates.shape[1]):
        at = starts.candidates + WIDTH * k
        write_candidate(d, n, k, view, catalog, row[at : at + WIDTH])
    context = row[starts.context : starts.budget]
    context[:] = 0
    context[1 + d.context[n]] = 1
    if d.setting[n, 0] >= 0:
        context[starts.times + d.setting[n, 0]] = 1
    if d.setting[n, 1] >= 0:
        context[starts.devices + d.setting[n, 1]] = 1
    row[starts.budget] = 1.0 - d.turn[n] / starts.max_turns
    row[starts.budget + 1] = min(d.questions[n] / 10.0, 8.0)


@rule
def write_all(d: Any, view: Any, catalog: Any, prior: Any, starts: Any, out: Any) -> None:
    """``write`` of N conversations into ``out (N, width)``."""
    for n in range(out.shape[0]):
        write(d, n, view, catalog, prior, starts, out[n])


@rule
def look_and_write_all(d: Any, view: Any, catalog: Any, prior: Any, starts: Any, out: Any) -> None:
    """The views of N conversations, and their columns."""
    projected = np.empty(d.preference.mean.shape[1], np.float32)
    for n in range(out.shape[0]):
        look(d, n, catalog, view, projected)
        write(d, n, view, catalog, prior, starts, out[n])

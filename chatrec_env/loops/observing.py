"""The observation but its candidates, written a conversation at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.core.sums import add_up


@njit(cache=True, nogil=True)
def write_history(
    clicks: Any,
    stars: Any,
    last_stars: Any,
    outcome: Any,
    waiting: Any,
    refusals: Any,
    surprise: Any,
    repetition: Any,
    remarks: Any,
    acts: Any,
    mean: Any,
    covariance: Any,
    limit: Any,
    out: Any,
) -> None:
    """The history block; see ``ObservationLayout``.

    Args:
        clicks: (N,) as in ``Dialogue``, likewise all up to ``remarks``.
        stars: See ``Dialogue``.
        last_stars: See ``Dialogue``.
        outcome: See ``Dialogue``.
        waiting: See ``Dialogue``.
        refusals: See ``Dialogue``.
        surprise: See ``Dialogue``.
        repetition: See ``Dialogue``.
        remarks: See ``Dialogue``.
        acts: (A,) bits of ``remarks`` that are shown.
        mean: (N, 16) float32 of the preference.
        covariance: (N, 16, 16) float32 of the preference.
        limit: Largest magnitude of a column, float32.
        out: (N, columns) float32, filled in.
    """
    width, first = mean.shape[1], 11 + acts.shape[0]
    diagonal = np.empty(width, np.float32)
    for n in range(clicks.shape[0]):
        row = out[n]
        row[0] = min(clicks[n] / 10.0, limit)
        row[1] = (stars[n] / clicks[n] - 3.0) / 2.0 if clicks[n] > 0 else 0.0
        row[2] = (last_stars[n] - 3.0) / 2.0 if last_stars[n] > 0 else 0.0
        for o in range(4):
            row[3 + o] = outcome[n] == o
        row[7] = min(waiting[n] / 10.0, limit)
        row[8] = min(refusals[n] / 10.0, limit)
        row[9] = min(max(surprise[n], -limit), limit)
        row[10] = min(max(repetition[n], -limit), limit)
        for a in range(acts.shape[0]):
            row[11 + a] = (remarks[n] >> acts[a]) & 1
        for i in range(width):
            row[first + i] = min(max(mean[n, i], -limit), limit)
            diagonal[i] = covariance[n, i, i]
        row[first + width] = add_up(diagonal, 0, width) / np.float32(width)


@njit(cache=True, nogil=True)
def write_belief(
    wishes: Any, entropy: Any, asked: Any, status: Any, answered: Any, no_answer: Any, limit: Any, out: Any
) -> None:
    """The belief block: wishes ``(N, V)``, then entropy, times asked and the two states of every facet ``(N, F)``."""
    v, f = wishes.shape[1], asked.shape[1]
    for n in range(wishes.shape[0]):
        row = out[n]
        for i in range(v):
            row[i] = wishes[n, i]
        for i in range(f):
            row[v + i] = entropy[n, i]
            row[v + f + i] = min(asked[n, i] / 3.0, limit)
            row[v + 2 * f + i] = status[n, i] == answered
            row[v + 3 * f + i] = status[n, i] == no_answer

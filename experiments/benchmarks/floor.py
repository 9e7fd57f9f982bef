"""The least that a turn has to do, compiled: score the items, pick the best, write what is seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule

Float = npt.NDArray[np.float32]


class Work(NamedTuple):
    """What the bare loop works on: S wish vectors, N rows, I items, V values, F factors, M wishes and W columns."""

    values: Float  # (V, I) what each item has
    factors: Float  # (F, I)
    wished: npt.NDArray[np.int32]  # (S, M) values wished for, those of strength 0 last
    strength: Float  # (S, M)
    taste: Float  # (S, F)
    known: Float  # (N, W) what is written besides the candidates' scores
    rows: Float  # (N, W) written


@rule
def bare_turns(work: Work, k: int, turns: int) -> None:
    """Take turns: each scores all items against the next wish vector, picks the ``k`` best and writes the next row."""
    n_items = work.values.shape[1]
    scores = np.empty(n_items, np.float32)
    best = np.empty(k, np.float32)
    for turn in range(turns):
        s, n = turn % len(work.wished), turn % len(work.rows)
        scores[:] = np.float32(0.0)
        for m in range(work.wished.shape[1]):
            strength = work.strength[s, m]
            if strength == 0.0:
                break
            value = work.values[work.wished[s, m]]
            for i in range(n_items):
                scores[i] += strength * value[i]
        for f in range(work.factors.shape[0]):
            taste, factor = work.taste[s, f], work.factors[f]
            for i in range(n_items):
                scores[i] += taste * factor[i]
        best[:] = np.float32(-np.inf)
        for i in range(n_items):
            score = scores[i]
            if score > best[k - 1]:
                place = k - 1
                while place > 0 and score > best[place - 1]:
                    best[place] = best[place - 1]
                    place -= 1
                best[place] = score
        for c in range(work.rows.shape[1]):
            work.rows[n, c] = work.known[n, c]
        for j in range(k):
            work.rows[n, j] = best[j]

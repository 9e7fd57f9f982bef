"""What a person makes of a slate, in three steps with NumPy's exponentials between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def weigh_slate(
    utility: Any,
    slate: Any,
    reason: Any,
    desire: Any,
    satiation: Any,
    satiability: Any,
    threshold: Any,
    familiarity: Any,
    popularity: Any,
    draws: Any,
    gain: Any,
    loss: Any,
    trust: Any,
    known: Any,
    logit: Any,
) -> None:
    """Move trust by the reason given, note whether the first item is known, and write every item's logit.

    Args:
        utility: (N, S) float64.
        slate: (N, S) items, -1 where none.
        reason: (N,) value the explanation names, -1 if none.
        desire: (N, V) float32.
        satiation: (N, V) float32.
        satiability: (N,) float32.
        threshold: (N,) utility of taking nothing.
        familiarity: (N,) chance of knowing an item of full popularity.
        popularity: (I,)
        draws: (N, 14) uniforms of the turn.
        gain: Share of missing trust that a true reason restores.
        loss: Share of trust that a false one destroys.
        trust: (N,) changed in place.
        known: (N,) filled in.
        logit: (N, S) filled in: utility above the threshold, at most 50.
    """
    for n in range(slate.shape[0]):
        if reason[n] >= 0:
            v = reason[n]
            true = desire[n, v] - satiability[n] * satiation[n, v] > 0
            trust[n] = trust[n] + gain * (1.0 - trust[n]) if true else trust[n] * (1.0 - loss)
        first = slate[n, 0]
        known[n] = first >= 0 and draws[n, 0] < familiarity[n] * popularity[first]
        for s in range(slate.shape[1]):
            worth = utility[n, s] if slate[n, s] >= 0 else -50.0
            logit[n, s] = min(worth - threshold[n], 50.0)


@njit(cache=True, nogil=True)
def choose_item(
    utility: Any,
    slate: Any,
    weight: Any,
    position: Any,
    trust: Any,
    threshold: Any,
    generosity: Any,
    stretch: Any,
    anchor: Any,
    cuts: Any,
    draws: Any,
    known: Any,
    click: Any,
    below: Any,
) -> None:
    """Multinomial logit over the examined items; see ``simulators.scripted.choice.slate_choice``.

    Args:
        utility: (N, S) float64.
        slate: (N, S) items, -1 where none; S < 8.
        weight: (N, S) ``exp`` of the logits, overwritten.
        position: (S,) examination of each position.
        trust: (N,)
        threshold: (N,)
        generosity: (N,) shift of the rating cut points.
        stretch: (N,) how noisy the person rates.
        anchor: Appeal that is moved, by what it is multiplied, and to what: ratings follow the result.
        cuts: (4,) rating cut points.
        draws: (N, 14) uniforms of the turn.
        known: (N,) whether the first item is known; then: and nothing was taken.
        click: (N,) filled in: place taken, -1 if none.
        below: (N, 4) filled in: ``-logit`` of at most 1, 2, 3 and 4 stars.
    """
    for n in range(slate.shape[0]):
        seen = 0.5 + 0.5 * trust[n]
        total = 0.0
        for s in range(slate.shape[1]):
            looked = position[s] * seen if slate[n, s] >= 0 and not (s == 0 and known[n]) else 0.0
            weight[n, s] = looked * weight[n, s]
            total += weight[n, s]
        place, edge = 0, 0.0
        for s in range(slate.shape[1]):
            edge += weight[n, s]
            place += draws[n, 1] >= edge / (1.0 + total)
        click[n] = place if place < slate.shape[1] else -1
        if click[n] >= 0:
            known[n] = False
        appeal = utility[n, max(click[n], 0)] - threshold[n]
        appeal = anchor[2] + anchor[1] * (appeal - anchor[0])
        for c in range(cuts.shape[0]):
            below[n, c] = -((cuts[c] - (appeal + generosity[n])) / stretch[n])


@njit(cache=True, nogil=True)
def rate_item(slate: Any, click: Any, below: Any, draws: Any, careless: Any, stars: Any, item: Any) -> None:
    """Stars of what was taken, and the item the turn is about; see ``simulators.scripted.choice.careless_rating``.

    Args:
        slate: (N, S) items, -1 where none.
        click: (N,) place taken, -1 if none.
        below: (N, 4) ``exp`` of what ``choose_item`` wrote.
        draws: (N, 14) uniforms of the turn.
        careless: Share of ratings given without a thought.
        stars: (N,) filled in, 0 where nothing was taken.
        item: (N,) filled in.
    """
    for n in range(slate.shape[0]):
        item[n] = max(slate[n, max(click[n], 0)], 0)
        stars[n] = 0
        if click[n] >= 0:
            uniform = draws[n, 2]
            if uniform < careless:
                stars[n] = int(min(1 + np.floor(5.0 * uniform / careless), 5.0))
                continue
            if careless > 0:
                uniform = (uniform - careless) / max(1.0 - careless, 1e-9)
            stars[n] = 1
            for c in range(below.shape[1]):
                stars[n] += uniform >= 1.0 / (1.0 + below[n, c])

"""What can be worked out about the candidates on the table: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.retrieval.ranking import EXCLUDED


class View(NamedTuple):
    """Features of the candidates of this turn, all ``(N, K)``."""

    present: npt.NDArray[np.bool_]  # an unseen item lies in this place
    wanted: npt.NDArray[np.float32]  # weight of stated wishes the item meets
    unwanted: npt.NDArray[np.float32]  # weight of stated dislikes it runs into
    overlap: npt.NDArray[np.float32]  # likeness to what was accepted lately, decayed
    refused: npt.NDArray[np.float32]  # likeness to the suggestion just ignored
    taste: npt.NDArray[np.float32]  # utility the estimated preference adds
    uncertainty: npt.NDArray[np.float32]  # standard deviation of that estimate


def empty_view(n: int, k: int) -> View:
    """A view to be filled in."""
    return View(np.empty((n, k), np.bool_), *np.empty((6, n, k), np.float32))


@rule
def look(d: Any, n: int, catalog: Any, view: Any, projected: Any) -> None:
    """Fill in the view of conversation n; ``projected (16,)`` float32 is scratch."""
    ignored = d.waiting[n] > 0
    for k in range(d.candidates.shape[1]):
        item = d.candidates[n, k]
        view.present[n, k] = d.scores[n, k] > EXCLUDED / np.float32(2)
        weigh_wishes(d, n, k, catalog, view)
        view.overlap[n, k] = likeness(d.recent[n], item, catalog)
        view.refused[n, k] = 0
        for s in range(d.slate.shape[1]):
            if ignored and d.slate[n, s] >= 0:
                like = likeness(catalog.weighted_values[d.slate[n, s]], item, catalog)
                view.refused[n, k] = max(view.refused[n, k], like)
        taste, spread = weigh_tastes(
            d.preference.mean[n], d.preference.covariance[n], catalog.factors[item], projected
        )
        view.taste[n, k], view.uncertainty[n, k] = taste, np.sqrt(max(spread, np.float32(0)))


@rule
def weigh_wishes(d: Any, n: int, k: int, catalog: Any, view: Any) -> None:
    """Weight of the wishes that candidate k meets, and of the dislikes it runs into."""
    item, end = d.candidates[n, k], d.wishes.shape[1]
    total, good = np.float32(0), np.float32(0)
    for c in range(catalog.carried.shape[1]):
        v = catalog.carried[item, c]
        if v == end:
            break
        wish = d.wishes[n, v] * catalog.carried_weights[item, c]
        total += wish
        good += max(wish, np.float32(0))
    view.wanted[n, k], view.unwanted[n, k] = good, good - total


@rule
def likeness(trace: Any, item: int, catalog: Any) -> Any:
    """Sum over an item's values that satiate of ``trace (V,)`` times their weight."""
    total = np.float32(0)
    for c in range(catalog.carried.shape[1]):
        v = catalog.carried[item, c]
        if v == trace.shape[0]:
            break
        if catalog.sating[v]:
            total += trace[v] * catalog.carried_weights[item, c]
    return total


@rule
def weigh_tastes(mean: Any, covariance: Any, features: Any, projected: Any) -> Any:
    """Utility that the estimated preference adds to an item, and the variance of that: ``m' f`` and ``f' P f``.

    The covariance is symmetric, so it is read by rows, four at a time; sums run from the first factor to the last.
    ``projected (16,)`` is scratch.
    """
    width = mean.shape[0]
    projected[:] = 0
    whole = width - width % 4
    for j in range(0, whole, 4):
        a, b, c, d = covariance[j], covariance[j + 1], covariance[j + 2], covariance[j + 3]
        wa, wb, wc, wd = features[j], features[j + 1], features[j + 2], features[j + 3]
        for i in range(width):
            projected[i] = (((projected[i] + a[i] * wa) + b[i] * wb) + c[i] * wc) + d[i] * wd
    for j in range(whole, width):
        for i in range(width):
            projected[i] += covariance[j, i] * features[j]
    utility, spread = np.float32(0), np.float32(0)
    for i in range(width):
        utility += mean[i] * features[i]
        spread += projected[i] * features[i]
    return utility, spread


@rule
def look_all(d: Any, catalog: Any, view: Any) -> None:
    """``look`` of N conversations."""
    projected = np.empty(d.preference.mean.shape[1], np.float32)
    for n in range(d.turn.shape[0]):
        look(d, n, catalog, view, projected)

"""What can be worked out about the candidates on the table: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.arrays import CatalogArrays
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.state import Dialogue
from chatrec_env.retrieval.ranking import EXCLUDED

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


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


@inlined
def look(d: Dialogue, n: int, catalog: CatalogArrays, view: View, scratch: Row) -> None:
    """Fill in the view of conversation n; ``scratch (16,)`` float32."""
    wishes, recent, items, scores, slate = d.wishes[n], d.recent[n], d.candidates[n], d.scores[n], d.slate[n]
    mean, covariance, ignored = d.preference.mean[n], d.preference.covariance[n], d.waiting[n] > 0
    carried, weights, sating = catalog.carried, catalog.carried_weights, catalog.sating
    factors, weighted = catalog.factors, catalog.weighted_values
    present, wanted, unwanted, overlap = view.present[n], view.wanted[n], view.unwanted[n], view.overlap[n]
    refused, taste, uncertainty = view.refused[n], view.taste[n], view.uncertainty[n]
    for k in range(items.shape[0]):
        item = items[k]
        present[k] = scores[k] > EXCLUDED / np.float32(2)
        wanted[k], unwanted[k], overlap[k] = weigh(wishes, recent, carried[item], weights[item], sating)
        refused[k] = 0
        for s in range(slate.shape[0]):
            if ignored and slate[s] >= 0:
                like = likeness(weighted[slate[s]], carried[item], weights[item], sating)
                refused[k] = max(refused[k], like)
        taste[k], spread = weigh_tastes(mean, covariance, factors[item], scratch)
        uncertainty[k] = np.sqrt(max(spread, np.float32(0)))


@inlined
def weigh(wishes: Row, recent: Row, carried: Ints, weights: Row, sating: Flags) -> Any:
    """Weight of the wishes that an item meets, of the dislikes it runs into, and its overlap with ``recent``; float32.

    Args:
        wishes: (V,) float32.
        recent: (V,) float32 values of what was accepted lately; see ``likeness``.
        carried: (C,) values of the item, V where there are no more.
        weights: (C,) float32 their weights.
        sating: (V,) values that satiate.
    """
    total, good, overlap = np.float32(0), np.float32(0), np.float32(0)
    for c in range(carried.shape[0]):
        v = np.uint32(carried[c])
        if v >= wishes.shape[0]:
            break
        wish = wishes[v] * weights[c]
        total += wish
        good += max(wish, np.float32(0))
        like = recent[v] * weights[c]  # worked out in any case: a guess that is wrong costs more
        overlap += like if sating[v] else np.float32(0)
    return good, good - total, overlap


@inlined
def likeness(trace: Row, carried: Ints, weights: Row, sating: Flags) -> Any:
    """Sum over an item's values that satiate of ``trace (V,)`` times their weight; arguments as ``weigh``."""
    total = np.float32(0)
    for c in range(carried.shape[0]):
        v = np.uint32(carried[c])
        if v >= trace.shape[0]:
            break
        like = trace[v] * weights[c]
        total += like if sating[v] else np.float32(0)
    return total


@inlined
def weigh_tastes(mean: Row, covariance: Row, features: Row, projected: Row) -> Any:
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
def look_all(d: Dialogue, catalog: CatalogArrays, view: View) -> None:
    """``look`` of N conversations."""
    d, catalog, view = borrowed((d, catalog, view))
    scratch = np.empty(d.preference.mean.shape[1], np.float32)
    for n in range(d.turn.shape[0]):
        look(d, n, catalog, view, scratch)

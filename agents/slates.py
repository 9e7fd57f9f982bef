"""Slates of candidates from their scores: pure functions of arrays, (N, K) in, places (N, S) out, no place twice.

A row with fewer than S present candidates is filled up with -1. The first place is the top of the slate.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog

Scores = npt.NDArray[np.float32]
Present = npt.NDArray[np.bool_]
Slates = npt.NDArray[np.int64]


def greedy_slate(scores: Scores, present: Present, size: int) -> Slates:
    """The candidates of highest score, best first; ties to the lower place.

    Args:
        scores: (N, K) utilities.
        present: (N, K) whether a place holds a candidate.
        size: S, at least 1.
    """
    order = np.argsort(-np.where(present, scores, -np.inf), axis=1, kind="stable")[:, :size]
    return _filled(order, np.take_along_axis(present, order, axis=1), size)


def random_slate(present: Present, uniforms: npt.NDArray[np.float64], size: int) -> Slates:
    """Candidates in an order drawn evenly among all orders, (N, S).

    Args:
        present: (N, K) whether a place holds a candidate.
        uniforms: (N,) draws in [0, 1), one a row.
        size: S, at least 1.
    """
    n, k = present.shape
    slates = np.full((n, size), -1, np.int64)
    left, rest = present.copy(), np.array(uniforms, np.float64)
    for s in range(min(size, k)):
        # One draw gives all places: its first digit in base ``count`` picks one, and what is left of it is even again.
        count = left.sum(axis=1)
        scaled = rest * count
        which = np.minimum(scaled.astype(np.int64), count - 1)
        rest = np.minimum(scaled - which, np.nextafter(1.0, 0.0))
        some = count > 0
        place = (left & (np.cumsum(left, axis=1) == which[:, None] + 1)).argmax(axis=1)
        slates[some, s] = place[some]
        left[some, place[some]] = False
    return slates


def mmr_slate(
    scores: Scores, similarity: npt.NDArray[np.float32], present: Present, size: int, trade_off: float
) -> Slates:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998): good candidates that are unlike those above them.

    Place by place, the candidate of highest ``trade_off * score - (1 - trade_off) * m``, where ``m`` is its largest
    similarity to a candidate already on the slate, 0 for the first place; ties to the lower place.

    Args:
        scores: (N, K) utilities.
        similarity: (N, K, K) of each pair of candidates, in units of the scores.
        present: (N, K) whether a place holds a candidate.
        size: S, at least 1.
        trade_off: Weight in [0, 1] of the score; 1 is ``greedy_slate``.
    """
    n, k = scores.shape
    every, slates = np.arange(n), np.full((n, size), -1, np.int64)
    left, closest = present.copy(), np.zeros((n, k), np.float32)
    for s in range(min(size, k)):
        worth = np.float32(trade_off) * scores - np.float32(1 - trade_off) * closest
        place = np.where(left, worth, -np.inf).argmax(axis=1)
        some = left.any(axis=1)
        slates[some, s] = place[some]
        left[every, place] = False
        new = similarity[every, place]
        closest = new.copy() if s == 0 else np.maximum(closest, new)
    return slates


def sating_similarity(
    catalog: Catalog, candidates: npt.NDArray[np.int32], sating: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """Cosine similarity of candidates in the values that users tire of, (N, K, K) in [0, 1], 1 on the diagonal.

    Args:
        catalog: The catalogue.
        candidates: (N, K) items.
        sating: (V,) whether a value satiates.
    """
    values = catalog.weighted_values[candidates] * sating  # (N, K, V)
    lengths = np.sqrt((values * values).sum(axis=2, keepdims=True))
    unit = values / np.maximum(lengths, np.float32(1e-6))
    return np.asarray(np.einsum("nkv,njv->nkj", unit, unit), np.float32)


def _filled(order: npt.NDArray[np.intp], there: Present, size: int) -> Slates:
    """``order (N, <= S)`` with -1 where nothing is ``there``, and up to S."""
    slates = np.full((len(order), size), -1, np.int64)
    slates[:, : order.shape[1]] = np.where(there, order, -1)
    return slates

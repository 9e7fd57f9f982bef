"""The best of many scores: compiled rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule

Row = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

LANES = 64
"""Width of the running maxima in ``best_of``."""

MOST_HITS = 64
"""Scores above the bound that are ranked by counting; more of them only where many are equal."""

HALVINGS = 6
"""Steps of the search for a bound; more make it tighter, fewer are quicker."""


@rule
def insert(score: np.float32, item: int, filled: int, items: Ints, found: Row) -> Any:
    """Put an item in its place among the best so far, ties to the lower index; returns how many there are."""
    k = items.shape[0]
    if filled == k:
        last = found[k - 1]
        if score < last or (score == last and item > items[k - 1]):
            return filled
        place = k - 1
    else:
        place = filled
        filled += 1
    while place > 0 and (found[place - 1] < score or (found[place - 1] == score and items[place - 1] > item)):
        found[place] = found[place - 1]
        items[place] = items[place - 1]
        place -= 1
    found[place] = score
    items[place] = item
    return filled


@rule
def range_of(lanes: Row, k: int) -> Any:
    """A number that at least ``k`` of ``lanes`` reach, and one that none exceeds."""
    low, high = lanes[0], lanes[0]
    for j in range(k):
        low = min(low, lanes[j])
    for j in range(lanes.shape[0]):
        high = max(high, lanes[j])
    return low, high


@rule
def bound_of(lanes: Row, k: int) -> Any:
    """A number that at least ``k`` of ``lanes`` reach, and not many more."""
    low, high = range_of(lanes, k)
    for _ in range(HALVINGS):
        middle = np.float32(0.5) * (low + high)
        count = 0
        for j in range(lanes.shape[0]):
            count += 1 if lanes[j] >= middle else 0
        if count >= k:
            low = middle
        else:
            high = middle
    return low


@rule
def maxima(scores: Row, lanes: Row, room: Row) -> None:
    """Lane j becomes the maximum of scores j, j + LANES, ...; ``room`` (2 I,) is scratch.

    A knock-out: the first half against the second, then the winners likewise, down to as many as there are lanes.
    Winners go to places of their own, since what may stay where it is is written under a mask, which is slow.
    """
    n, width, two = np.uint64(scores.shape[0]), np.uint64(lanes.shape[0]), np.uint64(2)
    half = width
    while two * half < n:
        half *= two
    for i in range(n - half):
        room[i] = scores[i] if scores[i] > scores[half + i] else scores[half + i]
    for i in range(n - half, half):
        room[i] = scores[i]
    start = np.uint64(0)
    while half > width:
        to, half = start + half, half // two
        for i in range(half):
            one, other = room[start + i], room[start + half + i]
            room[to + i] = one if one > other else other
        start = to
    for i in range(width):
        lanes[i] = room[start + i]


@rule
def hits_of(scores: Row, bound: np.float32, lanes: Row, hits: Ints, values: Row) -> Any:
    """Items that reach ``bound`` into ``hits (I + LANES,)``, their scores into ``values``; how many there are.

    Counters are unsigned: an index that may be negative costs a check at each step.
    """
    n, width, one = np.uint64(scores.shape[0]), np.uint64(lanes.shape[0]), np.uint64(1)
    tall, count, full = n, np.uint64(0), n // width
    for j in range(lanes.shape[0]):  # lanes to look through are noted behind the hits
        hits[tall] = j
        tall += np.uint64(lanes[j] >= bound)
    for place in range(n, tall):
        i = np.uint64(hits[np.uint64(place)])
        for _ in range(full):
            score = scores[i]
            hits[count] = np.int32(i)
            values[count] = score
            count += np.uint64(score >= bound)
            i += width
        last = min(i, n - one)  # the lane may lack an item in the last round
        score = scores[last]
        hits[count] = np.int32(last)
        values[count] = score
        count += np.uint64((score >= bound) & (i < n))
    return count


@rule
def best_of(scores: Row, items: Ints, found: Row, scratch: Any) -> None:
    """The k largest of ``scores (I,)`` into ``items`` and ``found`` (k,), best first, ties to the lower index.

    Only lanes (see ``maxima``) above a bound that k of them reach hold any of the best, so few scores are
    looked at. Those above that bound are ranked by counting, without branches that the processor would have to guess.

    Args:
        scores: (I,) float32.
        items: (k,) int32, filled in.
        found: (k,) float32, filled in.
        scratch: ``Scratch``; ``lanes``, ``hits`` and ``values`` are used.
    """
    lanes, hits, values, filled = scratch.lanes, scratch.hits, scratch.values, 0
    n, k, width = scores.shape[0], items.shape[0], lanes.shape[0]
    if n < 2 * width or k > width:
        for i in range(n):
            filled = insert(scores[i], i, filled, items, found)
        return
    maxima(scores, lanes, values)
    count = hits_of(scores, bound_of(lanes, k), lanes, hits, values)
    if count > MOST_HITS:
        for h in range(count):
            filled = insert(values[h], hits[h], filled, items, found)
        return
    for h in range(count):
        score, item, rank = values[np.uint64(h)], hits[np.uint64(h)], np.int32(0)
        for j in range(count):
            other = values[np.uint64(j)]
            rank += np.int32((other > score) | ((other == score) & (hits[np.uint64(j)] < item)))
        if rank < k:
            items[np.uint64(rank)] = item
            found[np.uint64(rank)] = score

"""Which bins of a numeric facet an amount or a span stands for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise


class BinValues(tuple[int, ...]):
    """The values that an amount or a span stands for, and the exact bounds that were said.

    Attributes:
        low, high: ``low <= x < high``, in units of the facet; infinite where it is open.
    """

    low: float
    high: float

    def __new__(cls, values: Iterable[int] = (), low: float = -math.inf, high: float = math.inf) -> BinValues:
        """The values and their bounds."""
        made = super().__new__(cls, values)
        made.low, made.high = low, high
        return made


def bins_inside(edges: Sequence[float], low: float, high: float) -> list[int]:
    """Bins that ``low <= x < high`` covers half of, or lies half in.

    Args:
        edges: Increasing; bin ``j`` is ``edges[j] <= x < edges[j + 1]``.
        low: Where the span starts.
        high: Where it ends.
    """
    found = []
    for j, (left, right) in enumerate(pairwise(edges)):
        overlap = min(right, high) - max(left, low)
        if overlap > 0 and overlap >= 0.5 * min(right - left, high - low):
            found.append(j)
    return found


def bins_beyond(edges: Sequence[float], edge: float, side: int) -> list[int]:
    """Bins of which at least half is on one side of ``edge``, nearest first; else the bin it lies in.

    Downwards, the bin it lies in counts as well where the others are less than half of what is asked for: of the bins
    "free" and "up to 200", "under 50" means not only the first.

    Args:
        edges: As above.
        edge: A number.
        side: -1 for what is below it, +1 for what is above.
    """
    found = []
    for j, (left, right) in enumerate(pairwise(edges)):
        inside = min(right, edge) - left if side < 0 else right - max(left, edge)
        whole = right <= edge if side < 0 else left >= edge
        half = math.isfinite(right - left) and inside >= 0.5 * (right - left)
        start = edges[0] if side < 0 and left < edge < right else -math.inf
        if whole or half or (math.isfinite(start) and left - start < 0.5 * (edge - start)):
            found.append(j)
    found = found[::-1] if side < 0 else found
    return found or bins_inside(edges, edge - 0.5 if side < 0 else edge, edge + 0.5)

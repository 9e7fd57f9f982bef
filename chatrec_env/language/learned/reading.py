"""From mentions and logits to what a message says: the tokens of each mention, its role, and the dialogue acts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def mark_tokens(spans: npt.NDArray[np.int64], slots: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Which slot each token is in: ``(T,)``, -1 for none.

    Args:
        spans: (T, 2) where the tokens stand in the text; empty for markers.
        slots: Start and end of each slot, in order, none inside another.
    """
    out = np.full(len(spans), -1, np.int64)
    for i, (start, end) in enumerate(slots):
        inside = (spans[:, 0] < end) & (spans[:, 1] > start) & (spans[:, 1] > spans[:, 0])
        out[inside & (out < 0)] = i
    return out

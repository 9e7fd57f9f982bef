"""Calls of a network in shapes that change no bit of what it says of a text.

Matrix products may add up in another order when their shapes change, so the bits that count are those of a full call:
texts padded to the next of ``LENGTHS`` tokens, in ``rows_for(length)`` rows, topped up with copies. A call with fewer
rows gives the same bits in most libraries; whether it does here is tried once for each shape, in each process.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from chatrec_env.language.encoders import lanes

LENGTHS: Final = (8, 12, 16, 20, 24, 28, 32, 48, 64, 96, 128, 192, 256)

_TOKENS_A_CALL: Final = 256
_MOST_ROWS: Final = 8
Arrays: TypeAlias = tuple[npt.NDArray[Any], ...]
"""What a call says of the texts of a part; the first axis of each is the row."""

Part: TypeAlias = tuple[npt.NDArray[np.intp], int]
"""Places of texts of like length, and the length in tokens that they are padded to."""

_same: dict[
    tuple[Hashable, int, int], bool
] = {}  # network, rows, length: whether a full call has the same bits


def rows_for(length: int) -> int:
    """Rows of a full call with this padded length: 8, fewer for long texts."""
    return max(1, min(_MOST_ROWS, _TOKENS_A_CALL // length))


def in_shapes(lengths: Sequence[int], padded: Sequence[int] = LENGTHS) -> list[Part]:
    """Puts texts of like length together.

    Args:
        lengths: Tokens of each text, none more than the last of ``padded``.
        padded: Lengths that texts are padded to.

    Returns:
        Parts of at most ``rows_for(length)`` texts.
    """
    buckets, out = np.searchsorted(padded, lengths), []
    for bucket in np.unique(buckets):
        length, places = padded[bucket], np.flatnonzero(buckets == bucket)
        rows = rows_for(length)
        out += [(places[start : start + rows], length) for start in range(0, len(places), rows)]
    return out


def of_each(
    compute: Callable[[Part], Arrays],
    lengths: Sequence[int],
    network: Hashable,
    padded: Sequence[int] = LENGTHS,
) -> list[Arrays]:
    """What a network says of each text: its row of each array.

    Args:
        compute: What it says of the texts of a part, in one call. A place may come more than once.
        lengths: Tokens of each text.
        network: What is called.
        padded: Lengths that texts are padded to.
    """
    parts = in_shapes(lengths, padded)
    done = lanes.run([functools.partial(call_alike, compute, part, network) for part in parts])
    out: dict[int, Arrays] = {}
    for (places, _), arrays in zip(parts, done, strict=True):
        out.update(zip(places.tolist(), zip(*arrays, strict=True), strict=True))
    return [out[i] for i in range(len(lengths))]


def call_alike(compute: Callable[[Part], Arrays], part: Part, network: Hashable) -> Arrays:
    """What a full call says of the texts of a part, from a call with no more than these where that is the same."""
    places, length = part
    shape = network, len(places), length
    if len(places) == rows_for(length) or _same.get(shape):
        return compute(part)
    whole = tuple(array[: len(places)] for array in compute((np.resize(places, rows_for(length)), length)))
    if shape not in _same:
        few = compute(part)
        _same[shape] = all(np.array_equal(a, b) for a, b in zip(few, whole, strict=True))
    return whole

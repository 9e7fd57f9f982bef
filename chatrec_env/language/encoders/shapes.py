"""Calls of a network in shapes that change no bit of what it says of a text.

Matrix products may add up in another order when their shapes change, so the bits that count are those of a full call:
texts padded to the next of ``LENGTHS`` tokens, in ``rows_for(length)`` rows, topped up with copies. A call with fewer
rows, or with texts of several lengths one after another, reads the weights once for less work. In most libraries it
gives the same bits; whether it does here is tried once for each number of tokens, in each process: of all that the
networks do, the matrix products alone treat several texts at a time.
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
_MOST_JOINED: Final = 128
"""Tokens up to which texts of several lengths make one call: beyond it, to read the weights again costs little."""

Arrays: TypeAlias = tuple[npt.NDArray[Any], ...]
"""What a call says of the texts of a part; the first axis of each is the row."""

Part: TypeAlias = tuple[npt.NDArray[np.intp], int]
"""Places of texts of like length, and the length in tokens that they are padded to."""

_same: dict[tuple[Hashable, int], bool] = {}  # network and tokens: whether a full call has the same bits


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


def in_calls(parts: Sequence[Part]) -> list[list[Part]]:
    """Puts small parts together into calls."""
    out: list[list[Part]] = []
    room = 0
    for part in parts:
        size = len(part[0]) * part[1]
        if size > room:
            out.append([])
            room = _MOST_JOINED
        out[-1].append(part)
        room -= size
    return out


def of_each(
    compute: Callable[[Sequence[Part]], Sequence[Arrays]],
    lengths: Sequence[int],
    network: Hashable,
    *,
    padded: Sequence[int] = LENGTHS,
    joined: bool = True,
) -> list[Arrays]:
    """What a network says of each text: its row of each array.

    Args:
        compute: Makes a call; of each part what it says of its texts. A place may come more than once.
        lengths: Tokens of each text.
        network: What is called.
        padded: Lengths that texts are padded to.
        joined: Whether a call may have several parts.
    """
    parts = in_shapes(lengths, padded)
    calls = in_calls(parts) if joined else [[part] for part in parts]
    done = lanes.run([functools.partial(call_alike, compute, some, network) for some in calls])
    out: dict[int, Arrays] = {}
    for some, told in zip(calls, done, strict=True):
        for (places, _), arrays in zip(some, told, strict=True):
            out.update(zip(places.tolist(), zip(*arrays, strict=True), strict=True))
    return [out[i] for i in range(len(lengths))]


def call_alike(
    compute: Callable[[Sequence[Part]], Sequence[Arrays]], parts: Sequence[Part], network: Hashable
) -> Sequence[Arrays]:
    """What full calls say of the texts of some parts, from one call with no more than these where that is the same."""
    full = len(parts) == 1 and len(parts[0][0]) == rows_for(parts[0][1])
    shape = network, sum(len(places) * length for places, length in parts)
    if full or _same.get(shape):
        return compute(parts)
    whole: list[Arrays] = []
    if len(parts) > 1:
        for part in parts:
            whole += call_alike(compute, [part], network)
    else:
        places, length = parts[0]
        (arrays,) = compute([(np.resize(places, rows_for(length)), length)])
        whole.append(tuple(array[: len(places)] for array in arrays))
    if shape not in _same:
        few = compute(parts)
        _same[shape] = all(
            np.array_equal(a, b)
            for one, other in zip(few, whole, strict=True)
            for a, b in zip(one, other, strict=True)
        )
    return whole

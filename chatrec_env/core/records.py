"""Records: ``NamedTuple`` of arrays, and of further records, whose leading axis is the conversation (or the person).

A record goes into compiled rules as it is. Its arrays are changed in place; the record itself never changes.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

R = TypeVar("R")


def size(record: Any) -> int:
    """Number of rows N, read off the first array."""
    while isinstance(record, tuple):
        record = record[0]
    return len(record)


def take(record: R, rows: npt.NDArray[np.intp]) -> R:
    """A new record of copies of the given rows, in the order given."""
    if not isinstance(record, tuple):
        return record.take(rows, 0)  # type: ignore[attr-defined]
    return type(record)(*[take(part, rows) for part in record])


def put(record: Any, rows: npt.NDArray[np.intp] | slice, other: Any) -> None:
    """Overwrite the given rows with those of ``other``, or with its only one, in place."""
    if not isinstance(record, tuple):
        record.put(rows, other)
        return
    for mine, theirs in zip(record, other, strict=True):
        if isinstance(mine, np.ndarray):
            mine[rows] = theirs
        else:
            put(mine, rows, theirs)


def copy(record: R) -> R:
    """An independent copy of every array."""
    if not isinstance(record, tuple):
        return record.copy()  # type: ignore[attr-defined]
    return type(record)(*[copy(part) for part in record])

"""Structs of arrays whose leading axis is the conversation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

_NAMES: dict[type, tuple[str, ...]] = {}


def names(struct: type[Rows]) -> tuple[str, ...]:
    """Names of a struct's fields, looked up once: ``take`` and ``put`` are called every turn."""
    if struct not in _NAMES:
        _NAMES[struct] = tuple(f.name for f in fields(struct))
    return _NAMES[struct]


@dataclass(slots=True)
class Rows:
    """A struct of arrays ``(N, ...)``, or of further structs: row ``i`` is conversation ``i``.

    Subclasses are dataclasses whose fields all have the same leading length.
    """

    def __len__(self) -> int:
        return len(getattr(self, names(type(self))[0]))

    def take(self, rows: npt.NDArray[np.intp], axis: int = 0) -> Self:
        """Copy the given rows into a new struct, in the order given; ``axis`` is 0, as for an array."""
        return type(self)(*[getattr(self, name).take(rows, axis) for name in names(type(self))])

    def put(self, rows: npt.NDArray[np.intp], other: Self) -> None:
        """Overwrite the given rows with those of ``other``, in place."""
        for name in names(type(self)):
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Rows):
                mine.put(rows, theirs)
            else:
                mine[rows] = theirs

    def copy(self) -> Self:
        """An independent copy of every array."""
        return type(self)(*[getattr(self, name).copy() for name in names(type(self))])

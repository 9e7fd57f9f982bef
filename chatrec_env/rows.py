"""Structs of arrays whose leading axis is the conversation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt


@dataclass(slots=True)
class Rows:
    """A struct of arrays ``(N, ...)``: row ``i`` is conversation ``i``.

    Subclasses are dataclasses whose fields are all arrays with the same leading length.
    """

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: npt.NDArray[np.intp]) -> Self:
        """Copy the given rows into a new struct, in the order given."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def put(self, rows: npt.NDArray[np.intp], other: Self) -> None:
        """Overwrite the given rows with those of ``other``, in place."""
        for f in fields(self):
            getattr(self, f.name)[rows] = getattr(other, f.name)

    def copy(self) -> Self:
        """An independent copy of every array."""
        return type(self)(**{f.name: getattr(self, f.name).copy() for f in fields(self)})

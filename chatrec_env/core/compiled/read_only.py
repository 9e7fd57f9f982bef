"""Arrays that cannot be written stay so in a pickled copy: for others, rules would be compiled anew."""

from __future__ import annotations

import io
import pickle
from dataclasses import fields
from typing import Any

import numpy as np


class KeepsReadOnly:
    """A base of dataclasses: numpy's own pickles of arrays do not tell whether they can be written."""

    __slots__ = ()

    def __getstate__(self) -> tuple[list[Any], list[Any]]:
        values = [getattr(self, each.name) for each in fields(self)]  # type: ignore[arg-type]
        return values, _read_only(values)

    def __setstate__(self, state: tuple[list[Any], list[Any]]) -> None:
        values, arrays = state
        for each, value in zip(fields(self), values, strict=True):  # type: ignore[arg-type]
            setattr(self, each.name, value)
        for array in arrays:  # the same ones that stand among the values
            array.setflags(write=False)


class _Finder(pickle.Pickler):
    """Goes through what would be pickled, without the arrays themselves."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), pickle.HIGHEST_PROTOCOL)
        self.found: list[Any] = []

    def persistent_id(self, value: Any) -> int | None:
        """Any number, for an array: it stands for it."""
        if not isinstance(value, np.ndarray) or value.dtype.hasobject:
            return None
        if not value.flags.writeable:
            self.found.append(value)
        return 0


def _read_only(values: list[Any]) -> list[Any]:
    finder = _Finder()
    finder.dump(values)
    return finder.found

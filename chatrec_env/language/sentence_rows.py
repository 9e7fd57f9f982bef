"""Parsed acts as array rows: what the hot loop reads instead of objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.language.acts import ParsedAct, UserAct

_WISH = {
    UserAct.WANT: 1,
    UserAct.CHANGE_MIND: 1,
    UserAct.LIKE_BUT: 1,
    UserAct.AVOID: -1,
    UserAct.TOO: -1,
    UserAct.ENOUGH_OF: -1,
}
_ITEM = {
    UserAct.LIKED_ITEM: 1,
    UserAct.DISLIKED_ITEM: -1,
    UserAct.MORE_LIKE_THAT: 1,
    UserAct.LIKE_BUT: 1,
    UserAct.RELATIVE: 1,
}
COLUMNS = (
    "embeddings",
    "wishes",
    "flags",
    "item",
    "item_polarity",
    "relative",
    "replaces",
    "context",
    "entity",
    "entity_polarity",
    "ready",
)


class SentenceRows:
    """One row per sentence, R in all; the last row is empty for ever and serves "no sentence".

    The wide arrays are zero-filled by the operating system as rows are first written, so unused rows
    take no memory.

    Attributes:
        embeddings: (R, D) float32.
        wishes: (R, V) int8, +1 wanted, -1 avoided.
        flags: (R,) uint32, bit ``1 << act`` per :class:`UserAct` in the sentence.
        item: (R,) int32, the first item named, or -1.
        item_polarity: (R,) int8, +1 liked, -1 not, 0 merely named.
        relative: (R, F) int8, +1 newer / longer / more, -1 older / shorter / less.
        replaces: (R,) bool, whether the wishes take the place of earlier ones of their facets.
        context: (R,) int8, or -1.
        entity: (R,) int32, the first person named, or -1.
        entity_polarity: (R,) int8, +1 wanted, -1 avoided.
        ready: (R,) bool, whether the row is filled; the last one always is.
    """

    def __init__(self, n_rows: int, *, n_values: int, n_facets: int, dim: int) -> None:
        self.embeddings: npt.NDArray[np.float32] = np.zeros((n_rows, dim), np.float32)
        self.wishes: npt.NDArray[np.int8] = np.zeros((n_rows, n_values), np.int8)
        self.flags: npt.NDArray[np.uint32] = np.zeros(n_rows, np.uint32)
        self.item: npt.NDArray[np.int32] = np.full(n_rows, -1, np.int32)
        self.item_polarity: npt.NDArray[np.int8] = np.zeros(n_rows, np.int8)
        self.relative: npt.NDArray[np.int8] = np.zeros((n_rows, n_facets), np.int8)
        self.replaces: npt.NDArray[np.bool_] = np.zeros(n_rows, np.bool_)
        self.context: npt.NDArray[np.int8] = np.full(n_rows, -1, np.int8)
        self.entity: npt.NDArray[np.int32] = np.full(n_rows, -1, np.int32)
        self.entity_polarity: npt.NDArray[np.int8] = np.zeros(n_rows, np.int8)
        self.ready: npt.NDArray[np.bool_] = np.zeros(n_rows, np.bool_)
        self.ready[-1] = True

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, filled or not: what they can grow to."""
        return sum(getattr(self, name).nbytes for name in COLUMNS)

    def write(self, row: int, acts: Sequence[ParsedAct], embedding: npt.NDArray[np.float32]) -> None:
        """Fill a row, whatever it held before; it counts as ready when everything stands."""
        self.ready[row] = False
        self.embeddings[row] = embedding
        self.wishes[row] = 0
        self.relative[row] = 0
        self.item[row] = self.context[row] = self.entity[row] = -1
        self.item_polarity[row] = self.entity_polarity[row] = 0
        flags = 0
        for act in acts:
            flags |= 1 << act.act
            self._write_act(row, act)
        self.flags[row] = flags
        self.replaces[row] = flags & (1 << UserAct.CHANGE_MIND) != 0
        self.ready[row] = True

    def _write_act(self, row: int, act: ParsedAct) -> None:
        if act.value >= 0 and act.act in _WISH:
            self.wishes[row, act.value] = _WISH[act.act]
        if act.item >= 0 and self.item[row] < 0:
            self.item[row] = act.item
            self.item_polarity[row] = _ITEM.get(act.act, act.polarity)
        if act.act == UserAct.RELATIVE and act.facet >= 0:
            self.relative[row, act.facet] = act.direction
        if act.context >= 0:
            self.context[row] = act.context
        if act.entity >= 0 and self.entity[row] < 0:
            self.entity[row] = act.entity
            self.entity_polarity[row] = act.polarity

    def pack(self) -> dict[str, Any]:
        """The filled rows alone, for pickling."""
        rows = np.flatnonzero(self.ready[:-1])
        return {"n_rows": len(self.ready), "rows": rows} | {
            name: getattr(self, name)[rows] for name in COLUMNS
        }

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> SentenceRows:
        """The rows that :meth:`pack` packed, with room for the others again."""
        made = cls(
            packed["n_rows"],
            n_values=packed["wishes"].shape[1],
            n_facets=packed["relative"].shape[1],
            dim=packed["embeddings"].shape[1],
        )
        for name in COLUMNS:
            getattr(made, name)[packed["rows"]] = packed[name]
        return made

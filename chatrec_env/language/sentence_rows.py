"""The rows of the sentence table: what compiled rules read of sentences instead of objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.questions import question_of
from chatrec_env.language.sentence_ring import row_of

Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]

_WISH = {
    UserAct.WANT: 1,
    UserAct.CHANGE_MIND: 1,
    UserAct.LIKE_BUT: 1,
    UserAct.AVOID: -1,
    UserAct.TOO: -1,
    UserAct.ENOUGH_OF: -1,
    UserAct.EXCEPT: -1,
}
_ITEM = {
    UserAct.LIKED_ITEM: 1,
    UserAct.DISLIKED_ITEM: -1,
    UserAct.MORE_LIKE_THAT: 1,
    UserAct.LIKE_BUT: 1,
    UserAct.RELATIVE: 1,
    UserAct.LIKE: 1,
}
_NAMING = frozenset((UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM, UserAct.LIKE, UserAct.MORE_LIKE_THAT))

PLAIN = 2
"""A wish as strong as most are, in halves of such a wish; a soft one has 1, a firm one 3."""

UNLISTED = -2
"""In place of an item: a title or a person is named there that is no item of the catalogue."""


class SentenceArrays(NamedTuple):
    """One row per sentence, R in all; the last row is empty for ever and serves "no sentence"."""

    embeddings: npt.NDArray[np.float32]  # (R, D)
    wishes: npt.NDArray[np.int8]  # (R, V) wanted above 0, avoided below: 1 to 3 halves of a plain wish
    dropped: npt.NDArray[np.bool_]  # (R, V) values that are wished for no longer, nor avoided
    lacking: npt.NDArray[np.int16]  # (R,) the first value that the suggestion is said to lack, or -1
    question: npt.NDArray[np.int8]  # (R,) `Question`, 0 where nothing is asked
    about: npt.NDArray[np.int32]  # (R,) what it is about, or -1
    flags: npt.NDArray[np.uint64]  # (R,) bit `1 << act` per `UserAct` in the sentence
    item: npt.NDArray[np.int32]  # (R,) the first item named, -1 where none is, or ``UNLISTED``
    item_polarity: npt.NDArray[np.int8]  # (R,) +1 liked, -1 not, 0 merely named
    relative: npt.NDArray[np.int8]  # (R, F) +1 newer / longer / more, -1 older / shorter / less
    replaces: npt.NDArray[np.bool_]  # (R,) whether the wishes take the place of earlier ones of their facets
    context: npt.NDArray[np.int8]  # (R,) or -1
    entity: npt.NDArray[np.int32]  # (R,) the first person named, or -1
    entity_polarity: npt.NDArray[np.int8]  # (R,) +1 wanted, -1 avoided
    hits: npt.NDArray[np.int32]  # (R, T) items whose texts are like it, ascending; T = 0: none matched
    alike: npt.NDArray[np.float32]  # (R, T) how like each is, multiples of 1/64 above 0
    n_hits: npt.NDArray[np.int32]  # (R,) how many there are
    ready: npt.NDArray[np.bool_]  # (R,) whether the row is filled; the last one always is
    first: int  # free ids start here; see `row_of`
    capacity: int  # rows of free sentences


class Hits(NamedTuple):
    """The items that one sentence is like."""

    items: npt.NDArray[np.int32]  # (n,) ascending
    alike: npt.NDArray[np.float32]  # (n,) multiples of 1/64 above 0


COLUMNS = SentenceArrays._fields[:-2]
"""The fields that are arrays."""


@rule
def rows_ready(ids: Ids, ready: Flags, first: int, capacity: int, end: int) -> bool:
    """Whether every one of ``ids (P,)`` was handed out (or is -1), and its row is filled."""
    for p in range(ids.shape[0]):
        if not (-1 <= ids[p] < end) or not ready[row_of(ids[p], first, capacity, end)]:
            return False
    return True


@rule
def all_ready(ids: Ids, sentences: SentenceArrays, end: int) -> bool:
    """The same, of the rows as one record."""
    return rows_ready(ids, sentences.ready, sentences.first, sentences.capacity, end)


class SentenceRows:
    """Fills the rows.

    The wide arrays are zero-filled by the operating system as rows are first written, so unused rows
    take no memory.
    """

    def __init__(
        self,
        first: int,
        capacity: int,
        *,
        n_values: int,
        n_facets: int,
        dim: int,
        most_hits: int = 0,
        topics: Sequence[str] = (),
        unanswered: Sequence[str] = (),
    ) -> None:
        self._asked = tuple(topics), tuple(unanswered)
        n_rows = first + capacity + 1
        self._arrays = SentenceArrays(
            embeddings=np.zeros((n_rows, dim), np.float32),
            wishes=np.zeros((n_rows, n_values), np.int8),
            dropped=np.zeros((n_rows, n_values), np.bool_),
            lacking=np.full(n_rows, -1, np.int16),
            question=np.zeros(n_rows, np.int8),
            about=np.full(n_rows, -1, np.int32),
            flags=np.zeros(n_rows, np.uint64),
            item=np.full(n_rows, -1, np.int32),
            item_polarity=np.zeros(n_rows, np.int8),
            relative=np.zeros((n_rows, n_facets), np.int8),
            replaces=np.zeros(n_rows, np.bool_),
            context=np.full(n_rows, -1, np.int8),
            entity=np.full(n_rows, -1, np.int32),
            entity_polarity=np.zeros(n_rows, np.int8),
            hits=np.zeros((n_rows, most_hits), np.int32),
            alike=np.zeros((n_rows, most_hits), np.float32),
            n_hits=np.zeros(n_rows, np.int32),
            ready=np.zeros(n_rows, np.bool_),
            first=first,
            capacity=capacity,
        )
        self._arrays.ready[-1] = True
        views = {name: getattr(self._arrays, name).view() for name in COLUMNS}
        for view in views.values():
            view.flags.writeable = False
        self.arrays = self._arrays._replace(**views)

    def write(
        self,
        row: int,
        acts: Sequence[ParsedAct],
        embedding: npt.NDArray[np.float32],
        hits: Hits | None = None,
    ) -> None:
        """Fill a row, whatever it held before; it counts as ready when everything stands."""
        rows = self._arrays
        rows.ready[row] = False
        rows.embeddings[row] = embedding
        rows.wishes[row] = 0
        rows.dropped[row] = False
        rows.relative[row] = 0
        rows.item[row] = rows.context[row] = rows.entity[row] = rows.lacking[row] = -1
        rows.question[row], rows.about[row] = question_of(acts, *self._asked)
        rows.item_polarity[row] = rows.entity_polarity[row] = 0
        rows.n_hits[row] = n = 0 if hits is None else len(hits.items)
        if hits is not None:
            rows.hits[row, :n], rows.alike[row, :n] = hits
        flags = 0
        for act in acts:
            flags |= 1 << act.act
            self._write_act(row, act)
        rows.flags[row] = flags
        rows.replaces[row] = flags & (1 << UserAct.CHANGE_MIND) != 0
        rows.ready[row] = True

    def _write_act(self, row: int, act: ParsedAct) -> None:
        rows = self._arrays
        if act.value >= 0 and act.act in _WISH:
            halves = PLAIN if act.strength == 1 else PLAIN + 1 if act.strength > 1 else PLAIN - 1
            rows.wishes[row, act.value] = halves * _WISH[act.act]
        if act.value >= 0 and act.act == UserAct.DROP:
            rows.dropped[row, act.value] = True
        if act.value >= 0 and act.act == UserAct.MISMATCH and rows.lacking[row] < 0:
            rows.lacking[row] = act.value
        if act.item >= 0 and rows.item[row] < 0:
            rows.item[row] = act.item
            rows.item_polarity[row] = _ITEM.get(act.act, act.polarity)
        elif act.act in _NAMING and rows.item[row] == -1 and (act.topic or act.entity >= 0):
            rows.item[row] = UNLISTED
        if act.act == UserAct.RELATIVE and act.facet >= 0:
            rows.relative[row, act.facet] = act.direction
        if act.context >= 0:
            rows.context[row] = act.context
        if act.entity >= 0 and act.polarity and rows.entity[row] < 0:
            rows.entity[row] = act.entity
            rows.entity_polarity[row] = act.polarity

    def __getstate__(self) -> dict[str, Any]:
        """The filled rows alone."""
        rows = np.flatnonzero(self._arrays.ready[:-1])
        filled = {name: getattr(self._arrays, name)[rows] for name in COLUMNS}
        kept = {"rows": rows, "first": self._arrays.first, "capacity": self._arrays.capacity}
        return filled | kept | {"asked": self._asked}

    def __setstate__(self, state: dict[str, Any]) -> None:
        SentenceRows.__init__(
            self,
            state["first"],
            state["capacity"],
            n_values=state["wishes"].shape[1],
            n_facets=state["relative"].shape[1],
            dim=state["embeddings"].shape[1],
            most_hits=state["hits"].shape[1],
            topics=state["asked"][0],
            unanswered=state["asked"][1],
        )
        for name in COLUMNS:
            getattr(self._arrays, name)[state["rows"]] = state[name]

"""Ids of sentences and the rows they lead to: fixed ones first, then a ring of the latest free ones."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import inlined, rule
from chatrec_env.errors import ChatRecError, ConfigError

_log = logging.getLogger(__name__)

Ids = npt.NDArray[np.integer[Any]]


@inlined
def row_of(sentence_id: int, first: int, capacity: int, end: int) -> int:
    """The row of a sentence id; the empty last one for -1 and for free sentences that were dropped since.

    Args:
        sentence_id: From -1 to ``end - 1``.
        first: Number of fixed ids, which are their own rows.
        capacity: Rows of free sentences, from ``first`` on; they are taken in turn.
        end: The next free id; the latest ``capacity`` free ones below it are kept.
    """
    if 0 <= sentence_id < first:
        return sentence_id
    if sentence_id < 0 or sentence_id < end - capacity:
        return first + capacity
    return first + (sentence_id - first) % capacity


@rule
def _look_up(ids: Ids, first: int, capacity: int, end: int, rows: Ids) -> int:
    """Fills ``rows (P,)`` with those of ``ids (P,)``; returns where an id is that was never handed out, or -1."""
    for p in range(ids.shape[0]):
        if not -1 <= ids[p] < end:
            return p
        rows[p] = row_of(ids[p], first, capacity, end)
    return -1


class UnknownSentenceError(ChatRecError, KeyError):
    """A sentence id was never handed out, or its free sentence was dropped since."""

    __str__ = Exception.__str__  # a KeyError would print the message's repr


class SentenceRing:
    """Numbers sentences and says in which row each is.

    Ids ``0 .. first - 1`` are fixed and are their own rows. A free sentence gets the next id from
    ``first`` on, and the rows from ``first`` on in turn; when all ``capacity`` of them are taken, the
    oldest sentence makes room. The row after them, the last, stays empty: -1 ("no sentence") and
    dropped ids lead there.

    Attributes:
        end: The next free id; all ids ever handed out are below.
        nowhere: The last row.

    Raises:
        ConfigError: ``capacity`` is not a positive integer.
    """

    def __init__(self, first: int, capacity: int) -> None:
        if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
            raise ConfigError(f"capacity must be a positive integer, got {capacity!r}.")
        self.first, self.capacity, self.end = first, capacity, first
        self.nowhere = first + capacity
        self._ids: dict[str, int] = {}  # of the free sentences that are kept
        self._texts: dict[int, str] = {}  # row -> text of these

    def __len__(self) -> int:
        """Number of free sentences kept."""
        return min(self.end - self.first, self.capacity)

    def row(self, ids: Ids) -> npt.NDArray[np.intp]:
        """Rows of ids, same shape.

        Raises:
            UnknownSentenceError: One was never handed out.
        """
        flat = np.ascontiguousarray(ids, np.int64).reshape(-1)
        rows = np.empty(flat.shape, np.intp)
        wrong = _look_up(flat, self.first, self.capacity, self.end, rows)
        if wrong >= 0:
            raise UnknownSentenceError(
                f"No sentence {flat[wrong]}: ids run from -1 (no sentence) to {self.end - 1}. Use ids from the "
                "grammar or from intern() of this same table."
            )
        return rows.reshape(np.shape(ids))

    def new(self, texts: Iterable[str]) -> list[str]:
        """Which of some different texts need a new id, if all are to be kept together.

        Those that are not known, and known ones that the others could push out.
        """
        texts = list(texts)
        safe = max(self.end + len(texts) - self.capacity, 0)
        return [text for text in texts if self._ids.get(text, -1) < safe]

    def add(self, text: str) -> tuple[int, int]:
        """Give a text the next id, dropping the oldest sentence if all rows are taken; id and row."""
        new, old = self.end, self.end - self.capacity
        self.end += 1  # first: from here on the old id leads nowhere
        row = int(row_of(new, self.first, self.capacity, self.end))
        if old == self.first:
            _log.warning(
                "The sentence table holds %d free sentences, its capacity; from now on each new one "
                "drops the oldest. A larger capacity keeps more.",
                self.capacity,
            )
        if old >= self.first and self._ids.get(self._texts[row]) == old:
            del self._ids[self._texts[row]]
        self._ids[text], self._texts[row] = new, text
        return new, row

    def id(self, text: str) -> int:
        """The id of a text that is kept."""
        return self._ids[text]

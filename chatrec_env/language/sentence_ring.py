"""Ids of sentences and the rows they lead to: fixed ones first, then a ring of the latest free ones."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ChatRecError, ConfigError

_log = logging.getLogger(__name__)

Ids = npt.NDArray[np.integer[Any]]


class UnknownSentenceError(ChatRecError, KeyError):
    """A sentence id was never handed out, or its free sentence was dropped since."""

    __str__ = Exception.__str__  # a KeyError would print the message's repr


class SentenceRing:
    """Numbers sentences and says in which row each is.

    Ids ``0 .. first - 1`` are fixed and are their own rows. A free sentence gets the next id from
    ``first`` on, and the rows from ``first`` on in turn; when all ``capacity`` of them are taken, the
    oldest sentence makes room. The row after them, the last, is nobody's: -1 ("no sentence") and
    dropped ids lead there.

    Args:
        first: Number of fixed ids.
        capacity: Most free sentences kept, at least 1.

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
        self.nowhere = np.intp(first + capacity)
        self._ids: dict[str, int] = {}  # of the free sentences that are kept
        self._texts: dict[int, str] = {}  # row -> text of these

    def __len__(self) -> int:
        """Number of free sentences kept."""
        return min(self.end - self.first, self.capacity)

    def all_fixed(self, ids: Ids) -> bool:
        """Whether there is no free id among these.

        Raises:
            UnknownSentenceError: One was never handed out.
        """
        if not ids.size:
            return True
        low, high = ids.min(), ids.max()
        if low < -1 or high >= self.end:
            wrong = low if low < -1 else high
            raise UnknownSentenceError(
                f"No sentence {wrong}: ids run from -1 (no sentence) to {self.end - 1}. Use ids from the "
                "grammar or from intern() of this same table."
            )
        return bool(high < self.first)

    def row(self, ids: Ids) -> npt.NDArray[np.intp]:
        """Rows of ids, same shape.

        Raises:
            UnknownSentenceError: One was never handed out.
        """
        all_fixed = self.all_fixed(ids)
        rows = np.where(ids < 0, self.nowhere, ids)
        if all_fixed:
            return rows
        turn = (ids - self.first) % self.capacity + self.first
        kept = np.where(ids >= self.end - self.capacity, turn, self.nowhere)
        return np.where(ids >= self.first, kept, rows)

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
        row = self.first + (new - self.first) % self.capacity
        self.end += 1  # first: from here on the old id leads nowhere
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

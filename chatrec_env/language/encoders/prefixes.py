"""What a causal model remembers of conversations (attention states by beginning), and from where it reads them."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A model after some tokens; never changed once made."""

    past: Any  # keys and values of all layers, as the library's cache object
    tokens: int  # how many tokens were read
    total: npt.NDArray[np.float64]  # (D,) float64, sum of the hidden states after the first token's
    final: npt.NDArray[np.float64]  # (D,) float64, hidden state of the last token
    nbytes: int  # bytes of `past`


class PrefixStore:
    """Beginnings of conversations by key; when the budget is spent, the ones that went unused longest make room.

    A beginning that has just been continued is the next to go: its conversation has moved on, while those of the
    other conversations, though older, are about to be needed. Shared by threads.

    Args:
        budget: Most bytes kept; a single prefix larger than that is not kept at all.
    """

    def __init__(self, budget: int) -> None:
        self.budget, self.nbytes = budget, 0
        self._kept: OrderedDict[bytes, Prefix] = OrderedDict()  # first to go first
        self._continued: set[bytes] = set()
        self._lock = threading.Lock()
        self._told = False

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: bytes) -> Prefix | None:
        """The prefix of a key, if it is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: bytes, prefix: Prefix, continued: bytes | None = None) -> None:
        """Keep a prefix; ``continued`` is the key of the one it goes on from."""
        with self._lock:
            if continued is not None and self._kept.get(continued) is not None:
                self._continued.add(continued)
                self._kept.move_to_end(continued, last=False)
            self._drop(key)
            if prefix.nbytes <= self.budget:
                self._kept[key] = prefix
                self.nbytes += prefix.nbytes
            while self.nbytes > self.budget:
                oldest = next(iter(self._kept))
                if oldest not in self._continued:
                    self._tell()
                self._drop(oldest)

    def _drop(self, key: bytes) -> None:
        if key in self._kept:
            self.nbytes -= self._kept.pop(key).nbytes
        self._continued.discard(key)

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            _log.warning(
                "The memory of the transcript encoder (%d MB) does not hold all conversations under way; some are "
                "read again from their start, which is slow. Raise memory_mb, or hold fewer conversations at a time.",
                self.budget // 1_000_000,
            )


def window_starts(lengths: Sequence[int], window: int) -> list[int]:
    """From which turn on a transcript is read after each of its turns.

    From the first, until more than ``window`` tokens would have to be read; then from the earliest turn that leaves at
    most half of it, and so on. So turns are read on from what is remembered nearly always, however long it gets.

    Args:
        lengths: Tokens of each turn, each at most half of ``window``.
        window: Tokens.
    """
    starts, start = [], 0
    for end in range(len(lengths)):
        if sum(lengths[start : end + 1]) > window:
            while sum(lengths[start : end + 1]) > window // 2:
                start += 1
        starts.append(start)
    return starts


def prefix_keys(parts: list[list[int]]) -> list[bytes]:
    """A key for each beginning: of its tokens, and where the turns part."""
    keys, key = [], b""
    for part in parts:
        key = hashlib.blake2b(key + np.array(part, "<u4").tobytes(), digest_size=16).digest()
        keys.append(key)
    return keys

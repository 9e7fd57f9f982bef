"""Conversations in memory, each under a lock of its own; the one unused longest makes room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.serving.conversation import Conversation


@dataclass(slots=True)
class Live:
    """A session in memory.

    Attributes:
        lock: Held while the session is at work.
        conversation: Its state, None until it is loaded.
        number: Of its next event in the store.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    conversation: Conversation | None = None
    number: int = 0


class LiveSessions:
    """At most ``most`` sessions, by name (more only while all of them are at work).

    Args:
        most: How many to hold.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._live)

    def add(self, name: str, conversation: Conversation) -> None:
        """Take in a new session."""
        with self._lock:
            self._make_place()
            self._live[name] = Live(conversation=conversation)

    @contextmanager
    def session(self, name: str) -> Iterator[Live]:
        """The session of a name, locked. What is left without a conversation afterwards is forgotten."""
        while True:
            with self._lock:
                live = self._live.get(name)
                if live is None:
                    self._make_place()
                    live = self._live[name] = Live()
                self._live.move_to_end(name)
            with live.lock:
                if self._live.get(name) is not live:
                    continue  # it made room for another one while we waited
                try:
                    yield live
                finally:
                    if live.conversation is None:
                        with self._lock:
                            self._live.pop(name, None)
                return

    def _make_place(self) -> None:
        """Forget the sessions unused longest, except those at work."""
        for name in list(self._live):
            if len(self._live) < self.most:
                return
            if not self._live[name].lock.locked():
                del self._live[name]

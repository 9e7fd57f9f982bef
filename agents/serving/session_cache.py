"""Conversations in memory, each with a lock; the least recently used is dropped when there are too many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.serving.talk.talking import TalkingConversation


@dataclass(slots=True)
class CachedSession:
    """A session in memory.

    Attributes:
        lock: Held while the session is at work.
        conversation: Its state, None until it is loaded.
        number: Of its next event in the store.
        keys: Idempotency keys of its events, each with the number of the event.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    conversation: TalkingConversation | None = None
    number: int = 0
    keys: dict[str, int] = field(default_factory=dict)


class SessionCache:
    """At most ``most`` sessions, by name (more only while all of them are at work).

    Args:
        most: How many to hold.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._sessions: OrderedDict[str, CachedSession] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, name: str, conversation: TalkingConversation, number: int) -> None:
        """Take in a new session, with ``number`` events."""
        with self._lock:
            self._make_place()
            self._sessions[name] = CachedSession(conversation=conversation, number=number)

    @contextmanager
    def session(self, name: str) -> Iterator[CachedSession]:
        """The session of a name, locked. What is left without a conversation afterwards is forgotten."""
        while True:
            with self._lock:
                session = self._sessions.get(name)
                if session is None:
                    self._make_place()
                    session = self._sessions[name] = CachedSession()
                self._sessions.move_to_end(name)
            with session.lock:
                if self._sessions.get(name) is not session:
                    continue  # it was dropped while we waited
                try:
                    yield session
                finally:
                    if session.conversation is None:
                        with self._lock:
                            self._sessions.pop(name, None)
                return

    def _make_place(self) -> None:
        """Drop the sessions unused longest, except those at work."""
        for name in list(self._sessions):
            if len(self._sessions) < self.most:
                return
            if not self._sessions[name].lock.locked():
                del self._sessions[name]

"""Sessions in memory and in the store: how they are read, changed, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

from agents.export import Export
from agents.serving.errors import (
    CannotContinueError,
    KeyReusedError,
    NoSuchSessionError,
    ServiceError,
    StoreUnavailableError,
    WriteConflictError,
)
from agents.serving.http.metrics import Metrics
from agents.serving.http.turns import give_up_turn
from agents.serving.replay import replayed, same
from agents.serving.session_cache import CachedSession, SessionCache
from agents.serving.store import ConflictError, Event, SessionRow, Store, StoreError, now
from agents.serving.talk.talking import TalkingConversation
from chatrec_env.language.encoders.cache import unkept

MAX_CACHED = 512
"""Sessions held in memory; one that had to make room is replayed from the store when it speaks again."""

TRIES = 5
"""How often a change is made anew because another process wrote to the same session meanwhile."""

T = TypeVar("T")
Happened = Sequence[tuple[str, dict[str, Any]]]
"""Kinds and bodies of events."""


class Change(NamedTuple, Generic[T]):
    """A change of a session that is to be kept.

    Attributes:
        conversation: Its state afterwards.
        answer: What is answered.
        happened: What is written; nothing, if nothing changed.
    """

    conversation: TalkingConversation
    answer: T
    happened: Happened = ()


class KeptSessions:
    """Sessions that are cached in memory and kept in the store.

    Any thread may call; calls on one session wait for each other.

    A change is made on a copy of the conversation, written to the store, and only then kept: a change that
    could not be written has not happened. Other processes may serve the same store: what they wrote is read anew.
    What people say is kept in the store and nowhere else.

    Args:
        export: The policy.
        store: Where everything is kept.
        max_cached: Sessions held in memory.
    """

    def __init__(self, export: Export, store: Store, max_cached: int = MAX_CACHED) -> None:
        self.export, self.store, self.task = export, store, export.task
        self.metrics = Metrics()
        self.cache = SessionCache(max_cached)

    def transcript(self, name: str) -> tuple[SessionRow, list[Event]]:
        """The session as it was opened, and everything that happened in it."""
        with kept():
            row = self.store.session(name)
            if row is None:
                raise no_such(name)
            return row, self.store.events(name)

    def conversation(self, name: str) -> TalkingConversation:
        """The state of a session, to look at."""
        with self.cache.session(name) as cached, unkept():
            return self._loaded(name, cached)

    def forget(self, name: str) -> None:
        """Delete a session, and all that was said in it."""
        with self.cache.session(name) as cached, kept():
            cached.conversation = None
            if not self.store.forget(session_id=name):
                raise no_such(name)
        self.metrics.count("forgotten")

    def _change(
        self,
        name: str,
        make: Callable[[TalkingConversation], Change[T]],
        again: Callable[[Sequence[Event], int], T],
        request: tuple[str, dict[str, Any]],
        key: str | None,
    ) -> tuple[T, Happened]:
        """Change a session.

        Args:
            name: The session.
            make: Makes the change from a copy of the conversation, which it may change in place.
            again: The answer to a request that came before, from all events and the number of its own.
            request: Kind of event, and what the request says.
            key: Idempotency key.

        Returns:
            The answer and what happened: nothing, if the request came before.
        """
        for left in reversed(range(TRIES)):
            with self.cache.session(name) as cached, unkept():
                conversation = self._loaded(name, cached)
                if key is not None and key in cached.keys:
                    events, at = self.transcript(name)[1], cached.keys[key]
                    if events[at].kind != request[0] or not same(events[at].body, request[1]):
                        raise KeyReusedError(
                            "This Idempotency-Key came with another request. Send a new one."
                        )
                    return again(events, at), ()
                branch, answer, happened = make(conversation.branch())
                if not happened:
                    return answer, ()
                if key is not None:
                    happened = [(happened[0][0], {**happened[0][1], "key": key}), *happened[1:]]
                try:
                    self._keep(name, cached, branch, happened)
                except WriteConflictError:
                    if not left:
                        raise
                    continue
                return answer, happened
        raise AssertionError("unreachable")

    def _loaded(self, name: str, cached: CachedSession) -> TalkingConversation:
        """The conversation, replayed from the store if it is not in memory, or was moved by another process."""
        if cached.conversation is not None:
            with kept():
                length = self.store.length(name)
            if length == cached.number:
                return cached.conversation
            cached.conversation = None
        row, events = self.transcript(name)
        if row.catalog != self.task.manager.catalog.digest:
            raise CannotContinueError(
                f"Session {name} was held with another catalogue. It can be read, but not continued: "
                "open a new one."
            )
        try:
            conversation = replayed(self.task, events, hears=self.export.hears)
        except (ServiceError, LookupError, TypeError) as error:
            raise CannotContinueError(
                f"Session {name} was held with another version. It can be read, but not continued: open a "
                "new one."
            ) from error
        cached.conversation, cached.number = conversation, len(events)
        cached.keys = {
            event.body["key"]: number for number, event in enumerate(events) if "key" in event.body
        }
        self.metrics.count("restored")
        return conversation

    def _keep(
        self,
        name: str,
        cached: CachedSession,
        branch: TalkingConversation,
        happened: Happened,
    ) -> None:
        """Commit what happened, then let the branch be the conversation."""
        events = self._events(happened)
        give_up_turn()
        try:
            with kept():
                self.store.append(name, cached.number, events)
        except WriteConflictError:
            cached.conversation = None  # what another process wrote is read anew
            raise
        cached.conversation = branch
        cached.keys |= {e.body["key"]: cached.number + i for i, e in enumerate(events) if "key" in e.body}
        cached.number += len(events)

    def _events(self, happened: Happened) -> list[Event]:
        at = now()
        return [Event(kind, body, self.export.fingerprint, at) for kind, body in happened]


def no_such(name: str) -> NoSuchSessionError:
    """The error for a session that there is not, or not any more."""
    return NoSuchSessionError(f"No session {name[:64]!r}. Open one with POST /sessions.")


@contextmanager
def kept() -> Iterator[None]:
    """Turn the store's errors into answers."""
    try:
        yield
    except ConflictError as error:
        raise WriteConflictError(str(error)) from error
    except StoreError as error:
        raise StoreUnavailableError(str(error)) from error

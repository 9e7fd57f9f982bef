"""Sessions: conversations that are cached in memory and kept in the store."""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from agents.export import Export, make_served_policy
from agents.serving.errors import (
    CannotContinueError,
    NoSuchSessionError,
    ServiceError,
    StoreUnavailableError,
    UnusableInputError,
    WriteConflictError,
)
from agents.serving.explain import Wish, stated_wishes
from agents.serving.http.metrics import Metrics
from agents.serving.message_text import split_sentences, tidy
from agents.serving.replay import answered, replayed
from agents.serving.replies import Chance, Reply
from agents.serving.session_cache import CachedSession, SessionCache
from agents.serving.store import ConflictError, Event, SessionRow, Store, StoreError, now
from agents.serving.talk.talking import STANCES, TalkingConversation
from agents.serving.talk.turn import reply_to
from chatrec_env.language import Form
from chatrec_env.language.forms import N_VARIANTS

_log = logging.getLogger(__name__)

MAX_CACHED = 512
"""Sessions held in memory; one that had to make room is replayed from the store when it speaks again."""

Wording = Callable[[str, int], tuple[int, int]]
"""Session name and turn to the wording numbers of the opener and the explanation, each in [0, 6)."""


def spread(name: str, turn: int) -> bytes:
    """32 bytes that look random and are a function of session and turn."""
    return hashlib.sha256(f"{name}/{turn}".encode()).digest()


def wording_of(name: str, turn: int) -> tuple[int, int]:
    """The wording of a turn: varied over sessions and turns, the same after a restart."""
    draw = spread(name, turn)
    return draw[0] % N_VARIANTS, draw[1] % N_VARIANTS


class Sessions:
    """All sessions of a service. Any thread may call; calls on one session wait for each other.

    A change is made on a copy of the conversation, written to the store, and only then kept: a change that
    could not be written has not happened.

    Args:
        export: The policy.
        store: Where everything is kept.
        wording: Chooses the wording of a turn.
        max_cached: Sessions held in memory.
    """

    def __init__(
        self, export: Export, store: Store, *, wording: Wording = wording_of, max_cached: int = MAX_CACHED
    ) -> None:
        self.export, self.store, self.task, self.wording = export, store, export.task, wording
        self.policy = make_served_policy(export)
        self.metrics = Metrics()
        self.cache = SessionCache(max_cached)

    def warm_up(self) -> None:
        """Hold a short conversation, so that the first user does not wait for what is built once."""
        conversation = TalkingConversation(self.task)
        if conversation.reader.notice:
            _log.warning(conversation.reader.notice)
        else:
            conversation.reader.judge("Hello.")  # runs the model, where all else may be known from the disk
        self.task.manager.grammar.find("")  # words all sentences, which takes seconds
        reply_to(conversation, self.policy, Chance((0, 0), 0.0), ["Hello."])

    def open(
        self,
        time: str | None = None,
        device: str | None = None,
        past: Sequence[tuple[int, float]] = (),
    ) -> SessionRow:
        """Open a session.

        Args:
            time: The person's time of day, by the catalogue's name, if it is known.
            device: Likewise their device.
            past: What they rated before: items and stars.

        Raises:
            ServiceError: See ``agents.serving.errors``. Also the next ones.
        """
        name = secrets.token_urlsafe(16)
        row = SessionRow(name, now(), self.export.fingerprint, self.task.manager.catalog.digest)
        conversation = TalkingConversation(self.task)
        conversation.situate(time, device)
        events: list[tuple[str, dict[str, Any]]] = []
        if time is not None or device is not None:
            events.append(("setting", {"time": time, "device": device}))
        if past:
            conversation.remember(past)
            events.append(("past", {"ratings": [list(pair) for pair in past]}))
        with kept():
            self.store.open_session(row)
        self.cache.add(name, conversation)
        if events:
            with self.cache.session(name) as cached:
                self._keep(name, cached, conversation, events)
        self.metrics.count("sessions")
        return row

    def greeting(self, row: SessionRow) -> str:
        """What a session begins with; the greeting is not part of the state, as in the environment."""
        manager = self.task.manager
        greeting = manager.grammar.ids(Form.S_GREET, 0, self.wording(row.id, -1)[0])
        return manager.grammar.text(int(greeting))

    def message(
        self,
        name: str,
        *,
        text: str | None = None,
        sentences: Sequence[str] | None = None,
        after: int | None = None,
    ) -> Reply:
        """The person speaks, the system answers.

        Args:
            name: The session.
            text: As typed: told apart into sentences, and answered as ``talk.turn`` says.
            sentences: Instead of ``text``: sentences told apart already, with nothing read into them beyond
                what the environment reads, to replay a conversation exactly.
            after: The turn this answers, if that is to be checked. A message sent twice, because its answer
                was lost on the way, then gets that answer again.

        Raises:
            UnusableInputError: Both or neither of ``text`` and ``sentences``, or no texts. Also those of ``open``.
        """
        start = time.perf_counter()
        if (text is None) == (sentences is None):
            raise UnusableInputError("Expected either text or sentences, got both or neither.")
        if not isinstance(text, str | None):
            raise UnusableInputError(f"text must be a string, got {type(text).__name__}.")
        if isinstance(sentences, str) or not all(isinstance(s, str) for s in sentences or ()):
            raise UnusableInputError(f"sentences must be a list of strings, got {sentences!r:.200}.")
        said = split_sentences(text) if text is not None else [tidy(s) for s in sentences or ()]
        message = {"text": as_shown(text, said), "sentences": said, "typed": text is not None}
        with self.cache.session(name) as cached:
            branch = self._loaded(name, cached).branch()
            if after is not None and after != branch.turn:
                return answered(self.transcript(name)[1], after, message)
            uniform = int.from_bytes(spread(name, branch.turn)[8:16], "big") / 2**64
            chance = Chance(self.wording(name, branch.turn), uniform)
            if text is not None:
                reply, move = reply_to(branch, self.policy, chance, said)
            else:
                branch.hear(said)
                reply, move = branch.answer(self.policy, chance, said)
            answer = {**reply.to_dict(), "move": move.to_dict()}
            self._keep(name, cached, branch, [("message", message), ("reply", answer)])
        self.metrics.count("messages")
        if reply.cards:
            self.metrics.count("suggestions")
        elif reply.act in ("ask", "confirm"):
            self.metrics.count("questions")
        self.metrics.turn(time.perf_counter() - start)
        return reply

    def click(self, name: str, item: int) -> tuple[str, ...]:
        """The user clicks an item; returns replies they may pick from now."""
        with self.cache.session(name) as cached:
            branch = self._loaded(name, cached).branch()
            answers = branch.click(item)
            self._keep(name, cached, branch, [("click", {"item": item})])
        self.metrics.count("clicks")
        return answers

    def rate(self, name: str, item: int, stars: int) -> None:
        """The user rates an item they clicked."""
        with self.cache.session(name) as cached:
            branch = self._loaded(name, cached).branch()
            branch.rate(item, stars)
            self._keep(name, cached, branch, [("rating", {"item": item, "stars": stars})])
        self.metrics.count("ratings")
        self.metrics.count("stars", stars)

    def correct(self, name: str, wish: str, stance: str) -> tuple[Wish, ...]:
        """The person removes a wish that was understood, or turns it round; returns the wishes that stand.

        Args:
            name: The session.
            wish: Id of the wish.
            stance: One of ``talk.talking.STANCES``.
        """
        if stance not in STANCES:
            raise UnusableInputError(f"A stance is one of {', '.join(STANCES)}, got {stance!r:.50}.")
        with self.cache.session(name) as cached:
            branch = self._loaded(name, cached).branch()
            branch.correct(wish, stance)
            wishes = stated_wishes(self.task.manager, branch.dialogue, branch.bounds)
            body = {"wish": wish, "stance": stance, "wishes": [asdict(one) for one in wishes]}
            self._keep(name, cached, branch, [("wish", body)])
        self.metrics.count("corrections")
        return wishes

    def transcript(self, name: str) -> tuple[SessionRow, list[Event]]:
        """The session as it was opened, and everything that happened in it."""
        with kept():
            row = self.store.session(name)
            if row is None:
                raise NoSuchSessionError(f"No session {name[:64]!r}. Open one with POST /sessions.")
            return row, self.store.events(name)

    def conversation(self, name: str) -> TalkingConversation:
        """The state of a session, to look at."""
        with self.cache.session(name) as cached:
            return self._loaded(name, cached)

    def _loaded(self, name: str, cached: CachedSession) -> TalkingConversation:
        """The conversation, replayed from the store if it is not in memory."""
        if cached.conversation is not None:
            return cached.conversation
        row, events = self.transcript(name)
        if row.catalog != self.task.manager.catalog.digest:
            raise CannotContinueError(
                f"Session {name} was held with another catalogue. It can be read, but not continued: "
                "open a new one."
            )
        try:
            conversation = replayed(self.task, events)
        except (ServiceError, LookupError, TypeError) as error:
            raise CannotContinueError(
                f"Session {name} was held with another version. It can be read, but not continued: open a "
                "new one."
            ) from error
        cached.conversation, cached.number = conversation, len(events)
        self.metrics.count("restored")
        return conversation

    def _keep(
        self,
        name: str,
        cached: CachedSession,
        branch: TalkingConversation,
        happened: Sequence[tuple[str, dict[str, Any]]],
    ) -> None:
        """Commit what happened, then let the branch be the conversation."""
        at = now()
        events = [Event(kind, body, self.export.fingerprint, at) for kind, body in happened]
        try:
            with kept():
                self.store.append(name, cached.number, events)
        except WriteConflictError:
            cached.conversation = None  # what another process wrote is read anew
            raise
        cached.conversation = branch
        cached.number += len(events)


def as_shown(text: str | None, sentences: Sequence[str]) -> str:
    """The message as a transcript shows it: the person's lines, without control characters."""
    lines = [tidy(line) for line in text.splitlines()] if text is not None else [" ".join(sentences)]
    return "\n".join(line for line in lines if line)


@contextmanager
def kept() -> Iterator[None]:
    """Turn the store's errors into answers."""
    try:
        yield
    except ConflictError as error:
        raise WriteConflictError(str(error)) from error
    except StoreError as error:
        raise StoreUnavailableError(str(error)) from error

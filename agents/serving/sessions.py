"""Sessions: what a person can do in one, and what is answered."""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from agents.export import Export
from agents.serving.errors import (
    AlreadyRatedError,
    KeyReusedError,
    UnusableInputError,
    WriteConflictError,
)
from agents.serving.explain import Wish, stated_wishes
from agents.serving.kept_sessions import MAX_CACHED, Change, Happened, KeptSessions, kept
from agents.serving.message_text import split_sentences, tidy
from agents.serving.replay import STORED, answered, replayed, reply_of
from agents.serving.replies import Chance, Reply, reactions
from agents.serving.served import make_served_policy
from agents.serving.store import SessionRow, Store, now
from agents.serving.talk.likeness import prepare
from agents.serving.talk.talking import STANCES, TalkingConversation
from agents.serving.talk.turn import reply_to
from chatrec_env.language import Form
from chatrec_env.language.encoders.cache import unkept
from chatrec_env.language.forms import N_VARIANTS
from chatrec_env.language.message_reader import MessageReader

_log = logging.getLogger(__name__)

LONGEST_ALONE, MOST_TRIED = 32, 128
"""Tokens of a text that is read alone, and of texts that are read together, up to which the model is tried."""

WISHES = TypeAdapter(tuple[Wish, ...])
"""Reads wishes back from their JSON data."""

Wording = Callable[[str, int], tuple[int, int]]
"""Session name and turn to the wording numbers of the opener and the explanation, each in [0, 6)."""


def spread(name: str, turn: int) -> bytes:
    """32 bytes that look random and are a function of session and turn."""
    return hashlib.sha256(f"{name}/{turn}".encode()).digest()


def wording_of(name: str, turn: int) -> tuple[int, int]:
    """The wording of a turn: varied over sessions and turns, the same after a restart."""
    draw = spread(name, turn)
    return draw[0] % N_VARIANTS, draw[1] % N_VARIANTS


class Sessions(KeptSessions):
    """All sessions of a service: what a person can do in one. Any thread may call.

    Every change takes the idempotency key of its request: sent again with the same key, it gets the answer it got and
    happens once.

    Args:
        export: The policy.
        store: Where everything is kept.
        wording: Chooses the wording of a turn.
        max_cached: Sessions held in memory.
    """

    def __init__(
        self, export: Export, store: Store, *, wording: Wording = wording_of, max_cached: int = MAX_CACHED
    ) -> None:
        super().__init__(export, store, max_cached)
        self.wording = wording
        self.policy = make_served_policy(export)
        store.note_policy(export.fingerprint, export.about())

    @property
    def reader(self) -> MessageReader:
        """What reads the person."""
        return TalkingConversation(self.task).reader

    def warm_up(self) -> None:
        """Hold a short conversation, so that the first user does not wait for what is built once."""
        conversation = TalkingConversation(self.task, hears=self.export.hears)
        aside = ThreadPoolExecutor(1)
        try:
            tried = aside.submit(self._try_model, conversation.reader)
            self.task.manager.grammar.find(
                ""
            )  # words all sentences: seconds, in which the model's process loads
            tried.result()
        finally:
            aside.shutdown(wait=False)  # who interrupts it does not wait for the model
        prepare(self.task.manager)  # what is said of items is no secret: kept on disk for the next start
        reply_to(conversation, self.policy, Chance((0, 0), 0.0), ["Hello."])

    def _try_model(self, reader: MessageReader) -> None:
        if reader.notice:
            _log.warning(reader.notice)
        else:
            reader.judge("Hello.")  # runs the model, where all else may be known from the disk
            with unkept():
                reader.read(["Hello."])

    def open(
        self,
        time: str | None = None,
        device: str | None = None,
        rating_history: Sequence[tuple[int, float]] = (),
        *,
        key: str | None = None,
        past: Sequence[tuple[int, float]] = (),
    ) -> SessionRow:
        """Open a session.

        Args:
            time: The person's time of day, by the catalogue's name, if it is known.
            device: Likewise their device.
            rating_history: What they rated before: items and stars.
            key: Idempotency key. Who knows it has the session, so it must be hard to guess.
            past: What ``rating_history`` was called; goes in the next release.

        Raises:
            ServiceError: See ``agents.serving.errors``. Also the next ones.
        """
        if past:
            warnings.warn(
                "The keyword 'past' of Sessions.open is called 'rating_history' now; 'past' goes in the next release.",
                DeprecationWarning,
                stacklevel=2,
            )
        name = secrets.token_urlsafe(16)
        row = SessionRow(name, now(), self.export.fingerprint, self.task.manager.catalog.digest)
        conversation = TalkingConversation(self.task, hears=self.export.hears)
        conversation.situate(time, device)
        happened: list[tuple[str, dict[str, Any]]] = []
        if time is not None or device is not None:
            happened.append(("setting", {"time": time, "device": device}))
        if rated := rating_history or past:
            conversation.remember(rated)
            happened.append(("past", {"ratings": [list(pair) for pair in rated]}))
        try:
            with kept():
                self.store.open_session(row, self._events(happened), key)
        except WriteConflictError:
            return self._opened(key, happened)
        self.cache.add(name, conversation, len(happened))
        self.metrics.count("sessions")
        return row

    def _opened(self, key: str | None, happened: Happened) -> SessionRow:
        """The session that was opened with a key, if it was opened alike."""
        with kept():
            name = None if key is None else self.store.opened_with(key)
        if name is None:
            raise WriteConflictError("The session could not be opened. Send the request again.")
        row, events = self.transcript(name)
        first = [(event.kind, event.body) for event in events[: len(happened)]]
        if first != list(happened) or any(
            event.kind in ("setting", "past") for event in events[len(happened) :]
        ):
            raise KeyReusedError("This Idempotency-Key opened another session. Send a new one.")
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
        key: str | None = None,
    ) -> Reply:
        """The person speaks, the system answers.

        Args:
            name: The session.
            text: As typed: told apart into sentences, and answered as ``talk.turn`` says.
            sentences: Instead of ``text``: sentences told apart already, with nothing read into them beyond
                what the parser reads; so an episode of the environment is replayed exactly.
            after: The turn it answers, if the sender knows. A message that is sent again (because its answer
                was lost on the way) then gets the same answer, and one to another turn is refused.
            key: Idempotency key.
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

        def make(branch: TalkingConversation) -> Change[Reply]:
            if after is not None and after != branch.turn:
                return Change(branch, answered(self.transcript(name)[1], after, message))
            uniform = int.from_bytes(spread(name, branch.turn)[8:16], "big") / 2**64
            chance = Chance(self.wording(name, branch.turn), uniform)
            if text is not None:
                # Read ahead, so that others need not wait for it and the time it takes does not tell whether it is new.
                asked, shown = int(branch.dialogue.last_facet[0]), len(branch.cards)
                branch.reader.read(said, after=branch.place, asked=asked, on_table=shown)
                reply, move = reply_to(branch, self.policy, chance, said)
            else:
                branch.hear(said)
                reply, move = branch.answer(self.policy, chance, said)
            answer = {**STORED.dump_python(reply, mode="json"), "move": move.to_dict()}
            if branch.decided is not None:
                answer["decision"] = branch.decided._asdict()
            return Change(branch, reply, [("message", message), ("reply", answer)])

        reply, happened = self._change(
            name, make, lambda events, at: reply_of(events[at + 1]), ("message", message), key
        )
        if happened:
            self.metrics.count("messages")
            if reply.cards:
                self.metrics.count("suggestions")
            elif reply.act in ("ask", "confirm"):
                self.metrics.count("questions")
            self.metrics.turn(time.perf_counter() - start)
        return reply

    def click(self, name: str, item: int, *, key: str | None = None) -> tuple[str, ...]:
        """The user clicks an item; returns replies they may pick from now. The same click again is none."""
        request = ("click", {"item": item})

        def make(branch: TalkingConversation) -> Change[tuple[str, ...]]:
            new = item not in branch.clicked
            return Change(branch, branch.click(item), [request] if new else ())

        def again(*_: Any) -> tuple[str, ...]:
            return reactions(self.task.manager, item, clicked=True)

        answers, happened = self._change(name, make, again, request, key)
        if happened:
            self.metrics.count("clicks")
        return answers

    def rate(self, name: str, item: int, stars: float, *, key: str | None = None) -> None:
        """The user rates an item they clicked, 0.5 to 5 stars. The last rating counts, as if it had been the first."""
        request = ("rating", {"item": item, "stars": stars})

        def make(branch: TalkingConversation) -> Change[float]:
            before = branch.clicked.get(item, 0)
            try:
                branch.rate(item, stars)
            except AlreadyRatedError:
                branch = replayed(
                    self.task,
                    [*self.transcript(name)[1], *self._events([request])],
                    hears=self.export.hears,
                )
            return Change(branch, before, [request] if before != stars else ())

        before, happened = self._change(name, make, lambda *_: 0, request, key)
        if happened:
            self.metrics.count("rerated" if before else "ratings")
            self.metrics.stars(stars - before)

    def correct(self, name: str, wish: str, stance: str, *, key: str | None = None) -> tuple[Wish, ...]:
        """The person removes a wish that was understood, or turns it round; returns the wishes that stand.

        Args:
            name: The session.
            wish: Id of the wish.
            stance: One of ``talk.talking.STANCES``.
            key: Idempotency key.
        """
        if stance not in STANCES:
            raise UnusableInputError(f"A stance is one of {', '.join(STANCES)}, got {stance!r:.50}.")

        def make(branch: TalkingConversation) -> Change[tuple[Wish, ...]]:
            branch.correct(wish, stance)
            wishes = stated_wishes(self.task.manager, branch.dialogue, branch.bounds)
            body = {"wish": wish, "stance": stance, "wishes": [asdict(one) for one in wishes]}
            return Change(branch, wishes, [("wish", body)])

        wishes, happened = self._change(
            name,
            make,
            lambda events, at: WISHES.validate_python(events[at].body["wishes"]),
            ("wish", {"wish": wish, "stance": stance}),
            key,
        )
        if happened:
            self.metrics.count("corrections")
        return wishes


def as_shown(text: str | None, sentences: Sequence[str]) -> str:
    """The message as a transcript shows it: the person's lines, without control characters."""
    lines = [tidy(line) for line in text.splitlines()] if text is not None else [" ".join(sentences)]
    return "\n".join(line for line in lines if line)

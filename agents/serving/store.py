"""The store: every acknowledged event of every session, in one SQLite file; survives a killed process.

Append-only. A turn (the person's message and the system's reply) is one transaction, committed before the
reply is sent: after a crash a session holds exactly what was acknowledged, plus at most one last turn or
click whose answer was on its way.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError, SQLAlchemyError

from chatrec_env.errors import ArtifactError, ChatRecError

SCHEMA = 1
"""``PRAGMA user_version`` of the file; any other is refused."""

BUSY_MS = 20_000
"""How long a writer waits for another process."""

POOL = 40
"""Connections kept open: as many as the web server has threads."""

_metadata = sa.MetaData()
SESSIONS = sa.Table(
    "sessions",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("catalog", sa.Text, nullable=False),
)
EVENTS = sa.Table(
    "events",
    _metadata,
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)


KINDS = ("setting", "past", "message", "reply", "click", "rating", "wish")
"""What happens in a session."""


class StoreError(ChatRecError, RuntimeError):
    """The store could not write or read: disk full, file locked or gone. Nothing was half written."""


class ConflictError(StoreError):
    """Another process has written to the same session in between."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as it was opened.

    Attributes:
        id: Its name.
        created_at: UTC, ISO 8601.
        policy: Fingerprint of the export that opened it.
        catalog: Digest of the catalogue its item numbers belong to.
    """

    id: str
    created_at: str
    policy: str
    catalog: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a session.

    Attributes:
        kind: One of ``KINDS``.
        body: JSON data.
        policy: Fingerprint of the export that was serving.
        at: UTC, ISO 8601.
    """

    kind: str
    body: dict[str, Any]
    policy: str
    at: str


def now() -> str:
    """The time, UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Store:
    """Sessions and events in a SQLite file, for threads of one process or several processes.

    Write-ahead log with a sync at every commit: what was committed survives the process and the machine.

    Args:
        path: The file; created, readable by its owner only, if it is not there.

    Raises:
        ArtifactError: If the file is not such a store, or of another version.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise ArtifactError(f"The store {self.path} cannot be opened for writing: {error}.") from error
        self._writer = threading.Lock()
        url = sa.URL.create("sqlite", database=str(self.path))
        options = {"timeout": BUSY_MS / 1000, "check_same_thread": False}
        self._engine = sa.create_engine(url, connect_args=options, pool_size=POOL)
        sa.event.listen(self._engine, "connect", _prepare)
        sa.event.listen(self._engine, "begin", _begin)
        try:
            self._set_up()
        except DatabaseError as error:
            self.close()
            raise ArtifactError(
                f"{self.path} is not a store of sessions, or is damaged ({error.orig}). "
                "Name another file, or move this one away."
            ) from error

    def _set_up(self) -> None:
        with self._engine.begin() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
            if version not in (0, SCHEMA) or (version == 0 and tables):
                self.close()
                raise ArtifactError(
                    f"{self.path} is a SQLite file of version {version}; this version of the store reads "
                    f"{SCHEMA}. Name another file, or move this one away."
                )
            if version == 0:
                _metadata.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def ping(self) -> None:
        """See that the file can still be read; raises ``StoreError`` if not."""
        with self._transaction(read=True) as connection:
            connection.execute(sa.select(SESSIONS.c.id).limit(1))

    @contextmanager
    def _transaction(self, *, read: bool = False) -> Iterator[sa.Connection]:
        try:
            # Writers of this process queue here, in turn; SQLite's own lock makes them poll, and starve some.
            turn = nullcontext() if read else self._writer
            with turn, self._engine.connect().execution_options(read=read) as connection, connection.begin():
                yield connection
        except IntegrityError as error:
            raise ConflictError(
                "Another process has written to this session in between. Send the request again."
            ) from error
        except SQLAlchemyError as error:
            why = getattr(error, "orig", None) or error
            raise StoreError(
                f"The store {self.path.name} could not be used ({why}). Nothing was kept; send the "
                "request again later."
            ) from error

    def open_session(self, row: SessionRow) -> None:
        """Add a session.

        Raises:
            StoreError: If it was not kept. Also the next ones.
        """
        with self._transaction() as connection:
            connection.execute(SESSIONS.insert().values(asdict(row)))

    def append(self, session_id: str, number: int, events: Sequence[Event]) -> None:
        """Add events ``number``, ``number + 1``, ... of a session: all of them or none, on disk on return.

        Raises:
            ConflictError: If the session has an event of such a number already.
        """
        rows = [
            {
                "session_id": session_id,
                "number": number + i,
                "kind": event.kind,
                "at": event.at,
                "policy": event.policy,
                "body": json.dumps(event.body, ensure_ascii=False, allow_nan=False),
            }
            for i, event in enumerate(events)
        ]
        with self._transaction() as connection:
            connection.execute(EVENTS.insert(), rows)

    def session(self, session_id: str) -> SessionRow | None:
        """A session, or None if there is none of that name."""
        with self._transaction(read=True) as connection:
            row = connection.execute(sa.select(SESSIONS).where(SESSIONS.c.id == session_id)).one_or_none()
        return None if row is None else SessionRow(**row._mapping)

    def events(self, session_id: str) -> list[Event]:
        """The events of a session, in order.

        Raises:
            StoreError: If one of them is damaged.
        """
        query = (
            sa.select(EVENTS.c.kind, EVENTS.c.body, EVENTS.c.policy, EVENTS.c.at)
            .where(EVENTS.c.session_id == session_id)
            .order_by(EVENTS.c.number)
        )
        with self._transaction(read=True) as connection:
            rows = connection.execute(query).all()
        return [Event(row.kind, self._body(session_id, row), row.policy, row.at) for row in rows]

    def _body(self, session_id: str, row: Any) -> dict[str, Any]:
        try:
            body = json.loads(row.body)
        except (TypeError, ValueError):
            body = None
        if row.kind not in KINDS or not isinstance(body, dict):
            raise StoreError(
                f"The store {self.path.name} is damaged: an event of session {session_id} cannot be read. Restore "
                "the file, or open a new session."
            )
        return body

    def counts(self) -> dict[str, int]:
        """Sessions, and events by kind, in the whole file."""
        with self._transaction(read=True) as connection:
            sessions = connection.execute(sa.select(sa.func.count()).select_from(SESSIONS)).scalar_one()
            kinds = connection.execute(
                sa.select(EVENTS.c.kind, sa.func.count()).group_by(EVENTS.c.kind)
            ).all()
        return {"session": sessions, **{row[0]: row[1] for row in kinds}}


def _prepare(connection: Any, _record: Any) -> None:
    """Settings of a new connection; transactions are begun by us, not by the driver's guesses."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    """Writers lock at once: a transaction that begins by reading may be refused when it comes to write."""
    read = connection.get_execution_options().get("read", False)
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")

"""The store: every acknowledged event of every session, in one SQLite file; survives a killed process.

Append-only. A turn (the person's message and the system's reply) is one transaction, committed before the
reply is sent: after a crash a session holds exactly what was acknowledged, plus at most one last turn or
click whose answer was on its way.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError, SQLAlchemyError

from agents.serving.store_tables import (
    EVENTS,
    KINDS,
    METADATA,
    OPENINGS,
    POLICIES,
    SCHEMA,
    SESSIONS,
    WAIT,
    Event,
    SessionRow,
    begin,
    body_of,
    damage_of,
    make_private,
    now,
    prepare,
    rows_of,
)
from chatrec_env.errors import ArtifactError, ChatRecError

__all__ = ["KINDS", "ConflictError", "Event", "SessionRow", "Store", "StoreError", "now"]

POOL = 16
"""Connections kept open: more than the service has threads."""

LAST = sa.select(sa.func.max(EVENTS.c.number)).where(EVENTS.c.session_id == sa.bindparam("session"))
ADD = EVENTS.insert()
"""Made once: they run with every message."""

CHECKED = 256 * 2**20
"""Bytes up to which a file in use is read in full to see whether it is damaged; at the start any file is."""


class StoreError(ChatRecError, RuntimeError):
    """The store could not write or read: disk full, file locked or gone. Nothing was half written."""


class ConflictError(StoreError):
    """Another process has written to the same session in between."""


class Store:
    """Sessions and events in a SQLite file, for threads of one process or several processes.

    Write-ahead log with a sync at every commit: what was committed survives the process and the machine.

    Args:
        path: The file; created if it is not there, and readable by its owner only.

    Raises:
        ArtifactError: If the file is not such a store, or of another version.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            make_private(self.path)
        except OSError as error:
            raise ArtifactError(f"The store {self.path} cannot be opened for writing: {error}.") from error
        self._writer = threading.Lock()
        url = sa.URL.create("sqlite", database=str(self.path))
        options = {"timeout": WAIT, "check_same_thread": False}
        self._engine = sa.create_engine(url, connect_args=options, pool_size=POOL, pool_timeout=WAIT)
        sa.event.listen(self._engine, "connect", prepare)
        sa.event.listen(self._engine, "begin", begin)
        try:
            self._set_up()
            damage = self.damage()
        except DatabaseError as error:
            damage = str(error.orig)
        if damage:
            self.close()
            raise ArtifactError(
                f"{self.path} is not a store of sessions, or is damaged ({damage}). "
                "Name another file, or move this one away."
            )
        self._files, self._damage = self._identities(), ""

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
            if version == SCHEMA:
                for table in (SESSIONS, EVENTS):  # or it lacks a table or a column
                    connection.execute(sa.select(table).limit(0))
            METADATA.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")

    def damage(self) -> str:
        """What SQLite finds wrong with the file as it is on disk, empty if nothing; reads all of it."""
        return damage_of(self.path)

    def _identities(self) -> list[tuple[int, int]]:
        """Device and number of the file and of its write-ahead log."""
        status = [os.stat(f"{self.path}{tail}") for tail in ("", "-wal")]
        return [(one.st_dev, one.st_ino) for one in status]

    def check_files(self) -> None:
        """See that what is written goes to the file of that name, in which no damage was found.

        Raises:
            StoreError: If the file or its write-ahead log was deleted or replaced since it was opened, or is damaged.
        """
        if self._damage:
            raise StoreError(f"{self.path.name} is damaged ({self._damage}). Restore it, and start again.")
        try:
            same = self._identities() == self._files
        except OSError:
            same = False
        if not same:
            raise StoreError(
                f"The store {self.path.name} was deleted or replaced while the service ran. Nothing is kept any more: "
                "put the file back, with the ones beside it, and start the service again."
            )

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def ping(self, *, thoroughly: bool = False) -> None:
        """See that the file can still be read, and is the one that was opened; raises ``StoreError`` if not.

        Args:
            thoroughly: Also look for damage, if it has no more than ``CHECKED`` bytes.
        """
        with self._transaction(read=True) as connection:
            connection.execute(sa.select(SESSIONS.c.id).limit(1))
        if thoroughly and self.path.stat().st_size <= CHECKED:
            self._damage = self.damage()
            self.check_files()

    @contextmanager
    def _transaction(self, *, read: bool = False) -> Iterator[sa.Connection]:
        until = time.monotonic() + WAIT
        # Writers of this process queue here, in turn; SQLite's own lock makes them poll, and starve some.
        if not read and not self._writer.acquire(timeout=WAIT):
            raise StoreError(
                f"The store {self.path.name} is locked, by another process or by too much work. Nothing was kept; send "
                "the request again later."
            )
        try:
            self.check_files()
            options = {"read": read, "until": until}
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
            if not read:
                self.check_files()  # before anything is acknowledged
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
        finally:
            if not read:
                self._writer.release()

    def open_session(self, row: SessionRow, events: Sequence[Event] = (), key: str | None = None) -> None:
        """Add a session with its first events: all of it or nothing, on disk on return.

        Args:
            row: The session.
            events: What happened with its opening.
            key: Idempotency key of the request, to find the session by.

        Raises:
            ConflictError: If a session was opened with this key before.
            StoreError: If it was not kept. Also the next ones.
        """
        with self._transaction() as connection:
            connection.execute(SESSIONS.insert().values(asdict(row)))
            if events:
                connection.execute(EVENTS.insert(), rows_of(row.id, 0, events))
            if key is not None:
                connection.execute(OPENINGS.insert().values(key=key, session_id=row.id))

    def opened_with(self, key: str) -> str | None:
        """The session that was opened with an idempotency key, None if there is none."""
        query = sa.select(OPENINGS.c.session_id).where(OPENINGS.c.key == key)
        with self._transaction(read=True) as connection:
            return connection.execute(query).scalar_one_or_none()

    def append(self, session_id: str, number: int, events: Sequence[Event]) -> None:
        """Add events ``number``, ``number + 1``, ... of a session: all of them or none, on disk on return.

        Raises:
            ConflictError: If the session has an event of such a number already.
        """
        rows = rows_of(session_id, number, events)
        with self._transaction() as connection:
            connection.execute(ADD, rows)

    def length(self, session_id: str) -> int:
        """How many events a session has."""
        with self._transaction(read=True) as connection:
            last = connection.execute(LAST, {"session": session_id}).scalar_one()
        return 0 if last is None else int(last) + 1

    def forget(self, *, session_id: str | None = None, before: str | None = None) -> int:
        """Delete sessions: one of them, or all in which nothing was said since ``before`` (UTC, ISO 8601).

        What is deleted is overwritten in the file.

        Returns:
            How many there were.
        """
        if session_id is not None:
            which = SESSIONS.c.id == session_id
        else:
            latest = (
                sa.select(sa.func.max(EVENTS.c.at))
                .where(EVENTS.c.session_id == SESSIONS.c.id)
                .scalar_subquery()
            )
            which = sa.func.coalesce(latest, SESSIONS.c.created_at) < before
        with self._transaction() as connection:
            names = connection.execute(sa.select(SESSIONS.c.id).where(which)).scalars().all()
            for table, column in (
                (OPENINGS, OPENINGS.c.session_id),
                (EVENTS, EVENTS.c.session_id),
                (SESSIONS, SESSIONS.c.id),
            ):
                for start in range(0, len(names), 500):
                    connection.execute(table.delete().where(column.in_(names[start : start + 500])))
        if names:
            with self._engine.connect() as connection:  # what was written ahead holds it still
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(names)

    def note_policy(self, fingerprint: str, about: dict[str, Any]) -> None:
        """Keep what is served, under its fingerprint."""
        row = {"fingerprint": fingerprint, "about": json.dumps(about)}
        with self._transaction() as connection:
            connection.execute(POLICIES.insert().prefix_with("OR REPLACE").values(row))

    def policies(self) -> dict[str, dict[str, Any]]:
        """What was served, by fingerprint."""
        with self._transaction(read=True) as connection:
            rows = connection.execute(sa.select(POLICIES)).all()
        return {row.fingerprint: json.loads(row.about) for row in rows}

    def sessions(self) -> list[str]:
        """Names of all sessions, the oldest first."""
        query = sa.select(SESSIONS.c.id).order_by(SESSIONS.c.created_at, SESSIONS.c.id)
        with self._transaction(read=True) as connection:
            return list(connection.execute(query).scalars())

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
        body = body_of(row.body, row.kind)
        if body is None:
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

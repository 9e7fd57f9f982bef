"""What the store keeps, as tables, and the settings of its connections."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

SCHEMA = 1
"""``PRAGMA user_version`` of the file; any other is refused."""

WAIT = 5.0
"""Seconds a writer waits for others, in this process and in others together."""

METADATA = sa.MetaData()
SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("catalog", sa.Text, nullable=False),
)
EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
OPENINGS = sa.Table(
    "openings",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
)
"""Sessions by the idempotency key of the request that opened them."""

POLICIES = sa.Table(
    "policies",
    METADATA,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("about", sa.Text, nullable=False),
)
"""What was served, by the fingerprint of its export: what an off-policy estimate needs to know of it, as JSON."""

KINDS = ("setting", "past", "message", "reply", "click", "rating", "wish")
"""What happens in a session."""


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


def make_private(path: Path) -> None:
    """See that a store's file is there, and that it and what SQLite keeps beside it are their owner's alone to read.

    Raises:
        OSError: It cannot be opened for writing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError, PermissionError):  # another user's, who lets us write
            os.chmod(f"{path}{suffix}", 0o600)


def now() -> str:
    """The time, UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def rows_of(session_id: str, number: int, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Rows of the table of events: those of a session from ``number`` on."""
    return [
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


def body_of(text: Any, kind: str) -> dict[str, Any] | None:
    """The body of a row of events; None if it is damaged."""
    try:
        body = json.loads(text)
    except (TypeError, ValueError):
        return None
    return body if kind in KINDS and isinstance(body, dict) else None


def damage_of(path: Path) -> str:
    """What SQLite finds wrong with a file as it is on disk, empty if nothing; reads all of it."""
    connection = sqlite3.connect(path, timeout=WAIT)  # others may hold pages of it in memory
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # busy, or no more files: says nothing of the file
            return ""
        return str(error)
    finally:
        connection.close()
    return "" if found == "ok" else str(found).replace("\n", ": ")


def prepare(connection: Any, _record: Any) -> None:
    """Settings of a new connection; transactions are begun by us, not by the driver's guesses."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def begin(connection: sa.Connection) -> None:
    """Writers lock at once: a transaction that begins by reading may be refused when it comes to write."""
    options = connection.get_execution_options()
    left = max(0.0, options.get("until", time.monotonic() + WAIT) - time.monotonic())
    connection.connection.cursor().execute(f"PRAGMA busy_timeout = {int(1000 * left)}")
    connection.exec_driver_sql("BEGIN" if options.get("read", False) else "BEGIN IMMEDIATE")

"""A memory on disk for readings: each distinct message is read once in each place, ever."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.encoders.cache import cache_folder, remembered_aside

_log = logging.getLogger(__name__)
_FORMAT: Final = 20
_MOST: Final = 500_000  # readings kept on disk; beyond it nothing more is stored
_ASKED_AT_ONCE: Final = 500
_SPARE: Final = {field.name: field.default for field in fields(ParsedAct) if field.name != "act"}


def reading_key(text: str, place: str, asked: int, on_table: int) -> bytes:
    """What a reading is kept under: the text and where it was said."""
    told = f"{place}\0{asked}\0{on_table}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=16).digest()


class Readings:
    """Acts by key. Without a usable file the memory lasts as long as the process; see also :func:`.cache.unkept`.

    Args:
        path: The file; None for none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._memory: dict[bytes, tuple[ParsedAct, ...]] = {}
        self._writable = path is not None

    @classmethod
    def of(cls, *identities: str) -> Readings:
        """The memory of one reader, encoder and catalogue, beside the encodings."""
        told = json.dumps([_FORMAT, *identities]).encode()
        return cls(cache_folder() / f"readings-{hashlib.sha256(told).hexdigest()[:16]}.sqlite")

    def get(self, keys: Sequence[bytes]) -> dict[bytes, tuple[ParsedAct, ...]]:
        """The acts of those keys that are known."""
        aside = remembered_aside()
        if aside is not None:
            return {key: aside[self, key] for key in keys if (self, key) in aside}
        with self._lock:
            found = {key: self._memory[key] for key in keys if key in self._memory}
            missing = [key for key in dict.fromkeys(keys) if key not in found]
            if self._writable and missing and self.path is not None and self.path.exists():
                try:
                    stored = self._stored(missing)
                except (sqlite3.Error, ValueError) as error:
                    self._stop(error)
                else:
                    self._memory.update(stored)
                    found |= stored
        return found

    def _stored(self, keys: Sequence[bytes]) -> dict[bytes, tuple[ParsedAct, ...]]:
        found = {}
        with self._connect() as connection:
            for start in range(0, len(keys), _ASKED_AT_ONCE):
                part = keys[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT key, acts FROM readings WHERE key IN ({marks})", part)
                found.update({key: _from_json(acts) for key, acts in rows})
        connection.close()
        return found

    def put(self, new: Mapping[bytes, tuple[ParsedAct, ...]]) -> None:
        """Store readings."""
        if not new:
            return
        aside = remembered_aside()
        if aside is not None:
            aside.update({(self, key): acts for key, acts in new.items()})
            return
        with self._lock:
            if len(self._memory) > _MOST:
                self._memory.clear()
            self._memory.update(new)
            if not self._writable or self.path is None:
                return
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.path.touch(0o600)
                if self.path.stat().st_mode & 0o077:
                    self.path.chmod(0o600)
                with self._connect() as connection:
                    connection.execute(
                        "CREATE TABLE IF NOT EXISTS readings (key BLOB PRIMARY KEY, acts TEXT)"
                    )
                    (count,) = connection.execute("SELECT COUNT(*) FROM readings").fetchone()
                    if count < _MOST:
                        rows = [(key, _to_json(acts)) for key, acts in new.items()]
                        connection.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?)", rows)
                connection.close()
            except (OSError, sqlite3.Error) as error:
                self._stop(error)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(str(self.path), timeout=5.0)

    def _stop(self, error: Exception) -> None:
        self._writable = False
        _log.warning(
            "Readings %s cannot be used (%s); they are kept in memory, for this process only. Delete the file, or set "
            "CHATREC_CACHE to a folder that can be written to.",
            self.path,
            error,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]


def _to_json(acts: Sequence[ParsedAct]) -> str:
    """Each act by its number and the fields that differ from their defaults."""
    told = []
    for act in acts:
        set_ = {name: getattr(act, name) for name, spare in _SPARE.items() if getattr(act, name) != spare}
        told.append([int(act.act), {name: _plain(entry) for name, entry in set_.items()}])
    return json.dumps(told)


def _plain(entry: Any) -> Any:
    return str(entry) if isinstance(entry, float) and math.isinf(entry) else entry


def _from_json(text: str) -> tuple[ParsedAct, ...]:
    out = []
    for act, told in json.loads(text):
        for name in ("low", "high"):
            if name in told:
                told[name] = float(told[name])
        out.append(ParsedAct(UserAct(act), **told))
    return tuple(out)

"""Recordings: every answer of a language model in an append-only file, so that none is computed or paid for twice."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chatrec_env.errors import ArtifactError
from simulators.llm.backends.base import Capabilities, Reply, Request

_log = logging.getLogger(__name__)
_FORMAT = "chatrec-recording-1"
_LOCK_SECONDS = 30.0


class Recording:
    """A JSONL file: a head line that names the backend, then one line per answer, each with its checksum.

    An answer is on disk before it is used. A last line without its end is what a kill in mid-write leaves: it was
    never used, and is cut off. Any other damage is an error that names the file and the line; a damaged file is
    never used in part. Several processes may share a file.

    Args:
        path: The file.
        identity: Of the backend whose answers are kept; None to take what the file says (it must exist then).
        capabilities: Of that backend; likewise.
        writable: Whether the file may be made and repaired; a replay leaves it as it is.

    Raises:
        ArtifactError: The file is damaged, of another backend, or absent where it must be there.
    """

    def __init__(
        self,
        path: Path,
        identity: str | None = None,
        capabilities: Capabilities | None = None,
        *,
        writable: bool = True,
    ) -> None:
        self.path, self.writable = Path(path), writable
        self._lock = threading.RLock()
        self._replies: dict[str, Reply] = {}
        self._read_to = 0
        self._lines = 0
        if identity is None or capabilities is None or not writable:
            if not self.path.is_file():
                raise ArtifactError(
                    f"There is no recording {self.path}. Record one by running with the same settings and "
                    "replay=false, or name the file with recording=FILE."
                )
        elif not self.path.exists():
            first = {"format": _FORMAT, "backend": identity, "capabilities": _plain(capabilities)}
            with self._locked():
                if not self.path.exists():
                    self._append([first])
        with self._lock:
            head = self._read()
        if identity is not None and head["backend"] != identity:
            raise ArtifactError(
                f"The recording {self.path} holds answers of {head['backend']!r}, expected {identity!r}. "
                "Name another file with recording=FILE."
            )
        self.identity: str = head["backend"]
        self.capabilities = Capabilities(**head["capabilities"])

    def __len__(self) -> int:
        return len(self._replies)

    def get(self, key: str) -> Reply | None:
        """The answer to a request, None if it is not recorded; looks again if another process has added to the file."""
        with self._lock:
            if key not in self._replies and self.path.stat().st_size > self._read_to:
                self._read()
            return self._replies.get(key)

    def add(self, answers: Sequence[tuple[str, Request, Reply]]) -> None:
        """Write answers, then keep them: when this returns, they are on disk."""
        with self._lock, self._locked():
            self._read()
            new = {key: (request, reply) for key, request, reply in answers if key not in self._replies}
            self._append(
                [
                    {"key": key, "request": request.content(), "reply": reply.content()}
                    for key, (request, reply) in new.items()
                ]
            )
            self._read()

    def records(self) -> Iterator[dict[str, Any]]:
        """Every record as plain JSON data: key, request and reply; for audits and reports."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number > 1 and line.endswith(b"\n"):
                    yield self._check(line, number)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.path}.lock", timeout=_LOCK_SECONDS):
                yield
        except Timeout as error:
            raise ArtifactError(
                f"{self.path}.lock has been held by another process for {_LOCK_SECONDS:.0f} seconds. Wait for it, or "
                "name another file with recording=FILE."
            ) from error

    def _append(self, records: list[dict[str, Any]]) -> None:
        lines = []
        for record in records:
            body = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            data = body.encode("utf-8", "surrogatepass")
            lines.append(data[:-1] + b',"~crc":%d}\n' % zlib.crc32(data))
        with self.path.open("ab") as file:
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> dict[str, Any]:
        """Take in what the file has beyond what was read; returns the head."""
        with self.path.open("rb") as file:
            head = self._check(file.readline(), 1)
            if head.get("format") != _FORMAT:
                raise ArtifactError(
                    f"{self.path} is not a recording (expected {_FORMAT!r} in its first line). Name another file with "
                    "recording=FILE."
                )
            if self._read_to == 0:
                self._read_to, self._lines = file.tell(), 1
            file.seek(self._read_to)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.splitlines(keepends=True):
            record = self._check(line, self._lines + 1)
            try:
                self._replies[record["key"]] = Reply(**record["reply"])
            except (KeyError, TypeError) as error:
                raise self._damaged(self._lines + 1, f"unexpected content: {error}") from error
            self._lines += 1
        self._read_to += len(whole)
        if len(whole) < len(data) and self.writable:
            _log.warning(
                "%s: its last line was cut off (%d bytes, a write that was interrupted); it was dropped.",
                self.path,
                len(data) - len(whole),
            )
            os.truncate(self.path, self._read_to)
        return head

    def _check(self, line: bytes, number: int) -> dict[str, Any]:
        body, mark, crc = line.rpartition(b',"~crc":')
        data = body + b"}"
        if (
            not mark
            or not crc.endswith(b"}\n")
            or not crc[:-2].isdigit()
            or int(crc[:-2]) != zlib.crc32(data)
        ):
            raise self._damaged(number, "its checksum does not match")
        try:
            record = json.loads(data.decode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise self._damaged(number, str(error)) from error
        return dict(record)

    def _damaged(self, number: int, why: str) -> ArtifactError:
        return ArtifactError(
            f"The recording {self.path} is damaged in line {number}: {why}. Nothing of it is used. Restore the "
            "file from a copy, or delete it to record afresh."
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "writable": self.writable}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"], writable=state["writable"])  # type: ignore[misc]


def _plain(capabilities: Capabilities) -> dict[str, bool]:
    return {name: getattr(capabilities, name) for name in ("scores", "json", "batch")}

"""The vectors' file: append-only, checksummed record by record, shared by processes."""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatrec_env.language.encoders.base import Vectors

KEY_BYTES = 16
_MAGIC = b"CHATREC-VECTORS-1"
_HEADER_BYTES = 128
_LOCK_SECONDS = 20.0

Bytes = npt.NDArray[np.uint8]


def stored_width(path: Path) -> int | None:
    """Width of the vectors of a file, from its header; None if it has none of ours."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return None
    head, check = header[:-4], header[-4:]
    words = head[len(_MAGIC) :].rstrip(b"\0").split()
    if not head.startswith(_MAGIC) or zlib.crc32(head).to_bytes(4, "little") != check or len(words) != 2:
        return None
    return int(words[1])


class VectorStore:
    """Records ``key (16 bytes), vector (D float32), crc32 of both`` after a 128-byte header.

    All records have one size, so a damaged one is skipped without losing the next, and a torn tail
    (a writer was killed) is known by its length. Reading and appending happen under a lock file.
    Nothing stays open between calls.

    Args:
        path: The file; its folder is made if need be.
        identity: What the vectors were computed with; a file of another identity is set aside.
        dim: D.

    Raises (every method):
        OSError: The folder or file cannot be used; also when the lock is held for 20 seconds.
    """

    def __init__(self, path: Path, *, identity: str, dim: int) -> None:
        self.path, self.dim = path, dim
        self.record_bytes = KEY_BYTES + 4 * dim + 4
        head = f"{identity} {dim}".encode().ljust(_HEADER_BYTES - len(_MAGIC) - 4, b"\0")
        self._header = _MAGIC + head + zlib.crc32(_MAGIC + head).to_bytes(4, "little")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against other processes."""
        from filelock import FileLock, Timeout

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(f"{self.path}.lock", timeout=_LOCK_SECONDS, mode=0o600)
        try:
            with lock:
                yield
        except Timeout as error:
            raise OSError(f"{self.path}.lock is held by another process") from error

    def open(self) -> str:
        """Make the file usable, under the lock: create it, drop a torn tail, set aside a foreign one.

        Returns:
            What was wrong and what was done about it; empty if nothing was.
        """
        if not self.path.exists():
            self._write([])
            return ""
        if not self.readable():
            aside = self.path.with_suffix(".damaged")
            os.replace(self.path, aside)
            self._write([])
            return f"its header is not the expected one; it was moved to {aside.name}"
        if self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)  # its keys tell who reads them whether a sentence was encoded here
        size = self.path.stat().st_size
        torn = (size - _HEADER_BYTES) % self.record_bytes
        if torn:
            os.truncate(self.path, size - torn)
            return f"its last record was cut off ({torn} of {self.record_bytes} bytes); that one was dropped"
        return ""

    def readable(self) -> bool:
        """Whether the file starts as one of this identity should."""
        with self.path.open("rb") as file:
            return file.read(_HEADER_BYTES) == self._header

    def records(self) -> Bytes:
        """All whole records, ``(n, record_bytes)`` uint8, mapped: pages are read as they are used."""
        size = self.path.stat().st_size
        n = (size - _HEADER_BYTES) // self.record_bytes
        if n <= 0:
            return np.zeros((0, self.record_bytes), np.uint8)
        return np.memmap(
            self.path, np.uint8, mode="r", offset=_HEADER_BYTES, shape=(n, self.record_bytes)
        ).view(np.ndarray)

    def intact(self, records: Bytes) -> npt.NDArray[np.bool_]:
        """Which records ``(n, record_bytes)`` match their checksum, ``(n,)``."""
        right = np.array([zlib.crc32(record[:-4]) for record in records], np.uint32)
        stored = np.ascontiguousarray(records[:, -4:]).view("<u4")[:, 0]
        return np.asarray(right == stored)

    def keys(self, records: Bytes) -> list[bytes]:
        """The keys of ``records``."""
        packed = records[:, :KEY_BYTES].tobytes()
        return [packed[i : i + KEY_BYTES] for i in range(0, len(packed), KEY_BYTES)]

    def vectors(self, records: Bytes) -> Vectors:
        """The vectors of ``records``, ``(n, D)`` float32, copied."""
        return np.ascontiguousarray(records[:, KEY_BYTES:-4]).view("<f4").astype(np.float32, copy=False)

    def append(self, vectors: Mapping[bytes, Vectors]) -> None:
        """Add records at the end, under the lock."""
        lines = []
        for key, vector in vectors.items():
            body = key + np.asarray(vector, "<f4").tobytes()
            lines.append(body + zlib.crc32(body).to_bytes(4, "little"))
        with self.path.open("ab") as file:
            file.write(b"".join(lines))

    def rewrite(self, records: Bytes) -> None:
        """Replace the file by these records, under the lock, in one step."""
        self._write([records.tobytes()])

    def _write(self, parts: list[bytes]) -> None:
        new = self.path.with_suffix(".new")  # under the lock nobody else writes it
        new.touch(0o600)
        with new.open("wb") as file:
            file.writelines([self._header, *parts])
        os.replace(new, self.path)

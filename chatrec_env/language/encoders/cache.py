"""A memory on disk for any encoder: each distinct text is encoded once, ever; what people say is not kept there."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.language.encoders.base import (
    Encoder,
    EncodingError,
    TokenStates,
    Vectors,
    gives_states,
)
from chatrec_env.language.encoders.lanes import Together
from chatrec_env.language.encoders.store import KEY_BYTES, Bytes, VectorStore

_log = logging.getLogger(__name__)
CHUNK = 256  # texts encoded between two writes: an interrupted run keeps what it finished
MOST_RECORDS = 500_000  # 0.8 GB of MiniLM vectors; beyond it nothing more is stored
MOST_IN_MEMORY = 65_536  # vectors kept when there is no usable folder

_aside: ContextVar[dict[Any, Any] | None] = ContextVar("aside", default=None)


@contextmanager
def unkept() -> Iterator[None]:
    """What is encoded and read in here is remembered to its end, by this thread alone, and written nowhere.

    For what people say: a file of vectors and hashes would tell who asks whether a sentence was ever said, and so
    would the time an answer takes. What a file holds already (the system's own sentences) is still looked up.
    """
    token = _aside.set({})
    try:
        yield
    finally:
        _aside.reset(token)


def remembered_aside() -> dict[Any, Any] | None:
    """What is remembered to the end of :func:`unkept`, by keys of the caller's; None outside of it."""
    return _aside.get()


def cache_folder() -> Path:
    """Where vectors are kept: ``$CHATREC_CACHE``, else the user's cache folder for ``chatrec``."""
    told = os.environ.get("CHATREC_CACHE")
    if told:
        return Path(told).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("chatrec"))


class CachedEncoder:
    """Wraps an encoder: same name, width, fingerprint and vectors, but a known text costs a look-up.

    Vectors come from the disk only if the fingerprint, the numeric library and the kind of processor
    are those that made them, so a cached vector has the bits the encoder would compute now. Damaged
    records are left out, named in a warning and encoded again. Without a usable folder the memory
    lasts as long as the process, which one warning says.

    Args:
        folder: Where the file lives; None means :func:`cache_folder`.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self.encoder, self.folder = encoder, folder
        self.name, self.dim, self.fingerprint = encoder.name, encoder.dim, encoder.fingerprint
        self._start()

    def _start(self) -> None:
        self._lock = threading.RLock()
        self._store: VectorStore | None = None  # set on first use
        self._writable = True
        self._file: tuple[int, int] | None = None  # device and inode that the index belongs to
        self._records: Bytes = np.zeros((0, KEY_BYTES), np.uint8)
        self._index: dict[bytes, int] = {}  # key -> record
        self._memory: dict[bytes, Vectors] = {}  # key -> vector; what the file does not take
        at_once = getattr(self.encoder, "at_once", 1)
        self.together = Together(self._states, at_once) if gives_states(self.encoder) else None

    @property
    def path(self) -> Path:
        """The file of this encoder's vectors."""
        return (self.folder or cache_folder()) / f"{self.name.split(':')[0]}-{self._identity()[:16]}.vectors"

    def _identity(self) -> str:
        tag = getattr(self.encoder, "numerics", "")
        return hashlib.sha256(f"{self.fingerprint} {tag}".encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences; see :class:`Encoder`."""
        keys = [_key(text) for text in texts]
        out = np.zeros((len(keys), self.dim), np.float32)
        with self._lock:
            store = self._open()
            known = [i for i, key in enumerate(keys) if key in self._index]
            if known:
                out[known] = store.vectors(self._records[[self._index[keys[i]] for i in known]])
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._index}
            fresh = {key: self._memory[key] for key in missing if key in self._memory}
            todo = [key for key in missing if key not in fresh]
            if remembered_aside() is not None:
                todo = []
            for start in range(0, len(todo), CHUNK):
                part = todo[start : start + CHUNK]
                try:
                    vectors = self._encode([missing[key] for key in part])
                except EncodingError as error:  # what was answered was paid for
                    self._keep(store, {part[place]: vector for place, vector in error.vectors.items()})
                    raise
                new = dict(zip(part, vectors, strict=True))
                fresh.update(new)
                self._keep(store, new)
        fresh |= self._unkept({key: text for key, text in missing.items() if key not in fresh})
        for i, key in enumerate(keys):
            if key in fresh:
                out[i] = fresh[key]
        return out

    def _unkept(self, missing: dict[bytes, str]) -> dict[bytes, Vectors]:
        """Vectors of texts that are not to be kept, by key; nothing holds up other threads meanwhile."""
        aside = remembered_aside()
        if aside is None or not missing:
            return {}
        todo = [key for key in missing if (self, key) not in aside]
        if todo:
            vectors = self._encode([missing[key] for key in todo])
            aside.update({(self, key): vector for key, vector in zip(todo, vectors, strict=True)})
        return {key: aside[self, key] for key in missing}

    def _encode(self, texts: Sequence[str]) -> Vectors | list[Vectors]:
        """Vectors computed now, where the model runs."""
        return [v for v, _ in self.together(texts)] if self.together else self.encoder.encode(texts)

    @property
    def weights(self) -> str:
        """See :class:`.base.StateEncoder`; empty where the encoder within hands out no states."""
        return str(getattr(self.encoder, "weights", ""))

    def encode_with_states(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenStates]]:
        """See :class:`.base.StateEncoder`. States are computed anew each time; the vectors are kept."""
        assert self.together is not None
        told = self.together(texts)
        states = [one for _, one in told]
        vectors = np.array([vector for vector, _ in told], np.float32).reshape(len(told), self.dim)
        self.remember(texts, vectors)
        return vectors, states

    def remember(self, texts: Sequence[str], vectors: Sequence[Vectors] | Vectors) -> None:
        """Keep vectors that this encoder made, also where it did elsewhere."""
        new = dict(zip(map(_key, texts), vectors, strict=True))
        aside = remembered_aside()
        if aside is not None:
            aside.update({(self, key): vector for key, vector in new.items()})
            return
        with self._lock:
            store = self._open()
            fresh = {key: new[key] for key in new if key not in self._index and key not in self._memory}
            if fresh:
                self._keep(store, fresh)

    def _states(self, texts: Sequence[str]) -> list[tuple[Vectors, TokenStates]]:
        assert gives_states(self.encoder)
        return list(zip(*self.encoder.encode_with_states(texts), strict=True))

    def _open(self) -> VectorStore:
        """The file, read on first use."""
        if self._store is None:
            self._store = VectorStore(self.path, identity=self._identity(), dim=self.dim)
            try:
                with self._store.locked():
                    self._repair(self._store)
                    self._read(self._store)
            except OSError as error:
                self._stop_writing(error)
                self._read_as_it_is(self._store)
        return self._store

    def _repair(self, store: VectorStore) -> None:
        if done := store.open():
            _log.warning("Vector cache %s: %s.", store.path, done)

    def _read(self, store: VectorStore) -> None:
        """Take in what the file has beyond what was read, under its lock."""
        status = store.path.stat()
        records = store.records()
        known = len(self._records)
        if self._file != (status.st_dev, status.st_ino) or len(records) < known:
            self._file, self._index, known = (status.st_dev, status.st_ino), {}, 0
            self._records = records[:0]
        good = store.intact(records[known:])
        if not good.all():
            _log.warning(
                "Vector cache %s: %d of %d records are damaged; they were dropped and their texts are "
                "encoded again when needed.",
                store.path, int((~good).sum()), len(records),
            )  # fmt: skip
            store.rewrite(np.concatenate([records[:known], records[known:][good]]))
            self._read(store)  # the new file, from its start
            return
        self._records = records
        for place, key in enumerate(store.keys(records[known:]), known):
            self._index.setdefault(key, place)

    def _read_as_it_is(self, store: VectorStore) -> None:
        """Take in the intact records of a file that cannot be locked or repaired, if there is one."""
        try:
            records = store.records() if store.readable() else self._records
        except OSError:
            return
        good = np.flatnonzero(store.intact(records))
        keys = store.keys(records)
        self._records, self._index = records, {keys[i]: int(i) for i in good}

    def _keep(self, store: VectorStore, new: dict[bytes, Vectors]) -> None:
        """Store new vectors in the file, or in memory if it takes no more."""
        if self._writable and len(self._index) + len(new) > MOST_RECORDS:
            self._writable = False
            _log.warning(
                "Vector cache %s holds %d texts, the most it may; further ones are kept in memory only. "
                "Delete the file to start afresh.",
                store.path, len(self._index),
            )  # fmt: skip
        if self._writable:
            try:
                with store.locked():
                    self._repair(store)
                    store.append(new)
                    self._read(store)
                return
            except OSError as error:
                self._stop_writing(error)
        self._memory.update((key, vector.copy()) for key, vector in new.items())
        while len(self._memory) > MOST_IN_MEMORY:
            del self._memory[next(iter(self._memory))]

    def _stop_writing(self, error: OSError) -> None:
        self._writable = False
        _log.warning(
            "Vector cache %s cannot be written (%s); new vectors are kept in memory, for this process only. "
            "Set CHATREC_CACHE to a folder that can be written to.",
            self.path, error,
        )  # fmt: skip

    def __deepcopy__(self, memo: dict[int, object]) -> CachedEncoder:
        return self  # a pure function with a memory: nothing to copy

    def __getstate__(self) -> dict[str, object]:
        own = ("encoder", "folder", "name", "dim", "fingerprint")
        return {name: self.__dict__[name] for name in own}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._start()


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def remember(encoder: Encoder, texts: Sequence[str], vectors: Sequence[Vectors]) -> None:
    """Keep vectors that an encoder made elsewhere, where it has a memory."""
    if isinstance(encoder, CachedEncoder):
        encoder.remember(texts, vectors)

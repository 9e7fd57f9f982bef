"""Sentence vectors from any OpenAI-compatible server: ``POST {url}/embeddings``."""

from __future__ import annotations

import hashlib
import json
import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.endpoints import Pacer, check_url, open_client, read_key, retrying, without_key
from chatrec_env.errors import ConfigError, MissingExtraError
from chatrec_env.language.encoders.base import EncodingError, Vectors
from chatrec_env.language.encoders.transformers_models import utf8

URL, KEY = "CHATREC_EMBEDDINGS_URL", "CHATREC_EMBEDDINGS_KEY"
"""Environment variables of the base URL and the key. The key is read from nowhere else, and never written."""

_PURPOSE = "An embeddings endpoint"
_REFUSED = {
    400: "Check the model's name, and that the server takes this many texts at once (option batch).",
    401: f"The key in ${KEY} is missing or wrong.",
    403: f"The key in ${KEY} does not allow this.",
    404: "Check the base URL (it usually ends in /v1) and the model's name.",
    405: "Check the base URL (it usually ends in /v1).",
    413: "The texts are too many for one request: lower the option batch.",
    422: "Check the model's name and the option dimensions.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointConfig:
    """Options of ``encoder={"name": "endpoint", ...}``; plain JSON data."""

    model: str = ""  # the model's name on the server
    url: str = ""  # base URL, e.g. `"http://127.0.0.1:8000/v1"`; empty for `$CHATREC_EMBEDDINGS_URL`
    # what stands for the URL in the fingerprint, so that the same model behind another URL counts as the same
    # encoder; empty for the URL itself
    identity: str = ""
    dimensions: int = 0  # width to ask for, where the model can be shortened; 0 for the model's own
    batch: int = 64  # texts a request carries at most
    concurrency: int = 4  # requests under way at the same time
    timeout: float = 60.0  # seconds a request may take
    tries: int = 5  # how often a request is sent before it counts as failed
    wait: float = 20.0  # longest pause between two tries, in seconds; see `chatrec_env.endpoints`
    per_minute: int = 0  # most requests a minute; 0 for no limit

    def __post_init__(self) -> None:
        for name in ("model", "url", "identity"):
            if not isinstance(getattr(self, name), str):
                raise ConfigError(f"encoder.{name} must be a string, got {getattr(self, name)!r}.")
        if not self.model:
            raise ConfigError(
                'The encoder "endpoint" needs the name of a model: encoder="endpoint:MODEL", or '
                'encoder={"name": "endpoint", "model": "MODEL", "url": "http://host/v1"}.'
            )
        for name, least in (
            ("batch", 1),
            ("concurrency", 1),
            ("tries", 1),
            ("dimensions", 0),
            ("per_minute", 0),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(f"encoder.{name} must be an integer >= {least}, got {value!r}.")
        for name in ("timeout", "wait"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ConfigError(f"encoder.{name} must be > 0 seconds, got {value!r}.")


class EndpointEncoder:
    """Asks a server for vectors, in batches side by side, and asks again with growing pauses while it is overloaded.

    Wrapped in a :class:`CachedEncoder` each text is asked for once, ever: what a failing call did get is kept too.
    Servers may compute the last bits of a vector differently from call to call; the first answer is the one that
    counts, so runs repeat bit for bit on the machine (or cache folder) that has the answers. A model that changes
    behind its name is noticed only by its width.

    Args:
        memory: Folder that remembers the model's width between processes.

    Raises:
        ConfigError: There is no URL, or it is none, or it carries a password.
        EncodingError: The width is not known yet and the server does not answer.
        MissingExtraError: httpx or tenacity is not installed.
    """

    def __init__(self, name: str, config: EndpointConfig, memory: Path) -> None:
        self.name, self.config, self.memory = name, config, memory
        self.url = check_url(config.url, variable=URL, option="encoder.url", key_name=KEY, purpose=_PURPOSE)
        read_key(KEY)  # a wrong one is told of here, not at the first request
        who = [config.identity or self.url, config.model, config.dimensions]
        self.fingerprint = hashlib.sha256(json.dumps(["embeddings-1", *who]).encode()).hexdigest()
        self._start()
        self.dim: int = self._width()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None
        self._pacer = Pacer(self.config.per_minute)

    def _width(self) -> int:
        """The model's width: as remembered, else asked for once with a short text."""
        note = self.memory / f"endpoint-{self.fingerprint[:16]}.json"
        try:
            return int(json.loads(note.read_text(encoding="utf-8"))["dim"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        try:
            width = len(self._ask(["width"])[0])
        except Exception as error:
            raise self._failed(error) from error
        try:
            self.memory.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps({"model": self.config.model, "dim": width}), encoding="utf-8")
        except OSError:
            pass  # asked again next time
        return width

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences; see :class:`Encoder`.

        An empty text is sent as a blank, since servers refuse empty ones.

        Raises:
            EncodingError: The server refuses, or does not answer after all tries; carries what it did answer.
        """
        out = np.zeros((len(texts), self.dim), np.float32)
        starts = range(0, len(texts), self.config.batch)
        failures: list[Exception] = []
        done: list[int] = []

        def one(start: int) -> None:
            if failures:
                return  # do not pay for more
            part = texts[start : start + self.config.batch]
            try:
                out[start : start + len(part)] = self._unit(self._ask(part))
                done.extend(range(start, start + len(part)))
            except Exception as error:
                failures.append(error)

        with ThreadPoolExecutor(min(self.config.concurrency, max(len(starts), 1))) as pool:
            list(pool.map(one, starts))
        if failures:
            told = self._failed(failures[0])
            told.vectors = {place: out[place] for place in done}
            raise told from failures[0]
        return out

    def _unit(self, rows: list[list[float]]) -> Vectors:
        vectors = np.array(rows, np.float64)
        if vectors.shape[1] != self.dim:
            raise EncodingError(
                f"{self.url} gives vectors of width {vectors.shape[1]} for the model {self.config.model!r}, which had "
                f"width {self.dim} before: another model is behind its name now. Give it an identity of its own: "
                'encoder={"name": "endpoint", "identity": "...", ...}.'
            )
        unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        """One request, sent until it is answered; the vectors in the order of the texts."""
        body: dict[str, Any] = {
            "model": self.config.model,
            "input": [utf8(text) or " " for text in texts],
            "encoding_format": "float",
        }
        if self.config.dimensions:
            body["dimensions"] = self.config.dimensions
        client = self._open()

        def send() -> list[list[float]]:
            self._pacer.wait()
            reply = client.post("/embeddings", json=body)
            if reply.status_code in _REFUSED:
                raise EncodingError(
                    f"The endpoint {self.url} refused a request with status {reply.status_code}: "
                    f"{' '.join(without_key(reply.text, KEY).split())[:160]} {_REFUSED[reply.status_code]}"
                )
            reply.raise_for_status()
            return read_vectors(reply.json(), len(texts))

        return retrying(send, tries=self.config.tries, longest=self.config.wait)

    def _failed(self, error: Exception) -> EncodingError:
        """The error to raise for one: itself if it says what to do."""
        if isinstance(error, (EncodingError, MissingExtraError)):
            return error  # type: ignore[return-value]
        return EncodingError(
            f"The endpoint {self.url} did not answer, {self.config.tries} tries: {type(error).__name__}: "
            f"{without_key(str(error), KEY)[:160]} Everything answered so far is kept: run again when it is back, to "
            "go on from there."
        )

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = open_client(
                    self.url,
                    key_name=KEY,
                    timeout=self.config.timeout,
                    concurrency=self.config.concurrency,
                    purpose=_PURPOSE,
                )
                weakref.finalize(self, self._client.close)
            return self._client

    def __deepcopy__(self, memo: dict[int, object]) -> EndpointEncoder:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: self.__dict__[name] for name in ("name", "config", "memory", "url", "fingerprint", "dim")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()


def read_vectors(told: Any, n: int) -> list[list[float]]:
    """The vectors of a server's answer, in the order that was asked for.

    Raises:
        ValueError: It is not ``n`` vectors of one width, of finite numbers that are not all zero.
    """
    try:
        places = {int(item["index"]): item["embedding"] for item in told["data"]}
        rows = [places[i] for i in range(n)]
        vectors = np.array(rows, np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"expected {n} embeddings, got {str(told)[:80]!r}") from error
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError(f"expected {n} vectors of finite numbers, got an array of shape {vectors.shape}")
    if not vectors.any(axis=1).all():
        raise ValueError("expected vectors with a direction, got one of zeros")
    return rows

"""Any OpenAI-compatible server: concurrent, patient, and wary of what it claims to support."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chatrec_env.endpoints import Pacer, open_client, retrying
from chatrec_env.errors import ConfigError, MissingExtraError
from simulators.llm.backends.base import Answer, Capabilities, ChatRequest, Failure, Reply, Request
from simulators.llm.errors import BackendError

URL, KEY = "CHATREC_LLM_URL", "CHATREC_LLM_KEY"
"""Environment variables of the base URL and the key. The key is read from nowhere else, and never written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointConfig:
    """How an endpoint is treated.

    Attributes:
        concurrency: Requests under way at the same time.
        timeout: Seconds a request may take.
        tries: How often a request is sent before it counts as failed.
        wait: Longest pause between two tries, in seconds; pauses double from half a second, with jitter, and a server's
            ``Retry-After`` wins if it is shorter than this.
        per_minute: Most requests a minute; 0 for no limit.
        patience: Requests in a row that may fail for good before the endpoint is given up.
    """

    concurrency: int = 4
    timeout: float = 60.0
    tries: int = 5
    wait: float = 20.0
    per_minute: int = 0
    patience: int = 3

    def __post_init__(self) -> None:
        for name in ("concurrency", "tries", "patience"):
            if getattr(self, name) < 1:
                raise ConfigError(f"endpoint.{name} must be at least 1, got {getattr(self, name)}.")
        for name in ("timeout", "wait"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"endpoint.{name} must be > 0 seconds, got {getattr(self, name)}.")
        if self.per_minute < 0:
            raise ConfigError(f"endpoint.per_minute must be >= 0 (0 for no limit), got {self.per_minute}.")


class EndpointBackend:
    """Chats with ``POST {url}/chat/completions``.

    What a server supports is found out, not believed: a JSON schema is sent until a reply does not keep to it or the
    server refuses it; then it is asked for in words alone. Replies are validated by whoever asked in either case. Chat
    endpoints do not score given continuations, so ``capabilities.scores`` is False.

    Args:
        name: What :func:`make_backend` calls it.
        model: The model's name on the server.
        url: Base URL; empty for ``$CHATREC_LLM_URL``.
        config: Concurrency, timeouts, retries, rate.

    Raises:
        ConfigError: There is no URL, or it is none, or it carries a password.
    """

    capabilities = Capabilities(scores=False, json=True, batch=True)

    def __init__(self, name: str, model: str, url: str = "", config: EndpointConfig | None = None) -> None:
        self.name, self.model, self.config = name, model, config or EndpointConfig()
        self.url = check_url(url or os.environ.get(URL, ""))
        self._start()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None
        self._pacer = Pacer(self.config.per_minute)
        self._schemas = True  # until found out otherwise
        self._failed_in_a_row = 0

    @property
    def identity(self) -> str:
        """URL and model; the server may change behind them, the recording does not."""
        told = hashlib.sha256(f"{self.url} {self.model}".encode()).hexdigest()[:32]
        return f"endpoint/{self.model}/{told}"

    @property
    def keeps_schemas(self) -> bool:
        """Whether the server has kept to JSON schemas so far."""
        return self._schemas

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer requests side by side; see :class:`Backend`.

        Raises:
            BackendError: The endpoint refuses for good (a wrong key, an unknown model), or has failed ``patience``
                times in a row; whatever was answered in this call before is in its ``answers``.
        """
        out: list[Answer] = [Failure("not asked")] * len(requests)
        fatal: list[BackendError] = []

        def one(place: int) -> None:
            if fatal:
                return
            request = requests[place]
            if not isinstance(request, ChatRequest):
                out[place] = Failure("an endpoint does not score continuations")
                return
            try:
                out[place] = self._chat(request)
                self._failed_in_a_row = 0
            except BackendError as error:
                fatal.append(error)
            except Exception as error:
                if not is_transport_error(error):
                    raise
                out[place] = Failure(f"{self.url}: {type(error).__name__}: {error}"[:200], error)
                self._failed_in_a_row += 1
                if self._failed_in_a_row >= self.config.patience:
                    fatal.append(self._given_up(error))

        with ThreadPoolExecutor(min(self.config.concurrency, max(len(requests), 1))) as pool:
            list(pool.map(one, range(len(requests))))
        if fatal:
            fatal[0].answers = out
            raise fatal[0]
        return out

    def _given_up(self, error: Exception) -> BackendError:
        return BackendError(
            f"The endpoint {self.url} failed {self.config.patience} requests in a row, {self.config.tries} tries each; "
            f"the last with {type(error).__name__}: {str(error)[:160]}. Everything answered so far is recorded: run "
            "again when it is back, to go on from there."
        )

    def _chat(self, request: ChatRequest) -> Reply:
        begun = time.perf_counter()
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": role, "content": text} for role, text in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
        }
        asked_schema = request.schema is not None and self._schemas
        if asked_schema:
            schema = {"name": "reply", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        told = self._post(body)
        text, usage = read_reply(told)
        if asked_schema and not keeps_to(text, request.schema):
            self._schemas = False  # ignored in silence, as some servers do
        return Reply(
            text=text,
            prompt_tokens=usage[0],
            reply_tokens=usage[1],
            seconds=round(time.perf_counter() - begun, 6),
        )

    def _post(self, body: dict[str, Any]) -> Any:
        """Send a request until it is answered; a refused schema is left out and not sent again."""
        client = self._open()

        def send() -> Any:
            self._pacer.wait()
            reply = client.post("/chat/completions", json=body)
            if reply.status_code == 400 and "response_format" in body:
                self._schemas = False
                body.pop("response_format")
                reply = client.post("/chat/completions", json=body)
            if reply.status_code in (400, 401, 403, 404, 405, 422):
                raise self._refused(reply.status_code, reply.text)
            reply.raise_for_status()
            told = reply.json()
            read_reply(told)
            return told

        return retrying(send, tries=self.config.tries, longest=self.config.wait)

    def _refused(self, status: int, text: str) -> BackendError:
        why = {
            401: f"The key in ${KEY} is missing or wrong.",
            403: f"The key in ${KEY} does not allow this.",
            404: f"Check the base URL (it usually ends in /v1) and the model's name {self.model!r}.",
        }.get(status, "Check the model's name and what it supports.")
        told = " ".join(text.split())[:160]
        return BackendError(f"The endpoint {self.url} refused a request with status {status}: {told} {why}")

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = open_client(
                    self.url,
                    key_name=KEY,
                    timeout=self.config.timeout,
                    concurrency=self.config.concurrency,
                    purpose="An endpoint",
                )
                weakref.finalize(self, self._client.close)
            return self._client

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("name", "model", "url", "config")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def __deepcopy__(self, memo: dict[int, Any]) -> EndpointBackend:
        return self


def check_url(url: str) -> str:
    """The base URL without a slash at its end.

    Raises:
        ConfigError: It is empty, not http(s), or carries a user name or password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        got = repr(url) if url else "none"
        raise ConfigError(
            f"An endpoint needs a base URL like 'http://127.0.0.1:8000/v1', got {got}. Set ${URL}, or users.url."
        )
    if parts.username or parts.password:
        raise ConfigError(f"A base URL must not carry a password: put the key into ${KEY}.")
    return url.rstrip("/")


class NonsenseError(ValueError):
    """A server's answer is not a chat completion."""


def read_reply(told: Any) -> tuple[str, tuple[int, int]]:
    """Text and token counts of a chat completion; counts a server leaves out are 0.

    Raises:
        NonsenseError: It is none.
    """
    try:
        text = told["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise NonsenseError(f"expected a chat completion, got {str(told)[:80]!r}") from error
    if not isinstance(text, str):
        raise NonsenseError(f"expected text in a chat completion, got {text!r}"[:120])
    usage = told.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    read, written = (int(c) if isinstance(c, int) and c >= 0 else 0 for c in counts)
    return text.strip(), (read, written)


def keeps_to(text: str, schema: dict[str, Any] | None) -> bool:
    """Whether a text is JSON of a schema, as a server that supports schemas guarantees."""
    import json

    try:
        import jsonschema
    except ImportError as error:
        raise MissingExtraError("jsonschema", "llm", "An endpoint") from error
    try:
        jsonschema.validate(json.loads(text), schema or {})
    except (ValueError, RecursionError, jsonschema.ValidationError):
        return False
    return True


def is_transport_error(error: Exception) -> bool:
    """Whether an error is the endpoint's: unreachable, slow, overloaded, or talking nonsense."""
    import httpx

    return isinstance(error, (httpx.HTTPError, NonsenseError, ValueError))

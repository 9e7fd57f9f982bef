"""Any OpenAI-compatible server: concurrent, patient, and wary of what it claims to support."""

from __future__ import annotations

import hashlib
import re
import threading
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chatrec_env.endpoints import Pacer, check_url, open_client, read_key, retrying, without_key
from chatrec_env.errors import ConfigError, UnknownNameError
from simulators.llm.backends.base import Answer, Capabilities, ChatRequest, Failure, Reply, Request
from simulators.llm.backends.completions import (
    NonsenseError,
    is_transport_error,
    keeps_to,
    parameter_of,
    read_reply,
)
from simulators.llm.backends.thoughts import UnfinishedThoughtsError
from simulators.llm.errors import BackendError

URL, KEY = "CHATREC_LLM_URL", "CHATREC_LLM_KEY"
"""Environment variables of the base URL and the key. The key is read from nowhere else, and never written."""

PARAMETERS = ("max_tokens", "temperature", "top_p", "seed")
"""What a request carries beside the model and the messages, unless it is left out."""

_OTHER_NAMES = {"max_tokens": "max_completion_tokens"}
"""What a parameter is called by servers that refuse it under its own name."""

_THOUGHTS = (1024, 4096, 16_384)
"""Tokens beyond those of the answer that a model which thinks aloud is given, one step after the other."""


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
        leave_out: Names of :data:`PARAMETERS` that are never sent. Others that the server refuses are left out from its
            first refusal on.
        reply_tokens: Most tokens of an answer; 0 for as many as its request asks for.
    """

    concurrency: int = 4
    timeout: float = 60.0
    tries: int = 5
    wait: float = 20.0
    per_minute: int = 0
    patience: int = 3
    leave_out: tuple[str, ...] = ()
    reply_tokens: int = 0

    def __post_init__(self) -> None:
        for name in self.leave_out:
            if name not in PARAMETERS:
                raise UnknownNameError("parameter of an endpoint", name, PARAMETERS)
        for name in ("concurrency", "tries", "patience"):
            if getattr(self, name) < 1:
                raise ConfigError(f"endpoint.{name} must be at least 1, got {getattr(self, name)}.")
        for name in ("timeout", "wait"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"endpoint.{name} must be > 0 seconds, got {getattr(self, name)}.")
        for name in ("per_minute", "reply_tokens"):
            if getattr(self, name) < 0:
                raise ConfigError(
                    f"endpoint.{name} must be >= 0 (0 for no limit), got {getattr(self, name)}."
                )


class EndpointBackend:
    """Chats with ``POST {url}/chat/completions``.

    What a server supports is found out, not believed: a JSON schema is sent until a reply does not keep to it or the
    server refuses it; then it is asked for in words alone. Parameters that it refuses are left out, or sent under their
    newer name. A model that thinks aloud is given room for its thoughts, which are no part of the reply. Replies are
    validated by whoever asked in any case. Chat endpoints do not score given continuations, so ``capabilities.scores``
    is False.

    Args:
        name: What :func:`make_backend` calls it.
        model: The model's name on the server.
        url: Base URL; empty for ``$CHATREC_LLM_URL``.
        config: Concurrency, timeouts, retries, rate.

    Raises:
        ConfigError: There is no URL, or it is none, or it carries a password; or the key is none.
    """

    capabilities = Capabilities(scores=False, json=True, batch=True)

    def __init__(self, name: str, model: str, url: str = "", config: EndpointConfig | None = None) -> None:
        self.name, self.model, self.config = name, model, config or EndpointConfig()
        self.url = check_url(url, variable=URL, option="users.url", key_name=KEY, purpose="An endpoint")
        read_key(KEY)  # a wrong one is told of here, not at the first request
        self._start()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None
        self._pacer = Pacer(self.config.per_minute)
        self._schemas = True  # until found out otherwise, as the next two
        self._names = {name: name for name in PARAMETERS if name not in self.config.leave_out}
        self._thoughts = 0
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
                reason = f"{self.url}: {type(error).__name__}: {without_key(str(error), KEY)}"
                out[place] = Failure(reason[:200], error)
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
        then = "run again when it is back, to go on from there."
        if isinstance(error, NonsenseError):  # it is there, and will say the same again
            then = (
                f"run again with a model that answers in text ({self.model!r} does not), to go on from there."
            )
        return BackendError(
            f"The endpoint {self.url} failed {self.config.patience} requests in a row, {self.config.tries} tries each; "
            f"the last with {type(error).__name__}: {without_key(str(error), KEY)[:160]}. Everything answered so far "
            f"is recorded: {then}"
        )

    def _chat(self, request: ChatRequest) -> Reply:
        """One answer; a model that is still thinking when its tokens run out is asked again with more of them."""
        begun, spent = time.perf_counter(), [0, 0]
        while True:
            room, asked_schema = self._thoughts, request.schema is not None and self._schemas
            try:
                text, usage = self._post(request)
                break
            except UnfinishedThoughtsError as error:
                spent = [a + b for a, b in zip(spent, error.tokens, strict=True)]
                self._give_room(beyond=room)
        if asked_schema and not keeps_to(text, request.schema):
            self._schemas = False  # ignored in silence, as some servers do
        return Reply(
            text=text,
            prompt_tokens=usage[0] + spent[0],
            reply_tokens=usage[1] + spent[1],
            seconds=round(time.perf_counter() - begun, 6),
        )

    def _give_room(self, beyond: int) -> None:
        """From now on, more tokens for thoughts than ``beyond``, which were too few.

        Raises:
            BackendError: There are no more.
        """
        more = [step for step in _THOUGHTS if step > beyond]
        if not more or "max_tokens" not in self._names:
            raise BackendError(
                f"The model {self.model!r} at {self.url} thinks aloud, and {beyond} tokens of thoughts brought no "
                "answer. Turn its thinking off on the server, or name a model that answers at once."
            )
        with self._lock:
            self._thoughts = max(self._thoughts, more[0])

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        """A request as the server takes it, as far as is known."""
        given = {name: getattr(request, name) for name in PARAMETERS}
        given["max_tokens"] = (self.config.reply_tokens or request.max_tokens) + self._thoughts
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": role, "content": text} for role, text in request.messages],
            **{sent: given[name] for name, sent in self._names.items()},
        }
        if request.schema is not None and self._schemas:
            schema = {"name": "reply", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _post(self, request: ChatRequest) -> tuple[str, tuple[int, int]]:
        """Send a request until it is answered; what is refused of it is not sent again."""
        client = self._open()

        def send() -> tuple[str, tuple[int, int]]:
            self._pacer.wait()
            while True:
                body = self._body(request)
                reply = client.post("/chat/completions", json=body)
                if reply.status_code not in (400, 422) or not self._adapt(body, reply.text):
                    break
            if reply.status_code in (400, 401, 403, 404, 405, 422):
                raise self._refused(reply.status_code, reply.text)
            reply.raise_for_status()
            return read_reply(reply.json(), KEY)

        return retrying(send, tries=self.config.tries, longest=self.config.wait)

    def _adapt(self, body: dict[str, Any], told: str) -> bool:
        """Take note of what a server refused in a request; whether there is anything that can be left out.

        Of what its answer names, one parameter; where it names none, the schema.
        """
        with self._lock:
            sent = {theirs: name for name, theirs in self._names.items() if theirs in body}
            about = parameter_of(told) or told
            named = [theirs for theirs in sent if re.search(rf"(?<!\w){theirs}(?!\w)", about)]
            if named:
                name = sent[named[0]]
                if self._names[name] == name and name in _OTHER_NAMES:
                    self._names[name] = _OTHER_NAMES[name]
                else:
                    del self._names[name]
                return True
            if "response_format" in body:
                self._schemas = False
                return True
            return not {*body} <= {
                "model",
                "messages",
                *self._names.values(),
            }  # noticed by another thread meanwhile

    def _refused(self, status: int, text: str) -> BackendError:
        why = {
            401: f"The key in ${KEY} is missing or wrong.",
            403: f"The key in ${KEY} does not allow this.",
            404: f"Check the base URL (it usually ends in /v1) and the model's name {self.model!r}.",
        }.get(
            status,
            "Check the model's name and what it supports; users.leave_out names what is not to be sent.",
        )
        told = " ".join(without_key(text, KEY).split())[:160]
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

"""What a backend is: something that continues a chat, and may score given continuations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]
Message = tuple[Role, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What a backend can do; users adapt to it.

    Attributes:
        scores: It tells the log-probability of a given continuation.
        json: It keeps to a JSON schema by itself. Without it, replies are still validated.
        batch: It answers several requests in one call faster than one by one.
    """

    scores: bool
    json: bool
    batch: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    """A chat to continue.

    Attributes:
        messages: Role and text, in order; the last one is the user's.
        seed: Seed of the sampling. Part of the request's identity: another seed is another draw.
        max_tokens: Most tokens of the reply.
        temperature: 0 for the likeliest token each time.
        top_p: Share of probability that tokens are drawn from.
        schema: JSON schema the reply should keep to; None for free text.
    """

    messages: tuple[Message, ...]
    seed: int = 0
    max_tokens: int = 48
    temperature: float = 0.7
    top_p: float = 0.9
    schema: dict[str, Any] | None = None

    def content(self) -> dict[str, Any]:
        """The request as plain JSON data."""
        return {"kind": "chat", **asdict(self)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRequest:
    """A text and a continuation whose log-probability is asked for.

    Attributes:
        prompt: The text so far, without a chat template.
        continuation: What might follow; starts with a blank.
    """

    prompt: str
    continuation: str

    def content(self) -> dict[str, Any]:
        """The request as plain JSON data."""
        return {"kind": "score", **asdict(self)}


Request = ChatRequest | ScoreRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a backend answered.

    Attributes:
        text: The reply to a chat; empty for a score.
        score: Log-probability of the continuation in nats; 0.0 for a chat.
        prompt_tokens: Tokens read.
        reply_tokens: Tokens written.
        seconds: Time it took; in a batch, the batch's time divided by its size.
    """

    text: str = ""
    score: float = 0.0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    seconds: float = 0.0

    def content(self) -> dict[str, Any]:
        """The reply as plain JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that a backend could not answer, while others of the same call may have been.

    Attributes:
        reason: One line.
        error: What it stems from.
    """

    reason: str
    error: Exception | None = field(default=None, compare=False)


Answer = Reply | Failure


class Backend(Protocol):
    """Answers requests. Implementations are picklable and load what they need on first use."""

    @property
    def name(self) -> str:
        """What :func:`make_backend` builds this backend from."""

    @property
    def identity(self) -> str:
        """Names what decides the replies besides the request: weights, precision, server and model. Part of a key."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer requests.

        Args:
            requests: n requests, of one kind.

        Returns:
            n replies in order, a :class:`Failure` where one could not be had.
        """

    def close(self) -> None:
        """Free what is held; the next request loads it again."""


def request_key(identity: str, request: Request) -> str:
    """The name of a request in a recording: a digest of the backend's identity and all that is asked, 32 hex digits."""
    told = json.dumps([identity, request.content()], sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

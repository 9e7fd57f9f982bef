"""How OpenAI-compatible endpoints are asked: the HTTP client, and when to ask again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from chatrec_env.errors import ChatRecError, ConfigError, MissingExtraError

if TYPE_CHECKING:
    import httpx


def read_key(name: str) -> str:
    """The key in an environment variable, without blanks and line ends around it; empty where there is none.

    Raises:
        ConfigError: It holds what no key holds. The error names the variable, and never prints the key.
    """
    key = os.environ.get(name, "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError(
            f"${name} must hold one key of plain characters; it holds blanks, line ends or others that no key has. "
            "Set it again."
        )
    return key


def without_key(text: str, name: str) -> str:
    """A text, with stars where it repeats the key of an environment variable: servers quote what they refuse."""
    key = os.environ.get(name, "").strip()
    return text.replace(key, "***") if key else text


def check_url(url: str, *, variable: str, option: str, key_name: str, purpose: str) -> str:
    """The base URL without blanks and line ends around it, and without a slash at its end.

    Args:
        url: The option, or, where that is empty, the environment variable ``variable`` is read.
        variable: Environment variable it may stand in.
        option: Keyword it may stand in.
        key_name: Environment variable for the key.
        purpose: What needs it, for the error.

    Raises:
        ConfigError: There is none, or it is not http(s), holds blanks or a query, or carries a user name or password.
    """
    text = (url or os.environ.get(variable, "")).strip()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 0) >= 0
    except ValueError:  # brackets or a port that are none
        parts, sound = urlsplit(""), None
    if "@" in text:
        raise ConfigError(f"A base URL must not carry a password: put the key into ${key_name}.")
    if parts.query or parts.fragment:
        raise ConfigError(
            f"A base URL ends before '?' and '#': set ${variable} or {option} without what follows, and put a key into "
            f"${key_name}."
        )
    if not sound or not text.isprintable() or " " in text:
        raise ConfigError(
            f"{purpose} needs a base URL like 'http://127.0.0.1:8000/v1', got {repr(text) if text else 'none'}. "
            f"Set ${variable}, or {option}."
        )
    return text.rstrip("/")


def open_client(url: str, *, key_name: str, timeout: float, concurrency: int, purpose: str) -> httpx.Client:
    """A client for ``url``; the key, if there is one, comes from the environment and nowhere else.

    Args:
        url: Base URL.
        key_name: Environment variable that holds the key.
        timeout: Seconds an answer may take.
        concurrency: Connections at once.
        purpose: What needs it, for the error.

    Raises:
        ConfigError: As :func:`read_key`.
        MissingExtraError: httpx is not installed.
    """
    try:
        import httpx
    except ImportError as error:
        raise MissingExtraError("httpx", "llm", purpose) from error
    key = read_key(key_name)
    return httpx.Client(
        base_url=url,
        timeout=timeout,
        headers={"Authorization": f"Bearer {key}"} if key else {},
        limits=httpx.Limits(max_connections=concurrency),
    )


T = TypeVar("T")
_FIRST = 0.5
AGAIN = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
"""Statuses that may be better next time."""


class Pacer:
    """Spaces requests evenly, at most ``per_minute`` of them a minute; 0 for no limit. Shared by threads."""

    def __init__(self, per_minute: int) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next)
            self._next = mine + self._gap
        time.sleep(max(0.0, mine - now))


def retrying(send: Callable[[], T], *, tries: int, longest: float) -> T:
    """Call ``send`` until it succeeds, with pauses that double from half a second, plus jitter (``tenacity``).

    Args:
        send: Raises what ``httpx`` raises, or ``ValueError`` for an answer that makes no sense.
        tries: Calls at most.
        longest: Longest pause in seconds. A ``Retry-After`` of the server is kept to as far as it is shorter.

    Raises:
        Exception: The last error, unchanged.
    """
    try:
        import httpx
        import tenacity
    except ImportError as error:
        raise MissingExtraError(error.name or "tenacity", "llm", "An endpoint") from error
    backoff = tenacity.wait_exponential(multiplier=_FIRST, max=longest) + tenacity.wait_random(0, _FIRST)

    def pause(state: Any) -> float:
        error = state.outcome.exception()
        told = (
            error.response.headers.get("retry-after", "") if isinstance(error, httpx.HTTPStatusError) else ""
        )
        try:
            return min(max(float(told), 0.0), longest)
        except ValueError:
            return min(float(backoff(state)), longest)

    def worth_it(error: BaseException) -> bool:
        if isinstance(error, httpx.HTTPStatusError):
            return error.response.status_code in AGAIN
        return isinstance(error, (httpx.TransportError, ValueError)) and not isinstance(error, ChatRecError)

    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(tries),
        wait=pause,
        retry=tenacity.retry_if_exception(worth_it),
        reraise=True,
    )(send)

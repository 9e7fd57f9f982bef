"""The HTTP client of everything that asks an OpenAI-compatible endpoint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chatrec_env.errors import MissingExtraError

if TYPE_CHECKING:
    import httpx


def open_client(url: str, *, key_name: str, timeout: float, concurrency: int, purpose: str) -> httpx.Client:
    """A client for ``url``; the key, if there is one, comes from the environment and nowhere else.

    Args:
        url: Base URL.
        key_name: Environment variable that holds the key.
        timeout: Seconds an answer may take.
        concurrency: Connections at once.
        purpose: What needs it, for the error.

    Raises:
        MissingExtraError: httpx is not installed.
    """
    try:
        import httpx
    except ImportError as error:
        raise MissingExtraError("httpx", "llm", purpose) from error
    key = os.environ.get(key_name, "")
    return httpx.Client(
        base_url=url,
        timeout=timeout,
        headers={"Authorization": f"Bearer {key}"} if key else {},
        limits=httpx.Limits(max_connections=concurrency),
    )

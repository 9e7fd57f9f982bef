"""What a chat server's answers say: text, token counts, what it refuses."""

from __future__ import annotations

import json
from typing import Any

from chatrec_env.endpoints import without_key
from chatrec_env.errors import ChatRecError, MissingExtraError
from simulators.llm.backends.thoughts import UnfinishedThoughtsError, without_thoughts


def parameter_of(told: str) -> str:
    """The parameter that a refusal is about, where the server tells it in a field of its own; else empty."""
    try:
        param = json.loads(told)["error"]["param"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return param if isinstance(param, str) else ""


class NonsenseError(ValueError):
    """A server's answer is not a chat completion."""


def read_reply(told: Any, key_name: str) -> tuple[str, tuple[int, int]]:
    """Text and token counts of a chat completion; counts a server leaves out are 0. Thoughts are no part of the text.

    Args:
        told: The server's answer, as JSON data.
        key_name: Environment variable of the key, which errors do not repeat.

    Raises:
        NonsenseError: It is none.
        UnfinishedThoughtsError: The tokens ran out before the answer began.
    """
    try:
        choice = told["choices"][0]
        text = choice["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise NonsenseError(
            f"expected a chat completion, got {without_key(str(told), key_name)[:80]!r}"
        ) from error
    usage = told.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    read, written = (int(c) if isinstance(c, int) and c >= 0 else 0 for c in counts)
    if isinstance(text, list):  # parts, thoughts among them
        parts = [part for part in text if isinstance(part, dict) and part.get("type") == "text"]
        text = "".join(str(part.get("text", "")) for part in parts)
    answer = without_thoughts(text or "") if isinstance(text, str | None) else None
    if not answer and choice.get("finish_reason") == "length":
        raise UnfinishedThoughtsError((read, written))
    if not isinstance(text, str):
        reason = choice.get("finish_reason")
        raise NonsenseError(f"expected text in a chat completion, got {text!r}, finished by {reason!r}"[:120])
    return answer or "", (read, written)


def keeps_to(text: str, schema: dict[str, Any] | None) -> bool:
    """Whether a text is JSON of a schema, as a server that supports schemas guarantees."""
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

    return isinstance(error, (httpx.HTTPError, ValueError)) and not isinstance(error, ChatRecError)

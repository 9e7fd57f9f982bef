"""Middleware that checks host, origin, token and size of requests, and sets headers for browsers."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 32_768
"""Bytes of a request's body."""

OPEN_PATHS = ("/", "/healthz")
STATIC = "/static/"

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The page runs its own script, and nothing from anywhere else."""

HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
)


class Guard:
    """ASGI middleware: host names, origins, the token, the size of bodies, and headers for browsers.

    Args:
        app: What is guarded.
        hosts: Names the service answers to, without ports; ``None`` for any (then a token is needed).
        token: If given, every request but the page's own files and ``/healthz`` must carry it as
            ``Authorization: Bearer ...``.
        refused: Called with the status of what is refused here.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str] | None,
        token: str | None,
        refused: Callable[[int], None],
    ) -> None:
        self.app, self.hosts, self.refused = app, hosts, refused
        self.token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in HEADERS if h[0] not in own)]
            await send(message)

        problem = self._problem(scope["path"], headers)
        if problem is None:
            body = await read_body(receive)
            if body is not None:
                await self.app(scope, replayed(body, receive), with_headers)
                return
            problem = TOO_LARGE
        await self._refuse(with_headers, *problem)

    def _problem(self, path: str, headers: dict[bytes, bytes]) -> tuple[int, str, str] | None:
        """Status, code and message of what is wrong with a request, None if nothing is."""
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if self.hosts is not None and host_name(host) not in self.hosts:
            return 400, "wrong_host", "This service does not answer to that host name."
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if origin and origin.partition("://")[2] != host:
            return 403, "wrong_origin", "Another site's page may not use this service."
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return TOO_LARGE
        if self.token is not None and path not in OPEN_PATHS and not path.startswith(STATIC):
            given = headers.get(b"authorization", b"")
            if not hmac.compare_digest(given, b"Bearer " + self.token):
                return 401, "no_token", "Send the service's token as 'Authorization: Bearer ...'."
        return None

    async def _refuse(self, send: Send, status: int, code: str, message: str) -> None:
        self.refused(status)
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def read_body(receive: Receive) -> list[Message] | None:
    """The messages of a request's body, None if it is larger than ``MAX_BODY``."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages


def replayed(messages: list[Message], receive: Receive) -> Receive:
    """A ``receive`` that gives these messages first."""
    waiting = iter(messages)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again


TOO_LARGE = (413, "too_large", f"A request may have at most {MAX_BODY} bytes.")


def host_name(host: str) -> str:
    """A ``Host`` header without its port: ``"[::1]:8000"`` is ``"[::1]"``."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]

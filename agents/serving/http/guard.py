"""Middleware that checks host, origin, token, size and pace of requests, and sets headers for browsers."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 32_768
"""Bytes of a request's body."""

BODY_SECONDS = 8.0
"""How long a body may take to arrive."""

GUESSES, GUESS_SECONDS = 10, 60.0
"""Wrong tokens that an address may send in so many seconds; what it sends then is refused, the right one too."""

MOST_ADDRESSES = 4096
"""Addresses whose guesses are remembered."""

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
        hosts: Names the service answers to, without ports; ``None`` for any (then a token is needed). Pages may come
            from those that are not this machine's, whatever the request calls the service.
        pages: Further names that pages may come from.
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
        pages: frozenset[str] = frozenset(),
        refused: Callable[[int], None],
    ) -> None:
        self.app, self.hosts, self.refused = app, hosts, refused
        self.pages = pages | ((hosts or frozenset()) - LOCAL)
        self.token = None if token is None else token.encode()
        self._guesses: OrderedDict[str, deque[float]] = OrderedDict()  # address -> when it sent a wrong token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])

        headless = scope["method"] == "HEAD"
        if headless:
            scope = {**scope, "method": "GET"}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in HEADERS if h[0] not in own)]
            elif headless:
                message = {**message, "body": b""}
            await send(message)

        problem = self._problem(scope, headers)
        if problem is None:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await read_body(receive)
            except TimeoutError:
                problem = TOO_LATE
            else:
                if body is not None:
                    await self.app(scope, replayed(body, receive), with_headers)
                    return
                problem = TOO_LARGE
        await self._refuse(with_headers, *problem)

    def _problem(self, scope: Scope, headers: dict[bytes, bytes]) -> tuple[int, str, str] | None:
        """Status, code and message of what is wrong with a request, None if nothing is."""
        path = scope["path"]
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if self.hosts is not None and host_name(host) not in self.hosts:
            told = _shown(host)
            return (
                400,
                "wrong_host",
                f"This service does not answer to the host name '{told}'. {_behind(told)}",
            )
        origin = headers.get(b"origin", b"").decode("latin-1").lower().partition("://")[2]
        if b"origin" in headers and origin != host and host_name(origin) not in self.pages:
            return 403, "wrong_origin", _of_another_site(_shown(origin))
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return TOO_LARGE
        if self.token is not None and path not in OPEN_PATHS and not path.startswith(STATIC):
            return self._token_problem((scope.get("client") or ("",))[0], headers.get(b"authorization", b""))
        return None

    def _token_problem(self, address: str, given: bytes) -> tuple[int, str, str] | None:
        """What is wrong with the token of a request, if anything is."""
        assert self.token is not None
        now = time.monotonic()
        guesses = self._guesses.get(address, deque())
        while guesses and now - guesses[0] > GUESS_SECONDS:
            guesses.popleft()
        if len(guesses) >= GUESSES:
            return TOO_MANY
        if hmac.compare_digest(given, b"Bearer " + self.token):
            return None
        if given:
            guesses.append(now)
            self._guesses[address] = guesses
            self._guesses.move_to_end(address)
            while len(self._guesses) > MOST_ADDRESSES:
                self._guesses.popitem(last=False)
        return 401, "no_token", "Send the service's token as 'Authorization: Bearer ...'."

    async def _refuse(self, send: Send, status: int, code: str, message: str) -> None:
        self.refused(status)
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if status == 429:
            headers.append((b"retry-after", b"%d" % GUESS_SECONDS))
        if status in (408, 413):
            headers.append((b"connection", b"close"))  # the rest of the body is not waited for
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


LOCAL = frozenset(("127.0.0.1", "localhost", "[::1]"))
"""Names of this machine. Pages of its other services are not this one's."""


def _shown(host: str) -> str:
    """The name in a ``Host`` or ``Origin``, with nothing but what names are made of."""
    return "".join(c for c in host_name(host) if c.isalnum() or c in ".-[]:")[:80]


def _behind(name: str) -> str:
    return (
        f"If it stands behind a proxy of that name, start it with: chatrec serve ... --hosts {name or 'NAME'}"
    )


def _of_another_site(name: str) -> str:
    """What the page of another site is told; it may be the service's own, through a proxy that changes ``Host``."""
    told = f"A page of another site, '{name}', may not use this service. "
    if not name or name in LOCAL:
        return (
            told + "If it is the service's own page, behind a proxy, have the proxy hand on the header Host."
        )
    return told + _behind(name)


TOO_LATE = (408, "too_late", f"The body of the request did not arrive within {BODY_SECONDS:g} seconds.")
TOO_MANY = (
    429,
    "too_many_guesses",
    f"{GUESSES} wrong tokens came from this address. Wait {GUESS_SECONDS:g} seconds.",
)
TOO_LARGE = (413, "too_large", f"A request may have at most {MAX_BODY} bytes.")


def host_name(host: str) -> str:
    """A ``Host`` header without its port: ``"[::1]:8000"`` is ``"[::1]"``."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]

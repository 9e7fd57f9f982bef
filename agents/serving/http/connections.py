"""Connections to the service: how many there may be, and how long one may keep the service waiting.

The web server waits for ever for the rest of a request, and for a connection's first one. Here both have a deadline,
and where there are too many connections the one that has been silent longest makes room for a new one.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from agents.serving.http.signals import stopped_by

REQUEST_SECONDS = 10.0
"""How long a request may take to arrive, from the opening of its connection or from the answer before."""

ANSWER_SECONDS = 60.0
"""How long it may take until its answer was read, from the same moment."""

IDLE_SECONDS = 5
"""How long a connection is kept open after an answer while nothing comes."""

DRAIN_SECONDS = 10
"""How long a service that is told to stop goes on with the requests it has taken in."""

BACKLOG = 2048
"""Connections that may wait to be accepted."""

ACCEPTED_AT_ONCE = 64
"""Connections accepted before any of them is looked at: each needs a file, and there are not many."""

SPARE_FILES = 256
"""Open files left to the store and the model."""

MOST_CONNECTIONS = 2_000

_TOLD = b'{"error": {"code": "busy", "message": "There are too many connections. Send it again later."}}'
BUSY = b"\r\n".join(
    (
        b"HTTP/1.1 503 Service Unavailable",
        b"Connection: close",
        b"Retry-After: 1",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(_TOLD),
        b"",
        _TOLD,
    )
)
"""What a connection is told that is not taken in."""


def most_connections() -> int:
    """Connections that may be open, by the files this process may open; raises that limit as far as it may."""
    try:
        import resource
    except ImportError:  # no such limit on this system
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    files = wanted if soft == resource.RLIM_INFINITY else soft
    return max(files // 4, min(MOST_CONNECTIONS, files - SPARE_FILES))


class Connection(H11Protocol):
    """One connection."""

    most = MOST_CONNECTIONS
    since = 0.0  # when it began to wait for a request

    @property
    def silent(self) -> bool:
        """Whether it waits for a request, or for the rest of one."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def connection_made(self, transport: Any) -> None:
        """Take in a connection; where there are too many, the one that has been silent longest goes."""
        super().connection_made(transport)
        self.since = time.monotonic()
        if len(self.connections) <= self.most:
            return
        others = [c for c in self.connections if c is not self and isinstance(c, Connection) and c.silent]
        if others:
            min(others, key=lambda c: c.since).drop()
        else:
            transport.write(BUSY)
            transport.close()
            self.connections.discard(self)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.since = time.monotonic()
        super().on_response_complete()

    def drop(self) -> None:
        """Close it at once."""
        self.connections.discard(self)
        self.transport.abort()


class Server(uvicorn.Server):
    """The web server, with deadlines."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        for place in sockets or ():
            place.listen(
                BACKLOG
            )  # the web server takes one number for both: how many wait, how many are accepted

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; once a second, close connections that kept the service waiting too long."""
        if counter % 10 == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                assert isinstance(connection, Connection)
                if now - connection.since > (REQUEST_SECONDS if connection.silent else ANSWER_SECONDS):
                    connection.drop()
        return await super().on_tick(counter)


def run(app: Any, sockets: Sequence[socket.socket]) -> None:
    """Serve until interrupted, then finish what was taken in."""
    Connection.most = most_connections()
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    server = Server(config)

    def stop() -> None:
        server.should_exit = True

    with stopped_by(
        stop
    ):  # until the web server listens to signals itself, and for those that it hands on at its end
        server.run(list(sockets))

"""Runs the service."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from chatrec_env.errors import ConfigError, MissingExtraError

TOKEN = "CHATREC_TOKEN"
"""Environment variable with the token that requests must carry."""

MIN_TOKEN = 16
BACKLOG = 2048
"""Connections that may wait to be accepted."""

OFF = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""What the system says of an address of a family that is switched off."""

NEEDED = ("fastapi", "uvicorn", "sqlalchemy")


def serve(
    folder: Path | str,
    host: str = "127.0.0.1",
    port: int = 8000,
    db: Path | str = "sessions.sqlite",
    *,
    allow_remote: bool = False,
) -> None:
    """Serve an exported policy until interrupted.

    Args:
        folder: What ``export_policy`` wrote.
        host: Address to listen on.
        port: Port to listen on.
        db: SQLite file that keeps all sessions; created if need be.
        allow_remote: Whether ``host`` may be one that other machines reach; a token is needed then, in the
            environment variable ``CHATREC_TOKEN``. If that is set, requests from this machine need it too.

    Raises:
        MissingExtraError: If the packages of the extra ``serve`` are not installed.
        ConfigError: If the host is not this machine and that was not allowed, or there is no token for it; if the
            port is taken.
        ArtifactError: If the export or the store is missing or damaged.
    """
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "serve", "Serving a policy")
    token = checked_access(host, port, os.environ.get(TOKEN), allow_remote=allow_remote)

    import uvicorn

    from agents.export import load_export
    from agents.registry import label
    from agents.serving.http.api import LOCAL_HOSTS, create_app
    from agents.serving.sessions import Sessions
    from agents.serving.store import Store

    with listening(host, port) as places:
        export = load_export(folder)
        store = Store(db)
        try:
            sessions = Sessions(export, store)
            sessions.warm_up()
            app = create_app(sessions, hosts=LOCAL_HOSTS if is_local(host) else None, token=token)
            address = f"[{host}]" if ":" in host else host
            called = label(export.name)
            print(f"Serving {called} ({export.kind}) on http://{address}:{port} (Ctrl-C stops)", flush=True)
            print(f"Sessions are kept in {Path(db)}", flush=True)
            config = uvicorn.Config(
                app, log_level="warning", access_log=False, server_header=False, proxy_headers=False
            )
            with contextlib.suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=places)
        finally:
            store.close()


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets that listen, taken before anything is loaded: no two services share a port.

    Raises:
        ConfigError: The port is taken, or the host is none of this machine's.
    """
    with contextlib.ExitStack() as opened:
        places: list[socket.socket] = []
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            for family, kind, protocol, _, address in dict.fromkeys(found):
                try:
                    place = opened.enter_context(socket.socket(family, kind, protocol))
                    if os.name == "posix":  # elsewhere it would let two services share the port
                        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if family == socket.AF_INET6:  # IPv4 has a socket of its own
                        place.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    place.bind(address)
                    place.listen(BACKLOG)
                except OSError as error:
                    if error.errno in OFF and len(found) > 1:
                        continue  # "localhost" has an address in both families, also where one of them is off
                    raise
                places.append(place)
            if not places:
                raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        except OSError as error:
            raise ConfigError(
                f"Expected a free port and an address of this machine, got {host!r}, port {port}: {error.strerror}. "
                "Stop what uses it, or name another: --port, --host."
            ) from None
        yield places


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_access(host: str, port: int, token: str | None, *, allow_remote: bool) -> str | None:
    """The token that requests must carry, None for nothing.

    Raises:
        ConfigError: See ``serve``.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65_536:
        raise ConfigError(f"port must be an integer in [1, 65535], got {port!r}.")
    if token is not None and (len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable()):
        raise ConfigError(
            f"{TOKEN} must be at least {MIN_TOKEN} printable ASCII characters, got {len(token)} characters."
        )
    if is_local(host):
        return token
    if not allow_remote:
        raise ConfigError(
            f"Host {host!r} can be reached from other machines. Serve on 127.0.0.1, or allow it explicitly "
            f"with --allow-remote (allow_remote=True) and a token in the environment variable {TOKEN}."
        )
    if token is None:
        raise ConfigError(
            f"Serving on {host!r} needs a token: set the environment variable {TOKEN} to at least "
            f"{MIN_TOKEN} random characters."
        )
    return token

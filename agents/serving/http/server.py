"""Runs the service."""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib.util
import ipaddress
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agents.serving.http.signals import interrupt, put_off, stopped_by
from chatrec_env.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from agents.serving.store import Store

_log = logging.getLogger(__name__)

TOKEN = "CHATREC_TOKEN"
"""Environment variable with the token that requests must carry."""

MIN_TOKEN = 16

OFF = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""What the system says of an address of a family that is switched off."""

Step = Callable[[str], contextlib.AbstractContextManager[object]]
"""Shows a piece of work while the block runs."""

NEEDED = ("fastapi", "uvicorn", "sqlalchemy")


def serve(
    folder: Path | str,
    host: str = "127.0.0.1",
    port: int = 8000,
    db: Path | str = "sessions.sqlite",
    *,
    allow_remote: bool = False,
    hosts: Sequence[str] = (),
    forget_days: float | None = None,
    explore: float | None = None,
    temperature: float | None = None,
    step: Step | None = None,
) -> None:
    """Serve an exported policy until interrupted; what was taken in by then is still answered.

    Args:
        folder: What ``export_policy`` wrote.
        host: Address to listen on.
        port: Port to listen on.
        db: SQLite file that keeps all sessions; created if need be.
        allow_remote: Whether ``host`` may be one that other machines reach; a token is needed then, in the
            environment variable ``CHATREC_TOKEN``. If that is set, requests from this machine need it too.
        hosts: Further names that it answers to and its page may come from, such as that of a proxy in front of it.
        forget_days: Sessions in which nothing was said for so many days are deleted, now and every hour.
        explore: Of its ``Softness``: the probability with which any legal action is taken instead of the policy's own;
            None: as it was exported.
        temperature: Likewise: that of its draws.
        step: Shows what is done until it serves; default: a line each on standard error.

    Raises:
        MissingExtraError: If the packages of the extra ``serve`` are not installed.
        ConfigError: If the host is not this machine and that was not allowed, or there is no token for it; if the
            port is taken.
        ArtifactError: If the export or the store is missing or damaged.
    """
    token = check_ready(host, port, allow_remote=allow_remote, forget_days=forget_days)

    step = step or told
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as opened:
        places = opened.enter_context(listening(host, port))
        opened.enter_context(stopped_by(interrupt))
        with step("Loading the policy and its catalogue"):
            from agents.export import load_export
            from agents.registry import label
            from agents.serving.http.api import create_app
            from agents.serving.http.connections import run
            from agents.serving.http.guard import LOCAL
            from agents.serving.http.logs import log_sparingly
            from agents.serving.http.model_process import ModelProcess
            from agents.serving.http.turns import lending
            from agents.serving.http.work import Work
            from agents.serving.message_text import tidy
            from agents.serving.sessions import Sessions
            from agents.serving.store import Store

            log_sparingly()
            export = load_export(folder)
            export = export.softened(export.softness.but(explore, temperature))
            store, work, model = Store(db), Work(), None
            opened.callback(store.close)
            opened.callback(work.close)
            sessions = Sessions(export, store)
        if (os.cpu_count() or 1) > 1:
            with put_off():
                model = ModelProcess(sessions.reader, count=sessions.metrics.count)
                opened.callback(model.close)
        else:
            for call in sessions.reader.model_calls():
                call.elsewhere = lending(call.here)
        if forget_days is not None:
            forgetting(store, forget_days)
        loads = "" if sessions.reader.notice else ", which loads the language model"
        with step(f"Holding a first conversation{loads}"):
            sessions.warm_up()
        gc.freeze()  # what is there stays: collections, which hold everything up, look at what came later
        further = frozenset(name.lower() for name in hosts)
        names = LOCAL | further if is_local(host) else None
        app = create_app(sessions, hosts=names, pages=further, token=token, work=work, model=model)
        address = f"[{host}]" if ":" in host else host
        called = tidy(f"{label(export.name)} ({export.kind})")
        print(f"Serving {called} on http://{address}:{port} (Ctrl-C stops)", flush=True)
        print(f"Sessions are kept in {tidy(str(db))}", flush=True)
        run(app, places)


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Say on standard error what is begun."""
    print(f"{what} ...", file=sys.stderr, flush=True)
    yield


def check_ready(host: str, port: int, *, allow_remote: bool, forget_days: float | None) -> str | None:
    """See that a service can be started so, as far as can be told at once; returns its token, None for none.

    Raises:
        MissingExtraError: See ``serve``.
        ConfigError: Likewise.
    """
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "serve", "Serving a policy")
    if forget_days is not None and not forget_days > 0:
        raise ConfigError(f"forget_days must be more than 0, got {forget_days!r}.")
    return checked_access(host, port, os.environ.get(TOKEN), allow_remote=allow_remote)


def forgetting(store: Store, days: float) -> threading.Thread:
    """Delete sessions in which nothing was said for so many days, now and every hour, on a thread."""
    from agents.serving.store import StoreError

    def work() -> None:
        while True:
            before = datetime.now(UTC) - timedelta(days=days)
            try:
                store.forget(before=before.isoformat(timespec="milliseconds"))
            except StoreError as error:
                _log.warning("Old sessions could not be deleted: %s", error)
            time.sleep(3600)

    thread = threading.Thread(target=work, daemon=True, name="chatrec-forget")
    thread.start()
    return thread


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
                    place.listen()
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

"""Being told to stop, by SIGTERM as by Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt() -> None:
    """Stop what is being done, so that what is open is closed."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def stopped_by(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` where this process is told to stop while the block runs; signals go to the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: stop()) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Be told to stop only when the block is done, where half of it must not be left."""
    told: list[bool] = []
    with stopped_by(lambda: told.append(True)):
        yield
    if told:
        interrupt()

"""Threads that compute one at a time.

The interpreter runs one thread at a time, and lets each go on for five milliseconds: what several begin together is
done by all of them late, and together they then come for the model. In turn the first is done in a fraction of that. A
turn guards nothing: who does not get it in ``PATIENCE`` goes on without, so nobody waits for each other for ever.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 0.5
"""Seconds after which a thread goes on without its turn."""

_mine = threading.local()  # ``lock``: that of the turn which this thread has


@contextlib.contextmanager
def turn(lock: threading.Lock) -> Iterator[None]:
    """Wait for the turn, and keep it to the end or until it is given up."""
    _take(lock)
    try:
        yield
    finally:
        give_up_turn()


def _take(lock: threading.Lock) -> None:
    _mine.lock = lock if lock.acquire(timeout=PATIENCE) else None


def give_up_turn() -> None:
    """Let the next thread compute: what this one has still to do is little, or waits for something outside."""
    lock, _mine.lock = getattr(_mine, "lock", None), None
    if lock is not None:
        lock.release()


@contextlib.contextmanager
def turn_lent() -> Iterator[None]:
    """Let others compute while this thread waits for something outside; nothing where it has no turn."""
    lock = getattr(_mine, "lock", None)
    if lock is None:
        yield
        return
    give_up_turn()
    try:
        yield
    finally:
        _take(lock)


def lending(call: Callable[P, T]) -> Callable[P, T]:
    """The same call, while which others may compute."""

    @functools.wraps(call)
    def lent(*args: P.args, **kwargs: P.kwargs) -> T:
        with turn_lent():
            return call(*args, **kwargs)

    return lent

"""Where requests are worked on: a few threads of their own, with limits and a deadline, each session in turn."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from agents.serving.errors import BusyError, TooManyRequestsError, TooSlowError
from agents.serving.http.turns import turn

T = TypeVar("T")

THREADS = min(16, 8 * (os.cpu_count() or 1))
"""While the model runs for some requests, so many others may come to wait for it; they are read together."""

MOST_WAITING = 256
"""Requests taken in at a time, by all sessions."""

MOST_A_SESSION = 8
"""Requests of one session taken in at a time."""

SECONDS = 20.0
"""How long a request may take, waiting included."""


@dataclass(slots=True)
class _Line:
    """Requests of one session, worked on one by one."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class Work:
    """Runs calls on threads; made for one event loop.

    Requests of one session wait for each other here, and not on a thread that another session could use. Of the threads
    one computes at a time (:mod:`.turns`).

    Args:
        threads: Calls that run side by side.
        most_waiting: See ``MOST_WAITING``.
        most_a_session: See ``MOST_A_SESSION``.
        seconds: See ``SECONDS``.
    """

    def __init__(
        self,
        threads: int = THREADS,
        most_waiting: int = MOST_WAITING,
        most_a_session: int = MOST_A_SESSION,
        seconds: float = SECONDS,
    ) -> None:
        self.most_waiting, self.most_a_session, self.seconds = most_waiting, most_a_session, seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="chatrec-serve")
        self._turn = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._waiting = 0

    async def run(self, session: str, call: Callable[[], T]) -> T:
        """The result of a call.

        Args:
            session: Whose call it is; those of one session run one by one. Empty: nobody's.
            call: What to run. If it takes too long it is not stopped, but nobody waits for it any more.

        Raises:
            BusyError: If too many requests wait already.
            TooManyRequestsError: If too many of this session do.
            TooSlowError: If it took too long.
        """
        line = self._lines.get(session) or _Line()
        if self._waiting >= self.most_waiting:
            raise BusyError(
                f"The service is at work on {self.most_waiting} requests, the most it takes in. Send it again later."
            )
        if session and line.length >= self.most_a_session:
            raise TooManyRequestsError(
                f"{line.length} requests of this session wait for an answer. Send the next one after it."
            )
        self._waiting += 1
        line.length += 1
        if session:
            self._lines[session] = line
        try:
            async with asyncio.timeout(self.seconds), line.turn:
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_turn, call)
        except TimeoutError:
            raise TooSlowError(
                f"There was no answer within {self.seconds:g} seconds. Send the request again: with its "
                "Idempotency-Key it counts once."
            ) from None
        finally:
            self._waiting -= 1
            line.length -= 1
            if not line.length:
                self._lines.pop(session, None)

    def _in_turn(self, call: Callable[[], T]) -> T:
        with turn(self._turn):
            return call()

    def close(self) -> None:
        """Start nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

"""The language model in a process of its own.

The interpreter runs one thread at a time, and the model asks for it some hundred times a call: in one process what
computes and what answers hold each other up.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

from chatrec_env.language.message_reader import MessageReader

Call = Callable[[list[Any]], list[Any]]

_calls: list[Call] = []
"""In the model's process: what it is asked for."""


class ModelProcess:
    """Answers what a reader asks of the model, from its making until it is closed.

    A process that ends unasked is started again. It ends with the service, also where that is killed.

    Args:
        reader: Whose encoder and heads run there.
    """

    def __init__(self, reader: MessageReader) -> None:
        self._asked = reader.model_calls()
        self._own = [one.call for one in self._asked]
        self._starting = threading.Lock()
        self._pool = self._start()
        for number, one in enumerate(self._asked):
            one.call = functools.partial(self._call, number)

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, context, initializer=_prepare, initargs=(self._own,))

    def _call(self, number: int, asked: list[Any]) -> list[Any]:
        pool = self._pool
        try:
            return pool.submit(_answer, number, asked).result()
        except BrokenProcessPool:
            with self._starting:
                if self._pool is pool:
                    self._pool = self._start()
            return self._pool.submit(_answer, number, asked).result()

    def close(self) -> None:
        """End the process; the model runs in this one again."""
        for one, own in zip(self._asked, self._own, strict=True):
            one.call = own
        self._pool.shutdown(wait=False, cancel_futures=True)


def _prepare(calls: Sequence[Call]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which still answers what it has
    _calls[:] = calls
    threading.Thread(target=_end_with_the_service, daemon=True, name="chatrec-watch").start()


def _end_with_the_service() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(0)


def _answer(number: int, asked: list[Any]) -> list[Any]:
    return _calls[number](asked)

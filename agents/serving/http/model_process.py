"""The language model in a process of its own.

The interpreter runs one thread at a time, and the model asks for it some hundred times a call: in one process what
computes and what answers hold each other up.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from chatrec_env.language.message_reader import MessageReader

Call = Callable[[list[Any]], list[Any]]
State = Literal["process", "loading", "service"]

_log = logging.getLogger(__name__)

MOST_ASKED = 32
"""Entries of a call that are asked for at a time: the time it takes is to tell how the process is."""

PATIENCE = 8.0
"""Seconds that may take, well below what a request may (``work.SECONDS``): then the model answers in this process."""

LOADING = 120.0
"""Seconds that the first call of each kind may take, which loads the model: the service tries itself, nobody waits."""

TRIES = 3
"""Processes that end while they load, one after the other, until none is started any more."""

_calls: list[Call] = []
"""In the model's process: what it is asked for."""


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process and the way to ask it; ``ready`` is done once it has loaded the model."""

    pool: ProcessPoolExecutor
    process: BaseProcess | None  # None: it ended at once
    ready: Future[None]


class ModelProcess:
    """Answers what a reader asks of the model, from its making until it is closed.

    A process that ends unasked, or gives no answer, is replaced at once. What it does not answer in time is answered
    in this process. It ends with the service, also where that is killed.

    Args:
        reader: Whose encoder and heads run there.
        patience: Seconds that ``MOST_ASKED`` entries of a call may take.
        count: Counts what goes wrong, by name: ``model_restarts``, and ``model_misses``, calls answered here.
    """

    def __init__(
        self,
        reader: MessageReader,
        patience: float = PATIENCE,
        count: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._asked, self._patience, self._count = reader.model_calls(), patience, count
        self._closed, self._failed = False, 0
        self._own = [one.call for one in self._asked]
        self._first: dict[
            int, list[Any]
        ] = {}  # of each call the first that was answered; who starts tries itself so
        self._changing = threading.Lock()
        with self._changing:
            self._worker = self._start()
        for number, one in enumerate(self._asked):
            one.call = functools.partial(self._call, number)

    @property
    def state(self) -> State:
        """Where the model runs: ``"process"``, ``"loading"`` (anew, in a process) or ``"service"`` (given up)."""
        if self._closed:
            return "service"
        return "process" if self._worker.ready.done() else "loading"

    def _start(self) -> _Worker:
        """A process, which loads the model and is watched from now on."""
        before = set(multiprocessing.active_children())
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, context, initializer=_prepare, initargs=(self._own,))
        ready = pool.submit(_try, list(self._first.items()))
        started = set(multiprocessing.active_children()) - before
        worker = _Worker(pool, next(iter(started), None), ready)
        threading.Thread(target=self._watch, args=(worker,), daemon=True, name="chatrec-model").start()
        return worker

    def _watch(self, worker: _Worker) -> None:
        if worker.process is not None:
            wait([worker.process.sentinel])
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        with self._changing:
            if self._closed or self._worker is not worker:
                return
            loaded = worker.ready.done() and worker.ready.exception() is None
            self._failed = 0 if loaded else self._failed + 1
            if worker.process is not None:
                worker.process.kill()
            if self._failed == TRIES:
                _log.error(
                    "The language model's process keeps ending while it loads: the model runs in the service."
                )
                self._closed = True
                return
            _log.warning("The language model's process ended, or gave no answer, and is started again.")
            self._count("model_restarts")
            self._worker = self._start()

    def _call(self, number: int, asked: list[Any]) -> list[Any]:
        parts = [asked[start : start + MOST_ASKED] for start in range(0, len(asked), MOST_ASKED)]
        return [one for part in parts for one in self._part(number, part)]

    def _part(self, number: int, asked: list[Any]) -> list[Any]:
        patience = self._patience if number in self._first else max(self._patience, LOADING)
        for _ in range(TRIES):
            worker = self._worker
            if self._closed:
                break
            try:
                told = worker.pool.submit(_answer, number, asked).result(patience)
                self._first.setdefault(number, asked)
                return told
            except BrokenProcessPool:
                self._replace(worker)
            except TimeoutError:
                if worker.ready.done():  # else it still loads
                    self._replace(worker)
                break
        self._count("model_misses")
        return self._own[number](asked)

    def close(self) -> None:
        """End the process; the model runs in this one again."""
        with self._changing:
            self._closed = True
        for one, own in zip(self._asked, self._own, strict=True):
            one.call = own
        self._worker.pool.shutdown(wait=False, cancel_futures=True)
        if self._worker.process is not None:
            self._worker.process.kill()


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


def _try(asked: Sequence[tuple[int, list[Any]]]) -> None:
    for number, own in asked:
        _answer(number, own)

"""The language model in a process of its own.

The interpreter runs one thread at a time, and the model asks for it some hundred times a call: in one process what
computes and what answers hold each other up. Threads ask by lines of their own, so nobody passes anything on.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from agents.serving.http.turns import turn_lent
from chatrec_env.language.encoders.cache import unkept
from chatrec_env.language.message_reader import MessageReader
from chatrec_env.workers import end_with_parent

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

LINES = 16
"""Threads that ask at a time; more wait for a line."""

AT_ONCE = min(2, os.cpu_count() or 1)
"""Calls that the process makes side by side."""


class _EndedError(Exception):
    """A process ended that was asked."""


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process and the lines to it that nobody uses; ``ready`` is set once it has loaded the model."""

    process: BaseProcess
    lines: queue.SimpleQueue[Connection] = field(default_factory=queue.SimpleQueue)
    ready: threading.Event = field(default_factory=threading.Event)

    def ask(self, number: int | None, asked: list[Any], patience: float | None) -> list[Any]:
        """The answers of a call.

        Raises:
            _EndedError: The process ended.
            TimeoutError: It gave no answer in ``patience`` seconds.
            Exception: What the call raised.
        """
        try:
            line = self.lines.get(timeout=patience)
        except queue.Empty:
            raise TimeoutError from None
        try:
            line.send((number, asked))
            if not line.poll(patience):
                threading.Thread(target=self._late, args=(line,), daemon=True).start()
                raise TimeoutError
            told = line.recv()
        except (EOFError, ConnectionError) as error:
            self.lines.put(line)
            raise _EndedError from error
        self.lines.put(line)
        if isinstance(told, Exception):
            raise told
        return list(told)

    def _late(self, line: Connection) -> None:
        """Take a line back once its answer, which is nobody's, is there: closed it would say that the service ended."""
        with contextlib.suppress(EOFError, OSError):
            line.recv()
        self.lines.put(line)


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
        self._closed, self._over, self._failed = False, False, 0
        self._first: dict[
            int, list[Any]
        ] = {}  # what each call was asked first: a new process tries itself so
        self._changing = threading.Lock()
        with self._changing:
            self._worker = self._start()
        for number, one in enumerate(self._asked):
            one.elsewhere = functools.partial(self._call, number)

    @property
    def state(self) -> State:
        """Where the model runs: ``"process"``, ``"loading"`` (anew, in a process) or ``"service"`` (given up)."""
        if self._closed:
            return "service"
        return "process" if self._worker.ready.is_set() else "loading"

    def _start(self) -> _Worker:
        """A process, which loads the model and is watched from now on."""
        context = multiprocessing.get_context("spawn")
        pairs = [context.Pipe() for _ in range(LINES)]
        calls = [one.call for one in self._asked]
        process = context.Process(target=_answer, args=(calls, [there for _, there in pairs]), daemon=True)
        worker = _Worker(process)
        for here, _ in pairs:
            worker.lines.put(here)
        process.start()
        for _, there in pairs:
            there.close()  # so that a line ends with the process
        threading.Thread(target=self._watch, args=(worker,), daemon=True, name="chatrec-model").start()
        return worker

    def _watch(self, worker: _Worker) -> None:
        with contextlib.suppress(_EndedError):
            for number, asked in [(None, []), *self._first.items()]:
                worker.ask(number, asked, None)
            worker.ready.set()
        wait([worker.process.sentinel])
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        with self._changing:
            if self._closed or self._worker is not worker:
                return
            self._failed = 0 if worker.ready.is_set() else self._failed + 1
            worker.ready.clear()
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

    def _call(self, number: int, asked: Sequence[Any]) -> list[Any]:
        parts = [list(asked[start : start + MOST_ASKED]) for start in range(0, len(asked), MOST_ASKED)]
        return [one for part in parts for one in self._part(number, part)]

    def _part(self, number: int, asked: list[Any]) -> list[Any]:
        patience = self._patience if number in self._first else max(self._patience, LOADING)
        for _ in range(TRIES):
            worker = self._worker
            if self._closed:
                break
            try:
                with turn_lent():
                    told = worker.ask(number, asked, patience)
                self._first.setdefault(number, asked)
                return told
            except TimeoutError:
                if worker.ready.is_set():  # else it still loads
                    self._replace(worker)
                break
            except _EndedError:
                if self._over:
                    raise  # nobody needs the answer: it would load the model here
                self._replace(worker)
        self._count("model_misses")
        with turn_lent():
            return self._asked[number].here(asked)

    def close(self) -> None:
        """End the process; the model runs in this one again."""
        with self._changing:
            self._closed = self._over = True
        for one in self._asked:
            one.elsewhere = None
        self._worker.process.kill()


def _answer(calls: Sequence[Call], lines: Sequence[Connection]) -> None:
    """The work of the model's process."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which still answers what it has
    asked = _Asked(lines)
    for _ in range(AT_ONCE):
        threading.Thread(target=_work, args=(calls, asked), daemon=True).start()
    threading.Event().wait()


class _Asked:
    """What was asked and not yet taken up, over all lines: first come, first served."""

    def __init__(self, lines: Sequence[Connection]) -> None:
        self._lines, self._looking = lines, threading.Lock()
        self._waiting: list[tuple[Connection, int | None, list[Any]]] = []

    def next(self) -> tuple[Connection, int | None, list[Any]]:
        """Line, number of the call and what it is asked.

        Raises:
            EOFError: The service ended.
        """
        with self._looking:
            ready = set(wait(self._lines, 0 if self._waiting else None))
            self._waiting += [(line, *line.recv()) for line in self._lines if line in ready]
            return self._waiting.pop(0)


def _work(calls: Sequence[Call], asked: _Asked) -> None:
    while True:
        try:
            line, number, some = asked.next()
        except EOFError:  # the service ended, and so does this process
            return
        told: Any
        try:
            with unkept():
                told = [] if number is None else calls[number](some)
        except Exception as error:
            told = error
        with contextlib.suppress(OSError):  # it may have been given up
            line.send(told)

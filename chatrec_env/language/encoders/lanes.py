"""Threads for the model: each runs whole calls on its own, none helps another with one.

The tensor library's way of using cores is to split every small product over threads that wait for each
other in a busy loop. For calls this small that gains a third on an idle machine, and loses nine tenths
where the cores have other work: on two cores with a load of five, 12 sentences a second came out,
against 145 with one thread. So calls are spread over lanes, and a lane computes with one thread. Its
bits then cannot depend on the number of threads either, and a forked process finds no half of a team.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

A = TypeVar("A")
T = TypeVar("T")
_MOST_LANES = 8


class _Lanes:
    """The threads of a process."""

    def __init__(self) -> None:
        self.count, self._settled = count(), False
        self.pool = ThreadPoolExecutor(self.count, thread_name_prefix="chatrec-encoder")

    def settle(self) -> None:
        """Set the tensor library to one thread in each lane, once it is there: not every model needs it."""
        if self._settled or "torch" not in sys.modules:
            return
        import torch

        threads, together = torch.get_num_threads(), threading.Barrier(self.count)

        def settle() -> None:
            together.wait()  # so that each lane takes one of these
            torch.get_num_threads()  # a thread's first use of the library sets the default; ours comes after
            torch.set_num_threads(1)

        for future in [self.pool.submit(settle) for _ in range(self.count)]:
            future.result()
        torch.set_num_threads(threads)  # the lanes changed the default for threads to come
        self._settled = True


_lanes: _Lanes | None = None
_starting = threading.Lock()


def count() -> int:
    """How many lanes a process has: what OMP_NUM_THREADS says, else one for each processor, at most 8."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(told) if told.isdigit() and int(told) else usable, _MOST_LANES)


def run(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make calls on the lanes and wait for all; their results in order."""
    global _lanes
    with _starting:
        _lanes = _lanes or _Lanes()
        _lanes.settle()
        pool = _lanes.pool
    waiting = [pool.submit(call) for call in calls]
    try:
        return [future.result() for future in waiting]
    finally:
        for future in waiting:  # after an error or Ctrl-C nobody wants the rest
            future.cancel()


@dataclass(slots=True, eq=False)
class _Waiting(Generic[A, T]):
    """A call of :class:`Together`; it is woken when it was answered, or when it is its turn to ask."""

    asked: Sequence[A]
    told: Future[list[T]] = field(default_factory=Future)
    woken: threading.Event = field(default_factory=threading.Event)


class Together(Generic[A, T]):
    """Calls that wait for the model at the same time are made as one.

    Args:
        call: From n entries to n answers; what one is told must not depend on the others.
        at_once: Calls that may be made side by side; more wait.

    Attributes:
        elsewhere: What is asked instead, if anything.
    """

    def __init__(self, call: Callable[[list[A]], list[T]], at_once: int = 1) -> None:
        self.call, self._at_once, self._at_work = call, at_once, 0
        self.elsewhere: Callable[[Sequence[A]], list[T]] | None = None
        self._guard = threading.Lock()
        self._waiting: list[_Waiting[A, T]] = []

    def __call__(self, asked: Sequence[A]) -> list[T]:
        """The answers, in order; an error is everybody's in the call."""
        return (self.elsewhere or self.here)(asked)

    def here(self, asked: Sequence[A]) -> list[T]:
        """The same by this process."""
        mine = _Waiting[A, T](asked)
        with self._guard:
            waits = self._at_work == self._at_once
            if waits:
                self._waiting.append(mine)
            else:
                self._at_work += 1
        if waits:
            mine.woken.wait()
        if not mine.told.done():  # it is this one's turn: it takes along all that wait
            with self._guard:
                calls, self._waiting = [mine, *self._waiting], []
            self._run(calls)
            with self._guard:
                if self._waiting:
                    self._waiting.pop(0).woken.set()
                else:
                    self._at_work -= 1
        return mine.told.result()

    def _run(self, calls: Sequence[_Waiting[A, T]]) -> None:
        try:
            told = self.call([one for call in calls for one in call.asked])
        except BaseException as error:
            for call in calls:
                call.told.set_exception(error)
                call.woken.set()
            return
        start = 0
        for call in calls:
            call.told.set_result(told[start : start + len(call.asked)])
            call.woken.set()
            start += len(call.asked)


def _forget() -> None:
    """In a forked child the lanes are gone; it starts its own."""
    global _lanes, _starting
    _lanes, _starting = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


@functools.cache
def machine_tag(package: str) -> str:
    """A short text that changes when the numeric library or the kind of processor does.

    Vectors computed under one tag are not taken for those of another: a cache folder may be shared
    by machines of different make.

    Args:
        package: Distribution that does the arithmetic, e.g. ``"torch"``. It is not imported.
    """
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        version = "none"
    return "/".join([package, version, platform.system(), platform.machine(), *_processor()])


def _processor() -> list[str]:
    """Vendor and the widest vector instructions, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return [platform.processor()]
    facts = dict[str, str]()
    for line in lines:
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    flags = set(facts.get("flags", facts.get("Features", "")).split())
    widest = [flag for flag in ("amx_tile", "avx512f", "avx2", "sve", "asimd") if flag in flags]
    return [facts.get("vendor_id", facts.get("CPU implementer", "")), *widest[:1]]

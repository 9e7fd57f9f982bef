"""Where the parts of a study are computed: processes of this machine, or Ray where one machine is not enough.

Both give the same numbers bit for bit: a part depends on its arguments alone, and computes with one thread. A worker
that dies costs a retry.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor
from concurrent.futures import wait as futures_done
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.workers import end_with_parent
from experiments.cli.progress import Meter
from experiments.cli.terminal import INTERRUPTED, say

LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)

RETRIES = 3
"""How often a part is begun again whose worker died."""

GRACE = 1.5
"""Seconds that workers have to keep what they learned when a study is stopped."""

NOTICED = 0.5
"""Seconds after which Ctrl-C is noticed that came just before a wait began, which it does not end."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""What a worker's libraries are told before it loads them."""


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Work(Protocol):
    """A piece of work, by name."""

    @property
    def name(self) -> str:
        """Of its own."""

    @property
    def job(self) -> Callable[..., dict[str, Any]]:
        """A function of a module; called with ``arguments`` and a meter."""

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What it needs; has to travel to another process."""


Keep = Callable[[Any, dict[str, Any]], None]
"""Receives a piece of work and what it found, as soon as it is found, one after the other."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where work is done.

    Attributes:
        kind: ``"local"`` or ``"ray"``.
        workers: Processes side by side; with Ray, what it starts here if it is not told where its cluster is.
        address: Of a Ray cluster that is running (``ray start --head`` prints it); empty: one of this machine alone.
    """

    kind: str = LOCAL
    workers: int = 2
    address: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ENGINES:
            raise UnknownNameError("engine", self.kind, ENGINES)
        if self.address and self.kind != RAY:
            raise ConfigError(
                f"--address is of a Ray cluster; with --engine {self.kind} there is none. Leave it out."
            )

    def run(self, work: Sequence[Work], meter: Meter, keep: Keep) -> None:
        """Do all of it; what was kept before a failure stays kept."""
        if not work:
            return
        if self.kind == RAY:
            _with_ray(self, work, meter, keep)
        elif self.workers == 1:
            for piece in work:
                keep(piece, piece.job(*piece.arguments, meter))
        else:
            _beside(list(work), self.workers, meter, keep)


def _beside(work: list[Work], workers: int, meter: Meter, keep: Keep) -> None:
    """In processes of this machine; a broken pool is made anew for what is left."""
    os.environ.update(ONE_THREAD)
    context = multiprocessing.get_context("spawn")
    left = {piece.name: piece for piece in work}
    deaths = 0
    with meter.work("Computing", len(work), "parts") as shown:
        while left:
            others = set(multiprocessing.active_children())
            pool = ProcessPoolExecutor(min(workers, len(left)), context, initializer=_begin)
            try:
                with _interrupts_waiting():
                    futures = {
                        pool.submit(_do_until_stopped, piece.job, piece.arguments): piece
                        for piece in left.values()
                    }
                while futures:
                    for future in futures_done(futures, NOTICED, FIRST_COMPLETED).done:
                        piece = futures.pop(future)
                        keep(piece, future.result())
                        del left[piece.name]
                        shown.add(1, piece.name)
            except BrokenProcessPool:
                deaths += 1
                if deaths > RETRIES:
                    raise
                say(f"A worker died; what was under way begins again ({deaths} of {RETRIES} times).")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                _stop(set(multiprocessing.active_children()) - others)
                raise
            pool.shutdown()


@contextlib.contextmanager
def _interrupts_waiting() -> Iterator[None]:
    """Let Ctrl-C wait until the block is over; the workers started in it let it wait until ``_begin``."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _stop(workers: Iterable[BaseProcess]) -> None:
    """End workers, which have ``GRACE`` seconds to keep what they learned."""
    running, until = list(workers), time.monotonic() + GRACE
    try:
        for worker in running:
            worker.terminate()
        for worker in running:
            wait([worker.sentinel], max(0.0, until - time.monotonic()))
    finally:
        for worker in running:
            worker.kill()


def _begin() -> None:
    """In a worker, first: leave Ctrl-C to the study, which stops its workers, and end when it ends, even killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent()


def _do_until_stopped(job: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    """A part, in a worker; SIGTERM interrupts it, so that a training keeps a checkpoint, and ends the worker."""

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        return _do(job, arguments)
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _with_ray(engine: Engine, work: Sequence[Work], meter: Meter, keep: Keep) -> None:
    """On a Ray cluster; a task whose worker or node is gone is retried elsewhere."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ConfigError('--engine ray needs Ray: pip install "chatrec[ray]"') from error
    cluster = {"address": engine.address} if engine.address else {"num_cpus": engine.workers}
    started = not ray.is_initialized()
    if started:
        ray.init(
            **cluster, include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": ONE_THREAD}
        )
    try:
        task = ray.remote(num_cpus=1, max_retries=RETRIES)(_do)
        futures = {task.remote(piece.job, piece.arguments): piece for piece in work}
        with meter.work("Computing with Ray", len(work), "parts") as shown:
            while futures:
                (done, *_), _ = ray.wait(list(futures), num_returns=1)
                piece = futures.pop(done)
                keep(piece, ray.get(done))
                shown.add(1, piece.name)
    finally:
        if started:
            ray.shutdown()


def _do(job: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    """A part, in another process."""
    return job(*arguments, Meter(quiet=True))

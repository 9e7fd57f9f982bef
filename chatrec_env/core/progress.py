"""Long work in pieces, with a bar where it takes a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")
_WORTH_A_BAR = 2.0  # seconds
_TRIAL = 64  # items whose time tells how long the rest will take


def in_chunks(items: list[T], size: int) -> Iterator[list[T]]:
    """The items in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def with_progress(label: str) -> Callable[[list[T], int], Iterator[list[T]]]:
    """Like :func:`in_chunks`, with a bar called ``label`` if the work takes more than two seconds.

    A small piece from the middle comes first, so that the time the rest will take is known.
    """

    def chunks(items: list[T], size: int) -> Iterator[list[T]]:
        middle = len(items) // 2
        trial, rest = items[middle : middle + _TRIAL], items[:middle] + items[middle + _TRIAL :]
        started = time.perf_counter()
        if trial:
            yield trial
        if (time.perf_counter() - started) * len(rest) < _WORTH_A_BAR * max(len(trial), 1):
            yield from in_chunks(rest, size)
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=len(items), completed=len(trial))
            for part in in_chunks(rest, size):
                yield part
                bar.advance(task, len(part))

    return chunks

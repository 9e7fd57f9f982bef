"""How far long work has come: a bar on a terminal, else a line every few seconds; on standard error."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.cli.terminal import clean, messages, spelt

if TYPE_CHECKING:
    from rich.console import Console

FIRST_LINE = 2.0
"""Seconds after which work that is still going says so, where there is no bar."""

NEXT_LINES = 5.0
"""Seconds between two such lines."""


def duration(seconds: float) -> str:
    """``"0.4 s"``, ``"12 s"``, ``"3 min 05 s"``, ``"2 h 07 min"``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@dataclass(slots=True)
class Work:
    """One piece of work under way; ``to`` and ``add`` report how far it is."""

    label: str
    total: int
    unit: str
    show: Callable[[Work], None]
    clock: Callable[[], float] = time.perf_counter
    completed: int = 0
    before: int = 0  # units done in an earlier run, which do not count in the rate
    note: str = ""
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self.clock() - self.started

    @property
    def rate(self) -> float:
        """Units a second so far."""
        return (self.completed - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds left at the present rate, or None while unknown."""
        if not self.total or self.completed <= self.before:
            return None
        return (self.total - self.completed) / max(self.rate, 1e-9)

    def to(self, completed: int, note: str = "") -> None:
        """``completed`` units are done in all."""
        self.completed, self.note = completed, note or self.note
        self.show(self)

    def of(self, completed: int, total: int, note: str = "") -> None:
        """``completed`` of ``total`` units are done, where the total was not known before."""
        self.total = total
        self.to(completed, note)

    def add(self, n: int, note: str = "") -> None:
        """``n`` further units are done."""
        self.to(self.completed + n, note)

    def line(self) -> str:
        """Where it stands, in words."""
        parts = []
        if self.total:
            share = 100 * self.completed // self.total
            parts.append(f"{self.completed:,} of {self.total:,} {self.unit} ({share}%)")
            if self.completed > self.before:
                rate = self.rate
                parts.append(f"{60 * rate:.1f} {self.unit}/min" if rate < 1 else f"{rate:,.0f} {self.unit}/s")
        left = self.remaining
        parts.append(f"about {duration(left)} left" if left is not None else duration(self.seconds))
        return ", ".join([*parts, *([self.note] if self.note else [])])


class Meter:
    """Shows the progress of work.

    Args:
        console: Where to; standard error by default.
        quiet: Show nothing at all.
        clock: Seconds, for tests.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.quiet, self.clock = quiet, clock
        self._console = console

    @property
    def console(self) -> Console:
        """Where progress is shown."""
        # Not kept when standard error's own: tests and notebooks replace that stream.
        return self._console or messages()

    @contextlib.contextmanager
    def work(self, label: str, total: int = 0, unit: str = "steps") -> Iterator[Work]:
        """Show one piece of work while the block runs; say at its end how long it took.

        Args:
            label: What is being done.
            total: Units in all; 0 if that cannot be known.
            unit: What is counted.
        """
        console = self.console
        if self.quiet:
            yield Work(label, total, unit, lambda _: None, self.clock)
            return
        shown = (
            self._bar(console, label, total, unit)
            if console.is_terminal
            else self._lines(console, label, total, unit)
        )
        with shown as work:
            yield work
        if work.seconds >= FIRST_LINE or not console.is_terminal:
            note = f", {clean(work.note)}" if work.note else ""
            console.print(f"[green]✓[/green] {clean(label)}: {duration(work.seconds)}{note}", soft_wrap=True)

    @contextlib.contextmanager
    def _bar(self, console: Console, label: str, total: int, unit: str) -> Iterator[Work]:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        columns: tuple[Any, ...] = (
            SpinnerColumn("dots" if spelt("⠋✓", console.encoding) == "⠋✓" else "line", finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[words]}", style="dim"),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(clean(label), total=total or None, words="")

            def show(work: Work) -> None:
                bar.update(task, completed=work.completed, words=clean(work.line()))

            yield Work(label, total, unit, show, self.clock)

    @contextlib.contextmanager
    def _lines(self, console: Console, label: str, total: int, unit: str) -> Iterator[Work]:
        said = [FIRST_LINE - NEXT_LINES]
        if not total:  # nothing will be counted: say at least what is going on
            console.print(f"  {clean(label)} ...", soft_wrap=True)

        def show(work: Work) -> None:
            if work.seconds - said[0] >= NEXT_LINES:
                said[0] = work.seconds
                console.print(f"  {clean(label)}: {clean(work.line())}", soft_wrap=True)

        yield Work(label, total, unit, show, self.clock)

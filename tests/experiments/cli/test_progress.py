from __future__ import annotations

import io

import pytest
from rich.console import Console

from experiments.cli.progress import Meter, Work, duration
from experiments.cli.terminal import clean, print_json

ESCAPE = "\x1b]0;owned\x07\x1b[31mred\x9b2J"


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=terminal, width=200), out


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7620, "2 h 07 min"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_slow_rate_is_told_by_the_minute() -> None:
    now = iter([0.0, 30.0, 30.0, 30.0, 30.0, 30.0])
    work = Work("Talking", 4, "people", lambda _: None, clock=lambda: next(now))
    work.completed = 1
    assert work.line() == "1 of 4 people (25%), 2.0 people/min, about 1 min 30 s left"


def test_rate_and_time_left() -> None:
    now = iter([100.0, 110.0, 110.0, 110.0, 110.0, 110.0])
    work = Work("Training", 4000, "turns", lambda _: None, clock=lambda: next(now))
    work.completed, work.note = 1000, "return 2.50"
    # 1,000 turns in 10 s: 100 a second, 3,000 to go.
    assert work.line() == "1,000 of 4,000 turns (25%), 100 turns/s, about 30 s left, return 2.50"


def test_what_an_earlier_run_did_does_not_count_in_the_rate() -> None:
    now = iter([0.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0])
    work = Work(
        "Training", 4000, "turns", lambda _: None, clock=lambda: next(now), completed=3000, before=2000
    )
    assert work.line() == "3,000 of 4,000 turns (75%), 100 turns/s, about 10 s left"


def test_without_a_terminal_there_is_a_line_every_few_seconds() -> None:
    seconds = [0.0]
    target, out = console(terminal=False)
    with Meter(target, clock=lambda: seconds[0]).work("Training", 100, "turns") as work:
        for second in range(1, 14):
            seconds[0] = float(second)
            work.add(5)
    lines = out.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines] == ["  Training"] * 3 + ["✓ Training"]
    assert "10 of 100 turns (10%), 5 turns/s, about 18 s left" in lines[0]
    assert lines[-1] == "✓ Training: 13 s"


def test_work_that_counts_nothing_says_what_it_is() -> None:
    target, out = console(terminal=False)
    with Meter(target).work("Loading the encoder"):
        assert out.getvalue() == "  Loading the encoder ...\n"


def test_a_terminal_gets_a_bar_and_quiet_gets_nothing() -> None:
    target, out = console(terminal=True)
    with Meter(target).work("Training", 10) as work:
        work.to(10, "fine")
    assert "Training" in out.getvalue()
    with Meter(quiet=True).work("Training", 10) as work:
        work.add(3)
        assert work.completed == 3


@pytest.mark.parametrize("terminal", [True, False])
def test_outside_text_cannot_command_a_terminal(terminal: bool) -> None:
    target, out = console(terminal=False)
    with Meter(target).work(f"Reading {ESCAPE} [red]x", 1) as work:
        work.note = ESCAPE
        work.started -= 10
        work.add(1)
    assert "[red]x" in out.getvalue()
    assert not set(out.getvalue()) & {"\x1b", "\x07", "\x9b"}


def test_clean_leaves_text_alone() -> None:
    assert clean("Amélie [2001] – ça va") == "Amélie \\[2001] – ça va".replace("\\[2001]", "[2001]")
    assert clean("[bold]") == "\\[bold]"


def test_json_escapes_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": ESCAPE})
    assert not set(capsys.readouterr().out) & {"\x1b", "\x07", "\x9b"}

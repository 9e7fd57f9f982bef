"""The ``chatrec`` command: finds the subcommand, parses its options, and turns errors into one clear line."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import inspect
import io
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from chatrec_env.errors import ChatRecError, MissingExtraError, UnknownNameError
from experiments.cli.commands import COMMANDS, FORMERLY, overview


def parse(name: str, arguments: Sequence[str]) -> tuple[Callable[[Any], int | None], Any]:
    """The function of a subcommand and its options.

    Raises:
        UnknownNameError: If there is no such subcommand.
        ChatRecError: If an option is out of its domain.
        OptionsError: If the options do not parse.
        SystemExit: After ``--help``.
    """
    import tyro

    from experiments.cli.options import OptionsError, given_options, in_one_line

    if name not in COMMANDS:
        raise UnknownNameError("command", name, COMMANDS)
    command = COMMANDS[name]
    function, config = command.load()
    about = inspect.cleandoc(config.__doc__ or "").partition("Attributes:")[0].strip()
    examples = "\n".join(f"  {line}" for line in command.examples)
    box = io.StringIO()
    try:
        with contextlib.redirect_stderr(box):
            options = tyro.cli(
                config,
                args=list(arguments),
                prog=f"chatrec {name}",
                description=f"{about}\n\nExamples:\n{examples}",
                config=(tyro.conf.FlagCreatePairsOff,),
            )
    except SystemExit as stop:
        if not stop.code:
            raise
        raise OptionsError(in_one_line(box.getvalue(), name)) from None
    if hasattr(options, "given"):
        options = dataclasses.replace(options, given=given_options(arguments))
    return function, options


def open_streams() -> None:
    """Give standard streams that are closed (``>&-``, ``<&-``) somewhere to read from and write to: nowhere.

    What a terminal cannot show is spelt or, where it is read, replaced.
    """
    from experiments.cli.terminal import spell_streams

    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # opened in this order, each takes the descriptor that is free: 0, 1, 2
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif name == "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    spell_streams()


@contextlib.contextmanager
def terminating() -> Iterator[None]:
    """Take SIGTERM (a batch system, ``docker stop``) for Ctrl-C: what was learned is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    owner = os.getpid()

    def stop(number: int, _: FrameType | None) -> None:
        if os.getpid() == owner:
            for worker in multiprocessing.active_children():  # Ctrl-C reaches them by itself
                worker.terminate()
            raise KeyboardInterrupt
        os._exit(128 + number)  # a worker that was forked

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def unusable(error: OSError) -> str:
    """A file, folder or address the system refused, in one line."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"expected that the system does what is needed, got: {reason}."
    places = " and ".join(str(place) for place in (error.filename, error.filename2) if place is not None)
    return f"{places}: expected a place that can be used, got: {reason}. Name another, or free this one."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    from experiments.cli.terminal import FAILED, INTERRUPTED, clean, say

    open_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = given[0] if given else "help"
    name = FORMERLY.get(asked, asked)
    if name != asked:
        say(f"chatrec {asked} is now called: chatrec {name}")
    try:
        if name in ("-h", "--help", "help"):
            print(overview(), flush=True)
            return 0
        with terminating():
            function, options = parse(name, given[1:])
            return function(options) or 0
    except KeyboardInterrupt:
        say("[yellow]Stopped.[/yellow]")
        return INTERRUPTED
    except ChatRecError as error:
        told = " ".join(str(error).splitlines())
        if name in COMMANDS:
            from experiments.cli.options import as_typed

            told = as_typed(told, COMMANDS[name].load()[1])
        say(f"[bold red]error:[/bold red] {clean(told)}")
        return FAILED
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        sys.stderr.close()
        return 0
    except OSError as error:
        say(f"[bold red]error:[/bold red] {clean(unusable(error))}")
        return FAILED
    except MemoryError as error:
        told = str(error) or "no more is to be had"
        say(
            f"[bold red]error:[/bold red] expected enough memory for what was asked, got: {clean(told)}. Ask for less."
        )
        return FAILED
    except ModuleNotFoundError as error:
        extra = COMMANDS[name].extra
        if not extra or error.name is None or importlib.util.find_spec(error.name.partition(".")[0]):
            raise  # a mistake of ours, or a package that is there and broken: not one that is missing
        missing = MissingExtraError(error.name, extra, f"chatrec {name}")
        say(f"[bold red]error:[/bold red] {clean(missing)}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())

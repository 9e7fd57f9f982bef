"""The ``chatrec`` command: finds the subcommand, parses its options, and turns errors into one clear line."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import io
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from chatrec_env.errors import ChatRecError, MissingExtraError, UnknownNameError


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Attributes:
        module: Where it is; imported only when asked for, so that the others start fast.
        config: Its options, a frozen dataclass of that module.
        function: What runs it, of that module: takes the options, returns an exit code (or None).
        summary: One line for ``chatrec --help``.
        examples: Lines for its own ``--help``.
        extra: Optional dependencies it needs.
    """

    module: str
    config: str
    function: str
    summary: str
    examples: tuple[str, ...]
    extra: str = ""


COMMANDS: dict[str, Command] = {
    "demo": Command(
        "experiments.demo",
        "DemoConfig",
        "demo",
        "train three agents on the built-in films, compare them, write a report",
        ("chatrec demo", "chatrec demo --seed 1 --out runs/second", "chatrec demo --fast"),
    ),
    "train": Command(
        "experiments.train",
        "TrainConfig",
        "train",
        "train one agent; resumable",
        (
            "chatrec train --agent ppo --env ChatRec/Items-v0 --scenario full --turns 800000 --seed 0",
            "chatrec train --agent q_learning --out runs/q --encoder hash --turns 50000",
            "chatrec train --agent ppo --set learning_rate=0.0005 ent_coef=0.02",
            "chatrec train --resume runs/q",
        ),
    ),
    "evaluate": Command(
        "experiments.evaluate",
        "EvaluateConfig",
        "evaluate",
        "let policies meet the same unseen people; one table with 95% intervals",
        (
            "chatrec evaluate runs/demo --people 2000",
            "chatrec evaluate runs/demo/policies/ppo greedy random --json > table.json",
            "chatrec evaluate random greedy ask_then_recommend --scenario null --encoder hash",
        ),
    ),
    "watch": Command(
        "experiments.watch",
        "WatchConfig",
        "watch",
        "one conversation turn by turn: beliefs, candidates, reasons, rewards",
        ("chatrec watch runs/demo --person 7", "chatrec watch greedy --encoder hash"),
    ),
    "chat": Command(
        "experiments.chat",
        "ChatConfig",
        "chat",
        "talk to a policy yourself, here in the terminal",
        ("chatrec chat runs/demo", "chatrec chat ask_then_recommend --encoder hash"),
    ),
    "doctor": Command(
        "experiments.doctor",
        "DoctorConfig",
        "doctor",
        "versions, models, caches; what is missing and the line that fixes it",
        ("chatrec doctor", "chatrec doctor --json"),
    ),
    "models": Command(
        "experiments.models",
        "ModelsConfig",
        "models",
        "the language models that play people: what is here, and fetching one",
        ("chatrec models list", "chatrec models get smollm2"),
        extra="llm",
    ),
    "encoders": Command(
        "experiments.encoders",
        "EncodersConfig",
        "encoders",
        "what encodes the conversation: what is here, how fast, how well it agrees",
        ("chatrec encoders", "chatrec encoders --compare minilm-int8 minilm-onnx hash --sentences 256"),
    ),
    "catalog": Command(
        "experiments.catalogs",
        "CatalogConfig",
        "catalog",
        "check a table of items, draft its declaration, list the built-in domains",
        (
            "chatrec catalog list",
            "chatrec catalog draft wines.csv",
            "chatrec catalog check wines.csv",
            "chatrec catalog check wines.csv --json > wines-report.json",
        ),
    ),
    "understand": Command(
        "experiments.understand",
        "UnderstandConfig",
        "understand",
        "how well the parser reads real dialogues, against labels made by hand",
        (
            "chatrec understand --dialogues path/to/ccpe",
            "chatrec understand --dialogues ccpe --json > understanding.json",
        ),
    ),
    "fidelity": Command(
        "experiments.fidelity",
        "FidelityConfig",
        "fidelity",
        "people made of language beside the scripted ones, and both beside real people",
        (
            'chatrec fidelity --users \'{"name": "llm", "backend": "llamacpp"}\' --people 40 --max-turns 8',
            "chatrec fidelity --dialogues path/to/ccpe --ratings path/to/ml-latest-small",
            "chatrec fidelity runs/demo/policies/ppo --replay --json > fidelity.json",
        ),
        extra="llm",
    ),
    "rank": Command(
        "experiments.rank",
        "RankConfig",
        "rank",
        "whether policies rank alike with scripted people and with people made of language",
        (
            "chatrec rank random popular greedy ask_then_recommend runs/demo/policies/ppo",
            'chatrec rank --users \'{"name": "llm", "backend": "llamacpp", "mode": "choice"}\' --people 40',
        ),
        extra="llm",
    ),
    "calibrate": Command(
        "experiments.calibrate",
        "CalibrateConfig",
        "calibrate",
        "fit a population of people to real ratings; held-out check, realism, a preset",
        (
            "chatrec calibrate --ratings path/to/ml-latest-small",
            "chatrec calibrate --ratings path/to/ml-1m --split time --json > calibration.json",
            'chatrec train --users \'{"name": "scripted", "population": "ml-small"}\'',
        ),
        extra="calibrate",
    ),
    "recall": Command(
        "experiments.recall",
        "RecallConfig",
        "recall",
        "what retrieval finds of what real people went on to like: content, collaborative, blended, popularity",
        (
            "chatrec recall --ratings path/to/ml-latest-small",
            "chatrec recall --ratings path/to/ml-1m --k 10 50 100 --json > recall.json",
        ),
        extra="collaborative",
    ),
    "export": Command(
        "experiments.services",
        "ExportConfig",
        "export",
        "write a policy for serving: safetensors and JSON",
        ("chatrec export runs/demo/policies/ppo exported/ppo",),
    ),
    "serve": Command(
        "experiments.services",
        "ServeConfig",
        "serve",
        "answer real people on localhost: API and web page",
        ("chatrec serve exported/ppo", "chatrec serve exported/ppo --port 9000"),
        extra="serve",
    ),
    "science": Command(
        "experiments.science",
        "ScienceConfig",
        "science",
        "the published comparison: every policy, scenario and training seed (long)",
        ("chatrec science", "chatrec science --json > science.json"),
    ),
    "domains": Command(
        "experiments.domains",
        "DomainsConfig",
        "domains",
        "PPO against the best heuristic in every domain (long)",
        (
            "chatrec domains",
            "chatrec domains --catalogs music travel --turns 100000 --people 500",
            "chatrec domains --json > domains.json",
        ),
    ),
    "headroom": Command(
        "experiments.headroom",
        "HeadroomConfig",
        "headroom",
        "what there is to win in each scenario, up to a planner that knows the person",
        (
            "chatrec headroom",
            "chatrec headroom --scenarios null satiation --people 1000 --json > headroom.json",
        ),
    ),
    "bench": Command(
        "experiments.benchmark",
        "BenchConfig",
        "benchmark",
        "turns per CPU-second, beside Gymnasium's CartPole-v1",
        ("chatrec bench",),
    ),
}


def overview() -> str:
    """What ``chatrec --help`` prints."""
    wide = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{wide}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        (
            "usage: chatrec COMMAND [OPTIONS]",
            "",
            "Chat-Rec: the Gymnasium of conversational recommendation.",
            "",
            *lines,
            "",
            "chatrec COMMAND --help tells a command's options, with examples. Tables are printed as JSON",
            "with --json; progress goes to standard error. Exit codes: 0 fine, 2 an error named in one line,",
            "130 stopped with Ctrl-C or SIGTERM (finished work is kept).",
            "",
            "Begin with:  chatrec demo",
        )
    )


def parse(name: str, arguments: Sequence[str]) -> tuple[Callable[[Any], int | None], Any]:
    """The function of a subcommand and its options.

    Raises:
        UnknownNameError: If there is no such subcommand.
        ChatRecError: If an option is out of its domain.
        OptionsError: If the options do not parse.
        SystemExit: After ``--help``.
    """
    import tyro

    from experiments.option_errors import OptionsError, in_one_line

    if name not in COMMANDS:
        raise UnknownNameError("command", name, COMMANDS)
    command = COMMANDS[name]
    module = importlib.import_module(command.module)
    config = getattr(module, command.config)
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
    return getattr(module, command.function), options


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
    from experiments.terminal import FAILED, INTERRUPTED, clean, say

    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show "±" shows "?"
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    try:
        with terminating():
            function, options = parse(given[0], given[1:])
            return function(options) or 0
    except KeyboardInterrupt:
        say("[yellow]Stopped.[/yellow]")
        return INTERRUPTED
    except ChatRecError as error:
        say(f"[bold red]error:[/bold red] {clean(' '.join(str(error).split()))}")
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
        extra = COMMANDS[given[0]].extra
        if not extra or error.name is None or importlib.util.find_spec(error.name.partition(".")[0]):
            raise  # a mistake of ours, or a package that is there and broken: not one that is missing
        missing = MissingExtraError(error.name, extra, f"chatrec {given[0]}")
        say(f"[bold red]error:[/bold red] {clean(missing)}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())

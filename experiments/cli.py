"""The ``chatrec`` command: finds the subcommand, parses its options, and turns errors into one clear line."""

from __future__ import annotations

import importlib
import inspect
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
            "130 stopped with Ctrl-C (finished work is kept).",
            "",
            "Begin with:  chatrec demo",
        )
    )


def parse(name: str, arguments: Sequence[str]) -> tuple[Callable[[Any], int | None], Any]:
    """The function of a subcommand and its options.

    Raises:
        UnknownNameError: If there is no such subcommand.
        ChatRecError: If an option is out of its domain.
        SystemExit: After ``--help``, and for options that do not parse.
    """
    import tyro

    if name not in COMMANDS:
        raise UnknownNameError("command", name, COMMANDS)
    command = COMMANDS[name]
    module = importlib.import_module(command.module)
    config = getattr(module, command.config)
    about = inspect.cleandoc(config.__doc__ or "").partition("Attributes:")[0].strip()
    examples = "\n".join(f"  {line}" for line in command.examples)
    options = tyro.cli(
        config,
        args=list(arguments),
        prog=f"chatrec {name}",
        description=f"{about}\n\nExamples:\n{examples}",
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    return getattr(module, command.function), options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    from experiments.terminal import FAILED, INTERRUPTED, clean, say

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show "±" shows "?"
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    try:
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
    except ImportError as error:
        extra = COMMANDS[given[0]].extra
        if not extra or error.name is None:
            raise
        missing = MissingExtraError(error.name, extra, f"chatrec {given[0]}")
        say(f"[bold red]error:[/bold red] {clean(missing)}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())

"""Options beside ``--resume``: those that would change the run are refused, by name."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from chatrec_env.errors import ConfigError
from experiments.report.runlog import Run


def open_run(folder: Path, kind: str) -> Run:
    """The run to go on with.

    Raises:
        ConfigError: If it is of another kind.
        ArtifactError: If it is no run folder, or damaged.
    """
    run = Run.open(folder)
    if run.kind != kind:
        raise ConfigError(f"{folder} is a {run.kind!r} run; only a {kind!r} run can be resumed here.")
    return run


def named_options(config: Any) -> set[str]:
    """Options that were named: on the command line (``config.given``), or by another value than their default."""
    differ = {f.name for f in fields(config) if getattr(config, f.name) != f.default}
    return {*config.given, *differ} & {f.name for f in fields(config)} - {"given"}


def refuse_changes(
    config: Any, run: Run, values: Mapping[str, tuple[Any, Any]], free: Sequence[str] = ("resume", "json")
) -> None:
    """Refuse options beside ``--resume`` that differ from what the run was started with.

    Args:
        config: Options of the command; its field ``given`` holds the names that stood on the command line.
        run: The run to go on with.
        values: By option, what it names now and what the run has.
        free: Options that may be given.

    Raises:
        ConfigError: Names the first such option, what came, what the run has, and what to do.
    """
    for name in sorted(named_options(config) - set(free)):
        came, has = values[name]
        if came != has:
            raise ConfigError(
                f"--{name.replace('_', '-')} {came} cannot be given beside --resume: {run.folder} was started with "
                f"{has}. Leave it out (chatrec {run.kind} --resume {shlex.quote(str(run.folder))}), or start a run of "
                "its own without --resume."
            )

"""Numbers of a run in the tool a team looks at: TensorBoard, Weights & Biases or MLflow, by ``--track``.

They are copies of ``metrics.jsonl``: each number of a record is a curve over turns, or one value where there are none.
Where a tool keeps them is said as its users know it: ``WANDB_MODE=offline`` and ``WANDB_PROJECT``,
``MLFLOW_TRACKING_URI`` and ``MLFLOW_EXPERIMENT_NAME``; TensorBoard's files lie in the run folder.
"""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import tyro

from chatrec_env.errors import ConfigError, MissingExtraError, UnknownNameError

NONE = "none"
TENSORBOARD = "tensorboard"

Track = Annotated[
    str,
    tyro.conf.arg(
        metavar="{none,tensorboard,wandb,mlflow}",
        help="Where numbers go besides the run folder (docs/evaluation.md).",
    ),
]
"""The option ``--track``."""

_ODD = re.compile(r"[^\w .-]+")
"""What no tool takes in a name, the sign of paths among it: a policy's folder is one name, not several."""


class Tool(Protocol):
    """One of the tools."""

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Numbers by name, at a step."""

    def keep(self, files: Sequence[Path]) -> None:
        """Files of the run."""

    def close(self) -> None:
        """All is said."""


class Tracker:
    """Copies records to a tool."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    def note(self, record: Mapping[str, Any]) -> None:
        """The numbers of a record of ``metrics.jsonl``, under its event and what it names."""
        values = dict(_numbers(record, [_name(part) for part in _prefix(record)]))
        if values:
            self._tool.log(values, int(record.get("turns", 0)))

    def keep(self, folder: Path, names: Sequence[str]) -> None:
        """Files of the run folder."""
        self._tool.keep([folder / name for name in names])


def _prefix(record: Mapping[str, Any]) -> list[str]:
    if "table" in record:
        return [record["table"], record["row"]]
    return [record[key] for key in ("event", "agent") if key in record]


def _name(part: object) -> str:
    return _ODD.sub("_", str(part).strip())


def _numbers(value: Any, path: list[str]) -> Iterator[tuple[str, float]]:
    """Numbers within plain JSON data, by their paths; lists are left out."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in ("turns", "n"):
                yield from _numbers(inner, path if key == "values" else [*path, _name(key)])
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield "/".join(path), float(value)


class _TensorBoard:
    def __init__(self, folder: Path, kind: str, config: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder / TENSORBOARD))

    def log(self, values: Mapping[str, float], step: int) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def keep(self, files: Sequence[Path]) -> None:
        """They lie beside its own."""

    def close(self) -> None:
        self._writer.close()


class _Wandb:
    def __init__(self, folder: Path, kind: str, config: Mapping[str, Any]) -> None:
        import wandb

        self._run = wandb.init(name=folder.name, job_type=kind, dir=str(folder), config=dict(config))
        # Agents of one run are trained one after the other: their turns begin anew, wandb's own steps may not.
        self._run.define_metric("*", step_metric="turns")

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._run.log({**values, "turns": step} if step else dict(values))

    def keep(self, files: Sequence[Path]) -> None:
        for file in files:
            self._run.save(str(file.resolve()), base_path=str(file.resolve().parent), policy="now")

    def close(self) -> None:
        self._run.finish()


class _Mlflow:
    def __init__(self, folder: Path, kind: str, config: Mapping[str, Any]) -> None:
        import mlflow

        self._mlflow = mlflow
        mlflow.start_run(run_name=folder.name, tags={"kind": kind})
        mlflow.log_dict(dict(config), "config.json")

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._mlflow.log_metrics(dict(values), step=step)

    def keep(self, files: Sequence[Path]) -> None:
        for file in files:
            self._mlflow.log_artifact(str(file))

    def close(self) -> None:
        self._mlflow.end_run()


TOOLS: dict[str, Callable[[Path, str, Mapping[str, Any]], Tool]] = {
    TENSORBOARD: _TensorBoard,
    "wandb": _Wandb,
    "mlflow": _Mlflow,
}


def check_tool(name: str) -> None:
    """See that there is such a tool; worth asking before long work.

    Raises:
        UnknownNameError: There is none of that name.
        MissingExtraError: It is not installed; names the line that installs it.
    """
    if name not in (NONE, *TOOLS):
        raise UnknownNameError("tracker", name, [NONE, *TOOLS])
    if name != NONE and importlib.util.find_spec(name) is None:
        raise MissingExtraError(name, name, f"--track {name}")


def check_kept(name: str, out: Path | None) -> None:
    """See that there is such a tool, and a run folder to copy from.

    Raises:
        UnknownNameError: See ``check_tool``.
        MissingExtraError: Likewise.
        ConfigError: There is no run folder.
    """
    check_tool(name)
    if name != NONE and out is None:
        raise ConfigError(f"--track {name} copies from a run folder. Name one with --out.")


@contextmanager
def tracking(name: str, folder: Path, kind: str, config: Mapping[str, Any]) -> Iterator[Tracker | None]:
    """The tracker of a run while it lasts; None of ``"none"``.

    Args:
        name: Of the tool.
        folder: The run folder, which exists; its name is the run's.
        kind: Of the run.
        config: Its options, as plain JSON data.

    Raises:
        UnknownNameError: See ``check_tool``.
        MissingExtraError: Likewise.
    """
    check_tool(name)
    if name == NONE:
        yield None
        return
    tool = TOOLS[name](folder, kind, config)
    try:
        yield Tracker(tool)
    finally:
        tool.close()

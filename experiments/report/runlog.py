"""The run folder: what was run with which versions and seeds, what came out, and nothing half-written.

``run.json`` says what the run is, ``metrics.jsonl`` what it measured as it went, ``policies/<name>/`` what
it learned, ``table.json`` what the evaluation found. Everything but the append-only metrics is written
beside its place and moved there, so a reader sees the old file or the new one.
"""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from agents import registry
from chatrec_env.errors import ArtifactError, ConfigError
from experiments.cli.terminal import command_line
from experiments.report.documents import FORMAT, jsonable, read_document, write_atomic, write_document
from experiments.report.tracking import Tracker

RUN, METRICS, TABLE, POLICIES = "run.json", "metrics.jsonl", "table.json", "policies"
STATUSES = ("running", "finished", "interrupted")
COUNTED = ("training", "evaluation")
"""Records of how far an agent is."""
RESUMED = ("train", "demo", "tune")
"""Kinds of runs that go on with ``--resume``."""

PACKAGES = (
    "chatrec",
    "gymnasium",
    "numpy",
    "torch",
    "transformers",
    "tokenizers",
    "onnx",
    "onnxruntime",
    "stable-baselines3",
    "sb3-contrib",
)
"""Packages whose versions a run notes: those that can change its numbers."""


def package_versions() -> dict[str, str | None]:
    """Versions of Python and of ``PACKAGES``, without importing them; None where one is absent."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def new_folder(parent: Path, name: str) -> Path:
    """``parent/name``, or ``name-2``, ``name-3``, ... if that is taken."""
    folder, number = parent / name, 2
    while folder.exists():
        folder, number = parent / f"{name}-{number}", number + 1
    return folder


def check_free(folder: Path, kind: str = "") -> None:
    """Makes sure that a run folder is empty or does not exist yet; worth asking before long work.

    Raises:
        ConfigError: The folder holds something already, or is none.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError(f"{folder} is a file; expected a folder that is empty or does not exist yet.")
    if any(folder.iterdir()):
        resume = (
            f", or resume it: {command_line('chatrec', kind, '--resume', folder)}"
            if kind in RESUMED and (folder / RUN).exists()
            else ""
        )
        raise ConfigError(f"{folder} is not empty. Choose another place{resume}.")


def check_new_file(path: Path | None) -> None:
    """Makes sure that a file to be written, if one was named, is not there yet; worth asking before long work.

    Raises:
        ConfigError: It is.
    """
    if path is not None and path.exists():
        raise ConfigError(f"{path} exists already. Expected a new file: name another, or remove this one.")


@dataclass(slots=True)
class Run:
    """An open run folder.

    Attributes:
        folder: Where it is.
        kind: ``"train"``, ``"evaluate"`` or ``"demo"``.
        config: The command's options.
        seeds: Named seeds.
        versions: Package versions at creation.
        status: ``"running"``, ``"finished"`` or ``"interrupted"``.
        finished: Steps that are done, in order.
        created: Unix time.
        tracker: Gets a copy of what is logged.
    """

    folder: Path
    kind: str
    config: dict[str, Any]
    seeds: dict[str, int]
    versions: dict[str, str | None] = field(default_factory=package_versions)
    status: str = "running"
    finished: list[str] = field(default_factory=list)
    created: float = field(default_factory=lambda: round(time.time(), 3))
    tracker: Tracker | None = None

    @classmethod
    def create(cls, folder: Path, *, kind: str, config: dict[str, Any], seeds: dict[str, int]) -> Run:
        """Start a run in a folder that is empty or does not exist yet.

        Raises:
            ConfigError: The folder holds something already.
        """
        check_free(folder, kind)
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder=folder, kind=kind, config=jsonable(config), seeds=seeds)
        run.save()
        return run

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Open an existing run folder, checking ``run.json`` and ``metrics.jsonl``.

        Raises:
            ArtifactError: It is no run folder, or something in it is damaged; names the file.
        """
        if not folder.is_dir():
            raise ArtifactError(f"{folder} is not a run folder: there is no such folder.")
        path = folder / RUN
        if not path.exists():
            raise ArtifactError(f"{folder} is not a run folder: expected a file {RUN} in it, found none.")
        document = read_document(path)
        shape = {
            "kind": str,
            "config": dict,
            "seeds": dict,
            "versions": dict,
            "finished": list,
            "status": str,
        }
        for name, kind in shape.items():
            if not isinstance(document.get(name), kind):
                raise ArtifactError(
                    f"{path} is damaged: expected {name!r} to be a {kind.__name__}, "
                    f"got {document.get(name)!r}."
                )
        run = cls(
            folder=folder,
            **{name: document[name] for name in shape},
            created=float(document.get("created", 0.0)),
        )
        run.metrics()
        return run

    def save(self) -> None:
        """Write ``run.json``."""
        names = ("kind", "status", "created", "config", "seeds", "finished", "versions")
        write_document(self.folder / RUN, {"format": FORMAT, **{name: getattr(self, name) for name in names}})

    def mark(self, status: str) -> None:
        """Note how the run stands."""
        if status not in STATUSES:
            raise ConfigError(f"status must be one of {list(STATUSES)}, got {status!r}.")
        self.status = status
        self.save()

    def done(self, step: str) -> None:
        """Note that a step is finished."""
        if step not in self.finished:
            self.finished.append(step)
        self.save()

    def log(self, event: str, **record: Any) -> None:
        """Append one line to ``metrics.jsonl`` and flush it, so that a killed run keeps it."""
        told = jsonable({"event": event, **record})
        line = json.dumps(told, ensure_ascii=False, allow_nan=False)
        with (self.folder / METRICS).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if self.tracker is not None:
            self.tracker.note(told)

    def metrics(self, event: str | None = None) -> list[dict[str, Any]]:
        """The records so far, optionally of one event.

        A last line without its line end is what a kill in mid-write leaves: it is cut off the file.

        Raises:
            ArtifactError: Any other line is not a JSON object; names the line.
        """
        path = self.folder / METRICS
        if not path.exists():
            return []
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        records = []
        for number, line in enumerate(whole.split(b"\n")[:-1], 1):
            try:
                record = json.loads(line)
                if not isinstance(record, dict) or "event" not in record:
                    raise ValueError("expected an object with an 'event'")
                if record["event"] in COUNTED and not (
                    isinstance(record.get("agent"), str) and isinstance(record.get("turns"), int)
                ):
                    raise ValueError("expected an 'agent' and its 'turns'")
            except ValueError as error:
                raise ArtifactError(f"{path}, line {number} is damaged: {error}. Remove the line.") from error
            records.append(record)
        if len(whole) < len(data):
            os.truncate(path, len(whole))
        return [r for r in records if event is None or r["event"] == event]

    def policy_folder(self, name: str) -> Path:
        """Where a policy of that name is kept."""
        return self.folder / POLICIES / name

    def policies(self) -> list[str]:
        """Names of the policies kept here, sorted."""
        folder = self.folder / POLICIES
        found = folder.iterdir() if folder.is_dir() else iter(())
        return sorted(p.name for p in found if p.is_dir() and not p.name.startswith("."))

    def choose(self, agent: str | None) -> Path:
        """Folder of the policy of this name; of one of those there are if it is None.

        Raises:
            ConfigError: There is no such policy.
        """
        names = self.policies()
        chosen = agent or registry.preferred(names) or next(iter(names), "")
        if chosen not in names:
            told = ", ".join(names) or "none yet"
            raise ConfigError(f"{self.folder} holds no policy {chosen!r}. It has: {told}.")
        return self.policy_folder(chosen)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the run atomically; returns its path."""
        path = self.folder / name
        write_atomic(path, content)
        return path

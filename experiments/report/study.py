"""What studies have in common: parts computed side by side and kept, a seed for each person, one way to show tables.

A study says which parts there are, what each finds (plain JSON data), which rows the parts make, and what they look
like. Parts run in worker processes; each is written as soon as it is known, and used again by a later run whose
options would give the same numbers. So a study that was stopped goes on where it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chatrec_env.catalog import load_catalog
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.core.user_simulator import MeteredUsers
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.shaping.entries import PAYMENTS, POTENTIALS
from experiments.cli.options import OptionalPath
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, output, print_json, say
from experiments.report.documents import FORMAT, jsonable, read_document, write_document
from experiments.report.engines import LOCAL, Engine, cores
from experiments.report.grid import Grid
from experiments.report.publish import Sheet, publish
from experiments.report.runlog import RUN, TABLE, Run
from experiments.report.tracking import NONE, Track, check_tool, tracking

STUDY = "study.json"
"""Says whose folder it is."""

LOCK = ".at-work"
"""Is locked by the run that computes, and names its process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyOptions:
    """Options of every study that is computed part by part.

    Attributes:
        workers: Processes side by side; each computes with one thread. Default: one for each core.
        engine: Where parts are computed: local (processes of this machine) or ray (the same numbers, on as many
            machines as its cluster has).
        address: Of a Ray cluster that is running; default: one on this machine, with as many workers.
        out: Run folder; default: runs/ and the name of the command. Finished parts in it are used again.
        track: Where numbers go besides the run folder.
        json: Print the tables as JSON.
    """

    workers: int = field(default_factory=cores)
    engine: str = LOCAL
    address: str = ""
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    @property
    def where(self) -> Engine:
        """Where parts are computed.

        Raises:
            ConfigError: If the engine is unknown, or an address is given without Ray.
        """
        return Engine(self.engine, self.workers, self.address)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a study that is computed, and kept, on its own.

    Attributes:
        name: Of its file.
        job: Finds its numbers, as plain JSON data; a function of a module, called with ``arguments`` and a meter.
        arguments: What the job needs; it has to travel to another process.
        signature: What the numbers depend on, as plain JSON data; with another one they are computed again.
    """

    name: str
    job: Callable[..., dict[str, Any]]
    arguments: tuple[Any, ...]
    signature: dict[str, Any]

    def file(self, folder: Path) -> Path:
        """Where it is kept."""
        return folder / "parts" / f"{self.name}.json"

    def kept(self, folder: Path) -> dict[str, Any] | None:
        """What it found in an earlier run; None if there was none, or its options were others.

        Raises:
            ArtifactError: The file was changed, or is that of another part.
        """
        file = self.file(folder)
        document = read_document(file, f"Delete {file} and run it again.") if file.exists() else {}
        if (named := document.get("part", self.name)) != self.name:
            raise ArtifactError(
                f"{file} holds the part {named!r}, not {self.name!r}: files of different parts or folders were mixed. "
                f"Delete {file} and run it again; or start anew elsewhere with --out."
            )
        found: dict[str, Any] | None = document.get("found")
        return found if document.get("signature") == jsonable(self.signature) else None

    def keep(self, folder: Path, found: dict[str, Any]) -> None:
        """Write what it found."""
        document = {"format": FORMAT, "part": self.name, "signature": self.signature, "found": found}
        write_document(self.file(folder), document)

    def once(self, folder: Path, meter: Meter) -> dict[str, Any]:
        """What it found, now or in an earlier run; computed here, as a step of another part."""
        found = self.kept(folder)
        if found is None:
            self.keep(folder, self.job(*self.arguments, meter))
            found = self.kept(folder)
        assert found is not None
        return found


def contents(catalog: str, reward: RewardConfig | None = None, files: Iterable[Path] = ()) -> dict[str, Any]:
    """Digests of what settings only name, for the signature of a part: files that may be edited between two runs.

    Args:
        catalog: A name or path: of the items.
        reward: Of its terms and its potential, where they are one's own: of the modules that hold them.
        files: Of further files that are named.

    Raises:
        UnknownNameError: There is no such catalogue.
    """
    digests = {"items": load_catalog(catalog).digest}
    functions = []
    if reward is not None:
        functions = [PAYMENTS[name].function for name in reward.terms]
        functions += [POTENTIALS[reward.shaping]] if reward.shaping in POTENTIALS else []
    for module in sorted({function.partition(":")[0] for function in functions}):
        file = getattr(importlib.import_module(module), "__file__", None)
        if file is not None and module.partition(".")[0] != "chatrec_env":
            digests[module] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    digests |= {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}
    return {"contents": digests}


def chosen(config: Any, names: Iterable[str]) -> dict[str, Any]:
    """Some options of a study, for the signature of a part."""
    return {name: value for name, value in asdict(config).items() if name in set(names)}


def folder_of(config: StudyOptions, name: str) -> Path:
    """The folder of a study of this name, made if need be; it says whose it is.

    Raises:
        ConfigError: It is that of another study, or of a run: their pages and tables would be mixed.
        MissingExtraError: The tool that numbers are to go to is not installed.
        ArtifactError: What says whose it is was changed.
    """
    check_tool(config.track)
    folder = config.out or Path("runs") / name
    mark = folder / STUDY
    whose = "a run" if (folder / RUN).exists() else name
    if mark.exists():
        whose = read_document(mark, f"Delete {mark} and run it again.")["study"]
    if whose != name:
        raise ConfigError(f"{folder} belongs to {whose}, not to {name}. Choose another place with --out.")
    if not mark.exists():
        write_document(mark, {"format": FORMAT, "study": name})
    return folder


def compute_groups(
    groups: Mapping[str, Sequence[Part]], folder: Path, engine: Engine, meter: Meter
) -> dict[str, list[dict[str, Any]]]:
    """What the parts of every group found, in their order; see ``compute``."""
    found = compute([part for own in groups.values() for part in own], folder, engine, meter)
    return {name: [found[part.name] for part in own] for name, own in groups.items()}


def compute(parts: Sequence[Part], folder: Path, engine: Engine, meter: Meter) -> dict[str, dict[str, Any]]:
    """What every part found, by its name; what is not in the folder yet is computed.

    Raises:
        ConfigError: Another run is at work in the folder.
    """
    with alone_in(folder):
        return _compute(parts, folder, engine, meter)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Be the only run at work in a folder; the lock is the system's, which frees it when the process ends, even killed.

    Raises:
        ConfigError: Another run is.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ConfigError(
                f"Another run is at work in {folder}: process {lock.read()}. Wait until it has ended, or choose "
                "another place with --out."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _compute(parts: Sequence[Part], folder: Path, engine: Engine, meter: Meter) -> dict[str, dict[str, Any]]:
    for half in (folder / "parts").glob(".*.part"):  # of a run that was killed while it wrote
        half.unlink(missing_ok=True)
    found = {part.name: part.kept(folder) for part in parts}
    todo = [part for part in parts if found[part.name] is None]

    def keep(part: Part, numbers: dict[str, Any]) -> None:
        found[part.name] = jsonable(numbers)
        part.keep(folder, numbers)

    engine.run(todo, meter, keep)
    return {name: numbers for name, numbers in found.items() if numbers is not None}


def show(document: Any, grids: Iterable[Grid], *, json: bool) -> None:
    """Print a study's document as JSON, or its tables for people."""
    if json:
        print_json(document)
        return
    for grid in grids:
        output().print(grid)


def keep_table(
    folder: Path,
    kind: str,
    options: dict[str, Any],
    seeds: dict[str, int],
    table: dict[str, Any],
    users: Iterable[object],
    sheet: Sheet | None = None,
    track: str = NONE,
) -> Run:
    """Write a run folder with one table, its page, and what the simulated users have cost where that is metered."""
    run = Run.create(folder, kind=kind, config=options, seeds=seeds)
    write_document(run.folder / TABLE, table)
    for speaker in {id(one): one for one in users if isinstance(one, MeteredUsers)}.values():
        run.log("users", **speaker.usage())
    if sheet is not None:
        with tracking(track, run.folder, kind, run.config) as tracker:
            publish(run.folder, sheet, run.versions, tracker)
    run.done(kind)
    run.mark("finished")
    return run


def finish(config: StudyOptions, folder: Path, document: dict[str, Any], sheet: Sheet) -> int:
    """Keep a study's document and page in its folder and show its tables; returns the exit code."""
    write_document(folder / TABLE, document)
    with tracking(config.track, folder, folder.name, jsonable(asdict(config))) as tracker:
        page = publish(folder, sheet, tracker=tracker)
    show(document, sheet.grids, json=config.json)
    say(f"Kept in {clean(folder)}, page: {clean(page.resolve())}")
    return 0

"""One small demo run, made once per process, for every test that looks at what a run leaves behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.demo import FAST, Demo, Sizes
from experiments.progress import Meter
from experiments.runlog import Run

TINY = replace(FAST, people=12, curve_people=6, tabular_turns=500, ppo_turns=1024, tune_rounds=(2,))


@dataclass(frozen=True)
class Finished:
    """A finished demo."""

    folder: Path
    sizes: Sizes


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A finished demo; do not write into it."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    run = Run.create(folder, kind="demo", config=asdict(TINY), seeds={"all": 0})
    Demo(run, Meter(quiet=True)).go()
    return Finished(folder, TINY)


@pytest.fixture
def own_run(finished: Finished, tmp_path: Path) -> Path:
    """A copy of the finished demo, to damage."""
    return Path(shutil.copytree(finished.folder, tmp_path / "run"))


@dataclass(frozen=True)
class Called:
    """What a command came to."""

    code: int
    out: str
    err: str


Call = Callable[..., Called]


@pytest.fixture
def chatrec(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the command in an empty folder; returns exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Called:
        capsys.readouterr()
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else 1
        return Called(code, *capsys.readouterr())

    return call

"""One small demo run, made once per process, for every test that looks at what a run leaves behind."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from chatrec_env.envs.task import _TASKS
from experiments.cli.main import main
from experiments.cli.progress import Meter
from experiments.report.runlog import Run
from experiments.train.demo import FAST, Demo, Sizes
from simulators.llm import backends
from simulators.llm.backends.base import Answer, Capabilities, Reply, Request, ScoreRequest

TINY = replace(FAST, people=12, curve_people=6, turns=1024, tune_rounds=(2,))


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


@pytest.fixture
def refused(chatrec: Call, tmp_path: Path) -> Callable[..., None]:
    """Sees that a command ends in one line of an error that says so, before it has made a run folder."""

    def check(says: str, *arguments: object) -> None:
        done = chatrec(*arguments)
        assert (done.code, done.out) == (2, "")
        errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1
        assert says in errors[0]
        assert "Traceback" not in done.err
        assert not (tmp_path / "runs").exists()

    return check


class RuleBackend:
    """Repeats what was meant, or names a film; finds a taste likelier where the facts hold it."""

    name, identity = "rules", "rules/1"
    capabilities = Capabilities(scores=True, json=False, batch=True)

    def __init__(self) -> None:
        self.asked = 0
        self.leaky = False
        self.read: list[str] = []  # all that was put to it

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        self.asked += len(requests)
        for request in requests:
            if isinstance(request, ScoreRequest):
                self.read.append(request.prompt)
            else:
                self.read += [text for _, text in request.messages]
        return [self._one(request) for request in requests]

    def _one(self, request: Request) -> Reply:
        if isinstance(request, ScoreRequest):
            said = set(re.findall(r"[a-z]{4,}", request.continuation.lower()))
            held = any(word[:5] in request.prompt.lower() for word in said)
            return Reply(score=-8.0 + 4.0 * held, prompt_tokens=20, seconds=0.01)
        tail = " Like The Godfather." if self.leaky else ""
        return Reply(text=request.messages[-1][1] + tail, prompt_tokens=90, reply_tokens=10, seconds=0.02)

    def close(self) -> None:
        pass


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RuleBackend:
    backend = RuleBackend()
    monkeypatch.setitem(backends.CUSTOM, "rules", lambda _: backend)
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path / "cache"))
    for key in [
        key for key in _TASKS if '"rules"' in key
    ]:  # tasks are shared in a process; here each has its own
        monkeypatch.delitem(_TASKS, key, raising=False)
    return backend

"""Parts of a study: kept, used again while their options stand, computed here or in other processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import named_files
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from experiments.cli.progress import Meter
from experiments.report.documents import write_atomic
from experiments.report.engines import Engine
from experiments.report.runlog import Run
from experiments.report.study import Part, StudyOptions, compute, contents, folder_of

QUIET, ALONE = Meter(quiet=True), Engine(workers=1)


def square(number: float, meter: Meter) -> dict[str, Any]:
    """A job: also says when it was done."""
    return {"square": number * number, "when": time.time_ns(), "nothing": float("nan")}


def fail(meter: Meter) -> dict[str, Any]:
    """A job that cannot be done."""
    raise RuntimeError("this part fails")


def parts(*numbers: float, version: int = 1) -> list[Part]:
    return [Part(f"part-{n}", square, (n,), {"number": n, "version": version}) for n in numbers]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_part_is_found_in_its_place(workers: int, tmp_path: Path) -> None:
    found = compute(parts(3, 4), tmp_path, Engine(workers=workers), QUIET)
    assert {name: numbers["square"] for name, numbers in found.items()} == {"part-3": 9, "part-4": 16}
    assert found["part-3"]["nothing"] is None  # as it reads from its file
    assert compute(parts(3, 4), tmp_path, Engine(workers=workers), QUIET) == found


def test_a_part_of_other_options_is_computed_again_and_the_others_are_not(tmp_path: Path) -> None:
    before = compute(parts(3, 4), tmp_path, ALONE, QUIET)
    after = compute([*parts(3), *parts(4, version=2)], tmp_path, ALONE, QUIET)
    assert after["part-3"] == before["part-3"]
    assert after["part-4"]["when"] > before["part-4"]["when"]


def test_a_step_of_a_part_is_found_once(tmp_path: Path) -> None:
    (one,) = parts(3)
    assert one.once(tmp_path, QUIET) == one.once(tmp_path, QUIET)
    assert one.once(tmp_path, QUIET)["square"] == 9


def test_a_part_in_the_place_of_another_is_named(tmp_path: Path) -> None:
    compute(parts(3, 4), tmp_path, ALONE, QUIET)
    one, other = (part.file(tmp_path) for part in parts(3, 4))
    other.write_bytes(one.read_bytes())
    with pytest.raises(ArtifactError, match=r"part-4\.json holds the part 'part-3'.*were mixed"):
        compute(parts(3, 4), tmp_path, ALONE, QUIET)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text[: len(text) // 2], id="cut"),
        pytest.param(lambda text: text.replace('"square": 9', '"square": 8'), id="edited"),
        pytest.param(lambda text: text.replace('"format": 1', '"format": 99'), id="of-another-format"),
    ],
)
def test_a_damaged_part_is_computed_again_once_it_is_deleted(
    damage: Callable[[str], str], tmp_path: Path
) -> None:
    compute(parts(3), tmp_path, ALONE, QUIET)
    file = parts(3)[0].file(tmp_path)
    file.write_text(damage(file.read_text()))
    with pytest.raises(ArtifactError, match=re.escape(f"Delete {file} and run it again.")):
        compute(parts(3), tmp_path, ALONE, QUIET)
    file.unlink()
    assert compute(parts(3), tmp_path, ALONE, QUIET)["part-3"]["square"] == 9


def test_a_folder_belongs_to_one_study(tmp_path: Path) -> None:
    mine = StudyOptions(out=tmp_path / "mine")
    assert folder_of(mine, "sweep") == folder_of(mine, "sweep") == tmp_path / "mine"
    with pytest.raises(ConfigError, match="belongs to sweep, not to shaping"):
        folder_of(mine, "shaping")
    Run.create(tmp_path / "run", kind="train", config={}, seeds={})
    with pytest.raises(ConfigError, match="belongs to a run"):
        folder_of(StudyOptions(out=tmp_path / "run"), "sweep")


ALONE_IN = """
import pathlib, sys, time
from experiments.report.study import alone_in

with alone_in(pathlib.Path(sys.argv[1])):
    print("at work", flush=True)
    time.sleep(60)
"""


def test_one_run_at_a_time_is_at_work_in_a_folder(tmp_path: Path) -> None:
    """Whoever comes second is told so; a run that was killed stands in nobody's way."""
    first = subprocess.Popen(
        [sys.executable, "-c", ALONE_IN, tmp_path],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
    )
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"at work\n"
        with pytest.raises(ConfigError, match=rf"at work in {tmp_path}: process {first.pid}\."):
            compute(parts(3), tmp_path, ALONE, QUIET)
        first.kill()
    assert compute(parts(3), tmp_path, ALONE, QUIET)["part-3"]["square"] == 9


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_finished_before_a_failure_is_kept(workers: int, tmp_path: Path) -> None:
    compute(parts(3), tmp_path, ALONE, QUIET)
    with pytest.raises(RuntimeError, match="this part fails"):
        compute([*parts(3), Part("broken", fail, (), {})], tmp_path, Engine(workers=workers), QUIET)
    assert parts(3)[0].kept(tmp_path) is not None
    assert Part("broken", fail, (), {}).kept(tmp_path) is None


def die_once(mark: str, number: int, meter: Meter) -> dict[str, Any]:
    """A job whose worker is killed the first time."""
    if number == 1 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"number": number}


def test_a_worker_that_dies_costs_a_retry(tmp_path: Path) -> None:
    mark = str(tmp_path / "died")
    work = [Part(f"part-{n}", die_once, (mark, n), {"number": n}) for n in range(3)]
    found = compute(work, tmp_path, Engine(workers=2), QUIET)
    assert Path(mark).exists()
    assert sorted(numbers["number"] for numbers in found.values()) == [0, 1, 2]


SLOW = """
import os, pathlib, sys, time
from experiments.cli.main import terminating
from experiments.cli.progress import Meter
from experiments.report.engines import Engine
from experiments.report.study import Part, compute

def slow(folder, number, meter):
    try:
        (pathlib.Path(folder) / f"{number}.begun").write_text(str(os.getpid()))
        time.sleep(60)
    except KeyboardInterrupt:
        (pathlib.Path(folder) / f"{number}.checkpoint").touch()
        raise

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    work = [Part(f"part-{n}", slow, (sys.argv[1], n), {}) for n in range(4)]
    with terminating():
        compute(work, folder, Engine(workers=2), Meter(quiet=True))
"""


@pytest.mark.parametrize(
    ("number", "checkpoints"), [(signal.SIGINT, 2), (signal.SIGTERM, 2), (signal.SIGKILL, 0)]
)
def test_a_study_that_is_stopped_ends_with_its_workers(
    number: signal.Signals, checkpoints: int, tmp_path: Path
) -> None:
    """The signal reaches the main process alone; two of four parts are under way, and no other is begun."""
    (tmp_path / "slow_study.py").write_text(SLOW, encoding="utf-8")
    study = subprocess.Popen(
        [sys.executable, tmp_path / "slow_study.py", tmp_path],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    begun: list[str] = []
    while len(begun) < 2 and time.monotonic() < until:
        time.sleep(0.05)
        begun = [told for file in tmp_path.glob("*.begun") if (told := file.read_text())]
    workers = [int(told) for told in begun]
    study.send_signal(number)
    assert study.wait(6) != 0
    until = time.monotonic() + 3
    while any(map(is_running, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [is_running(worker) for worker in workers] == [False, False]
    assert len(list(tmp_path.glob("*.checkpoint"))) == checkpoints
    assert len(list(tmp_path.glob("*.begun"))) == 2


def is_running(process: int) -> bool:
    """Whether there is such a process, one that ended and was not waited for aside."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return not told.stdout.strip().startswith("Z") and bool(told.stdout.strip())


def test_what_a_killed_run_left_half_written_goes(tmp_path: Path) -> None:
    half = tmp_path / "parts" / ".part-3.json.99.part"
    half.parent.mkdir()
    half.write_text("{")
    compute(parts(3), tmp_path, ALONE, QUIET)
    assert [file.name for file in half.parent.iterdir()] == ["part-3.json"]


def test_engines_by_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'ray'"):
        Engine("rai")
    with pytest.raises(ConfigError, match="Leave it out"):
        Engine(address="10.0.0.1:6379")


def test_a_part_depends_on_what_is_in_the_files_it_names(tmp_path: Path) -> None:
    """Themes, notions, a population: under the same path with other contents, other numbers."""
    themes = tmp_path / "themes.safetensors"
    env = EnvConfig(encoder="hash", semantic=1.0, themes=str(themes))
    found = []
    for held in (b"one", b"other", b"one"):
        themes.write_bytes(held)
        found.append(contents(env.catalog, env.reward, named_files(env)))
    assert found[0] != found[1]
    assert found[0] == found[2]


def test_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="is a folder or a device"):
        write_atomic(pipe, "text")
    assert pipe.is_fifo()

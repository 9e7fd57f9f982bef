"""Rules are compiled once, announced, and never fatally; elementary functions have the same bits everywhere."""

from __future__ import annotations

import copy
import ctypes
import math
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from chatrec_env.core.compiled import Met, Repeated, renew, rule
from chatrec_env.core.elementary import exp32, log32

F32 = np.float32

RULES = """
from typing import NamedTuple
from chatrec_env.core.compiled import rule

STEP = 21

class Pair(NamedTuple):
    a: float
    b: float

@rule
def twice(x):
    return x + x

@rule
def aside(x):
    \"\"\"Said.\"\"\"
    return x * 10

@rule
def first(pair):
    return pair.a

@rule
def answer(x):
    return twice(x + STEP)
"""

USE = """
import sys
from numba.core import event
{before}
sys.path.insert(0, {folder!r})

class Listener(event.Listener):
    def on_start(self, found):
        print("compiles", found.data["dispatcher"].py_func.__name__)
    def on_end(self, found):
        pass

event.register("numba:compile", Listener())
from simulators_of_test import Pair, answer, aside, first
print(int(answer(0)), aside(2), first(Pair(1.0, 2.0)))
"""

REPO = Path(__file__).parents[2]
STEPS = """
from pathlib import Path
import gymnasium, chatrec_env
env = gymnasium.make("ChatRec/Items-v0", encoder="hash")
env.reset(seed=0)
steps = [env.step(0) for _ in range(5)]
print(len(steps), Path(chatrec_env.__file__).parents[1])
"""


def run(
    folder: Path, changes: tuple[str, str] = ("", ""), before: str = "", **options: Any
) -> subprocess.CompletedProcess[str]:
    """Use small rules in a process of its own, kept in ``folder``; ``options`` of ``subprocess.run``."""
    if "env" not in options:
        (folder / "simulators_of_test.py").write_text(RULES.replace(*changes) if changes[0] else RULES)
    code = USE.format(before=before, folder=str(folder))
    return subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        **options,
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the small rules are kept already; copy it."""
    folder = tmp_path_factory.mktemp("kept")
    run(folder)
    return folder


def test_compiling_is_announced_once_and_kept(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    compiled = "compiles answer\ncompiles twice\ncompiles aside\ncompiles first\n"
    assert (first.stdout, second.stdout) == (compiled + "42 20 1.0\n", "42 20 1.0\n")
    assert first.stderr.count("compiling its rules for this machine") == 1
    assert second.stderr == ""


def test_where_nothing_can_be_kept_it_says_what_to_do(tmp_path: Path) -> None:
    nowhere = "from numba.core.caching import CacheImpl\nCacheImpl._locator_classes = []"
    done = run(tmp_path, before=nowhere)
    assert done.stdout.endswith("42 20 1.0\n")
    assert "Set NUMBA_CACHE_DIR to one that can" in done.stderr


def without_override() -> None:
    """In a child process: permissions hold for root too (CAP_DAC_OVERRIDE leaves what it may have)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """``sealed(folder)``: makes a folder and a home read-only; options of a process for which they are."""
    closed: list[Path] = []

    def seal(folder: Path) -> dict[str, Any]:
        home = tmp_path / "home"
        home.mkdir()
        closed.extend([home, folder, *(path for path in folder.rglob("*") if path.is_dir())])
        for path in closed:
            path.chmod(0o555)
        kept = ("NUMBA_CACHE_DIR", "CHATREC_CACHE", "XDG_CACHE_HOME")
        env = {name: value for name, value in os.environ.items() if name not in kept} | {"HOME": str(home)}
        options: dict[str, Any] = {"env": env, "preexec_fn": without_override if os.getuid() == 0 else None}
        try_it = [sys.executable, "-c", f"open({str(folder / 'x')!r}, 'w')"]
        if subprocess.run(try_it, capture_output=True, check=False, **options).returncode == 0:
            pytest.skip("this process may write whatever the permissions, and cannot give that up")
        return options

    yield seal
    for path in closed:
        path.chmod(0o755)


def test_where_package_and_home_are_read_only_the_remedy_works_as_printed(
    tmp_path: Path, sealed: Callable[..., dict[str, Any]]
) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "simulators_of_test.py").write_text(RULES)
    options = sealed(folder)
    done = run(folder, **options)
    assert done.stdout.endswith("42 20 1.0\n")
    assert len(done.stderr.splitlines()) == 1
    assert "Set NUMBA_CACHE_DIR to one that can" in done.stderr
    options["env"]["NUMBA_CACHE_DIR"] = str(tmp_path / "kept")
    first, second = run(folder, **options), run(folder, **options)
    assert (first.stdout.count("compiles"), second.stdout, second.stderr) == (4, "42 20 1.0\n", "")


@pytest.mark.long
def test_an_environment_runs_where_package_and_home_are_read_only(
    tmp_path: Path, sealed: Callable[..., dict[str, Any]]
) -> None:
    """It compiles all the rules of a step, which takes a minute or two."""
    package, told = tmp_path / "package", []
    for name in ("chatrec_env", "simulators", "agents", "experiments"):
        shutil.copytree(REPO / name, package / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = sealed(package)
    for command in (["-c", STEPS], ["-m", "experiments.cli.main", "doctor"]):
        done = subprocess.run(
            [sys.executable, "-B", *command],
            capture_output=True,
            text=True,
            cwd=package,
            check=False,
            **options,
        )
        told.append((done.returncode, done.stdout, done.stderr))
    assert told[0][:2] == (0, f"5 {package}\n")
    assert len(told[0][2].splitlines()) == 1
    assert "Set NUMBA_CACHE_DIR to one that can" in told[0][2]
    assert "every process compiles anew" in told[1][1]
    assert "export NUMBA_CACHE_DIR=" in told[1][1]


@pytest.mark.parametrize(
    ("old", "new", "again", "result"),
    [
        pytest.param("return x + x", "return 3 * x", ["answer", "twice"], "63 20 1.0", id="called rule"),
        pytest.param("STEP = 21", "STEP = 4", ["answer"], "8 20 1.0", id="named constant"),
        pytest.param("x * 10", "x * 11", ["aside"], "42 22 1.0", id="another rule"),
        pytest.param("a: float\n    b", "b: float\n    a", ["first"], "42 20 2.0", id="order of fields"),
        pytest.param("\nSTEP", "\n# A line more.\n\nSTEP", [], "42 20 1.0", id="line numbers"),
        pytest.param("Said.", "Said otherwise.", [], "42 20 1.0", id="docstring"),
    ],
)
def test_an_edit_compiles_anew_what_it_changes(
    kept: Path, tmp_path: Path, old: str, new: str, again: list[str], result: str
) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    done = run(tmp_path, changes=(old, new))
    assert done.stdout == "".join(f"compiles {name}\n" for name in again) + result + "\n"


def test_what_was_damaged_is_compiled_anew(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    forms = list(tmp_path.rglob("*.rule"))
    assert len(forms) == 4
    for path in forms:
        path.write_bytes(path.read_bytes()[:-7])
    assert run(tmp_path).stdout.count("compiles") == 4


class Pair(NamedTuple):
    a: Any
    b: Any


@rule
def total(pair: Any, more: Any) -> Any:
    return pair.a[0] + pair.b[0] + more[0]


def test_a_record_met_before_is_known_and_another_is_not_taken_for_it() -> None:
    add = Repeated(total)
    one = Pair(np.array([1.0]), np.array([2.0]))
    other = Pair(np.array([10.0]), np.array([20.0]))
    more = np.array([100.0])
    assert [add(one, more), add(one, more), add(other, more), add(one, more)] == [103, 103, 130, 103]
    whole = Pair(np.array([1]), np.array([2]))  # of another type: the first form would read it wrongly
    assert [add(whole, more), add(whole, more), add(one, more)] == [103, 103, 103]


def test_records_that_were_met_are_kept_but_one_of_many_people() -> None:
    """More would fill the memory: an environment of 1,024 conversations makes new ones at most turns."""
    met, more = Met(), np.array([100.0])
    add = Repeated(total, met=met)
    few, many, others = (Pair(np.arange(n, n + 2.0 * n), np.ones(n)) for n in (2, 1024, 512))
    assert [add(one, more) for one in (few, many, others, others)] == [103.0, 1125.0, 613.0, 613.0]
    few.a[0] = 7.0  # arrays are read where they are
    assert add(few, more) == 108.0
    if hasattr(total, "overloads"):  # compiled: see NUMBA_DISABLE_JIT
        assert [id(held.record) for held in met.values()] == [id(few), id(others)]


def test_a_record_made_anew_has_the_row_of_the_blank_one_in_all_its_rows() -> None:
    many = Pair(np.ones((3, 2), np.float32), Pair(np.arange(3, dtype=np.int8), np.zeros((3, 0))))
    blank = Pair(np.array([[5, 6]], np.float32), Pair(np.array([7], np.int8), np.zeros((1, 0))))
    Repeated(renew, 2)(many, blank)
    assert many.a.tolist() == [[5.0, 6.0]] * 3
    assert many.b.a.tolist() == [7, 7, 7]


def test_what_was_met_does_not_travel_to_another_process() -> None:
    add, more = Repeated(total), np.array([100.0])
    one = Pair(np.array([1.0]), np.array([2.0]))
    assert add(one, more) == 103
    for other in (pickle.loads(pickle.dumps(add)), copy.deepcopy(add)):
        assert other(pickle.loads(pickle.dumps(one)), more) == 103
    assert not copy.deepcopy(Met({1: 2}))  # type: ignore[dict-item]


@pytest.mark.parametrize("x", [-20.0, -3.7, -1e-3, 0.0, 0.1, 1.0, 5.3, 42.0])
def test_exponentials_are_right_to_four_units_in_the_last_place(x: float) -> None:
    found = F32(exp32(F32(x)))
    assert abs(float(found) - math.exp(F32(x))) <= 4 * np.spacing(found)
    assert rule_in_python(exp32, F32(x)) == found


@pytest.mark.parametrize("x", [1e-9, 0.01, 0.5, math.sqrt(0.5), 1.0, 1.5, 2.0, 1e6])
def test_logarithms_are_right_to_four_units_in_the_last_place(x: float) -> None:
    found = F32(log32(F32(x)))
    assert abs(float(found) - math.log(F32(x))) <= 4 * max(np.spacing(abs(found)), np.finfo(F32).tiny)
    assert rule_in_python(log32, F32(x)) == found


def rule_in_python(compiled: Any, x: Any) -> Any:
    """The same code interpreted."""
    return getattr(compiled, "py_func", compiled)(x)

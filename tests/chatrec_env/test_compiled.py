"""Rules are compiled once, announced, and never fatally; elementary functions have the same bits everywhere."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from chatrec_env.core.compiled import Repeated, rule
from chatrec_env.core.elementary import exp32, log32

F32 = np.float32

SMALL_RULE = """
import sys
import numpy as np
{before}
from pathlib import Path
sys.path.insert(0, {folder!r})
from chatrec_env.core import compiled
{between}
from simulators_of_test import twice
print(twice(np.float32(21)))
"""


def run(folder: Path, before: str = "", between: str = "") -> subprocess.CompletedProcess[str]:
    """Use one small rule in a process of its own, kept in ``folder``."""
    (folder / "simulators_of_test.py").write_text(
        "from chatrec_env.core.compiled import rule\n\n\n@rule\ndef twice(x):\n    return x + x\n"
    )
    code = SMALL_RULE.format(before=before, between=between, folder=str(folder))
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False, timeout=120
    )


def test_compiling_is_announced_once_and_kept(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert (first.returncode, first.stdout, second.returncode, second.stdout) == (0, "42.0\n", 0, "42.0\n")
    assert first.stderr.count("compiling its rules for this machine") == 1
    assert second.stderr == ""


def test_where_nothing_can_be_kept_it_says_what_to_do(tmp_path: Path) -> None:
    nowhere = "from numba.core.caching import CacheImpl\nCacheImpl._locator_classes = []"
    done = run(tmp_path, before=nowhere)
    assert (done.returncode, done.stdout) == (0, "42.0\n")
    assert "Set NUMBA_CACHE_DIR to one that can" in done.stderr


def test_what_was_kept_of_other_source_files_is_compiled_anew(tmp_path: Path) -> None:
    run(tmp_path)
    changed = run(tmp_path, between="compiled.sources = lambda: 'another version'")
    assert (changed.returncode, changed.stdout) == (0, "42.0\n")
    assert "compiling its rules" in changed.stderr


def test_what_was_damaged_is_compiled_anew(tmp_path: Path) -> None:
    run(tmp_path)
    kept = list(tmp_path.rglob("*.nbi")) + list(tmp_path.rglob("*.nbc"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:-7])
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (0, "42.0\n")


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

"""Parts of a study: kept, used again while their options stand, computed here or in other processes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.progress import Meter
from experiments.report.study import Part, compute

QUIET = Meter(quiet=True)


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
    found = compute(parts(3, 4), tmp_path, workers, QUIET)
    assert {name: numbers["square"] for name, numbers in found.items()} == {"part-3": 9, "part-4": 16}
    assert found["part-3"]["nothing"] is None  # as it reads from its file
    assert compute(parts(3, 4), tmp_path, workers, QUIET) == found


def test_a_part_of_other_options_is_computed_again_and_the_others_are_not(tmp_path: Path) -> None:
    before = compute(parts(3, 4), tmp_path, 1, QUIET)
    after = compute([*parts(3), *parts(4, version=2)], tmp_path, 1, QUIET)
    assert after["part-3"] == before["part-3"]
    assert after["part-4"]["when"] > before["part-4"]["when"]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_finished_before_a_failure_is_kept(workers: int, tmp_path: Path) -> None:
    compute(parts(3), tmp_path, 1, QUIET)
    with pytest.raises(RuntimeError, match="this part fails"):
        compute([*parts(3), Part("broken", fail, (), {})], tmp_path, workers, QUIET)
    assert parts(3)[0].kept(tmp_path) is not None
    assert Part("broken", fail, (), {}).kept(tmp_path) is None

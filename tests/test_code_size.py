"""No module, function or folder grows too large: the limits of ``experiments.benchmarks.code_size`` hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.benchmarks.code_size import MOST_ARGUMENTS, MOST_LINES, MOST_MODULES, Size, count

REPO = Path(__file__).resolve().parents[1]


def test_nothing_passes_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPO)
    assert [name for names in count(None).over_limits().values() for name in names] == []


def test_what_is_counted() -> None:
    size = Size()
    size.add("p/__init__.py", "")
    size.add("p/long.py", "x = 1\n" * (MOST_LINES + 1))
    names = [f"a{i}" for i in range(MOST_ARGUMENTS + 1)]
    few, many = ", ".join(names[1:]), ", ".join(names)
    size.add(
        "p/wide.py",
        f"def fits({few}, *, option=1): ...\n"
        f"def wide({many}): ...\n"
        f"class C:\n    def method(self, {few}): ...\n    async def also({many}): ...\n",
    )
    for i in range(MOST_MODULES - 1):
        size.add(f"p/m{i}.py", "")
    assert list(size.over_limits().values()) == [["p/long.py"], ["p/wide.py:also", "p/wide.py:wide"], ["p"]]

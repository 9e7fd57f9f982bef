"""The README's example is run as it stands there, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

LINES = 15


def first_block(readme: str) -> str:
    """The first python block of the README."""
    found = re.search(r"^```python\n(.*?)^```", readme, re.M | re.S)
    assert found is not None, "README.md has no python block: the example is missing"
    return found[1]


def test_the_example_of_the_readme_runs(repo: Path, tmp_path: Path) -> None:
    code = first_block((repo / "README.md").read_text(encoding="utf-8"))
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= LINES, f"the example is {len(lines)} lines long; it is meant to have {LINES}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repo)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "the example prints nothing"


def test_the_commands_of_the_readme_exist(repo: Path) -> None:
    from experiments.cli.commands import COMMANDS

    readme = (repo / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\s*\$?\s*chatrec ([a-z-]+)", readme, re.M))
    assert named <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z][a-z-]*):", (repo / "Makefile").read_text(), re.M))
    assert set(re.findall(r"^\s*make ([a-z-]+)", readme, re.M)) <= targets

"""README and docs: the first examples run as they stand there, and every link, path, module and command exists."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli.commands import COMMANDS

REPO = Path(__file__).resolve().parents[3]
PAGES = ("README.md", *sorted(f"docs/{page.name}" for page in (REPO / "docs").glob("*.md")))
LINES = 15

FOLDERS = "chatrec_env|simulators|agents|experiments|tests|docs"
"""A path in backticks that begins with one of these is a file or folder of the repository."""


def text_of(page: str) -> str:
    return (REPO / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    """The python blocks of a page."""
    return re.findall(r"^```python\n(.*?)^```", text_of(page), re.M | re.S)


def run(code: str, folder: Path) -> str:
    """What a process of its own prints, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_example_is_as_short_as_it_says() -> None:
    lines = [line for line in blocks("README.md")[0].splitlines() if line.strip()]
    assert len(lines) <= LINES


@pytest.mark.parametrize("number", range(2), ids=["items", "slates"])
def test_the_examples_of_the_readme_run(number: int, tmp_path: Path) -> None:
    assert run(blocks("README.md")[number], tmp_path).strip()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", text_of(page))
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", text_of(page))
    beside = (REPO / page).parent
    assert [link for link in linked if not (beside / link).exists()] == []
    assert [path for path in named if not (REPO / path).exists()] == []


def test_files_named_in_the_code_exist() -> None:
    named = {
        found
        for package in ("chatrec_env", "simulators", "agents", "experiments")
        for module in (REPO / package).rglob("*.py")
        for found in re.findall(
            rf"\b(?:{FOLDERS})/[\w./-]+\.(?:py|md|html)\b", module.read_text(encoding="utf-8")
        )
    }
    assert [path for path in sorted(named) if not (REPO / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_modules_and_what_they_hold_exist(page: str) -> None:
    dotted = set(re.findall(r"`((?:chatrec_env|simulators|agents|experiments)(?:\.\w+)+)", text_of(page)))
    dotted |= set(re.findall(r"python -m (experiments[\w.]+)", text_of(page)))
    assert [name for name in sorted(dotted) if not exists(name)] == []


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, attributes = name, list[str]()
    while True:
        try:
            found = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, attribute = module.rpartition(".")
            attributes.insert(0, attribute)
            if not module:
                return False
    for attribute in attributes:
        if not hasattr(found, attribute):
            return False
        found = getattr(found, attribute)
    return True


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_targets_exist(page: str) -> None:
    named = set(re.findall(r"(?:^|`|/)\s*\$?\s*chatrec ([a-z-]+)", text_of(page), re.M))
    assert named <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.M))
    assert set(re.findall(r"^(?:.*`)?make ([a-z-]+)(?=`|$|  )", text_of(page), re.M)) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_run_folders_are_those_that_a_command_makes(page: str) -> None:
    named = set(re.findall(r"\bruns/([\w-]+)", text_of(page)))
    made = set(re.findall(r"--out runs/([\w-]+)", text_of(page)))
    assert named <= made | set(COMMANDS) - {
        "train"
    }  # its folder is named after agent, environment and scenario


def test_the_readme_lists_every_command() -> None:
    assert sorted(re.findall(r"^chatrec ([a-z-]+)  ", text_of("README.md"), re.M)) == sorted(COMMANDS)

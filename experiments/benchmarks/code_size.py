"""How large the code is: lines, modules, the longest modules and the widest signatures of the four packages.

python -m experiments.benchmarks.code_size                     # as it is
python -m experiments.benchmarks.code_size --before a3a01d2    # beside an earlier commit
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field

from experiments.cli.terminal import output
from experiments.report.grid import Grid

PACKAGES = ("chatrec_env", "simulators", "agents", "experiments")
MOST_LINES = 320  # of a module
MOST_ARGUMENTS = 8  # positional ones of a function
MOST_MODULES = 15  # of a folder, ``__init__.py`` aside


@dataclass(slots=True)
class Size:
    """What was counted in one version of the code."""

    lines: dict[str, int] = field(default_factory=dict)  # by path
    arguments: dict[str, int] = field(default_factory=dict)  # positional ones, by path and function
    folders: dict[str, int] = field(default_factory=dict)  # modules, ``__init__.py`` aside, by folder

    def add(self, path: str, text: str) -> None:
        """Count one module."""
        self.lines[path] = len(text.splitlines())
        folder, _, name = path.rpartition("/")
        self.folders[folder] = self.folders.get(folder, 0) + (name != "__init__.py")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found = len(node.args.posonlyargs) + len(node.args.args)
                found -= bool(node.args.args) and node.args.args[0].arg in ("self", "cls")
                name = f"{path}:{node.name}"
                self.arguments[name] = max(found, self.arguments.get(name, 0))

    def over_limits(self) -> dict[str, list[str]]:
        """Names of the modules, functions and folders that are too large, by the kind of limit."""
        limits = {
            f"modules over {MOST_LINES} lines": (self.lines, MOST_LINES),
            f"functions over {MOST_ARGUMENTS} positional parameters": (self.arguments, MOST_ARGUMENTS),
            f"folders over {MOST_MODULES} modules": (self.folders, MOST_MODULES),
        }
        return {
            kind: sorted(name for name, n in counted.items() if n > most)
            for kind, (counted, most) in limits.items()
        }


def count(commit: str | None) -> Size:
    """Count the modules of a commit, or of what is in the working tree."""
    size = Size()
    if commit is None:
        from pathlib import Path

        for package in PACKAGES:
            for path in sorted(Path(package).rglob("*.py")):
                size.add(path.as_posix(), path.read_text(encoding="utf-8"))
        return size
    packed = subprocess.run(["git", "archive", commit, *PACKAGES], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            source = archive.extractfile(member)
            if source is not None and member.name.endswith(".py"):
                size.add(member.name, source.read().decode())
    return size


def rows(size: Size) -> list[tuple[str, str]]:
    """Name and figure of each row of the table."""
    out = [("lines", f"{sum(size.lines.values()):,}"), ("modules", f"{len(size.lines):,}")]
    for package in PACKAGES:
        own = [n for path, n in size.lines.items() if path.startswith(f"{package}/")]
        out.append((f"  {package}", f"{sum(own):,} in {len(own)}"))
    out += [(kind, str(len(names))) for kind, names in size.over_limits().items()]
    for title, counted in (("longest", size.lines), ("widest", size.arguments), ("fullest", size.folders)):
        ranked = sorted(counted.items(), key=lambda pair: -pair[1])
        out += [(f"{title} {i + 1}", f"{n} {name}") for i, (name, n) in enumerate(ranked[:5])]
    return out


def main() -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--before", help="commit to print beside the working tree")
    before = parser.parse_args().before
    table = Grid(("", *([before] if before else []), "now"), text=(1, 2))
    now = rows(count(None))
    then = rows(count(before)) if before else now
    for (name, after), (_, earlier) in zip(now, then, strict=True):
        table.add(name, *([earlier] if before else []), after)
    output().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

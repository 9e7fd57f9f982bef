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

PACKAGES = ("chatrec_env", "simulators", "agents", "experiments")


@dataclass(slots=True)
class Size:
    """What was counted in one version of the code."""

    lines: dict[str, int] = field(default_factory=dict)  # by path
    arguments: dict[str, int] = field(default_factory=dict)  # positional ones, by path and function

    def add(self, path: str, text: str) -> None:
        """Count one module."""
        self.lines[path] = len(text.splitlines())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                found = len(node.args.posonlyargs) + len(node.args.args)
                found -= bool(node.args.args) and node.args.args[0].arg in ("self", "cls")
                self.arguments[f"{path}:{node.name}"] = found


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
    folders: dict[str, int] = {}
    for path in size.lines:
        folder = path.rpartition("/")[0]
        folders[folder] = folders.get(folder, 0) + 1
    longest = sorted(size.lines.items(), key=lambda pair: -pair[1])
    widest = sorted(size.arguments.items(), key=lambda pair: -pair[1])
    fullest = sorted(folders.items(), key=lambda pair: -pair[1])
    out.append(("modules over 320 lines", str(sum(n > 320 for n in size.lines.values()))))
    out.append(("functions over 8 positional parameters", str(sum(n > 8 for n in size.arguments.values()))))
    out.append(("folders over 15 modules", str(sum(n > 15 for n in folders.values()))))
    for title, ranked in (("longest", longest), ("widest", widest), ("fullest", fullest)):
        out += [(f"{title} {i + 1}", f"{n} {name}") for i, (name, n) in enumerate(ranked[:5])]
    return out


def main() -> int:
    """Run the command; returns its exit code."""
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--before", help="commit to print beside the working tree")
    before = parser.parse_args().before
    table = Table("", *([before] if before else []), "now", box=None)
    now = rows(count(None))
    then = rows(count(before)) if before else now
    for (name, after), (_, earlier) in zip(now, then, strict=True):
        table.add_row(name, *([earlier] if before else []), after)
    console = Console()
    Console(width=None if console.is_terminal else 160).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

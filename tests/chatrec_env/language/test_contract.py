"""A language is behind one seam: it is reached by name alone, and everything else is written without it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.errors import UnknownNameError
from chatrec_env.language import Form, Grammar, Parser
from chatrec_env.language.contract import get_language
from chatrec_env.language.word_forms import LANGUAGES

REPO = Path(__file__).resolve().parents[3]
LANGUAGE = REPO / "chatrec_env" / "language"
SEAM = LANGUAGE / "word_forms.py"


def imported(path: Path) -> set[str]:
    """The modules a file imports, and what it takes out of them, by full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_imports_from_the_folder_of_a_language(language: str) -> None:
    folder = f"chatrec_env.language.{language}"
    outside = [
        path
        for layer in ("chatrec_env", "simulators", "agents", "experiments")
        for path in (REPO / layer).rglob("*.py")
        if LANGUAGE / language not in path.parents
    ]
    assert len(outside) > 100
    assert [
        str(path) for path in outside if any(f"{name}.".startswith(f"{folder}.") for name in imported(path))
    ] == []


def test_one_module_names_the_languages() -> None:
    naming = [
        path
        for path in LANGUAGE.rglob("*.py")
        if LANGUAGE / "english" not in path.parents
        and any(
            isinstance(node, ast.Constant) and node.value == "english"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert naming == [SEAM]


def test_a_language_is_taken_by_name() -> None:
    catalog = load_catalog("movies")
    grammar, parser = Grammar(catalog, "english"), Parser(catalog, language="english")
    assert grammar.text(int(grammar.ids(Form.YES))) == "Yes."
    assert parser.parse("Yes.") == Parser(catalog).parse("Yes.")
    assert get_language().name == get_language("english").name == "english"
    for make in (Grammar, Parser):
        with pytest.raises(UnknownNameError, match="'klingon'"):
            make(catalog, "klingon")

"""Words and patterns of a language stand in its folder alone, so that another language is a folder, not a rewrite.

Closed-class words ("the", "of", "would") tell a list or pattern of English from names of columns and the like.
Sentences are not looked at: messages for developers, and prompts for language models, are English.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from chatrec_env.language.contract import get_language
from chatrec_env.language.word_forms import LANGUAGES

REPO = Path(__file__).resolve().parents[3]
LAYERS = ("chatrec_env", "simulators", "agents", "experiments")
CLOSED = get_language("english").words.function | {
    "not",
    "they",
    "he",
    "she",
    "you",
    "my",
    "is",
    "are",
    "your",
}

EXCEPTIONS = {
    "chatrec_env/catalog/draft/columns.py": "headings and cells of strangers' tables: '4 out of 5'",
    "chatrec_env/catalog/draft/draft.py": "... 'very good'",
    "chatrec_env/catalog/draft/roles.py": "... 'name of the film'",
    "chatrec_env/catalog/facets.py": "fields of a declaration: more, less",
    "chatrec_env/catalog/written.py": "cells of strangers' tables, in several languages: '5 per pack', '5 par pack'",
    "chatrec_env/language/learned/mentions.py": "joins capitalised words to a name",
    "chatrec_env/language/learned/reading.py": "words before a comparison with what is on the table, and its acts",
    "experiments/cli/options.py": "our own messages of errors, read back",
    "experiments/language/reader_sources.py": "labels corpora that are English",
    "experiments/own_data/catalog_report.py": "cells of strangers' tables that can be values by mistake: 'any'",
    "experiments/simulator/checking/manner.py": "counts courtesies in conversations that are English",
}
"""Files with English in them, and why it belongs there."""

_LISTS = re.compile(r"\b(?:word_set|split|findall)$")
_PATTERN = re.compile(r"\(\?|\\[bwsWSd]|^\S*\w\|\w\S*$")
_WORD = re.compile(r"(?<![\w'\\])[a-z][a-z']+(?![\w'])")


def words_outside(source: str) -> Iterator[tuple[int, str]]:
    """``(line, text)`` of collections, patterns and lists of words with two closed-class words or more."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            texts = list(_texts(node.elts))
            closed = CLOSED & {text.strip() for text in texts}
            if len(closed) >= max(2, len(node.elts) / 2):
                yield node.lineno, " ".join(texts)
        elif isinstance(node, ast.Call) and _LISTS.search(ast.unparse(node.func)):
            parts = [*node.args, node.func.value] if isinstance(node.func, ast.Attribute) else node.args
            yield from ((node.lineno, text) for text in _texts(parts) if len(CLOSED & set(text.split())) > 1)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            words = _WORD.findall(re.sub(r"\\[a-zA-Z]", " ", node.value))
            if _PATTERN.search(node.value) and len(CLOSED & set(words)) > 1:
                yield node.lineno, node.value


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('X = frozenset(("that", "this", "as"))', id="set"),
        pytest.param('def f(w): return w in ("a", "an")', id="membership"),
        pytest.param('X = ("the ", "a ")', id="spaced"),
        pytest.param('X = re.compile(r"\\b(?:my|our) (\\w+)")', id="pattern"),
        pytest.param('X = word_set("a an the i me my")', id="word-set"),
        pytest.param('X = f"{Y}|an?|the|some|any"', id="alternatives"),
        pytest.param('X = frozenset("a an the i me my of for in on at".split())', id="list-in-a-text"),
    ],
)
def test_english_is_found(source: str) -> None:
    assert [line for line, _ in words_outside(source)] == [1]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('"""Of what is in the table, and of what was said of it."""', id="docstring"),
        pytest.param('X = ("items", "most", "titles", "years")', id="names"),
        pytest.param(
            'raise ValueError(f"Expected one of the names that are in the table, got {x!r}.")', id="error"
        ),
        pytest.param('X = re.compile(r"(?:19|20)\\d\\d[a-z]+")', id="pattern-of-digits"),
    ],
)
def test_other_texts_are_not(source: str) -> None:
    assert list(words_outside(source)) == []


def test_english_stands_in_its_folder() -> None:
    """Names the places; what is found should move behind ``chatrec_env.language.contract.Language``."""
    found: dict[str, list[str]] = {}
    folders = [REPO / "chatrec_env" / "language" / name for name in LANGUAGES]
    for layer in LAYERS:
        for path in sorted((REPO / layer).rglob("*.py")):
            if not any(path.is_relative_to(folder) for folder in folders):
                for line, text in words_outside(path.read_text(encoding="utf-8")):
                    found.setdefault(str(path.relative_to(REPO)), []).append(f"{line}: {text[:60]}")
    assert {file: places for file, places in found.items() if file not in EXCEPTIONS} == {}
    assert sorted(EXCEPTIONS.keys() - found.keys()) == [], "no English there any more: take it off EXCEPTIONS"

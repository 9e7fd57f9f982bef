"""A tiny catalogue of books, small enough to work every number out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import Catalog, from_csv, load_catalog

DECLARATION: dict[str, Any] = {
    "name": "books",
    "noun": "book",
    "noun_plural": "books",
    "verb": "read",
    "verb_past": ["read"],
    "columns": {
        "title": "name",
        "year": "published",
        "sentence": "about",
        "popularity": "fame",
        "acclaim": "stars",
    },
    "popularity_range": [0, 100],
    "acclaim_range": [1, 5],
    "entities": ["author"],
    "optional": ["pages", "about", "fame"],
    "facets": [
        {
            "name": "kind",
            "kind": "multi",
            "column": "kinds",
            "values": ["adventure", "crime", "essay", "poetry"],
            "value_phrases": {"poetry": "a book of poems"},
            "synonyms": {"poetry": ["poems", "verse"]},
        },
        {
            "name": "size",
            "kind": "numeric",
            "column": "pages",
            "values": ["thin", "medium", "thick", "huge"],
            "bins": [None, 100, 300, 600, None],
            "weight": 0.25,
            "more": "longer",
            "less": "shorter",
            "unit": "pages",
        },
        {
            "name": "reader",
            "kind": "single",
            "column": "reader",
            "values": ["child", "adult"],
            "weight": 0.5,
            "phrase": "a {noun} for a {value}",
            "plural": "{noun_plural} for a {value}",
        },
    ],
    "contexts": [
        {
            "name": "bedtime",
            "phrase": "I'm reading to my daughter",
            "wants": ["reader:child"],
            "avoids": ["kind:crime", "kind:essay"],
        }
    ],
}

TABLE = """name,published,kinds,pages,reader,author,fame,stars,about
Sea Dogs,1990,adventure|crime,100,adult,Ann Lee|Bo Ray,100,5,Two sailors chase a stolen ship.
Small Hours,2001,poetry,40,adult,Cy Moss,25,3,
The Kite,1990,adventure,250,child,Ann Lee,50,1,A girl follows her kite over the hills.
Long Haul,2010,crime,,adult,Bo Ray,,4,A lorry driver carries the wrong load.
"""


@pytest.fixture
def declaration() -> dict[str, Any]:
    """A fresh copy of the declaration of the books."""
    copy: dict[str, Any] = json.loads(json.dumps(DECLARATION))
    return copy


@pytest.fixture
def table() -> str:
    """The text of the table of books."""
    return TABLE


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Path of the table of books, with its declaration beside it."""
    path = tmp_path / "books.csv"
    path.write_text(TABLE, encoding="utf-8")
    path.with_suffix(".json").write_text(json.dumps(DECLARATION), encoding="utf-8")
    return path


@pytest.fixture
def catalog(books: Path) -> Catalog:
    """The catalogue of books."""
    return from_csv(books)


@pytest.fixture(scope="session")
def movies() -> Catalog:
    """The built-in films."""
    return load_catalog("movies")

"""Years and amounts in English."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.english.reading.quantities import Quantities


@pytest.mark.parametrize(
    ("text", "values", "rest"),
    [
        ("1994", ["1990s"], []),
        ("from 1994 on", ["1990s", "2000s", "2010s", "2020s"], []),
        ("the early 1990s please", ["1990s"], ["please"]),
        ("since 1996", ["2000s", "2010s", "2020s"], []),
        ("before 1950", ["1940s", "1930s", "1920s"], []),
        ("between 1990 and 2005", ["1990s", "2000s"], []),
        ("under 2 hours", ["medium", "short"], []),
        ("two and a half hours", ["long"], []),
        ("100 minutes or more", ["medium", "long"], []),
        ("half an hour", ["short"], []),
        ("1994 minutes", ["1990s"], ["minutes"]),
        ("3 dogs", [], ["3", "dogs"]),
        ("twenty films", [], ["twenty", "films"]),
        ("99999999999999999999 hours", [], ["99999999999999999999", "hours"]),
    ],
)
def test_quantities(text: str, values: list[str], rest: list[str]) -> None:
    catalog = load_catalog("movies")
    words = text.split()
    found, end = Quantities(catalog).match(words, 0)
    assert ([catalog.value_names[value] for value in found], words[end:]) == (values, rest)

"""Years and amounts in English."""

from __future__ import annotations

import math

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


@pytest.mark.parametrize(
    ("domain", "text", "facet", "low", "high", "rest"),
    [
        pytest.param("travel", "under 90 a day", "budget", -math.inf, 90, [], id="money"),
        pytest.param("shopping", "50 max", "price", -math.inf, 50, [], id="limit-behind"),
        pytest.param("movies", "under 100 please", "length", -math.inf, 100, ["please"], id="all-there-is"),
        pytest.param("movies", "longer than 90", "length", 90, math.inf, [], id="comparison"),
        pytest.param("movies", "after 2000", "era", 2001, math.inf, [], id="after-a-year"),
        pytest.param("movies", "since 2000", "era", 2000, math.inf, [], id="since-a-year"),
    ],
)
def test_a_number_without_a_unit(
    domain: str, text: str, facet: str, low: float, high: float, rest: list[str]
) -> None:
    catalog, words = load_catalog(domain), text.split()
    found, end = Quantities(catalog).match(words, 0)
    assert catalog.value_facet[found[0]] == catalog.facet_index(facet)
    assert (found.low, found.high, words[end:]) == (low, high, rest)


@pytest.mark.parametrize("text", ["after 9", "under 12", "over 100 films", "100", "under one roof"])
def test_no_amount(text: str) -> None:
    assert not Quantities(load_catalog("movies")).match(text.split(), 0)[0]


def test_an_exclamation_is_no_length_of_stay() -> None:
    quantities = Quantities(load_catalog("travel"))
    assert quantities.match(["for", "a", "day"], 1)[1] == 3
    assert quantities.match(["what", "a", "day"], 1) == ((), 1)

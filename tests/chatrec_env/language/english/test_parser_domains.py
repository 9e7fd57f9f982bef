"""The parser on a catalogue of recipes: everything about the domain comes from its declaration."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language.parser import Parser
from tests.chatrec_env.language.parser_notation import notate_all
from tests.chatrec_env.language.reading_accuracy import measure
from tests.chatrec_env.language.recipes import recipes


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return recipes()


@pytest.fixture(scope="module")
def parser(catalog: Catalog) -> Parser:
    return Parser(catalog)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Something hot, please", "want spicy"),
        ("a Thai recipe with peanuts", "want Thai; want peanuts"),
        ("no eggs", "avoid eggs"),
        ("nothing with bacon or eggs", "avoid bacon; avoid eggs"),
        ("I'm allergic to peanuts", "avoid peanuts"),
        ("not too spicy", "avoid spicy"),
        ("too salty", "too salty"),
        ("it's too expensive", "too expensive"),
        ("quicker please", "relative time-"),
        ("something cheaper", "relative price-"),
        ("under 30 minutes", "want fast"),
        ("less than 5 euros", "want cheap"),
        ("half an hour", "want fast"),
        ("I cooked that already", "seen_it"),
        ("I've made Carbonara", "seen_it <Carbonara>"),
        ("like Ratatouille but quicker", "liked_item <Ratatouille>; relative time- <Ratatouille>"),
        ("I want to cook something creamy with chicken", "want rich; want chicken"),
        ("recipes by Ada Boni", "entity+ [Ada Boni]"),
        ("I loved The Works", "liked_item <The Works>"),
        ("it works for me", "accept"),
        ("Shepherds pie was great", "liked_item <Shepherd's Pie>"),
        ("it's for a dinner party", "context guests"),
        ("any cuisine is fine", "no_preference cuisine"),
        ("French or Italian but no cheese", "want French; want Italian; avoid cheese"),
        ("an italian dish", "want Italian"),
        ("no more pasta please", "enough_of pasta"),
        ("I watched a comedy", "small_talk"),
    ],
)
def test_reads_recipes(catalog: Catalog, parser: Parser, text: str, label: str) -> None:
    assert notate_all(catalog, parser.parse(text)) == label


def test_reads_the_grammar_of_recipes_back(catalog: Catalog) -> None:
    counts, wrong = measure(catalog)
    assert [entry for entry in wrong if "typo" not in entry[0]] == []
    assert counts[True]["read"] >= 0.9 * counts[True]["all"]

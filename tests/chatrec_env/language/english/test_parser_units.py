"""The parser on small catalogues of other domains: nouns, units, money and comparatives come from the declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from chatrec_env.catalog import BUILT_IN, Catalog, load_catalog
from chatrec_env.language.parser import Parser
from tests.chatrec_env.language.parser_notation import labelled, notate_all
from tests.chatrec_env.language.reading_accuracy import measure
from tests.chatrec_env.language.small_domains import courses, places, songs

SAMPLE = 1_500
"""Sentences of a built-in catalogue that are read back; the first of every form is always among them."""


@cache
def _parser(make: Callable[[], Catalog]) -> Parser:
    return Parser(make())


SONGS = """
something faster => relative tempo+
something under 100 bpm => want slow
over 130 beats per minute please => want fast
I listened to Late Tram yesterday => seen_it <Late Tram>
I've heard Copper Wire => seen_it <Copper Wire>
a track from the 80s => want 1980s
songs by Oskar Dray => entity+ [Oskar Dray]
no rap => avoid hip-hop
not too fast => avoid fast
it's too slow for me => too slow
like Sundial but slower => liked_item <Sundial>; relative tempo- <Sundial>
nothing from the seventies => avoid 1970s
anything under four minutes => want short
I'd like to listen to something mellow => want mellow
any tempo is fine => no_preference tempo
I don't mind the duration => no_preference length
I love listening to jazz => want jazz
a bit newer => relative decade+
too long => too long
some upbeat tunes for a party => want upbeat
I listened to it already => seen_it
quicker please => relative tempo+
more like Glass Elevator => liked_item <Glass Elevator>
a jazz tune => want jazz
I'm in the mood for a soul track => want soul
number ones from the 90s => want 1990s
I liked that song => accept
"""
PLACES = """
under 60 dollars => want cheap
about 80 pounds a night => want mid-range
something cheaper => relative price-
under $100 a night => want cheap
less than 60 euros per night => want cheap
under €50 => want cheap
no more than 150 euros => want mid-range; want cheap
cheaper than 60 euros => want cheap
a flight of less than 4 hours => want nearby
under four hours by plane => want nearby
I've been to Lisbon => seen_it <Lisbon>
closer please => relative flight-
somewhere closer => relative flight-
too far away => too far away
too hot => too hot
a trip to Asia => want Asia
a place for hiking => want hiking
a holiday in Europe => want Europe
beaches but nothing too expensive => want beaches; avoid expensive
We're travelling with the kids => context kids
like Crete but closer => liked_item <Crete>; relative flight- <Crete>
I want to visit Kyoto => liked_item <Kyoto>
1,000 euros a night => want expensive
a budget destination => want cheap
not skiing => avoid skiing
pricier => relative price+
between 60 and 100 euros => want mid-range
around 80 euros => want mid-range
100 euros max => want cheap
at least 200 euros a night => want expensive
I visited Hanoi and loved it => seen_it <Hanoi>; liked_item <Hanoi>
"""
COURSES = """
under 50 dollars => want affordable; want free
50 bucks or less => want affordable; want free
it's too expensive => relative price-
something cheaper => relative price-
free courses => want free
less than $200 => want affordable; want free
$1,200 => want premium
under 5 hours a week => want light
about 2.5 hours per week => want light
no more than four hours weekly => want light
less than 20 hours => want short
under 15 hours in total => want short
a lighter course => relative workload-
too hard => too advanced
too much work => too heavy
coding for beginners => want programming; want beginner
a course about statistics => want statistics
I took Probability Lab => seen_it <Probability Lab>
something taught by Ada Quill => entity+ [Ada Quill]
not Ada Quill => entity- [Ada Quill]
shorter please => relative length-
more intensive => relative workload+
less intensive => relative workload-
an advanced course => want advanced
I've taken Type and Layout already => seen_it <Type and Layout>
Proofs and Puzzles was great => liked_item <Proofs and Puzzles>
any price is fine => no_preference price
"""


def _reads(make: Callable[[], Catalog], text: str, label: str) -> None:
    parser = _parser(make)
    assert notate_all(parser.catalog, parser.parse(text)) == label


@pytest.mark.parametrize(("text", "label"), labelled(SONGS))
def test_reads_what_is_said_of_songs(text: str, label: str) -> None:
    _reads(songs, text, label)


@pytest.mark.parametrize(("text", "label"), labelled(PLACES))
def test_reads_what_is_said_of_places(text: str, label: str) -> None:
    _reads(places, text, label)


@pytest.mark.parametrize(("text", "label"), labelled(COURSES))
def test_reads_what_is_said_of_courses(text: str, label: str) -> None:
    _reads(courses, text, label)


@pytest.mark.parametrize("make", [songs, places, courses])
def test_reads_the_grammar_of_a_small_domain_back(make: Callable[[], Catalog]) -> None:
    counts, wrong = measure(make())
    assert [entry for entry in wrong if "typo" not in entry[0]] == []
    assert counts[True]["read"] >= 0.9 * counts[True]["all"]


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - {"movies"}))
def test_reads_the_grammar_of_a_built_in_domain_back(name: str) -> None:
    catalog = load_catalog(name)
    counts, wrong = measure(catalog, step=max(1, 20_000 // SAMPLE))
    assert counts[False]["all"] > 500
    missed = [f"{kind}: {text}" for kind, text, _ in wrong if "typo" not in kind]
    assert counts[False]["clean"] >= 0.99 * counts[False]["all"], missed
    assert counts[True]["read"] >= 0.9 * counts[True]["all"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a red dress under 50 dollars", {"cheap", "affordable"}),
        ("a nice summer dress for less than $50", {"cheap", "affordable"}),
        ("A red dress for my sister, under 50 dollars.", {"cheap", "affordable"}),
        ("I paid under 50 dollars for a red dress last year", set()),
        ("My brother bought a red dress for 50 dollars", set()),
        ("the red dress was under 50 dollars and fell apart", set()),
    ],
)
def test_a_limit_holds_beside_words_that_no_catalogue_knows(text: str, wanted: set[str]) -> None:
    """Two of them made small talk of it; told of what was bought, it still is."""
    shopping = load_catalog("shopping")
    read = Parser(shopping).parse(text)
    assert {shopping.value_names[act.value] for act in read if act.value >= 0} == wanted

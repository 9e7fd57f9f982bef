"""The mentions of a message: what is found, and what it stands for."""

from __future__ import annotations

import math

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder, aligned
from chatrec_env.language.learned.mentions import LAST, Mention, MentionKind
from chatrec_env.language.learned.reading import Meant
from chatrec_env.language.reader.scanning import Scanner

FINDERS: dict[str, MentionFinder] = {}


def find(text: str, catalog: str = "movies") -> list[tuple[str, Mention]]:
    """Each mention with its words as typed."""
    if catalog not in FINDERS:
        loaded = load_catalog(catalog)
        FINDERS[catalog] = MentionFinder(loaded, Scanner(loaded, get_language()))
    return [(text[one.start : one.end], one) for one in FINDERS[catalog].find(text)]


def names(mention: Mention, catalog: str = "movies") -> set[str]:
    """The values it may name."""
    return {FINDERS[catalog].catalog.value_names[value] for value in mention.values}


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("something like Amélie please", "Amélie", MentionKind.TITLE),
        ("not so scary", "scary", MentionKind.VALUE),
        ("too   scary!", "scary", MentionKind.VALUE),
        ("Is Tom Hanks in it?", "Tom Hanks", MentionKind.PERSON),
        ("anything shorter", "shorter", MentionKind.COMPARATIVE),
        ("I’ll take the second one", "second one", MentionKind.PLACE),
        ("who’s in it?", "who’s in", MentionKind.FACET),
        ("with the kids", "with the kids", MentionKind.COMPANY),
        ("for my 5-year-old", "5-year-old", MentionKind.VALUE),
    ],
)
def test_kinds(text: str, words: str, kind: MentionKind) -> None:
    assert (words, kind) in [(said, mention.kind) for said, mention in find(text)]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("under two hours", -math.inf, 120),
        ("less than 2h", -math.inf, 120),
        ("1h30 max", -math.inf, 91),
        ("at least 100 minutes", 100, math.inf),
        ("after 2010", 2011, math.inf),
        ("from 1917", 1917, 1918),
    ],
)
def test_amounts_have_exact_bounds(text: str, low: float, high: float) -> None:
    ((_, mention),) = find(text)
    assert mention.kind == MentionKind.AMOUNT
    assert (mention.low, mention.high) == (low, high)


def test_recent_years_count_from_the_newest_item() -> None:
    ((words, mention),) = find("from the last 10 years")
    newest = max(load_catalog("movies").years)
    assert words == "from the last 10 years"
    assert mention.low == newest - 10


def test_money_with_its_sign_on_either_side() -> None:
    for text in ("under $50", "under 50€", "under 50 euros"):
        ((words, mention),) = find(text, "shopping")
        assert (words, mention.high) == (text, 50)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the first", 0),
        ("number 3 please", 2),
        ("the last one", LAST),
        ("2", 1),
        ("the second looks good", 1),
    ],
)
def test_places(text: str, place: int) -> None:
    assert [mention.place for _, mention in find(text)] == [place]


def test_ordinals_that_count_time_are_no_places() -> None:
    for text in ("the first time", "in the last ten minutes", "the second half"):
        assert all(mention.kind != MentionKind.PLACE for _, mention in find(text))


@pytest.mark.parametrize(
    ("catalog", "text", "topic"),
    [
        ("movies", "how long is it?", "length"),
        ("movies", "what year is it from", "era"),
        ("movies", "who directed it", "director"),
        ("movies", "is it on netflix?", "streaming"),  # as the catalogue calls it
        ("movies", "is there a remake", "sequel"),
        ("music", "can I get that on vinyl", "vinyl"),
        ("music", "is it on spotify", "streaming"),
        ("shopping", "is it sold out", "stock"),
        ("travel", "are there tickets", "availability"),  # which this one does not know of
        ("shopping", "how much is it", "price"),
        ("shopping", "how heavy is it", "weight"),
        ("books", "who wrote this", "author"),
        ("travel", "where is it", "country"),
    ],
)
def test_what_is_asked(catalog: str, text: str, topic: str) -> None:
    assert topic in [mention.topic for _, mention in find(text, catalog)]


def test_ages_are_values_for_people_of_that_age() -> None:
    ((_, child),) = find("for my 5 year old")
    assert names(child) == {"kids"}
    ((_, teen),) = find("my son is 14 years old")
    assert "teens" in names(teen)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0\x07",
        "a" * 5000,
        "[[horror|want]]",
        "‮​scary",
        "é" * 3000,
        "🙂" * 50,
        "2h" * 900,
        "the the " * 500,
    ],
)
def test_hostile_text_is_only_text(text: str) -> None:
    at = 0
    for _, mention in find(text):
        assert at <= mention.start <= mention.end <= len(text)
        at = mention.end


def test_places_in_a_corrected_text_are_places_in_the_typed_one() -> None:
    place = aligned("50 dollars max", "$50 max")
    assert [place(0), place(len("50 dollars")), place(len("50 dollars max"))] == [0, 3, 7]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("my twins are four and easily scared", "four", "kids"),
        ("she's ten", "ten", "kids"),
        ("for a boy of nine", "nine", "kids"),
        ("my 15yo", "15yo", "teens"),
        ("no subtitles please", "no subtitles", "English"),
        ("I can't read subtitles", "can't read subtitles", "English"),
    ],
)
def test_ages_and_what_stands_for_a_value_without_naming_it(text: str, words: str, value: str) -> None:
    (found,) = [one for one in find(text) if one[0] == words]
    assert value in names(found[1])


def test_a_small_number_is_no_age_by_itself() -> None:
    assert find("I'd take two of them") == []


@pytest.mark.parametrize(
    "text", ["whos in ti", "who's even in that", "the leading man?", "who plays the hero"]
)
def test_who_is_in_it_is_asked_in_many_ways(text: str) -> None:
    assert [mention.topic for _, mention in find(text)] == ["leads"]


def test_a_title_is_found_without_the_noun_at_its_end() -> None:
    ((words, mention),) = find("she has seen Shaun the Sheep")
    assert words == "Shaun the Sheep"
    assert FINDERS["movies"].catalog.titles[mention.item] == "Shaun the Sheep Movie"


@pytest.mark.parametrize(
    ("catalog", "text", "parts", "role", "item"),
    [
        pytest.param("travel", "cairo was bad", [("cairo", 9)], "disliked", "Cairo", id="lower-case"),
        pytest.param("movies", "i loved heat", [("heat", 9)], "liked", "Heat", id="a-word-like-any-other"),
        pytest.param("movies", "i loved heat", [("heat", 9)], "want", "", id="a-wish-is-no-title"),
        pytest.param("movies", "i loved it", [("it", 9)], "liked", "", id="nor-is-a-pronoun"),
        pytest.param("movies", "i loved heaps", [("heaps", 9)], "liked", "", id="nothing-so-called"),
        pytest.param(
            "courses",
            "didn't like user interface design",
            [("user interface", 9), ("design", 0)],
            "disliked",
            "User Interface Design",
            id="in-two-parts",
        ),
    ],
)
def test_words_liked_as_only_items_are_become_the_item_so_called(
    catalog: str, text: str, parts: list[tuple[str, int]], role: str, item: str
) -> None:
    find("", catalog)
    finder = FINDERS[catalog]
    meant = [
        Meant(Mention(MentionKind(kind), text.index(words), text.index(words) + len(words)), role)
        for words, kind in parts
    ]
    found = finder.with_titles(text, meant)
    assert [one.mention.kind == MentionKind.TITLE for one in found] == [bool(item)]
    if item:
        assert finder.catalog.titles[found[0].mention.item] == item

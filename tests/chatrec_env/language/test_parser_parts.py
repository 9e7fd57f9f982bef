"""The parts of the parser: tokens, phrase patterns, quantities and spelling, each by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.english.morphology import comparatives, gerund, plural, positive, singular
from chatrec_env.language.english.reading.cue_frames import FRAMES
from chatrec_env.language.english.reading.cue_replies import REPLIES
from chatrec_env.language.english.reading.quantities import Quantities
from chatrec_env.language.reader.cues import Cue, expand, phrases
from chatrec_env.language.reader.spelling import Speller
from chatrec_env.language.reader.text import clean, surface, tokenize

SLOTS = {
    "verb": "watch",
    "verbing": "watching",
    "seen": "watched|seen",
    "noun": "film|movie",
    "nouns": "films|movies",
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't", ["i", "do", "not"]),
        ("cant, wont", ["can", "not", ",", "will", "not"]),
        ("It’s the '90s!", ["it", "is", "the", '"', "90s", "."]),
        ("Schindler's List", ["schindler", "s", "list"]),
        ("sci-fi — 1990-1999", ["sci", "fi", ".", "1990", "-", "1999"]),
        ("Amélie & Łódź?", ["amelie", "and", "lodz", "?"]),
        ("no\u200b pe\x07!", ["no", "pe", "."]),
    ],
)
def test_tokens(text: str, words: list[str]) -> None:
    assert tokenize(clean(text)).words == words


@pytest.mark.parametrize(
    ("text", "shouting", "titled"),
    [
        pytest.param("I loved Heat", False, False, id="capitals-tell"),
        pytest.param("i loved heat", True, False, id="no-capitals"),
        pytest.param("I LOVED HEAT so", True, False, id="upper-case"),
        pytest.param("Loved The Others", False, True, id="headline"),
    ],
)
def test_what_capitals_tell(text: str, shouting: bool, titled: bool) -> None:
    tokens = tokenize(text)
    assert (tokens.shouting, tokens.titled) == (shouting, titled)


def test_surface_of_a_declared_name() -> None:
    assert surface("Heart-warming, isn't it?") == ("heart", "warming", "is", "not", "it")


@pytest.mark.parametrize(
    ("pattern", "expanded"),
    [
        ("a b", ["a b"]),
        ("(a|b) c", ["a c", "b c"]),
        ("a (b|) c", ["a b c", "a c"]),
        ("a (b (c|d)|e)", ["a b c", "a b d", "a e"]),
    ],
)
def test_patterns_expand(pattern: str, expanded: list[str]) -> None:
    assert [" ".join(phrase) for phrase in expand(pattern)] == expanded


def test_every_cue_has_phrases_and_no_phrase_has_two_cues() -> None:
    table = FRAMES | REPLIES
    assert set(table) == set(Cue)
    counts = Counter(phrase for patterns in table.values() for phrase in phrases(patterns, SLOTS))
    assert [" ".join(phrase) for phrase, count in counts.items() if count > 1] == []


def test_phrases_are_written_as_tokens() -> None:
    for patterns in (FRAMES | REPLIES).values():
        for phrase in phrases(patterns, SLOTS):
            text = " ".join(phrase)
            assert tokenize(text).words == list(phrase)


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
    ("word", "named", "meant"),
    [
        pytest.param("thriler", None, "thriller", id="lost-letter"),
        pytest.param("scray", None, "scary", id="swapped"),
        pytest.param("documantery", None, "documentary", id="two-slips-in-a-long-word"),
        pytest.param("drak", None, "dark", id="four-letters-swapped"),
        pytest.param("dirk", None, "dirk", id="four-letters-of-a-word-of-its-own"),
        pytest.param("creeping", None, "creeping", id="an-english-word"),
        pytest.param("scaryish", None, "scaryish", id="an-english-word-with-an-ending"),
        pytest.param("xqzjk", None, "xqzjk", id="nothing-near"),
        pytest.param("kubrik", True, "kubrick", id="a-name"),
        pytest.param("kubrik", False, "kubrik", id="no-name-in-lower-case-among-capitals"),
        pytest.param("Thriler", True, "Thriler", id="no-value-where-a-name-stands"),
    ],
)
def test_spelling(word: str, named: bool | None, meant: str) -> None:
    words = {"thriller", "scary", "dark", "documentary"}
    speller = Speller(words, telling=words, proper=(), names={"kubrick"}, known={"dirk", "creep", "creeping"})
    assert speller.correct(word, named=named) == meant


def test_word_forms() -> None:
    assert [plural(word) for word in ("comedy", "film", "box")] == ["comedies", "films", "boxes"]
    assert [singular(word) for word in ("comedies", "films", "boxes", "kids", "less")] == [
        *("comedy", "film", "box", "kid", "less")
    ]
    assert comparatives("scary") == ("scarier", "scariest")
    assert comparatives("sad") == ("sadder", "saddest")
    assert comparatives("melancholic") == ()
    assert "big" in positive("bigger")
    assert "new" in positive("newer")
    assert [gerund(verb) for verb in ("watch", "make", "get", "cook")] == [
        "watching",
        "making",
        "getting",
        "cooking",
    ]

"""Typos: present, readable, harmless, always the same."""

from __future__ import annotations

import re
from collections.abc import Collection

import pytest
from rapidfuzz.distance import OSA

from chatrec_env.catalog import load_catalog
from chatrec_env.language.english.slots import Slots
from chatrec_env.language.english.typos import misspell
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import Grammar


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Form, str, str]]:
    """Plain sentences of three forms, as meant and as typed."""
    grammar = Grammar(load_catalog("movies"))
    vocabulary = Slots(grammar.catalog).vocabulary
    meant = [
        (form, grammar.text(int(grammar.ids(form, value, v))))
        for form in (Form.WANT, Form.ANSWER, Form.AVOID)
        for value in range(grammar.catalog.n_values)
        for v in range(6)
    ]
    return [(form, text, misspell(text, vocabulary=vocabulary)) for form, text in meant]


def test_typos_differ_and_stay_readable(pairs: list[tuple[Form, str, str]]) -> None:
    for _, meant, typed in pairs:
        assert typed != meant
        slips = sum(a != b for a, b in zip(meant.split(), typed.split(), strict=True))
        assert slips <= 2, (meant, typed)
        for a, b in zip(meant.split(), typed.split(), strict=True):
            assert OSA.distance(a, b) <= 1 or not re.search("[a-z]{3}", a), (meant, typed)


def test_first_letters_and_numbers_stay(pairs: list[tuple[Form, str, str]]) -> None:
    for _, meant, typed in pairs:
        assert [w[0].lower() for w in typed.split()] == [w[0].lower() for w in meant.split()], (meant, typed)
        assert re.findall(r"\d+", typed) == re.findall(r"\d+", meant)


def test_polarity_stays(pairs: list[tuple[Form, str, str]]) -> None:
    for form, meant, typed in pairs:
        if form is Form.AVOID:
            polarity = r"\b(?:Nothing|No|don't|not|can't|out|rather)\b"
            assert re.findall(polarity, typed) == re.findall(polarity, meant)


def test_typed_values_are_no_other_values(pairs: list[tuple[Form, str, str]]) -> None:
    films = load_catalog("movies")
    names = {word for name in films.value_names for word in re.findall("[a-z]{3,}", name.lower())}
    for form, meant, typed in pairs:
        if form is Form.ANSWER:
            said = set(re.findall("[a-z]+", typed.lower())) & names
            assert said <= set(re.findall("[a-z]+", meant.lower())), (meant, typed)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        pytest.param("1990s.", "1990s", id="nothing-to-slip-on"),
        pytest.param("UK.", "uk", id="too-short"),
        pytest.param("ok", "ok..", id="already-careless"),
    ],
)
def test_sentences_without_a_word_to_slip_on(text: str, typed: str) -> None:
    assert misspell(text) == typed


def slips(word: str, count: int, vocabulary: Collection[str] = ()) -> set[str]:
    """What a word becomes in sentences that differ in a number."""
    return {misspell(f"{word} {n}.", vocabulary=vocabulary).split()[0] for n in range(count)}


def test_slips_avoid_the_vocabulary() -> None:
    # Without a vocabulary some slip turns "war" into a neighbour; with it, none does.
    assert slips("War", 200) >= {"Wat", "Wae", "Waar"}
    assert slips("War", 200, {"war", "wat", "wary"}) <= {"Wra", "Wsr", "Waar", "war"}


def test_the_four_kinds_of_slip() -> None:
    seen = slips("Western", 400)
    assert {"Wsetern", "Wesern", "Westtern", "Wesyern"} <= seen
    assert all(text[0] == "W" for text in seen)


def test_same_text_same_slips() -> None:
    assert misspell("I'm looking for a western.") == misspell("I'm looking for a western.")
    assert len(slips("Western", 20)) > 10

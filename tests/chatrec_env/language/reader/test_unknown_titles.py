"""Titles that the catalogue does not have."""

from __future__ import annotations

import pytest

from chatrec_env.language.english.reading.tokens import TOKENIZER
from chatrec_env.language.english.reading.words import WORDS
from chatrec_env.language.reader.unknown_titles import name_end, unknown_titles


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("I like Deadpool 2 (2018) too", {2: 7}, id="number-in-name"),
        pytest.param("the 7 Lives of Otto (1999)", {1: 8}, id="links-inside"),
        pytest.param("a comedy (1999)", {2: 5}, id="no-name"),
        pytest.param("a comedy (1999 or so)", {}, id="more-than-a-year"),
        pytest.param('we saw "Otto Returns" once', {3: 5}, id="quotes"),
        pytest.param('a "funny" one', {}, id="quotes-without-capital"),
        pytest.param("like @77", {1: 2}, id="tag"),
        pytest.param("mail me @ home", {}, id="at-sign-alone"),
    ],
)
def test_titles_the_catalogue_lacks_are_found_by_the_way_they_are_written(
    text: str, found: dict[int, int]
) -> None:
    assert unknown_titles(TOKENIZER.tokenize(text), WORDS, set()) == found


def test_a_name_in_capitals_ends_with_its_last_capital() -> None:
    assert name_end(TOKENIZER.tokenize("Night of the Mummies and the dog"), 0, WORDS) == 4
    assert name_end(TOKENIZER.tokenize("the dog"), 0, WORDS) == 0

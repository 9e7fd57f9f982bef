"""The phrases built from what a declaration says about a value."""

from __future__ import annotations

import pytest

from chatrec_env.language.english.phrases import (
    both,
    capitalize,
    clean,
    lower_first,
    parse_phrase,
    value_phrases,
)

FILM = {"noun": "film", "nouns": "films"}


@pytest.mark.parametrize(
    ("one", "critique", "quality", "something", "nothing", "but", "short"),
    [
        pytest.param(
            "a dark film", "too dark", True, "something dark", "nothing dark", "dark", "V", id="quality"
        ),
        pytest.param(
            "a V film", "too sweet", True, "something V", "nothing V", "V", "V", id="quality-by-facet"
        ),
        pytest.param(
            "a horror film", "too much V", False, "a horror film", "no many", "a horror film", "V", id="kind"
        ),
        pytest.param("a western", "too V", True, "a western", "no many", "a western", "V", id="own-noun"),
        pytest.param(
            "a film about revenge",
            "too much V",
            False,
            "something about revenge",
            "nothing about revenge",
            "about revenge",
            "revenge",
            id="topic",
        ),
        pytest.param(
            "a film set in space",
            "too much V",
            False,
            "something set in space",
            "nothing set in space",
            "set in space",
            "space",
            id="setting",
        ),
        pytest.param(
            "a film under 90 minutes",
            "too short",
            True,
            "something under 90 minutes",
            "nothing under 90 minutes",
            "under 90 minutes",
            "under 90 minutes",
            id="measure",
        ),
        pytest.param(
            "something silly",
            "too silly",
            False,
            "something silly",
            "nothing silly",
            "silly",
            "V",
            id="something",
        ),
        pytest.param("jazz", "too V", True, "jazz", "no many", "jazz", "V", id="uncounted"),
    ],
)
def test_value_phrases(
    one: str, critique: str, quality: bool, something: str, nothing: str, but: str, short: str
) -> None:
    said = value_phrases("V", one=one, many="many", critique=critique, quality=quality, **FILM)
    assert (said.something, said.nothing, said.but, said.short) == (something, nothing, but, short)
    assert said.anything == something.replace("something", "anything")


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("a western", "a dark film", "a dark western"),
        ("a science fiction film", "an epic film", "an epic science fiction film"),
        ("a thriller", "a film from the 1990s", "a thriller from the 1990s"),
        ("a film about revenge", "a film from the 1990s", "a film about revenge from the 1990s"),
        ("a story of revenge", "an odd film", "an odd story of revenge"),
        ("a dark film", "a tearjerker", "a dark tearjerker"),
        ("a comedy", "a tearjerker", "a comedy that's also a tearjerker"),
        ("something funny", "a film for kids", "a funny film for kids"),
    ],
)
def test_two_values_in_one_phrase(first: str, second: str, together: str) -> None:
    assert both(parse_phrase(first, **FILM), parse_phrase(second, **FILM)) == together


def test_a_wrong_article_in_a_declaration_is_put_right() -> None:
    assert (
        value_phrases(
            "uplifting",
            one="a uplifting film",
            many="uplifting films",
            critique="too sweet",
            quality=True,
            **FILM,
        ).one
        == "an uplifting film"
    )


def test_clean_drops_what_a_terminal_or_page_might_obey() -> None:
    assert clean("  Up\x1b[31m\n\tand\u202e  away\u2066! ") == "Up [31m and away!"
    assert clean("Amélie – 아가씨") == "Amélie – 아가씨"


def test_first_letters() -> None:
    assert capitalize("éclair") == "Éclair"
    assert [lower_first(text) for text in ("We're here", "I'm here", "TV night", "")] == [
        "we're here",
        "I'm here",
        "TV night",
        "",
    ]

"""Verdicts in words of any order."""

from __future__ import annotations

import pytest

from chatrec_env.language.english.reading.verdicts import verdict_from, verdict_start


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        pytest.param("kind of a great movie", 1, id="the-whole"),
        pytest.param("a great story", 0, id="a-part"),
        pytest.param("not that good", -1, id="denied"),
        pytest.param("not bad", 0, id="denied-blame-is-lukewarm"),
        pytest.param("one of the worst things ever", 0, id="no-verdict-on-a-film"),
        pytest.param("one of my favorite war movies", 1, id="superlative"),
        pytest.param("about a good dog", 0, id="another-word-between"),
    ],
)
def test_a_verdict_is_on_the_whole(text: str, sign: int) -> None:
    assert verdict_from(text.split(), 0, {"movie", "movies"}) == sign


@pytest.mark.parametrize(
    ("text", "start"),
    [("such a great movie", 0), ("a good movie", -1), ("a boring movie", 0), ("i want a good movie", -1)],
)
def test_a_fragment_may_be_a_verdict(text: str, start: int) -> None:
    words = text.split()
    assert verdict_start(words, len(words) - 1) == start

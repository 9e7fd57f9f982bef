"""Slips of the finger."""

from __future__ import annotations

import pytest

from chatrec_env.language.reader.spelling import Speller


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
    speller = Speller(
        words,
        telling=words,
        proper=(),
        names={"kubrick"},
        known={"dirk", "creep", "creeping"},
        endings=("ing", "ish"),
    )
    assert speller.correct(word, named=named) == meant

"""Slips of the finger."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.contract import get_language
from chatrec_env.language.reader.scanning import Scanner
from chatrec_env.language.reader.spelling import Speller

SCANNER = Scanner(load_catalog("movies"), get_language())


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


@pytest.mark.parametrize(
    ("text", "whole", "meant"),
    [
        pytest.param("ok, slod", (), "ok, sold", id="four-letters-swapped"),
        pytest.param("Somthing funny, plaese", (), "Something funny, please", id="two"),
        pytest.param("ill tkae it", (), "ill take it", id="a-contraction-stays"),
        pytest.param(
            "andd nicee one, allways", (), "and nice one, always", id="typed-twice-though-niece-is-as-near"
        ),
        pytest.param("plaese", ((0, 6),), "plaese", id="a-word-that-the-encoder-knows"),
        pytest.param("plaese zrbhtz", (), "plaese zrbhtz", id="beside-a-word-that-nobody-knows"),
        pytest.param("something scariest", (), "something scariest", id="another-ending"),
        pytest.param("about 90 mins", (), "about 90 mins", id="so-few-letters-may-be-another-word"),
        pytest.param("it’s fine", (), "it’s fine", id="nothing-to-put-right"),
    ],
)
def test_slips_in_a_whole_message(text: str, whole: tuple[tuple[int, int], ...], meant: str) -> None:
    assert SCANNER.respelled(text, whole) == meant

"""From text to tokens, in English."""

from __future__ import annotations

import pytest

from chatrec_env.language.english.reading.tokens import TOKENIZER, surface
from chatrec_env.language.english.reading.words import WORDS
from chatrec_env.language.reader.text import clean, drop_repetitions


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
    assert TOKENIZER.tokenize(clean(text)).words == words


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
    tokens = TOKENIZER.tokenize(text)
    assert (tokens.shouting, tokens.titled) == (shouting, titled)


def test_surface_of_a_declared_name() -> None:
    assert surface("Heart-warming, isn't it?") == ("heart", "warming", "is", "not", "it")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I like I like it", "i like it"),
        ("it was it was the the end", "it was the end"),
        ("no no no", "no no no"),
        ("Yi Yi", "yi yi"),
        ("the, the end", "the , the end"),
    ],
)
def test_repetitions_are_dropped(text: str, said: str) -> None:
    tokens = TOKENIZER.tokenize(text)
    drop_repetitions(tokens, WORDS.function, WORDS.said_twice)
    assert " ".join(tokens.words) == said
    assert len(tokens.words) == len(tokens.capitals)

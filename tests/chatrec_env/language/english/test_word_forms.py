"""Articles, plurals and comparatives of English."""

from __future__ import annotations

import pytest

from chatrec_env.errors import UnknownNameError
from chatrec_env.language.english.word_forms import (
    article,
    comparatives,
    correct_article,
    gerund,
    plural,
    positive,
    singular,
)
from chatrec_env.language.word_forms import get_word_forms


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("action film", "an"),
        ("western", "a"),
        ("hour-long film", "an"),
        ("horror film", "a"),
        ("honest film", "an"),
        ("uplifting film", "an"),
        ("unusual film", "an"),
        ("uninspired film", "an"),
        ("university film", "a"),
        ("unique film", "a"),
        ("unimportant film", "an"),
        ("useful film", "a"),
        ("European film", "a"),
        ("one-act play", "a"),
        ("oneiric film", "an"),
        ("UK film", "a"),
        ("US film", "a"),
        ("FBI film", "an"),
        ("BBC film", "a"),
        ("R&B song", "an"),
        ("x-large shirt", "an"),
        ("x huge sofa", "an"),
        ("b-side", "a"),
        ("1980s film", "a"),
        ("80s film", "an"),
        ("8-bit game", "an"),
        ("800-page book", "a"),
        ("18th-century tale", "an"),
        ("1800s tale", "an"),
        ("1990s film", "a"),
        ("époque film", "an"),
        ("", "a"),
    ],
)
def test_article(words: str, expected: str) -> None:
    assert article(words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a animated film", "an animated film"),
        ("a uplifting film", "an uplifting film"),
        ("a university film", "a university film"),
        ("a US film", "a US film"),
        ("a European film", "a European film"),
        ("a one-hour film", "a one-hour film"),
        ("a only child", "an only child"),
        ("a hour-long film", "an hour-long film"),
        ("A odd one", "An odd one"),
        ("films about art", "films about art"),
    ],
)
def test_the_article_of_a_declared_phrase_fits_the_sound(text: str, expected: str) -> None:
    assert correct_article(text) == expected


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


def test_word_forms_come_by_language() -> None:
    forms = get_word_forms("english")
    assert (forms.with_article("hour"), forms.plural("box"), forms.singular("comedies")) == (
        *("an hour", "boxes", "comedy"),
    )
    with pytest.raises(UnknownNameError, match="klingon"):
        get_word_forms("klingon")

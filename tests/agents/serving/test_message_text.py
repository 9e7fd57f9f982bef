"""How a message is told apart into sentences."""

from __future__ import annotations

import pytest

from agents.serving.message_text import split_sentences, tidy


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("A thriller", ["A thriller"], id="one"),
        pytest.param("Hi! A thriller. Not dark?", ["Hi!", "A thriller.", "Not dark?"], id="marks"),
        pytest.param("hi. a thriller", ["hi.", "a thriller"], id="small-letters"),
        pytest.param("I liked Dr. Strangelove a lot.", ["I liked Dr. Strangelove a lot."], id="abbreviation"),
        pytest.param("E.T. please. Thanks", ["E.T. please.", "Thanks"], id="dotted"),
        pytest.param("Like J. Edgar. Or newer.", ["Like J. Edgar.", "Or newer."], id="initial"),
        pytest.param("So do I. Next!", ["So do I.", "Next!"], id="i-is-no-initial"),
        pytest.param("Well... maybe. Yes", ["Well...", "maybe.", "Yes"], id="dots"),
        pytest.param("It's 1.5 hours long", ["It's 1.5 hours long"], id="number"),
        pytest.param("One\nTwo. Three\r\n\n Four ", ["One", "Two.", "Three", "Four"], id="lines"),
        pytest.param(
            "A. b. one! two! three! four! five!", ["A. b. one!", "two!", "three!", "four! five!"], id="five"
        ),
        pytest.param("  \n\t ", [], id="nothing"),
        pytest.param("", [], id="empty"),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param("a\x00b\x1b[2Jc\u202ed", "a b [2Jc d", id="controls"),
        pytest.param("cafe\u0301", "café", id="composed"),
        pytest.param("  two   blanks ", "two blanks", id="blanks"),
        pytest.param("日本語の映画 😀", "日本語の映画 😀", id="other-scripts"),
    ],
)
def test_tidy(text: str, clean: str) -> None:
    assert tidy(text) == clean

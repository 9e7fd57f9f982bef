"""What somebody says they had said takes the place of what had been taken for it."""

from __future__ import annotations

from typing import Any

import pytest

from agents.serving.talk.talking import TalkingConversation
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task


def wishes(talk: Any) -> set[str]:
    """Values that stand, those to be avoided with a minus."""
    return {("" if one.strength > 0 else "-") + one.value for one in talk.last.wishes}


@pytest.mark.parametrize(
    ("first", "then", "stand"),
    [
        ("a comedy", "no, I said 80s", {"comedy", "1980s"}),
        ("something from the 90s", "no, I meant the 80s", {"1980s"}),
        ("a mystery, not too bloody", "no I said fantasy", {"fantasy", "-violent"}),
        ("a funny, dark western", "no, I said dark", {"funny", "dark", "western"}),
        ("a comedy", "no, I said no musicals", {"comedy", "-musical"}),
        ("a film under 100 minutes", "no, I said under two hours", {"under 120 minutes"}),
        ("do you have anything with Tom Hanks?", "no not him", {"-Tom Hanks"}),
        ("anything with Tom Hanks?", "no, I meant Tom Cruise", {"Tom Cruise"}),
        ("a comedy", "not him", {"comedy"}),
    ],
)
def test_a_correction_replaces_what_was_taken_for_it(
    chat: Any, first: str, then: str, stand: set[str]
) -> None:
    talk = chat(first, then)
    assert wishes(talk) == stand
    assert talk.last.cards[0].item != talk.replies[0].cards[0].item


def test_a_correction_says_what_the_item_lacked(chat: Any) -> None:
    talk = chat("a comedy", "no, I said 80s")
    assert talk.last.said[0].text.startswith("You're right")
    assert "1980s" in talk.last.said[0].text


def test_a_title_that_was_meant_is_looked_for_not_taken(chat: Any) -> None:
    talk = chat("a comedy", "no, I meant Lord of the Rings")
    assert talk.last.took == -1
    assert "Lord of the Rings" in talk.last.cards[0].title


def test_a_correction_in_words_of_no_heading_is_understood(chat: Any) -> None:
    talk = chat("something blue", "no I said red")
    assert talk.talk.described == ("red",)


def test_a_correction_is_understood_by_its_meaning(chat: Any) -> None:
    talk = chat()
    talk.talk = TalkingConversation(make_task(EnvConfig(catalog="music", encoder="minilm")))
    talk.say("sad songs")
    talk.say("no I said happy")
    assert wishes(talk) == {"joyful"}

"""Short answers to a suggestion, and questions where nothing was suggested."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("answer", ["yes", "ok", "Yes please!", "y", "sure, why not", "ok thanks"])
def test_agreement_takes_what_was_suggested(chat: Any, answer: str) -> None:
    talk = chat("a western")
    suggested = talk.last.cards[0].item
    assert talk.say(answer).took == suggested
    assert talk.last.act == "close"


@pytest.mark.parametrize("between", ["how long is it?", "blargh fnord"])
def test_agreement_after_an_answer_takes_what_is_still_on_the_table(chat: Any, between: str) -> None:
    talk = chat("a western", between)
    assert talk.last.act == "answer"
    assert talk.say("yes").took == talk.replies[0].cards[0].item


@pytest.mark.parametrize("answer", ["no", "n", "nope, thanks"])
def test_a_short_no_refuses_what_was_suggested(chat: Any, answer: str) -> None:
    talk = chat("a western", answer)
    assert talk.last.took == -1
    assert talk.last.cards[0].item != talk.replies[0].cards[0].item


@pytest.mark.parametrize("answer", ["ok, but shorter", "yes, but is it scary?"])
def test_agreement_with_a_but_takes_nothing(chat: Any, answer: str) -> None:
    assert chat("a western", answer).last.took == -1


def test_agreement_with_nothing_on_the_table_takes_nothing(chat: Any) -> None:
    assert chat("yes").last.took == -1

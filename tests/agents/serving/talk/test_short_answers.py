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


@pytest.mark.parametrize("question", ["is it scary?", "was that French?"])
def test_a_question_about_nothing_is_no_wish(chat: Any, question: str) -> None:
    talk = chat(question)
    assert talk.last.answer == "I haven't suggested any film yet, so there is nothing to tell."
    assert not talk.last.wishes
    assert not any("asked for" in part.text for part in talk.last.said)


@pytest.mark.parametrize(
    ("question", "wish"),
    [
        ("is there anything scary?", "scary"),
        ("do you have something long?", "long"),
        ("is there a French one?", "France"),
    ],
)
def test_a_question_whether_there_is_one_is_a_wish(chat: Any, question: str, wish: str) -> None:
    talk = chat(question)
    assert [one.value for one in talk.last.wishes] == [wish]
    assert talk.last.answer == ""
    assert talk.has(talk.last.cards[0].item, wish)

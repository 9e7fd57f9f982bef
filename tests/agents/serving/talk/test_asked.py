"""Which card has most of something, sequels that are not listed, and a first message that nothing meets in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.serving.talk.described import direction_of, farthest
from chatrec_env.catalog import load_catalog
from chatrec_env.language.contract import get_language

FILMS, ALBUMS = load_catalog("movies"), load_catalog("music")


@pytest.mark.parametrize(
    ("question", "facet", "most"),
    [("which of these is the shortest?", "length", min), ("which one is the newest?", "era", max)],
)
def test_the_card_with_most_of_something_is_named_and_talked_about(
    chat: Any, question: str, facet: str, most: Any
) -> None:
    talk = chat("a comedy")
    cards = {card.item: FILMS.numbers[card.item, FILMS.facet_index(facet)] for card in talk.last.cards}
    reply = talk.say(question)
    assert reply.about == most(cards, key=cards.__getitem__)
    assert f"Of these, {FILMS.titles[reply.about]} is the" in reply.answer
    assert talk.say("yes").took == reply.about


def test_what_the_list_cannot_order_it_does_not(chat: Any) -> None:
    talk = chat("a mystery")
    assert talk.say("which is the slowest?").answer == "My list doesn't tell which of these is the slowest."
    assert "which of these is the scariest" in talk.say("which is the scariest?").answer


def test_cards_are_compared_by_number_or_by_the_order_of_values() -> None:
    length, energy = FILMS.facet_index("length"), ALBUMS.facet_index("energy")
    runs = FILMS.numbers[:3, length]
    assert farthest(FILMS, [0, 1, 2], length, 1) == np.flatnonzero(runs == runs.max()).tolist()
    calm, intense = (ALBUMS.value_names.index(name) for name in ("calm", "intense"))
    assert (direction_of(ALBUMS, calm), direction_of(ALBUMS, intense)) == (-1, 1)
    cards = [int(np.flatnonzero(ALBUMS.values[:, value])[0]) for value in (calm, intense)]
    assert farthest(ALBUMS, cards, energy, -1) == cards[:1]
    assert farthest(ALBUMS, cards, ALBUMS.facet_index("genre"), 1) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("which of these is the cheapest?", ("cheapest", "cheaper")),
        ("which is the most expensive one?", ("most expensive", "more expensive")),
        ("which is the best?", ("", "")),
        ("the funniest film you have", ("", "")),
    ],
)
def test_which_has_most_is_heard(text: str, asked: tuple[str, str]) -> None:
    assert get_language().cues.extreme(text) == asked


@pytest.mark.parametrize("title", ["Oppenheimer 2", "Alien 3", "Heat part 2"])
def test_a_sequel_that_is_not_listed_is_not_here(chat: Any, title: str) -> None:
    told = chat(f"do you have {title}?").last.said[0].text
    assert told.startswith(f"I don't have {title}")


@pytest.mark.parametrize("title", ["Terminator 2", "The Godfather Part II", "Heat"])
def test_a_sequel_that_is_listed_is_here(chat: Any, title: str) -> None:
    assert chat(f"do you have {title}?").last.said[0].text.startswith(f"Yes, I have {title}")


def test_nothing_is_left_only_after_something_was_shown(chat: Any) -> None:
    talk = chat("a western from the 1920s in Korean")
    assert talk.last.said[0].text.startswith("I have nothing with all of that")
    talk = chat("a comedy", "a western from the 1920s in Korean")
    assert any("I have nothing left with all of that" in part.text for part in talk.last.said)

"""Talk about tables of one's own: amounts, values that are titles too, numbers that cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.serving.talk.talking import TalkingConversation
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.cli.main import main

KINDS = ("jazz", "folk", "techno")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """48 records from 14 to 61 dollars; one is called as a kind is."""
    path: Path = tmp_path_factory.mktemp("shop") / "records.csv"
    rows = [f"Record {'ABCDEFGH'[i % 8]}{i},{KINDS[i % 3]},${14 + i}" for i in range(47)]
    path.write_text("\n".join(("title,genre,price", *rows, "Jazz,folk,$61")) + "\n")
    assert main(["catalog", "draft", str(path)]) == 0
    return make_task(EnvConfig(catalog=str(path), encoder="minilm"))


@pytest.fixture
def shop(records: Any, chat: Any) -> Any:
    """Begins a conversation about the records."""

    def begin(*texts: str) -> Any:
        talk = chat()
        talk.talk = TalkingConversation(records)
        for text in texts:
            talk.say(text)
        return talk

    return begin


def prices(talk: Any) -> list[float]:
    column = talk.catalog.facet_index("price")
    return [float(talk.catalog.numbers[card.item, column]) for card in talk.last.cards]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("something under 30 dollars", 0, 30),
        ("a jazz record for less than $30", 0, 30),
        ("a folk record, at most 25 bucks", 0, 25),
        ("techno over 50 dollars", 50, 100),
        ("between 30 and 40 dollars please", 30, 40),
    ],
)
def test_amounts_filter_by_the_number(shop: Any, text: str, least: float, most: float) -> None:
    talk = shop(text)
    for _ in range(4):
        assert talk.last.cards
        assert least <= min(prices(talk)) <= max(prices(talk)) <= most
        talk.say("another one")


@pytest.mark.parametrize(
    "text", ["jazz", "some jazz please", "I want a jazz record", "I'd like a Jazz record."]
)
def test_a_value_that_is_a_title_too_can_be_said(shop: Any, text: str) -> None:
    talk = shop(text)
    assert "jazz" in {wish.value for wish in talk.last.wishes}
    assert all(talk.has(card.item, "jazz") for card in talk.last.cards)


def test_a_title_that_is_a_value_too_can_be_asked_for(shop: Any) -> None:
    talk = shop("do you have the record called Jazz?")
    assert talk.last.cards[0].title == "Jazz"


@pytest.mark.parametrize(
    "text",
    [
        "a folk record for 1e999 dollars",
        "a folk record, 12..5 dollars or so",
        "a folk record under 3O dollars",
        "a folk record under 30 quatloos",
        "a folk record, about 9999999999999999999999 dollars",
    ],
)
def test_a_number_that_cannot_be_read_leaves_the_rest(shop: Any, text: str) -> None:
    talk = shop(text)
    assert "folk" in {wish.value for wish in talk.last.wishes}
    assert talk.last.cards
    assert all(talk.has(card.item, "folk") for card in talk.last.cards)

"""The faults of TALK.md, by kind: what people say, and what the service makes of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

COMEDY = "a comedy please"


@pytest.mark.parametrize(
    "text",
    [
        "ok but how long is it?",
        "loved that one!",
        "haven't seen it, is it good?",
        "yes but I want something I haven't seen",
        "my mum loved it",
        "huh?",
        "good, but a little too silly",
    ],
)
def test_nothing_is_taken_that_nobody_took(chat: Any, text: str) -> None:
    talk = chat(COMEDY, text)
    assert talk.last.took == -1
    assert talk.talk.clicked == {}


def test_the_first_card_is_taken_unless_another_is_pointed_at(chat: Any) -> None:
    for text, place in (("I'll watch it", 0), ("the second one", 1), ("the last one", 3)):
        talk = chat(COMEDY)
        cards = talk.last.cards
        assert talk.say(text).took == cards[place].item, text


def test_a_card_is_taken_by_its_title(chat: Any) -> None:
    talk = chat("a mystery, not too violent")
    third = talk.last.cards[2]
    assert talk.say(f"{third.title} sounds good, I'll take that").took == third.item


def test_accepting_is_answered_warmly_and_never_with_a_question_of_taste(chat: Any) -> None:
    talk = chat(COMEDY)
    title = talk.last.cards[0].title
    reply = talk.say("I'll watch it")
    assert reply.act == "close"
    assert title in reply.said[0].text
    assert "genre" not in " ".join(said.text for said in reply.said).lower()


def test_a_condition_is_fulfilled_or_not(chat: Any) -> None:
    talk = chat("something with aliens, under 100 minutes")
    assert talk.say("ok if it's short").took == talk.replies[0].cards[0].item
    talk = chat("an epic film, over three hours long")
    reply = talk.say("ok if it's short")
    assert reply.took == -1


def test_like_x_never_returns_x(chat: Any) -> None:
    talk = chat("something like Interstellar but shorter and not so sad")
    titles = [card.title for card in talk.last.cards]
    assert "Interstellar" not in titles
    for card in talk.last.cards:
        assert talk.catalog.numbers[card.item, talk.catalog.facet_index("length")] < 169
        assert not talk.has(card.item, "melancholic")


@pytest.mark.parametrize("text", ["those are not romance films", "this isn't a romance"])
def test_after_a_mismatch_the_wish_stands(chat: Any, text: str) -> None:
    talk = chat("a romance", text)
    reply = talk.last
    assert re.search(r"sorry|wrong|right", reply.said[0].text, re.IGNORECASE)
    assert all(talk.has(card.item, "romance") for card in reply.cards)
    assert [wish.value for wish in reply.wishes if wish.strength > 0] == ["romance"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("who's in it?", "leads", id="leads"),
        pytest.param("how long?", r"runs \d", id="length"),
        pytest.param("is it scary?", "scary", id="value"),
        pytest.param("is Tom Hanks in it?", "Tom Hanks", id="person"),
        pytest.param("what's it about", "no more of it", id="plot"),
        pytest.param("why this one?", "comedy", id="reason"),
        pytest.param("is it any good?", "rat|known", id="opinion"),
        pytest.param("is it on netflix?", "don't know|can't tell|nothing on|not guess", id="unknown"),
    ],
)
def test_a_question_is_answered_and_keeps_its_card(chat: Any, text: str, answer: str) -> None:
    talk = chat(COMEDY)
    before = talk.last
    wishes = before.wishes
    reply = talk.say(text)
    assert (reply.act, reply.cards, reply.about) == ("answer", (), before.cards[0].item)
    assert re.search(answer, reply.answer)
    assert reply.wishes == wishes, "nothing else is believed"
    assert talk.say("ok, I'll take it").took == before.cards[0].item


def test_a_question_about_another_card_is_answered_about_that_one(chat: Any) -> None:
    talk = chat(COMEDY)
    second = talk.last.cards[1]
    reply = talk.say("how long is the second one?")
    assert reply.answer.startswith(second.title)
    assert reply.about == second.item
    assert talk.say("I'll take it").took == second.item


def test_two_cards_are_compared(chat: Any) -> None:
    talk = chat(COMEDY)
    first, second = talk.last.cards[:2]
    reply = talk.say("which is shorter, the first or the second?")
    assert first.title in reply.answer
    assert second.title in reply.answer


@pytest.mark.parametrize(
    ("opening", "facet", "least", "most"),
    [
        ("a comedy, less than 2h", "length", 0, 120),
        ("a thriller, 1h30 max", "length", 0, 91),
        ("a drama, nothing before 2000", "era", 2000, 2100),
        ("an action film from before 1980", "era", 0, 1980),
    ],
)
def test_numbers_are_kept(chat: Any, opening: str, facet: str, least: float, most: float) -> None:
    talk = chat(opening)
    for text in ("next", "no, another one", "seen it"):
        column = talk.catalog.facet_index(facet)
        for card in talk.last.cards:
            assert least <= talk.catalog.numbers[card.item, column] <= most, card.title
        talk.say(text)


@pytest.mark.parametrize(
    ("opening", "avoided"),
    [
        ("a comedy, but no musicals", "musical"),
        ("I like thrillers, nothing violent please", "violent"),
        ("animated, nothing scary", "scary"),
        ("I'm after a war film that isn't bleak", "bleak"),
    ],
)
def test_what_is_not_wanted_is_not_shown(chat: Any, opening: str, avoided: str) -> None:
    talk = chat(opening)
    for text in ("next", "something else", "seen it"):
        assert talk.last.cards
        assert not any(talk.has(card.item, avoided) for card in talk.last.cards)
        talk.say(text)


def test_what_is_said_later_wins(chat: Any) -> None:
    talk = chat("a romantic comedy", "not in the mood for romance")
    assert not any(talk.has(card.item, "romance") for card in talk.last.cards)


def test_an_exception_narrows_the_wish(chat: Any) -> None:
    talk = chat("superhero movies, no Marvel")
    assert talk.last.cards
    assert all(talk.has(card.item, "superheroes") for card in talk.last.cards)


def test_a_film_it_has_is_shown_and_one_it_has_not_is_said_to_be_missing(chat: Any) -> None:
    assert chat("do you have Alien?").last.cards[0].title == "Alien"
    missing = chat("Do you have Galaxy Quest?").last
    assert "don't have Galaxy Quest" in missing.said[0].text
    assert missing.cards


def test_what_was_seen_is_not_shown_again(chat: Any) -> None:
    talk = chat(COMEDY)
    seen = talk.last.cards[0].item
    for text in ("seen it", "next", "something funny"):
        assert seen not in [card.item for card in talk.say(text).cards]


def test_start_over_clears(chat: Any) -> None:
    talk = chat("a horror film, nothing before 2000", "start over")
    assert talk.last.wishes == ()
    assert talk.last.act == "ask"
    talk.say("a western")
    assert all(talk.has(card.item, "western") for card in talk.last.cards)


def test_undo_takes_back_the_latest_wish(chat: Any) -> None:
    talk = chat("a horror film", "from the 1980s", "never mind, take that back")
    assert [wish.value for wish in talk.last.wishes] == ["horror"]


@pytest.mark.parametrize("text", ["hi there", "help", "what can you do?"])
def test_where_nothing_is_known_it_asks(chat: Any, text: str) -> None:
    reply = chat(text).last
    assert reply.act == "ask" or len(reply.cards) > 1


def test_a_surprise_is_a_few_different_films(chat: Any) -> None:
    cards = chat("surprise me").last.cards
    assert len(cards) == 4


def test_another_language_is_named(chat: Any) -> None:
    reply = chat("bonjour, je voudrais un film drôle pour ce soir").last
    assert "English" in reply.said[0].text


def test_what_was_not_understood_is_said(chat: Any) -> None:
    talk = chat(COMEDY, "the tram was late again today")
    assert talk.last.not_understood == ("the tram was late again today",)
    assert talk.last.act == "answer"


def test_where_nothing_fits_it_says_so(chat: Any) -> None:
    reply = chat("a silent western, under 30 minutes, after 2015").last
    assert reply.cards == ()
    assert "keeps to all of that" in reply.said[-1].text


def test_every_reason_was_stated_or_is_said_to_be_something_else(chat: Any) -> None:
    """Reasons that name a wish name one that was stated; the others are likeness, acclaim or a guess."""
    for opening in ("surprise me", "a film for my kids", "something like Heat", "a dark thriller", "hello"):
        talk = chat(opening, "next", "something newer", "why?", "a bit lighter maybe", "next")
        said = opening + " newer lighter"
        for reply in talk.replies:
            for part in reply.said:
                found = re.search(
                    r"(?:asked for|wanted|wish for|mentioned) (?:an? |something )?(.+?)(?: film|,|\.)",
                    part.text,
                )
                if part.part == "explanation" and found and not part.text.startswith("You mentioned Heat"):
                    word = found[1].split()[-1].lower()
                    assert word[:4] in said or re.search(r"\d", found[1]), (opening, part.text)


def test_a_wish_is_removed_and_turned_round(chat: Any) -> None:
    talk = chat("a dark comedy, under 100 minutes")
    dark = next(wish for wish in talk.last.wishes if wish.value == "dark")
    talk.talk.correct(dark.id, "avoided")
    assert not any(talk.has(card.item, "dark") for card in talk.say("next").cards)
    talk.talk.correct(dark.id, "none")
    length = next(wish for wish in talk.last.wishes if wish.facet == "length")
    talk.talk.correct(length.id, "none")
    assert {wish.value for wish in talk.say("next").wishes} == {"comedy"}

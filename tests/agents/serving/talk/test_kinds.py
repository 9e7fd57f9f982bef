"""What people say beyond wishes, by kind, and what the service makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.serving.talk.bounds import Bounds
from agents.serving.talk.likeness import audiences, for_whom, of_items
from agents.serving.talk.message import understand
from chatrec_env.catalog import load_catalog
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.english.remarks import joined

CATALOG = load_catalog("movies")
LENGTH = CATALOG.facet_index("length")
LONG = CATALOG.value_names.index("long")


def numbers(talk: Any, facet: str) -> list[float]:
    return [
        float(talk.catalog.numbers[card.item, talk.catalog.facet_index(facet)]) for card in talk.last.cards
    ]


def test_what_is_too_much_is_left_far_behind_where_it_costs_no_wish(chat: Any) -> None:
    talk = chat("a western", "too old")
    assert min(numbers(talk, "era")) >= 1990
    talk = chat("a drama")
    shown = talk.last.cards[0].item
    talk.say("too long")
    assert max(numbers(talk, "length")) < talk.catalog.numbers[shown, LENGTH]


def test_far_less_is_past_three_in_five_of_what_is_less() -> None:
    number = CATALOG.numbers[:, LENGTH]
    anchor = int(np.nanargmin(np.abs(number - 120)))
    less = number[number < number[anchor]]
    bounds = Bounds()
    bounds.hear([ParsedAct(UserAct.TOO, value=LONG, facet=LENGTH, polarity=-1)], CATALOG, anchor)
    low, high = bounds.spans[LENGTH]
    assert low == -np.inf
    assert high == pytest.approx(float(np.quantile(less, 0.4)))
    while bounds.soften():
        pass
    assert bounds.spans[LENGTH] == (-np.inf, number[anchor])


def test_an_age_asks_for_films_that_are_typical_for_it(chat: Any) -> None:
    talk = chat("a film for my 5 year old")
    for card in talk.last.cards:
        assert talk.has(card.item, "kids")
        assert talk.has(card.item, "family") or talk.has(card.item, "animation")


def test_typical_for_kids_is_the_jungle_book_more_than_a_silent_war_film() -> None:
    kids = CATALOG.value_names.index("kids")
    assert kids in audiences(CATALOG)
    near = for_whom(CATALOG, kids)
    assert near[CATALOG.titles.index("The Jungle Book")] > near[CATALOG.titles.index("The General")]


def test_similar_but_shorter_keeps_the_likeness_and_the_limit(chat: Any) -> None:
    talk = chat("something like The Grand Budapest Hotel", "similar but under 100 minutes")
    anchor = talk.catalog.titles.index("The Grand Budapest Hotel")
    alike = of_items(talk.talk.task.manager, [anchor])
    assert max(numbers(talk, "length")) < 100
    for card in talk.last.cards:
        assert alike[card.item] >= np.quantile(alike, 0.8)


def test_the_language_that_was_asked_for_last_stands(chat: Any) -> None:
    talk = chat("a comedy in English", "one in French please")
    assert all(talk.has(card.item, "French") for card in talk.last.cards)


def test_the_plot_is_not_the_sentence_of_the_card_again(chat: Any) -> None:
    talk = chat("a western")
    sentence = talk.last.cards[0].sentence
    answer = talk.say("what's it about?").answer
    assert sentence not in answer
    assert "about" in answer


def test_a_no_tells_what_it_is_instead(chat: Any) -> None:
    talk = chat("a western")
    item = talk.last.cards[0].item
    moods = [name for name in talk.catalog.facets[1].values if talk.has(item, name)]
    asked = next(name for name in ("romantic", "whimsical") if name not in moods)
    answer = talk.say(f"is it {asked}?").answer
    assert all(mood in answer for mood in moods)


def test_a_film_that_was_talked_about_stays_where_it_is_none_of_what_is_to_be_spared(chat: Any) -> None:
    talk = chat("a western", "how long is it?")
    item, title = talk.last.about, talk.catalog.titles[talk.last.about]
    assert not talk.has(item, "musical")
    reply = talk.say("no musicals though")
    assert (reply.act, reply.about) == ("answer", item)
    assert title in reply.said[0].text


@pytest.mark.parametrize(
    ("text", "less_known"),
    [
        ("everyone has seen that", True),
        ("everybody on earth knows this one", True),
        ("who hasn't seen it", True),
        ("a hidden gem please", True),
        ("something less famous", True),
        ("too mainstream", True),
        ("nobody has heard of it? good", True),
        ("my sister has seen it", False),
        ("everyone in my family likes comedies", False),
        ("a famous western", False),
    ],
)
def test_what_not_everybody_knows_is_asked_for(text: str, less_known: bool) -> None:
    assert get_language().cues.less_known(text) == less_known


def test_what_not_everybody_knows_is_shown(chat: Any) -> None:
    talk = chat("an action film")
    shown = talk.last.cards[0].item
    talk.say("everyone has seen that one")
    popularity = talk.catalog.popularity
    assert max(popularity[card.item] for card in talk.last.cards) < popularity[shown]


@pytest.mark.parametrize(
    ("phrases", "told"),
    [
        (["a comedy"], "a comedy"),
        (["a funny film", "a film set in space"], "a funny film set in space"),
        (["an exciting film", "something under 100 minutes"], "an exciting film under 100 minutes"),
        (["a tense film", "a western", "a film from the 1980s"], "a tense western from the 1980s"),
    ],
)
def test_wishes_are_one_phrase(phrases: list[str], told: str) -> None:
    assert joined(phrases, CATALOG.noun) == told


def meant(*read: list[ParsedAct]) -> Any:
    return understand(["x"] * len(read), read, CATALOG, SystemAct.RECOMMEND, [7, 8], 7)


def test_a_doubt_before_is_overcome_by_taking_it() -> None:
    doubt, take = ParsedAct(UserAct.DOUBT), ParsedAct(UserAct.ACCEPT)
    assert meant([doubt], [take]).accepts == 7
    assert meant([take], [doubt]).accepts == -1
    assert meant([take, doubt]).accepts == -1


def test_a_question_in_an_insult_wants_no_answer() -> None:
    joke = ParsedAct(UserAct.ASK_FACT, value=CATALOG.value_names.index("funny"), facet=1)
    assert meant([ParsedAct(UserAct.INSULT), joke]).asks == ()
    assert len(meant([joke]).asks) == 1


def test_whether_there_is_one_is_a_wish() -> None:
    french = CATALOG.value_names.index("French")
    wish = ParsedAct(UserAct.WANT, value=french, facet=CATALOG.facet_index("language"), polarity=1)
    assert meant([ParsedAct(UserAct.ASK_FACT), wish]).asks == ()


def test_what_cannot_be_told_is_said_once(chat: Any) -> None:
    talk = chat("a comedy")
    talk.say("is it subtitled?")
    assert "subtitles" in talk.last.answer


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("is this a joke?", {UserAct.INSULT, UserAct.REJECT}),
        ("are you kidding me", {UserAct.INSULT, UserAct.REJECT}),
        ("you can't be serious", {UserAct.INSULT, UserAct.REJECT}),
        ("you call that a comedy?", {UserAct.INSULT, UserAct.REJECT}),
        ("why would i want that", {UserAct.REJECT}),
        ("do I look like I'd watch this", {UserAct.REJECT}),
        ("everyone on earth has seen that", {UserAct.REJECT}),
        ("its not hard", {UserAct.IMPATIENT}),
        ("it's not rocket science", {UserAct.IMPATIENT}),
        ("is it full of jokes?", set()),
        ("why did you pick that", set()),
        ("has everyone seen it but me?", set()),
        ("it's not hard to follow, is it", set()),
    ],
)
def test_sayings(text: str, acts: set[UserAct]) -> None:
    meant = [one.acts for one in get_language().cues.sayings if not one.last and one.matches(text)]
    assert {act for some in meant[:1] for act in some} == acts


def test_a_complaint_gets_an_apology_and_another_film(chat: Any) -> None:
    talk = chat("an action movie")
    item = talk.last.cards[0].item
    reply = talk.say("is this a joke? why would i want that")
    assert reply.cards
    assert item not in [card.item for card in reply.cards]
    assert reply.answer == ""
    assert "sorry" in reply.said[0].text.lower()

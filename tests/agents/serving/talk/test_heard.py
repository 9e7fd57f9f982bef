"""What a stranger found not sensible in played conversations, by kind."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from agents.serving.talk.bounds import Bounds
from agents.serving.talk.described import choices
from agents.serving.talk.fitting import LEAST, LIKELY, children, fit, spared
from agents.serving.talk.likeness import akin_values, likely, of_items
from agents.serving.talk.remarks import same_people
from chatrec_env.catalog import load_catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.parser import Parser

CATALOG = load_catalog("movies")
LENGTH, ERA = CATALOG.facet_index("length"), CATALOG.facet_index("era")


@pytest.fixture(scope="module")
def finder() -> MentionFinder:
    parser = Parser(CATALOG)
    return MentionFinder(CATALOG, parser.scanner, parser.language)


def said(reply: Any) -> str:
    return " ".join(part.text for part in reply.said)


def wanted(*names: str) -> list[ParsedAct]:
    return [ParsedAct(UserAct.WANT, value=CATALOG.value_names.index(name), polarity=1) for name in names]


def test_the_sentence_of_a_card_is_said_again_where_it_was_said_turns_ago(chat: Any) -> None:
    talk = chat("a western")
    sentence = talk.last.cards[0].sentence
    assert sentence not in talk.say("what's it about?").answer
    assert sentence in talk.say("remind me, what is it about?").answer


@pytest.mark.parametrize(
    "question", ["is it scary?", "how long is it?", "what is it about?", "is it any good?"]
)
def test_a_question_about_nothing_is_answered_before_anything_else(chat: Any, question: str) -> None:
    talk = chat(question)
    assert talk.last.answer == "I haven't suggested any film yet, so there is nothing to tell."
    assert talk.last.said[0].text == talk.last.answer
    assert len(talk.last.said) > 1  # and the conversation goes on
    assert talk.say("a western").answer == ""
    assert "nothing to tell" not in talk.say("how long is it?").answer


def test_nothing_is_called_near_to_what_is_not_known(chat: Any) -> None:
    assert "its name" in said(chat("do you have Galaxy Quest?").last)
    told = said(chat("a sad western", "do you have Notting Hill?").last)
    assert "nearest" not in told
    assert "what you told me before" in told
    assert "nothing left" not in told
    told = said(chat("a film", "I mean Galaxy Quest, the one with the crew of a fake starship").last)
    assert "what you say of it" in told


def test_a_comparison_is_said_back_as_one(chat: Any) -> None:
    talk = chat("an action film", "something newer please")
    shown = talk.replies[0].cards[0]
    assert f"newer than {shown.title}" in said(talk.last)
    assert str(shown.year) not in said(talk.last).replace(shown.title, "")


def test_what_is_newer_or_shorter_is_noticeably_so_where_there_is_such_an_item() -> None:
    number = CATALOG.numbers[:, LENGTH]
    anchor, spread = int(np.nanargmin(np.abs(number - 120))), float(np.nanstd(number))
    bounds = Bounds()
    bounds.hear([ParsedAct(UserAct.RELATIVE, facet=LENGTH, direction=-1, strength=0.5)], CATALOG, anchor)
    found = [bounds.spans[LENGTH][1]]
    while bounds.soften():
        found.append(bounds.spans[LENGTH][1])
    assert found == pytest.approx([120 - 0.4 * spread, 120 - 0.15 * spread, 120])
    assert bounds.compared[LENGTH] == f"shorter than {CATALOG.titles[anchor]}"


def test_a_limit_in_numbers_takes_the_place_of_a_comparison() -> None:
    bounds, nineties = Bounds(), CATALOG.value_names.index("1990s")
    old = int(np.nanargmin(np.abs(CATALOG.numbers[:, ERA] - 1954)))
    bounds.hear([ParsedAct(UserAct.RELATIVE, facet=ERA, direction=1)], CATALOG, old)
    bounds.hear([ParsedAct(UserAct.AVOID, value=nineties, polarity=-1, high=2000)], CATALOG, old)
    assert bounds.spans == {ERA: (2000, math.inf)}
    assert bounds.compared == {}


def test_kinds_of_what_is_to_be_spared_are_spared(chat: Any) -> None:
    talk = chat("a comedy, no crime").talk
    hustle = CATALOG.titles.index("Kung Fu Hustle")
    assert CATALOG.values[hustle, CATALOG.value_names.index("organised crime")]
    assert not fit(CATALOG, talk.dialogue, talk.bounds).allowed[hustle]


def test_what_a_list_leaves_out_is_judged_by_the_rest_of_the_card(chat: Any) -> None:
    manager = chat("hello").talk.task.manager
    for title, value, much in (
        ("Cinderella", "musical", True),
        ("Rear Window", "crime", True),
        ("Jurassic Park", "horror", True),
        ("The General", "musical", False),
        ("My Neighbor Totoro", "scary", False),
    ):
        item, column = CATALOG.titles.index(title), CATALOG.value_names.index(value)
        assert not CATALOG.values[item, column]
        assert (likely(manager, column)[item] >= LIKELY) == much, title


def test_likeness_counts_who_made_it(chat: Any) -> None:
    manager = chat("hello").talk.task.manager
    hotel = CATALOG.titles.index("The Grand Budapest Hotel")
    near = [CATALOG.titles[i] for i in np.argsort(-of_items(manager, [hotel]))[:12]]
    assert {"The Royal Tenenbaums", "Rushmore"} <= set(near)


def test_or_means_that_one_is_enough(chat: Any, finder: MentionFinder) -> None:
    space, monsters, funny = (CATALOG.value_names.index(name) for name in ("space", "monsters", "funny"))
    text, acts = "something funny with space or aliens in it", wanted("funny", "space", "monsters")
    assert choices(text, acts, finder) == [frozenset((space, monsters))]
    assert choices("a western, a war film or a musical", wanted("western", "war", "musical"), finder) == [
        frozenset(CATALOG.value_names.index(name) for name in ("western", "war", "musical"))
    ]
    assert choices("funny, set in space", wanted("funny", "space"), finder) == []
    talk = chat(text)
    for _ in range(3):
        assert talk.last.cards
        for card in talk.last.cards:
            held = CATALOG.values[card.item] > 0
            assert held[funny]
            assert held[space] or held[monsters]
        talk.say("another one")
    assert "nothing left" not in said(talk.last)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a romance, one of those with lovely clothes and gardens, please", "lovely clothes and gardens"),
        ("a drama full of awkward silences", "awkward silences"),
        ("a thriller with my wife", ""),
        ("a drama with Tom Hanks", ""),
        ("a comedy with it", ""),
        ("is there a comedy with big hats?", "big hats"),
    ],
)
def test_what_is_described_counts(chat: Any, text: str, told: str) -> None:
    described = " ".join(chat(text).talk.described)
    assert told in described if told else not described


def test_what_is_described_may_be_what_is_to_be_spared(chat: Any) -> None:
    talk = chat("nothing where somebody dies of an illness, please").talk
    assert talk.described == ()
    assert len(talk.bounds.shunned) > 0


def test_a_belief_about_who_made_it_is_put_right() -> None:
    club, hotel = CATALOG.titles.index("The Breakfast Club"), CATALOG.titles.index("The Grand Budapest Hotel")
    told = same_people("same director i think.", CATALOG, club, hotel)
    assert "isn't the same" in told
    assert "Wes Anderson" in told
    assert "John Hughes" in told
    rushmore = CATALOG.titles.index("Rushmore")
    assert "Wes Anderson" in same_people("it has the same director", CATALOG, rushmore, hotel)
    assert same_people("same mood i think", CATALOG, club, hotel) == ""


def test_the_language_of_the_talk_is_no_wish(chat: Any) -> None:
    talk = chat("bonsoir, tu me conseilles un film pour ce soir ?", "ok, english. i want a western")
    assert {wish.value for wish in talk.last.wishes} == {"western"}
    talk = chat("a western", "in English")
    assert {wish.value for wish in talk.last.wishes} == {"western", "English"}


def test_why_somebody_asks_is_no_wish(chat: Any) -> None:
    talk = chat("a mystery", "is it scary at all? my flatmate scares easily")
    assert "scary" not in {wish.value for wish in talk.last.wishes if wish.strength > 0}
    talk = chat("a romantic comedy", "is it a sad one? I'd rather not end up in tears at midnight")
    assert (talk.last.act, talk.last.about) == ("answer", talk.replies[0].cards[0].item)


def test_a_film_that_was_talked_about_stays_where_it_keeps_to_a_new_limit(chat: Any) -> None:
    talk = chat("a western", "who's in it?")
    item = talk.last.about
    minutes = int(CATALOG.numbers[item, LENGTH])
    reply = talk.say(f"at most {minutes + 10} minutes please")
    assert (reply.act, reply.about) == ("answer", item)
    assert "still fits" in said(reply)
    talk = chat("a western", "who's in it?", f"at most {minutes - 30} minutes please")
    assert talk.last.cards


def test_three_lie_beside_a_suggestion_where_three_fit(chat: Any) -> None:
    talk = chat("a science fiction film, something romantic", "she's seen that one", "another one please")
    allowed, lacks = fit(talk.catalog, talk.talk.dialogue, talk.talk.bounds)
    gone = [reply.cards[0].item for reply in talk.replies]
    left = [i for i in np.flatnonzero(allowed & (lacks == 0)) if i not in gone]
    assert len(talk.last.cards) == 1 + min(3, len(left))
    talk = chat("something like The Grand Budapest Hotel, but not a crime thing")
    for text in ("others?", "next", "more like that"):
        assert len(talk.say(text).cards) == 4


def test_the_oldest_are_shown_to_those_who_ask_for_them(chat: Any) -> None:
    oldest = np.quantile(CATALOG.years, 0.1)
    for opening in ("surprise me", "a comedy", "an action film"):
        talk = chat(opening, "next")
        assert min(card.year for card in talk.last.cards) >= oldest
    assert min(card.year for card in chat("a comedy from the 1930s").last.cards) < oldest


def test_a_reply_says_that_what_was_to_be_spared_is_not_there(chat: Any) -> None:
    assert "isn't a violent film" in said(chat("a mystery, not too violent").last)
    assert "“capes”" in said(chat("an action film, no capes").last)


def test_where_nothing_is_shorter_that_is_said_and_the_card_stays(chat: Any) -> None:
    talk = chat("a western, under 85 minutes")
    for _ in range(12):
        item = talk.last.about
        if "I have none that is shorter" in said(talk.say("shorter")):
            break
    assert talk.last.about == item
    assert all(
        wish.value in ("western", "under 85 minutes") for wish in talk.last.wishes if wish.strength > 0
    )


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("we've got that one", UserAct.SEEN_IT),
        ("he has two of those", UserAct.SEEN_IT),
        ("we always play that one", UserAct.SEEN_IT),
        ("that sounds perfect", UserAct.ACCEPT),
        ("it is just right", UserAct.ACCEPT),
        ("the tram was late", None),
    ],
)
def test_what_is_owned_or_just_right(chat: Any, text: str, act: UserAct | None) -> None:
    kinds = chat("a western").talk.understand([text]).kinds
    assert kinds & {UserAct.SEEN_IT, UserAct.ACCEPT} == ({act} if act else set())


def test_for_a_grandchild_is_for_children(chat: Any) -> None:
    talk = chat("my grandson is turning nine, he adores animals, is there something for him")
    kids = CATALOG.value_names.index("kids")
    assert children(CATALOG) == {kids}
    assert all(CATALOG.values[card.item, kids] for card in talk.last.cards)


def test_what_one_is_bad_at_is_no_wish(chat: Any) -> None:
    talk = chat("something tense, i'm bad at romance")
    assert {wish.value for wish in talk.last.wishes if wish.strength > 0} == {"tense"}


def test_two_films_that_are_named_are_compared(chat: Any) -> None:
    talk = chat("a western", "is Unforgiven longer than High Noon?")
    assert "Unforgiven" in talk.last.answer
    assert "High Noon" in talk.last.answer
    assert talk.last.about == talk.replies[0].cards[0].item


def wishes(talk: Any, sign: int = 1) -> set[str]:
    return {wish.value for wish in talk.last.wishes if sign * wish.strength > 0}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("violent", "serial killers", True),
        ("crime", "organised crime", True),
        ("scary", "monsters", True),
        ("romance", "forbidden love", True),
        ("violent", "comedy", False),
        ("melancholic", "whimsical", False),
        ("crime", "crime", False),
    ],
)
def test_values_that_go_with_another(chat: Any, one: str, other: str, near: bool) -> None:
    table = akin_values(chat("hello").talk.task.manager)
    names = CATALOG.value_names
    assert table[names.index(one), names.index(other)] == near


def test_no_card_is_near_to_what_is_to_be_spared_beside_one_that_is_not(chat: Any) -> None:
    for opening in (
        "a mystery, not too bloody",
        "a thriller, nothing violent",
        "something like Heat but no crime",
    ):
        talk = chat(opening)
        near = np.any(spared(talk.talk.task.manager, talk.talk.dialogue), 0)
        cards = [card.item for card in talk.last.cards]
        assert near[cards[0]] or not near[cards].any()
    assert "Seven" not in [card.title for card in chat("a mystery, not too bloody").last.cards]


def test_what_was_hinted_at_weighs_less_than_the_least_wish(chat: Any) -> None:
    talk = chat("a western").talk
    funny = CATALOG.value_names.index("funny")
    before = fit(CATALOG, talk.dialogue, talk.bounds).lacks.copy()
    talk.dialogue.wishes[0, funny], talk.dialogue.memory.stated[0, funny] = 0.5, True
    more = fit(CATALOG, talk.dialogue, talk.bounds).lacks - before
    assert set(more[CATALOG.values[:, funny] > 0]) == {0}
    assert np.all((more > 0) == (CATALOG.values[:, funny] == 0))
    assert more.max() < LEAST


def test_an_unlisted_title_leads_away_from_what_was_wished_before(chat: Any) -> None:
    talk = chat("something funny with ghosts, no musicals", "what about Notting Hill, do you have that?")
    assert wishes(talk) == {"funny"}
    assert wishes(talk, -1) == {"musical"}


def test_what_somebody_said_they_had_said_is_wished_for(chat: Any) -> None:
    assert "fantasy" in wishes(chat("a film for tonight", "no, I said fantasy"))


@pytest.mark.parametrize(
    ("text", "wanted", "avoided"),
    [
        ("my english is not good. i want comedy", {"comedy"}, set()),
        ("sorry, my english isn't so great, a western please", {"western"}, set()),
        ("nothing in English please, a comedy", {"comedy"}, {"English"}),
        ("Julia says not so sad", set(), {"melancholic"}),
        ("mum says no horror", set(), {"horror"}),
        ("we need a film", set(), set()),
        ("under 100 please", {"under 100 minutes"}, set()),
    ],
)
def test_misreadings(chat: Any, text: str, wanted: set[str], avoided: set[str]) -> None:
    talk = chat(text)
    assert (wishes(talk), wishes(talk, -1)) == (wanted, avoided)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lea says not too hot", "not too hot"),
        ("my wife says nothing in plastic", "nothing in plastic"),
        ("Eva says that's too sad for her", ""),
        ("Paul says it's good", ""),
        ("not too hot", ""),
    ],
)
def test_what_somebody_else_says(text: str, said: str) -> None:
    assert get_language().cues.reported(text) == said

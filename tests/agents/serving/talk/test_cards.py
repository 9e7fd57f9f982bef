"""What lies on the table keeps to what was said, on every card; what was said is said back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from agents.serving.talk.described import named_by_titles, titles_in
from agents.serving.talk.fitting import doubtful, mentions, narrower
from chatrec_env.catalog import load_catalog
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.parser import Parser

CATALOG = load_catalog("movies")
CUES = get_language().cues


def value(name: str) -> int:
    return CATALOG.value_names.index(name)


def item(title: str) -> int:
    return CATALOG.titles.index(title)


def said(reply: Any) -> str:
    return " ".join(part.text for part in reply.said)


@pytest.mark.parametrize(
    ("texts", "never"),
    [
        (["a mystery, not too bloody"], "Get Out"),  # the list does not call it violent
        (
            ["a film for my 5 year old, nothing scary", "we know that one", "no musicals"],
            "The Secret of NIMH",
        ),
        (["like The Grand Budapest Hotel, but not a crime thing", "seen that one"], "Hudson Hawk"),
    ],
)
def test_what_might_be_what_is_to_be_spared_lies_beside_no_suggestion(
    chat: Any, texts: list[str], never: str
) -> None:
    talk = chat(*texts)
    doubts = doubtful(talk.talk.task.manager, talk.talk.dialogue)
    assert doubts[item(never)]
    for reply in talk.replies:
        assert never not in [card.title for card in reply.cards]
    assert not any(doubts[card.item] for card in talk.last.cards[1:])


def test_nothing_lies_beside_where_no_card_can_tell_what_is_to_be_spared(chat: Any) -> None:
    last = chat("something romantic, but nothing where somebody dies of an illness").last
    assert len(last.cards) == 1
    assert "speaks of “somebody dies of an illness”" in said(last)
    assert len(chat("something romantic, but nothing scary").last.cards) == 4


def test_who_asks_after_what_they_will_not_have_will_not_have_it_still(chat: Any) -> None:
    talk = chat("a film for my 5 year old, nothing scary", "is it ok for her? any scary bits?")
    assert talk.talk.dialogue.wishes[0, value("scary")] < 0


def test_a_word_may_mean_less_than_its_value(chat: Any) -> None:
    assert narrower(CATALOG, value("monsters"), "aliens")  # no gremlins, no vampires
    assert not narrower(CATALOG, value("monsters"), "monster")  # the value's own name
    assert not narrower(CATALOG, value("melancholic"), "sad")  # cards do not say that
    for card in chat("something funny with aliens").last.cards:
        assert mentions(CATALOG, "aliens")[card.item]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a western under 120 minutes", "under 120 minutes"),  # not "medium, short"
        ("a western, an hour and a half max", "at most 90 minutes"),
        ("a western, nothing before 1970", "1970 or newer"),  # not what is older, decade by decade
    ],
)
def test_a_limit_is_understood_as_it_was_said(chat: Any, text: str, told: str) -> None:
    heard = [one.text for one in chat(text).last.heard]
    assert heard == ["western", told]


@pytest.mark.parametrize(
    ("idiom", "plain"),
    [
        ("and it mustn't cost the earth", "and not too expensive"),
        ("nothing before 2000, got it?", "nothing before 2000"),
        ("no horror. is that clear??", "no horror"),
        ("got it?", "got it?"),
        ("it's a comedy, right?", "it's a comedy, right?"),
        ("something good without breaking the bank", "something good not too expensive"),
        ("a mystery would be fun", "a mystery would be nice"),
        ("i'm moving to Madrid", "i'm going to Madrid"),
        ("can it get here by friday?", "can it be delivered by friday?"),
        ("what is there to do?", "what activity is it?"),
        ("is there any singing on it?", "which language is it in?"),
        ("do I need to know anything beforehand?", "which level is it?"),
        ("something fun, and moving", "something fun, and moving"),
    ],
)
def test_idioms(idiom: str, plain: str) -> None:
    assert CUES.plainly(idiom) == plain


def test_who_asks_for_nothing_but_a_film_was_understood(chat: Any) -> None:
    last = chat("hi, i need a movie").last
    assert not last.not_understood
    assert last.act == "ask"
    assert said(chat("my girlfriend left me. i need a movie").last).startswith("I'm sorry to hear that.")
    assert not CUES.for_any("i need a movie about loss", ("film", "movies"))


def test_what_was_passed_over_is_not_asked_again(chat: Any) -> None:
    talk = chat("help me")
    assert talk.last.act == "ask"
    assert talk.say("it was a long day").act != "ask"


def test_named_people_are_worded_as_such(chat: Any) -> None:
    assert "a film with Tom Hanks." in said(chat("a film with Tom Hanks").last)
    assert "by Alfred Hitchcock." in said(chat("a film by Alfred Hitchcock").last)


@pytest.mark.parametrize("text", ["do you have Gladiator II?", "something like Gladiator II"])
def test_a_sequel_is_another_film(chat: Any, text: str) -> None:
    assert "I don't have Gladiator II" in said(chat(text).last)


def test_titles_as_they_are_written() -> None:
    text = "is Aliens longer than Alien?"
    assert titles_in(text, CATALOG) == [item("Aliens"), item("Alien")]
    assert titles_in("anything like The Grand Budapest Hotel?", CATALOG) == [item("The Grand Budapest Hotel")]


def test_for_whom_no_list_can_tell(chat: Any) -> None:
    last = chat("a mystery with James Stewart for my mother").last
    assert "what would suit your mother" in said(last)
    assert "my mother" in last.not_understood
    assert CUES.for_whom("a film for my next evening") == ""


def test_which_of_two_it_is_more_of(chat: Any) -> None:
    talk = chat("something funny with aliens", "is it more a comedy or more a drama?")
    assert said(talk.last).startswith("Men in Black is more a comedy than a drama")


def test_what_is_added_and_met_keeps_the_card(chat: Any) -> None:
    talk = chat("a western")
    first = talk.last.cards[0]
    assert f"{first.title} isn't a musical" in said(talk.say("yeah but no musicals"))
    assert f"{first.title} still fits" in said(talk.say("from the 1960s, if possible"))
    assert f"{first.title} is a western" in said(
        talk.say("my english is not good. i want a western")
    )  # again
    assert talk.say("a comedy").about != first.item  # a wish for another


def test_what_was_liked_keeps_the_card_that_is_most_like_it(chat: Any) -> None:
    talk = chat("we want science fiction, and something romantic", "seen it", "seen that too")
    shown = talk.last.cards[0]
    assert shown.title == "Her"
    assert talk.say("we both loved About Time, if that helps").about == shown.item


def test_what_only_goes_with_the_company_is_nothing_that_was_asked_for(chat: Any) -> None:
    talk = chat("a war film with my girlfriend").talk
    assert talk.dialogue.wishes[0, value("romantic")] > 0
    war, romantic = (CATALOG.values[:, value(name)] > 0 for name in ("war", "romantic"))
    assert talk.lacking(int((war & ~romantic).argmax())) == []


def test_a_question_that_cannot_be_answered_changes_nothing(chat: Any) -> None:
    talk = chat("a western under 120 minutes")
    about, wishes = talk.last.about, talk.talk.dialogue.wishes.copy()
    reply = talk.say("no subtitles, is it?")
    assert reply.about == about
    assert (talk.talk.dialogue.wishes == wishes).all()
    assert talk.talk.after == SystemAct.ANSWER


def test_what_was_liked_is_not_offered(chat: Any) -> None:
    last = chat("i loved Heat and Drive").last
    assert not {"Heat", "Drive"} & {card.title for card in last.cards}


def test_another_by_the_same_people(chat: Any) -> None:
    talk = chat("do you have The Bridge on the River Kwai?", "something else by the same director?")
    assert "by David Lean" in said(talk.last)
    assert {"Lawrence of Arabia", "Brief Encounter"} <= {card.title for card in talk.last.cards}


@pytest.mark.parametrize(
    "text", ["ok that works, thanks", "that works for us", "that'll do", "this one would do nicely"]
)
def test_what_works_is_taken(chat: Any, text: str) -> None:
    talk = chat("a western")
    assert talk.say(text).took == talk.replies[0].about


def test_titles_say_what_an_item_is_where_nobody_made_it() -> None:
    catalog = load_catalog("shopping")
    parser = Parser(catalog)
    finder = MentionFinder(catalog, parser.scanner, parser.language)
    wish = [ParsedAct(UserAct.WANT, value=catalog.value_names.index("waterproof"), polarity=1)]
    assert named_by_titles("a waterproof jacket", wish, finder) == ["jacket"]
    assert named_by_titles("is it a jacket?", [], finder) == []  # no wish


@pytest.mark.parametrize(
    "text", ["right. well then something funny", "ok. then something newer", "Yes. But something newer."]
)
def test_nothing_is_taken_where_wishes_follow(chat: Any, text: str) -> None:
    talk = chat("a western")
    assert talk.say(text).took == -1

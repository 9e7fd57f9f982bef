"""How people talk to a recommender, kind by kind: what must be read, and what must not."""

from __future__ import annotations

import math

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language import ParsedAct, Parser, SystemAct, UserAct
from chatrec_env.language.encoders import make_encoder
from chatrec_env.language.message_reader import MessageReader

CATALOG = load_catalog("movies")
OPEN, SHOWN = SystemAct.GREET, SystemAct.RECOMMEND


@pytest.fixture(scope="module")
def reader() -> MessageReader:
    return MessageReader(Parser(CATALOG), make_encoder("minilm"))


def told(acts: tuple[ParsedAct, ...]) -> set[UserAct]:
    return {act.act for act in acts}


def signs(acts: tuple[ParsedAct, ...]) -> dict[str, int]:
    """Values wanted (+1) and avoided (-1), by name."""
    wishes = (UserAct.WANT, UserAct.AVOID, UserAct.TOO, UserAct.ENOUGH_OF)
    return {
        CATALOG.value_names[act.value]: act.polarity for act in acts if act.act in wishes and act.value >= 0
    }


@pytest.mark.parametrize(
    "text",
    [
        "ok but how long is it?",
        "loved that one!",
        "haven't seen it, is it good?",
        "yes but I want something I haven't seen",
        "good to know",
        "my mum loved it",
        "huh?",
        "good, but a little too silly",
    ],
)
def test_nothing_is_taken_that_nobody_took(reader: MessageReader, text: str) -> None:
    assert UserAct.ACCEPT not in told(reader.parse(text, after=SHOWN, on_table=1))


@pytest.mark.parametrize(
    ("text", "place"),
    [("I'll watch it", -1), ("the second one", 1), ("let's do the third", 2)],
)
def test_what_is_taken(reader: MessageReader, text: str, place: int) -> None:
    acts = reader.parse(text, after=SHOWN, on_table=3)
    assert [act.place for act in acts if act.act == UserAct.ACCEPT] == [place]


def test_a_likeness_is_no_opinion(reader: MessageReader) -> None:
    acts = reader.parse("something like Interstellar but shorter and not so sad", after=OPEN)
    like = next(act for act in acts if act.act == UserAct.LIKE)
    assert CATALOG.titles[like.item] == "Interstellar"
    assert UserAct.LIKED_ITEM not in told(acts)
    assert [act.direction for act in acts if act.act == UserAct.RELATIVE] == [-1]
    assert signs(acts) == {"melancholic": -1}


@pytest.mark.parametrize("text", ["those are not romance films", "that film is not British"])
def test_a_mismatch_is_no_ban(reader: MessageReader, text: str) -> None:
    acts = reader.parse(text, after=SHOWN, on_table=1)
    assert UserAct.MISMATCH in told(acts)
    assert not signs(acts)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("I do not like it very bloody", {"violent": -1}),
        ("non-animated please", {"animation": -1}),
        ("no romances, horror is fine", {"romance": -1, "horror": 1}),
        ("skip the musicals, dramas are fine with me", {"musical": -1, "drama": 1}),
        ("never mind the horror", {}),
        ("forget about comedies", {}),
        ("not in the mood for romance", {"romance": -1}),
    ],
)
def test_polarity(reader: MessageReader, text: str, meant: dict[str, int]) -> None:
    assert signs(reader.parse(text, after=OPEN)) == meant


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("superhero movies, no Marvel", "superheroes"),
        ("war movies but not about WW2", "war"),
        ("animated, but no anime", "animation"),
        ("romance but not a romcom", "romance"),
    ],
)
def test_an_exception_keeps_the_wish(reader: MessageReader, text: str, kept: str) -> None:
    assert signs(reader.parse(text, after=OPEN))[kept] == 1


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("is The Hangover a good movie?", UserAct.ASK_OPINION),
        ("is Tom Hanks in it?", UserAct.ASK_FACT),
        ("I asked if it's scary", UserAct.ASK_FACT),
        ("who's in it?", UserAct.ASK_FACT),
        ("is it on netflix?", UserAct.ASK_FACT),
        ("why this one?", UserAct.ASK_WHY),
        ("what's it about", UserAct.ASK_PLOT),
        ("how long?", UserAct.ASK_FACT),
        ("is it ok for kids", UserAct.ASK_FACT),
    ],
)
def test_questions_are_asked_and_nothing_else(reader: MessageReader, text: str, asks: UserAct) -> None:
    acts = reader.parse(text, after=SHOWN, on_table=1)
    assert asks in told(acts)
    assert not signs(acts)
    assert not told(acts) & {UserAct.ENTITY, UserAct.LIKED_ITEM, UserAct.ACCEPT}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("less than 2h", -math.inf, 120),
        ("1h30 max", -math.inf, 91),
        ("under two hours please", -math.inf, 120),
        ("something made after 2010", 2011, math.inf),
    ],
)
def test_limits_are_kept_exactly(reader: MessageReader, text: str, low: float, high: float) -> None:
    acts = [act for act in reader.parse(text, after=OPEN) if act.act == UserAct.WANT]
    assert acts
    assert {(act.low, act.high) for act in acts} == {(low, high)}


def test_content_that_was_lost(reader: MessageReader) -> None:
    assert signs(reader.parse("for my 5 year old", after=OPEN)) == {"kids": 1}
    assert "long" in [
        name for name, sign in signs(reader.parse("3 hours? no way", after=SHOWN)).items() if sign < 0
    ]


def test_someone_elses_wish(reader: MessageReader) -> None:
    acts = reader.parse("my girlfriend wants something romantic", after=OPEN)
    assert [act.other for act in acts if act.act == UserAct.WANT] == [True]


def test_an_item_that_is_looked_for(reader: MessageReader) -> None:
    assert UserAct.FIND_ITEM in told(reader.parse("Do you have The Martian?", after=OPEN))


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("let's start over", UserAct.START_OVER),
        ("help", UserAct.HELP),
        ("what can you do", UserAct.HELP),
        ("你好，我想看电影", UserAct.OTHER_LANGUAGE),
        ("you are useless", UserAct.INSULT),
        ("surprise me", UserAct.NO_PREFERENCE),
        ("hi there", UserAct.GREET),
    ],
)
def test_repair_and_the_rest(reader: MessageReader, text: str, act: UserAct) -> None:
    assert act in told(reader.parse(text, after=OPEN))


def test_seen_with_an_opinion(reader: MessageReader) -> None:
    acts = reader.parse("seen it, loved it", after=SHOWN, on_table=1)
    assert told(acts) == {UserAct.SEEN_IT, UserAct.LIKED_ITEM}

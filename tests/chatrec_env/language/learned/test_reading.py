"""From roles and acts to dialogue acts: hand-made readings."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mentions import LAST, Mention, MentionKind, mark_tokens, whole_name
from chatrec_env.language.learned.reading import Meant, interpret, with_implied

CATALOG = load_catalog("movies")
HORROR = CATALOG.value_names.index("horror")
COMEDY = CATALOG.value_names.index("comedy")
GENRE = 0
LENGTH = next(f for f, facet in enumerate(CATALOG.facets) if facet.name == "length")


def value(index: int) -> Mention:
    return Mention(MentionKind.VALUE, 0, 1, values=(index,), facet=GENRE)


def read(acts: list[str], *meant: Meant, on_table: int = 0, asked: int = -1) -> list[ParsedAct]:
    return list(interpret("x", acts, meant, CATALOG, on_table=on_table, asked=asked))


@pytest.mark.parametrize(
    ("role", "act", "polarity"),
    [
        ("want", UserAct.WANT, 1),
        ("avoid", UserAct.AVOID, -1),
        ("drop", UserAct.DROP, 0),
        ("too", UserAct.TOO, -1),
        ("enough", UserAct.ENOUGH_OF, -1),
        ("lacks", UserAct.MISMATCH, 0),
        ("liked", UserAct.WANT, 1),
    ],
)
def test_roles_of_a_value(role: str, act: UserAct, polarity: int) -> None:
    assert read([], Meant(value(HORROR), role)) == [
        ParsedAct(act, value=HORROR, facet=GENRE, polarity=polarity)
    ]


def test_an_exception_carries_its_words() -> None:
    """ "Superheroes, no Marvel": the words may say less than the value they are linked to."""
    marvel = Meant(Mention(MentionKind.VALUE, 16, 22, values=(HORROR,), facet=GENRE), "except")
    (act,) = interpret("superheroes, no Marvel", [], [marvel], CATALOG)
    assert (act.act, act.value, act.topic) == (UserAct.EXCEPT, HORROR, "Marvel")


def test_what_an_exception_is_taken_from_is_wanted() -> None:
    """ "War films, nothing dark", of which the first was not sure."""
    war = next(i for i, name in enumerate(CATALOG.value_names) if name == "war")
    acts = read([], Meant(value(war), "named"), Meant(value(HORROR), "except"))
    assert [(act.act, act.value) for act in acts] == [(UserAct.WANT, war), (UserAct.EXCEPT, HORROR)]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        pytest.param("superheroes, no Marvel", UserAct.WANT, id="begins-a-clause"),
        pytest.param("no superheroes bar Marvel", UserAct.AVOID, id="denied-itself"),
    ],
)
def test_an_exception_to_itself_leaves_a_value_wanted(text: str, act: UserAct) -> None:
    heroes, marvel = (
        Mention(MentionKind.VALUE, text.index(words), text.index(words) + len(words), values=(HORROR,))
        for words in ("superheroes", "Marvel")
    )
    acts = interpret(text, [], [Meant(heroes, "avoid"), Meant(marvel, "except")], CATALOG)
    assert [one.act for one in acts] == [act, UserAct.EXCEPT]


@pytest.mark.parametrize("acts", [["ASK_OPINION"], ["ASK_PLOT"]])
def test_who_asks_about_a_title_that_is_not_there_looks_for_it(acts: list[str]) -> None:
    unlisted = Meant(Mention(MentionKind.TITLE, 0, 1), "asked")
    assert read(acts, unlisted, on_table=1) == [ParsedAct(UserAct.FIND_ITEM, topic="x")]


def test_who_asks_how_long_a_title_is_that_is_not_there_looks_for_it() -> None:
    unlisted, length = Mention(MentionKind.TITLE, 0, 1), Mention(MentionKind.FACET, 0, 1, facet=LENGTH)
    assert read(["ASK_FACT"], Meant(length, "asked"), Meant(unlisted, "asked")) == [
        ParsedAct(UserAct.FIND_ITEM, topic="x")
    ]
    assert [act.act for act in read(["ASK_FACT"], Meant(unlisted, "asked"))] == [UserAct.ASK_FACT]


def test_nothing_follows_from_what_is_merely_named() -> None:
    assert read([], Meant(value(HORROR), "named")) == [ParsedAct(UserAct.SMALL_TALK)]


def test_a_question_yields_no_wish() -> None:
    (act,) = read(["ASK_FACT"], Meant(value(HORROR), "asked"))
    assert (act.act, act.value, act.polarity) == (UserAct.ASK_FACT, HORROR, 0)


def test_strength_and_whose_wish_it_is() -> None:
    firm, soft = read([], Meant(value(HORROR), "want", "!"), Meant(value(COMEDY), "avoid", "?", other=True))
    assert (firm.strength, firm.other) == (2.0, False)
    assert (soft.strength, soft.other) == (0.5, True)


def test_the_later_statement_wins() -> None:
    acts = read([], Meant(value(HORROR), "want"), Meant(value(HORROR), "avoid"))
    assert [act.act for act in acts] == [UserAct.AVOID]


def test_a_card_that_is_pointed_at() -> None:
    last = Mention(MentionKind.PLACE, 0, 1, place=LAST)
    assert read(["ACCEPT"], Meant(last, "take"), on_table=3) == [ParsedAct(UserAct.ACCEPT, place=2)]
    assert read(["ACCEPT"]) == [ParsedAct(UserAct.ACCEPT)]


def test_what_is_pointed_at_under_a_condition_is_not_taken() -> None:
    second = Meant(Mention(MentionKind.PLACE, 0, 1, place=1), "take")
    assert read(["CONDITION"], second) == [ParsedAct(UserAct.CONDITION, place=1)]
    assert with_implied([], [second]) == ["ACCEPT"]
    assert with_implied(["DOUBT"], [second]) == ["DOUBT"]


def test_roles_imply_acts() -> None:
    assert with_implied([], [Meant(value(HORROR), "lacks")]) == ["MISMATCH"]
    assert with_implied(["ASK_PLOT"], [Meant(value(HORROR), "asked")]) == ["ASK_PLOT"]
    assert with_implied(["THANK"], [Meant(value(HORROR), "asked")]) == ["THANK", "ASK_FACT"]


def test_titles() -> None:
    heat = Mention(MentionKind.TITLE, 0, 1, item=7)
    assert read([], Meant(heat, "like")) == [ParsedAct(UserAct.LIKE, item=7, polarity=1)]
    assert read(["SEEN_IT"], Meant(heat, "seen")) == [ParsedAct(UserAct.SEEN_IT, item=7)]
    assert read(["SEEN_IT", "LIKED_IT"]) == [
        ParsedAct(UserAct.SEEN_IT),
        ParsedAct(UserAct.LIKED_ITEM, polarity=1),
    ]
    unknown = Mention(MentionKind.TITLE, 0, 1)
    assert read(["FIND_ITEM"], Meant(unknown, "find")) == [ParsedAct(UserAct.FIND_ITEM, topic="x")]


def test_amounts_keep_their_bounds() -> None:
    bins = CATALOG.facet_slices[LENGTH]
    under = Mention(MentionKind.AMOUNT, 0, 1, values=(bins.start + 1, bins.start), facet=LENGTH, high=120.0)
    acts = read([], Meant(under, "want", "!"))
    assert [(act.value, act.high, act.strength) for act in acts] == [
        (bins.start + 1, 120.0, 2.0),
        (bins.start, 120.0, 2.0),
    ]


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        pytest.param("no capes, under two hours", 1, id="begins-a-clause"),
        pytest.param("nothing under two hours", -1, id="denied-itself"),
    ],
)
def test_a_limit_that_begins_a_clause_is_wanted(text: str, polarity: int) -> None:
    """Whatever was denied before it."""
    start = text.index("under")
    value = CATALOG.facet_slices[LENGTH].start
    limit = Mention(MentionKind.AMOUNT, start, len(text), values=(value,), facet=LENGTH, high=120.0)
    (act,) = interpret(text, [], [Meant(limit, "avoid")], CATALOG)
    assert act.polarity == polarity


def test_too_long_asks_for_much_shorter() -> None:
    long = Mention(MentionKind.DEGREE, 0, 1, facet=LENGTH, direction=1)
    assert read([], Meant(long, "too")) == [
        ParsedAct(UserAct.RELATIVE, facet=LENGTH, direction=-1, strength=2.0)
    ]


def test_any_is_about_the_facet_asked_or_named() -> None:
    assert read(["NO_PREFERENCE"], asked=LENGTH) == [ParsedAct(UserAct.NO_PREFERENCE, facet=LENGTH)]
    named = Meant(Mention(MentionKind.FACET, 0, 1, facet=GENRE), "named")
    assert read(["NO_PREFERENCE"], named, asked=LENGTH) == [ParsedAct(UserAct.NO_PREFERENCE, facet=GENRE)]


def test_tokens_of_mentions() -> None:
    spans = np.array([[0, 0], [0, 3], [4, 7], [7, 9], [10, 12], [0, 0]])
    assert mark_tokens(spans, [(4, 9), (10, 12)]).tolist() == [-1, -1, 0, 0, 1, -1]


def test_nothing_that_long_compares_with_what_is_on_the_table() -> None:
    long = CATALOG.value_names.index("long")
    meant = Meant(Mention(MentionKind.VALUE, 13, 17, values=(long,), facet=LENGTH), "avoid")
    (compared,) = interpret("nothing that long", [], [meant], CATALOG, on_table=1)
    assert (compared.act, compared.strength) == (UserAct.TOO, 0.5)
    (stated,) = interpret("nothing that long", [], [meant], CATALOG)
    assert stated.act == UserAct.AVOID


def test_a_value_in_another_language_is_wanted() -> None:
    acts = read(["OTHER_LANGUAGE"], Meant(value(COMEDY), "named"))
    assert acts == [
        ParsedAct(UserAct.OTHER_LANGUAGE),
        ParsedAct(UserAct.WANT, value=COMEDY, facet=GENRE, polarity=1),
    ]


@pytest.mark.parametrize(
    ("text", "start", "end", "name"),
    [
        ("what about Notting Hill, then", 19, 23, "Notting Hill"),
        ("I meant Lord of the Rings", 8, 12, "Lord of the Rings"),
        ("have you got hill", 13, 17, "hill"),
        ("I want Sneakers", 7, 15, "Sneakers"),
    ],
)
def test_a_name_is_read_whole(text: str, start: int, end: int, name: str) -> None:
    first, last = whole_name(text, start, end)
    assert text[first:last] == name

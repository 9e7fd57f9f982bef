"""The system's answers: facts of the card in words, golden for a few items, clean in all six domains."""

from __future__ import annotations

import re

import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language.english.facts import amount, judged, listed
from chatrec_env.language.facts import Truth, topics
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS, Grammar
from tests.chatrec_env.language import small_domains

DOMAINS = ("movies", "books", "music", "shopping", "travel", "courses")


@pytest.fixture(scope="module", params=DOMAINS)
def grammar(request: pytest.FixtureRequest) -> Grammar:
    return Grammar(load_catalog(request.param))


@pytest.fixture(scope="module")
def films() -> Grammar:
    return Grammar(load_catalog("movies"))


def told(grammar: Grammar, title: str, topic: str, form: Form = Form.S_FACT) -> str:
    """The fact without the words before it."""
    catalog = grammar.catalog
    names = topics(catalog)
    arg = catalog.item_index(title) * len(names) + names.index(topic)
    return grammar.text(int(grammar.ids(form, arg)))


@pytest.mark.parametrize(
    ("domain", "title", "topic", "fact"),
    [
        ("movies", "Stalker", "length", "runs 2 h 42 min"),
        ("movies", "Stalker", "era", "came out in 1979"),
        ("movies", "Stalker", "genre", "is a drama and a science fiction film"),
        ("movies", "Stalker", "mood", "is bleak, thoughtful and mind-bending"),
        ("movies", "Stalker", "audience", "is for grown-ups"),
        ("movies", "Stalker", "director", "has Andrei Tarkovsky as its director"),
        ("movies", "Safety Last!", "director", "has Fred C. Newmeyer and Sam Taylor as its directors"),
        ("books", "Gilead", "length", "has 250 pages"),
        ("books", "Gilead", "theme", "is about family bonds, faith and memory"),
        ("music", "Marquee Moon", "length", "runs 46 minutes"),
        ("music", "Marquee Moon", "energy", "is lively"),  # a number without a unit is told by its bin
        ("shopping", "Fondue Set", "price", "costs 59 euros"),
        ("shopping", "Fondue Set", "weight", "weighs 3.3 kilograms"),
        ("travel", "Berlin", "stay", "is usually given 4 days"),
        ("travel", "Berlin", "activity", "is for museums, nightlife and live music"),
        ("courses", "Spanish for the First Trip", "price", "costs 30 euros"),
        ("courses", "AI Literacy for the Curious", "price", "is free"),
    ],
)
def test_facts(domain: str, title: str, topic: str, fact: str) -> None:
    grammar = Grammar(load_catalog(domain))
    assert fact in told(grammar, title, topic)
    assert told(grammar, title, topic, Form.S_FACT_OF).startswith(f"{title}: it {fact}")


def test_what_is_not_on_the_card_is_said_so() -> None:
    grammar = Grammar(small_domains.courses())
    assert told(grammar, "Watercolour Basics", "teacher") == "I don't know its teacher."
    assert grammar.text(int(grammar.ids(Form.S_OPINION, 23))) == "I don't know what others think of it."


def test_yes_no_and_not_known(films: Grammar) -> None:
    scary = films.catalog.value_index("mood", "scary")
    said = {truth: films.text(int(films.ids(Form.S_HAS_VALUE, 3 * scary + truth))) for truth in Truth}
    assert said == {
        Truth.YES: "Yes, it's scary.",
        Truth.NO: "Not mainly scary, no.",  # a card tells up to three moods, the main ones
        Truth.NOT_KNOWN: "I don't know if it's scary.",
    }
    english = films.catalog.value_index("language", "English")  # a card tells one language
    assert films.text(int(films.ids(Form.S_HAS_VALUE, 3 * english))) == "No, it isn't in English."
    pacino = films.catalog.entity_names.index("Al Pacino")
    assert films.text(int(films.ids(Form.S_HAS_ENTITY, 2 * pacino + 1))).startswith("Yes")
    assert films.text(int(films.ids(Form.S_HAS_ENTITY, 2 * pacino))).startswith("No")


def test_understood_and_mismatch(films: Grammar) -> None:
    dark = films.catalog.value_index("mood", "dark")
    assert films.text(int(films.ids(Form.S_UNDERSTOOD, 2 * dark + 1, 1))) == "So, something dark?"
    assert films.text(int(films.ids(Form.S_UNDERSTOOD, 2 * dark, 1))) == "So, nothing dark?"
    assert films.text(int(films.ids(Form.S_MISMATCH, dark))) == "Sorry, that isn't dark."


def test_what_cannot_be_known(films: Grammar) -> None:
    n_topics = len(topics(films.catalog))
    things = [films.text(int(films.ids(Form.S_UNKNOWN, arg))) for arg in range(films.n_args(Form.S_UNKNOWN))]
    assert things[n_topics] == "I don't know where it is streaming."
    assert things[-1] == "I don't know that."
    assert len(things) == n_topics + len(films.catalog.declaration.unanswered) + 1


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (59, "minutes", "59 minutes"),
        (60, "minutes", "1 h"),
        (103, "minutes", "1 h 43 min"),
        (1, "days", "1 day"),
        (85, "euros per night", "85 euros per night"),
        (2.4, "kilograms", "2.4 kilograms"),
        (1994, "", "1994"),
        (-720, "", "720 BC"),
    ],
)
def test_amounts(number: float, unit: str, text: str) -> None:
    assert amount(number, unit) == text


def test_lists_and_opinions() -> None:
    assert [listed(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert judged(4 * 4 + 2) == "highly rated and very well known"
    assert judged(4 * 0 + 2) == "panned though very well known"
    assert judged(4 * 5 + 1) == "fairly well known"  # no ratings
    assert judged(4 * 5 + 3) == ""


def test_answers_are_clean_in_every_domain(grammar: Grammar) -> None:
    catalog: Catalog = grammar.catalog
    for form in FORMS[FORMS.index(Form.S_WHY_LIKENESS) :]:
        for arg in range(0, grammar.n_args(form), 7 if form.is_wide else 1):
            texts = [grammar.text(int(grammar.ids(form, arg, v))) for v in range(form.n_variants)]
            assert len(set(texts)) == form.n_variants, (form, texts)
            for text in texts:
                assert not re.search(r"[{}]|  |^ | $|_|\bit $", text), text
                assert text[-1] in ".!?…\"”'", text
    assert catalog.declaration.unanswered

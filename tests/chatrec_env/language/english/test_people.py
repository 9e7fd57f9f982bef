"""What people say beyond the plain wordings: chosen by number alone, dressed and typed, in all six domains."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.english.manner import finished, shortened, typed
from chatrec_env.language.english.people import CORES, PLAIN, core
from chatrec_env.language.english.slots import Slots
from chatrec_env.language.english.typos import misspell
from chatrec_env.language.english.wording import WORDINGS
from chatrec_env.language.facts import bin_edges, topics
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.grammar import FORMS, Grammar
from chatrec_env.language.meanings import MEANINGS

DOMAINS = ("movies", "books", "music", "shopping", "travel", "courses")
PEOPLE = [form for form in FORMS if form.speaker == "user"]


@pytest.fixture(scope="module")
def films() -> Grammar:
    return Grammar(load_catalog("movies"))


@pytest.fixture(scope="module", params=DOMAINS)
def grammar(request: pytest.FixtureRequest) -> Grammar:
    return Grammar(load_catalog(request.param))


def test_every_form_of_people_has_cores_and_a_meaning() -> None:
    assert set(CORES) == set(MEANINGS) == set(PEOPLE)
    for form, (terse, plain, chatty, hedged) in CORES.items():
        assert min(len(terse), len(plain)) >= 2, form
        assert min(len(chatty), len(hedged)) >= 1, form
        assert len({*terse, *plain, *chatty, *hedged}) >= 10, form
        for said in (*terse, *plain, *chatty, *hedged):
            assert not said.endswith("."), said


def test_meanings_name_acts_and_roles_that_exist() -> None:
    roles = {
        "",
        "want",
        "avoid",
        "drop",
        "asked",
        "lacks",
        "too",
        "enough",
        "except",
        "like",
        "liked",
        "disliked",
    }
    roles |= {"seen", "take", "find", "want@other"}
    for form, meaning in MEANINGS.items():
        assert meaning.role in roles, form
        assert meaning.acts or meaning.role, form
        assert all(act.isupper() for act in meaning.acts)


def test_six_plain_wordings_of_each_form() -> None:
    for form in PEOPLE:
        assert len({*(WORDINGS.get(form) or PLAIN[form])}) == 6, form


@pytest.mark.parametrize("form", [form for form in PEOPLE if form.n_styles > 1 and form.n_ways > 1])
def test_ways_of_a_style_differ(form: Form) -> None:
    for register in ((0, 1), (2, 3)):
        told = [core(form, 0, style, way) for way in range(1, form.n_ways) for style in register]
        assert len(set(told)) >= 0.75 * len(told), (form, told)


def test_arguments_of_a_way_differ(films: Grammar) -> None:
    dark = films.catalog.facet_slices[films.catalog.facet_index("mood")]
    told = [core(Form.WANT, value, 2, 2) for value in range(dark.start, dark.stop)]
    assert len(set(told)) > 10


def test_way_0_is_plain_way_1_has_a_slip_and_later_odd_ways_are_hasty(films: Grammar) -> None:
    comedy = films.catalog.value_index("genre", "comedy")
    told = [films.text(int(films.ids(Form.WANT, comedy, 2 + 6 * way))) for way in range(4)]
    assert told[0] == "I'd like a comedy."
    assert told[1] == misspell(told[0], vocabulary=Slots(films.catalog).vocabulary)
    assert len(set(told)) >= 3
    lower = [
        text == text.lower()
        for value in range(films.catalog.n_values)
        for text in (films.text(int(films.ids(Form.WANT, value, 2 + 6 * 3))),)
    ]
    assert 0.5 < np.mean(lower) < 0.8  # two in three lose their capitals


def test_typing() -> None:
    assert finished("hmm, a comedy") == "Hmm, a comedy."
    assert finished("a comedy?", stop=True) == "A comedy?"
    assert finished("iSpy please", capital=False) == "iSpy please."
    texts = [typed("I don't want a comedy", seed, ()) for seed in range(400)]
    assert texts == [typed("I don't want a comedy", seed, ()) for seed in range(400)]
    assert 0.55 < np.mean([text == text.lower() for text in texts]) < 0.8
    assert 0.7 < np.mean([text[-1].isalpha() for text in texts]) < 0.95
    assert 0.4 < np.mean(["don't" in text.lower() for text in texts]) < 0.6


def test_short_forms_leave_slots_alone() -> None:
    told = {shortened("show me {something} please, thank you", seed) for seed in range(60)}
    assert len(told) > 4
    assert all("{something}" in text for text in told)


def test_sentences_are_clean_in_every_domain(grammar: Grammar) -> None:
    for form in PEOPLE:
        n = grammar.n_args(form)
        first = 1 if form.argument is Argument.STARS else 0
        for arg in range(first, first + n, 1 + n // 40):
            for variant in range(form.n_variants):
                text = grammar.text(int(grammar.ids(form, arg, variant)))
                assert text, (form, arg, variant)
                assert not re.search(r"[{}]|  |^ | $|_", text), text
                assert not any(unicodedata.category(c).startswith("C") for c in text), text


def test_unlisted_titles_are_not_in_the_catalogue(grammar: Grammar) -> None:
    titles = {title.casefold() for title in grammar.catalog.titles}
    unlisted = grammar.catalog.declaration.unlisted
    assert len(unlisted) >= 8
    assert not titles & {title.casefold() for title in unlisted}


def test_every_topic_can_be_asked_about(grammar: Grammar) -> None:
    for topic, name in enumerate(topics(grammar.catalog)):
        asked = grammar.text(int(grammar.ids(Form.ASK_FACT, topic, 0)))
        assert asked.endswith("?"), name


@pytest.mark.parametrize(
    ("form", "value", "says"),
    [
        (Form.AT_MOST, "length:short", "95 minutes|1 h 35 min"),
        (Form.AT_LEAST, "length:long", "131 minutes|2 h 11 min"),
        (Form.AT_MOST, "era:1980s", "before 1990"),
        (Form.AT_LEAST, "era:1980s", "from 1980 on|1980 or later"),
        (Form.AT_MOST, "genre:horror", "a horror film"),  # nothing to count
    ],
)
def test_limits(films: Grammar, form: Form, value: str, says: str) -> None:
    arg = films.catalog.value_index(*value.split(":"))
    for style in range(6):
        assert re.search(says, films.text(int(films.ids(form, arg, style))), re.IGNORECASE)


def test_edges_of_bins(films: Grammar) -> None:
    catalog = films.catalog
    assert bin_edges(catalog, catalog.value_index("length", "short")) == (None, 95)
    assert bin_edges(catalog, catalog.value_index("length", "medium")) == (95, 131)
    assert bin_edges(catalog, catalog.value_index("genre", "drama")) == (None, None)

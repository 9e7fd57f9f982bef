"""What the sentences say: golden texts, and properties of every sentence of the built-in films."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from chatrec_env.catalog import Catalog, from_frame, load_catalog
from chatrec_env.language.english import wording
from chatrec_env.language.english.word_forms import article
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.grammar import FORMS, Grammar

ROOT = Path(__file__).resolve().parents[4]
NAMING = (Argument.ITEM, Argument.FACT, Argument.UNLISTED, Argument.ENTITY, Argument.CREDIT)


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return Grammar(load_catalog("movies"))


@pytest.fixture(scope="module")
def texts(grammar: Grammar) -> list[str]:
    return [grammar.text(i) for i in range(grammar.n_sentences)]


@pytest.fixture(scope="module")
def songs() -> Grammar:
    """Another domain, with titles that are hard to put into a sentence."""
    frame = pd.DataFrame(
        {
            "title": [
                "Mamma Mia!",
                "Hallelujah",
                "Hallelujah",
                "{x} of {noun}",
                "iSpy",
                "When the Party's Over...",
            ],
            "year": [1975, 1984, 1994, 2001, 2013, 2018],
            "style": ["R&B", "indie", "jazz", "indie", "R&B", "jazz"],
            "minutes": [3, 5, 7, 3, 4, 2],
            "sentence": ["One " + "two " * 30 + "three.", *["A short one."] * 5],
            "fame": [1.0, 0.75, 0.5, 0.0, 0.0, 0.0],
        }
    )
    style = {"name": "style", "kind": "single", "column": "style", "critique": "too much like {value}"}
    tempo = {
        "name": "length",
        "kind": "numeric",
        "column": "minutes",
        "values": ["short", "epic"],
        "bins": [None, 4, None],
        "more": "longer",
        "less": "shorter",
    }
    declaration = {
        "name": "songs",
        "noun": "song",
        "noun_plural": "songs",
        "verb": "listen to",
        "verb_past": ["listened to", "heard"],
        "columns": {"title": "title", "year": "year", "sentence": "sentence", "popularity": "fame"},
        "facets": [style, tempo],
    }
    return Grammar(from_frame(frame, declaration))


def _value(catalog: Catalog, name: str) -> int:
    return catalog.value_index(*name.split(":"))


GOLDEN_VALUES = [
    (Form.WANT, "genre:western", 0, "A western."),
    (Form.WANT, "mood:dark", 1, "Something dark, please."),
    (Form.WANT, "mood:uplifting", 2, "I'd like an uplifting film."),
    (Form.WANT, "era:1980s", 3, "I'm looking for something from the 1980s."),
    (Form.WANT, "country:France", 4, "I'm really in the mood for something French right now."),
    (Form.WANT, "genre:action", 5, "I guess I could go for an action film."),
    (Form.ANSWER, "era:1980s", 0, "The 1980s."),
    (Form.ANSWER, "genre:comedy", 1, "Comedies, please."),
    (Form.ANSWER, "theme:revenge", 0, "Revenge."),
    (Form.ANSWER, "theme:revenge", 3, "Let's say something about revenge."),
    (Form.ANSWER, "language:Hindi", 5, "Hmm, maybe something in Hindi, if I had to pick."),
    (Form.AVOID, "genre:horror", 0, "No horror films."),
    (Form.AVOID, "mood:scary", 0, "Nothing scary."),
    (Form.AVOID, "mood:violent", 2, "I don't want anything violent."),
    (Form.AVOID, "genre:musical", 2, "I don't want a musical."),
    (Form.AVOID, "genre:musical", 3, "I'm not a fan of musicals."),
    (Form.TOO, "mood:dark", 1, "Too dark for me."),
    (Form.TOO, "genre:western", 2, "That's too much of a western."),
    (Form.LIKE_BUT, "mood:funny", 0, "Like that, but funny."),
    (Form.LIKE_BUT, "era:1990s", 3, "I'd like one like that, but from the 1990s."),
    (Form.CHANGE_MIND, "genre:thriller", 3, "Actually, I'd rather have a thriller."),
    (Form.ENOUGH_OF, "genre:documentary", 1, "No more documentaries, please."),
    (Form.ENOUGH_OF, "theme:heists", 3, "I've seen enough films about heists lately."),
    (Form.S_CONFIRM, "mood:romantic", 1, "So, something romantic?"),
    (Form.S_EXPLAIN_VALUE, "mood:dark", 0, "You asked for something dark."),
]


@pytest.mark.parametrize(("form", "value", "variant", "text"), GOLDEN_VALUES)
def test_golden_values(grammar: Grammar, form: Form, value: str, variant: int, text: str) -> None:
    arg = _value(grammar.catalog, value)
    assert grammar.text(int(grammar.ids(form, arg, variant))) == text


def test_golden_sentences(grammar: Grammar) -> None:
    films = grammar.catalog
    era, heat = films.facet_index("era"), films.item_index("Heat", 1995)
    pair = grammar.pair_arg(_value(films, "genre:science fiction"), _value(films, "mood:epic"))
    said = {
        "Any particular era?": (Form.S_ASK, era, 1),
        "Would you happen to have an era in mind?": (Form.S_ASK, era, 5),
        "I don't mind what era.": (Form.NO_PREFERENCE, era, 3),
        "Older, please.": (Form.RELATIVE, 2 * era, 1),
        "Do you have something newer?": (Form.RELATIVE, 2 * era + 1, 2),
        "I liked Heat.": (Form.LIKED_ITEM, heat, 0),
        "I'd like an epic science fiction film.": (Form.WANT_PAIR, int(pair), 2),
        "One star.": (Form.RATE, 1, 1),
        "I'd give it four out of five.": (Form.RATE, 4, 2),
        "Just so you know, we're watching with the kids.": (Form.CONTEXT, 3, 2),
        "Already seen it.": (Form.SEEN_IT, 0, 1),
        "How about this one?": (Form.S_RECOMMEND, 0, 1),
    }
    assert {grammar.text(int(grammar.ids(*key))): key for key in said.values()} == said


def test_items_are_shown_with_title_year_and_sentence(grammar: Grammar) -> None:
    films = grammar.catalog
    for item in range(0, films.n_items, 31):
        shown = grammar.text(int(grammar.ids(Form.S_ITEM, item)))
        assert f"{films.titles[item]} ({films.years[item]})" in shown
        assert films.sentences[item] in shown
        assert films.titles[item] in grammar.text(int(grammar.ids(Form.S_EXPLAIN_ITEM, item)))


@pytest.mark.parametrize("form", [Form.S_ITEM, Form.S_EXPLAIN_ITEM])
def test_item_wordings_rotate(grammar: Grammar, form: Form) -> None:
    films = grammar.catalog
    shapes = set()
    for item in range(12):
        text = grammar.text(int(grammar.ids(form, item)))
        for told, slot in (
            (films.sentences[item], "{s}"),
            (films.titles[item], "{t}"),
            (f"{films.years[item]}", "{y}"),
        ):
            text = text.replace(told, slot)
        shapes.add(text)
    assert len(shapes) >= 6


def test_every_form_and_argument_has_six_different_wordings(grammar: Grammar, texts: list[str]) -> None:
    for form in FORMS:
        if form.n_styles == 1:
            continue
        first = 1 if form.argument is Argument.STARS else 0
        for arg in range(first, first + grammar.n_args(form)):
            start = int(grammar.ids(form, arg))
            assert len(set(texts[start : start + 6])) == 6, (form, arg)


def test_wordings_run_from_terse_to_long(grammar: Grammar) -> None:
    for form, wordings in wording.WORDINGS.items():
        if form.n_variants > 1:
            assert len(wordings) == 6, form
            lengths = [len(text.split()) for text in wordings]
            assert max(lengths[:2]) <= min(lengths[4:]), form


def test_sentences_are_short(grammar: Grammar, texts: list[str]) -> None:
    for sentence_id in grammar.reachable_ids():
        form, arg, variant = grammar.describe(sentence_id)
        most = 30 if form in (Form.S_ITEM, Form.S_PLOT) else 18 if variant < form.n_styles > 1 else 26
        if form.argument is Argument.ITEM:  # a title is as long as it is
            most += max(0, len(grammar.catalog.titles[arg].split()) - 10)
        assert len(texts[sentence_id].split()) <= most, texts[sentence_id]


def test_sentences_are_clean(grammar: Grammar, texts: list[str]) -> None:
    for sentence_id, text in enumerate(texts):
        assert not re.search(r"[{}]|  |^ | $|\bNone\b", text), text
        assert not any(unicodedata.category(c).startswith("C") for c in text), text
        form, _, variant = grammar.describe(sentence_id)
        if variant < form.n_styles > 1:  # a plain wording
            assert text[-1] in ".!?…", text
            assert re.match(r"[^\W_a-z]", text), text


def test_articles_agree(grammar: Grammar, texts: list[str]) -> None:
    for sentence_id, text in enumerate(texts):
        form, _, variant = grammar.describe(sentence_id)
        if variant // form.n_styles % 2 or form.argument in NAMING:
            continue  # a typo may hit the next word; titles are as they are
        for said, following in re.findall(r"\b([Aa]n?) (\S+)", text):
            assert said.lower() == article(following), text


def test_another_domain_speaks_of_its_own_things(songs: Grammar) -> None:
    def say(form: Form, arg: int = 0, variant: int = 0) -> str:
        return songs.text(int(songs.ids(form, arg, variant)))

    catalog = songs.catalog
    assert say(Form.GREET, 0, 3) == "Hello, I need something to listen to."
    assert say(Form.SEEN_IT) == "Heard it."
    assert say(Form.S_EXPLAIN_POPULAR, 0, 2) == "It is one of our most popular songs."
    assert say(Form.WANT, catalog.value_index("style", "R&B")) == "An R&B song."
    assert say(Form.WANT, catalog.value_index("style", "indie"), 3) == "I'm looking for an indie song."
    assert (
        say(Form.ENOUGH_OF, catalog.value_index("style", "jazz"), 3) == "I've heard enough jazz songs lately."
    )
    assert say(Form.WANT, catalog.value_index("length", "epic")) == "Something epic."
    pair = songs.pair_arg(catalog.value_index("style", "indie"), catalog.value_index("length", "epic"))
    assert say(Form.WANT_PAIR, int(pair)) == "An epic indie song."
    assert say(Form.RELATIVE, 0, 1) == "Another style, please."
    assert songs.n_args(Form.CONTEXT) == 0
    assert not any("film" in songs.text(i) or "watch" in songs.text(i) for i in range(songs.n_sentences))


def test_titles_are_said_as_they_are_written(songs: Grammar) -> None:
    def say(form: Form, item: int, variant: int = 0) -> str:
        return songs.text(int(songs.ids(form, item, variant)))

    assert say(Form.LIKED_ITEM, 0) == "I liked Mamma Mia!"
    assert say(Form.LIKED_ITEM, 0, 4) == "Oh, I absolutely loved Mamma Mia!"
    assert say(Form.LIKED_ITEM, 1) == "I liked Hallelujah (1984)."  # two items share the title
    assert say(Form.LIKED_ITEM, 2) == "I liked Hallelujah (1994)."
    assert say(Form.LIKED_ITEM, 3) == "I liked {x} of {noun}."
    assert say(Form.LIKED_ITEM, 5) == "I liked When the Party's Over..."
    assert say(Form.S_ITEM, 2) == "Hallelujah (1994). A short one."
    assert say(Form.S_ITEM, 0).startswith("Mamma Mia! (1975): One two")
    assert say(Form.S_ITEM, 0).endswith(" two…")
    assert len(say(Form.S_ITEM, 0).split()) <= 30


def test_another_process_says_the_same(texts: list[str]) -> None:
    code = (
        "import hashlib; from chatrec_env.catalog import load_catalog; "
        "from chatrec_env.language.grammar import Grammar; g = Grammar(load_catalog('movies')); "
        "print(hashlib.sha256('\\n'.join(map(g.text, range(0, g.n_sentences, 7))).encode()).hexdigest())"
    )
    env = os.environ | {"PYTHONHASHSEED": "4242", "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert run.stdout.strip() == hashlib.sha256("\n".join(texts[::7]).encode()).hexdigest()

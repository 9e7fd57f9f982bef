"""What holds for any text: no error, valid acts, the same acts every time, bounded work."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatrec_env.catalog import Catalog, Facet, from_frame, load_catalog, to_frame
from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.parser import Parser
from chatrec_env.language.reader.text import MAX_CHARS
from tests.chatrec_env.language.parser_notation import notate_all
from tests.chatrec_env.language.recipes import DECLARATION, recipes

MOVIES = load_catalog("movies")
PARSER = Parser(MOVIES)
LIMITS = {
    "value": MOVIES.n_values,
    "facet": MOVIES.n_facets,
    "item": MOVIES.n_items,
    "context": len(MOVIES.contexts),
    "entity": len(MOVIES.entity_names),
}
JUMBLE = """
no not nothing but or and , . ? ! a the I like love hate want too enough more less than something any it that
don't seen actually wait instead comedy horror scary dark 1990s from 1994 Heat It Up newer shorter genre idk
Tom Hanks with kids thanks bye yes ok ( ) " ' : - &
"""
PIECES = JUMBLE.split()

SAMPLE = """
from chatrec_env.catalog import load_catalog
from chatrec_env.language.parser import Parser
parser = Parser(load_catalog("movies"))
for text in ("a comedy, no wait, a thriler", "somthing like Heat but newr", "no musicals or horrror"):
    print(parser.parse(text))
"""


def check(acts: tuple[ParsedAct, ...]) -> None:
    for act in acts:
        assert isinstance(act.act, UserAct)
        assert act.polarity in (-1, 0, 1)
        assert act.direction in (-1, 0, 1)
        for name, limit in LIMITS.items():
            assert -1 <= getattr(act, name) < limit
        if act.value >= 0:
            assert act.facet == MOVIES.value_facet[act.value]
    assert len(set(acts)) == len(acts)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(text=st.text(max_size=200), asked=st.integers(-1, MOVIES.n_facets - 1))
@example(text="\u0130\u0130 ﷺ \ud800 \x00\x1b[31m", asked=0)
@example(text="'" * 50 + "\u2028\u200b", asked=-1)
@example(text="٣ ½ ² 1e5 -0 ∞ 99999999999999999999 hours", asked=-1)
def test_any_text_gives_valid_acts(text: str, asked: int) -> None:
    check(PARSER.parse(text, asked=asked))


@settings(deadline=None, derandomize=True, database=None, max_examples=500)
@given(words=st.lists(st.sampled_from(PIECES), max_size=40), asked=st.integers(-1, MOVIES.n_facets - 1))
def test_any_jumble_of_known_words_gives_valid_acts(words: list[str], asked: int) -> None:
    text = " ".join(words)
    acts = PARSER.parse(text, asked=asked)
    check(acts)
    assert PARSER.parse(text, asked=asked) == acts


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "no " * 1_000,
        "it " * 1_000,
        '"It" ' * 500,
        "not horror or " * 200,
        "any genre " * 300,
        "?no " * 600,
        "really " * 400,
        "xqzjk " * 400,
        "'" * 5_000,
        "\u0661" * 3_000,
        "( " * 2_000,
        "more like that but " * 200,
        "a comedy, no, " * 200,
    ],
    ids=lambda text: text[:12],
)
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    check(PARSER.parse(text))
    assert time.process_time() - start < 1.0  # about 0.1 s at most on one slow core


def test_reads_three_thousand_short_sentences_a_second() -> None:
    texts = [
        "Something funny, please.",
        "No horror or war films.",
        "I liked Heat, but newer.",
        "No idea.",
    ] * 250
    PARSER.parse(texts[0])
    start = time.process_time()
    for text in texts:
        PARSER.parse(text)
    assert len(texts) / (time.process_time() - start) > 3_000


def test_text_beyond_the_limit_is_not_read() -> None:
    padding = "la " * (MAX_CHARS // 3 + 1)
    assert notate_all(MOVIES, PARSER.parse("a comedy. " + padding + "no horror")) == "want comedy"


def test_invisible_and_control_characters_change_nothing() -> None:
    assert PARSER.parse("no\u200b ho\u200brror\x07, a\x00come\u00addy") == PARSER.parse(
        "no horror , a comedy"
    )


@pytest.mark.parametrize("text", ["", " \n\t", "...", "?!", "\u200b"])
def test_a_blank_message_says_nothing(text: str) -> None:
    assert PARSER.parse(text) == ()


@pytest.mark.parametrize(
    ("text", "asked", "label"),
    [
        pytest.param("French", "country", "want France", id="country-asked"),
        pytest.param("French", "language", "want French", id="language-asked"),
        pytest.param("French", None, "want French", id="its-own-name-first"),
        pytest.param("something French", None, "want France", id="adjective-in-a-sentence"),
        pytest.param("any", "genre", "no_preference genre", id="any"),
        pytest.param("no idea", "era", "dont_know era", id="no-idea"),
        pytest.param(
            "don't know, but nothing scary", "era", "dont_know era; avoid scary", id="another-facet"
        ),
        pytest.param("no idea, maybe the 80s", "era", "want 1980s", id="answered-after-all"),
        pytest.param("I don't care about the length", "era", "no_preference length", id="named-facet-wins"),
    ],
)
def test_the_facet_asked_about_completes_a_reply(text: str, asked: str | None, label: str) -> None:
    facet = -1 if asked is None else MOVIES.facet_index(asked)
    assert notate_all(MOVIES, PARSER.parse(text, asked=facet)) == label


@pytest.mark.parametrize("asked", [-2, MOVIES.n_facets])
def test_an_unknown_facet_is_named(asked: int) -> None:
    with pytest.raises(ConfigError, match=f"asked is a facet index .* got {asked}"):
        PARSER.parse("any", asked=asked)


def test_something_else_than_text_is_named() -> None:
    with pytest.raises(ConfigError, match=r"reads text \(str\), got bytes"):
        PARSER.parse(b"a comedy")  # type: ignore[arg-type]


def test_copies_read_alike() -> None:
    text = "somthing like Heat but newer, no musicals"
    for twin in (pickle.loads(pickle.dumps(PARSER)), copy.deepcopy(PARSER), Parser(MOVIES)):
        assert twin.parse(text) == PARSER.parse(text)


def test_reading_does_not_depend_on_hash_order() -> None:
    outs = {
        subprocess.run(
            [sys.executable, "-c", SAMPLE],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outs) == 1


def test_reading_does_not_depend_on_the_order_of_synonyms() -> None:
    plain = recipes()
    facets = tuple(
        dataclasses.replace(facet, synonyms=dict(reversed(list(facet.synonyms.items()))))
        for facet in plain.facets
    )
    turned = _with_facets(plain, facets)
    for text in ("something fiery", "no eggplant", "a heavy dish from italy", "hot and sugary"):
        assert notate_all(turned, Parser(turned).parse(text)) == notate_all(plain, Parser(plain).parse(text))


def _with_facets(catalog: Catalog, facets: tuple[Facet, ...]) -> Catalog:
    declaration = dataclasses.replace(DECLARATION, facets=facets)
    return from_frame(to_frame(catalog), declaration)

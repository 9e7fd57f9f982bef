"""Phrases by their words."""

from __future__ import annotations

import pytest

from chatrec_env.language.reader.chunks import Cue, Kind
from chatrec_env.language.reader.lexicon import Lexicon, Rank, expand, phrases


@pytest.mark.parametrize(
    ("pattern", "expanded"),
    [
        ("a b", ["a b"]),
        ("(a|b) c", ["a c", "b c"]),
        ("a (b|) c", ["a b c", "a c"]),
        ("a (b (c|d)|e)", ["a b c", "a b d", "a e"]),
    ],
)
def test_patterns_expand(pattern: str, expanded: list[str]) -> None:
    assert [" ".join(phrase) for phrase in expand(pattern)] == expanded


def test_phrases_of_a_text_with_slots() -> None:
    assert phrases("to {verb}; (i|we) {verb}", {"verb": "watch|see"}) == [
        ("to", "watch"),
        ("to", "see"),
        *(("i", "watch"), ("i", "see"), ("we", "watch"), ("we", "see")),
    ]


def made() -> Lexicon:
    return Lexicon(adverbs={"really"}, nouns=frozenset({"film"}), proper=frozenset())


def test_the_longest_phrase_is_found_and_adverbs_may_stand_inside() -> None:
    lexicon = made()
    lexicon.put(("do", "not"), (Cue.NOT, None))
    lexicon.put(("do", "not", "like"), (Cue.HATE, None))
    assert lexicon.match(["i", "do", "not", "like"], 0) == (None, 0)
    assert lexicon.match(["i", "do", "not", "like", "it"], 1) == ((Cue.HATE, None), 4)
    assert lexicon.match(["do", "not", "really", "like"], 0) == ((Cue.HATE, None), 4)
    assert lexicon.match(["do", "not", "know"], 0) == ((Cue.NOT, None), 2)


def test_a_phrase_keeps_its_first_meaning_unless_it_is_replaced() -> None:
    lexicon = made()
    for kind, replace in ((Cue.LIKE, False), (Cue.HATE, False), (Cue.NOT, True)):
        lexicon.put(("fun",), (kind, None), replace=replace)
        lexicon.put(("odd",), (kind, None))
    assert lexicon.match(["fun"], 0) == ((Cue.NOT, None), 1)
    assert lexicon.match(["odd"], 0) == ((Cue.LIKE, None), 1)


def test_of_values_by_one_phrase_the_lowest_rank_is_first_and_cues_stay() -> None:
    lexicon = made()
    lexicon.put(("over",), (Cue.ENOUGH, None))
    lexicon.put_values(
        {
            ("dark",): [(Rank.SYNONYM, 3), (Rank.NAME, 1)],
            ("over",): [(Rank.SYNONYM, 2)],
            ("the", "a"): [(Rank.NAME, 4)],
        },
        {"the", "a"},
        lambda word: [word + "er"],
    )
    assert lexicon.match(["dark"], 0) == ((Kind.VALUE, (1, 3)), 1)
    assert lexicon.match(["darker"], 0) == ((Kind.VALUE, (1, 3)), 1)
    assert lexicon.match(["over"], 0) == ((Cue.ENOUGH, None), 1)
    assert (lexicon.bare(("over",)), lexicon.bare(("the", "a")), lexicon.bare(("dark",))) == ((2,), (4,), ())
    assert lexicon.telling == {"dark", "over", "film"}
    assert lexicon.value_words == {"dark"}

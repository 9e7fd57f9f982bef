"""Sentence ids: dense, invertible, by arithmetic."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.errors import ConfigError
from chatrec_env.language.facts import bin_edges
from chatrec_env.language.forms import N_VARIANTS, Argument, Form
from chatrec_env.language.grammar import FORMS, Grammar


@pytest.fixture(scope="module")
def films() -> Catalog:
    return load_catalog("movies")


@pytest.fixture(scope="module")
def grammar(films: Catalog) -> Grammar:
    return Grammar(films, phrases=("a long way home", "a bargain with a terrible price"))


def _args(grammar: Grammar, form: Form) -> np.ndarray:
    first = 1 if form.argument is Argument.STARS else 0
    return np.arange(first, first + grammar.n_args(form))


def test_every_form_has_its_sentences_one_after_the_other(grammar: Grammar) -> None:
    blocks = [
        grammar.ids(form, _args(grammar, form)[:, None], np.arange(form.n_variants)).ravel() for form in FORMS
    ]
    np.testing.assert_array_equal(np.concatenate(blocks), np.arange(grammar.n_sentences))


def test_describe_inverts_ids(grammar: Grammar) -> None:
    for sentence_id in range(grammar.n_sentences):
        form, arg, variant = grammar.describe(sentence_id)
        assert grammar.ids(form, arg, variant) == sentence_id


@pytest.mark.parametrize("form", FORMS)
def test_arrays_give_the_ids_of_single_calls(grammar: Grammar, form: Form) -> None:
    rng = np.random.default_rng(7)
    args = rng.choice(_args(grammar, form), 64)
    variants = rng.integers(0, form.n_variants, 64)
    together = grammar.ids(form, args, variants)
    assert together.dtype == np.int32
    assert together.tolist() == [
        int(grammar.ids(form, int(a), int(v))) for a, v in zip(args, variants, strict=True)
    ]


@pytest.mark.parametrize(
    ("form", "n_variants"),
    [
        pytest.param(Form.UNDO, 96, id="no-argument"),  # 6 styles, 16 ways
        pytest.param(Form.ASK_FACT, 48, id="few-arguments"),
        pytest.param(Form.WANT, 24, id="common-of-a-value"),
        pytest.param(Form.TOO, 12, id="rarer-of-a-value"),
        pytest.param(Form.CONDITION, 4, id="of-one-style"),
        pytest.param(Form.LIKED_ITEM, 6, id="of-one-way"),
        pytest.param(Form.TAKE_ITEM, 2, id="of-many-items"),
        pytest.param(Form.S_ASK, 6, id="system"),
        pytest.param(Form.S_ITEM, 1, id="rotating-item"),
        pytest.param(Form.S_EXPLAIN_ITEM, 1, id="rotating-explanation"),
    ],
)
def test_variants_per_form(form: Form, n_variants: int) -> None:
    assert N_VARIANTS == 6
    assert form.n_variants == n_variants


def test_sizes_follow_the_catalogue(films: Catalog, grammar: Grammar) -> None:
    assert grammar.n_args(Form.WANT) == films.n_values
    assert grammar.n_args(Form.S_ASK) == films.n_facets
    assert grammar.n_args(Form.RELATIVE) == 2 * films.n_facets
    assert grammar.n_args(Form.S_ITEM) == films.n_items
    assert grammar.n_args(Form.CONTEXT) == len(films.contexts)
    assert grammar.n_args(Form.RATE) == 5


def test_pairs_combine_genres_with_moods_and_eras(films: Catalog, grammar: Grammar) -> None:
    assert 0 < grammar.n_args(Form.WANT_PAIR) <= 900
    western, dark = films.value_index("genre", "western"), films.value_index("mood", "dark")
    nineties, revenge = films.value_index("era", "1990s"), films.value_index("theme", "revenge")
    a = np.array([western, dark, western, western, dark, western])
    b = np.array([dark, western, nineties, revenge, nineties, western])
    args = grammar.pair_arg(a, b)
    assert args.dtype == np.int32
    assert args[0] == args[1] >= 0  # either order
    assert args[2] >= 0
    assert args[3:].tolist() == [-1, -1, -1]  # no theme; a mood with an era; a value with itself
    assert grammar.pair_values(args[0]) == (western, dark)
    assert grammar.text(int(grammar.ids(Form.WANT_PAIR, args[2]))) == "A western from the 1990s."


def test_every_pair_finds_its_argument(grammar: Grammar) -> None:
    pairs = np.array([grammar.pair_values(arg) for arg in range(grammar.n_args(Form.WANT_PAIR))])
    np.testing.assert_array_equal(grammar.pair_arg(pairs[:, 0], pairs[:, 1]), np.arange(len(pairs)))


def test_speaker(grammar: Grammar) -> None:
    assert grammar.speaker(int(grammar.ids(Form.LEAVE_UNHAPPY))) == "user"
    assert grammar.speaker(int(grammar.ids(Form.S_ITEM, 3))) == "system"
    assert {form for form in FORMS if form.speaker == "system"} == {f for f in FORMS if f.name[:2] == "S_"}


@pytest.mark.parametrize(
    ("form", "arg", "variant", "says"),
    [
        pytest.param(Form.GREET, 1, 0, r"argument of GREET must be in 0\.\.0, got 1", id="no-argument"),
        pytest.param(Form.WANT, -1, 0, r"argument of WANT must be in 0\.\.\d+, got -1", id="negative"),
        pytest.param(Form.RATE, 0, 0, r"argument of RATE must be in 1\.\.5, got 0", id="stars-from-one"),
        pytest.param(Form.UNDO, 0, 96, r"variant of UNDO must be in 0\.\.95, got 96", id="no-such-way"),
        pytest.param(Form.S_ITEM, 0, 1, r"variant of S_ITEM must be in 0\.\.0, got 1", id="rotating"),
        pytest.param(Form.WANT_PAIR, -1, 0, r"A pair without its own sentence is -1", id="no-pair"),
    ],
)
def test_out_of_range_is_named(grammar: Grammar, form: Form, arg: int, variant: int, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        grammar.ids(form, np.array([arg]), np.array([variant]))


def test_unknown_id_is_named(grammar: Grammar) -> None:
    for wrong in (-1, grammar.n_sentences):
        with pytest.raises(ConfigError, match=rf"must be in 0\.\.{grammar.n_sentences - 1}, got {wrong}"):
            grammar.text(wrong)


def test_people_name_only_items_they_may_have_heard_of(films: Catalog, grammar: Grammar) -> None:
    assert grammar.likeable.tolist() == [i for i in range(films.n_items) if films.popularity[i] >= 0.75]
    with pytest.raises(ValueError, match="read-only"):
        grammar.likeable[0] = 0


def test_reachable_ids_leave_out_what_nobody_says(films: Catalog, grammar: Grammar) -> None:
    reachable = grammar.reachable_ids()
    assert reachable.dtype == np.int32
    assert np.all(np.diff(reachable) > 0)
    left_out = sorted(set(range(grammar.n_sentences)) - set(reachable.tolist()))
    forms = {sentence_id: grammar.describe(sentence_id)[0] for sentence_id in left_out}
    wide = {Form.S_FACT, Form.S_FACT_OF, Form.S_HAS_ENTITY, Form.ASK_ENTITY, Form.WANT_ENTITY}
    assert {form for form in FORMS if form.is_wide} == wide
    for sentence_id in left_out:
        form, arg, _ = grammar.describe(sentence_id)
        if form.argument is Argument.ITEM:
            assert form.speaker == "user"
            assert arg not in grammar.likeable
        elif form is Form.RELATIVE:
            assert not films.facets[arg // 2].more
        elif form in (Form.AT_MOST, Form.AT_LEAST):
            assert bin_edges(films, arg)[0 if form is Form.AT_LEAST else 1] is None
        else:
            assert form in wide
    assert {grammar.describe(int(i))[0] for i in reachable} == set(FORMS) - wide
    naming = [f for f in FORMS if f.argument is Argument.ITEM and f.speaker == "user"]
    obscure = films.n_items - len(grammar.likeable)
    assert sum(forms[i] in naming for i in left_out) == obscure * sum(f.n_variants for f in naming)
    assert len(reachable) < 60_000  # encoded once, before the first conversation


def test_copies_say_the_same(grammar: Grammar) -> None:
    ids = range(0, grammar.n_sentences, 97)
    texts = [grammar.text(i) for i in ids]
    anew = Grammar(grammar.catalog, phrases=grammar.phrases)
    for twin in (copy.deepcopy(grammar), pickle.loads(pickle.dumps(grammar)), anew):
        assert twin.n_sentences == grammar.n_sentences
        assert [twin.text(i) for i in reversed(ids)] == texts[::-1]

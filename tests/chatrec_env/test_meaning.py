"""What is said beyond the slots: how it is matched with items, remembered, believed and counted."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.core.columns import CANDIDATE_COLUMNS, MEANING_COLUMNS
from chatrec_env.core.kernel import Task
from chatrec_env.core.state import Dialogue
from chatrec_env.core.user_simulator import UserTurn
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from chatrec_env.language import Grammar, SentenceTable, make_encoder
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.encoders.base import Encoder, Vectors
from chatrec_env.language.sentence_rows import Hits
from chatrec_env.retrieval.dense import DenseIndex, plain_sentences
from chatrec_env.retrieval.retriever import RetrievalConfig, Retriever
from chatrec_env.retrieval.themes import no_themes

F32 = np.float32
SAYINGS: dict[str, dict[int, float]] = {
    "yes": {},
    "ships": {3: 1.0, 7: 0.5},
    "storms": {7: 1.5},
    "lighthouses": {3: 0.25},
    "fog": {9: 2.0},
    "gulls": {11: 1.0},
    "no ships": {3: 1.0},
    "no ships but storms": {7: 1.5},
    "start over": {},
    "take that back": {},
    "seen it": {},
}
"""Sentences, and how like which items they are."""

ACTS = {
    "no ships": (UserAct.AVOID,),
    "no ships but storms": (UserAct.AVOID, UserAct.WANT),
    "start over": (UserAct.START_OVER,),
    "take that back": (UserAct.UNDO,),
    "seen it": (UserAct.SEEN_IT,),
}
NAMES = list(SAYINGS)


class Numbers:
    """An encoder, a parser and a matcher in one: the vector of a sentence is its number."""

    name, dim, fingerprint, most_hits = "numbers", 1, "numbers", 2
    texts = np.zeros((0, 0), F32)
    themes = no_themes(0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[NAMES.index(text) if text in NAMES else 0] for text in texts], F32)

    def parse(self, text: str) -> tuple[ParsedAct, ...]:
        return tuple(ParsedAct(act) for act in ACTS.get(text, ()))

    def match(self, vectors: Vectors) -> list[Hits]:
        found = [SAYINGS[NAMES[int(number)]] for number in vectors[:, 0]]
        return [Hits(np.array(list(one), np.int32), np.array(list(one.values()), F32)) for one in found]


class Scene:
    """One conversation about the built-in films, sentence by sentence."""

    def __init__(self, films: Catalog, semantic: float = 0.25) -> None:
        numbers = cast(Any, Numbers())
        self.table = SentenceTable(Grammar(films), numbers, numbers, capacity=20, matcher=numbers)
        config = RetrievalConfig(semantic=semantic)
        self.manager = DialogueManager(films, self.table, retrieval=config)
        self.dialogue: Dialogue = self.manager.open(1)

    def say(self, *texts: str, click: int = -1, stars: int = 0, shown: int = -1) -> Scene:
        """What the person does with the item that was shown, and says."""
        d = self.dialogue
        d.slate[0, 0] = shown
        ids = np.full((1, 4), -1, np.int64)
        ids[0, : len(texts)] = self.table.intern(list(texts))
        turn = UserTurn(np.array([click], np.int8), np.array([stars], np.int8), np.zeros(1, np.bool_), ids)
        self.manager.hear(d, turn, ids)
        return self

    def remembered(self) -> list[tuple[str, float]]:
        ids, weights = self.dialogue.meaning.sentences[0], self.dialogue.meaning.weights[0]
        known = [(self.table.text(i), float(w)) for i, w in zip(ids.tolist(), weights, strict=True) if i >= 0]
        return [(text, round(weight, 4)) for text, weight in known]


@pytest.mark.parametrize(
    ("said", "remembered"),
    [
        pytest.param(["yes"], [], id="says-nothing"),
        pytest.param(["ships"], [("ships", 1.0)], id="one"),
        pytest.param(["ships", "yes"], [("ships", 1.0)], id="nothing-new"),
        pytest.param(["ships", "storms"], [("storms", 1.0), ("ships", 0.7)], id="fades"),
        pytest.param(
            ["ships", "storms", "ships"], [("ships", 1.0), ("storms", 0.7)], id="said-again-comes-first"
        ),
        pytest.param(
            ["ships", "storms", "lighthouses", "fog", "gulls"],
            [("gulls", 1.0), ("fog", 0.7), ("lighthouses", 0.49), ("storms", 0.343)],
            id="the-oldest-makes-room",
        ),
        pytest.param(["no ships"], [], id="turned-down"),
        pytest.param(["no ships but storms"], [("no ships but storms", 1.0)], id="turned-down-and-wanted"),
        pytest.param(["ships", "start over"], [], id="start-over"),
        pytest.param(["ships", "storms", "take that back"], [("ships", 0.7)], id="undo"),
        pytest.param(["ships", "yes", "take that back"], [("ships", 1.0)], id="undo-of-nothing"),
    ],
)
def test_what_is_remembered(films: Catalog, said: list[str], remembered: list[tuple[str, float]]) -> None:
    scene = Scene(films)
    for text in said:
        scene.say(text)
    assert scene.remembered() == remembered


@pytest.mark.parametrize(
    ("shown", "done", "weight"),
    [
        pytest.param(3, {"click": 0, "stars": 5}, 1.5, id="loved"),
        pytest.param(3, {"click": 0, "stars": 4}, 1.25, id="liked"),
        pytest.param(3, {"click": 0, "stars": 3}, 1.0, id="so-so"),
        pytest.param(3, {"click": 0, "stars": 0}, 1.0, id="not-rated"),
        pytest.param(7, {"click": 0, "stars": 1}, 0.75, id="hated-half-alike"),
        pytest.param(3, {}, 0.75, id="refused"),
        pytest.param(7, {}, 0.875, id="refused-half-alike"),
        pytest.param(5, {}, 1.0, id="refused-unlike"),
        pytest.param(-1, {}, 1.0, id="nothing-shown"),
    ],
)
def test_what_is_believed(films: Catalog, shown: int, done: dict[str, int], weight: float) -> None:
    """From weight 1: by half of (stars - 3) / 2, or by a quarter down, times the likeness of "ships" to the item."""
    scene = Scene(films).say("ships").say("yes", shown=shown, **done)
    assert scene.remembered() == [("ships", weight)]


def test_what_is_known_already_was_not_refused(films: Catalog) -> None:
    assert Scene(films).say("ships").say("seen it", shown=3).remembered() == [("ships", 1.0)]


def test_belief_has_bounds(films: Catalog) -> None:
    """Likeness counts 1 at most: "fog" is like item 9 by 2, and each refusal takes a quarter."""
    scene = Scene(films).say("fog")
    for left in (0.75, 0.5, 0.25, 0.0, 0.0):
        assert scene.say("yes", shown=9).remembered() == [("fog", left)]
    for stands in (0.5, 1.0, 1.5, 2.0, 2.0):
        assert scene.say("yes", shown=9, click=0, stars=5).remembered() == [("fog", stands)]


def test_what_it_adds_to_scores(films: Catalog) -> None:
    """0.25 x (1 x 1.5 + 11/16 x 0.5) for item 7 after "ships" and "storms": 0.7 counts as the nearest sixteenth."""
    scene = Scene(films)
    k, retriever = films.n_items, scene.manager.retriever
    everything = Retriever(films, k, retriever.config, table=scene.table)
    scene.say("ships").say("storms")
    d = scene.dialogue
    wide = np.zeros((1, k), np.int32), np.zeros((1, k), F32)
    meaning = d.meaning._replace(match=np.zeros((1, k), F32), match_last=np.zeros((1, k), F32))
    d = d._replace(candidates=wide[0], scores=wide[1], meaning=meaning)
    everything.retrieve(d)
    plain = d._replace(candidates=wide[0].copy(), scores=wide[1].copy(), meaning=d.meaning._replace(
        sentences=np.full((1, 4), -1, np.int64)))  # fmt: skip
    everything.retrieve(plain)
    after = dict(zip(d.candidates[0].tolist(), d.scores[0], strict=True))
    before = dict(zip(plain.candidates[0].tolist(), plain.scores[0], strict=True))
    gains = {item: float(after[item] - before[item]) for item in after if after[item] != before[item]}
    assert gains == {3: 0.25 * 0.6875, 7: 0.25 * (1.5 + 0.6875 * 0.5)}


def test_columns(films: Catalog) -> None:
    """To all that is remembered, by weight; and to the last turn alone."""
    scene = Scene(films, semantic=8.0).say("ships").say("storms")
    d = scene.dialogue
    assert d.candidates[0, :2].tolist() == [7, 3]
    assert d.meaning.match[0, :3].tolist() == [1.5 + 0.6875 * 0.5, 0.6875, 0.0]
    assert d.meaning.match_last[0, :3].tolist() == [1.5, 0.0, 0.0]
    scene.say("yes")
    assert d.meaning.match[0, :3].tolist() == [1.5 + 0.6875 * 0.5, 0.6875, 0.0]
    assert not d.meaning.match_last.any()


def test_rows_of_dropped_sentences_are_taken_over(films: Catalog) -> None:
    """A sentence that the table has dropped is like nothing any more; its row is another's."""
    scene = Scene(films).say("ships")
    first = int(scene.dialogue.meaning.sentences[0, 0])
    row = scene.table.row(first)
    scene.table.intern([f"other {i}" for i in range(20)])
    assert scene.table.arrays.n_hits[row] == 0
    assert scene.table.arrays.n_hits[scene.table.row(first)] == 0


def test_hits_are_kept_in_a_pickle(films: Catalog) -> None:
    table = Scene(films).table
    ids = table.intern(["ships", "storms"])
    other = pickle.loads(pickle.dumps(table))
    rows = other.row(ids)
    assert other.arrays.hits[rows].tolist() == [[3, 7], [7, 0]]
    assert other.arrays.alike[rows].tolist() == [[1.0, 0.5], [1.5, 0.0]]
    assert other.arrays.n_hits[rows].tolist() == [2, 1]


@pytest.fixture(scope="module")
def some_films(first_films: Callable[[int], str]) -> Catalog:
    """As many as the language model encodes in some seconds."""
    return load_catalog(first_films(150))


@pytest.fixture(scope="module", params=["hash", "minilm"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return make_encoder(request.param)


@pytest.fixture(scope="module")
def grammar(encoder: Encoder, films: Catalog, some_films: Catalog) -> Grammar:
    return Grammar(films if encoder.name == "hash" else some_films)


@pytest.fixture(scope="module")
def index(encoder: Encoder, grammar: Grammar) -> DenseIndex:
    return DenseIndex(grammar.catalog, grammar, encoder)


def test_one_sentence_and_many_give_the_same_bits(index: DenseIndex) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, index.items.shape[1])).astype(F32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    many = index.match(vectors)
    for n in (0, 7, 299):
        for one, other in zip(index.match(vectors[n : n + 1])[0], many[n], strict=True):
            np.testing.assert_array_equal(one, other)


def test_hits_ascend_and_lie_on_the_grid(index: DenseIndex) -> None:
    vectors = index.items[:50]
    for items, alike in index.match(vectors):
        assert 0 < len(items) <= index.most_hits
        assert (np.diff(items) > 0).all()
        assert (alike > 0).all()
        np.testing.assert_array_equal(alike * 64, np.rint(alike * 64))


def test_the_best_are_kept_where_there_are_too_many(
    index: DenseIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    (everything,) = index.match(index.items[:1])
    monkeypatch.setattr(index, "most_hits", 5)
    (best,) = index.match(index.items[:1])
    assert len(best.items) == 5
    assert best.alike.min() >= np.sort(everything.alike)[-5]


def test_plain_sentences_say_nothing_more(index: DenseIndex, encoder: Encoder, grammar: Grammar) -> None:
    """Those that it was made with, and four in five of others."""
    known = plain_sentences(grammar)
    other = sorted(set(plain_sentences(grammar, wording=1)) - set(known))
    assert not index.likeness(encoder.encode(known)).any()
    assert index.likeness(encoder.encode(other)).any(1).mean() < 0.2


def test_minilm_finds_what_words_do_not_tell(some_films: Catalog) -> None:
    encoder = make_encoder("minilm")
    index = DenseIndex(some_films, Grammar(some_films), encoder)
    likeness = index.likeness(encoder.encode(["attorneys quarrelling before a judge"]))[0]
    assert some_films.titles.index("12 Angry Men") in np.argsort(-likeness)[:3]


def test_text_factors(index: DenseIndex) -> None:
    """Of unit variance, uncorrelated, on the grid, the largest entry positive."""
    texts = index.texts.astype(np.float64)
    np.testing.assert_allclose(texts.T @ texts / len(texts), np.eye(8), atol=0.02)
    np.testing.assert_array_equal(texts * 64, np.rint(texts * 64))
    assert (texts[np.abs(texts).argmax(0), np.arange(8)] > 0).all()


def test_a_table_of_three_films(three_films: str) -> None:
    task = make_task(EnvConfig(encoder="hash", catalog=three_films, n_candidates=2, semantic=1.0))
    index = cast(DenseIndex, task.manager.table.matcher)
    assert index.most_hits == 3
    assert not index.texts[:, 2:].any()


def test_off_it_is_not_there(task: Task, task_of: Callable[..., Task]) -> None:
    assert task.manager.table.matcher is None
    assert task.manager.open(2).meaning.sentences.shape == (2, 0)
    on = task_of(semantic=0.25)
    assert task.layout.candidate_columns == CANDIDATE_COLUMNS
    assert on.layout.candidate_columns == CANDIDATE_COLUMNS + MEANING_COLUMNS
    assert on.layout.width == task.layout.width + 12 * len(MEANING_COLUMNS)


def test_what_it_needs(films: Catalog, task: Task) -> None:
    with pytest.raises(ConfigError, match="no sentences matched with items were given"):
        Retriever(films, 12, RetrievalConfig(semantic=1.0), table=task.manager.table)
    whole = Numbers()
    whole.dim = 0
    with pytest.raises(ConfigError, match=r"needs an encoder of sentences, got 'numbers'.*Set semantic=0"):
        DenseIndex(films, Grammar(films), cast(Any, whole))


def test_a_table_that_declares_no_contexts(tmp_path: Path) -> None:
    table = tmp_path / "hikes.csv"
    table.write_text("name,terrain\nHeron Lake Loop,lake\nSaltmarsh Path,coast\nMill Stream Walk,forest\n")
    facet = {"name": "terrain", "kind": "single", "column": "terrain", "phrase": "a {noun} with {value}",
             "plural": "{noun_plural} with {value}", "critique": "too much {value}"}  # fmt: skip
    told = {
        "name": "hikes",
        "noun": "hike",
        "noun_plural": "hikes",
        "columns": {"title": "name"},
        "facets": [facet],
    }
    table.with_suffix(".json").write_text(json.dumps(told))
    config = EnvConfig(encoder="hash", catalog=str(table), n_candidates=2, semantic=1.0)
    assert make_task(config).manager.table.matcher is not None


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_weight_that_is_no_number_is_refused(weight: float) -> None:
    with pytest.raises(ConfigError, match="must be a multiple of 1/16"):
        EnvConfig(semantic=weight)

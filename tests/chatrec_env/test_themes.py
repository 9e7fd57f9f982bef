"""Themes: what sentences and outcomes say of what a person has in mind, and what that says of items."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import gymnasium as gym
import numpy as np
import pytest

from chatrec_env.catalog import BUILT_IN, Catalog
from chatrec_env.catalog.loading import load_catalog
from chatrec_env.core.state import Dialogue
from chatrec_env.core.user_simulator import UserTurn
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.dialogue.themes import learn_theme, likely_themes
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.language import Grammar, SentenceTable
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.encoders.base import Vectors
from chatrec_env.language.sentence_rows import Hits
from chatrec_env.retrieval.retriever import RetrievalConfig
from chatrec_env.retrieval.theme_files import load_themes, pack_themes, unpack_themes
from chatrec_env.retrieval.themes import ThemeArrays, Themes, no_themes

F32 = np.float32
SAYINGS = {
    "yes": None,
    "ships": (1.0, 0.0),
    "sails": (0.5, 0.0),
    "storms": (0.0, 2.0),
    "again": None,
    "back": None,
}
ACTS = {"again": UserAct.START_OVER, "back": UserAct.UNDO}
NAMES = list(SAYINGS)


class Numbers:
    """An encoder, a parser and a matcher in one, with two themes; the vector of a sentence is its number."""

    name, dim, fingerprint, most_hits = "numbers", 1, "numbers", 2
    texts = np.zeros((0, 0), F32)

    def __init__(self, n_items: int) -> None:
        worth = np.zeros((2, n_items), F32)
        worth[0, 3] = worth[1, 7] = 2.0
        self.themes = ThemeArrays(worth, np.log(np.full(2, 0.5, F32)))

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[NAMES.index(text) if text in NAMES else 0] for text in texts], F32)

    def parse(self, text: str) -> tuple[ParsedAct, ...]:
        return (ParsedAct(ACTS[text]),) if text in ACTS else ()

    def match(self, vectors: Vectors) -> list[Hits]:
        found = [SAYINGS[NAMES[int(number)]] for number in vectors[:, 0]]
        both = np.arange(2, dtype=np.int32)
        return [Hits(both, np.array(one, F32)) if one else Hits(both[:0], np.zeros(0, F32)) for one in found]


class Scene:
    """One conversation about the built-in films, sentence by sentence."""

    def __init__(self, films: Catalog, semantic: float = 8.0) -> None:
        numbers = cast(Any, Numbers(films.n_items))
        self.table = SentenceTable(Grammar(films), numbers, numbers, capacity=20, matcher=numbers)
        self.manager = DialogueManager(films, self.table, retrieval=RetrievalConfig(semantic=semantic))
        self.dialogue: Dialogue = self.manager.open(1)

    def say(self, text: str, *, shown: int = -1, click: int = -1, stars: int = 0) -> Scene:
        d = self.dialogue
        d.slate[0, 0] = shown
        ids = np.full((1, 4), -1, np.int64)
        ids[0, 0] = self.table.intern([text])[0]
        turn = UserTurn(np.array([click], np.int8), np.array([stars], np.int8), np.zeros(1, np.bool_), ids)
        self.manager.hear(d, turn, ids)
        return self

    @property
    def belief(self) -> list[float]:
        return self.dialogue.meaning.themes[0].tolist()

    def match(self, item: int) -> float:
        d = self.dialogue
        return dict(zip(d.candidates[0].tolist(), d.meaning.match[0].tolist(), strict=True)).get(item, 0.0)


@pytest.mark.parametrize(
    ("said", "belief"),
    [
        pytest.param(["yes"], [0.0, 0.0], id="says-nothing"),
        pytest.param(["ships"], [1.0, 0.0], id="one"),
        pytest.param(["ships", "sails", "storms"], [1.5, 2.0], id="evidence-adds-up"),
        pytest.param(["ships", "ships"], [1.0, 0.0], id="said-again-is-nothing-new"),
        pytest.param(["ships", "sails", "back"], [1.0, 0.0], id="undo"),
        pytest.param(["ships", "sails", "again"], [0.0, 0.0], id="start-over"),
    ],
)
def test_what_is_believed(films: Catalog, said: list[str], belief: list[float]) -> None:
    scene = Scene(films)
    for text in said:
        scene.say(text)
    assert scene.belief == belief


def test_what_it_says_of_items(films: Catalog) -> None:
    """Of two themes as frequent, evidence 1 for the first makes it 0.7311 likely: 2 x 0.7311, to a 64th, for item 3."""
    scene = Scene(films).say("ships")
    assert scene.match(3) == round(2 * 0.7311 * 64) / 64
    assert scene.match(7) == round(2 * 0.2689 * 64) / 64
    assert scene.dialogue.candidates[0, 0] == 3


def test_the_last_turn_alone_has_a_column(films: Catalog) -> None:
    d = Scene(films).say("ships").say("storms").dialogue
    last = dict(zip(d.candidates[0].tolist(), d.meaning.match_last[0].tolist(), strict=True))
    assert last[7] == pytest.approx(2 * 0.8808, abs=1e-4)
    assert Scene(films).say("ships").say("yes").dialogue.meaning.match_last.any() == np.False_


def test_nothing_is_expected_before_anything_was_said(films: Catalog) -> None:
    assert not Scene(films).say("yes").dialogue.meaning.match.any()


def test_chances_by_hand() -> None:
    """Evidence 1 and 0 with shares 1 to 3: e to 3."""
    chance = np.empty(2, F32)
    likely_themes(np.array([1, 0], F32), np.log(np.array([0.25, 0.75], F32)), chance)
    np.testing.assert_allclose(chance, [np.e / (np.e + 3), 3 / (np.e + 3)], rtol=1e-6)


def test_an_outcome_by_hand(films: Catalog) -> None:
    """Gradient -1/2, information 1/4, so weight 1 / (1 + 1/4 x 2); worth 2 and 0 where 1 was expected.

    2/3 (-1/2 - 1/8) and 2/3 (-1/2 + 1/8) (-1).
    """
    d, themes = Scene(films).say("yes").dialogue, Numbers(films.n_items).themes
    d.meaning.sentences[0, 0] = 1
    learn_theme(d, 0, 3, F32(1), F32(-0.5), F32(0.25), themes)
    np.testing.assert_allclose(d.meaning.themes[0], [-0.41667, 0.25], rtol=1e-4)


def test_a_refusal_speaks_against_and_a_good_rating_for(films: Catalog) -> None:
    def preference(**done: int) -> float:
        first, second = Scene(films, semantic=1.0).say("ships").say("yes", shown=3, **done).belief
        return first - second

    assert preference() < 1.0 < preference(click=0, stars=5)


def test_without_words_outcomes_say_nothing(films: Catalog) -> None:
    assert Scene(films).say("yes", shown=3).belief == [0.0, 0.0]


@pytest.fixture(scope="module")
def themes(films: Catalog) -> Themes:
    """Five, at random, of the built-in films and the hashing encoder."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(5, 64)).astype(F32)
    return Themes(
        centres=centres / np.linalg.norm(centres, axis=1, keepdims=True),
        centre=np.zeros(64, F32),
        share=np.full(5, 0.2, F32),
        worth=rng.normal(size=(5, films.n_items)).astype(F32),
        catalog=films.digest,
        encoder="hash",
    )


@pytest.fixture(scope="module")
def file(themes: Themes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("themes") / "films.safetensors"
    path.write_bytes(pack_themes(themes))
    return path


def test_evidence_is_the_cosine_times_the_sharpness(themes: Themes) -> None:
    """17 for the centre itself, to a 64th; a thousand sentences have the bits of each alone."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(1000, 64)).astype(F32)
    many = themes.evidence(vectors)
    for n in (0, 7, 999):
        np.testing.assert_array_equal(themes.evidence(vectors[n : n + 1])[0].alike, many[n].alike)
    assert themes.evidence(themes.centres)[2].alike[2] == pytest.approx(17, abs=0.1)


def test_a_file_holds_them(themes: Themes, file: Path, films: Catalog) -> None:
    """To half precision."""
    read = load_themes(str(file), films, "hash")
    assert (read.catalog, read.encoder) == (films.digest, "hash")
    np.testing.assert_allclose(read.worth, themes.worth, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(read.share, themes.share)


def test_what_is_wrong_with_a_file(themes: Themes, file: Path, films: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="is damaged: expected themes"):
        unpack_themes(file.read_bytes()[:-40], "it")
    odd = dataclasses.replace(themes, share=np.zeros(5, F32))
    with pytest.raises(ArtifactError, match="of other shapes, or that are not finite"):
        unpack_themes(pack_themes(odd), "it")
    with pytest.raises(ArtifactError, match="cannot be read"):
        load_themes(str(tmp_path / "none"), films, "hash")
    with pytest.raises(
        ConfigError,
        match=r"learned with encoder 'hash', got 'minilm'.*fit-themes --catalog movies --encoder minilm",
    ):
        load_themes(str(file), films, "minilm")
    other = tmp_path / "other"
    other.write_bytes(pack_themes(dataclasses.replace(themes, catalog="0")))
    with pytest.raises(
        ConfigError, match=r"with another catalogue than 'movies'.*fit-themes --catalog movies"
    ):
        load_themes(str(other), films, "hash")


def test_none_come_with_a_table_of_ones_own(three_films: str) -> None:
    with pytest.raises(ConfigError, match=r"none come with catalog .*Learn some with chatrec fit-themes"):
        make_task(
            EnvConfig(catalog=three_films, n_candidates=2, encoder="hash", semantic=1.0, themes="learned")
        )


def test_many_side_by_side_are_as_each_alone(file: Path) -> None:
    keywords: dict[str, Any] = {
        "encoder": "hash", "scenario": "own_words", "semantic": 1.0, "themes": str(file), "max_turns": 6,
    }  # fmt: skip
    many = gym.make_vec("ChatRec/Items-v0", num_envs=3, vectorization_mode="vector_entry_point", **keywords)
    alone = gym.make_vec("ChatRec/Items-v0", num_envs=3, vectorization_mode="sync", **keywords)
    seen, _ = many.reset(seed=5)
    np.testing.assert_array_equal(seen, alone.reset(seed=5)[0])
    matched = False
    for turn in range(8):
        actions = np.full(3, 8 + turn)
        one, other = many.step(actions), alone.step(actions)
        for mine, theirs in zip(one[:4], other[:4], strict=True):
            np.testing.assert_array_equal(mine, theirs)
        matched |= bool(one[0][:, -200:].any())
    assert matched
    many.close()
    alone.close()


def test_an_edited_file_is_read_anew(file: Path, themes: Themes, tmp_path: Path) -> None:
    own = tmp_path / "own.safetensors"
    own.write_bytes(file.read_bytes())
    config = EnvConfig(encoder="hash", semantic=1.0, themes=str(own))
    first = make_task(config).manager.retriever.blend.themes.worth[0, 0]
    own.write_bytes(pack_themes(dataclasses.replace(themes, worth=themes.worth + 1)))
    assert make_task(config).manager.retriever.blend.themes.worth[0, 0] == pytest.approx(first + 1, abs=0.02)


def test_none_have_no_width(films: Catalog) -> None:
    assert no_themes(films.n_items).worth.shape == (0, films.n_items)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_those_of_the_built_in_catalogues_are_of_these_catalogues(name: str) -> None:
    """A table that was edited needs them learned again: chatrec_env/retrieval/learned/README.md says how."""
    themes = load_themes("learned", load_catalog(name), "minilm")
    assert len(themes.share) > 50
    assert themes.centres.shape[1] == 384

"""Candidates: exact whatever the batch, the best first, and the variety lens for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.core.state import Dialogue, empty_dialogue
from chatrec_env.dialogue.preference import Preference
from chatrec_env.errors import ConfigError
from chatrec_env.retrieval.ranking import EXCLUDED, Scratch
from chatrec_env.retrieval.retriever import RetrievalConfig, Retriever
from chatrec_env.retrieval.selection import LANES, best_of

F32 = np.float32
Array = npt.NDArray[Any]


def brute_force(scores: Array, k: int) -> Array:
    """Sort every row: best first, ties to the lower index."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def queries(films: Catalog, n: int, seed: int = 0) -> tuple[Array, Array]:
    """Wishes on the 1/16 grid and tastes on the 1/64 grid."""
    rng = np.random.default_rng(seed)
    wishes = np.zeros((n, films.n_values), F32)
    for row in range(n):
        wishes[row, rng.integers(0, films.n_values, 6)] = rng.choice([1.0, -1.5, -0.5, 0.25], 6)
    return wishes, (rng.integers(-100, 100, (n, 16)) / 64).astype(F32)


def retrieved(films: Catalog, k: int, wishes: Array, taste: Array, **fields: Any) -> Dialogue:
    """Conversations with these wishes and certain tastes, and their candidates."""
    n = len(wishes)
    d = empty_dialogue(
        n,
        n_facets=films.n_facets,
        n_values=films.n_values,
        width=1,
        max_turns=20,
        slate_size=1,
        n_candidates=k,
        preference=Preference(mean=taste, covariance=np.zeros((n, 16, 16), F32)),
    )
    d.wishes[:] = wishes
    d = d._replace(**fields)
    Retriever(films, k).retrieve(d)
    return d


def exact_scores(films: Catalog, wishes: Array, taste: Array) -> Array:
    """In float64: 1.25 a unit of wish and weight, the taste, half the acclaim, a quarter of the popularity."""
    return (
        1.25 * wishes.astype(np.float64) @ films.weighted_values.T.astype(np.float64)
        + taste.astype(np.float64) @ films.factors.T.astype(np.float64)
        + (0.5 * films.acclaim.astype(np.float64) + 0.25 * films.popularity)
    )


def best(scores: Array, k: int) -> tuple[Array, Array]:
    """The k best of each row by the compiled rule."""
    n = scores.shape[1]
    scratch = Scratch(
        scores=np.empty(n, F32),
        lens=np.empty(n, F32),
        lanes=np.empty(LANES, F32),
        hits=np.empty(n + LANES, np.int32),
        values=np.empty(2 * n + LANES, F32),
        rows=np.empty(4, np.int64),
        weights=np.empty(4, F32),
        taste=np.empty(4, F32),
        recent=np.empty(4, F32),
        meant=np.empty(4, F32),
    )
    items, found = np.empty((len(scores), k), np.int32), np.empty((len(scores), k), F32)
    for row in range(len(scores)):
        best_of(scores[row], items[row], found[row], scratch)
    return items, found


@pytest.mark.parametrize("k", [1, 2, 7, 50, 99, 100])
@pytest.mark.parametrize("levels", [1, 2, 5, 1000], ids=lambda n: f"{n}-levels")
@pytest.mark.parametrize("width", [100, 906])
def test_the_best_are_those_of_a_full_sort(k: int, levels: int, width: int) -> None:
    scores = np.random.default_rng(k * levels).integers(0, levels, (3, width)).astype(F32)
    items, found = best(scores, k)
    np.testing.assert_array_equal(items, brute_force(scores, k))
    np.testing.assert_array_equal(found, np.take_along_axis(scores, items, axis=1))


@pytest.mark.parametrize("width", [1, 2, 3, 13, 127, 128, 129, 906])
def test_the_best_of_any_width(width: int) -> None:
    scores = np.random.default_rng(width).integers(-3, 3, (4, width)).astype(F32)
    for k in {1, (width + 1) // 2, width}:
        np.testing.assert_array_equal(best(scores, k)[0], brute_force(scores, k))


def test_a_score_by_hand(films: Catalog) -> None:
    """1.25 a unit of wish and weight, half the acclaim, a quarter of the popularity, and the taste."""
    genre, mood = films.value_index("genre", "western"), films.value_index("mood", "dark")
    wishes, taste = np.zeros((1, films.n_values), F32), np.zeros((1, 16), F32)
    wishes[0, genre], wishes[0, mood], taste[0, 2] = 1.0, -1.5, 0.5
    d = retrieved(films, 12, wishes, taste)
    for item, score in zip(d.candidates[0], d.scores[0], strict=True):
        expected = (
            1.25 * 1.0 * films.values[item, genre]
            - 1.25 * 1.5 * 0.75 * films.values[item, mood]
            + 0.5 * films.factors[item, 2]
            + 0.5 * films.acclaim[item]
            + 0.25 * films.popularity[item]
        )
        assert score == F32(expected)


def test_scores_are_exact_in_any_order(films: Catalog) -> None:
    """The grid makes float32 sums equal to float64's, so neither batch nor threads can change a bit."""
    wishes, taste = queries(films, 64)
    d = retrieved(films, 12, wishes, taste)
    exact = exact_scores(films, wishes, taste)
    np.testing.assert_array_equal(d.candidates, brute_force(exact, 12))
    np.testing.assert_array_equal(d.scores, np.take_along_axis(exact, d.candidates, axis=1))


def test_what_was_shown_does_not_come_back(films: Catalog) -> None:
    wishes, taste = queries(films, 1)
    seen: list[int] = []
    for _ in range(10):
        d = retrieved(films, 6, wishes, taste, shown=np.array([[*seen, -1]], np.int32))
        found = d.candidates[0].tolist()
        assert not set(found) & set(seen)
        assert len(set(found)) == 6
        assert (d.scores > EXCLUDED / 2).all()
        seen += found


def test_when_nothing_is_left_places_stay_empty(films: Catalog) -> None:
    wishes, taste = queries(films, 1)
    gone = np.delete(np.arange(films.n_items, dtype=np.int32), [5, 17])
    d = retrieved(films, 6, wishes, taste, shown=gone[None])
    assert set(d.candidates[0, d.scores[0] > EXCLUDED / 2]) == {5, 17}


def test_the_lens_fills_the_last_third(films: Catalog) -> None:
    """Accepted dramas make the lens prefer others; the first two thirds and all scores stay the plain ones."""
    drama = films.value_index("genre", "drama")
    wishes, taste = np.zeros((1, films.n_values), F32), np.zeros((1, 16), F32)
    wishes[0, drama] = 1.0
    plain = exact_scores(films, wishes, taste)
    np.testing.assert_array_equal(retrieved(films, 12, wishes, taste).candidates, brute_force(plain, 12))
    recent = np.zeros_like(wishes)
    recent[0, drama] = 2.0
    d = retrieved(films, 12, wishes, taste, recent=recent)
    items = d.candidates
    np.testing.assert_array_equal(items[0, :8], brute_force(plain, 8)[0])
    np.testing.assert_array_equal(d.scores, np.take_along_axis(plain, items, axis=1))
    # By hand: 2 (variety) * 2 (recent) * 1 (weight) off every drama.
    lens = plain - 4.0 * films.values[:, drama]
    lens[0, items[0, :8]] = -np.inf
    np.testing.assert_array_equal(items[0, 8:], brute_force(lens, 4)[0])
    assert films.values[items[0, :8], drama].all()
    assert not films.values[items[0, 8:], drama].any()


@pytest.mark.parametrize("value", [0.3, -0.25, 8.5])
def test_weights_must_lie_on_the_grid(value: float) -> None:
    with pytest.raises(ConfigError, match=r"retrieval\.taste must be a multiple of 1/16 in \[0, 8\]"):
        RetrievalConfig(taste=value)

"""Candidates: exact whatever the batch, the best first, and the variety lens for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.errors import ConfigError
from chatrec_env.retrieval.retriever import EXCLUDED, RetrievalConfig, Retriever, sating_values, top_k

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


NOBODY = np.full((1, 1), -1, np.int32)


@pytest.mark.parametrize("k", [1, 2, 7, 50, 99, 100])
@pytest.mark.parametrize("levels", [1, 2, 5, 1000], ids=lambda n: f"{n}-levels")
@pytest.mark.parametrize("n", [1, 9])
def test_top_k_is_a_full_sort(k: int, levels: int, n: int) -> None:
    scores = np.random.default_rng(k * levels).integers(0, levels, (n, 100)).astype(F32)
    items, found = top_k(scores, k)
    np.testing.assert_array_equal(items, brute_force(scores, k))
    np.testing.assert_array_equal(found, np.take_along_axis(scores, items, axis=1))
    assert items.dtype == np.int32
    assert found.dtype == np.float32


@pytest.mark.parametrize("width", [1, 2, 3, 13, 906])
def test_top_k_of_any_width(width: int) -> None:
    scores = np.random.default_rng(width).integers(-3, 3, (4, width)).astype(F32)
    for k in {1, (width + 1) // 2, width}:
        np.testing.assert_array_equal(top_k(scores, k)[0], brute_force(scores, k))


def test_a_score_by_hand(films: Catalog) -> None:
    """1.25 a unit of wish and weight, half the acclaim, a quarter of the popularity, and the taste."""
    retriever = Retriever(films, 3)
    genre, mood = films.value_index("genre", "western"), films.value_index("mood", "dark")
    wishes, taste = np.zeros((1, films.n_values), F32), np.zeros((1, 16), F32)
    wishes[0, genre], wishes[0, mood], taste[0, 2] = 1.0, -1.5, 0.5
    for item in (0, 100, int(np.flatnonzero(films.values[:, genre])[0]), films.n_items - 1):
        expected = (
            1.25 * 1.0 * films.values[item, genre]
            - 1.25 * 1.5 * 0.75 * films.values[item, mood]
            + 0.5 * films.factors[item, 2]
            + 0.5 * films.acclaim[item]
            + 0.25 * films.popularity[item]
        )
        assert retriever.scores(wishes, taste)[0, item] == F32(expected)


def test_scores_are_exact_in_any_order(films: Catalog) -> None:
    """The grid makes float32 sums equal to float64's, so neither batch nor threads can change a bit."""
    wishes, taste = queries(films, 64)
    found = Retriever(films, 12).scores(wishes, taste)
    exact = (
        1.25 * wishes.astype(np.float64) @ films.weighted_values.T.astype(np.float64)
        + taste.astype(np.float64) @ films.factors.T.astype(np.float64)
        + (0.5 * films.acclaim.astype(np.float64) + 0.25 * films.popularity)
    )
    np.testing.assert_array_equal(found.astype(np.float64), exact)


def test_batch_and_order_change_no_bit(films: Catalog) -> None:
    """More rows than are scored together, in any order, and one at a time."""
    retriever, n = Retriever(films, 12), 300
    wishes, taste = queries(films, n)
    recent = np.zeros_like(wishes)
    recent[::2] = np.abs(wishes[::2]) * F32(0.85) ** 3
    shown = np.arange(n, dtype=np.int32) * 3

    def blend(rows: Array) -> tuple[Array, Array]:
        return retriever.blend(wishes[rows], taste[rows], recent[rows], shown[rows, None])

    items, found = blend(np.arange(n))
    for rows in (np.random.default_rng(1).permutation(n), *np.array([[0], [127], [128], [299]])):
        others = blend(rows)
        np.testing.assert_array_equal(others[0], items[rows])
        np.testing.assert_array_equal(others[1], found[rows])


def test_adjustments_reach_their_rows(films: Catalog) -> None:
    """A bonus for item ``row`` in every row, also beyond the first rows scored together."""
    retriever, n = Retriever(films, 3), 300

    def bonus(scores: Array, part: slice) -> None:
        rows = np.arange(part.start, part.stop)
        scores[rows - part.start, rows] += F32(100)

    none = np.zeros((n, films.n_values), F32)
    items, found = retriever.blend(none, np.zeros((n, 16), F32), none, np.full((n, 1), -1, np.int32), bonus)
    np.testing.assert_array_equal(items[:, 0], np.arange(n))
    assert (found[:, 0] > 90).all()


def test_what_was_shown_does_not_come_back(films: Catalog) -> None:
    retriever = Retriever(films, 6)
    wishes, taste = queries(films, 1)
    none = np.zeros_like(wishes)
    seen: list[int] = []
    for _ in range(10):
        items, scores = retriever.blend(wishes, taste, none, np.array([[*seen, -1]], np.int32))
        assert not set(items[0]) & set(seen)
        assert len(set(items[0])) == 6
        assert (scores > EXCLUDED / 2).all()
        seen += items[0].tolist()


def test_when_nothing_is_left_places_stay_empty(films: Catalog) -> None:
    retriever = Retriever(films, 6)
    wishes, taste = queries(films, 1)
    gone = np.delete(np.arange(films.n_items, dtype=np.int32), [5, 17])
    items, scores = retriever.blend(wishes, taste, np.zeros_like(wishes), gone[None])
    assert set(items[0, scores[0] > EXCLUDED / 2]) == {5, 17}


def test_the_lens_fills_the_last_third(films: Catalog) -> None:
    """Accepted dramas make the lens prefer others; the first two thirds and all scores stay the plain ones."""
    retriever = Retriever(films, 12)
    drama = films.value_index("genre", "drama")
    wishes = np.zeros((1, films.n_values), F32)
    wishes[0, drama] = 1.0
    recent, taste = np.zeros_like(wishes), np.zeros((1, 16), F32)
    plain = retriever.scores(wishes, taste)
    same, _ = retriever.blend(wishes, taste, recent, NOBODY)
    np.testing.assert_array_equal(same, brute_force(plain, 12))
    recent[0, drama] = 2.0
    items, scores = retriever.blend(wishes, taste, recent, NOBODY)
    np.testing.assert_array_equal(items[0, :8], brute_force(plain, 8)[0])
    np.testing.assert_array_equal(scores, np.take_along_axis(plain, items, axis=1))
    # By hand: 2 (variety) * 2 (recent) * 1 (weight) off every drama.
    lens = plain - 4.0 * films.values[:, drama]
    lens[0, items[0, :8]] = -np.inf
    np.testing.assert_array_equal(items[0, 8:], brute_force(lens, 4)[0])
    assert films.values[items[0, :8], drama].all()
    assert not films.values[items[0, 8:], drama].any()


def test_only_shared_values_can_pall(films: Catalog) -> None:
    palls = sating_values(films)
    kinds = {films.facets[f].kind for f in np.asarray(films.value_facet)[palls]}
    assert kinds == {"multi"}
    assert palls.sum() == sum(len(f.values) for f in films.facets if f.kind == "multi")


@pytest.mark.parametrize("value", [0.3, -0.25, 8.5])
def test_weights_must_lie_on_the_grid(value: float) -> None:
    with pytest.raises(ConfigError, match=r"retrieval\.taste must be a multiple of 1/16 in \[0, 8\]"):
        RetrievalConfig(taste=value)

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from chatrec_env.catalog import Catalog
from chatrec_env.catalog.factors import content_factors, to_grid


@pytest.mark.parametrize(
    ("number", "step", "expected"),
    [
        pytest.param(0.3, 16, 0.3125, id="nearest"),
        pytest.param(0.03125, 16, 0.0, id="tie-to-even-down"),
        pytest.param(0.09375, 16, 0.125, id="tie-to-even-up"),
        pytest.param(-0.001, 64, 0.0, id="no-negative-zero"),
    ],
)
def test_to_grid(number: float, step: int, expected: float) -> None:
    rounded = to_grid(np.array([number]), step)
    assert rounded.tobytes() == np.array([expected], np.float32).tobytes()


def test_items_that_share_everything_point_the_same_way_and_opposites_apart() -> None:
    # Two groups without anything in common: one centred dimension, so +1 and -1.
    values = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    factors = content_factors(values, [], [""] * 4)
    assert factors.shape == (4, 16)
    assert factors[:, 0].tolist() == [1, 1, -1, -1]
    assert not factors[:, 1:].any()


def test_people_and_words_count_too() -> None:
    values = np.ones((6, 1), np.float32)
    people = [np.array([0, 1], np.int32), np.array([2], np.int32)]
    texts = ["", "", "", "the haunted house", "a haunted lake", "haunted hills"]
    similarity = (factors := content_factors(values, people, texts)) @ factors.T
    assert similarity[0, 1] == pytest.approx(1, abs=0.05)  # the same person
    assert similarity[3, 4] == pytest.approx(1, abs=0.05)  # the same word
    assert similarity[0, 3] < 0


def test_nothing_to_tell_items_apart_gives_zeros() -> None:
    factors = content_factors(np.ones((3, 2), np.float32), [], [""] * 3)
    assert not factors.any()


def test_an_item_without_any_term_is_allowed() -> None:
    factors = content_factors(np.array([[1, 0], [0, 1], [0, 0]], np.float32), [], [""] * 3)
    assert np.isfinite(factors).all()


def on_grid(array: NDArray[np.float32], step: int, low: float, high: float) -> bool:
    scaled = array.astype(np.float64) * step
    return bool((scaled == np.round(scaled)).all() and array.min() >= low and array.max() <= high)


def test_the_films_lie_exactly_on_the_grids(movies: Catalog) -> None:
    assert on_grid(movies.factors, 64, -1, 1)
    assert on_grid(movies.popularity, 16, 0, 1)
    assert on_grid(movies.acclaim, 16, -1, 1)
    assert on_grid(movies.numeric_position, 16, 0, 1)
    assert on_grid(movies.weighted_values, 16, 0, 1)
    for array in (movies.factors, movies.popularity, movies.acclaim, movies.numeric_position):
        assert array.dtype == np.float32


def test_so_sums_of_products_are_exact_in_any_order(movies: Catalog) -> None:
    rng = np.random.default_rng(0)
    exact = movies.factors.astype(np.float64) @ movies.factors[0].astype(np.float64)
    for _ in range(5):
        order = rng.permutation(16)
        total = np.zeros(movies.n_items, np.float32)
        for column in order:
            total += movies.factors[:, column] * movies.factors[0, column]
        np.testing.assert_array_equal(total, exact)


def test_rows_have_length_about_one_and_signs_are_fixed(movies: Catalog) -> None:
    np.testing.assert_allclose(np.linalg.norm(movies.factors, axis=1), 1, atol=0.04)
    assert (movies.factors.max(axis=0) > 0).all()


@pytest.mark.parametrize(
    ("title", "near"),
    [
        ("The Godfather", "The Godfather Part II"),
        ("Toy Story", "Toy Story 2"),
        ("Singin' in the Rain", "White Christmas"),
    ],
)
def test_neighbours_make_sense(movies: Catalog, title: str, near: str) -> None:
    item = movies.item_index(title)
    order = np.argsort(-(movies.factors @ movies.factors[item]), kind="stable")
    assert movies.item_index(near) in order[1:6]


def test_the_number_of_threads_does_not_matter(movies: Catalog) -> None:
    code = "from chatrec_env.catalog import load_catalog; print(load_catalog('movies').digest)"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | threads
    )
    assert run.stdout.strip() == movies.digest

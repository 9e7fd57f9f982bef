from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.evaluate.measures import divergence, diversity, grades, ndcg


def test_the_grade_is_a_half_at_the_threshold() -> None:
    found = grades(np.array([[1.0, 3.0]]), np.array([1.0]))
    assert found[0] == pytest.approx([0.5, 1 / (1 + math.exp(-2))])


def test_ndcg_by_hand() -> None:
    grade = np.array([0.9, 0.5, 0.1])
    dcg = 0.5 + 0.9 / math.log2(3)
    ideal = 0.9 + 0.5 / math.log2(3)
    assert ndcg(np.array([1, 0]), grade) == pytest.approx(dcg / ideal)
    assert ndcg(np.array([0, 1, 2]), grade) == pytest.approx(1.0)


def test_an_item_shown_again_gains_nothing() -> None:
    grade = np.array([0.9, 0.5])
    ideal = 0.9 + 0.5 / math.log2(3)
    assert ndcg(np.array([0, 0]), grade) == pytest.approx(0.9 / ideal)


def test_nothing_shown_has_no_figures() -> None:
    none = np.empty((0, 2), np.float32)
    assert math.isnan(ndcg(np.empty(0, np.intp), np.array([0.5])))
    assert math.isnan(diversity(none))
    assert math.isnan(divergence(np.eye(2, dtype=np.float32), none))


def test_diversity_is_the_mean_distance_of_pairs() -> None:
    values = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    # Cosines 0, 1/sqrt(2), 1/sqrt(2).
    assert diversity(values) == pytest.approx(1 - (0 + 2 / math.sqrt(2)) / 3)
    assert diversity(values[:1].repeat(2, 0)) == pytest.approx(0.0)


def test_what_is_shown_as_it_is_liked_diverges_by_nothing() -> None:
    liked = np.array([[1, 0], [0, 1]], np.float32)
    assert divergence(liked, 3 * liked) == pytest.approx(0.0)
    # Shown the first value alone: q = 0.99 (1, 0) + 0.01 (0.5, 0.5).
    expected = 0.5 * math.log(0.5 / 0.995) + 0.5 * math.log(0.5 / 0.005)
    assert divergence(liked, liked[:1]) == pytest.approx(expected)

"""The measures, on numbers worked by hand and against scipy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from simulators.fidelity import (
    auc,
    bigrams,
    distinct,
    distinct_without,
    histogram,
    jensen_shannon,
    kolmogorov_smirnov,
    resamples,
    same_answer,
    shares,
    words,
)


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [
        pytest.param([3, 1], [6, 2], 0.0, id="same-shares"),
        pytest.param([5, 0], [0, 2], 1.0, id="nothing-in-common"),
        # The middle is (3/4, 1/4): half of log2(4/3), and a quarter each of log2(2/3) and log2(2).
        pytest.param([1, 0], [1, 1], 0.311278, id="half-in-common"),
    ],
)
def test_divergence_by_hand(one: list[int], other: list[int], bits: float) -> None:
    assert float(jensen_shannon(one, other)) == pytest.approx(bits, abs=1e-6)
    assert float(jensen_shannon(other, one)) == pytest.approx(bits, abs=1e-6)


def test_divergence_and_distance_are_scipys() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 30, (2, 5, 12))
    assert np.allclose(jensen_shannon(a, b), jensenshannon(a, b, base=2, axis=-1) ** 2)
    for one, other in zip(a, b, strict=True):
        values = [np.repeat(np.arange(12), count) for count in (one, other)]
        assert float(kolmogorov_smirnov(one, other)) == pytest.approx(ks_2samp(*values).statistic)


def test_nothing_to_count_is_no_number() -> None:
    assert np.isnan(jensen_shannon([0, 0], [1, 2]))
    assert np.isnan(kolmogorov_smirnov([1, 2], [0, 0]))
    assert np.isnan(shares([0, 0])).all()


def test_auc_by_hand() -> None:
    assert auc([3, 1], [2, 1]) == (1 + 1 + 0 + 0.5) / 4
    assert np.isnan(auc([], [1.0]))


def test_distinct_is_the_mean_over_all_samples_of_that_size() -> None:
    bag = ["a", "a", "a", "b", "b", "c"]
    whole = np.mean([len(set(part)) / 3 for part in combinations(bag, 3)])
    halves: list[Counter[Hashable]] = [Counter(bag[:2]), Counter(bag[2:])]
    assert distinct(halves, 3) == pytest.approx(whole)
    assert distinct(halves, 6) == pytest.approx(3 / 6)
    assert distinct_without(halves, 2).tolist() == pytest.approx(
        [distinct(halves[1:], 2), distinct(halves[:1], 2)]
    )
    assert np.isnan(distinct(halves, 7))
    assert np.isnan(distinct(halves, 0))


def test_words_and_pairs() -> None:
    assert words("I'd like... a film - NOT a war film!") == [
        "i'd",
        "like",
        "a",
        "film",
        "not",
        "a",
        "war",
        "film",
    ]
    assert bigrams("a film, a film") == Counter({("a", "film"): 2, ("film", "a"): 1})
    assert bigrams("hello") == Counter()


def test_histogram_counts_what_is_too_large_as_most() -> None:
    assert histogram([[0, 2, 9], []], 3).tolist() == [[1, 0, 1, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("one", "other", "alike", "against"),
    [
        pytest.param(set(), set(), 1.0, False, id="neither-knows"),
        pytest.param({(1, 1)}, {(1, 1), (2, 1)}, 0.5, False, id="one-more"),
        pytest.param({(1, 1)}, {(1, -1)}, 0.0, True, id="contradiction"),
        pytest.param({(1, 1)}, set(), 0.0, False, id="forgotten"),
    ],
)
def test_answers_compared(
    one: set[tuple[int, int]], other: set[tuple[int, int]], alike: float, against: bool
) -> None:
    assert same_answer(frozenset(one), frozenset(other)) == (alike, against)


def test_resamples_draw_as_many_people_as_there_are() -> None:
    weights = resamples(7, 50, 3)
    assert weights.shape == (51, 7)
    assert (weights[0] == 1).all()
    assert (weights.sum(1) == 7).all()
    assert np.array_equal(weights, resamples(7, 50, 3))
    assert not np.array_equal(weights, resamples(7, 50, 4))

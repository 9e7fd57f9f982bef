"""How far simulated people are from other simulated people, and from real ones: the measures, on plain arrays.

Every measure takes sums over people, so that a bootstrap over people is one product of weights and counts: a row of
``weights @ counts`` is what a resample of the people would have been counted as.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]


def shares(counts: npt.ArrayLike) -> Float:
    """Counts ``(..., K)`` as shares along the last axis; NaN where there is nothing to count."""
    array = np.asarray(counts, np.float64)
    total = array.sum(-1, keepdims=True)
    return np.divide(array, total, out=np.full(array.shape, np.nan), where=total > 0)


def jensen_shannon(one: npt.ArrayLike, other: npt.ArrayLike) -> Float:
    """Jensen-Shannon divergence in bits, 0 (the same) to 1 (nothing in common) (Lin, 1991).

    Args:
        one: Counts ``(..., K)``.
        other: Counts of the same kinds, of a shape that broadcasts with ``one``.

    Returns:
        ``(...)``; NaN where either has no count.
    """
    from scipy.special import rel_entr

    p, q = np.broadcast_arrays(shares(one), shares(other))
    middle = (p + q) / 2
    return np.asarray((rel_entr(p, middle) + rel_entr(q, middle)).sum(-1) / (2 * np.log(2)))


def kolmogorov_smirnov(one: npt.ArrayLike, other: npt.ArrayLike) -> Float:
    """Largest distance between two distribution functions, 0 to 1 (the two-sample Kolmogorov-Smirnov statistic).

    Args:
        one: How often each value occurs, ``(..., K)``, values ascending.
        other: The same of the other sample.

    Returns:
        ``(...)``; NaN where either has no count.
    """
    gap = np.cumsum(shares(one), -1) - np.cumsum(shares(other), -1)
    return np.asarray(np.abs(gap).max(-1))


def auc(good: npt.ArrayLike, bad: npt.ArrayLike) -> float:
    """Chance that something good scores above something bad, ties counting half; NaN if either is empty."""
    a, b = np.asarray(good, np.float64), np.asarray(bad, np.float64)
    if not len(a) or not len(b):
        return float("nan")
    return float(((a[:, None] > b) + 0.5 * (a[:, None] == b)).mean())


def distinct(kinds: Sequence[Counter[Hashable]], size: int) -> float:
    """Distinct-n at a given sample size: the expected share of different n-grams among ``size`` of them.

    The plain ratio (Li et al., 2016) falls with the length of a text, so texts of different lengths cannot be
    compared by it. Drawing the same number of n-grams from each, without replacement, can (rarefaction; Hurlbert,
    1971): ``E = sum_i 1 - C(N - n_i, m) / C(N, m)``.

    Args:
        kinds: How often each n-gram occurs, one counter per person; they are added up.
        size: m, at most the number N of n-grams there are.

    Returns:
        In (0, 1]; NaN if there are fewer than ``size`` n-grams, or ``size`` is 0.
    """
    total: Counter[Hashable] = Counter()
    for one in kinds:
        total.update(one)
    return _expected(Counter(total.values()), size)


def distinct_without(kinds: Sequence[Counter[Hashable]], size: int) -> Float:
    """:func:`distinct` of all people but one, for each of them, ``(people,)``."""
    total: Counter[Hashable] = Counter()
    for one in kinds:
        total.update(one)
    often = Counter(total.values())  # how many n-grams occur once, twice, ...
    out = np.zeros(len(kinds))
    for row, own in enumerate(kinds):
        left = often.copy()
        for kind, n in own.items():
            left[total[kind]] -= 1
            left[total[kind] - n] += 1
        out[row] = _expected(left, size)
    return out


def _expected(often: Counter[int], size: int) -> float:
    """Distinct-n from how many n-grams occur how often."""
    from scipy.special import gammaln

    n = np.array([count for count in often if count > 0], np.float64)
    kinds = np.array([often[int(count)] for count in n], np.float64)
    whole = float((n * kinds).sum())
    if not 0 < size <= whole:
        return float("nan")

    def log_choose(of: Float) -> Float:
        return np.asarray(gammaln(of + 1) - gammaln(np.maximum(of - size, 0) + 1))

    absent = np.exp(log_choose(whole - n) - log_choose(np.array(whole)))
    absent = np.where(whole - n >= size, absent, 0.0)
    return float((kinds * (1 - absent)).sum() / size)


def bigrams(text: str) -> Counter[Hashable]:
    """Neighbouring pairs of lower-case words of one turn."""
    found = words(text)
    return Counter(pairwise(found))


def words(text: str) -> list[str]:
    """The words of a text, lower case, marks stripped; contractions are one word."""
    return [w for part in text.lower().split() if (w := part.strip(".,;:!?\"'()[]…–-*_"))]


def histogram(values: Sequence[Sequence[int]], most: int) -> npt.NDArray[np.int64]:
    """How often each person has each of the values 0 to ``most``, ``(people, most + 1)``; larger ones count as most."""
    out = np.zeros((len(values), most + 1), np.int64)
    for row, own in enumerate(values):
        np.add.at(out[row], np.minimum(np.asarray(own, np.int64), most), 1)
    return out


def same_answer(one: frozenset[tuple[int, int]], other: frozenset[tuple[int, int]]) -> tuple[float, bool]:
    """How alike two answers to one question are.

    Args:
        one: (value, +1 or -1) pairs that the first answer names; empty for "I don't know" and "anything".
        other: Those of the second.

    Returns:
        The share of named pairs that both name (Jaccard; 1 where neither names any), and whether one wants what the
        other refuses.
    """
    either = one | other
    alike = len(one & other) / len(either) if either else 1.0
    return alike, any((value, -sign) in other for value, sign in one)


def resamples(people: int, draws: int, seed: int) -> npt.NDArray[np.float64]:
    """How often each person is drawn: first all once, then ``draws`` bootstrap samples, ``(1 + draws, people)``."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    drawn = rng.multinomial(people, np.full(people, 1 / people), size=draws)
    return np.vstack((np.ones(people), drawn)).astype(np.float64)

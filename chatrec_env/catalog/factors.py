"""Content factors: TF-IDF of what is said about the items, reduced by a truncated SVD."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

N_FACTORS = 16
FACTOR_GRID = 64
MAX_WORDS = 400
_OVERSAMPLE = 16
_ITERATIONS = 4
_WORD = re.compile(r"[^\W\d_]{4,}")


def to_grid(array: NDArray[np.floating], step: int) -> NDArray[np.float32]:
    """Rounds to multiples of ``1/step`` (ties to even), so that float32 sums are exact in any order."""
    # Adding 0.0 turns -0.0 into 0.0: equal values must have equal bits.
    return (np.round(np.asarray(array, np.float64) * step) / step + 0.0).astype(np.float32)


def content_factors(
    values: NDArray[np.float32], entity_items: Sequence[NDArray[np.int32]], texts: Sequence[str]
) -> NDArray[np.float32]:
    """Unit vectors per item in which near items are alike in values, people and words.

    Rows of the TF-IDF matrix are normalised, the mean row is subtracted, and the leading right
    singular vectors are found by subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4)
    from a fixed start. The projections are normalised to length one and rounded to multiples of 1/64. The
    sign of each factor makes its entry of largest magnitude positive.

    Args:
        values: ``(I, V)`` facet values in {0, 1}.
        entity_items: Item rows of each named person.
        texts: ``I`` sentences; words of four letters and more count.

    Returns:
        ``(I, 16)`` float32 multiples of 1/64 with ``|f| <= 1``; columns beyond the rank are 0.
    """
    n_items = len(values)
    items, terms, weights, n_terms = _tfidf(values, entity_items, texts)
    mean = np.bincount(terms, weights, n_terms) / n_items

    # The centred matrix is never formed: it would be dense. bincount adds in a fixed order, on one thread.
    def times(basis: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = [np.bincount(items, weights * column[terms], n_items) for column in basis.T]
        return np.stack(columns, axis=1) - _product(mean[:, None], basis)

    def transposed_times(basis: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = [np.bincount(terms, weights * column[items], n_terms) for column in basis.T]
        return np.stack(columns, axis=1) - mean[:, None] * basis.sum(axis=0)

    basis = _fixed_signs(n_terms, min(N_FACTORS + _OVERSAMPLE, n_terms))
    for _ in range(_ITERATIONS):
        product = transposed_times(times(basis))
        square = _product(product, product)
        # The ridge keeps null directions (fewer terms or items than columns) at null instead of failing.
        lower = np.linalg.cholesky(square + np.eye(len(square)) * (1e-12 * np.trace(square) + 1e-200))
        basis = _product(product.T, np.linalg.inv(lower).T)
    projected = times(basis)
    square, rotation = np.linalg.eigh(_product(projected, projected))
    kept = np.flatnonzero(square > max(1e-10 * float(square[-1]), 1e-20))[::-1][:N_FACTORS]
    out = np.zeros((n_items, N_FACTORS))
    out[:, : len(kept)] = _product(projected.T, rotation[:, kept])
    peak = out[np.abs(out).argmax(axis=0), np.arange(N_FACTORS)]
    out *= np.where(peak < 0, -1.0, 1.0)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    return to_grid(np.divide(out, length, out=np.zeros_like(out), where=length > 1e-9), FACTOR_GRID)


def _tfidf(
    values: NDArray[np.float32], entity_items: Sequence[NDArray[np.int32]], texts: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], int]:
    """Row-normalised TF-IDF as (items, terms, weights), and the number of terms."""
    n_items = len(values)
    value_items, value_terms = np.nonzero(values)
    parts_items, parts_terms = [value_items], [value_terms]
    n_terms = values.shape[1]
    for rows in entity_items:
        if len(rows) >= 2:  # a person with one item links it to nothing
            parts_items.append(np.asarray(rows, np.int64))
            parts_terms.append(np.full(len(rows), n_terms))
            n_terms += 1
    bags = [set(_WORD.findall(text.lower())) for text in texts]
    counts = Counter(word for bag in bags for word in bag)
    common = [word for word, count in counts.items() if 3 <= count <= max(3, n_items // 20)]
    common.sort(key=lambda word: (-counts[word], word))
    position = {word: n_terms + index for index, word in enumerate(common[:MAX_WORDS])}
    pairs = [(item, position[word]) for item, bag in enumerate(bags) for word in bag if word in position]
    if pairs:
        found = np.array(sorted(pairs), np.int64)
        parts_items.append(found[:, 0])
        parts_terms.append(found[:, 1])
        n_terms += len(position)
    items, terms = np.concatenate(parts_items), np.concatenate(parts_terms)
    document_frequency = np.bincount(terms, minlength=n_terms)
    weights = np.log((1 + n_items) / (1 + document_frequency[terms])) + 1.0
    norms = np.sqrt(np.bincount(items, weights**2, n_items))
    return items, terms, weights / norms[items], n_terms


def _product(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """``left.T @ right`` on one thread: BLAS threads cost more here than they bring on a busy machine."""
    result: NDArray[np.float64] = np.einsum("ij,ik->jk", left, right)
    return result


def _fixed_signs(n_rows: int, n_columns: int) -> NDArray[np.float64]:
    """A ``(n_rows, n_columns)`` matrix of signs from an integer hash: the same on every machine."""
    key = np.arange(n_rows * n_columns, dtype=np.uint64)
    with np.errstate(over="ignore"):
        key = (key + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = (key >> np.uint64(63)).astype(np.float64).reshape(n_rows, n_columns)
    return bits * 2.0 - 1.0

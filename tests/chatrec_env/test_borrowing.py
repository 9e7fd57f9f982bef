"""Records that a compiled rule borrows: read field by field, changed in place, never returned."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule


class Inner(NamedTuple):
    weights: Any  # (K,)
    pair: Any  # a tuple of two numbers


class Outer(NamedTuple):
    rows: Any  # (N, K)
    inner: Inner
    scale: float


def make() -> Outer:
    return Outer(np.ones((3, 4)), Inner(np.arange(4.0), (10.0, 20.0)), 2.0)


@rule
def add_row(record: Any, n: int, given: Any) -> None:
    row, weights = record.rows[n], record.inner.weights
    low, high = record.inner.pair
    for k in range(row.shape[0]):
        row[k] += record.scale * weights[k] + given[k] + low - high


@rule
def add_all(record: Any, known: Any) -> float:
    record, known = borrowed((record, known))
    given, factor = known
    for n in range(record.rows.shape[0]):
        add_row(record, n, given)
    return float(factor * record.rows.copy().sum())


@rule
def walk(record: Any) -> float:
    record, total = borrowed(record), 0.0
    for n in range(record.rows.shape[0]):
        for x in record.rows[n]:
            total += x
    return total


@rule
def walk_own(n: int) -> float:
    total = 0.0
    for x in np.ones(n):
        total += x
    return total


@rule
def hand_back(record: Any) -> Any:
    record = borrowed(record)
    return record.rows


def test_fields_of_records_in_records_are_read_and_changed_in_place() -> None:
    record = make()
    total = add_all(record, (np.full(4, 9.0), 0.5))
    assert record.rows.tolist() == [[0.0, 2.0, 4.0, 6.0]] * 3  # 1 + 2 k + 9 + 10 - 20
    assert total == 18.0


def test_nobody_counts_who_uses_the_arrays() -> None:
    record = make()
    before = sys.getrefcount(record.rows), sys.getrefcount(record.inner.weights)
    for _ in range(1000):
        add_all(record, (np.zeros(4), 1.0))
    assert (sys.getrefcount(record.rows), sys.getrefcount(record.inner.weights)) == before


@pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT),  # type: ignore[attr-defined]
    reason="rules that are interpreted borrow nothing",
)
def test_what_is_borrowed_is_not_returned() -> None:
    with pytest.raises(Exception, match="cannot return an array that it borrowed"):
        hand_back(make())

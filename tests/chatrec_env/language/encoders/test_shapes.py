"""Calls in fewer rows: only where they give the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.language.encoders import shapes
from chatrec_env.language.encoders.shapes import Arrays, few_rows, in_shapes, rows_for


def test_texts_of_like_length_run_together() -> None:
    assert [(places.tolist(), length) for places, length in in_shapes([3, 30, 8, 9])] == [
        ([0, 2], 8),
        ([3], 12),
        ([1], 32),
    ]
    assert [len(places) for places, _ in in_shapes([48] * 7)] == [5, 2]
    assert in_shapes([]) == []


@pytest.mark.parametrize(("n", "rows"), [(1, 1), (2, 2), (3, 4), (5, 8), (8, 8)])
def test_after_one_trial_a_call_has_no_more_rows_than_it_needs(
    monkeypatch: pytest.MonkeyPatch, n: int, rows: int
) -> None:
    monkeypatch.setattr(shapes, "_same", {})
    calls: list[int] = []

    def compute(rows: int) -> Arrays:
        calls.append(rows)
        return (np.arange(rows),)

    for _ in range(2):
        assert few_rows(compute, n, 12, "net")[0].tolist() == list(range(n))
    assert calls == ([8, rows, rows] if rows < 8 else [8, 8])


def test_where_fewer_rows_give_other_bits_calls_stay_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_same", {})

    def compute(rows: int) -> Arrays:
        return (np.full(rows, 0.1 * rows),)

    for _ in range(3):
        assert few_rows(compute, 1, 12, "net")[0].tolist() == [0.8]


@pytest.mark.parametrize(("length", "rows"), [(8, 8), (32, 8), (48, 5), (128, 2), (256, 1)])
def test_long_texts_run_in_fewer_rows(length: int, rows: int) -> None:
    assert length in shapes.LENGTHS
    assert rows_for(length) == rows

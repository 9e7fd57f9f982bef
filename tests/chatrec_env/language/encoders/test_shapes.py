"""Calls in fewer rows: only where they give the same bits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chatrec_env.language.encoders import shapes
from chatrec_env.language.encoders.shapes import Arrays, Part, in_shapes, of_each, rows_for


def told(parts: Sequence[Part]) -> list[tuple[list[int], int]]:
    return [(places.tolist(), length) for places, length in parts]


def test_texts_of_like_length_run_together() -> None:
    assert told(in_shapes([3, 30, 8, 9])) == [([0, 2], 8), ([3], 12), ([1], 32)]
    assert [len(places) for places, _ in in_shapes([48] * 7)] == [5, 2]
    assert in_shapes([]) == []


class Sums:
    """A network that says of a text its place, and, if it is sloppy, how many tokens were in the call.

    What was tried with one is nothing to another: each is a network of its own.
    """

    def __init__(self, *, sloppy: bool = False) -> None:
        self.sloppy, self.calls = sloppy, list[int]()

    def __call__(self, part: Part) -> Arrays:
        places, length = part
        self.calls.append(len(places) * length)
        return (places + 0.001 * self.calls[-1] * self.sloppy,)


def said(network: Sums, lengths: Sequence[int]) -> list[float]:
    return [float(row[0]) for row in of_each(network, lengths, network)]


@pytest.mark.parametrize(("n", "tokens"), [(1, 12), (2, 24), (3, 36), (8, 96)])
def test_after_one_trial_a_call_has_no_more_rows_than_it_needs(n: int, tokens: int) -> None:
    network = Sums()
    for _ in range(2):
        assert said(network, [12] * n) == list(range(n))
    assert network.calls == ([96, tokens, tokens] if n < 8 else [96, 96])


def test_where_other_calls_give_other_bits_they_stay_full() -> None:
    network = Sums(sloppy=True)
    for _ in range(3):
        assert said(network, [20, 8]) == [0.16, 1.064]


@pytest.mark.parametrize(("length", "rows"), [(8, 8), (32, 8), (48, 5), (128, 2), (256, 1)])
def test_long_texts_run_in_fewer_rows(length: int, rows: int) -> None:
    assert length in shapes.LENGTHS
    assert rows_for(length) == rows

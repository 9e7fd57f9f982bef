"""Calls in fewer rows, and of texts of several lengths: only where they give the same bits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chatrec_env.language.encoders import shapes
from chatrec_env.language.encoders.shapes import Arrays, Part, in_calls, in_shapes, of_each, rows_for


def told(parts: Sequence[Part]) -> list[tuple[list[int], int]]:
    return [(places.tolist(), length) for places, length in parts]


def test_texts_of_like_length_run_together() -> None:
    assert told(in_shapes([3, 30, 8, 9])) == [([0, 2], 8), ([3], 12), ([1], 32)]
    assert [len(places) for places, _ in in_shapes([48] * 7)] == [5, 2]
    assert in_shapes([]) == []


def test_small_parts_make_one_call_up_to_128_tokens() -> None:
    """16 + 12 + 32 tokens; 8 rows of 20 are a call of their own, and so is what finds no room behind them."""
    assert [told(call) for call in in_calls(in_shapes([3, 30, 8, 9]))] == [
        [([0, 2], 8), ([3], 12), ([1], 32)],
    ]
    calls = in_calls(in_shapes([8, *[20] * 8, 24, 96, 8]))
    assert [[(len(places), length) for places, length in call] for call in calls] == [
        [(2, 8)],
        [(8, 20)],
        [(1, 24), (1, 96)],
    ]


class Sums:
    """A network that says of a text its place, and, if it is sloppy, how many tokens were in the call.

    What was tried with one is nothing to another: each is a network of its own.
    """

    def __init__(self, *, sloppy: bool = False) -> None:
        self.sloppy, self.calls = sloppy, list[int]()

    def __call__(self, parts: Sequence[Part]) -> list[Arrays]:
        tokens = sum(len(places) * length for places, length in parts)
        self.calls.append(tokens)
        return [(places + 0.001 * tokens * self.sloppy,) for places, _ in parts]


def said(network: Sums, lengths: Sequence[int]) -> list[float]:
    return [float(row[0]) for row in of_each(network, lengths, network)]


@pytest.mark.parametrize(("n", "tokens"), [(1, 12), (2, 24), (3, 36), (8, 96)])
def test_after_one_trial_a_call_has_no_more_rows_than_it_needs(n: int, tokens: int) -> None:
    network = Sums()
    for _ in range(2):
        assert said(network, [12] * n) == list(range(n))
    assert network.calls == ([96, tokens, tokens] if n < 8 else [96, 96])


def test_after_one_trial_texts_of_several_lengths_are_read_in_one_call() -> None:
    """Tried against a call for each length, which were tried against full ones: 8 rows of 8, 8 rows of 20."""
    network = Sums()
    for _ in range(2):
        assert said(network, [20, 8, 19]) == [0, 1, 2]
    assert network.calls == [64, 8, 160, 40, 48, 48]


def test_where_other_calls_give_other_bits_they_stay_full() -> None:
    network = Sums(sloppy=True)
    for _ in range(3):
        assert said(network, [20, 8]) == [0.16, 1.064]


def test_a_network_that_takes_one_length_at_a_time_is_called_so() -> None:
    network = Sums()
    for _ in range(2):
        of_each(network, [20, 8], network, joined=False)
    assert network.calls[-2:] == [8, 20]


@pytest.mark.parametrize(("length", "rows"), [(8, 8), (32, 8), (48, 5), (128, 2), (256, 1)])
def test_long_texts_run_in_fewer_rows(length: int, rows: int) -> None:
    assert length in shapes.LENGTHS
    assert rows_for(length) == rows

"""Spans and bins of a numeric facet."""

from __future__ import annotations

import math

import pytest

from chatrec_env.language.reader.bins import bins_beyond, bins_inside

LENGTHS = (0, 90, 120, math.inf)  # short, medium, long
PRICES = (0, 1, 200, 1000)  # free, up to 200, dear


@pytest.mark.parametrize(
    ("low", "high", "bins"),
    [
        pytest.param(95, 96, [1], id="one-number"),
        pytest.param(65, 120, [1], id="less-than-half-of-both"),
        pytest.param(45, 120, [0, 1], id="half-of-it-is-enough"),
        pytest.param(100, 140, [1, 2], id="half-in-each"),
        pytest.param(-5, -1, [], id="nowhere"),
    ],
)
def test_a_span_stands_for_the_bins_it_half_covers(low: float, high: float, bins: list[int]) -> None:
    assert bins_inside(LENGTHS, low, high) == bins


@pytest.mark.parametrize(
    ("edges", "edge", "side", "bins"),
    [
        pytest.param(LENGTHS, 90, 1, [1, 2], id="above-an-edge"),
        pytest.param(LENGTHS, 120, -1, [1, 0], id="below-an-edge-nearest-first"),
        pytest.param(LENGTHS, 100, 1, [1, 2], id="most-of-the-bin"),
        pytest.param(LENGTHS, 110, 1, [2], id="little-of-the-bin"),
        pytest.param(LENGTHS, 150, -1, [1, 0], id="into-the-open-bin"),
        pytest.param(PRICES, 50, -1, [1, 0], id="more-than-free"),
        pytest.param(PRICES, 1200, 1, [], id="beyond-all"),
    ],
)
def test_what_is_above_or_below(edges: tuple[float, ...], edge: float, side: int, bins: list[int]) -> None:
    assert bins_beyond(edges, edge, side) == bins

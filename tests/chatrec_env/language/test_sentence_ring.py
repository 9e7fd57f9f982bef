"""Which row an id leads to: fixed ids are their own rows, free ones take turns in a ring."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.language.sentence_ring import SentenceRing, row_of


@pytest.mark.parametrize(
    ("sentence_id", "end", "row"),
    [
        pytest.param(-1, 10, 13, id="no-sentence-is-the-last-row"),
        pytest.param(0, 10, 0, id="first-fixed"),
        pytest.param(9, 17, 9, id="last-fixed"),
        pytest.param(10, 11, 10, id="first-free"),
        pytest.param(12, 13, 12, id="ring-is-full"),
        pytest.param(13, 14, 10, id="around-once"),
        pytest.param(10, 14, 13, id="and-the-oldest-is-dropped"),
        pytest.param(11, 14, 11, id="the-next-oldest-is-kept"),
        pytest.param(17, 18, 11, id="around-twice"),
    ],
)
def test_row_of(sentence_id: int, end: int, row: int) -> None:
    # Ten fixed sentences in rows 0..9, three free ones in rows 10..12, and the empty row 13.
    assert row_of(sentence_id, 10, 3, end) == row


def test_a_ring_hands_out_the_rows_of_the_rule() -> None:
    ring = SentenceRing(10, 3)
    assert [ring.add(text) for text in "abcde"] == [(10, 10), (11, 11), (12, 12), (13, 10), (14, 11)]
    assert (len(ring), ring.end, ring.nowhere) == (3, 15, 13)
    np.testing.assert_array_equal(ring.row(np.array([[4, 11], [14, -1]])), [[4, 13], [11, 13]])
    assert ring.new(["e", "f"]) == ["f"]
    assert ring.new(["d", "f"]) == ["d", "f"]  # two new ones would leave no room for d


def test_rows_have_the_shape_of_their_ids() -> None:
    ring = SentenceRing(10, 3)
    assert ring.row(np.array(7, np.int32)).shape == ()
    assert ring.row(np.zeros((2, 0), np.int32)).shape == (2, 0)
    assert ring.row(np.arange(9)[::3]).tolist() == [0, 3, 6]

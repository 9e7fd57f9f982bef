"""What a sentence's acts come to as a row of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.sentence_rows import COLUMNS, SentenceRows, all_ready, rows_ready

V, F, DIM = 4, 2, 8


def act(kind: UserAct, **fields: Any) -> ParsedAct:
    return ParsedAct(kind, **fields)


@pytest.mark.parametrize(
    ("kind", "wish"),
    [
        (UserAct.WANT, 1),
        (UserAct.CHANGE_MIND, 1),
        (UserAct.LIKE_BUT, 1),
        (UserAct.AVOID, -1),
        (UserAct.TOO, -1),
        (UserAct.ENOUGH_OF, -1),
        (UserAct.YES, 0),
    ],
)
def test_wishes_follow_the_act(kind: UserAct, wish: int) -> None:
    rows = SentenceRows(1, 1, n_values=V, n_facets=F, dim=DIM)
    rows.write(0, [act(kind, value=2)], np.ones(DIM, np.float32))
    np.testing.assert_array_equal(rows.arrays.wishes[0], [0, 0, 2 * wish, 0])
    assert rows.arrays.flags[0] == 1 << kind
    assert rows.arrays.replaces[0] == (kind == UserAct.CHANGE_MIND)


@pytest.mark.parametrize(
    ("kind", "polarity", "compiled"),
    [
        pytest.param(UserAct.LIKED_ITEM, 0, 1, id="liked"),
        pytest.param(UserAct.DISLIKED_ITEM, 0, -1, id="disliked"),
        pytest.param(UserAct.MORE_LIKE_THAT, 0, 1, id="more-like"),
        pytest.param(UserAct.RELATIVE, 0, 1, id="like-but-newer"),
        pytest.param(UserAct.SEEN_IT, 0, 0, id="seen-is-neither"),
        pytest.param(UserAct.ACCEPT, 1, 1, id="polarity-as-parsed"),
    ],
)
def test_an_item_has_the_polarity_of_its_act(kind: UserAct, polarity: int, compiled: int) -> None:
    rows = SentenceRows(1, 1, n_values=V, n_facets=F, dim=DIM)
    rows.write(0, [act(kind, item=7, polarity=polarity)], np.ones(DIM, np.float32))
    assert (rows.arrays.item[0], rows.arrays.item_polarity[0]) == (7, compiled)


def test_several_acts_share_a_row_and_the_next_sentence_starts_clean() -> None:
    rows = SentenceRows(1, 2, n_values=V, n_facets=F, dim=DIM)
    rows.write(
        0,
        [
            act(UserAct.WANT, value=0),
            act(UserAct.AVOID, value=3),
            act(UserAct.RELATIVE, facet=1, direction=-1),
            act(UserAct.CONTEXT, context=2),
            act(UserAct.ENTITY, entity=9, polarity=-1),
            act(UserAct.LIKED_ITEM, item=5),
            act(UserAct.DISLIKED_ITEM, item=6),
        ],
        np.ones(DIM, np.float32),
    )
    np.testing.assert_array_equal(rows.arrays.wishes[0], [2, 0, 0, -2])
    np.testing.assert_array_equal(rows.arrays.relative[0], [0, -1])
    assert (rows.arrays.context[0], rows.arrays.entity[0], rows.arrays.entity_polarity[0]) == (2, 9, -1)
    assert (rows.arrays.item[0], rows.arrays.item_polarity[0]) == (5, 1)  # the first one named
    kinds = (UserAct.WANT, UserAct.AVOID, UserAct.RELATIVE, UserAct.CONTEXT, UserAct.ENTITY)
    assert rows.arrays.flags[0] == sum(1 << k for k in (*kinds, UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM))
    rows.write(0, [], np.zeros(DIM, np.float32))
    for name in COLUMNS[:-1]:
        np.testing.assert_array_equal(
            getattr(rows.arrays, name)[0], getattr(rows.arrays, name)[1], err_msg=name
        )


def test_rows_are_ready_when_all_their_ids_were_handed_out_and_filled() -> None:
    rows = SentenceRows(3, 2, n_values=V, n_facets=F, dim=DIM)
    rows.write(1, [], np.ones(DIM, np.float32))
    rows.write(3, [], np.ones(DIM, np.float32))
    cases = {(1, 3, -1): True, (): True, (1, 0): False, (4,): False, (-2,): False}
    for ids, ready in cases.items():
        given = np.array(ids, np.int64)
        assert rows_ready(given, rows.arrays.ready, 3, 2, 4) == ready, ids
        assert all_ready(given, rows.arrays, 4) == ready, ids

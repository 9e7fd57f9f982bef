"""What a sentence's acts come to as a row of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.questions import Question
from chatrec_env.language.sentence_rows import COLUMNS, UNLISTED, SentenceRows, all_ready, rows_ready

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


TOPICS, UNANSWERED = ("genre", "length", "director"), ("streaming", "subtitles")


@pytest.mark.parametrize(
    ("asked", "question", "about"),
    [
        pytest.param([], Question.NONE, -1, id="nothing-asked"),
        pytest.param([act(UserAct.WANT, value=2)], Question.NONE, -1, id="a-wish"),
        pytest.param([act(UserAct.ASK_FACT, facet=1)], Question.FACT, 1, id="how-long-is-it"),
        pytest.param([act(UserAct.ASK_FACT, topic="director")], Question.FACT, 2, id="whose-is-it"),
        pytest.param([act(UserAct.ASK_FACT, value=2, facet=0)], Question.VALUE, 2, id="is-it-scary"),
        pytest.param([act(UserAct.ASK_FACT, entity=9)], Question.ENTITY, 9, id="is-somebody-in-it"),
        pytest.param([act(UserAct.ASK_PLOT)], Question.PLOT, -1, id="what-is-it-about"),
        pytest.param([act(UserAct.ASK_OPINION, item=7)], Question.OPINION, -1, id="is-it-good"),
        pytest.param([act(UserAct.ASK_WHY)], Question.WHY, -1, id="why"),
        pytest.param([act(UserAct.COMPARE)], Question.COMPARE, -1, id="compare"),
        pytest.param([act(UserAct.COMPARE, facet=1)], Question.COMPARE, 1, id="which-is-longer"),
        pytest.param([act(UserAct.COMPARE, topic="director")], Question.COMPARE, 2, id="whose-are-they"),
        pytest.param([act(UserAct.ASK_FACT, topic="streaming")], Question.UNKNOWN, 3, id="can-i-stream-it"),
        pytest.param([act(UserAct.ASK_FACT, topic="subtitles")], Question.UNKNOWN, 4, id="with-subtitles"),
        pytest.param([act(UserAct.ASK_FACT, topic="weather")], Question.UNKNOWN, 5, id="anything-else"),
        pytest.param([act(UserAct.ASK_FACT)], Question.UNKNOWN, 5, id="about-nothing"),
        pytest.param(
            [act(UserAct.WANT, value=1), act(UserAct.ASK_WHY), act(UserAct.ASK_PLOT)],
            Question.WHY,
            -1,
            id="the-first-of-two",
        ),
    ],
)
def test_a_question_is_two_numbers(asked: list[ParsedAct], question: Question, about: int) -> None:
    rows = SentenceRows(1, 1, n_values=V, n_facets=F, dim=DIM, topics=TOPICS, unanswered=UNANSWERED)
    rows.write(0, asked, np.ones(DIM, np.float32))
    assert (rows.arrays.question[0], rows.arrays.about[0]) == (question, about)
    rows.write(0, [], np.ones(DIM, np.float32))
    assert (rows.arrays.question[0], rows.arrays.about[0]) == (Question.NONE, -1)


@pytest.mark.parametrize(
    ("strength", "halves"), [(0.5, 1), (1.0, 2), (2.0, 3)], ids=["soft", "plain", "firm"]
)
@pytest.mark.parametrize(("kind", "sign"), [(UserAct.WANT, 1), (UserAct.EXCEPT, -1)], ids=["want", "except"])
def test_wishes_are_halves_of_plain_ones(kind: UserAct, sign: int, strength: float, halves: int) -> None:
    rows = SentenceRows(1, 1, n_values=V, n_facets=F, dim=DIM)
    rows.write(0, [act(kind, value=1, strength=strength)], np.ones(DIM, np.float32))
    assert rows.arrays.wishes[0].tolist() == [0, sign * halves, 0, 0]


def test_what_is_dropped_or_missed_is_no_wish() -> None:
    rows = SentenceRows(1, 1, n_values=V, n_facets=F, dim=DIM)
    said = [act(UserAct.DROP, value=3), act(UserAct.MISMATCH, value=1), act(UserAct.MISMATCH, value=2)]
    rows.write(0, said, np.ones(DIM, np.float32))
    assert rows.arrays.wishes[0].tolist() == [0, 0, 0, 0]
    assert rows.arrays.dropped[0].tolist() == [False, False, False, True]
    assert rows.arrays.lacking[0] == 1  # the first one missed


@pytest.mark.parametrize(
    ("said", "item"),
    [
        pytest.param([act(UserAct.LIKED_ITEM)], -1, id="loved-it"),
        pytest.param([act(UserAct.LIKED_ITEM, topic="blue sunset")], UNLISTED, id="loved-what-is-not-listed"),
        pytest.param([act(UserAct.LIKE, entity=4)], UNLISTED, id="like-those-of-somebody"),
        pytest.param(
            [act(UserAct.LIKE, topic="blue sunset"), act(UserAct.LIKE, item=7)], 7, id="one-of-two-listed"
        ),
        pytest.param([act(UserAct.ENTITY, entity=4, polarity=1)], -1, id="a-wish-for-somebody"),
    ],
)
def test_an_opinion_of_what_is_not_listed_is_told_from_one_of_what_is_shown(
    said: list[ParsedAct], item: int
) -> None:
    rows = SentenceRows(1, 1, n_values=V, n_facets=F, dim=DIM)
    rows.write(0, said, np.ones(DIM, np.float32))
    assert rows.arrays.item[0] == item

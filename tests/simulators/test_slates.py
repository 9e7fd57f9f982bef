"""Slates of several items: who looks where, who clicks what, and how it feels; a slate of one is the usual case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.actions import blank_turn
from chatrec_env.core.records import copy
from chatrec_env.core.user_simulator import SystemTurn, UserTurn
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form

Crowd = Callable[..., Any]

N = 4000
U_KNOWN, U_CLICK = 0, 1


def slate(items: Any, n: int = N) -> SystemTurn:
    turn = blank_turn(n, len(items))
    turn.act[:], turn.slate[:] = SystemAct.RECOMMEND, items
    return turn


def neutral(crowd: Crowd, n: int = N, **changes: Any) -> tuple[Any, Any]:
    """People who trust fully, know nothing beforehand, and to whom every item is worth their threshold."""
    users, people, _ = crowd(
        n, **{"familiarity": 0.0, "trust": 1.0, "leave_constant": 0.0, "drift": 0.0, **changes}
    )
    people.desire[:], people.factor_taste[:], people.threshold[:] = 0.0, 0.0, 0.0
    users.items.quality[:] = 0.0
    return users, people


def respond(users: Any, people: Any, turn: SystemTurn) -> UserTurn:
    """Everybody with another uniform for the click, evenly spread; no other chance."""
    n = len(people.trust)
    draws = np.full((n, users.turn_draws), 0.99)
    draws[:, U_CLICK] = (np.arange(n) + 0.5) / n
    found: UserTurn = users.respond(people, turn, draws)
    return found


def shares(turn: UserTurn, width: int) -> list[float]:
    """How many click each position, then nothing."""
    return [float((turn.click == s).mean()) for s in (*range(width), -1)]


def apart(users: Any, n: int) -> list[int]:
    """Items no two of which share a value that satiates."""
    found: list[int] = []
    for i in range(users.catalog.n_items):
        if not (users.items.sating[found] @ users.items.sating[i]).any():
            found.append(i)
    return found[:n]


def test_the_choice_is_among_the_examined_or_none(crowd: Crowd) -> None:
    """At the threshold: weights 1, 0.85 and 0.7225 against 1 for nothing; an empty place counts for nothing."""
    users, people = neutral(crowd)
    items = apart(users, 3)
    total = 1 + 1 + 0.85 + 0.7225
    expected = [1 / total, 0.85 / total, 0.7225 / total, 1 / total]
    assert shares(respond(users, copy(people), slate(items)), 3) == pytest.approx(expected, abs=1e-3)
    gap = [1 / 2.7225, 0.0, 0.7225 / 2.7225, 1 / 2.7225]
    assert shares(respond(users, people, slate([items[0], -1, items[2]])), 3) == pytest.approx(gap, abs=1e-3)


def test_who_does_not_trust_looks_half_as_often(crowd: Crowd) -> None:
    users, people = neutral(crowd)
    people.trust[:] = 0.0
    found = shares(respond(users, people, slate(apart(users, 2))), 2)
    assert found == pytest.approx([0.5 / 1.925, 0.425 / 1.925, 1 / 1.925], abs=1e-3)


def test_two_different_items_are_worth_more_than_the_same_twice(crowd: Crowd) -> None:
    """The second copy loses satiability * x . x, as if the first had been consumed."""
    users, people = neutral(crowd)
    people.satiability[:] = 0.25
    one, other = apart(users, 2)
    twice = shares(respond(users, copy(people), slate([one, one])), 2)
    apiece = shares(respond(users, copy(people), slate([one, other])), 2)
    x = users.items.sating[one]
    second = 0.85 * np.exp(-0.25 * float(x @ x))
    assert twice == pytest.approx(np.array([1, second, 1]) / (2 + second), abs=1e-3)
    assert apiece == pytest.approx(np.array([1, 0.85, 1]) / 2.85, abs=1e-3)
    assert twice[2] > apiece[2]


def test_likeness_counts_as_far_as_the_other_was_examined(crowd: Crowd) -> None:
    """In third place, below an item examined by 0.85 that satiates the same."""
    users, people = neutral(crowd)
    people.satiability[:] = 0.25
    one, other = apart(users, 2)
    x = users.items.sating[one]
    third = 0.7225 * np.exp(-0.25 * 0.85 * float(x @ x))
    found = shares(respond(users, people, slate([other, one, one])), 3)
    assert found == pytest.approx(np.array([1, 0.85, third, 1]) / (2.85 + third), abs=1e-3)


def test_what_is_known_is_not_clicked(crowd: Crowd) -> None:
    """Each item is known on its own account, the same one twice only at once; the rest is chosen among."""
    users, people = neutral(crowd, familiarity=1.0)
    popular = int(users.catalog.popularity.argmax())
    fresh = int(users.catalog.popularity.argmin())
    assert users.catalog.popularity[popular] == 1.0
    assert users.catalog.popularity[fresh] == 0.0
    found = shares(respond(users, copy(people), slate([popular, fresh, popular])), 3)
    assert found == pytest.approx([0, 0.85 / 1.85, 0, 1 / 1.85], abs=1e-3)


def test_the_first_of_a_slate_is_known_by_the_same_draw_as_alone(crowd: Crowd) -> None:
    users, people, _ = crowd(400, familiarity=0.5, leave_constant=0.0)
    people.threshold[:] = 40.0  # clicks nothing
    item = int(users.catalog.popularity.argmax())
    draws = np.random.default_rng(0).random((400, users.turn_draws))
    seen = []
    for items in ([item], [item, (item + 1) % users.catalog.n_items]):
        said = users.respond(copy(people), slate(items, 400), draws).sentences
        seen.append([users.grammar.describe(int(i))[0] is Form.SEEN_IT for i in said[:, 0]])
    assert seen[0] == seen[1]
    assert 0 < np.mean(seen[0]) < 1


def test_an_empty_place_does_not_change_a_slate_of_one(crowd: Crowd) -> None:
    """Padded with -1, it is the same turn, bit for bit."""
    users, people, _ = crowd(500)
    items = np.random.default_rng(1).integers(0, users.catalog.n_items, 500)
    draws = np.random.default_rng(2).random((500, users.turn_draws))
    turns, after = [], []
    for width in (1, 3):
        turn, mine = blank_turn(500, width), copy(people)
        turn.act[:], turn.slate[:, 0] = SystemAct.RECOMMEND, items
        turns.append(users.respond(mine, turn, draws))
        after.append(mine)
    for name in ("click", "stars", "leave", "sentences"):
        np.testing.assert_array_equal(getattr(turns[0], name), getattr(turns[1], name))
    for one, other in zip(*after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_click_satiates_with_the_clicked_item_and_none_is_felt_as_ignored(crowd: Crowd) -> None:
    users, people = neutral(crowd, ignored=-0.5)
    items = np.array(apart(users, 3))
    turn = respond(users, people, slate(items))
    clicked = turn.click >= 0
    np.testing.assert_array_equal(people.satiation[clicked], users.items.sating[items[turn.click[clicked]]])
    assert not people.satiation[~clicked].any()
    assert (turn.stars[clicked] >= 1).all()
    assert people.satisfaction[~clicked] == pytest.approx(0.3 * -0.5)
    assert (people.waiting[~clicked] == 1).all()


def test_knowing_the_first_is_no_excuse_for_the_others(crowd: Crowd) -> None:
    """Who clicks nothing says of the first that they know it, but the others were passed over."""
    users, people = neutral(crowd, 2, familiarity=1.0)
    people.threshold[:] = 40.0
    popular, fresh = int(users.catalog.popularity.argmax()), int(users.catalog.popularity.argmin())
    turn = slate([popular, popular], 2)
    turn.slate[1, 1] = fresh
    said = respond(users, people, turn).sentences
    assert [users.grammar.describe(int(i))[0] for i in said[:, 0]] == [Form.SEEN_IT] * 2
    assert people.satisfaction.tolist() == pytest.approx([0.0, 0.3 * users.scenario.ignored])

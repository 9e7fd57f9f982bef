"""People as a whole: one utility behind everything they do, and the same person whoever they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.actions import blank_turn
from chatrec_env.core.kernel import start_batch, step_batch
from chatrec_env.core.user_simulator import SystemTurn
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form

Crowd = Callable[..., Any]


def suggest(items: Any, reason: int = -1) -> SystemTurn:
    turn = blank_turn(len(items), 1)
    turn.act[:], turn.slate[:, 0], turn.reason[:] = SystemAct.RECOMMEND, items, reason
    return turn


def ask(n: int, facet: int) -> SystemTurn:
    turn = blank_turn(n, 1)
    turn.act[:], turn.facet[:] = SystemAct.ASK, facet
    return turn


def test_the_utility_by_hand(crowd: Crowd) -> None:
    users, people, _ = crowd(6)
    films, rng = users.catalog, np.random.default_rng(0)
    people.satiation[:] = rng.integers(0, 8, people.satiation.shape) / 4
    items = rng.integers(0, films.n_items, (6, 2)).astype(np.int32)
    found = users.utility(people, items)
    for n in range(6):
        for s, item in enumerate(items[n]):
            satiates = np.array([films.facets[f].multi_valued for f in films.value_facet])
            expected = (
                (people.desire[n].astype(float) * films.weighted_values[item]).sum()
                + (people.factor_taste[n].astype(float) * films.factors[item]).sum()
                + 0.5 * films.acclaim[item]
                + 0.25 * films.popularity[item]
                - people.satiability[n] * (people.satiation[n] * films.weighted_values[item] * satiates).sum()
            )
            assert found[n, s] == pytest.approx(expected, rel=1e-5)
    revealed = users.reveal(people)["utility"]
    np.testing.assert_allclose(np.take_along_axis(revealed, items, axis=1), found, atol=1e-4)


def test_null_utility_is_the_retrieval_score() -> None:
    """Of every item, for everybody, once they have spoken: what the person wants is what we look for."""
    task = make_task(EnvConfig(encoder="hash", scenario="null"))
    state = start_batch(task, np.random.default_rng(1).random((50, task.n_draws)))
    scores = task.manager.retriever.scores(state.dialogue.wishes, np.zeros((50, 16), np.float32))
    np.testing.assert_array_equal(scores, task.users.reveal(state.people)["utility"].astype(np.float32))
    best = scores.argmax(1)
    np.testing.assert_array_equal(state.dialogue.candidates[:, 0], best)


def test_people_click_more_on_what_they_want(crowd: Crowd) -> None:
    """Same people, same draws: items with all of a wanted facet's value against items without."""
    users, _, _ = crowd(1)
    films = users.catalog
    clicks = {}
    for has in (True, False):
        _, people, _ = crowd(4000, seed=3)
        pick = np.random.default_rng(1)
        wanted = people.wanted[:, films.facet_slices[0]].argmax(1)
        items = np.array([pick.choice(np.flatnonzero((films.values[:, v] > 0) == has)) for v in wanted])
        turn = users.respond(
            people, suggest(items), np.random.default_rng(4).random((4000, users.turn_draws))
        )
        clicks[has] = (turn.click >= 0).mean()
        assert (turn.stars[turn.click >= 0] >= 1).all()
        assert (turn.stars[turn.click < 0] == 0).all()
    assert clicks[True] > 1.5 * clicks[False]


def test_the_click_rate_is_the_choice_models(crowd: Crowd) -> None:
    """At the threshold, with full trust and nothing seen before: one half."""
    users, people, _ = crowd(20_000, familiarity=0.0, trust=1.0)
    items = np.arange(20_000, dtype=np.int32) % users.catalog.n_items
    people.threshold[:] = users.utility(people, items[:, None])[:, 0]
    turn = users.respond(people, suggest(items), np.random.default_rng(0).random((20_000, users.turn_draws)))
    assert (turn.click >= 0).mean() == pytest.approx(0.5, abs=0.012)


@pytest.mark.parametrize("name", ["full", "null"])
def test_what_was_consumed_satiates_and_recovers(crowd: Crowd, name: str) -> None:
    users, people, _ = crowd(50, name, leave_constant=0.0, drift=0.0, changes_mind=0.0)
    people.threshold[:] = -40.0  # takes anything
    people.familiarity[:] = 0.0
    items = np.arange(50, dtype=np.int32)
    before = users.utility(people, items[:, None])
    draws = np.full((50, users.turn_draws), 0.5)
    assert (users.respond(people, suggest(items), draws).click == 0).all()
    after = users.utility(people, items[:, None])
    sating = users.items.sating[items]
    loss = people.satiability[:, None] * (sating * sating).sum(1, keepdims=True)
    np.testing.assert_allclose(before - after, loss, atol=1e-4)
    if name == "null":
        assert not loss.any()
    for _ in range(3):
        users.respond(people, ask(50, 0), draws)
    rest = before - users.utility(people, items[:, None])
    np.testing.assert_allclose(rest, users.scenario.satiation_decay**3 * loss, atol=1e-4)


def test_null_people_leave_whatever_is_done(crowd: Crowd) -> None:
    """The same leave in the same turn, whether they are asked, shown trash or shown what they want."""
    gone = []
    for kind in range(3):
        users, people, _ = crowd(400, "null")
        rng, left = np.random.default_rng(9), []
        best = users.reveal(people)["utility"]
        for t in range(8):
            turn = (ask(400, t), suggest(best.argmin(1)), suggest(best.argmax(1)))[kind]
            left.append(users.respond(people, turn, rng.random((400, users.turn_draws))).leave)
        gone.append(np.stack(left))
    np.testing.assert_array_equal(gone[0], gone[1])
    np.testing.assert_array_equal(gone[0], gone[2])
    assert gone[0].mean() == pytest.approx(0.08, abs=0.015)


def test_full_people_leave_those_who_bore_them(crowd: Crowd) -> None:
    rates = []
    for best in (True, False):
        users, people, _ = crowd(400)
        rng, left = np.random.default_rng(9), np.zeros(400, bool)
        utility = users.reveal(people)["utility"]
        items = utility.argmax(1) if best else utility.argmin(1)
        for _ in range(6):
            left |= users.respond(people, suggest(items), rng.random((400, users.turn_draws))).leave
        rates.append(left.mean())
    assert rates[1] > rates[0] + 0.2


def test_the_same_draws_are_the_same_person_under_two_policies() -> None:
    """Common random numbers: profiles, opening, and the mood of every turn do not depend on the policy."""
    task = make_task(EnvConfig(encoder="hash", max_turns=6))
    draws = np.random.default_rng(2).random((30, task.n_draws))
    asked, shown = start_batch(task, draws), start_batch(task, draws)
    np.testing.assert_array_equal(asked.dialogue.said, shown.dialogue.said)
    for t in range(3):
        step_batch(task, asked, np.full(30, t))
        step_batch(task, shown, np.full(30, task.actions.fallback))
        np.testing.assert_array_equal(asked.draws, shown.draws)
        for name in (
            "threshold",
            "generosity",
            "patience",
            "satiability",
            "factor_taste",
            "style",
            "context",
        ):
            np.testing.assert_array_equal(getattr(asked.people, name), getattr(shown.people, name))
    # Back on the same path, they do the same: a copy of the state under the same actions.
    twin = shown.copy()
    for _ in range(3):
        a = step_batch(task, shown, np.full(30, task.actions.fallback + 1))
        b = step_batch(task, twin, np.full(30, task.actions.fallback + 1))
        np.testing.assert_array_equal(a.reward, b.reward)
        np.testing.assert_array_equal(a.user.sentences, b.user.sentences)


def test_a_change_of_mind_is_one_wish_for_another(crowd: Crowd) -> None:
    """Same facet, same size, not a wish or a dislike already, and said."""
    users, people, _ = crowd(300, changes_mind=1.0, taste_scale=0.0, drift=0.0, leave_constant=0.0)
    facets, before, desire = np.asarray(users.catalog.value_facet), people.wanted.copy(), people.desire.copy()
    turn = users.respond(people, ask(300, 0), np.random.default_rng(6).random((300, users.turn_draws)))
    for row in range(300):
        old = np.flatnonzero(before[row] & ~people.wanted[row])
        new = np.flatnonzero(people.wanted[row] & ~before[row])
        assert len(old) == len(new) == 1
        assert facets[old[0]] == facets[new[0]]
        assert not people.unwanted[row, new[0]]
        moved = people.desire[row] - desire[row]
        assert set(np.flatnonzero(moved)) == {old[0], new[0]}
        assert moved[new[0]] == -moved[old[0]] > 0
        assert users.grammar.describe(int(turn.sentences[row, 1]))[:2] == (Form.CHANGE_MIND, new[0])


@pytest.mark.parametrize(
    ("worth", "form"), [pytest.param(1.0, Form.YES, id="yes"), pytest.param(0.0, Form.NO, id="no")]
)
def test_confirmations(crowd: Crowd, worth: float, form: Form) -> None:
    users, people, _ = crowd(3, changes_mind=0.0, leave_constant=0.0)
    people.desire[:, 4] = worth
    turn = blank_turn(3, 1)
    turn.act[:], turn.value[:] = SystemAct.CONFIRM, 4
    said = users.respond(people, turn, np.full((3, users.turn_draws), 0.9)).sentences
    assert [users.grammar.describe(int(i))[0] for i in said[:, 0]] == [form] * 3


def test_trust_follows_true_and_false_reasons(crowd: Crowd) -> None:
    users, people, _ = crowd(2, trust_gain=0.5, trust_loss=0.5)
    people.trust[:] = 0.6
    people.desire[:, 4] = 1.0, -1.0
    users.respond(people, suggest(np.array([0, 0]), reason=4), np.full((2, users.turn_draws), 0.9))
    assert people.trust.tolist() == pytest.approx([0.8, 0.3])


def test_questions_wear_patience_out(crowd: Crowd) -> None:
    users, people, _ = crowd(1, leave_constant=0.0)
    people.patience[:] = 2.0
    mood = []
    for facet in (0, 1, 2):
        users.respond(people, ask(1, facet), np.full((1, users.turn_draws), 0.9))
        mood.append(float(people.satisfaction[0]))
    assert mood == pytest.approx([0.0, 0.0, 0.3 * users.scenario.question_reaction])
    assert people.waiting.tolist() == [1]


def test_the_known_is_not_clicked_again(crowd: Crowd) -> None:
    users, people, _ = crowd(500, familiarity=1.0, leave_constant=0.0)
    people.threshold[:] = -40.0
    item = int(users.catalog.popularity.argmax())
    assert users.catalog.popularity[item] == 1.0
    turn = users.respond(people, suggest(np.full(500, item)), np.random.default_rng(0).random((500, 14)))
    assert (turn.click == -1).all()
    assert {users.grammar.describe(int(i))[0] for i in turn.sentences[:, 0]} == {Form.SEEN_IT}
    assert not people.satisfaction.any()

"""Reward terms against numbers worked by hand, and what shaping may not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.kernel import Task, potential, start_batch, step_batch
from chatrec_env.core.rewards import Happened, Outcome, RewardConfig, reward
from chatrec_env.core.state import ANSWERED
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.language.acts import SystemAct
from chatrec_env.shaping.entries import PAYMENTS, POTENTIALS, TERMS, register_potential, register_reward_term
from chatrec_env.shaping.presets import REWARDS

TURNS = {
    "accepted-5-stars": ({"clicked": True, "stars": 5}, {"click": 1.0, "rating": 0.5}),
    "accepted-3-stars": ({"clicked": True, "stars": 3}, {"click": 1.0}),
    "accepted-1-star": ({"clicked": True, "stars": 1}, {"click": 1.0, "rating": -0.5}),
    "ignored": ({"stars": 5}, {}),
    "asked": ({"asked": True}, {"ask": -0.05}),
    "asked-once-too-often": ({"asked": True, "left": True}, {"ask": -0.05, "leave": -0.5}),
    "closed": ({"terminated": True}, {}),
    "thanks-and-leaves": (
        {"clicked": True, "stars": 4, "left": True, "terminated": True},
        {"click": 1.0, "rating": 0.25, "leave": -0.5},
    ),
}


def terms_of(config: RewardConfig, **turn: Any) -> tuple[dict[str, float], float]:
    """The terms of one turn in which nothing happened but what is named, and the reward."""
    numbers = {name: np.array([turn.get(name, 0.0)]) for name in ("potential", "next_potential")}
    outcome = Outcome(
        click=np.array([0 if turn.get("clicked") else -1], np.int8),
        stars=np.array([turn.get("stars", 0)], np.int8),
        act=np.array([SystemAct.ASK if turn.get("asked") else SystemAct.RECOMMEND], np.int8),
        left=np.array([turn.get("left", False)]),
        terminated=np.array([turn.get("terminated", False)]),
        **numbers,
    )
    terms, total = np.empty((1, len(TERMS))), np.empty(1)
    reward(outcome, config.weights, terms, total)
    return dict(zip(TERMS, terms[0].tolist(), strict=True)), float(total[0])


@pytest.mark.parametrize(("turn", "expected"), TURNS.values(), ids=TURNS)
def test_terms_by_hand(turn: dict[str, Any], expected: dict[str, float]) -> None:
    terms, total = terms_of(RewardConfig(), **turn)
    assert {name: term for name, term in terms.items() if term != 0} == expected
    assert total == pytest.approx(sum(expected.values()))


@pytest.mark.parametrize(
    ("terminated", "expected"),
    [
        # 2 * (0.9 * 0.75 - 0.5) and 2 * (0 - 0.5)
        pytest.param(False, 0.35, id="goes-on-or-truncated"),
        pytest.param(True, -1.0, id="terminal-potential-is-zero"),
    ],
)
def test_shaping_by_hand(terminated: bool, expected: float) -> None:
    config = RewardConfig(shaping="knowledge", shaping_scale=2.0, gamma=0.9)
    terms, total = terms_of(config, potential=0.5, next_potential=0.75, terminated=terminated)
    assert terms["shaping"] == pytest.approx(expected)
    assert total == pytest.approx(expected)


@pytest.mark.parametrize("shaping", POTENTIALS)
def test_shaping_telescopes_to_minus_the_first_potential(task_of: Callable[..., Task], shaping: str) -> None:
    """Ng, Harada and Russell (1999): over an episode, ``sum gamma^t F_t = gamma^T phi(s_T) - phi(s_0)``.

    A terminal state has no potential; the last state of a truncated conversation keeps its own.
    """
    gamma, scale = 0.9, 1.5
    reward = {"shaping": shaping, "gamma": gamma, "shaping_scale": scale}
    task = task_of(reward=reward, max_turns=8, actions="strategy")
    rng = np.random.default_rng(2)
    state = start_batch(task, rng.random((60, task.n_draws)))
    first = potential(task, state.dialogue).copy()
    found, rows = np.zeros(60), np.arange(60)
    kinds = {"terminated": 0, "truncated": 0}
    for t in range(8):
        turn = step_batch(task, state, rng.integers(0, 6 if t > 3 else 5, len(state)))
        found[rows] += gamma**t * turn.terms["shaping"]
        for done, kind in ((turn.terminated, "terminated"), (turn.truncated, "truncated")):
            last = 0.0 if kind == "terminated" else gamma ** (t + 1) * potential(task, state.dialogue)[done]
            np.testing.assert_allclose(found[rows[done]], scale * (last - first[rows[done]]), atol=1e-12)
            kinds[kind] += int(done.sum())
        keep = np.flatnonzero(~(turn.terminated | turn.truncated))
        rows, state = rows[keep], state.take(keep)
        if not len(keep):
            break
    assert min(kinds.values()) > 0
    if shaping == "knowledge":
        assert (first > 0).any()


@pytest.mark.parametrize("shaping", ["none", *POTENTIALS])
def test_shaping_leaves_the_other_terms_alone(task_of: Callable[..., Task], shaping: str) -> None:
    plain, shaped = task_of(max_turns=4), task_of(max_turns=4, reward={"shaping": shaping})
    draws = np.random.default_rng(0).random((5, plain.n_draws))
    a, b = start_batch(plain, draws), start_batch(shaped, draws)
    for action in (0, 8, 1, 9):
        actions = np.full(5, action)
        left, right = step_batch(plain, a, actions), step_batch(shaped, b, actions)
        for name in TERMS[:-1]:
            np.testing.assert_array_equal(left.terms[name], right.terms[name])
        np.testing.assert_allclose(right.reward, left.reward + right.terms["shaping"], atol=1e-15)


def test_potentials_by_hand(task_of: Callable[..., Task]) -> None:
    """Two of eight facets known; three clicks and four turns without one, of twenty."""
    knowledge, engagement = (
        task_of(reward={"shaping": "knowledge"}),
        task_of(reward={"shaping": "engagement"}),
    )
    dialogue = knowledge.manager.open(1)
    dialogue.status[0, [1, 4]] = ANSWERED
    dialogue.clicks[0], dialogue.waiting[0] = 3, 4
    assert potential(knowledge, dialogue).tolist() == [2 / 8]
    assert potential(engagement, dialogue).tolist() == [(3 - 0.5 * 4) / 20]


def test_further_potentials_by_hand(task_of: Callable[..., Task]) -> None:
    """Before anything was said; then two items at 5 and 4 stars and one turn without any."""
    estimate, best, entropy = (
        task_of(reward={"shaping": name}) for name in ("satisfaction", "best_candidate", "belief_entropy")
    )
    dialogue = estimate.manager.open(1)
    assert potential(estimate, dialogue).tolist() == [0.0]
    dialogue.clicks[0], dialogue.stars[0], dialogue.waiting[0] = 2, 9, 1
    assert potential(estimate, dialogue)[0] == pytest.approx(0.7 * (4.5 - 3) / 2 + 0.3 * -0.5)
    dialogue.scores[0, 0] = 3.0
    assert potential(best, dialogue).tolist() == [0.75]
    dialogue.scores[0, 0] = -1e9
    assert potential(best, dialogue).tolist() == [-1.0]
    before = potential(entropy, dialogue)[0]
    dialogue.wishes[0, 0] = 1.0
    assert 0 <= before < potential(entropy, dialogue)[0] < 1


def test_further_terms_by_hand(task_of: Callable[..., Task]) -> None:
    """Played at random: each term is what was seen to happen, times its weight."""
    weights = {
        "turn": -0.1,
        "question": 2.0,
        "delight": 3.0,
        "retention": 0.5,
        "agreement": 1.0,
        "diversity": 1.0,
    }
    task = task_of(reward={"terms": {**weights, "curiosity": 1.0}}, actions="strategy", max_turns=6)
    rng = np.random.default_rng(5)
    state = start_batch(task, rng.random((80, task.n_draws)))
    for step in range(3):
        turn = step_batch(task, state, rng.integers(0, 5, len(state)))
        asked = (turn.system.act == SystemAct.ASK) | (turn.system.act == SystemAct.CONFIRM)
        np.testing.assert_allclose(turn.terms["turn"], -0.1)
        np.testing.assert_allclose(turn.terms["question"], 2.0 * asked)
        np.testing.assert_allclose(turn.terms["delight"], 3.0 * (turn.user.stars == 5))
        np.testing.assert_allclose(turn.terms["retention"], 0.5 * ~turn.user.leave)
        assert (turn.terms["agreement"][turn.user.click >= 0] == 1).mean() > 0.5  # who takes an item says so
        assert ((turn.terms["diversity"] >= 0) & (turn.terms["diversity"] <= 1)).all()
        assert (turn.terms["diversity"][asked] == 0).all()
        assert (turn.terms["diversity"] > 0).any() == (step > 0)  # the first item differs from none
        assert turn.terms["curiosity"][turn.user.click >= 0].min() > 0  # a click tells something
        np.testing.assert_allclose(turn.reward, turn.paid.sum(1))
        assert turn.names == task.reward.names


def test_what_is_paid_at_the_end_is_paid_at_once_with_what_was_earned_as_potential(
    task_of: Callable[..., Task],
) -> None:
    """``sparse+earned`` at discount 1: turn by turn what clicks and ratings pay, though paid for at the end alone."""
    keywords: dict[str, Any] = {"actions": "strategy", "max_turns": 8}
    plain = task_of(reward={"ask_cost": 0.0, "leave_cost": 0.0}, **keywords)
    sparse = task_of(reward={"name": "sparse", "shaping": "earned", "gamma": 1.0}, **keywords)
    rng = np.random.default_rng(4)
    draws = rng.random((60, plain.n_draws))
    ended, rows = np.zeros(60, np.bool_), np.arange(60)
    one, other = start_batch(plain, draws), start_batch(sparse, draws)
    for _ in range(8):
        actions = rng.integers(0, 6, len(rows))
        left, right = step_batch(plain, one, actions), step_batch(sparse, other, actions)
        np.testing.assert_allclose(right.reward, left.reward, atol=1e-12)
        assert (right.terms["at_end"][~right.terminated] == 0).all()
        ended[rows] |= right.terminated & (right.terms["at_end"] > 0)
        keep = np.flatnonzero(~(left.terminated | left.truncated))
        rows, one, other = rows[keep], one.take(keep), other.take(keep)
        if not len(keep):
            break
    assert ended.any()


def test_a_further_term_is_in_the_info_and_changes_no_other() -> None:
    plain, more = (
        ChatRecEnv(encoder="hash", reward=reward)
        for reward in ({}, {"terms": {"question": 1.0, "turn": -0.5}})
    )
    infos = [env.reset(seed=3)[1] for env in (plain, more)]
    assert infos[1]["reward_question"] == 0.0
    first, second = plain.step(0), more.step(0)
    np.testing.assert_array_equal(first[0], second[0])
    assert second[4]["reward_question"] == 1.0
    assert second[1] == pytest.approx(first[1] + 0.5)
    assert {k: v for k, v in second[4].items() if k in first[4] and k.startswith("reward_")} == {
        k: v for k, v in first[4].items() if k.startswith("reward_")
    }


@pytest.mark.parametrize("name", REWARDS)
def test_every_preset_is_plain_data_and_can_be_changed(name: str) -> None:
    named = RewardConfig.create(name)
    assert RewardConfig.create(named.to_dict()) == named
    assert RewardConfig.create({"name": name, "ask_cost": 0.4}).ask_cost == 0.4


def test_the_default_is_a_preset_and_terms_have_one_order() -> None:
    assert RewardConfig.create("click_and_rating") == RewardConfig()
    one, other = ({"turn": 1.0, "question": 2.0}, {"question": 2.0, "turn": 1.0})
    assert RewardConfig(terms=one).names == RewardConfig(terms=other).names == (*TERMS, "question", "turn")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param("spars", "Did you mean 'sparse'", id="preset"),
        pytest.param({"terms": {"questions": 1}}, "Did you mean 'question'", id="term"),
        pytest.param({"shaping": "knowlege"}, "Did you mean 'knowledge'", id="potential"),
        pytest.param(
            {"terms": {"turn": float("nan")}}, r"reward.terms.turn must be a finite number", id="weight"
        ),
        pytest.param({"terms": ["turn"]}, "must be a dict of names and weights", id="list"),
    ],
)
def test_bad_rewards_say_what_to_do(value: Any, says: str) -> None:
    with pytest.raises((UnknownNameError, ConfigError), match=says):
        RewardConfig.create(value)


def peek(happened: Happened) -> Any:
    """A term that looks at what it must not."""
    return happened.reveal()["satisfaction"]


def turns_taken(manager: Any, dialogue: Any) -> Any:
    """A potential of one's own."""
    return dialogue.turn.astype(np.float64)


def test_the_old_name_of_an_oracle_term(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAYMENTS, "open", None)  # so that it is taken out again
    PAYMENTS.pop("open")
    with pytest.warns(
        DeprecationWarning, match="'privileged' of register_reward_term is called 'oracle' now"
    ):
        register_reward_term("open", f"{__name__}:peek", "what it sees", privileged=True)
    assert PAYMENTS["open"].oracle


def test_only_oracle_terms_see_the_person(
    task_of: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    for registry in (PAYMENTS, POTENTIALS):
        for name in ("peeking", "open", "late"):
            monkeypatch.setitem(registry, name, None)  # so that it is taken out again
            registry.pop(name)
    register_reward_term("peeking", f"{__name__}:peek", "what it must not see")
    register_reward_term("open", f"{__name__}:peek", "the same, and says so", oracle=True)
    register_potential("late", f"{__name__}:turns_taken")
    with pytest.raises(ConfigError, match="There is another reward term called 'turn'"):
        register_reward_term("turn", "mine:turn", "another one")
    for name in ("peeking", "open"):
        task = task_of(reward={"terms": {name: 1.0}, "shaping": "late", "gamma": 1.0}, max_turns=4)
        state = start_batch(task, np.random.default_rng(0).random((3, task.n_draws)))
        assert task.reward.oracle == (name == "open")
        if name == "peeking":
            with pytest.raises(ConfigError, match="oracle=True"):
                step_batch(task, state, np.zeros(3, np.int64))
            continue
        turn = step_batch(task, state, np.zeros(3, np.int64))
        np.testing.assert_array_equal(turn.terms["open"], state.people.satisfaction)
        assert (turn.terms["shaping"][~turn.terminated] == 1.0).all()  # one turn more

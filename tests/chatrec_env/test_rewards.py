"""Reward terms against numbers worked by hand, and what shaping may not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.kernel import Task, potential, start_batch, step_batch
from chatrec_env.core.rewards import TERMS, Outcome, RewardConfig, reward
from chatrec_env.core.state import ANSWERED
from chatrec_env.language.acts import SystemAct

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


@pytest.mark.parametrize("shaping", ["knowledge", "engagement"])
def test_shaping_telescopes_to_minus_the_first_potential(task_of: Callable[..., Task], shaping: str) -> None:
    """Ng, Harada and Russell (1999): over an episode, ``sum gamma^t F_t = gamma^T phi(s_T) - phi(s_0)``."""
    gamma, scale = 0.9, 1.5
    reward = {"shaping": shaping, "gamma": gamma, "shaping_scale": scale}
    task = task_of(reward=reward, max_turns=8, actions="strategy")
    rng = np.random.default_rng(2)
    state = start_batch(task, rng.random((60, task.n_draws)))
    first = potential(task, state.dialogue)
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


@pytest.mark.parametrize("shaping", ["none", "knowledge", "engagement"])
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

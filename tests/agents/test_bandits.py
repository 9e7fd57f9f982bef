"""Bandits over candidates: their choices on numbers worked by hand, questions by rule, learning on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agents.bandits.agent import BanditAgent, sampled_values, train_bandit, upper_bounds
from agents.bandits.config import BanditConfig
from agents.base import LearnsOn, decision
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.evaluate.rollout import meet, people_seeds, run

ENV = EnvConfig(encoder="hash", max_turns=8)
SMALL = BanditConfig(turns=600, parallel=20, record_every=200)


def test_upper_bounds_worked_by_hand() -> None:
    """Weights (1, 2), variances 4 and 9: (1, 0) is worth 1 + 0.5 * 2, (0, 1) 2 + 0.5 * 3, (1, 1) 3 + 0.5 * sqrt(13)."""
    features = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
    found = upper_bounds(features, np.array([1.0, 2.0]), np.diag([4.0, 9.0]), alpha=0.5)
    np.testing.assert_allclose(found, [[2.0, 3.5, 3.0 + 0.5 * np.sqrt(13.0)]])


def test_sampled_values_worked_by_hand() -> None:
    """Noise (1, -1) moves the weights (1, 2) by half a standard deviation each, to (2, 0.5)."""
    features = np.array([[[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]])
    root, noise = np.diag([2.0, 3.0]), np.array([[1.0, -1.0]])
    found = sampled_values(features, np.array([1.0, 2.0]), root, alpha=0.5, noise=noise)
    assert found.tolist() == [[2.0, 0.5, 5.0]]


@pytest.mark.parametrize(
    ("actions", "click", "expected"),
    [
        # The bandit counts what it was shown for: x x' of the item recommended, and reward times x.
        pytest.param("items", 0, [(2, 0.7)], id="one-item"),
        # Places 2 and 5 of a slate, the second clicked: the first earned nothing.
        pytest.param("slate", 1, [(2, 0.0), (5, 0.7)], id="the-clicked-one-earns-it"),
        pytest.param("slate", -1, [(2, 0.7), (5, 0.7)], id="all-are-blamed"),
    ],
)
def test_what_it_learns_from_a_turn(actions: str, click: int, expected: list[tuple[int, float]]) -> None:
    env = replace(ENV, actions=actions, slate_size=2 if actions == "slate" else None)
    agent, task = BanditAgent(BanditConfig(ridge=1e-9), env), make_task(env)
    seen = decision(task, meet(task, people_seeds("eval", 0, 1)))
    x = agent.features(seen)[0]
    chosen = np.array([task.actions.fallback + 2]) if actions == "items" else np.array([[0, 2, 5]])
    turn: Any = SimpleNamespace(
        reward=np.array([0.7]), user=SimpleNamespace(click=np.array([click], np.int8))
    )
    agent.learn_from(seen, chosen, turn)
    np.testing.assert_allclose(agent.moment, sum(reward * x[k] for k, reward in expected))
    np.testing.assert_allclose(agent.precision, sum(np.outer(x[k], x[k]) for k, _ in expected), atol=1e-6)


def test_questions_teach_nothing_and_are_asked_by_rule() -> None:
    agent, task = BanditAgent(replace(SMALL, questions=2), ENV), make_task(ENV)
    seen = decision(task, meet(task, people_seeds("eval", 0, 5)))
    actions = agent.act(seen, np.zeros(5))
    assert (actions < task.actions.fallback).all()
    before = agent.precision.copy()
    turn: Any = SimpleNamespace(reward=np.full(5, -0.05), user=SimpleNamespace(click=np.full(5, -1, np.int8)))
    agent.learn_from(seen, actions, turn)
    np.testing.assert_array_equal(agent.precision, before)
    seen.dialogue.questions[:] = 2
    assert (agent.act(seen, np.zeros(5)) >= task.actions.fallback).all()


def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    whole = train_bandit(SMALL, ENV)
    train_bandit(replace(SMALL, turns=300), ENV, folder=tmp_path)
    told: list[dict[str, float]] = []
    agent = train_bandit(SMALL, ENV, folder=tmp_path, resume=True, callback=told.append)
    assert agent.moment.tobytes() == whole.moment.tobytes()
    assert [r["turns"] for r in told] == [400, 600]
    with pytest.raises(ConfigError, match=r"alpha=0\.5 and cannot go on with 0\.1"):
        train_bandit(replace(SMALL, alpha=0.1), ENV, folder=tmp_path, resume=True)


def test_it_learns_on_where_it_is_told_to_and_forgets_it_afterwards() -> None:
    task, people = make_task(ENV), people_seeds("eval", 0, 60)
    still = train_bandit(SMALL, ENV)
    assert isinstance(still, LearnsOn)
    assert still.learner() is None
    lively = train_bandit(replace(SMALL, learn_on=True), ENV)
    before = lively.moment.copy()
    frozen, learning = run(task, still, people).ret, run(task, lively, people).ret
    np.testing.assert_array_equal(lively.moment, before)
    assert frozen.tolist() != learning.tolist()

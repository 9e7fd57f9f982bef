"""Agents where people talk: they answer what they are asked, and learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import registry
from agents.base import Decision, decision
from agents.baselines import make_baseline
from agents.planner import Oracle, Planner, PlannerConfig
from agents.registry import AGENTS, BASELINE
from chatrec_env.core.kernel import State, step_batch
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.evaluate.rollout import meet, people_seeds, run

N = 40


def talking(actions: str, **more: Any) -> EnvConfig:
    return EnvConfig(encoder="hash", talk="crs", actions=actions, max_turns=8, **more)


def asked(env: EnvConfig, turns: int = 3) -> tuple[State, Decision]:
    """Conversations in which some have just asked something, and no one left before."""
    task = make_task(env)
    state = meet(task, people_seeds("eval", 0, N))
    for _ in range(turns):
        number = make_baseline("greedy", env).act(decision(task, state), np.zeros(N))
        step_batch(task, state, number)
    found = decision(task, state)
    assert 3 < (found.dialogue.memory.question > 0).sum() < N
    return state, found


def first(numbers: np.ndarray) -> np.ndarray:
    """The first number of each action."""
    return numbers[:, 0] if numbers.ndim > 1 else numbers


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        (a.name, kind)
        for a in AGENTS.values()
        if a.role == BASELINE and a.name != "random"
        for kind in a.actions
    ],
)
def test_baselines_answer_whoever_has_asked_and_no_one_else(name: str, actions: str) -> None:
    env = talking(actions)
    _, seen = asked(env)
    numbers = first(make_baseline(name, env).act(seen, np.zeros(N)))
    answer = seen.task.actions.names.index("answer")
    np.testing.assert_array_equal(numbers == answer, seen.dialogue.memory.question > 0)


@pytest.mark.parametrize("actions", ["items", "strategy", "slate"])
def test_random_answers_at_times(actions: str) -> None:
    env = talking(actions)
    _, seen = asked(env)
    answer = seen.task.actions.names.index("answer")
    chosen = [
        first(make_baseline("random", env).act(seen, np.full(N, u))) for u in np.linspace(0.0, 0.99, 40)
    ]
    answers = np.mean([numbers == answer for numbers in chosen], axis=0)
    questions = seen.dialogue.memory.question > 0
    assert not answers[~questions].any()
    assert (answers[questions] > 0).all()


def test_the_oracle_answers_where_the_item_asked_about_is_worth_most() -> None:
    env = talking("items", observation="tabular")
    state, seen = asked(env)
    task, d = seen.task, seen.dialogue
    utility = task.users.reveal(state.people)["utility"]
    rows = np.arange(N)
    best = np.take_along_axis(utility, d.candidates, axis=1)
    number = Oracle(task).act_on(state)
    answers = (d.memory.question > 0) & (d.slate[:, 0] >= 0) & (utility[rows, d.slate[:, 0]] >= best.max(1))
    answer = task.actions.names.index("answer")
    np.testing.assert_array_equal(number == answer, answers)
    np.testing.assert_array_equal(number[~answers], answer + 1 + best.argmax(1)[~answers])


@pytest.mark.long  # what it imagines is read, sentence by sentence
def test_the_planner_takes_legal_actions_and_beats_chance() -> None:
    task = make_task(talking("items", observation="tabular"))
    seeds = people_seeds("eval", 0, 30)
    planned = run(task, Planner(task, PlannerConfig(screen=1, finalists=3, futures=3)), seeds)
    chance = run(task, make_baseline("random"), seeds)
    assert planned.ret.mean() > chance.ret.mean()


@pytest.mark.parametrize(
    ("name", "actions", "observation", "turns"),
    [
        pytest.param("q_learning", "strategy", "tabular", 200, id="q-learning"),
        pytest.param("sarsa", "strategy", "tabular", 200, id="sarsa"),
        pytest.param(
            "q_learning", "strategy", "tabular", 6_000, id="q-learning-long", marks=pytest.mark.long
        ),
        pytest.param("sarsa", "strategy", "tabular", 6_000, id="sarsa-long", marks=pytest.mark.long),
        pytest.param("ppo", "items", "flat", 6_000, id="ppo-items-long", marks=pytest.mark.long),
    ],
)
def test_learners_train_save_and_act(
    name: str, actions: str, observation: str, turns: int, tmp_path: Path
) -> None:
    env, agent = talking(actions, observation=observation), AGENTS[name]
    config = registry.make_config(name, turns=turns, seed=0, settings=agent.small)
    policy = registry.resolve(agent.train)(config, env)
    if turns >= 6_000:
        task, seeds = make_task(env), people_seeds("eval", 0, 60)
        learned, chance = run(task, policy, seeds), run(task, make_baseline("random"), seeds)
        assert learned.ret.mean() > chance.ret.mean()
    _, seen = asked(env)
    numbers = first(policy.act(seen, np.full(N, 0.5)))
    assert seen.mask[np.arange(N), numbers].all()
    said = seen.dialogue.transcript[np.arange(N), seen.dialogue.turn, -USER_SENTENCES:]
    assert (said >= 0).any(1).all()

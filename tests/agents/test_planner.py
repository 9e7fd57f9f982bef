"""The planner: better than the myopic policy where there is something to plan for, and no leak of the real draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.base import OraclePolicy
from agents.planner import Oracle, Planner, PlannerConfig, imagined_draws
from chatrec_env.core.kernel import Task, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds, run

QUICK = PlannerConfig(screen=1, finalists=3, futures=3)


def task_of(scenario: Any, **keywords: Any) -> Task:
    return make_task(
        EnvConfig(encoder="hash", observation="tabular", scenario=scenario, max_turns=8, **keywords)
    )


def test_the_oracle_takes_the_candidate_of_highest_revealed_utility() -> None:
    task = task_of("full")
    state = meet(task, people_seeds("tune", 0, 30))
    utility = task.users.reveal(state.people)["utility"]
    on_the_table = np.take_along_axis(utility, state.dialogue.candidates, axis=1)
    found = Oracle(task).act_on(state) - task.actions.fallback
    np.testing.assert_array_equal(found, on_the_table.argmax(1))
    assert isinstance(Oracle(task), OraclePolicy)
    assert isinstance(Planner(task), OraclePolicy)


def test_it_plans_alike_in_any_batch_and_leaves_the_conversation_alone() -> None:
    task = task_of("full")
    state = meet(task, people_seeds("tune", 0, 7))
    before = state.copy()
    together = Planner(task, QUICK).act_on(state)
    one_by_one = [
        int(Planner(task, replace(QUICK, together=1)).act_on(state.take(np.array([i])))[0]) for i in range(7)
    ]
    assert together.tolist() == one_by_one
    np.testing.assert_array_equal(state.draws, before.draws)
    now: Any = state.people
    then: Any = before.people
    np.testing.assert_array_equal(now.satisfaction, then.satisfaction)
    np.testing.assert_array_equal(state.dialogue.shown, before.dialogue.shown)


def test_fresh_futures_do_not_tell_the_draws_to_come() -> None:
    """What is imagined agrees with the conversation's own draws no more than chance would, and differs by turn."""
    task = task_of("null")
    state = meet(task, people_seeds("tune", 0, 40))
    imagined = imagined_draws(state, 4, seed=0)
    assert imagined.shape == (40, 4, *state.draws.shape[1:])
    assert np.abs(imagined - state.draws[:, None]).min() > 0
    own = np.broadcast_to(state.draws[:, None], imagined.shape).ravel()
    assert abs(np.corrcoef(imagined.ravel(), own)[0, 1]) < 0.02  # 20,000 pairs: 3 standard errors
    step_batch(task, state, np.full(40, task.actions.fallback))
    assert (imagined_draws(state, 4, seed=0) != imagined).all()


def test_a_clairvoyant_choice_pays_what_the_future_holds() -> None:
    """With its own draws, the worth of an action is the return it then has, to the last bit."""
    task = task_of("full")
    state = meet(task, people_seeds("tune", 3, 12))
    planner = Planner(task, PlannerConfig(draws="own"))
    legal = task.actions.mask(state.dialogue, task.manager.view(state.dialogue))
    worth = planner.returns(state, legal, state.draws[:, None])[:, :, 0]
    action = planner.act_on(state)
    every = np.arange(12)
    assert (worth[every, action] == worth.max(1)).all()
    # Played out: that action, then the myopic policy, one conversation at a time.
    base = Oracle(task)
    for i in range(12):
        one, total, act = state.take(np.array([i])), 0.0, action[i : i + 1]
        while True:
            turn = step_batch(task, one, act)
            total += float(turn.reward[0])
            if turn.terminated[0] or turn.truncated[0]:
                break
            act = base.act_on(one)
        assert total == pytest.approx(worth[i, action[i]])


def test_it_asks_where_a_question_pays_and_beats_the_myopic_policy_there() -> None:
    """Several short visits: what is learned in the first serves the later ones."""
    task = make_task(EnvConfig(encoder="hash", observation="tabular", scenario="retention"))
    seeds = people_seeds("tune", 5, 60)
    planned, myopic = run(task, Planner(task, QUICK), seeds), run(task, Oracle(task), seeds)
    assert planned.questions.mean() > 0.2
    assert planned.ret.mean() > myopic.ret.mean()


def test_nothing_is_to_be_planned_in_null() -> None:
    """What little it strays from the best candidate does not pay: no foresight of noise."""
    task = task_of("null")
    seeds = people_seeds("tune", 6, 60)
    planned, myopic = run(task, Planner(task, QUICK), seeds), run(task, Oracle(task), seeds)
    gain = planned.ret - myopic.ret
    assert gain.mean() < 2 * gain.std(ddof=1) / np.sqrt(len(gain)) + 1e-9
    assert planned.questions.mean() < 0.05


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        pytest.param({"draws": "frsh"}, UnknownNameError, "Did you mean 'fresh'", id="draws"),
        pytest.param({"futures": 1}, ConfigError, "planner.futures must be an integer >= 2", id="futures"),
        pytest.param({"finalists": True}, ConfigError, "planner.finalists", id="bool"),
        pytest.param(
            {"caution": -1.0}, ConfigError, r"planner.caution must be a number in \[0, 10\]", id="caution"
        ),
    ],
)
def test_bad_settings(change: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        PlannerConfig(**change)


def test_it_needs_candidates_to_name_and_people_to_ask() -> None:
    with pytest.raises(ConfigError, match="ChatRec/Items-v0"):
        Planner(task_of("null", actions="strategy"))
    users: Any = Mute()
    with pytest.raises(ConfigError, match='users="scripted"'):
        Oracle(replace(task_of("null"), users=users))


class Mute:
    """People who cannot be asked."""

    name = "mute"

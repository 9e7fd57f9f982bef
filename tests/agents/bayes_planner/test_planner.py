"""The Bayes planner: what it may look at, how its particles follow what is seen, and what it gains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents import registry
from agents.base import Decision, Policy, decision
from agents.baselines import make_baseline
from agents.bayes_planner.agent import BayesPlanner, BayesPlannerConfig
from agents.bayes_planner.particles import Population
from agents.bayes_planner.seen import Stated, turn_seen
from chatrec_env.core.kernel import State, Task, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.evaluate.rollout import meet, people_seeds, run
from simulators.scripted.simulator import ScriptedUsers

SMALL = BayesPlannerConfig(particles=64, library=20_000, futures=4, screen=2, crowd=8, horizon=3)
MYOPIC = replace(SMALL, futures=0)


def env(scenario: str, **changes: Any) -> EnvConfig:
    """Where it acts."""
    return EnvConfig(scenario=scenario, encoder="hash", observation="tabular", **changes)


def held(task: Task, policy: Policy, seeds: list[int], turns: int) -> Iterator[tuple[Decision, State]]:
    """Decisions of conversations with these people, held by a policy, and their states."""
    state = meet(task, seeds)
    for _ in range(turns):
        now = decision(task, state)
        yield now, state
        turn = step_batch(task, state, policy.act(now, np.zeros(len(state))))
        state = state.take(np.flatnonzero(~(turn.terminated | turn.truncated)))


def test_it_never_looks_at_what_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither asks the users, nor does anything depend on who is really there."""
    task = make_task(env("full"))
    seeds = people_seeds("tune", 0, 6)

    def refuse(*_: Any) -> None:
        raise AssertionError("hidden")

    monkeypatch.setattr(ScriptedUsers, "reveal", refuse)
    monkeypatch.setattr(ScriptedUsers, "utility", refuse)
    planner, other = BayesPlanner(task, SMALL), BayesPlanner(task, SMALL)
    assert isinstance(planner, Policy)
    now, state = next(held(task, planner, seeds, 1))
    actions = planner.act(now, np.zeros(6))
    for part in state.people:  # somebody else altogether
        part[...] = ~part if part.dtype == bool else part[::-1].copy()
    assert (other.act(now, np.zeros(6)) == actions).all()
    assert len(list(held(task, planner, seeds, 4))) == 4


def test_acts_are_legal_and_do_not_depend_on_the_batch() -> None:
    task = make_task(env("patience"))
    planner, alone = BayesPlanner(task, SMALL), BayesPlanner(task, SMALL)
    for now, state in held(task, planner, people_seeds("tune", 1, 5), 3):
        together = planner.act(now, np.zeros(len(state)))
        assert now.mask[np.arange(len(state)), together].all()
    one = decision(task, state.take(np.array([1])))
    if state.dialogue.clicks[1] <= 1:  # the stars of earlier items are not all told by words
        assert alone.act(one, np.zeros(1))[0] == together[1]


def test_particles_hold_what_was_stated_and_follow_what_was_consumed() -> None:
    task = make_task(env("patience"))
    planner = BayesPlanner(task, MYOPIC)
    for now, state in held(task, planner, people_seeds("tune", 2, 8), 5):
        for n in range(len(state)):
            particles = planner.particles(now.dialogue, n)
            stated = Stated(task.manager.grammar, particles.history, tells_context=True)
            assert particles.people.wanted[:, stated.wanted].all()
            shares = particles.weights
            people, true = particles.people, state.people
            assert shares.sum() == pytest.approx(1.0)
            # What can be worked out from what was seen is the same of everybody.
            assert (people.questions == true.questions[n]).all()
            assert (people.satiation == true.satiation[n]).all()
            assert (people.waiting[shares > 0] == true.waiting[n]).all()


def test_stars_that_words_leave_open() -> None:
    """After two cool acceptances with 3 stars in all, the earlier is taken to have had the mean of what is left."""
    task = make_task(env("full"))
    for now, _ in held(task, make_baseline("greedy"), people_seeds("tune", 3, 60), 8):
        d = now.dialogue
        for n in np.flatnonzero(d.clicks > 0):
            turns = [turn_seen(task.manager.grammar, d, int(n), t) for t in range(1, int(d.turn[n]) + 1)]
            told = [seen.stars for seen in turns if seen.click]
            assert len(told) == d.clicks[n]
            assert all(1 <= stars <= 5 for stars in told)
            assert abs(sum(told) - d.stars[n]) <= len(told)


def test_a_reward_that_it_does_not_weigh_is_refused() -> None:
    task = make_task(env("full", reward={"terms": {"question": -50.0}}))
    with pytest.raises(ConfigError, match="got the terms question"):
        BayesPlanner(task, SMALL)


def test_in_null_it_does_as_well_as_greedy() -> None:
    task, seeds = make_task(env("null")), people_seeds("tune", 4, 40)
    planner = BayesPlanner(task, BayesPlannerConfig(library=20_000))
    gain = run(task, planner, seeds).ret - run(task, make_baseline("greedy"), seeds).ret
    assert abs(gain.mean()) <= 1.96 * gain.std(ddof=1) / np.sqrt(len(gain)) + 1e-9


def test_it_gains_where_people_tire() -> None:
    task, seeds = make_task(env("satiation")), people_seeds("tune", 5, 60)
    planner = BayesPlanner(task, MYOPIC)
    gain = run(task, planner, seeds).ret - run(task, make_baseline("greedy"), seeds).ret
    assert gain.mean() - 1.96 * gain.std(ddof=1) / np.sqrt(len(gain)) > 0
    assert np.mean(planner.effective) > 0.3 * MYOPIC.particles


def test_moves_leave_the_posterior_as_it_is() -> None:
    """Moved anew, particles of equal weight tell the same of a person, up to chance."""
    task = make_task(env("full"))
    population = Population(task, size=2000, library=50_000, seed=0)
    state = meet(task, people_seeds("tune", 6, 1))
    rng = np.random.default_rng(0)
    seen = turn_seen(task.manager.grammar, state.dialogue, 0, 0)
    before = population.begin(seen, state.dialogue.situational_context[0].copy(), rng)
    after = before.take(np.arange(2000))
    assert population.move(after, 3, rng) > 0.05
    wanted = np.stack([one.people.wanted.mean(0) for one in (before, after)])
    assert np.abs(wanted[0] - wanted[1]).max() < 0.06
    assert after.people.threshold.mean() == pytest.approx(before.people.threshold.mean(), abs=0.06)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"actions": "strategy"}, "ChatRec/Items-v0", id="actions"),
        pytest.param({"talk": "crs"}, 'talk="plain"', id="talk"),
    ],
)
def test_errors_name_the_fix(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        BayesPlanner(make_task(EnvConfig(scenario="null", encoder="hash", **changes)))


def test_the_registry_makes_it() -> None:
    known = registry.find("bayes-planner")
    assert registry.resolve(known.policy) is BayesPlanner
    assert BayesPlanner.name == known.name

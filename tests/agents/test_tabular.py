"""Tabular agents: learning to the bit across stops, and acting on what was learned."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.base import decision
from agents.checkpoints import load_checkpoint, save_checkpoint
from agents.conversations import Conversations
from agents.tabular.agent import CurvePoint, TabularAgent
from agents.tabular.config import ALGORITHMS, TabularConfig
from agents.tabular.values import LinearValues, Table
from chatrec_env.core.actions import STRATEGIES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds

ENV = EnvConfig(encoder="hash", actions="strategy", observation="tabular")
SMALL = TabularConfig(parallel=50, decay_turns=4_000, record_every=500)
FLAT = replace(ENV, observation="flat", actions="items")
LINEAR = replace(SMALL, values="linear", rate_schedule="linear", learning_rate=0.1)


def learned(agent: TabularAgent) -> list[bytes]:
    return [tensor.tobytes() for part in agent.parts for tensor in part.tensors().values()]


def table(agent: TabularAgent) -> Table:
    part = agent.parts[0]
    assert isinstance(part, Table)
    return part


def same(one: TabularAgent, other: TabularAgent) -> bool:
    return (
        learned(one) == learned(other)
        and one.curve == other.curve
        and (one.turns, one.episodes) == (other.turns, other.episodes)
    )


@pytest.mark.parametrize("stops", [(50,), (1_250,), (700, 2_300)], ids=["first-turn", "mid-way", "twice"])
def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path, stops: tuple[int, ...]) -> None:
    whole = TabularAgent(SMALL, ENV).learn(3_000)
    agent = TabularAgent(SMALL, ENV)
    for stop in stops:
        agent.learn(stop).save(tmp_path)
        agent = TabularAgent.load(tmp_path)
    assert same(agent.learn(3_000), whole)


@pytest.mark.parametrize("values", ["table", "linear"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_so_does_every_algorithm_in_the_middle_of_conversations(
    tmp_path: Path, algorithm: str, values: str
) -> None:
    config, env = (SMALL, ENV) if values == "table" else (LINEAR, FLAT)
    config = replace(config, algorithm=algorithm, parallel=10)
    whole = TabularAgent(config, env).learn(400)
    TabularAgent(config, env).learn(170).save(tmp_path)
    assert same(TabularAgent.load(tmp_path).learn(400), whole)
    assert learned(whole) != learned(TabularAgent(config, env))


def test_linear_values_of_a_candidate_do_not_depend_on_its_place() -> None:
    """What is learned of one place holds for the others, and for as many places as there are."""
    agent = TabularAgent(LINEAR, FLAT).learn(500)
    values = agent.parts[0]
    assert isinstance(values, LinearValues)
    task = make_task(FLAT)
    seen = decision(task, meet(task, people_seeds("eval", 0, 4)))
    start, columns = task.layout.slices["candidates"].start, len(task.layout.candidate_columns)
    swapped = seen.observation.copy()
    for one, other in ((3, 7), (7, 3)):
        into, source = start + one * columns, start + other * columns
        swapped[:, into : into + columns] = seen.observation[:, source : source + columns]
    first = task.actions.fallback
    before, after = values.of(seen.observation), values.of(swapped)
    np.testing.assert_allclose(after[:, [first + 7, first + 3]], before[:, [first + 3, first + 7]])
    np.testing.assert_array_equal(after[:, :first], before[:, :first])
    larger = make_task(replace(FLAT, n_candidates=40))
    many = decision(larger, meet(larger, people_seeds("eval", 0, 4)))
    assert agent.act(many, np.zeros(4)).shape == (4,)


def test_a_step_of_linear_values_goes_the_given_share_of_the_way() -> None:
    task = make_task(FLAT)
    values, state = LinearValues(task, LINEAR), meet(task, people_seeds("eval", 0, 1))
    observation = decision(task, state).observation
    for action in (0, task.actions.fallback + 2):
        before = values.of(observation)[0, action]
        values.move(observation, np.array([action]), np.array([before + 4.0]), lambda n: 0.25)
        assert values.of(observation)[0, action] == pytest.approx(before + 1.0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_for_the_turn_to_be_whole(tmp_path: Path, number: signal.Signals) -> None:
    """Being told to stop, which a command takes for Ctrl-C, too."""
    agent = TabularAgent(SMALL, ENV)

    def interrupt() -> None:
        while agent.turns < 1_000:
            time.sleep(0.0001)
        os.kill(os.getpid(), number)

    # Where tests run in the background, the shell may have had SIGINT ignored.
    before = signal.signal(number, signal.default_int_handler)
    watcher = threading.Thread(target=interrupt)
    watcher.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            agent.learn(1_000_000)
    finally:
        watcher.join()
        signal.signal(number, before)
    assert agent.turns >= 1_000
    further = agent.turns + 500
    agent.save(tmp_path)
    assert same(TabularAgent.load(tmp_path).learn(further), TabularAgent(SMALL, ENV).learn(further))


def test_the_batch_size_of_the_people_makes_no_difference_to_who_they_are() -> None:
    task = make_task(ENV)
    few, many = Conversations(task, 3, seed=0), Conversations(task, 8, seed=0)
    for _ in range(3):
        assert few.states.tolist() == many.states[:3].tolist()
        for talks in (few, many):
            talks.choose(np.full(len(talks.people), STRATEGIES.index("exploit")))
        assert few.step().reward.tolist() == many.step().reward[:3].tolist()


def test_who_is_done_makes_room_for_the_next_of_the_stream() -> None:
    talks = Conversations(make_task(ENV), 4, seed=0)
    close, ask = STRATEGIES.index("close"), STRATEGIES.index("ask")
    talks.choose(np.array([ask, close, ask, close]))
    turn = talks.step()
    assert turn.terminated.tolist() == [False, True, False, True]
    assert not turn.truncated.any()
    assert talks.renew(turn.terminated).tolist() == [1, 3]
    assert talks.people.tolist() == [0, 4, 2, 5]
    assert (talks.history >= 0).sum(1).tolist() == [1, 0, 1, 0]
    assert talks.returns.tolist() == [-0.05, 0.0, -0.05, 0.0]


def test_learn_counts_turns_over_the_whole_life_and_records_the_curve() -> None:
    points: list[CurvePoint] = []
    agent = TabularAgent(SMALL, ENV).learn(1_020, points.append)
    assert agent.turns == 1_050  # whole batches of 50
    assert [p.turns for p in points] == [500, 1_000]
    assert points == agent.curve
    assert agent.learn(1_000).turns == 1_050
    assert sum(p.episodes > 0 for p in points) == 2
    # Exploration falls linearly from 0.2 to 0.05 over 4,000 turns: a quarter of the way at 1,000.
    assert points[-1].epsilon == pytest.approx(0.1625)


def test_it_acts_on_the_best_action_tried_and_falls_back_to_the_best_candidate() -> None:
    task = make_task(ENV)
    agent = TabularAgent(replace(SMALL, initial_value=9.0), ENV)
    seen = decision(task, meet(task, people_seeds("eval", 0, 1)))
    state = int(task.layout.tabular(seen.dialogue, seen.view)[0])
    exploit, explore, ask = (STRATEGIES.index(name) for name in ("exploit", "explore", "ask"))
    assert agent.act(seen, np.zeros(1)).tolist() == [exploit]  # nothing tried yet
    table(agent).values[state, [ask, explore]], table(agent).visits[state, [ask, explore]] = [0.5, 1.0], 1
    assert agent.act(seen, np.zeros(1)).tolist() == [explore]  # hopes (9.0) of untried actions do not count
    seen.mask[0, explore] = False
    assert agent.act(seen, np.zeros(1)).tolist() == [ask]


def test_it_acts_whatever_the_observation_form() -> None:
    agent = TabularAgent(SMALL, ENV).learn(1_000)
    chosen = []
    for form in ("tabular", "flat"):
        task = make_task(replace(ENV, observation=form))
        chosen.append(
            agent.act(decision(task, meet(task, people_seeds("eval", 0, 30))), np.zeros(30)).tolist()
        )
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize(
    ("schedule", "visit", "progress", "expected"),
    [
        pytest.param("constant", 9, 0.5, 0.4, id="constant"),
        pytest.param("linear", 9, 0.5, 0.25, id="linear-half-way"),
        pytest.param("linear", 9, 2.0, 0.1, id="linear-after"),
        pytest.param("visits", 1, 0.5, 0.4, id="visits-first"),
        pytest.param("visits", 4, 0.5, 0.2, id="visits-fourth"),
        pytest.param("visits", 10_000, 0.5, 0.1, id="visits-floor"),
    ],
)
def test_learning_rates(schedule: str, visit: int, progress: float, expected: float) -> None:
    config = TabularConfig(
        learning_rate=0.4, final_learning_rate=0.1, rate_schedule=schedule, visit_power=0.5
    )
    assert config.rate(visit, progress) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        pytest.param(
            {"algorithm": "qlearning"}, UnknownNameError, "Did you mean 'q_learning'", id="algorithm"
        ),
        pytest.param({"rate_schedule": "visit"}, UnknownNameError, "Did you mean 'visits'", id="schedule"),
        pytest.param({"gamma": 1.5}, ConfigError, r"gamma must be a number in \[0, 1\], got 1.5", id="gamma"),
        pytest.param({"gamma": float("nan")}, ConfigError, "got nan", id="nan"),
        pytest.param({"epsilon_end": True}, ConfigError, "got True", id="bool"),
        pytest.param({"values": "linear"}, ConfigError, "linear values have none", id="visits-of-no-cells"),
        pytest.param({"parallel": 0}, ConfigError, "parallel must be an integer >= 1, got 0", id="parallel"),
        pytest.param({"seed": 1.0}, ConfigError, "seed must be an integer >= 0, got 1.0", id="seed"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TabularConfig(**settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"config": {"gama": 1}}, r"policy\.json does not describe a tabular agent.*gama", id="config"
        ),
        pytest.param(
            {"config": asdict(replace(SMALL, algorithm="sarsa"))}, "settings for 'sarsa'", id="kind"
        ),
        pytest.param(
            {"rng": {"bit_generator": "MT19937"}}, "does not describe a tabular agent", id="generator"
        ),
        pytest.param({"turns": None}, "does not describe a tabular agent", id="turns"),
    ],
)
def test_a_header_of_something_else_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    TabularAgent(SMALL, ENV).learn(100).save(tmp_path)
    file = tmp_path / "policy.json"
    header = json.loads(file.read_text())
    header["meta"] |= change
    file.write_text(json.dumps(header))
    with pytest.raises(ArtifactError, match=message):
        TabularAgent.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param(
            "values", np.zeros((3, 6)), r"'values' should be float64 of shape \(\d+, 6\)", id="table"
        ),
        pytest.param("people", np.zeros(50, np.int32), "'people' should be int64", id="dtype"),
        pytest.param("actions", np.full(50, 6), "there are 6 actions", id="action"),
        pytest.param("history", np.full((50, 20), -2), "do not exist", id="history"),
    ],
)
def test_tensors_that_do_not_fit_are_named(tmp_path: Path, name: str, value: Any, message: str) -> None:
    agent = TabularAgent(SMALL, ENV).learn(100)
    agent.save(tmp_path)
    saved = load_checkpoint(tmp_path)
    tensors, training = dict(saved.tensors), dict(saved.training or {})
    (tensors if name in tensors else training)[name] = value
    save_checkpoint(tmp_path, kind="q_learning", env=ENV, tensors=tensors, meta=saved.meta, training=training)
    with pytest.raises(ArtifactError, match=message):
        TabularAgent.load(tmp_path)

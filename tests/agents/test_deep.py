"""Deep learners: the network, the memory, and what is learned from a turn, on small numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents.base import decision
from agents.checkpoints import load_checkpoint
from agents.deep.agent import DeepAgent, train_deep
from agents.deep.config import DeepConfig
from agents.deep.methods import ActionValues
from agents.deep.network import CandidateNetwork, CandidateShape, candidate_shape
from agents.deep.replay import Replay, importance_weights, sampling_probabilities
from agents.deep.sequence import SequenceEncoder
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds

ENV = EnvConfig(encoder="hash", max_turns=6)
SMALL = DeepConfig(turns=400, parallel=10, warm_up=100, batch_size=16, capacity=300)
SHAPE = CandidateShape(
    conversation=4, turns=0, before=3, after=2, columns=11, free_actions=2, outputs=1, hidden=16, item=8
)


def lively(shape: CandidateShape) -> CandidateNetwork:
    """A network whose numbers depend on everything: no weight is zero."""
    torch.manual_seed(0)
    network = CandidateNetwork(shape).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.normal_(std=0.3)
    return network


def observations(shape: CandidateShape, k: int, n: int = 3) -> torch.Tensor:
    """Random observations of so many candidates, all there."""
    seen = torch.randn(n, shape.first + shape.after + k * shape.columns)
    seen[:, shape.first : shape.first + k * shape.columns : shape.columns] = 1.0
    return seen


def cells(shape: CandidateShape, seen: torch.Tensor, k: int) -> torch.Tensor:
    return seen[:, shape.first : shape.first + k * shape.columns].reshape(len(seen), k, shape.columns)


@pytest.mark.parametrize("turns", [0, 5], ids=["recency", "sequence"])
def test_permuting_candidates_permutes_their_values_and_nothing_else(turns: int) -> None:
    shape, k = replace(SHAPE, turns=turns), 6
    network, seen = lively(shape), observations(shape, k)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    moved = seen.clone()
    cells(shape, moved, k)[:] = cells(shape, seen, k)[:, order]
    with torch.inference_mode():
        free, items = network(seen)
        free_2, items_2 = network(moved)
    torch.testing.assert_close(items_2, items[:, order])
    torch.testing.assert_close(free_2, free)
    assert items.std(dim=1).min() > 1e-3


def test_empty_places_are_not_looked_at() -> None:
    """Three candidates are worth what they are worth, beside two empty places too."""
    network, seen = lively(SHAPE), observations(SHAPE, 3)
    start = SHAPE.first + 3 * SHAPE.columns
    padded = torch.cat([seen[:, :start], torch.zeros(3, 2 * SHAPE.columns), seen[:, start:]], dim=1)
    with torch.inference_mode():
        values, more = network.actions(seen), network.actions(padded)
    torch.testing.assert_close(more[:, : values.shape[1]], values)


def test_it_starts_at_the_retrievers_order() -> None:
    task = make_task(ENV)
    torch.manual_seed(0)
    agent = DeepAgent(SMALL, ENV, CandidateNetwork(candidate_shape(task)))
    seen = decision(task, meet(task, people_seeds("eval", 0, 20)))
    seen.mask[:, : task.actions.fallback] = False
    chosen = agent.act(seen, np.zeros(20)) - task.actions.fallback
    gaps = seen.dialogue.scores[:, 0] - seen.dialogue.scores[np.arange(20), chosen]
    assert gaps.max() < 0.3


def test_trained_on_12_candidates_it_acts_on_hundreds() -> None:
    agent = train_deep(SMALL, ENV)
    task = make_task(replace(ENV, n_candidates=600))
    seen = decision(task, meet(task, people_seeds("eval", 0, 3)))
    assert seen.mask[np.arange(3), agent.act(seen, np.zeros(3))].all()
    with pytest.raises(
        ArtifactError, match=r"trained on observations of .* columns and 11 for each candidate"
    ):
        agent.act(replace(seen, observation=seen.observation[:, :-3]), np.zeros(3))


def test_of_1500_candidates_only_legal_ones_are_chosen() -> None:
    network, seen = lively(SHAPE), observations(SHAPE, 1500).numpy()
    method, mask = ActionValues(SMALL), np.zeros((3, 1502), np.bool_)
    mask[[0, 1, 2], [1, 700, 1501]] = True
    for epsilon in (0.0, 1.0):
        assert method.choose(network, seen, mask, epsilon, np.full((3, 3), 0.5)).tolist() == [1, 700, 1501]


def test_turns_that_have_not_been_leave_no_trace() -> None:
    torch.manual_seed(0)
    encoder = SequenceEncoder(turns=4, columns=3, width=8)
    turns, there = torch.randn(2, 4, 3), torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    other = turns.clone()
    other[:, :2] = 9.0
    with torch.inference_mode():
        one, two = encoder(turns, there), encoder(other, there)
    torch.testing.assert_close(one[0], two[0])
    assert one[1].abs().max() == 0  # nobody has said anything
    swapped = turns[:, [0, 1, 3, 2]]
    with torch.inference_mode():
        assert (encoder(swapped, there)[0] - one[0]).abs().max() > 1e-3  # order counts


def test_a_conversation_may_be_a_sequence() -> None:
    env = replace(ENV, conversation="sequence", history_turns=3)
    shape = candidate_shape(make_task(env))
    assert (shape.turns, shape.first) == (3, make_task(env).layout.slices["candidates"].start)
    agent = train_deep(replace(SMALL, turns=200), env)
    assert hasattr(agent.network, "sequence")


def test_priorities_worked_by_hand() -> None:
    # 4^0.5 : 1^0.5 : 1^0.5 = 2 : 1 : 1.
    odds = sampling_probabilities(np.array([4.0, 1.0, 1.0]), 0.5)
    assert odds.tolist() == [0.5, 0.25, 0.25]
    # 1 / (3 * 0.5) and 1 / (3 * 0.25) are as 1 to 2.
    assert importance_weights(odds, 3, 1.0).tolist() == [0.5, 1.0, 1.0]
    assert importance_weights(odds, 3, 0.0).tolist() == [1.0, 1.0, 1.0]
    assert sampling_probabilities(np.array([4.0, 1.0]), 0.0).tolist() == [0.5, 0.5]


def test_the_memory_forgets_the_oldest_and_draws_what_was_off() -> None:
    memory = Replay(4, prioritised=True)
    memory.add(action=np.array([0, 1, 2]), observation=np.full((3, 2), 0.5, np.float32))
    memory.add(action=np.array([3, 4]), observation=np.full((2, 2), 0.25, np.float32))
    assert memory.size == 4
    assert memory.take(np.arange(4))["action"].tolist() == [4, 1, 2, 3]
    assert memory.take(np.array([0]))["observation"].dtype == np.float32
    memory.learned(np.arange(4), np.array([0.0, 0.0, -8.0, 0.0]))
    rows, odds = memory.draw(np.random.default_rng(0), 200, exponent=1.0)
    assert (rows == 2).mean() > 0.95
    assert odds[rows == 2].max() == pytest.approx(8.001 / 8.004)
    memory.add(action=np.array([5]), observation=np.zeros((1, 2), np.float32))
    assert memory.priorities[1] == pytest.approx(8.001)  # what is new comes first


class Fixed:
    """A network of one free action and candidates whose values stand in the observation."""

    def actions(self, observation: torch.Tensor) -> torch.Tensor:
        return observation

    def __call__(self, observation: torch.Tensor) -> Any:
        return observation


class Doubled(Fixed):
    def actions(self, observation: torch.Tensor) -> torch.Tensor:
        return torch.flip(observation, dims=(1,))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # Rewards 1 and 1; the second conversation is terminated. Values afterwards: 3, 9, 5, of which 9 is illegal.
        pytest.param({"double": False}, [1 + 0.5 * 5.0, 1.0], id="q-learning-takes-the-best-legal"),
        # The network that learns sees the values mirrored: 5, 9, 3; it chooses the first, which is worth 3.
        pytest.param({"double": True}, [1 + 0.5 * 3.0, 1.0], id="double-judges-anothers-choice"),
        pytest.param({"algorithm": "deep_sarsa"}, [1 + 0.5 * 3.0, 1.0], id="sarsa-takes-what-came-next"),
    ],
)
def test_targets(settings: dict[str, Any], expected: list[float]) -> None:
    method = ActionValues(DeepConfig(gamma=0.5, **settings))
    batch = {
        "next_observation": np.array([[3.0, 9.0, 5.0]] * 2, np.float32),
        "next_mask": np.array([[True, False, True]] * 2),
        "next_action": np.array([0, 0]),
        "reward": np.ones(2),
        "terminated": np.array([False, True]),
    }
    online: Any = Doubled()
    target: Any = Fixed()
    assert method.target(online, target, batch).tolist() == expected


@pytest.mark.parametrize("prioritised", [False, True], ids=["even", "prioritised"])
def test_stopped_and_resumed_with_its_memory_equals_uninterrupted(tmp_path: Path, prioritised: bool) -> None:
    config = replace(SMALL, keep_memory=True, prioritised=prioritised, decay_turns=200, record_every=100)

    def stop(record: dict[str, float]) -> None:
        if record["turns"] == 200:
            raise KeyboardInterrupt

    train_deep(config, ENV, folder=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_deep(config, ENV, folder=tmp_path / "part", callback=stop)
    train_deep(config, ENV, folder=tmp_path / "part", resume=True)
    whole, part = (load_checkpoint(tmp_path / name) for name in ("whole", "part"))
    assert part.meta["turns"] == 400
    assert {k: v.tobytes() for k, v in part.tensors.items()} == {
        k: v.tobytes() for k, v in whole.tensors.items()
    }


def test_resumed_without_its_memory_it_goes_on(tmp_path: Path) -> None:
    train_deep(replace(SMALL, turns=200, decay_turns=200, record_every=100), ENV, folder=tmp_path)
    records: list[dict[str, float]] = []
    agent = train_deep(
        replace(SMALL, decay_turns=200, record_every=100),
        ENV,
        folder=tmp_path,
        resume=True,
        callback=records.append,
    )
    assert agent.turns == 400
    assert [r["turns"] for r in records] == [300, 400]
    assert load_checkpoint(tmp_path).meta["turns"] == 400


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"algorithm": "dqn"}, UnknownNameError, "No algorithm 'dqn'"),
        (
            {"warm_up": 99, "capacity": 9},
            ConfigError,
            r"warm_up must be at most deep\.capacity, got 99 and 9",
        ),
        ({"target_rate": 0}, ConfigError, r"target_rate must be a number in \(0, 1\]"),
        ({"network": {"items": 3}}, UnknownNameError, "Did you mean 'item'"),
        ({"double": 1}, ConfigError, "must be true or false"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        DeepConfig(**settings)

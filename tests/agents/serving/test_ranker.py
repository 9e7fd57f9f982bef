"""The NumPy network equals the trained one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from agents.export import Export
from agents.ppo.agent import PPOAgent
from agents.ppo.network import make_network
from agents.serving.ranker import NetworkShape, Ranker
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError


def test_equals_torch_and_chooses_the_same(agent: PPOAgent, export: Export) -> None:
    assert export.ranker is not None
    rng = np.random.default_rng(1)
    observations = rng.uniform(-1, 1, (500, export.ranker.shape.width)).astype(np.float32)
    expected = agent.logits(observations)
    found = np.stack([export.ranker.logits(row) for row in observations])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(found.argmax(1), expected.argmax(1))
    assert len(np.unique(expected.argmax(1))) > 3, "the test should see different choices"


def test_a_network_without_candidate_actions() -> None:
    task = make_task(EnvConfig(encoder="hash", actions="strategy"))
    torch.manual_seed(3)
    network = make_network(task, hidden=16, item=4)
    ranker = Ranker({k: v.detach().numpy() for k, v in network.state_dict().items()}, network.shape)
    observation = np.random.default_rng(2).uniform(-1, 1, network.shape.width).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(observation[None]))[0].numpy()
    found = ranker.logits(observation)
    assert found.shape == (task.actions.n,)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda t: t.pop("speech.bias"), "lacks the tensor 'speech.bias'", id="missing"),
        pytest.param(
            lambda t: t.update({"free.bias": t["free.bias"][:-1]}), "'free.bias' should be", id="short"
        ),
        pytest.param(
            lambda t: t.update({"free.bias": t["free.bias"].astype(np.float64)}), "is float64", id="double"
        ),
        pytest.param(
            lambda t: t.update({"free.bias": np.full_like(t["free.bias"], np.nan)}),
            "finite",
            id="not-a-number",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named(agent: PPOAgent, change: Any, message: str) -> None:
    tensors = {k: v.detach().numpy() for k, v in agent.network.state_dict().items()}
    change(tensors)
    with pytest.raises(ArtifactError, match=message):
        Ranker(tensors, agent.network.shape)


def test_a_shape_survives_json_and_refuses_what_is_none(agent: PPOAgent) -> None:
    shape = agent.network.shape
    data = asdict(shape)
    assert NetworkShape.from_dict(data) == shape
    for damaged in (None, {}, {**data, "more": 1}, {**data, "hidden": -1}, {**data, "scored": 1}):
        with pytest.raises(ArtifactError, match="Export again"):
            NetworkShape.from_dict(damaged)

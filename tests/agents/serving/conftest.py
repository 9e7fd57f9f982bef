"""An exported policy with lively weights, and services that serve it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from agents.baselines import AskThenRecommend, save_baseline
from agents.export import Export, export_policy, load_export
from agents.ppo.agent import PPOAgent, PPOConfig
from agents.ppo.network import make_network
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task

ENV = EnvConfig(encoder="hash")


def lively_agent(env: EnvConfig, seed: int = 0) -> PPOAgent:
    """An untrained network whose choices vary: it asks, and recommends from anywhere on the table."""
    torch.manual_seed(seed)
    network = make_network(make_task(env), hidden=48, item=12)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
        network.free.bias.sub_(2.5)
    return PPOAgent(env, PPOConfig(), network)


@pytest.fixture(scope="session")
def agent() -> PPOAgent:
    return lively_agent(ENV, seed=2)


@pytest.fixture(scope="session")
def checkpoint_folder(agent: PPOAgent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint") / "ppo"
    agent.save(folder)
    return folder


@pytest.fixture(scope="session")
def export_folder(checkpoint_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_policy(checkpoint_folder, tmp_path_factory.mktemp("export") / "ppo")


@pytest.fixture(scope="session")
def export(export_folder: Path) -> Export:
    return load_export(export_folder)


@pytest.fixture(scope="session")
def asking_export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """A baseline that asks one question, then recommends the best candidate."""
    folder = tmp_path_factory.mktemp("baseline")
    save_baseline(folder / "checkpoint", AskThenRecommend(questions=1, diversity=0.0), ENV)
    return load_export(export_policy(folder / "checkpoint", folder / "export"))


@pytest.fixture(scope="session")
def reading_export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """The same with the language model, whose reader understands questions."""
    folder = tmp_path_factory.mktemp("reading")
    policy = AskThenRecommend(questions=1, diversity=0.0)
    save_baseline(folder / "checkpoint", policy, EnvConfig(encoder="minilm"))
    return load_export(export_policy(folder / "checkpoint", folder / "export"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "sessions.sqlite")
    yield store
    store.close()


@pytest.fixture
def sessions(export: Export, store: Store) -> Sessions:
    return Sessions(export, store)


@pytest.fixture
def asking(asking_export: Export, store: Store) -> Sessions:
    return Sessions(asking_export, store)

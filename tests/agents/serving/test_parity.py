"""Replaying an episode through the service gives the environment's observations and actions, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from agents.base import Policy, decision
from agents.baselines import AskThenRecommend, save_baseline
from agents.export import export_policy, load_export
from agents.ppo.agent import PPOAgent
from agents.serving.http.api import create_app
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from agents.tabular.agent import TabularAgent
from agents.tabular.config import TabularConfig
from chatrec_env.core.kernel import SYSTEM_DRAWS
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.task import _TASKS, make_task
from chatrec_env.language.forms import N_VARIANTS
from tests.agents.serving.conftest import ENV, lively_agent


class Episode:
    """Somebody who talks to the environment and to the service at once, saying and doing the same to both.

    Args:
        env: A configuration.
        policy: Who decides in the environment.
        export_folder: The same policy, exported.
        folder: For the store.
    """

    def __init__(self, env: EnvConfig, policy: Policy, export_folder: Path, folder: Path) -> None:
        self.env = ChatRecEnv(**env.to_dict())
        self.policy = policy
        self.variants: Any = None
        store = Store(folder / "sessions.sqlite")
        self.sessions = Sessions(load_export(export_folder), store, wording=self.wording)
        self.client = TestClient(create_app(self.sessions), base_url="http://127.0.0.1")
        self.kinds: set[str] = set()
        self.turns = self.clicks = 0

    def wording(self, _: str, turn: int) -> tuple[int, int]:
        """The environment's own draws for the wording: what the system says is part of the state."""
        first, second = self.variants[min(max(turn, 0), len(self.variants) - 1)]
        return int(first), int(second)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.client.post(f"/sessions{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def said(self) -> list[str]:
        """What the person just said to the environment."""
        d = self.env.state.dialogue
        ids = d.transcript[0, d.turn[0], -USER_SENTENCES:]
        return [self.env.task.manager.table.text(int(i)) for i in ids if i >= 0]

    def run(self, seed: int) -> None:
        observation, _ = self.env.reset(seed=seed)
        self.variants = (self.env.state.draws[0, :, :SYSTEM_DRAWS] * N_VARIANTS).astype(int)
        films, (time, device) = self.env.task.manager.catalog, self.env.state.dialogue.situational_context[0]
        setting = {"time": films.times[time].name, "device": films.devices[device].name}
        name = self.post("", setting)["id"]
        done = False
        while True:
            reply = self.post(f"/{name}/messages", {"sentences": self.said()})
            served = self.sessions.conversation(name).observation
            assert served is not None
            assert served[0].tobytes() == np.asarray(observation).tobytes(), f"turn {self.turns}"
            if done:
                return
            choice = int(self.policy.act(decision(self.env.task, self.env.state), np.zeros(1))[0])
            assert reply["action"] == self.env.task.actions.names[choice]
            observation, _, terminated, truncated, info = self.env.step(np.int64(choice))
            assert " ".join(part["text"] for part in reply["said"]) == info["system_text"]
            shown = [info["item"]] if reply["act"] == "recommend" else []
            assert [card["item"] for card in reply["cards"]][:1] == shown
            self.turns += 1
            self.kinds.add(reply["act"])
            if info["clicked"]:
                self.clicks += 1
                self.post(f"/{name}/clicks", {"item": info["item"]})
                self.post(f"/{name}/ratings", {"item": info["item"], "stars": info["stars"]})
            done = terminated or truncated


def test_a_network_on_items(agent: PPOAgent, export_folder: Path, tmp_path: Path) -> None:
    episode = Episode(ENV, agent, export_folder, tmp_path)
    for seed in range(12):
        episode.run(seed)
    assert episode.kinds == {"ask", "recommend"}
    assert episode.turns > 60
    assert episode.clicks > 5


def test_a_network_on_strategies(tmp_path: Path) -> None:
    env = EnvConfig(encoder="hash", actions="strategy", scenario="null")
    agent = lively_agent(env, seed=2)
    agent.save(tmp_path / "checkpoint")
    episode = Episode(env, agent, export_policy(tmp_path / "checkpoint", tmp_path / "export"), tmp_path)
    for seed in range(8):
        episode.run(seed)
    assert episode.turns > 20


@pytest.mark.parametrize("observation", ["flat", "tabular"])
def test_a_baseline(observation: str, tmp_path: Path) -> None:
    env = EnvConfig(encoder="hash", observation=observation, max_turns=8)
    policy = AskThenRecommend(questions=2, diversity=1.0)
    save_baseline(tmp_path / "checkpoint", policy, env)
    episode = Episode(env, policy, export_policy(tmp_path / "checkpoint", tmp_path / "export"), tmp_path)
    for seed in range(4):
        episode.run(100 + seed)
    assert episode.kinds == {"ask", "recommend"}


def test_a_table_of_values(tmp_path: Path) -> None:
    env = EnvConfig(encoder="hash", actions="strategy", observation="tabular")
    agent = TabularAgent(TabularConfig(algorithm="sarsa"), env)
    table = agent.parts[0].tensors()
    table["values"][:] = np.random.default_rng(0).normal(size=table["values"].shape)
    table["visits"][:] = 1
    agent.save(tmp_path / "checkpoint")
    episode = Episode(env, agent, export_policy(tmp_path / "checkpoint", tmp_path / "export"), tmp_path)
    for seed in range(10):
        episode.run(seed)
    assert episode.kinds >= {"ask", "recommend", "confirm"}


def test_with_the_language_model(three_films: str, tmp_path: Path) -> None:
    env = EnvConfig(encoder="minilm", max_turns=3, catalog=three_films, n_candidates=3)
    agent = lively_agent(env)
    agent.save(tmp_path / "checkpoint")
    episode = Episode(env, agent, export_policy(tmp_path / "checkpoint", tmp_path / "export"), tmp_path)
    episode.run(0)
    assert episode.turns > 0


def test_with_collaborative_factors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The factors are exported along: a service that never saw the log they were fitted on serves the same."""
    pytest.importorskip("implicit")
    env = EnvConfig(encoder="hash", collaborative=4.0)
    agent = lively_agent(env, seed=2)
    agent.save(tmp_path / "checkpoint")
    export = export_policy(tmp_path / "checkpoint", tmp_path / "export")
    assert (export / "factors.safetensors").is_file()
    # Another machine: an empty cache, and nothing to fit with.
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path / "elsewhere"))
    monkeypatch.setattr("chatrec_env.retrieval.factor_files._KNOWN", {})
    monkeypatch.setattr("chatrec_env.retrieval.factor_fitting.fit_factors", None)
    for key in [key for key in _TASKS if "sha256:" in key]:
        monkeypatch.delitem(_TASKS, key, raising=False)
    found, trained = load_export(export).task.manager.factors, make_task(env).manager.factors
    assert found is not None
    assert trained is not None
    assert found.fingerprint == trained.fingerprint
    assert found is not trained
    episode = Episode(env, agent, export, tmp_path)
    placed = 0
    for seed in range(12):
        episode.run(seed)
        placed += bool(episode.env.state.dialogue.kindred.mean.any())
    assert episode.clicks > 5
    assert placed > 3  # ratings in the conversation moved what was served


@pytest.mark.parametrize(
    ("talk", "network", "kinds"),
    [("crs", 1, {"ask", "recommend", "answer"}), ("chat", 3, {"ask", "recommend"})],
    ids=["crs", "chat"],
)
def test_people_who_talk(talk: str, network: int, kinds: set[str], tmp_path: Path) -> None:
    """What simulated people say is read in the service as in the environment: questions, titles, doubts, limits."""
    env = EnvConfig(encoder="hash", talk=talk, max_turns=12)
    agent = lively_agent(env, seed=network)
    agent.save(tmp_path / "checkpoint")
    episode = Episode(env, agent, export_policy(tmp_path / "checkpoint", tmp_path / "export"), tmp_path)
    for seed in range(12):
        episode.run(seed)
    assert episode.kinds >= kinds
    assert episode.turns > 40

"""A catalogue without an askable facet: a working task in which nothing is asked."""

from __future__ import annotations

import json

import gymnasium as gym
import numpy as np
import pytest

from agents import registry
from agents.baselines import make_baseline
from agents.ppo.agent import PPOConfig, train_ppo
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.evaluate.rollout import people_seeds, run

N_ITEMS = 30


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("silent") / "stamps.csv"
    rows = [f"Stamp number {i},{('birds', 'ships', 'kings')[i % 3]}" for i in range(N_ITEMS)]
    place.write_text("\n".join(["title,motif", *rows]) + "\n", encoding="utf-8")
    facet = {"name": "motif", "kind": "single", "column": "motif", "askable": False}
    declaration = {"name": "stamps", "noun": "stamp", "noun_plural": "stamps", "facets": [facet]}
    place.with_suffix(".json").write_text(json.dumps(declaration), encoding="utf-8")
    return str(place)


@pytest.mark.parametrize("env_id", ["ChatRec/Items-v0", "ChatRec/Strategy-v0"])
def test_a_conversation_runs_without_questions(silent: str, env_id: str) -> None:
    env = gym.make(env_id, catalog=silent, encoder="hash", scenario="null")
    _, info = env.reset(seed=3)
    rng = np.random.default_rng(0)
    over = False
    while not over:
        legal = np.flatnonzero(info["action_mask"])
        assert not any(env.unwrapped.task.actions.names[a].startswith("ask") for a in legal)  # type: ignore[attr-defined]
        _, _, terminated, truncated, info = env.step(rng.choice(legal))
        over = terminated or truncated
    assert info["questions"] == 0 or env_id == "ChatRec/Strategy-v0"  # a strategy may still confirm


def test_every_baseline_and_ppo_play(silent: str) -> None:
    env = EnvConfig(catalog=silent, encoder="hash")
    task = make_task(env)
    assert task.actions.n == env.n_candidates
    seeds = people_seeds("eval", 0, 8)
    for name in registry.names(registry.BASELINE, actions=env.actions):
        assert run(task, make_baseline(name, env), seeds).questions.sum() == 0
    agent = train_ppo(PPOConfig(turns=256, num_envs=8, warm_start=100, check_people=20, seed=0), env)
    assert run(task, agent, seeds).turns.min() >= 1

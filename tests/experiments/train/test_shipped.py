"""Policies for the package: the row of the page by hand, and the same choices with an encoder that is not read."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import decision
from agents.ppo.agent import train_ppo
from agents.ppo.config import PPOConfig
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.evaluate.rollout import meet, people_seeds
from experiments.train.shipped import Padded, for_encoder, row_of, unencoded

SMALL: dict[str, Any] = {
    "num_envs": 8,
    "batch_size": 32,
    "warm_start": 0,
    "check_people": 0,
    "network": {"hidden": 8},
}


def test_a_row_of_the_page() -> None:
    interval = {"mean": 1.0, "low": 0.75, "high": 1.25, "n": 2000}
    names = ("ppo", "greedy", "heuristic", "to_greedy", "to_heuristic")
    row = row_of("music", {"turns": 31_000, "seed": 0, **dict.fromkeys(names, interval)})
    assert row == (
        "| music | 31,000 | 1.00 ± 0.25 | 1.00 ± 0.25 | 1.00 ± 0.25 | +1.00 ± 0.25 | +1.00 ± 0.25 |"
    )


def test_with_another_encoder_the_same_is_done() -> None:
    """Trained without an encoder, it acts alike where sentences are encoded, and where zeros stand for them."""
    agent = train_ppo(PPOConfig(turns=50, **SMALL), unencoded("courses"))
    env = EnvConfig(catalog="courses", encoder="hash")
    moved, seeds = for_encoder(agent, env), people_seeds("eval", 0, 40)
    plain, encoded = (decision(task, meet(task, seeds)) for task in map(make_task, (agent.env, env)))
    wanted = agent.act(plain, np.zeros(40)).tolist()
    assert moved.act(encoded, np.zeros(40)).tolist() == wanted
    assert Padded(moved, encoded.observation.shape[1]).act(plain, np.zeros(40)).tolist() == wanted

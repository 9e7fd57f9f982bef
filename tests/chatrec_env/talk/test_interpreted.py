"""Conversations in which people talk, without compiling and with every index checked: the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulators.test_interpreted import run

PLAY = """
import numpy as np
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.vector_env import ChatRecVectorEnv

total = []
for actions, size in (("slate", 2), ("strategy", None)):
    env = ChatRecVectorEnv(8, actions=actions, slate_size=size, encoder="hash", talk="crs", autoreset_mode="same_step")
    observation, info = env.reset(seed=0)
    rng = np.random.default_rng(1)
    for _ in range(8):
        parts = np.split(info["action_mask"], np.cumsum(env.task.actions.sizes)[:-1], axis=1)
        chosen = np.array([[rng.choice(np.flatnonzero(row)) for row in part] for part in parts]).T
        observation, reward, *_, info = env.step(chosen if size else chosen[:, 0])
        total += [float(observation.sum(dtype=np.float64)), float(reward.sum())]
        total += [*info["user_text"], *info["system_text"]]
print(total)
"""


@pytest.mark.long  # all rules are compiled once more
def test_a_conversation_is_the_same_interpreted_and_with_checked_indices(tmp_path: Path) -> None:
    compiled = run(["-c", PLAY]).splitlines()[-1]
    assert run(["-c", PLAY], NUMBA_DISABLE_JIT="1").splitlines()[-1] == compiled
    assert (
        run(["-c", PLAY], NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)).splitlines()[-1] == compiled
    )

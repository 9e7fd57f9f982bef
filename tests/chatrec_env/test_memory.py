"""What a thousand conversations cost, measured in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = """
import json, tracemalloc
import numpy as np
import chatrec_env
from chatrec_env.envs.vector_env import ChatRecVectorEnv

def memory(line):
    # Not getrusage: what it calls the peak, a child takes over from its parent.
    with open("/proc/self/status") as file:
        return next(int(text.split()[1]) * 1024 for text in file if text.startswith(line))

def play(env, turns, seed):
    rng = np.random.default_rng(seed)
    _, info = env.reset(seed=seed)
    for _ in range(turns):
        actions = [rng.choice(np.flatnonzero(row)) for row in info["action_mask"]]
        info = env.step(np.array(actions))[4]

keywords = {"encoder": "hash", "autoreset_mode": "same_step", "scenario": {"name": "full", "typos": 0.0}}
few = ChatRecVectorEnv(8, **keywords)
few.task.manager.table.preload(np.arange(5_000))  # what both need: imports, catalogue, some sentences
play(few, 5, seed=0)
before, table = memory("VmRSS"), few.task.manager.table
many = ChatRecVectorEnv(1024, **keywords)
play(many, 4, seed=1)
peak = memory("VmHWM") - before
table.preload(np.arange(5_000))
tracemalloc.start()
play(many, 2, seed=1)
print(json.dumps({"resident": peak / 2**20, "arrays": tracemalloc.get_traced_memory()[1] / 2**20}))
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads the memory of the process from /proc"
)
def test_1024_conversations_cost_under_300_mb(repo: Path) -> None:
    """All of it: state, observations, infos, scratch arrays, and the sentences they made necessary."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=repo, capture_output=True, text=True, check=True, timeout=240
    )
    found = json.loads(done.stdout)
    assert found["arrays"] < 150, found
    assert found["resident"] < 300, found

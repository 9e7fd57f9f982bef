"""The first start on a machine: at once in plain Python, compiled in the background, and quiet ever after."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatrec_env.core.compiled.tiers import used_rules
from chatrec_env.envs.env import ChatRecEnv

REPO = Path(__file__).resolve().parents[3]
FIRST = "first start on this machine"

PLAY = """
import sys, time
import gymnasium as gym
import chatrec_env
from chatrec_env.core.compiled.tiers import is_interpreted

def turns(env, n):
    env.action_space.seed(1)
    seen, info = env.reset(seed=1)
    total = 0.0
    for _ in range(n):
        seen, reward, over, cut, info = env.step(env.action_space.sample(info["action_mask"]))
        total += reward + float(seen.sum())
        if over or cut:
            seen, info = env.reset()
    return total

env = gym.make("ChatRec/Items-v0", encoder="hash", disable_env_checker=True)
print(is_interpreted(), turns(env, 30))
until = time.time() + float(sys.argv[1])
while is_interpreted() and time.time() < until:
    time.sleep(0.1)
    turns(env, 1)
print(is_interpreted(), turns(env, 30))
"""

WORKERS = """
import numpy as np
from stable_baselines3.common.vec_env import SubprocVecEnv
from stable_baselines3.common.env_util import make_vec_env

if __name__ == "__main__":
    envs = make_vec_env(
        "chatrec_env:ChatRec/Items-v0", 2, seed=1, env_kwargs={"encoder": "hash", "masked_actions": "redirect"},
        vec_env_cls=SubprocVecEnv, vec_env_kwargs={"start_method": "fork"},
    )
    total = float(envs.reset().sum())
    for _ in range(5):
        total += float(envs.step(np.full(2, envs.action_space.n - 1))[0].sum())
    envs.close()
    print(total)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the packages with all that was compiled, but for a rule of every turn and the note that it is there.

    So little has to be compiled in these tests.
    """
    env = ChatRecEnv(encoder="hash")
    env.reset(seed=0)
    env.step(0)
    for name in ("chatrec_env", "simulators"):
        shutil.copytree(REPO / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in {
        (Path(r.py_func.__code__.co_filename).parent, str(r.stats.cache_path)) for r in used_rules()
    }:
        if folder[0].is_relative_to(REPO / "chatrec_env") or folder[0].is_relative_to(REPO / "simulators"):
            there = tmp_path / folder[0].relative_to(REPO) / "__pycache__"
            there.mkdir()
            for kept in Path(folder[1]).glob("*.rule"):
                if not kept.name.startswith(("kernel.deal-", "rewards.reward-")):
                    shutil.copy(kept, there)
    return tmp_path


def python(package: Path, code: str, *arguments: str, start: str = "") -> subprocess.CompletedProcess[str]:
    """Run code with the copied packages and their own cache."""
    (package / "script.py").write_text(code)
    settings = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "CHATREC_START")}
    return subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "script.py", *arguments],
        cwd=package,
        env={**settings, "PYTHONPATH": str(package), "CHATREC_START": start},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def test_the_first_start_is_at_once_and_the_second_is_compiled(package: Path) -> None:
    compiled = python(package, PLAY, "0", start="compiled").stdout.splitlines()
    assert [line.split()[0] for line in compiled] == ["False", "False"]
    for kept in package.rglob("kernel.deal-*.rule"):
        kept.unlink()

    first = python(package, PLAY, "200")
    assert first.stderr.count(FIRST) == 1
    assert first.stdout.splitlines() == [
        compiled[0].replace("False", "True"),
        compiled[1],
    ]  # and the same bits
    assert list(package.rglob("*.compiled"))

    second = python(package, PLAY, "0")
    assert (second.stdout.splitlines(), second.stderr) == (compiled, "")


def test_workers_start_at_once_and_one_process_compiles(package: Path) -> None:
    first = python(package, WORKERS)
    assert first.stderr.count(FIRST) == 1
    assert "compiling its rules" not in first.stderr
    assert python(package, WORKERS, start="compiled").stdout == first.stdout


def test_where_no_other_process_can_be_told_of_it_compiles_first(package: Path) -> None:
    code = "import sys\nsys.executable = ''\n" + PLAY
    done = python(package, code, "0")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["False", "False"]
    assert "compiling its rules" in done.stderr

"""The contract of an agent, for every agent: legal, the same in any batch, saved and repeated to the bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from agents.base import Decision, Policy, decision
from agents.baselines import make_baseline, save_baseline
from agents.checkpoints import load_checkpoint, load_policy
from agents.tabular.agent import TabularAgent
from agents.tabular.config import TabularConfig
from chatrec_env.core.kernel import Task, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.evaluate.rollout import meet, people_seeds, run

ITEMS = EnvConfig(encoder="hash")
STRATEGY = EnvConfig(encoder="hash", actions="strategy", observation="tabular")


@dataclass(frozen=True)
class Case:
    """An agent under test: ``make(seed, turns)`` builds it, trained if it learns."""

    name: str
    env: EnvConfig
    make: Callable[[int, int], Any]
    turns: int = 0  # needed to beat random; 0 if it does not learn

    def save(self, policy: Any, folder: Path) -> None:
        if self.turns:
            policy.save(folder)
        else:
            save_baseline(folder, policy, self.env)


def baseline(name: str, env: EnvConfig, **params: Any) -> Case:
    return Case(f"{name}-{env.actions}", env, lambda seed, turns: make_baseline(name, env, **params))


def tabular(algorithm: str, env: EnvConfig) -> Case:
    def make(seed: int, turns: int) -> TabularAgent:
        config = TabularConfig(
            algorithm=algorithm, seed=seed, parallel=200, decay_turns=max(1, turns), record_every=1000
        )
        return TabularAgent(config, env).learn(turns)

    return Case(f"{algorithm}-{env.actions}", env, make, turns=40_000)


def ppo(env: EnvConfig) -> Case:
    def make(seed: int, turns: int) -> Any:
        from agents.ppo.agent import PPOConfig, train_ppo

        return train_ppo(PPOConfig(turns=turns, num_envs=64, batch_size=256, seed=seed), env)

    return Case(f"ppo-{env.actions}", env, make, turns=20_000)


STRATEGY_FLAT = EnvConfig(encoder="hash", actions="strategy")
ASK = {"questions": 2, "diversity": 1.0, "again_after": 2, "refused": 0.5, "ask_below": 1.0}
CASES = [
    *[baseline(name, env) for name in ("random", "greedy", "most_informative") for env in (ITEMS, STRATEGY)],
    baseline("popular", ITEMS),
    *[baseline("ask_then_recommend", env, **ASK) for env in (ITEMS, STRATEGY)],
    *[tabular(algorithm, STRATEGY) for algorithm in ("q_learning", "sarsa")],
    tabular("q_learning", ITEMS),
    *[ppo(env) for env in (ITEMS, STRATEGY_FLAT)],
]
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
LEARNERS = pytest.mark.parametrize("case", [c for c in CASES if c.turns], ids=lambda case: case.name)


@cache
def trained(name: str, turns: int, copy: int = 0, seed: int = 0) -> Policy:
    """An agent of a case; ``copy`` makes another from the same arguments."""
    policy: Policy = next(c for c in CASES if c.name == name).make(seed, turns)
    return policy


def a_little(case: Case) -> int:
    return min(case.turns, 4_000)


def decisions(task: Task, n: int, turns: int) -> list[tuple[Decision, list[Decision]]]:
    """What ``n`` people's conversations wait for, all together and one by one, under random legal actions."""
    rng = np.random.default_rng(0)
    state = meet(task, people_seeds("eval", 1, n))
    out = []
    for _ in range(turns):
        together = decision(task, state.copy())  # a copy, since a turn changes the state in place
        out.append((together, [decision(task, state.take(np.array([i]))) for i in range(len(state))]))
        legal = [int(rng.choice(np.flatnonzero(row[: task.actions.n - 1]))) for row in together.mask]
        turn = step_batch(task, state, np.array(legal))
        state = state.take(np.flatnonzero(~turn.terminated))
    return out


class Watched:
    """A policy that checks the legality of what it does."""

    name = "watched"

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        actions = self.policy.act(decision, uniforms)
        assert actions.dtype == np.int64
        assert actions.shape == (len(decision),)
        assert decision.mask[np.arange(len(actions)), actions].all()
        return actions


@EVERY
def test_acts_are_legal(case: Case) -> None:
    policy = trained(case.name, a_little(case))
    assert isinstance(policy, Policy)
    run(make_task(case.env), Watched(policy), people_seeds("eval", 0, 50))


@EVERY
def test_the_batch_makes_no_difference(case: Case) -> None:
    policy = trained(case.name, a_little(case))
    for together, alone in decisions(make_task(case.env), n=12, turns=6):
        uniforms = np.random.default_rng(1).random(len(together))
        one_by_one = [int(policy.act(d, uniforms[i : i + 1])[0]) for i, d in enumerate(alone)]
        assert policy.act(together, uniforms).tolist() == one_by_one


@EVERY
def test_saved_and_loaded_it_acts_the_same(case: Case, tmp_path: Path) -> None:
    policy = trained(case.name, a_little(case))
    case.save(policy, tmp_path)
    loaded = load_policy(tmp_path)
    assert loaded.name == policy.name
    for together, _ in decisions(make_task(case.env), n=40, turns=5):
        uniforms = np.random.default_rng(2).random(len(together))
        assert loaded.act(together, uniforms).tolist() == policy.act(together, uniforms).tolist()


@LEARNERS
def test_the_same_seed_gives_the_same_bits_and_finite_ones(case: Case, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b", tmp_path / "other-seed", tmp_path / "untrained"]
    for folder, policy in zip(
        folders,
        [
            trained(case.name, a_little(case)),
            trained(case.name, a_little(case), copy=1),
            trained(case.name, a_little(case), seed=1),
            trained(case.name, 1),
        ],
        strict=True,
    ):
        case.save(policy, folder)
    one, same, other, untrained = (load_checkpoint(f).tensors for f in folders)
    for name, tensor in one.items():
        assert np.isfinite(tensor).all(), name
        assert tensor.tobytes() == same[name].tobytes(), name
    assert any(one[name].tobytes() != other[name].tobytes() for name in one)
    assert any(one[name].tobytes() != untrained[name].tobytes() for name in one)


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.name.startswith("random")], ids=lambda case: case.name
)
def test_it_beats_random(case: Case) -> None:
    task, seeds = make_task(case.env), people_seeds("eval", 2, 500)
    policy = trained(case.name, case.turns)
    # The same people in the same mood, so the difference is taken person by person.
    gain = run(task, policy, seeds).ret - run(task, make_baseline("random"), seeds).ret
    assert gain.mean() - 1.96 * gain.std(ddof=1) / np.sqrt(len(gain)) > 0

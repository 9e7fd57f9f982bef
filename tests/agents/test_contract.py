"""The contract of an agent, for every agent: legal, the same in any batch, saved and repeated to the bit."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from agents import registry
from agents.base import Decision, OraclePolicy, Policy, decision
from agents.baselines import make_baseline, save_baseline
from agents.checkpoints import load_checkpoint, load_policy
from agents.registry import AGENTS, BASELINE, LEARNER, Agent
from chatrec_env.core.kernel import Task, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds, run

ENOUGH, SOON = 20_000, 2_500
"""Turns of training after which every learner beats chance: those of the published comparison, and the others."""

A_LITTLE = 4_000

EVERYTHING_ON: dict[str, dict[str, Any]] = {
    "ask_then_recommend": {
        "questions": 2,
        "diversity": 1.0,
        "again_after": 2,
        "refused": 0.5,
        "ask_below": 1.0,
        "heed": 0.5,
    }
}
"""Parameters of baselines that leave nothing out."""


@dataclass(frozen=True)
class Case:
    """An agent and the actions it acts on."""

    agent: Agent
    actions: str

    @property
    def name(self) -> str:
        return f"{self.agent.name}-{self.actions}"

    @property
    def learns(self) -> bool:
        return self.agent.role == LEARNER

    @property
    def enough(self) -> int:
        return ENOUGH if self.agent.published else SOON

    @property
    def a_little(self) -> int:
        return A_LITTLE if self.agent.published else A_LITTLE // 10

    @property
    def people(self) -> int:
        return 500 if self.agent.published else 250

    @property
    def env(self) -> EnvConfig:
        return EnvConfig(encoder="hash", actions=self.actions, observation=self.agent.observation)

    def make(self, turns: int, seed: int = 0) -> Any:
        """The policy; a learner after so many turns of training."""
        if not self.learns:
            return make_baseline(self.agent.name, self.env, **EVERYTHING_ON.get(self.agent.name, {}))
        config = registry.make_config(self.agent.name, turns=turns, seed=seed, settings=self.agent.small)
        return registry.resolve(self.agent.train)(config, self.env)

    def save(self, policy: Any, folder: Path) -> None:
        if self.learns:
            policy.save(folder)
        else:
            save_baseline(folder, policy, self.env)


CASES = [
    Case(agent, actions)
    for agent in AGENTS.values()
    if agent.role in (BASELINE, LEARNER)  # the others are made from a task, and have tests of their own
    for actions in (agent.actions if agent.published else agent.actions[:1])
]
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
LEARNERS = pytest.mark.parametrize("case", [c for c in CASES if c.learns], ids=lambda case: case.name)


@cache
def trained(name: str, turns: int, copy: int = 0, seed: int = 0) -> Policy:
    """An agent of a case; ``copy`` makes another from the same arguments."""
    policy: Policy = next(c for c in CASES if c.name == name).make(turns, seed)
    return policy


def decisions(task: Task, n: int, turns: int) -> list[tuple[Decision, list[Decision]]]:
    """What ``n`` people's conversations wait for, all together and one by one, under random legal actions."""
    rng = np.random.default_rng(0)
    state = meet(task, people_seeds("eval", 1, n))
    out = []
    for _ in range(turns):
        together = decision(task, state.copy())  # a copy, since a turn changes the state in place
        out.append((together, [decision(task, state.take(np.array([i]))) for i in range(len(state))]))
        mask = together.mask.copy()
        mask[:, [name == "close" for name in task.actions.names]] = False
        anything = make_baseline("random").act(replace(together, mask=mask), rng.random(len(together)))
        turn = step_batch(task, state, anything)
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
        sizes = decision.task.actions.sizes
        assert actions.shape == ((len(decision),) if len(sizes) == 1 else (len(decision), len(sizes)))
        columns = actions.reshape(len(actions), -1) + np.cumsum([0, *sizes[:-1]])
        assert decision.mask[np.arange(len(actions))[:, None], columns].all()
        return actions


@EVERY
def test_acts_are_legal(case: Case) -> None:
    policy = trained(case.name, case.a_little)
    assert isinstance(policy, Policy)
    run(make_task(case.env), Watched(policy), people_seeds("eval", 0, 50))


@EVERY
def test_the_batch_makes_no_difference(case: Case) -> None:
    policy = trained(case.name, case.a_little)
    for together, alone in decisions(make_task(case.env), n=12, turns=6):
        uniforms = np.random.default_rng(1).random(len(together))
        one_by_one = [policy.act(d, uniforms[i : i + 1])[0].tolist() for i, d in enumerate(alone)]
        assert policy.act(together, uniforms).tolist() == one_by_one


@EVERY
def test_saved_and_loaded_it_acts_the_same(case: Case, tmp_path: Path) -> None:
    policy = trained(case.name, case.a_little)
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
            trained(case.name, case.a_little),
            trained(case.name, case.a_little, copy=1),
            trained(case.name, case.a_little, seed=1),
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


@cache
def returns_of_chance(key: str) -> npt.NDArray[np.float64]:
    """Returns of the random policy with the 500 people of an environment."""
    task = make_task(EnvConfig.create(json.loads(key)))
    return run(task, make_baseline("random"), people_seeds("eval", 2, 500)).ret


def random_returns(env: EnvConfig) -> npt.NDArray[np.float64]:
    """The same, whatever the observation form: the random policy looks at none."""
    return returns_of_chance(replace(env, observation="tabular").key())


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.name.startswith("random")], ids=lambda case: case.name
)
def test_it_beats_random(case: Case) -> None:
    task, seeds = make_task(case.env), people_seeds("eval", 2, case.people)
    policy = trained(case.name, case.enough)
    # The same people in the same mood, so the difference is taken person by person.
    gain = run(task, policy, seeds).ret - random_returns(case.env)[: len(seeds)]
    assert gain.mean() - 1.96 * gain.std(ddof=1) / np.sqrt(len(gain)) > 0


@pytest.mark.parametrize("name", registry.names(registry.ORACLE))
def test_oracles_act_on_the_whole_state(name: str) -> None:
    task = make_task(EnvConfig(encoder="hash", max_turns=4))
    oracle = registry.resolve(AGENTS[name].policy)(task)
    assert isinstance(oracle, OraclePolicy)
    assert oracle.name == name
    state = meet(task, people_seeds("eval", 0, 3))
    assert task.actions.mask(state.dialogue, task.manager.view(state.dialogue))[
        np.arange(3), oracle.act_on(state)
    ].all()


def test_names_are_what_policies_call_themselves() -> None:
    for case in CASES:
        assert trained(case.name, case.a_little).name == case.agent.name


def test_unknown_names_are_told_the_known_ones_and_old_names_the_new() -> None:
    with pytest.raises(UnknownNameError, match=r"No learner 'sarsaa'\. Did you mean 'sarsa'"):
        registry.find("sarsaa", LEARNER)
    with pytest.raises(UnknownNameError, match="No baseline 'ppo'"):
        registry.find("ppo", BASELINE)
    with pytest.warns(FutureWarning, match="'privileged' is now called 'oracle'"):
        assert registry.find("privileged").name == "oracle"


def test_the_one_to_take_when_nobody_says_which() -> None:
    assert registry.preferred(["ask_then_recommend", "sarsa", "ppo"]) == "ppo"
    assert registry.preferred(["somebody-else"]) is None

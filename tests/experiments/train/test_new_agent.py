"""A new agent is one module and one line of ``agents.registry.AGENTS``: this module is one, and here is its line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pytest

from agents.base import Decision, Look, Report
from agents.checkpoints import load_checkpoint, save_checkpoint
from agents.registry import AGENTS, LEARNER, Agent
from chatrec_env.envs.config import EnvConfig
from experiments.evaluate.reproduce import ReproduceConfig, parts_of

LINE = Agent(
    name="toy",
    label="a toy",
    role=LEARNER,
    policy=f"{__name__}:Toy",
    config=f"{__name__}:ToyConfig",
    train=f"{__name__}:train_toy",
    turns=30,
)


@dataclass(frozen=True, kw_only=True)
class ToyConfig:
    turns: int = 1
    seed: int = 0


class Toy:
    """Recommends the first candidate, however long it is trained."""

    name = "toy"

    def __init__(self, config: ToyConfig, env: EnvConfig) -> None:
        self.config, self.env, self.turns = config, env, config.turns

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        return np.full(len(decision), decision.task.actions.fallback)

    def save(self, folder: Path) -> None:
        meta = {"turns": self.turns, "seed": self.config.seed}
        save_checkpoint(folder, kind="toy", env=self.env, tensors={}, meta=meta)

    @classmethod
    def load(cls, folder: Path) -> Self:
        kept = load_checkpoint(folder)
        return cls(ToyConfig(turns=kept.meta["turns"], seed=kept.meta["seed"]), kept.env)


def train_toy(
    config: ToyConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> Toy:
    policy = Toy(config, env)
    if callback is not None:
        callback({"turns": config.turns})
    if folder is not None:
        policy.save(folder)
    return policy


def test_it_is_trained_and_evaluated_and_compared(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(AGENTS, "toy", LINE)
    few = ("--encoder", "hash", "--curve-people", 2)
    assert chatrec("train", "--agent", "toy", *few, "--out", "run").code == 0
    done = chatrec("evaluate", "run", "greedy", "--people", 4, "--json")
    assert {row["policy"]: row["learned"] for row in json.loads(done.out)["rows"]} == {
        "a toy": True,
        "greedy": False,
    }
    parts = parts_of(ReproduceConfig(first_seed=15), "full", tmp_path)
    part = next(p for p in parts if p.name == "full-toy-15")
    assert part.job.__name__ == "learner_job"

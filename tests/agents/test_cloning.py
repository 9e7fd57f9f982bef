"""Behaviour cloning: the clone does what its teacher does, and learns from no more turns than it is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.base import decision
from agents.baselines import Greedy
from agents.cloning import CloneAgent, CloningConfig, make_teacher, train_cloning
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds

ENV = EnvConfig(encoder="hash", max_turns=6)
SMALL = CloningConfig(turns=600, teacher="greedy", steps=100, batch_size=64)


def test_a_clone_of_greedy_asks_nothing_and_shows_what_scores_best(tmp_path: Path) -> None:
    agent = train_cloning(SMALL, ENV, folder=tmp_path)
    task = make_task(ENV)
    seen = decision(task, meet(task, people_seeds("eval", 0, 100)))
    actions = agent.act(seen, np.zeros(100))
    places = actions - task.actions.fallback
    assert places.min() >= 0
    behind = seen.dialogue.scores[:, 0] - seen.dialogue.scores[np.arange(100), places]
    assert behind.mean() < 0.1
    assert train_cloning(SMALL, ENV, folder=tmp_path, resume=True).turns == 600
    assert CloneAgent.load(tmp_path).act(seen, np.zeros(100)).tolist() == actions.tolist()


def test_teachers() -> None:
    assert make_teacher(SMALL, ENV) == Greedy()
    with pytest.raises(ConfigError, match="'bayes-planner' acts on items actions"):
        make_teacher(replace(SMALL, teacher="bayes-planner"), replace(ENV, actions="strategy"))
    with pytest.raises(UnknownNameError, match="No teacher 'planner'"):
        CloningConfig(teacher="planner")

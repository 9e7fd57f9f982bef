"""Learners of stable-baselines3: keywords, callbacks, masks, memory of a conversation, weights without pickle."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sb3_contrib.common.maskable.distributions import MaskableCategoricalDistribution
from stable_baselines3.common.callbacks import BaseCallback

from agents import registry
from agents.base import Decision, decision
from agents.checkpoints import load_checkpoint
from agents.sb3.acting import best_action, logits_of
from agents.sb3.agent import SB3Agent, train_sb3
from agents.sb3.config import SB3Config
from chatrec_env.core.kernel import step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds

ENV = EnvConfig(encoder="hash", max_turns=6)


def small(name: str, turns: int = 200, **settings: Any) -> SB3Config:
    config: SB3Config = registry.make_config(
        name, turns=turns, seed=0, settings={**registry.AGENTS[name].small, **settings}
    )
    return config


class Counting(BaseCallback):
    """A callback as a user of the library writes one."""

    steps = 0

    def _on_step(self) -> bool:
        Counting.steps += 1
        return True


def test_every_keyword_of_the_library_is_one_of_ours() -> None:
    config = small(
        "dqn",
        learning_rate="lin_0.01",
        tau=0.5,
        policy_kwargs={"net_arch": [8], "activation_fn": "torch.nn:Tanh"},
    )
    assert config.keywords["tau"] == 0.5
    assert config.keywords["gamma"] == 0.9  # our usual one stays
    assert config.arguments()["learning_rate"](0.25) == pytest.approx(0.0025)
    assert config.policy_arguments() == {"net_arch": [8], "activation_fn": torch.nn.Tanh}
    assert json.loads(json.dumps(config.keywords)) == config.keywords


@pytest.mark.parametrize(
    ("name", "settings", "error", "message"),
    [
        (
            "dqn",
            {"learning_rat": 1},
            UnknownNameError,
            "No keyword of DQN 'learning_rat'. Did you mean 'learning_rate'",
        ),
        ("a2c", {"policy": "Mlp"}, UnknownNameError, "Did you mean 'MlpPolicy'"),
        ("a2c", {"extractor": "sequences"}, UnknownNameError, "Did you mean 'sequence'"),
        ("a2c", {"num_envs": 0}, ConfigError, "num_envs must be an integer >= 1"),
    ],
)
def test_settings_are_checked(
    name: str, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        small(name, **settings)


def test_callbacks_and_tensorboard_as_users_of_the_library_know_them(tmp_path: Path) -> None:
    Counting.steps = 0
    config = small("a2c", callbacks=[f"{__name__}:Counting"], tensorboard_log=str(tmp_path / "board"))
    records: list[dict[str, float]] = []
    train_sb3(replace(config, record_every=100), ENV, callback=records.append, callbacks=[Counting()])
    # Ten conversations side by side, and two whole rollouts of 16 turns: 320 turns, which both callbacks see.
    assert Counting.steps == 2 * 32
    assert [r["turns"] for r in records] == [100, 200, 300]
    assert list((tmp_path / "board").rglob("events.out.tfevents.*"))
    with pytest.raises(ConfigError, match="'json:loads' is no callback"):
        train_sb3(replace(config, callbacks=("json:loads",), keywords={}), ENV)


def test_a_checkpoint_can_name_no_code_of_others(tmp_path: Path) -> None:
    train_sb3(small("a2c", turns=160), ENV, folder=tmp_path)
    file = tmp_path / "policy.json"
    header = json.loads(file.read_text())
    header["meta"]["config"]["keywords"]["policy_kwargs"] = {"activation_fn": "os:system"}
    file.write_text(json.dumps(header))
    with pytest.raises(ArtifactError, match=r"policy_kwargs may name classes of torch\.nn and torch\.optim"):
        SB3Agent.load(tmp_path)


def test_it_goes_on_from_weights_optimiser_and_turns(tmp_path: Path) -> None:
    config = small("dqn", learning_starts=50)
    train_sb3(replace(config, turns=100), ENV, folder=tmp_path)
    agent = train_sb3(config, ENV, folder=tmp_path, resume=True)
    assert agent.turns == 200
    saved = load_checkpoint(tmp_path)
    assert saved.training is not None
    assert int(saved.training["turns"]) == 200
    with pytest.raises(ConfigError, match="num_envs=10 and cannot go on with 5"):
        train_sb3(replace(config, num_envs=5), ENV, folder=tmp_path, resume=True)


def conversation(agent: SB3Agent, env: EnvConfig, *, watched_from: int) -> list[Decision]:
    """Decisions of two people's conversations, of which the agent sees those from a turn on."""
    task, found = make_task(env), []
    state = meet(task, people_seeds("eval", 3, 2))
    for turn in range(3):
        seen = decision(task, state.copy())
        found.append(seen)
        if turn >= watched_from:
            agent.act(seen, np.zeros(2))
        step_batch(task, state, np.full(2, task.actions.fallback))
    return found


def test_a_recurrent_policy_remembers_the_conversation() -> None:
    agent = train_sb3(small("recurrent_ppo", turns=160, n_steps=8, n_epochs=1), ENV)
    seen = conversation(agent, ENV, watched_from=0)
    remembering = agent._numbers(seen[2])
    alone = [agent._numbers(decision_of(seen[2], row)) for row in (0, 1)]
    np.testing.assert_allclose(np.concatenate(alone), remembering, atol=1e-5)
    fresh = SB3Agent(agent.config, ENV, agent.policy)
    assert np.abs(fresh._numbers(seen[2]) - remembering).max() > 1e-4


def decision_of(seen: Decision, row: int) -> Decision:
    """The decision of one of several conversations."""
    from chatrec_env.core.records import take

    rows = np.array([row])
    return Decision(
        task=seen.task,
        observation=seen.observation[rows],
        mask=seen.mask[rows],
        dialogue=take(seen.dialogue, rows),
        view=take(seen.view, rows),
    )


def test_a_slate_names_no_candidate_twice() -> None:
    env = replace(ENV, actions="slate", slate_size=3, n_candidates=4)
    task = make_task(env)
    seen = decision(task, meet(task, people_seeds("eval", 0, 1)))
    first = task.actions.sizes[0]
    numbers = np.zeros((1, task.actions.n), np.float32)
    numbers[0, first:] = [3, 2, 1, 0] * 3  # every place likes the first candidate best
    assert best_action(numbers, seen).tolist() == [[0, 0, 1, 2]]
    seen.mask[0, first:] = [True, False, False, False] * 3
    assert best_action(numbers, seen).tolist() == [[0, 0, 0, 0]]


def test_masks_hold_for_1500_actions() -> None:
    """More than a thousand masked choices have made the library fail on rounding."""
    torch.manual_seed(0)
    distribution = MaskableCategoricalDistribution(1500).proba_distribution(5 * torch.randn(8, 1500))
    mask = np.zeros((8, 1500), np.bool_)
    mask[:, [3, 700, 1499]] = True
    distribution.apply_masking(mask)
    drawn = torch.stack([distribution.sample() for _ in range(20)])
    assert set(drawn.flatten().tolist()) <= {3, 700, 1499}
    assert logits_of(distribution).shape == (8, 1500)


def test_the_sequence_extractor_reads_the_turns() -> None:
    env = replace(ENV, conversation="sequence", history_turns=3)
    agent = train_sb3(small("maskable_ppo", extractor="sequence", n_steps=8, n_epochs=1), env)
    assert "features_extractor.sequence.gru.weight_hh" in agent.policy.state_dict()
    with pytest.raises(ConfigError, match="got conversation='recency'"):
        train_sb3(small("maskable_ppo", extractor="sequence"), ENV)

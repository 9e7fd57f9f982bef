"""PPO: trains, repeats itself, and survives being stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from agents.base import decision, likeliest
from agents.checkpoints import load_checkpoint
from agents.ppo.agent import PPOAgent, PPOConfig, train_ppo
from agents.ppo.resuming import people_seed, turns_done
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, MissingExtraError
from experiments.evaluate.rollout import meet, people_seeds

ENV = EnvConfig(encoder="hash", max_turns=6)
TINY = {
    "num_envs": 8,
    "n_steps": 4,
    "batch_size": 16,
    "n_epochs": 1,
    "network": {"hidden": 8, "item": 4, "speech": 4},
}


def tiny(turns: int, **changes: Any) -> PPOConfig:
    return PPOConfig(**{**TINY, "turns": turns, **changes})


def weights(agent: PPOAgent) -> dict[str, Any]:
    return {name: tensor.numpy().copy() for name, tensor in agent.network.state_dict().items()}


def actions(agent: PPOAgent) -> list[int]:
    task = make_task(ENV)
    seen = decision(task, meet(task, people_seeds("eval", 3, 30)))
    return agent.act(seen, np.zeros(30)).tolist()


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"conversation": "sequence", "history_turns": 3}, id="sequence"),
        pytest.param({"encoder": "minilm-int8"}, id="minilm-int8", marks=pytest.mark.long),
        pytest.param({"encoder": "smollm2"}, id="smollm2", marks=pytest.mark.long),
        pytest.param(
            {"encoder": "smollm2", "conversation": "sequence", "history_turns": 3},
            id="smollm2-sequence",
            marks=pytest.mark.long,
        ),
    ],
)
def test_it_trains_on_every_form_of_the_state(form: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_MODELS", str(Path(platformdirs.user_cache_dir("chatrec")) / "models"))
    env = replace(ENV, **form)
    try:
        fresh, trained = (train_ppo(tiny(turns, average=1), env) for turns in (32, 128))
    except (ArtifactError, MissingExtraError) as error:
        pytest.skip(str(error))
    assert all(np.isfinite(tensor).all() for tensor in weights(trained).values())
    assert any((weights(trained)[name] != tensor).any() for name, tensor in weights(fresh).items())
    task = make_task(env)
    seen = decision(task, meet(task, people_seeds("eval", 3, 4)))
    assert seen.mask[np.arange(4), trained.act(seen, np.zeros(4))].all()


def test_it_resumes_where_it_stopped(tmp_path: Path) -> None:
    """The turn count goes on, the weights are taken over, and a finished run is not run again."""
    first = train_ppo(tiny(64), ENV, folder=tmp_path)
    assert turns_done(load_checkpoint(tmp_path)) == 64
    records: list[dict[str, float]] = []
    second = train_ppo(tiny(128), ENV, folder=tmp_path, resume=True, callback=records.append)
    assert [r["turns"] for r in records] == [96, 128]
    assert turns_done(load_checkpoint(tmp_path)) == 128
    assert any((x != y).any() for x, y in zip(weights(first).values(), weights(second).values(), strict=True))
    again = train_ppo(tiny(128), ENV, folder=tmp_path, resume=True)
    np.testing.assert_equal(weights(again), weights(second))
    assert people_seed(0, 0) != people_seed(0, 64)


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    def stop(record: dict[str, float]) -> None:
        if record["turns"] >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_ppo(tiny(1_000), ENV, folder=tmp_path, callback=stop)
    assert turns_done(load_checkpoint(tmp_path)) == 64
    assert len(actions(PPOAgent.load(tmp_path))) == 30


def test_progress_is_reported() -> None:
    records: list[dict[str, float]] = []
    looks: list[int] = []
    train_ppo(tiny(96), ENV, callback=records.append, look=lambda agent, turns: looks.append(turns))
    assert looks == [r["turns"] for r in records] == [32, 64, 96]
    assert all(np.isfinite(list(r.values())).all() for r in records)
    assert {"return", "length", "turns_per_second", "train/value_loss"} <= set(records[-1])


@pytest.mark.parametrize("projection", [0, 4])
def test_who_looks_at_a_training_does_not_change_it(projection: int, tmp_path: Path) -> None:
    """Was another policy: each look drew a new network's first weights from the generator that training draws from."""
    alone = train_ppo(tiny(96, projection=projection), ENV)
    seen = train_ppo(tiny(96, projection=projection), ENV, look=lambda agent, turns: None, folder=tmp_path)
    np.testing.assert_equal(weights(seen), weights(alone))


def test_probabilities_are_of_the_legal_actions() -> None:
    agent = train_ppo(tiny(32), ENV)
    task = make_task(ENV)
    seen = decision(task, meet(task, people_seeds("eval", 3, 5)))
    seen.mask[:, 2:5] = False
    p = agent.probabilities(seen)
    np.testing.assert_allclose(p.sum(1), 1.0)
    assert (p[~seen.mask] == 0).all()
    assert (p.argmax(1) == agent.act(seen, np.zeros(5))).all()


def test_a_policy_without_training_state_cannot_be_resumed(tmp_path: Path) -> None:
    train_ppo(tiny(32), ENV).save(tmp_path)
    with pytest.raises(ArtifactError, match="can be used, but not resumed"):
        train_ppo(tiny(64), ENV, folder=tmp_path, resume=True)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"catalog": "music"}, "was trained with catalog='movies' and cannot go on with 'music'"),
        ({"actions": "strategy"}, "was trained with actions='items'"),
    ],
    ids=["catalog", "actions"],
)
def test_a_run_goes_on_with_the_items_and_actions_it_has(
    change: dict[str, Any], match: str, tmp_path: Path
) -> None:
    """Was a list of tensors whose sizes differ."""
    train_ppo(tiny(32), ENV, folder=tmp_path)
    with pytest.raises(ConfigError, match=match):
        train_ppo(tiny(64), replace(ENV, **change), folder=tmp_path, resume=True)


def test_resuming_needs_a_folder() -> None:
    """Was a run from the start."""
    with pytest.raises(ConfigError, match="needs the folder"):
        train_ppo(tiny(32), ENV, resume=True)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"turns": 0}, r"ppo\.turns must be an integer >= 1, got 0"),
        ({"n_steps": 2.5}, r"ppo\.n_steps must be an integer >= 1"),
        ({"learning_rate": 1.0}, r"ppo\.learning_rate must be a number in \(0, 1\)"),
        ({"gamma": 1.2}, r"ppo\.gamma must be a number in \[0, 1\]"),
        ({"gae_lambda": "all"}, r"ppo\.gae_lambda must be a number in \[0, 1\], got 'all'"),
        ({"clip_range": -1}, r"ppo\.clip_range must be a number in \(0, 1\), got -1"),
        ({"ent_coef": float("nan")}, r"ppo\.ent_coef must be a number in \[0, inf\), got nan"),
        ({"max_grad_norm": 0}, r"ppo\.max_grad_norm must be a number in \(0, inf\), got 0"),
        ({"seed": -1}, r"ppo\.seed must be an integer >= 0, got -1"),
        ({"network": 3}, r"ppo\.network must be a dict of sizes, got 3"),
        ({"network": {"hiden": 8}}, "No size of the network 'hiden'. Did you mean 'hidden'"),
        ({"network": {"hidden": 0}}, r"ppo\.network\.hidden must be a positive integer, got 0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_hyperparameters_are_checked(change: dict[str, Any], match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        PPOConfig(**change)


def test_it_reads_flat_observations_only() -> None:
    with pytest.raises(ConfigError, match="Use observation='flat'"):
        train_ppo(tiny(32), EnvConfig(encoder="hash", observation="dict"))


def test_the_likeliest_action_is_legal_and_near_ties_go_to_the_lower() -> None:
    logits = np.array([[0.0, 2.0, 2.00005, 9.0], [1.0, 0.0, 1.0002, 0.0]], np.float32)
    mask = np.array([[True, True, True, False], [True, True, True, True]])
    assert likeliest(logits, mask).tolist() == [1, 2]


def test_observations_of_another_version_are_refused() -> None:
    agent = train_ppo(tiny(32), ENV)
    width = agent.network.shape.width
    with pytest.raises(ArtifactError, match=f"of {width} columns, but they have {width - 8} here"):
        agent.logits(np.zeros((1, width - 8), np.float32))

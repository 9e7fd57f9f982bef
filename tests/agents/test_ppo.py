"""PPO: trains, repeats itself, and survives being stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from agents.base import decision, likeliest
from agents.checkpoints import load_checkpoint
from agents.ppo.agent import PPOAgent, PPOConfig, train_ppo
from agents.ppo.learning import DivergedError
from agents.ppo.network import Critic, RankerNetwork, network_shape
from agents.ppo.resuming import turns_done
from agents.ppo.rollout import Rollout, advantages
from agents.ppo.update import Updates, clipped_objective
from agents.ppo.warm_start import log_probabilities, ranking_error
from chatrec_env.core.columns import CANDIDATE_COLUMNS
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, MissingExtraError
from experiments.evaluate.rollout import meet, people_seeds

ENV = EnvConfig(encoder="hash", max_turns=6)
TINY = {
    "num_envs": 8,
    "batch_size": 16,
    "n_epochs": 1,
    "warm_start": 0,
    "projection": 0,
    "check_people": 0,
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


TAUGHT = {"warm_start": 40, "rounds": 1, "projection": 4, "check_people": 10, "average": 2}


class Stop:
    """A callback that stops the training at its n-th update, as Ctrl-C does."""

    def __init__(self, after: int, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.left, self.error, self.turns = after, error, 0

    def __call__(self, record: dict[str, float]) -> None:
        self.left, self.turns = self.left - 1, int(record["turns"])
        if not self.left:
            raise self.error


def training_state(folder: Path) -> dict[str, Any]:
    checkpoint = load_checkpoint(folder)
    assert checkpoint.training is not None
    return {**checkpoint.tensors, **checkpoint.training}


@pytest.mark.parametrize("options", [{}, TAUGHT], ids=["alone", "taught"])
def test_a_stopped_training_goes_on_to_the_same_bits(options: dict[str, Any], tmp_path: Path) -> None:
    """Weights, their average, the best of them, the critic, both optimisers and the turns, after a stop and a stop."""
    config = tiny(400, **options)
    train_ppo(config, ENV, folder=tmp_path / "whole")
    stop = Stop(3)
    with pytest.raises(KeyboardInterrupt):
        train_ppo(config, ENV, folder=tmp_path / "parts", callback=stop)
    assert turns_done(load_checkpoint(tmp_path / "parts")) == stop.turns
    assert len(actions(PPOAgent.load(tmp_path / "parts"))) == 30
    with pytest.raises(KeyboardInterrupt):
        train_ppo(config, ENV, folder=tmp_path / "parts", resume=True, callback=Stop(2))
    train_ppo(config, ENV, folder=tmp_path / "parts", resume=True)
    whole, parts = (training_state(tmp_path / name) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(whole[name].tobytes() == parts[name].tobytes() for name in whole)
    again = train_ppo(config, ENV, folder=tmp_path / "parts", resume=True)
    np.testing.assert_equal(weights(again), weights(PPOAgent.load(tmp_path / "whole")))


@contextmanager
def after_gradient_steps(does: Callable[[torch.optim.Optimizer], None]) -> Iterator[None]:
    """Something is done after every step of every optimiser."""
    handle = register_optimizer_step_post_hook(lambda optimizer, *_: does(optimizer))
    try:
        yield
    finally:
        handle.remove()


def test_an_update_that_was_cut_short_is_not_kept(tmp_path: Path) -> None:
    """Ctrl-C amid the gradient steps of the second update: the checkpoint is that of the first, to the bit."""
    steps: list[int] = []
    with after_gradient_steps(lambda _: steps.append(1)):
        one = train_ppo(tiny(30), ENV)  # a single update
    stop = Stop(len(steps) + 3)
    with after_gradient_steps(lambda _: stop({"turns": 0})), pytest.raises(KeyboardInterrupt):
        train_ppo(tiny(60), ENV, folder=tmp_path)
    assert len(steps) > 3
    np.testing.assert_equal(weights(PPOAgent.load(tmp_path)), weights(one))


def test_numbers_that_are_not_finite_stop_the_training_with_a_report(tmp_path: Path) -> None:
    names = [name for name, _ in train_ppo(tiny(30), ENV).network.named_parameters()]
    records: list[dict[str, float]] = []

    def break_the_policy(optimizer: torch.optim.Optimizer) -> None:
        parameters = optimizer.param_groups[0]["params"]
        if records and len(parameters) == len(names):
            with torch.no_grad():
                parameters[names.index("trunk_1.bias")][0] = torch.nan

    with (
        after_gradient_steps(break_the_policy),
        pytest.raises(
            DivergedError, match=r"not finite in update 2, after \d+ turns: .*policy\.trunk_1\.bias.*smaller"
        ),
    ):
        train_ppo(tiny(400), ENV, folder=tmp_path, callback=records.append)
    assert all(np.isfinite(value).all() for value in weights(PPOAgent.load(tmp_path)).values())


def test_progress_is_reported() -> None:
    records: list[dict[str, float]] = []
    looks: list[int] = []
    agent = train_ppo(tiny(96), ENV, callback=records.append, look=lambda agent, turns: looks.append(turns))
    assert looks == [r["turns"] for r in records]
    assert looks[-2] < 96 <= looks[-1] == agent.turns
    assert all(np.isfinite(list(r.values())).all() for r in records)
    assert {"return", "length", "turns_per_second", "train/value_loss", "train/approx_kl"} <= set(records[-1])


def test_the_advantage_is_what_was_gained_on_the_values() -> None:
    """Two people, gamma 0.5, lambda 0.5. The first takes two turns and leaves; the second one, and time is up.

    Second: 1 + 0.5 * 4 - 2 = 1. First, last turn: 3 - 1 = 2; before: 0 + 0.5 * 1 - 2 + 0.25 * 2 = -1.
    """
    turns = [
        (np.array([0, 1]), np.array([0.0, 1.0]), np.array([2.0, 2.0])),
        (np.array([0]), np.array([3.0]), np.array([1.0])),
    ]
    first, second = advantages(turns, np.array([0.0, 4.0]), 0.5, 0.5)
    np.testing.assert_allclose(first, [-1.0, 1.0])
    np.testing.assert_allclose(second, [2.0])


@pytest.mark.parametrize(
    ("ratio", "advantage", "gain"),
    [
        pytest.param(1.1, 2.0, 2.2, id="within"),
        pytest.param(1.5, 2.0, 2.4, id="no-gain-beyond-the-clip"),
        pytest.param(0.5, -2.0, -1.6, id="nor-below-it"),
        pytest.param(1.5, -2.0, -3.0, id="losses-count-in-full"),
    ],
)
def test_the_objective_is_clipped(ratio: float, advantage: float, gain: float) -> None:
    found = clipped_objective(torch.tensor([ratio]), torch.tensor([advantage]), 0.2)
    assert found.item() == pytest.approx(gain)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_an_update_ranks_candidates_by_their_worth_as_far_as_it_is_told(weight: float) -> None:
    """Nothing came better than expected, so that is all there is to learn: here the popular are worth most."""
    task = make_task(ENV)
    seen = decision(task, meet(task, people_seeds("eval", 3, 64)))
    observation, mask = torch.from_numpy(seen.observation), torch.from_numpy(seen.mask)
    torch.manual_seed(0)
    network = RankerNetwork(network_shape(task))
    worth = network.inputs(observation)[1][:, :, CANDIDATE_COLUMNS.index("popularity")]
    critic = Critic(network.shape.width, worth.shape[1])

    def error() -> float:
        with torch.inference_mode():
            return ranking_error(network(observation), mask, worth).item()

    before, none = error(), torch.zeros(64)
    action = torch.full((64,), task.actions.fallback)
    odds = torch.from_numpy(log_probabilities(network, seen.observation, seen.mask))[:, task.actions.fallback]
    config = tiny(64, n_epochs=20, learning_rate=0.01, worth_coef=weight)
    rollout = Rollout(observation, worth, mask, action, odds, none, none, np.zeros(64))
    Updates(config, network, critic)(rollout, 1.0)
    assert error() == before if not weight else error() < 0.5 * before


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
    with pytest.raises(ArtifactError, match="used, but not resumed"):
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
        ({"num_envs": 2.5}, r"ppo\.num_envs must be an integer >= 1"),
        ({"learning_rate": 1.0}, r"ppo\.learning_rate must be a number in \(0, 1\)"),
        ({"gamma": 1.2}, r"ppo\.gamma must be a number in \[0, 1\]"),
        ({"gae_lambda": "all"}, r"ppo\.gae_lambda must be a number in \[0, 1\], got 'all'"),
        ({"clip_range": -1}, r"ppo\.clip_range must be a number in \(0, 1\), got -1"),
        ({"ent_coef": float("nan")}, r"ppo\.ent_coef must be a number in \[0, inf\), got nan"),
        ({"worth_coef": -1}, r"ppo\.worth_coef must be a number in \[0, inf\), got -1"),
        ({"rounds": -1}, r"ppo\.rounds must be an integer >= 0, got -1"),
        ({"appraisal": 1}, r"ppo\.appraisal must be true or false, got 1"),
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

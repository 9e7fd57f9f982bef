"""PPO with action masking on the ranker network, through sb3-contrib's ``MaskablePPO``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agents.base import Decision, likeliest
from agents.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from chatrec_env.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from chatrec_env.task import make_task

if TYPE_CHECKING:
    from agents.averaging import WeightAverage

Progress = Callable[[dict[str, float]], None]

SIZES = ("speech", "hidden", "item")
"""Sizes of the network that may be changed."""

MOST_SEED = 2**32
"""Seeds are below this one: stable-baselines3 seeds NumPy's global generator, which takes no larger one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PPOConfig:
    """Hyperparameters of PPO (Schulman et al., 2017) with invalid-action masking (Huang and Ontanon, 2022).

    Attributes:
        turns: Conversation turns to train on; rounded up to whole rollouts.
        num_envs: Conversations side by side.
        n_steps: Turns per conversation in a rollout.
        batch_size: Turns per gradient step.
        n_epochs: Passes over a rollout.
        learning_rate: Initial step size of Adam, falling linearly to a tenth.
        gamma: Discount.
        gae_lambda: Bias-variance trade-off of the advantage estimate.
        clip_range: PPO's clip.
        ent_coef: Weight of the entropy bonus.
        vf_coef: Weight of the value loss.
        max_grad_norm: Gradient clipping.
        average: Rollouts over which the weights of the policy are averaged (it acts with the average, learns
            without); 1 for no averaging.
        seed: Seed of network, sampling and people.
        network: Sizes of the network to change (``speech``, ``hidden``, ``item``).
    """

    turns: int = 800_000
    num_envs: int = 512
    n_steps: int = 16
    batch_size: int = 1024
    n_epochs: int = 8
    learning_rate: float = 1e-3
    gamma: float = 0.9
    gae_lambda: float = 0.9
    clip_range: float = 0.2
    ent_coef: float = 0.001
    vf_coef: float = 0.5
    max_grad_norm: float = 0.5
    average: int = 12
    seed: int = 0
    network: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("turns", "num_envs", "n_steps", "batch_size", "n_epochs", "average"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigError(f"ppo.{name} must be a positive integer, got {value!r}.")
        for name in (
            "learning_rate",
            "gamma",
            "gae_lambda",
            "clip_range",
            "ent_coef",
            "vf_coef",
            "max_grad_norm",
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise ConfigError(f"ppo.{name} must be a finite number, got {value!r}.")
        for name in ("learning_rate", "clip_range"):
            if not 0 < getattr(self, name) < 1:
                raise ConfigError(f"ppo.{name} must be in (0, 1), got {getattr(self, name)!r}.")
        for name in ("gamma", "gae_lambda"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"ppo.{name} must be in [0, 1], got {getattr(self, name)!r}.")
        for name in ("ent_coef", "vf_coef"):
            if getattr(self, name) < 0:
                raise ConfigError(f"ppo.{name} must be 0 or more, got {getattr(self, name)!r}.")
        if not self.max_grad_norm > 0:
            raise ConfigError(f"ppo.max_grad_norm must be more than 0, got {self.max_grad_norm!r}.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < MOST_SEED:
            raise ConfigError(f"ppo.seed must be an integer in [0, {MOST_SEED - 1}], got {self.seed!r}.")
        _check_sizes(self.network)


def _check_sizes(network: object) -> None:
    if not isinstance(network, dict):
        raise ConfigError(f"ppo.network must be an object like {{'hidden': 64}}, got {network!r}.")
    for name, size in network.items():
        if name not in SIZES:
            raise UnknownNameError("size of the network", name, SIZES)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ConfigError(f"ppo.network[{name!r}] must be a positive integer, got {size!r}.")


class PPOAgent:
    """A trained ranker network as a policy.

    Args:
        env: The environment it was trained on.
        config: How it was trained.
        network: The network; its weights are used as they are.
        greedy: Whether to take the likeliest legal action, or to sample.
    """

    name = "PPO"

    def __init__(self, env: EnvConfig, config: PPOConfig, network: Any, *, greedy: bool = True) -> None:
        self.env, self.config, self.network, self.greedy = env, config, network.eval(), greedy

    def logits(self, observation: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Action logits ``(N, n_actions)`` of flat observations, before masking.

        Raises:
            ArtifactError: If the observations have other columns than it was trained on: another environment, or
                another version of this one.
        """
        import torch

        if observation.shape[1] != self.network.shape.width:
            raise ArtifactError(
                f"This PPO policy was trained on observations of {self.network.shape.width} columns, but they have "
                f"{observation.shape[1]} here. Use it in the environment, and with the version of chatrec, that it "
                "was trained with, or train again."
            )
        with torch.inference_mode():
            logits: npt.NDArray[np.float32] = self.network(torch.from_numpy(observation))[0].numpy()
        return logits

    def probabilities(self, decision: Decision) -> npt.NDArray[np.float64]:
        """Probabilities of the legal actions ``(N, n_actions)``."""
        logits = np.where(decision.mask, self.logits(decision.observation), -np.inf).astype(np.float64)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(odds / odds.sum(1, keepdims=True))

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The likeliest legal action, or a sampled one; see ``Policy``."""
        if self.greedy:
            return likeliest(self.logits(decision.observation), decision.mask)
        edges = np.cumsum(self.probabilities(decision), axis=1)
        return np.minimum((uniforms[:, None] >= edges).sum(1), decision.mask.shape[1] - 1).astype(np.int64)

    def save(self, folder: Path, training: dict[str, npt.NDArray[Any]] | None = None) -> None:
        """Write ``policy.json`` and ``policy.safetensors`` (and ``training.safetensors``) to ``folder``."""
        tensors = {k: v.detach().numpy() for k, v in self.network.state_dict().items()}
        meta = {
            "config": asdict(self.config),
            "shape": asdict(self.network.shape),
            "split": self.network.split,
        }
        save_checkpoint(Path(folder), kind="ppo", env=self.env, tensors=tensors, meta=meta, training=training)

    @classmethod
    def load(cls, folder: Path) -> PPOAgent:
        """Read a saved agent.

        Raises:
            ArtifactError: If a file is missing, damaged, or belongs to another kind of agent.
        """
        return cls.from_checkpoint(load_checkpoint(Path(folder)))

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> PPOAgent:
        """Build from a verified checkpoint."""
        import torch

        from agents.network import NetworkShape, RankerNetwork

        if checkpoint.kind != "ppo":
            raise ArtifactError(f"{checkpoint.folder} holds a {checkpoint.kind!r} policy, expected 'ppo'.")
        try:
            config = PPOConfig(**checkpoint.meta["config"])
            network = RankerNetwork(NetworkShape(**checkpoint.meta["shape"]), checkpoint.meta["split"])
            network.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in checkpoint.tensors.items()})
        except (KeyError, TypeError, RuntimeError) as error:
            raise ArtifactError(
                f"{checkpoint.folder}: the weights do not fit the network described: {error}"
            ) from error
        return cls(checkpoint.env, config, network)


def train_ppo(
    config: PPOConfig,
    env: EnvConfig,
    *,
    callback: Progress | None = None,
    look: Callable[[PPOAgent, int], None] | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> PPOAgent:
    """Train PPO on the native vector environment.

    Args:
        config: Hyperparameters.
        env: The environment; ``observation`` must be ``"flat"``.
        callback: Called after each rollout with ``turns``, ``turns_per_second``, ``return`` and ``length`` (means of
            the conversations that ended last), and the losses.
        look: Called after each rollout with the agent as it is then, and the turns taken; for learning curves.
        folder: Where to keep a checkpoint after every tenth rollout and at the end, also on interruption.
        resume: Continue from ``folder``: weights, optimiser and turn count; the people met next are new ones.

    Raises:
        ConfigError: If the observation is not flat.
        ArtifactError: If ``resume`` finds no checkpoint, or a damaged one.
        KeyboardInterrupt: After saving, if interrupted.
    """
    import torch
    from sb3_contrib import MaskablePPO

    from agents.averaging import WeightAverage
    from agents.network import make_network
    from agents.sb3 import RankerPolicy, SB3VecEnv
    from agents.sb3_callback import Reporter

    if env.observation != "flat":
        raise ConfigError(
            f"PPO reads flat observations, got observation={env.observation!r}. Use observation='flat'."
        )
    task = make_task(env)
    previous = load_checkpoint(Path(folder)) if resume and folder is not None else None
    done = turns_done(previous) if previous is not None else 0
    torch.manual_seed(config.seed)
    venv = SB3VecEnv(env, config.num_envs)
    model = MaskablePPO(
        RankerPolicy,
        venv,
        policy_kwargs={"network": partial(make_network, task, **config.network)},
        n_steps=config.n_steps,
        batch_size=config.batch_size,
        n_epochs=config.n_epochs,
        learning_rate=lambda left: config.learning_rate * (0.1 + 0.9 * left),
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        clip_range=config.clip_range,
        ent_coef=config.ent_coef,
        vf_coef=config.vf_coef,
        max_grad_norm=config.max_grad_norm,
        seed=config.seed,
        device="cpu",
    )
    network: Any = model.policy.network
    average = WeightAverage(network, config.average)
    if previous is not None:
        restore(model, average, previous)
    venv.seed(people_seed(config.seed, done))

    def agent() -> PPOAgent:
        return PPOAgent(env, config, average.network if average.count else network)

    def save(turns: int) -> None:
        if folder is not None:
            agent().save(Path(folder), training=snapshot(model, average, turns))

    def report(record: dict[str, float]) -> None:
        if callback is not None:
            callback(record)
        if look is not None:
            look(agent(), int(record["turns"]))

    reporter = Reporter(report, save, lambda: average.update(network), start=done)
    try:
        if done < config.turns:
            model.num_timesteps = done
            model.learn(
                config.turns - done, callback=reporter, reset_num_timesteps=done == 0, use_masking=True
            )
            average.update(network)
    finally:
        save(model.num_timesteps)
        venv.close()
    return agent()


def turns_done(checkpoint: Checkpoint) -> int:
    """Turns after which a checkpoint was made.

    Raises:
        ArtifactError: If it has no training state.
    """
    if checkpoint.training is None or "turns" not in checkpoint.training:
        raise ArtifactError(f"{checkpoint.folder} has no training state: it can be used, but not resumed.")
    return int(checkpoint.training["turns"])


def people_seed(seed: int, turns_done: int) -> int:
    """Seed of the people met in training; a resumed run meets others than the run it continues."""
    return int(np.random.SeedSequence(seed, spawn_key=(0, turns_done)).generate_state(1)[0])


def snapshot(model: Any, average: WeightAverage, turns: int) -> dict[str, npt.NDArray[Any]]:
    """Weights being learned, optimiser state and counts as plain arrays, for ``restore``."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "turns": np.array(turns, np.int64),
        "averaged": np.array(average.count, np.int64),
    }
    for name, value in model.policy.network.state_dict().items():
        arrays[f"live.{name}"] = value.detach().numpy().copy()
    for index, state in model.policy.optimizer.state_dict()["state"].items():
        for key, value in state.items():
            arrays[f"{index}.{key}"] = value.detach().numpy()
    return arrays


def restore(model: Any, average: WeightAverage, checkpoint: Checkpoint) -> None:
    """Put weights, their average and the optimiser state of a checkpoint into a fresh model.

    Raises:
        ArtifactError: If the checkpoint has no training state, or does not fit.
    """
    import torch

    if checkpoint.training is None:
        raise ArtifactError(
            f"{checkpoint.folder} has no training.safetensors: it can be used, but not resumed."
        )
    try:
        saved = {k: torch.from_numpy(np.array(v)) for k, v in checkpoint.training.items()}
        average.restore(
            {k: torch.from_numpy(v.copy()) for k, v in checkpoint.tensors.items()}, int(saved["averaged"])
        )
        live = {k.removeprefix("live."): v for k, v in saved.items() if k.startswith("live.")}
        model.policy.network.load_state_dict(live)
        optimizer = model.policy.optimizer.state_dict()
        state: dict[int, dict[str, Any]] = {}
        for name, value in saved.items():
            if "." in name and not name.startswith("live."):
                index, key = name.split(".", 1)
                state.setdefault(int(index), {})[key] = value
        optimizer["state"] = state
        model.policy.optimizer.load_state_dict(optimizer)
    except (KeyError, RuntimeError, ValueError) as error:
        raise ArtifactError(
            f"{checkpoint.folder}: the training state does not fit the network: {error}"
        ) from error

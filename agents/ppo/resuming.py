"""What a training run of PPO needs to go on: weights being learned, optimiser state and counts, as plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.checkpoints import Checkpoint
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError

FITTED = ("actions", "encoder", "conversation", "n_candidates")
"""Keywords of the environment that a network is fitted to, beside the items: a run goes on with the same ones."""


def check_fit(previous: Checkpoint, env: EnvConfig) -> None:
    """Refuse to go on with a policy in an environment that its network is not made for.

    Raises:
        ConfigError: Naming the keyword, what the policy was trained with, and what came.
    """
    items = [make_task(each).manager.catalog.digest for each in (previous.env, env)]
    differ = [name for name in FITTED if getattr(previous.env, name) != getattr(env, name)]
    if items[0] != items[1]:
        differ.insert(0, "catalog")
    for name in differ:
        raise ConfigError(
            f"{previous.folder} was trained with {name}={getattr(previous.env, name)!r} and cannot go on with "
            f"{getattr(env, name)!r}. Train in a folder of its own."
        )


def turns_done(checkpoint: Checkpoint) -> int:
    """Turns after which a checkpoint was made.

    Raises:
        ArtifactError: If it has no training state.
    """
    return int(checkpoint.training_state()["turns"])


def people_seed(seed: int, turns_done: int) -> int:
    """Seed of the people met in training; a resumed run meets others than the run it continues."""
    return int(np.random.SeedSequence(seed, spawn_key=(0, turns_done)).generate_state(1)[0])


def restore_optimizer(model: Any, checkpoint: Checkpoint) -> None:
    """Put the optimiser's state of a checkpoint, which has one, into a fresh model.

    Raises:
        ArtifactError: If it does not fit.
    """
    import torch

    try:
        optimizer = model.policy.optimizer.state_dict()
        state: dict[int, dict[str, Any]] = {}
        for name, value in (checkpoint.training or {}).items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".", 2)
                state.setdefault(int(index), {})[key] = torch.from_numpy(np.array(value))
        optimizer["state"] = state
        model.policy.optimizer.load_state_dict(optimizer)
    except (KeyError, RuntimeError, ValueError) as error:
        raise ArtifactError(
            f"{checkpoint.folder}: the training state does not fit the network: {error}"
        ) from error

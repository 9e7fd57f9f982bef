"""Training with stable-baselines3 and sb3-contrib, and the policies that come out, as plain arrays."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.common.callbacks import BaseCallback

from agents import registry
from agents.base import Decision, Look, Report
from agents.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from agents.ppo.agent import one_thread
from agents.ppo.resuming import people_seed, restore_optimizer, turns_done
from agents.ppo.sb3 import SB3VecEnv
from agents.sb3.acting import Numbers, RecurrentNumbers, best_action
from agents.sb3.config import MASKED, SB3Config, named
from agents.training import check_same_training
from chatrec_env.core.kernel import Task
from chatrec_env.envs.actions import make_space
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError

SAVE_EVERY = 4
"""Records of the learning curve between two checkpoints."""


def policy_arguments(config: SB3Config, task: Task) -> dict[str, Any]:
    """Keywords of the policy, our extractor among them where the settings name it.

    Raises:
        ConfigError: If the extractor does not fit the observation.
    """
    arguments = config.policy_arguments()
    if config.extractor:
        from agents.sb3.extractor import SequenceExtractor, parts_of

        arguments["features_extractor_class"] = SequenceExtractor
        arguments["features_extractor_kwargs"] = parts_of(task)
    return arguments


class SB3Agent:
    """A policy of the library: the legal action of the highest logit or value.

    In training, algorithms that know no masks may choose illegal actions, which the environment redirects to the best
    legal candidate (``masked_actions="redirect"``): they learn that what is illegal is worth what that is worth.
    Afterwards only legal actions are considered.

    Args:
        config: How it learns.
        env: The environment it learns in.
        policy: Its weights are used as they are.
        turns: Turns it has been trained on.
    """

    def __init__(self, config: SB3Config, env: EnvConfig, policy: Any, *, turns: int = 0) -> None:
        self.config, self.env, self.policy, self.turns = config, env, policy, turns
        self.name = config.algorithm
        self._numbers = RecurrentNumbers(policy) if hasattr(policy, "lstm_actor") else Numbers(policy)
        self._width = make_task(env).layout.width

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """See ``Policy``.

        Raises:
            ArtifactError: If the observations have other columns than it was trained on.
        """
        shape = decision.observation.shape
        if len(shape) != 2 or shape[1] != self._width:
            raise ArtifactError(
                f"This {self.name} policy was trained on observations of {self._width} columns, got shape {shape}. Use "
                "it in the environment, and with the version of chatrec, that it was trained with, or train again."
            )
        return best_action(self._numbers(decision), decision)

    def save(self, folder: Path, training: dict[str, npt.NDArray[Any]] | None = None) -> None:
        """Write a checkpoint; see ``agents.checkpoints``. Nothing in it is executed when it is read."""
        weights = {name: value.detach().cpu().numpy() for name, value in self.policy.state_dict().items()}
        meta = {"config": asdict(self.config), "turns": self.turns}
        save_checkpoint(
            Path(folder), kind=self.name, env=self.env, tensors=weights, meta=meta, training=training
        )

    @classmethod
    def load(cls, folder: Path) -> SB3Agent:
        """Read a saved agent.

        Raises:
            ArtifactError: If a file is missing, damaged, or belongs to another kind of agent.
        """
        return cls.from_checkpoint(load_checkpoint(Path(folder)))

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> SB3Agent:
        """Build from a verified checkpoint."""
        try:
            config = SB3Config(**checkpoint.meta["config"])
            checkpoint.expect(config.algorithm)
            task = make_task(checkpoint.env)
            policy = config.policy_kind()(
                task.layout.make_space(), make_space(task), lambda _: 0.0, **policy_arguments(config, task)
            )
            policy.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in checkpoint.tensors.items()})
            return cls(config, checkpoint.env, policy, turns=int(checkpoint.meta["turns"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ArtifactError(
                f"{checkpoint.folder}: the weights do not fit the policy described: {error}"
            ) from error


class Progress(BaseCallback):
    """Calls ``record`` every so many turns, with turns, turns a second, means of conversations, and the losses.

    Args:
        record: Receives the figures.
        every: Turns between two.
    """

    def __init__(self, record: Callable[[dict[str, float]], None], every: int) -> None:
        super().__init__()
        self._record, self._every = record, every
        self._began, self._start = time.perf_counter(), 0

    def _on_training_start(self) -> None:
        self._start, self._last = self.model.num_timesteps, self.model.num_timesteps

    def _on_step(self) -> bool:
        turns = self.model.num_timesteps
        if turns // self._every > self._last // self._every:
            self._last = turns
            rate = (turns - self._start) / (time.perf_counter() - self._began)
            figures = {"turns": float(turns), "turns_per_second": rate}
            episodes = list(self.model.ep_info_buffer or [])
            if episodes:
                figures["return"] = float(np.mean([e["r"] for e in episodes]))
                figures["length"] = float(np.mean([e["l"] for e in episodes]))
            known = self.model.logger.name_to_value.items()
            self._record(figures | {name: float(v) for name, v in known if name.startswith("train/")})
        return True


@one_thread()
def train_sb3(
    config: SB3Config,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
    callbacks: Sequence[BaseCallback] = (),
) -> SB3Agent:
    """Train an algorithm of the library on the native vector environment; see ``agents.base.Train``.

    Args:
        config: Hyperparameters.
        env: The environment; ``observation`` must be ``"flat"``.
        callback: Called with every record.
        look: Called with every record.
        folder: Keeps a checkpoint after every fourth record.
        resume: Takes over weights, optimiser and turn count; the people met next are new ones, and a replay memory
            begins anew.
        callbacks: Callbacks of the library, beside those that ``config`` names.
    """
    registry.check_actions(config.algorithm, env.actions)
    if env.observation != "flat":
        raise ConfigError(
            f"{config.algorithm} reads flat observations, got observation={env.observation!r}. Use observation='flat'."
        )
    if resume and folder is None:
        raise ConfigError("resume=True needs the folder of the run to go on with, got folder=None.")
    previous = load_checkpoint(Path(folder)) if resume and folder is not None else None
    masked = config.algorithm in MASKED
    venv = SB3VecEnv(env if masked else replace(env, masked_actions="redirect"), config.num_envs)
    model = config.kind()(
        config.policy or config.policy_kind(),
        venv,
        policy_kwargs=policy_arguments(config, venv.venv.task) or None,
        seed=config.seed,
        device="cpu",
        **config.arguments(),
    )
    done = 0
    if previous is not None:
        begun = SB3Agent.from_checkpoint(previous)
        check_same_training(begun, config, env, previous.folder, kept=("turns", "record_every", "callbacks"))
        done = model.num_timesteps = turns_done(previous)
        model.policy.load_state_dict(begun.policy.state_dict())
        restore_optimizer(model, previous)
        if done >= config.turns:
            return begun
    venv.seed(people_seed(config.seed, done))

    def agent() -> SB3Agent:
        return SB3Agent(config, env, model.policy, turns=model.num_timesteps)

    def save() -> None:
        if folder is not None:
            training = {"turns": np.array(model.num_timesteps, np.int64)}
            for index, state in model.policy.optimizer.state_dict()["state"].items():
                for key, value in state.items():
                    training[f"optimizer.{index}.{key}"] = value.detach().numpy()
            agent().save(Path(folder), training)

    records = 0

    def record(figures: dict[str, float]) -> None:
        nonlocal records
        records += 1
        if callback is not None:
            callback(figures)
        if look is not None:
            look(agent(), int(figures["turns"]))
        if records % SAVE_EVERY == 0:
            save()

    every = [Progress(record, config.record_every), *map(named, config.callbacks), *callbacks]
    masking = {"use_masking": True} if masked else {}
    try:
        model.learn(config.turns - done, callback=every, reset_num_timesteps=done == 0, **masking)
    finally:
        save()
        venv.close()
    return agent()

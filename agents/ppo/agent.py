"""PPO with action masking on the ranker network: the trained policy, and the training."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Decision, Look, Report, likeliest
from agents.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from agents.ppo.config import PPOConfig as PPOConfig  # also under this name
from agents.ppo.resuming import check_fit, turns_done
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError


class PPOAgent:
    """A trained ranker network as a policy.

    Args:
        env: The environment it was trained on.
        config: How it was trained.
        network: The network; its weights are used as they are.
        turns: Turns it has been trained on.
    """

    name = "ppo"

    def __init__(self, env: EnvConfig, config: PPOConfig, network: Any, *, turns: int = 0) -> None:
        self.env, self.config, self.network, self.turns = env, config, network.eval(), turns

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
        with one_thread(), torch.inference_mode():
            logits: npt.NDArray[np.float32] = self.network(torch.from_numpy(observation)).numpy()
        return logits

    def probabilities(self, decision: Decision) -> npt.NDArray[np.float64]:
        """Probabilities of the legal actions ``(N, n_actions)``."""
        logits = np.where(decision.mask, self.logits(decision.observation), -np.inf).astype(np.float64)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(odds / odds.sum(1, keepdims=True))

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The likeliest legal action; see ``Policy``."""
        return likeliest(self.logits(decision.observation), decision.mask)

    def save(self, folder: Path, training: dict[str, npt.NDArray[Any]] | None = None) -> None:
        """Write ``policy.json`` and ``policy.safetensors`` (and ``training.safetensors``) to ``folder``."""
        tensors = {k: v.detach().numpy() for k, v in self.network.state_dict().items()}
        meta = {
            "config": asdict(self.config),
            "turns": self.turns,
            "shape": asdict(self.network.shape),
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

        from agents.ppo.network import RankerNetwork
        from agents.serving.ranker import NetworkShape

        if checkpoint.kind != "ppo":
            raise ArtifactError(f"{checkpoint.folder} holds a {checkpoint.kind!r} policy, expected 'ppo'.")
        try:
            told = checkpoint.meta["config"]
            config = PPOConfig(**{f.name: told[f.name] for f in fields(PPOConfig) if f.name in told})
            shape = {
                "split": checkpoint.meta.get("split"),
                **checkpoint.meta["shape"],
            }  # once beside the shape
            network = RankerNetwork(NetworkShape(**shape))
            weights = {k: torch.from_numpy(v.copy()) for k, v in checkpoint.tensors.items()}
            # Earlier versions kept the critic with the policy.
            network.load_state_dict({k: v for k, v in weights.items() if not k.startswith("value_")})
        except (KeyError, TypeError, RuntimeError, ConfigError) as error:
            raise ArtifactError(
                f"{checkpoint.folder}: the weights do not fit the network described: {error}"
            ) from error
        return cls(checkpoint.env, config, network, turns=int(checkpoint.meta.get("turns", config.turns)))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread: the same bits whatever the number of cores.

    The network is so small that a second thread gains little; on a busy machine, waiting for it costs tenfold.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


SAVE_EVERY = 10
"""Updates between two checkpoints."""


@one_thread()
def train_ppo(
    config: PPOConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> PPOAgent:
    """Train PPO on the batch kernel; see ``agents.base.Train``.

    The network begins with what its teachers do (``agents.ppo.warm_start``), and the weights that do best with people
    kept for that are the ones that act (``agents.ppo.learning``). An update learns from whole conversations with
    people whom nobody has met before.

    Args:
        config: Hyperparameters.
        env: The environment; ``observation`` must be ``"flat"``.
        callback: Called after each update with ``turns``, ``turns_per_second``, ``return`` and ``length`` (means of
            its conversations), and ``train/...`` figures.
        look: Called after each update.
        folder: Keeps a checkpoint after every tenth update, at the end, and when the training is stopped: that of the
            last update that was finished.
        resume: Goes on from that to the same bits as if it had not been stopped.

    Raises:
        DivergedError: If numbers are not finite any more; the last good update is kept.
    """
    from agents.ppo.learning import begin, take_up

    registry.check_actions("ppo", env.actions)
    if env.observation != "flat":
        raise ConfigError(
            f"PPO reads flat observations, got observation={env.observation!r}. Use observation='flat'."
        )
    if resume and folder is None:
        raise ConfigError("resume=True needs the folder of the run to go on with, got folder=None.")
    task = make_task(env)
    previous = load_checkpoint(Path(folder)) if resume and folder is not None else None
    if previous is not None:
        check_fit(previous, env)
        if turns_done(previous) >= config.turns:
            return PPOAgent.from_checkpoint(previous)
    learning = begin(task, env, config) if previous is None else take_up(task, config, previous)

    def finished() -> tuple[PPOAgent, dict[str, npt.NDArray[Any]]]:
        agent = PPOAgent(env, config, learning.kept(), turns=learning.turns)
        return agent, learning.arrays() if folder is not None else {}

    began, before = time.perf_counter(), learning.turns
    agent, training = finished()
    try:
        while learning.turns < config.turns:
            record = learning.update()
            agent, training = finished()
            if folder is not None and learning.updates % SAVE_EVERY == 0:
                agent.save(Path(folder), training=training)
            speed = (learning.turns - before) / (time.perf_counter() - began)
            if callback is not None:
                callback({**record, "turns_per_second": speed})
            if look is not None:
                look(agent, learning.turns)
    finally:
        if folder is not None:
            agent.save(Path(folder), training=training)
    return agent

"""Deep learners of action values: a target network, a replay memory, masked actions; resumable."""

from __future__ import annotations

import copy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from agents import registry
from agents.base import Decision, Look, Report
from agents.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from agents.conversations import Conversations, see_observation
from agents.deep.config import DeepConfig
from agents.deep.methods import ActionValues, Method
from agents.deep.network import CandidateNetwork, CandidateShape, candidate_shape, load_arrays, state_arrays
from agents.deep.replay import Replay, importance_weights
from agents.deep.slates import SlateValues
from agents.ppo.agent import one_thread
from agents.tabular.td import linear
from agents.training import check_same_training, train
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError

OWN_STREAM = 5
"""Spawn key of exploration and of draws from the memory."""


def make_method(config: DeepConfig) -> Method:
    """The method that the settings name."""
    return SlateValues(config) if config.algorithm == "slate_q" else ActionValues(config)


class DeepAgent:
    """A candidate network as a policy: the legal action of highest value.

    Args:
        config: How it learns.
        env: The environment it learns in.
        network: Acts; its weights are used as they are.
        turns: Turns it has been trained on.
    """

    def __init__(
        self, config: DeepConfig, env: EnvConfig, network: CandidateNetwork, *, turns: int = 0
    ) -> None:
        self.config, self.env, self.name = config, env, config.algorithm
        self.network, self.turns = network.eval(), turns
        self.method = make_method(config)

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """See ``Policy``; the number of candidates may differ from training."""
        draws = np.ones((3, len(decision)))
        return self.method.choose(self.network, decision.observation, decision.mask, 0.0, draws)

    def save(self, folder: Path, training: dict[str, npt.NDArray[Any]] | None = None, **meta: Any) -> None:
        """Write a checkpoint; see ``agents.checkpoints``."""
        save_checkpoint(
            Path(folder),
            kind=self.name,
            env=self.env,
            tensors=state_arrays(self.network),
            meta={
                "config": asdict(self.config),
                "turns": self.turns,
                "shape": asdict(self.network.shape),
                **meta,
            },
            training=training,
        )

    @classmethod
    def load(cls, folder: Path) -> DeepAgent:
        """Read a saved agent.

        Raises:
            ArtifactError: If a file is missing, damaged, or belongs to another kind of agent.
        """
        return cls.from_checkpoint(load_checkpoint(Path(folder)))

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> DeepAgent:
        """Build from a verified checkpoint."""
        try:
            config = DeepConfig(**checkpoint.meta["config"])
            checkpoint.expect(config.algorithm)
            network = CandidateNetwork(CandidateShape(**checkpoint.meta["shape"]))
            load_arrays(network, checkpoint.tensors)
            return cls(config, checkpoint.env, network, turns=int(checkpoint.meta["turns"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ArtifactError(
                f"{checkpoint.folder}: the weights do not fit the network described: {error}"
            ) from error


class Training:
    """A deep learner under way: the networks, the optimiser, the memory and the conversations.

    Args:
        config: How it learns.
        env: The environment.
    """

    def __init__(self, config: DeepConfig, env: EnvConfig) -> None:
        registry.check_actions(config.algorithm, env.actions)
        self.config, self.env, self.task = config, env, make_task(env)
        torch.manual_seed(config.seed)
        self.online = CandidateNetwork(candidate_shape(self.task, **config.network))
        self.target = copy.deepcopy(self.online).eval()
        self.method = make_method(config)
        self.optimizer = torch.optim.Adam(self.online.parameters(), config.learning_rate)
        self.memory = Replay(config.capacity, prioritised=config.prioritised)
        self.rng = np.random.default_rng(np.random.SeedSequence(config.seed, spawn_key=(OWN_STREAM,)))
        self.turns = 0
        self.finished: list[float] = []  # returns since the last record
        self.talks = Conversations(self.task, config.parallel, config.seed, see_observation)
        self.talks.choose(self._explore(slice(None)))

    @property
    def epsilon(self) -> float:
        """Exploration now."""
        c = self.config
        return linear(c.epsilon_start, c.epsilon_end, self.turns / c.decay_turns)

    def _explore(self, rows: Any) -> npt.NDArray[np.int64]:
        states, mask = self.talks.states[rows], self.talks.mask[rows]
        return self.method.choose(self.online, states, mask, self.epsilon, self.rng.random((3, len(states))))

    def turn(self) -> None:
        """One turn of every conversation, and some gradient steps once enough is remembered."""
        talks = self.talks
        before, mask, actions = talks.states.copy(), talks.mask.copy(), talks.actions
        turn = talks.step()
        following = self._explore(slice(None))
        self.memory.add(
            observation=before,
            mask=mask,
            action=actions,
            reward=turn.reward,
            terminated=turn.terminated,
            next_observation=talks.states,
            next_mask=talks.mask,
            next_action=following,
            **self.method.seen(turn),
        )
        self.turns += len(before)
        done = turn.terminated | turn.truncated
        self.finished += talks.returns[done].tolist()
        rows = talks.renew(done)
        if len(rows):
            following[rows] = self._explore(rows)
        talks.choose(following)
        if self.memory.size >= self.config.warm_up:
            for _ in range(self.config.updates):
                self._update()

    def _update(self) -> None:
        """One gradient step, after which the target network follows."""
        config, progress = self.config, min(self.turns / self.config.turns, 1.0)
        rows, odds = self.memory.draw(self.rng, config.batch_size, config.priority_exponent)
        correction = linear(config.priority_correction, 1.0, progress)
        weights = importance_weights(odds, self.memory.size, correction)
        batch = self.memory.take(rows)
        loss, errors = self.method.loss(self.online, self.target, batch, torch.from_numpy(weights).float())
        self.memory.learned(rows, errors)
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * linear(1.0, 0.1, progress)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.online.parameters(), config.max_grad_norm)
        self.optimizer.step()
        with torch.no_grad():
            for mine, now in zip(self.target.parameters(), self.online.parameters(), strict=True):
                mine.lerp_(now, config.target_rate)

    def agent(self) -> DeepAgent:
        """The policy as it is now."""
        return DeepAgent(self.config, self.env, copy.deepcopy(self.target), turns=self.turns)

    def save(self, folder: Path) -> None:
        """Write a checkpoint that ``resumed`` goes on from."""
        arrays = {**state_arrays(self.online, "online."), **self.talks.to_arrays()}
        for index, state in self.optimizer.state_dict()["state"].items():
            for key, value in state.items():
                arrays[f"optimizer.{index}.{key}"] = value.detach().numpy()
        if self.config.keep_memory:
            arrays |= self.memory.to_arrays()
        self.agent().save(folder, arrays, rng=self.rng.bit_generator.state, finished=self.finished)

    @classmethod
    def resumed(cls, config: DeepConfig, env: EnvConfig, folder: Path) -> Training:
        """Go on from a checkpoint.

        Raises:
            ArtifactError: If it is missing, damaged or for acting only.
            ConfigError: If it was begun with other settings.
        """
        checkpoint = load_checkpoint(folder)
        agent = DeepAgent.from_checkpoint(checkpoint)
        check_same_training(agent, config, env, folder)
        saved = checkpoint.training_state()
        training = cls(replace(agent.config, turns=config.turns), checkpoint.env)
        try:
            load_arrays(training.target, checkpoint.tensors)
            load_arrays(training.online, saved, "online.")
            state: dict[int, dict[str, torch.Tensor]] = {}
            for name in (name for name in saved if name.startswith("optimizer.")):
                _, index, key = name.split(".", 2)
                state.setdefault(int(index), {})[key] = torch.from_numpy(np.array(saved[name]))
            training.optimizer.load_state_dict({**training.optimizer.state_dict(), "state": state})
            if config.keep_memory:
                training.memory.restore(saved)
            training.rng.bit_generator.state = checkpoint.meta["rng"]
            training.finished = list(checkpoint.meta["finished"])
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise ArtifactError(f"{folder}: the training state does not fit the network: {error}") from error
        training.turns = agent.turns
        training.talks = Conversations.from_checkpoint(
            training.task, config.parallel, config.seed, checkpoint, see_observation
        )
        return training


@one_thread()
def train_deep(
    config: DeepConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> DeepAgent:
    """Train a deep learner of action values; see ``agents.base.Train``.

    Args:
        config: Hyperparameters. A resumed training keeps its own: only ``turns`` may be another number.
        env: The environment; ``observation`` must be ``"flat"``.
        callback: Called with every record: ``turns``, ``return``, ``epsilon``.
        look: Called with every record.
        folder: Keeps a checkpoint after every fourth record.
        resume: Goes on with networks, optimiser and conversations; see ``DeepConfig.keep_memory``.
    """
    if resume and folder is None:
        raise ConfigError("resume=True needs the folder of the run to go on with, got folder=None.")
    begun = folder if resume else None
    training = Training(config, env) if begun is None else Training.resumed(config, env, begun)
    agent: DeepAgent = train(training, callback, look, folder)
    return agent

"""LinUCB and linear Thompson sampling: which candidate to recommend, from the reward that follows at once."""

from __future__ import annotations

import copy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.action_numbers import ActionNumbers
from agents.bandits.config import BanditConfig
from agents.base import Decision, Look, Report, decision
from agents.checkpoints import load_checkpoint, save_checkpoint
from agents.conversations import Conversations
from agents.training import check_same_training, train
from chatrec_env.core.kernel import State, Task, Turn
from chatrec_env.core.state import Dialogue
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError

NOISE_STREAM = 6
"""Spawn key of the draws of training."""

Float = npt.NDArray[np.float64]


def upper_bounds(features: Float, mean: Float, covariance: Float, alpha: float) -> Float:
    """``x'm + alpha sqrt(x' A^-1 x)`` (Li et al., 2010, algorithm 1), (N, K).

    Args:
        features: (N, K, D) of the candidates.
        mean: (D,) estimated weights.
        covariance: (D, D) the inverse of A.
        alpha: Standard errors added.
    """
    spread = np.einsum("nkd,de,nke->nk", features, covariance, features)
    return np.einsum("nkd,d->nk", features, mean) + alpha * np.sqrt(spread)


def sampled_values(features: Float, mean: Float, root: Float, alpha: float, noise: Float) -> Float:
    """Values ``(N, K)`` by weights drawn around the estimate, ``m + alpha L z`` (Agrawal and Goyal, 2013).

    Args:
        features: (N, K, D) of the candidates.
        mean: (D,) estimated weights.
        root: (D, D) with ``L L' = A^-1``.
        alpha: Scale of the noise.
        noise: (N, D) standard normal z: one draw of weights a conversation.
    """
    weights = mean + alpha * np.einsum("de,ne->nd", root, noise)
    return np.einsum("nkd,nd->nk", features, weights)


class BanditAgent:
    """Estimates the reward of recommending a candidate linearly in its columns, shared by all people and places.

    It looks no further than the turn: ``config.questions`` are asked first, by rule.

    Args:
        config: How it learns.
        env: The environment it learns in.
    """

    def __init__(self, config: BanditConfig, env: EnvConfig) -> None:
        self.config, self.env, self.name, self.turns = config, env, config.algorithm, 0
        registry.check_actions(self.name, env.actions)
        layout = make_task(env).layout
        if layout.form != "flat":
            raise ConfigError(
                f"Bandits read flat observations, got observation={layout.form!r}. Use observation='flat'."
            )
        width = len(layout.candidate_columns) + 1
        self.precision = config.ridge * np.eye(width)  # A
        self.moment = np.zeros(width)  # b; the estimate is A^-1 b

    def features(self, seen: Decision) -> Float:
        """Columns of the candidates and a constant, (N, K, D)."""
        cells = seen.observation[:, seen.task.layout.slices["candidates"]]
        cells = cells.reshape(len(seen), -1, len(self.moment) - 1).astype(np.float64)
        return np.concatenate([cells, np.ones((*cells.shape[:2], 1))], axis=2)

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """See ``Policy``; the uniforms are the noise of Thompson sampling."""
        covariance: Float = np.linalg.inv(self.precision).astype(np.float64)
        features = self.features(decision)
        mean = covariance @ self.moment
        if self.config.algorithm == "lin_ucb":
            worth = upper_bounds(features, mean, covariance, self.config.alpha)
        else:
            noise = np.stack(
                [np.random.default_rng(int(u * 2**53)).standard_normal(len(mean)) for u in uniforms]
            )
            root: Float = np.linalg.cholesky(covariance).astype(np.float64)
            worth = sampled_values(features, mean, root, self.config.alpha, noise)
        numbers = ActionNumbers(decision)
        asks = decision.dialogue.questions < self.config.questions
        return numbers.choose(asks, numbers.recommend_best(worth.astype(np.float32)))

    def learn_from(self, seen: Decision, actions: npt.NDArray[np.int64], turn: Turn) -> None:
        """Take in what followed; of a slate, what was chosen earned the reward, and if nothing was, all did.

        Args:
            seen: What the actions were chosen from; its observations alone are read.
            actions: (N,) or (N, 1 + S).
            turn: What came of them.
        """
        features = self.features(seen)
        if actions.ndim == 1:
            places = actions[:, None] - seen.task.actions.fallback
        else:
            places = np.where(actions[:, :1] == 0, actions[:, 1:], -1)
        click = turn.user.click.astype(np.int64)[:, None]
        earned = (click < 0) | (click == np.arange(places.shape[1]))
        reward = np.where(earned, turn.reward[:, None], 0.0)
        rows, order = np.nonzero(places >= 0)
        x = features[rows, places[rows, order]]
        self.precision += x.T @ x
        self.moment += x.T @ reward[rows, order]

    def learner(self) -> BanditAgent | None:
        """A copy that learns on from whom it meets, where it is to do so."""
        return copy.deepcopy(self) if self.config.learn_on else None

    def save(self, folder: Path, training: dict[str, npt.NDArray[Any]] | None = None, **meta: Any) -> None:
        """Write a checkpoint; see ``agents.checkpoints``."""
        save_checkpoint(
            Path(folder),
            kind=self.name,
            env=self.env,
            tensors={"precision": self.precision, "moment": self.moment},
            meta={"config": asdict(self.config), "turns": self.turns, **meta},
            training=training,
        )

    @classmethod
    def load(cls, folder: Path) -> BanditAgent:
        """Read a saved agent.

        Raises:
            ArtifactError: If a file is missing, damaged, or belongs to another kind of agent.
        """
        checkpoint = load_checkpoint(Path(folder))
        try:
            config = BanditConfig(**checkpoint.meta["config"])
            checkpoint.expect(config.algorithm)
            agent = cls(config, checkpoint.env)
            agent.turns = int(checkpoint.meta["turns"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(
                f"{checkpoint.folder} does not describe a bandit: {error}. Train again."
            ) from error
        for name in ("precision", "moment"):
            held = getattr(agent, name)
            held[:] = checkpoint.tensor(name, held.shape, np.float64)
        return agent


class Training:
    """A bandit that meets people.

    Args:
        agent: Learns.
        talks: The conversations under way; new people if None.
    """

    def __init__(self, agent: BanditAgent, talks: Conversations | None = None) -> None:
        self.config, self.turns, self.finished = agent.config, agent.turns, list[float]()
        self._agent, self.task = agent, make_task(agent.env)
        seed = np.random.SeedSequence(self.config.seed, spawn_key=(NOISE_STREAM,))
        self.rng = np.random.default_rng(seed)
        self.talks = talks or Conversations(self.task, self.config.parallel, self.config.seed, see_nothing)

    def turn(self) -> None:
        """One turn of every conversation, and what is learned from it."""
        talks, agent = self.talks, self._agent
        seen = decision(self.task, talks.state)
        actions = agent.act(seen, self.rng.random(len(seen)))
        talks.choose(actions)
        turn = talks.step()
        agent.learn_from(seen, actions, turn)
        self.turns = agent.turns = self.turns + len(seen)
        done = turn.terminated | turn.truncated
        self.finished += talks.returns[done].tolist()
        talks.renew(done)

    def agent(self) -> BanditAgent:
        """The policy as it is now."""
        return copy.deepcopy(self._agent)

    def save(self, folder: Path) -> None:
        """Write a checkpoint to go on from."""
        state = self.rng.bit_generator.state
        self._agent.save(folder, self.talks.to_arrays(), rng=state, finished=self.finished)

    @classmethod
    def resumed(cls, config: BanditConfig, env: EnvConfig, folder: Path) -> Training:
        """Go on from a checkpoint, to the same bits as if it had not been stopped.

        Raises:
            ArtifactError: If it is missing, damaged or for acting only.
            ConfigError: If it was begun with other settings.
        """
        agent, checkpoint = BanditAgent.load(folder), load_checkpoint(folder)
        check_same_training(agent, config, env, folder)
        agent.config, task = config, make_task(checkpoint.env)
        talks = Conversations.from_checkpoint(task, config.parallel, config.seed, checkpoint, see_nothing)
        training = cls(agent, talks)
        training.rng.bit_generator.state = checkpoint.meta["rng"]
        training.finished = list(checkpoint.meta["finished"])
        return training


def see_nothing(task: Task, state: State) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Nothing: a bandit looks at whole decisions, which are made when it acts."""
    dialogue: Dialogue = state.dialogue
    return np.zeros((len(dialogue.turn), 0)), np.zeros((len(dialogue.turn), 0), np.bool_)


def train_bandit(
    config: BanditConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> BanditAgent:
    """Train a bandit; see ``agents.base.Train``. A resumed training ends with the bits of an uninterrupted one.

    Args:
        config: Hyperparameters; with ``resume``, only ``turns`` may be another number.
        env: The environment.
        callback: Called with every record: ``turns`` and ``return``.
        look: Called with every record.
        folder: Keeps a checkpoint after every fourth record.
        resume: Goes on with the conversations under way.
    """
    if resume and folder is None:
        raise ConfigError("resume=True needs the folder of the run to go on with, got folder=None.")
    begun = folder if resume else None
    training = Training(BanditAgent(config, env)) if begun is None else Training.resumed(config, env, begun)
    agent: BanditAgent = train(training, callback, look, folder)
    return agent

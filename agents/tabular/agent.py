"""Temporal-difference control over N conversations side by side, resumable to the bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Decision, Look, Report
from agents.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from agents.conversations import Conversations
from agents.tabular import td
from agents.tabular.config import EPISODIC, TabularConfig
from agents.tabular.td import Float, Int
from agents.tabular.values import Values, make_values
from agents.training import check_same_training, interrupts_held
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError

EXPLORATION_STREAM = 3
"""Spawn key of the agent's own randomness, apart from that of the people it trains on."""

SAVE_EVERY = 4
"""Records of the learning curve between two checkpoints."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """One record of the learning curve.

    Attributes:
        turns: Turns taken so far.
        episodes: Conversations finished so far.
        mean_return: Mean undiscounted return of those finished since the last record; None without any.
        epsilon: Exploration at this point.
    """

    turns: int
    episodes: int
    mean_return: float | None
    epsilon: float


class TabularAgent:
    """Action values, in a table or linear; acts greedily when used as a policy.

    A table reads its features from the visible state, whatever the form of the environment's observation.

    Args:
        config: How it learns.
        env: The environment it learns in.
    """

    def __init__(self, config: TabularConfig, env: EnvConfig) -> None:
        self.config, self.env, self.name = config, env, config.name
        registry.check_actions(self.name, env.actions)
        self.task = make_task(env)
        # Double Q-learning has two: one chooses, the other judges.
        self.parts: tuple[Values, ...] = tuple(
            make_values(self.task, config) for _ in range(1 + (config.algorithm == "double_q_learning"))
        )
        self.turns = self.episodes = 0
        self.curve: list[CurvePoint] = []
        self._finished, self._finished_return = 0, 0.0
        self._rng = np.random.default_rng(
            np.random.SeedSequence(config.seed, spawn_key=(EXPLORATION_STREAM,))
        )
        self._talks: Conversations | None = None
        self._path: npt.NDArray[Any] | None = None  # (N, T, ...) states, where whole conversations count

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The best action tried so far, (N,); in a state never met, the best candidate."""
        worth = self.worth(decision)
        fallback = decision.task.actions.fallback
        usual = np.where(decision.mask[:, fallback], fallback, decision.mask.argmax(axis=1))
        return np.where(np.isfinite(worth).any(axis=1), worth.argmax(axis=1), usual)

    def worth(self, decision: Decision) -> Float:
        """What the legal actions are expected to bring, (N, A); -inf for those illegal or never tried."""
        states = self.parts[0].read(decision)
        tried = decision.mask & np.any([part.known(states) for part in self.parts], axis=0)
        return np.where(tried, self._values(states), -np.inf)

    def _values(self, states: npt.NDArray[Any]) -> Float:
        """Values ``(N, A)``, the mean of both where there are two."""
        first, *second = (part.of(states) for part in self.parts)
        return (first + second[0]) / 2 if second else first

    def learn(self, total_turns: int, callback: Callable[[CurvePoint], None] | None = None) -> Self:
        """Train until ``total_turns`` turns have been taken over the agent's life.

        The count includes turns before a save and load, so a resumed run ends where an uninterrupted one
        does, with the same bits. Turns come ``config.parallel`` at a time; the last batch may overshoot.

        An interrupt (Ctrl-C) is raised between two turns, so that the agent can be saved and resumed.

        Args:
            total_turns: Turns in all.
            callback: Called with every new record of the curve.
        """
        every = self.config.record_every
        while self.turns < total_turns:
            before = self.turns
            with interrupts_held():
                self._turn()
                point = self._record() if self.turns // every > before // every else None
            if point is not None and callback is not None:
                callback(point)
        return self

    def _turn(self) -> None:
        """One turn of every conversation, and what is learned from it."""
        config, talks = self.config, self._begun()
        states, actions, lengths = talks.states.copy(), talks.actions, talks.lengths
        if self._path is not None:
            self._path[np.arange(len(states)), lengths] = states
        turn = talks.step()
        following = self._explore(talks.states, talks.mask)
        done = turn.terminated | turn.truncated
        rate = partial(config.rate, progress=self.turns / config.decay_turns)
        if config.algorithm in EPISODIC:
            for row in np.flatnonzero(done):
                self._learn_whole(int(row), bool(turn.terminated[row]), int(following[row]), rate)
        elif config.algorithm == "double_q_learning":
            coin = self._rng.random(len(states)) < 0.5
            values = [part.of(talks.states) for part in self.parts]
            for heads, own, other in ((coin, 0, 1), (~coin, 1, 0)):
                end, mask = turn.terminated[heads], talks.mask[heads]
                target = td.double_q_target(
                    turn.reward[heads], end, values[own][heads], values[other][heads], mask, config.gamma
                )
                self.parts[own].move(states[heads], actions[heads], target, rate)
        else:
            next_values = self.parts[0].of(talks.states)
            told = (turn.reward, turn.terminated, next_values)
            if config.algorithm == "sarsa":
                target = td.sarsa_target(*told, following, config.gamma)
            elif config.algorithm == "expected_sarsa":
                policy = td.epsilon_greedy_policy(next_values, talks.mask, self.epsilon)
                target = td.expected_sarsa_target(*told, policy, config.gamma)
            else:
                target = td.q_learning_target(*told, talks.mask, config.gamma)
            self.parts[0].move(states, actions, target, rate)
        self.turns += config.parallel
        if done.any():
            self.episodes += int(done.sum())
            self._finished += int(done.sum())
            self._finished_return += float(talks.returns[done].sum())
            rows = talks.renew(done)
            following[rows] = self._explore(talks.states[rows], talks.mask[rows])
        talks.choose(following)

    def _learn_whole(self, row: int, terminated: bool, following: int, rate: Callable[[int], float]) -> None:
        """Learn from a conversation that has ended; ``following`` would have come next."""
        config, talks, values = self.config, self._begun(), self.parts[0]
        assert self._path is not None
        length = int(talks.lengths[row])
        states, actions = self._path[row, :length], talks.history[row, :length]
        chosen = values.of(states)[np.arange(length), actions]
        last = 0.0 if terminated else values.of(talks.states[row : row + 1])[0, following]
        rewards, next_values = talks.rewards[row, :length], np.append(chosen[1:], last)
        if config.algorithm == "n_step_sarsa":
            targets = td.n_step_target(rewards, next_values, config.n_steps, config.gamma)
        else:
            targets = td.lambda_target(rewards, next_values, config.trace_decay, config.gamma)
        values.move(states, actions, targets, rate)

    def _begun(self) -> Conversations:
        """The conversations under way; the first people come when first asked for."""
        if self._talks is None:
            self._talks = Conversations(self.task, self.config.parallel, self.config.seed, self.parts[0].see)
            self._talks.choose(self._explore(self._talks.states, self._talks.mask))
            self._make_path(self._talks)
        return self._talks

    def _make_path(self, talks: Conversations) -> None:
        if self.config.algorithm in EPISODIC:
            shape = (*talks.history.shape, *talks.states.shape[1:])
            self._path = np.zeros(shape, talks.states.dtype)

    @property
    def epsilon(self) -> float:
        """Exploration now."""
        c = self.config
        return td.linear(c.epsilon_start, c.epsilon_end, self.turns / c.decay_turns)

    def _explore(self, states: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> Int:
        draws = self._rng.random((2, len(states)))
        return td.epsilon_greedy(self._values(states), mask, self.epsilon, draws[0], draws[1])

    def _record(self) -> CurvePoint:
        mean = self._finished_return / self._finished if self._finished else None
        point = CurvePoint(turns=self.turns, episodes=self.episodes, mean_return=mean, epsilon=self.epsilon)
        self.curve.append(point)
        self._finished, self._finished_return = 0, 0.0
        return point

    def _tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Everything learned, by name; names of the second part end in ``_2``."""
        return {
            name + "_2" * index: tensor
            for index, part in enumerate(self.parts)
            for name, tensor in part.tensors().items()
        }

    def save(self, folder: Path | str) -> None:
        """Write a checkpoint that acts and resumes the same; see ``agents.checkpoints``."""
        meta: dict[str, Any] = {
            "config": asdict(self.config),
            "curve": [asdict(point) for point in self.curve],
            "rng": self._rng.bit_generator.state,
            "turns": self.turns,
            "episodes": self.episodes,
            "finished": self._finished,
            "finished_return": self._finished_return,
        }
        save_checkpoint(
            folder,
            kind=self.name,
            env=self.env,
            tensors=self._tensors(),
            meta=meta,
            training=None if self._talks is None else self._talks.to_arrays(),
        )

    @classmethod
    def load(cls, folder: Path | str) -> TabularAgent:
        """Read a checkpoint; ``learn`` goes on where it stopped.

        Raises:
            ArtifactError: If the checkpoint is damaged, or of another kind.
        """
        checkpoint = load_checkpoint(folder)
        file = checkpoint.folder / "policy.json"
        meta = checkpoint.meta
        try:
            config = TabularConfig(**meta["config"])
            checkpoint.expect(config.name)
            agent = cls(config, checkpoint.env)
            agent.curve = [CurvePoint(**point) for point in meta["curve"]]
            agent._rng.bit_generator.state = meta["rng"]
            agent.turns, agent.episodes = int(meta["turns"]), int(meta["episodes"])
            agent._finished, agent._finished_return = int(meta["finished"]), float(meta["finished_return"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{file} does not describe a tabular agent: {error}. Train again.") from error
        for name, tensor in agent._tensors().items():
            tensor[...] = checkpoint.tensor(name, tensor.shape, tensor.dtype)
        if checkpoint.training is not None:
            agent._go_on(checkpoint)
        return agent

    def _go_on(self, checkpoint: Checkpoint) -> None:
        """Take up the conversations that a checkpoint left."""
        config, see = self.config, self.parts[0].see
        seen: list[tuple[npt.NDArray[np.intp], int, npt.NDArray[Any]]] = []
        self._talks = Conversations.from_checkpoint(
            self.task, config.parallel, config.seed, checkpoint, see, lambda *what: seen.append(what)
        )
        self._make_path(self._talks)
        if self._path is not None:
            for rows, turn, states in seen:
                self._path[rows, turn] = states


def train_tabular(
    config: TabularConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> TabularAgent:
    """Train an agent of a table or of linear values; see ``agents.base.Train``.

    Args:
        config: Hyperparameters. A resumed training keeps its own: only ``turns`` may be another number.
        env: The environment.
        callback: Called with every record of the learning curve: ``turns``, ``return``, ``epsilon``.
        look: Called with every record.
        folder: Keeps a checkpoint after every fourth record.
        resume: Goes on to the same bits as if it had not been stopped.
    """
    if resume:
        if folder is None:
            raise ConfigError("resume=True needs the folder of the run to go on with, got folder=None.")
        agent = TabularAgent.load(folder)
        check_same_training(agent, config, env, folder)
    else:
        agent = TabularAgent(config, env)
    if agent.turns >= config.turns:
        return agent
    agent.config = replace(agent.config, turns=config.turns)
    records = 0

    def record(point: CurvePoint) -> None:
        nonlocal records
        records += 1
        if callback is not None:
            told = {} if point.mean_return is None else {"return": point.mean_return}
            callback({"turns": point.turns, **told, "epsilon": point.epsilon})
        if look is not None:
            look(agent, point.turns)
        if folder is not None and records % SAVE_EVERY == 0:
            agent.save(folder)

    try:
        agent.learn(config.turns, record)
    finally:
        if folder is not None:
            agent.save(folder)
    return agent

"""Tabular Q-learning and SARSA over N conversations side by side, resumable to the bit."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Decision, Look, Report
from agents.checkpoints import load_checkpoint, save_checkpoint
from agents.tabular.config import TabularConfig
from agents.tabular.conversations import Conversations
from agents.tabular.td import epsilon_greedy, linear, move_toward, q_learning_target, sarsa_target
from chatrec_env.core.observations import TABULAR_SIZES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError

EXPLORATION_STREAM = 3
"""Spawn key of the agent's own randomness, apart from that of the people it trains on."""

SAVE_EVERY = 4
"""Records of the learning curve between two checkpoints."""

KEPT = ("turns", "decay_turns", "record_every")
"""Settings that may differ when a training goes on: with more turns, the schedule stays that of the beginning."""

ADOPTED = ("collaborative",)
"""Keywords of the environment that may differ: factors are those that the checkpoint brought along."""


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
    """A table of action values over the tabular observation; acts greedily when used as a policy.

    It reads the tabular features from the visible state, so a trained agent acts in any environment of the
    same action set, whatever its observation form.

    Args:
        config: How it learns.
        env: The environment it learns in.
    """

    def __init__(self, config: TabularConfig, env: EnvConfig) -> None:
        self.config, self.env, self.name = config, env, config.algorithm
        registry.check_actions(self.name, env.actions)
        self.task = make_task(env)
        shape = (int(np.prod(TABULAR_SIZES)), self.task.actions.n)
        self.values = np.full(shape, config.initial_value, np.float64)  # (S, A)
        self.visits = np.zeros(shape, np.int64)  # (S, A) updates each cell has had
        self.turns = self.episodes = 0
        self.curve: list[CurvePoint] = []
        self._finished, self._finished_return = 0, 0.0
        self._rng = np.random.default_rng(
            np.random.SeedSequence(config.seed, spawn_key=(EXPLORATION_STREAM,))
        )
        self._talks: Conversations | None = None

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The best action tried so far, (N,); in a state never met, the best candidate."""
        states = decision.task.layout.tabular(decision.dialogue, decision.view)
        tried = decision.mask & (self.visits[states] > 0)
        best = np.where(tried, self.values[states], -np.inf).argmax(axis=1)
        fallback = decision.task.actions.fallback
        usual = np.where(decision.mask[:, fallback], fallback, decision.mask.argmax(axis=1))
        return np.where(tried.any(axis=1), best, usual)

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
        states, actions = talks.states, talks.actions
        reward, terminated, truncated = talks.step()
        following = self._explore(talks.states, talks.mask)
        next_values = self.values[talks.states]
        if config.algorithm == "sarsa":
            target = sarsa_target(reward, terminated, next_values, following, config.gamma)
        else:
            target = q_learning_target(reward, terminated, next_values, talks.mask, config.gamma)
        rate = partial(config.rate, progress=self.turns / config.decay_turns)
        move_toward(self.values, self.visits, states, actions, target, rate)
        self.turns += config.parallel
        done = terminated | truncated
        if done.any():
            self.episodes += int(done.sum())
            self._finished += int(done.sum())
            self._finished_return += float(talks.returns[done].sum())
            rows = talks.renew(done)
            following[rows] = self._explore(talks.states[rows], talks.mask[rows])
        talks.choose(following)

    def _begun(self) -> Conversations:
        """The conversations under way; the first people come when first asked for."""
        if self._talks is None:
            self._talks = Conversations(self.task, self.config.parallel, self.config.seed)
            self._talks.choose(self._explore(self._talks.states, self._talks.mask))
        return self._talks

    @property
    def epsilon(self) -> float:
        """Exploration now."""
        c = self.config
        return linear(c.epsilon_start, c.epsilon_end, self.turns / c.decay_turns)

    def _explore(self, states: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        draws = self._rng.random((2, len(states)))
        return epsilon_greedy(self.values[states], mask, self.epsilon, draws[0], draws[1])

    def _record(self) -> CurvePoint:
        mean = self._finished_return / self._finished if self._finished else None
        point = CurvePoint(turns=self.turns, episodes=self.episodes, mean_return=mean, epsilon=self.epsilon)
        self.curve.append(point)
        self._finished, self._finished_return = 0, 0.0
        return point

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
            kind=self.config.algorithm,
            env=self.env,
            tensors={"values": self.values, "visits": self.visits},
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
            if config.algorithm != checkpoint.kind:
                raise ConfigError(f"kind {checkpoint.kind!r} with settings for {config.algorithm!r}")
            agent = cls(config, checkpoint.env)
            agent.curve = [CurvePoint(**point) for point in meta["curve"]]
            agent._rng.bit_generator.state = meta["rng"]
            agent.turns, agent.episodes = int(meta["turns"]), int(meta["episodes"])
            agent._finished, agent._finished_return = int(meta["finished"]), float(meta["finished_return"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{file} does not describe a tabular agent: {error}. Train again.") from error
        shape = agent.values.shape
        agent.values = checkpoint.tensor("values", shape, np.float64).copy()
        agent.visits = checkpoint.tensor("visits", shape, np.int64).copy()
        if checkpoint.training is not None:
            agent._talks = Conversations.from_checkpoint(agent.task, config.parallel, config.seed, checkpoint)
        return agent


def train_tabular(
    config: TabularConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> TabularAgent:
    """Train tabular Q-learning or SARSA; see ``agents.base.Train``.

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


def check_same_training(agent: TabularAgent, config: TabularConfig, env: EnvConfig, folder: Path) -> None:
    """Refuse to go on with an agent under other settings than it was begun with.

    Raises:
        ConfigError: Naming the setting, what it was, and what came.
    """
    for mine, given, exempt in ((agent.config, config, KEPT), (agent.env, env, ADOPTED)):
        for name in [f.name for f in fields(given) if f.name not in exempt]:
            was, came = getattr(mine, name), getattr(given, name)
            if was != came:
                raise ConfigError(
                    f"{folder} was trained with {name}={was!r} and cannot go on with {came!r}. Train in a folder of "
                    "its own."
                )


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold back an interrupt that comes while the block runs, and deliver it right after.

    Without effect outside the main thread, where Python delivers no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])

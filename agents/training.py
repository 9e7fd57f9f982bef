"""The loop that learners of our own train in: records, checkpoints, interrupts, and going on with the same settings."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import numpy as np

from agents.base import Look, Report
from agents.checkpoints import TRAINING, load_checkpoint
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError

SAVE_EVERY = 4
"""Records of the learning curve between two checkpoints."""

KEPT = ("turns", "decay_turns", "record_every")
"""Settings that may differ when a training goes on: with more turns, the schedule stays that of the beginning."""

ADOPTED = ("collaborative", "themes")
"""Keywords of the environment that may differ: factors and themes are those that the checkpoint brought along."""


class Underway(Protocol):
    """A learner under training."""

    config: Any
    turns: int
    """Turns taken so far."""
    finished: list[float]
    """Returns of the conversations that ended since the last record."""

    def turn(self) -> None:
        """One turn of every conversation, and what is learned from it."""

    def agent(self) -> Any:
        """The policy as it is now."""

    def save(self, folder: Path) -> None:
        """Write a checkpoint to go on from."""


def train(
    training: Underway, callback: Report | None = None, look: Look | None = None, folder: Path | None = None
) -> Any:
    """Take turns until there were ``config.turns``; the policy that comes out.

    A checkpoint is kept after every fourth record, and however it ends; an interrupt waits for the turn to be whole.

    Args:
        training: The learner.
        callback: Called after every ``config.record_every`` turns with ``turns``, ``return``, and ``epsilon`` if there
            is one.
        look: Called as often.
        folder: Where checkpoints are kept.
    """
    every, records = training.config.record_every, 0
    try:
        while training.turns < training.config.turns:
            before = training.turns
            with interrupts_held():
                training.turn()
            if training.turns // every == before // every:
                continue
            records += 1
            told = {"turns": float(training.turns)}
            if training.finished:
                told["return"] = float(np.mean(training.finished))
            if hasattr(training, "epsilon"):
                told["epsilon"] = float(training.epsilon)
            training.finished = []
            if callback is not None:
                callback(told)
            if look is not None:
                look(training.agent(), training.turns)
            if folder is not None and records % SAVE_EVERY == 0:
                training.save(folder)
    finally:
        if folder is not None:
            training.save(folder)
    return training.agent()


def check_same_training(
    agent: Any, config: Any, env: EnvConfig, folder: Path, kept: Sequence[str] = KEPT
) -> None:
    """Refuse to go on with an agent under other settings than it was begun with.

    Args:
        agent: Has the ``config`` and ``env`` it was begun with.
        config: Settings that came.
        env: Environment that came.
        folder: Where the agent was read from.
        kept: Settings that may differ.

    Raises:
        ConfigError: Naming the setting, what it was, and what came.
        ArtifactError: What it needs to go on is gone.
    """
    if agent.turns and not (folder / TRAINING).exists():
        load_checkpoint(folder).training_state()
    for mine, given, exempt in ((agent.config, config, kept), (agent.env, env, ADOPTED)):
        for name in [f.name for f in fields(given) if f.name not in exempt]:
            was, came = getattr(mine, name), getattr(given, name)
            if was != came:
                raise ConfigError(
                    f"{folder} was trained with {name}={was!r} and cannot go on with {came!r}. Train in a folder of "
                    "its own."
                )


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold back an interrupt, or being told to stop, that comes while the block runs, and deliver it right after.

    Without effect outside the main thread, where Python delivers no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    # Handled in Python: Ctrl-C, and SIGTERM where a command takes it for Ctrl-C.
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in found.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for which, frame in came[:1]:
        before[signal.Signals(which)](which, frame)

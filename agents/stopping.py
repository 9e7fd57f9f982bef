"""Training that is stopped and gone on with: interrupts between two turns, and settings that must be the same."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any

from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError

KEPT = ("turns", "decay_turns", "record_every")
"""Settings that may differ when a training goes on: with more turns, the schedule stays that of the beginning."""

ADOPTED = ("collaborative",)
"""Keywords of the environment that may differ: factors are those that the checkpoint brought along."""


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
    """
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

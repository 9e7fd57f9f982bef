"""Reports the progress of a stable-baselines3 learner and keeps checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback

SAVE_EVERY = 10
"""Rollouts between two checkpoints."""


class Reporter(BaseCallback):
    """Calls ``report`` after every rollout, and ``save`` after every tenth.

    Args:
        report: Receives ``turns``, ``turns_per_second``, ``return``, ``length`` and SB3's ``train/`` figures.
        save: Writes a checkpoint.
        average: Takes the weights as they are now into their average.
        start: Turns done before.
    """

    def __init__(
        self,
        report: Callable[[dict[str, float]], None],
        save: Callable[[], None],
        average: Callable[[], None],
        start: int = 0,
    ) -> None:
        super().__init__()
        self._report, self._save, self._average, self._start = report, save, average, start
        self._began, self._rollouts = time.perf_counter(), 0

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self._rollouts += 1
        self._average()
        if self._rollouts % SAVE_EVERY == 0:
            self._save()
        episodes = list(self.model.ep_info_buffer or [])
        record = {
            "turns": float(self.num_timesteps),
            "turns_per_second": (self.num_timesteps - self._start) / (time.perf_counter() - self._began),
        }
        if episodes:
            record["return"] = float(np.mean([e["r"] for e in episodes]))
            record["length"] = float(np.mean([e["l"] for e in episodes]))
        for name, value in self.model.logger.name_to_value.items():
            if name.startswith("train/"):
                record[name] = float(value)
        self._report(record)

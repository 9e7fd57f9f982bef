"""What happens after a rollout: progress is reported, weights are averaged, a checkpoint is kept."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
import torch
from stable_baselines3.common.callbacks import BaseCallback
from torch import nn

N = TypeVar("N", bound=nn.Module)

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


class WeightAverage(Generic[N]):
    """A running mean of weights that turns into an exponential one (Polyak and Juditsky, 1992).

    The n-th update moves the average by ``max(1 / n, 1 / window)`` of the way to the weights.

    Args:
        network: Gives the shapes and the first weights.
        window: Updates the average reaches back, about.
    """

    def __init__(self, network: N, window: int) -> None:
        self.window, self.count = window, 0
        self.network = copy.deepcopy(network)

    def update(self, network: N) -> None:
        """Take in the weights as they are now."""
        self.count += 1
        rate = max(1.0 / self.count, 1.0 / self.window)
        with torch.no_grad():
            for mine, now in zip(self.network.parameters(), network.parameters(), strict=True):
                mine.lerp_(now, rate)

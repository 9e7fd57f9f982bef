"""Averages a network's weights over training, which smooths out the noise of the last updates."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn


class WeightAverage:
    """A running mean of weights that turns into an exponential one (Polyak and Juditsky, 1992).

    The n-th update moves the average by ``max(1 / n, 1 / window)`` of the way to the weights.

    Args:
        network: Gives the shapes and the first weights.
        window: Updates the average reaches back, about.
    """

    def __init__(self, network: nn.Module, window: int) -> None:
        self.window, self.count = window, 0
        self.network = copy.deepcopy(network)

    def update(self, network: nn.Module) -> None:
        """Take in the weights as they are now."""
        self.count += 1
        rate = max(1.0 / self.count, 1.0 / self.window)
        with torch.no_grad():
            for mine, now in zip(self.network.parameters(), network.parameters(), strict=True):
                mine.lerp_(now, rate)

    def restore(self, weights: dict[str, Any], count: int) -> None:
        """Go on from an average of ``count`` updates."""
        self.network.load_state_dict(weights)
        self.count = count

"""The average of a network's weights over its last updates."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

N = TypeVar("N", bound=nn.Module)


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

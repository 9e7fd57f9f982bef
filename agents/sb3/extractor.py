"""A features extractor of the library for conversations as sequences: transformer layer, GRU, and what else is seen."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import torch
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

from agents.deep.sequence import SequenceEncoder
from chatrec_env.core.kernel import Task
from chatrec_env.errors import ConfigError


class SequenceExtractor(BaseFeaturesExtractor):
    """The last turns as one vector (``agents.deep.sequence``), beside the other columns of the flat observation.

    Args:
        observation_space: Flat.
        turns: T, in the first columns, oldest first; then T columns say which there have been.
        columns: Of a turn.
        width: Of the vector.
    """

    def __init__(self, observation_space: gym.spaces.Box, turns: int, columns: int, width: int = 32) -> None:
        rest = observation_space.shape[0] - turns * columns - turns
        super().__init__(observation_space, features_dim=width + rest)
        self.turns, self.columns = turns, columns
        self.sequence = SequenceEncoder(turns, columns, width)

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        """Features ``(N, width + rest)``."""
        spoken = self.turns * self.columns
        turns = observation[:, :spoken].reshape(-1, self.turns, self.columns)
        there = observation[:, spoken : spoken + self.turns]
        return torch.cat([self.sequence(turns, there), observation[:, spoken + self.turns :]], dim=1)


def parts_of(task: Task) -> dict[str, Any]:
    """Where the turns lie in a task's flat observation.

    Raises:
        ConfigError: If the conversation is no sequence there.
    """
    parts = task.layout.slices
    if "conversation_mask" not in parts:
        raise ConfigError(
            "The sequence extractor reads the last turns one by one, got conversation='recency'. Make the environment "
            "with conversation='sequence' (--conversation sequence)."
        )
    turns = parts["conversation_mask"].stop - parts["conversation_mask"].start
    return {"turns": turns, "columns": parts["conversation"].stop // turns}

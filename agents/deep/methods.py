"""What deep learners learn from a turn: which action, and how far its value was off."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from agents.base import likeliest
from agents.deep.config import DeepConfig
from agents.deep.network import CandidateNetwork, to_numpy
from agents.tabular import td
from chatrec_env.core.kernel import Turn

Batch = dict[str, npt.NDArray[Any]]


class Method(Protocol):
    """Chooses actions from a network's numbers, and learns them."""

    def choose(
        self,
        network: CandidateNetwork,
        observation: npt.NDArray[np.float32],
        mask: npt.NDArray[np.bool_],
        epsilon: float,
        draws: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.int64]:
        """Actions of N conversations, at random with probability ``epsilon``; ``draws (3, N)`` in [0, 1) decide."""

    def seen(self, turn: Turn) -> Batch:
        """What the memory keeps of a turn besides observations, masks, actions and how it ended."""

    def loss(
        self, online: CandidateNetwork, target: CandidateNetwork, batch: Batch, weights: torch.Tensor
    ) -> tuple[torch.Tensor, npt.NDArray[np.float64]]:
        """What to minimise, and the errors ``(B,)`` of the batch."""


class ActionValues:
    """Deep Q-learning and deep SARSA: one value per action; the first number of each candidate is its value."""

    def __init__(self, config: DeepConfig) -> None:
        self.config = config

    def values(
        self, network: CandidateNetwork, observation: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float64]:
        """Action values ``(N, A)``."""
        with torch.inference_mode():
            return to_numpy(network.actions(torch.from_numpy(observation)))

    def choose(
        self,
        network: CandidateNetwork,
        observation: npt.NDArray[np.float32],
        mask: npt.NDArray[np.bool_],
        epsilon: float,
        draws: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.int64]:
        """See ``Method``."""
        best = likeliest(self.values(network, observation).astype(np.float32), mask)
        return np.where(draws[0] < epsilon, td.uniform_legal(mask, draws[1]), best)

    def seen(self, turn: Turn) -> Batch:
        """See ``Method``."""
        return {}

    def target(
        self, online: CandidateNetwork, target: CandidateNetwork, batch: Batch
    ) -> npt.NDArray[np.float64]:
        """Where the values of the actions taken should go, (B,)."""
        gamma, ahead = self.config.gamma, batch["next_observation"]
        reward, terminated, next_mask = batch["reward"], batch["terminated"], batch["next_mask"]
        next_values = self.values(target, ahead)
        if self.config.algorithm == "deep_sarsa":
            return td.sarsa_target(reward, terminated, next_values, batch["next_action"], gamma)
        if not self.config.double:
            return td.q_learning_target(reward, terminated, next_values, next_mask, gamma)
        choosing = self.values(online, ahead)
        return td.double_q_target(reward, terminated, choosing, next_values, next_mask, gamma)

    def loss(
        self, online: CandidateNetwork, target: CandidateNetwork, batch: Batch, weights: torch.Tensor
    ) -> tuple[torch.Tensor, npt.NDArray[np.float64]]:
        """See ``Method``: Huber's loss of the value of the action taken."""
        wanted = torch.from_numpy(self.target(online, target, batch)).float()
        values = online.actions(torch.from_numpy(batch["observation"]))
        found = values.gather(1, torch.from_numpy(batch["action"])[:, None])[:, 0]
        loss = (weights * functional.smooth_l1_loss(found, wanted, reduction="none")).mean()
        return loss, to_numpy(wanted - found)

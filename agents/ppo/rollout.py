"""Conversations to learn from: everybody from their first turn to their last, with an estimate of every advantage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from agents.base import conversations, decision
from agents.ppo.warm_start import draw_actions, log_probabilities, true_worth
from chatrec_env.core.kernel import State, Task, start_batch

if TYPE_CHECKING:
    from agents.ppo.network import Critic, RankerNetwork
    from agents.ppo.projection import Projection

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rollout:
    """The turns of N conversations, n in all.

    Attributes:
        observation: (n, width) float32, projected.
        worth: (n, K) float32 what only the critic reads, or (n, 0).
        mask: (n, A) legal actions.
        action: (n,) int64.
        log_odds: (n,) float32 log-probability of the action when it was taken.
        value: (n,) float32 the critic's, then.
        advantage: (n,) float32, see ``advantages``.
        returns: (N,) undiscounted returns of the conversations.
    """

    observation: torch.Tensor
    worth: torch.Tensor
    mask: torch.Tensor
    action: torch.Tensor
    log_odds: torch.Tensor
    value: torch.Tensor
    advantage: torch.Tensor
    returns: Float

    def __len__(self) -> int:
        return len(self.action)


def advantages(
    turns: list[tuple[npt.NDArray[np.intp], Float, Float]], last: Float, gamma: float, gae_lambda: float
) -> list[Float]:
    """Generalised advantage estimates (Schulman et al., 2016) of whole conversations.

    Per turn ``delta = reward + gamma * next value - value`` and ``A = delta + gamma * gae_lambda * next A``.

    Args:
        turns: Of each turn the conversations that took it, their rewards and their values, (n_t,) each.
        last: (N,) values after the last turn: 0 where the person left, the critic's where the turn budget ran out.
        gamma: Discount.
        gae_lambda: 0 for one step, 1 for what really followed.
    """
    later, ahead = last.copy(), np.zeros(len(last))
    found = []
    for rows, reward, value in reversed(turns):
        ahead[rows] = reward + gamma * later[rows] - value + gamma * gae_lambda * ahead[rows]
        later[rows] = value
        found.append(ahead[rows].copy())
    return found[::-1]


class Meeting:
    """Lets a policy under training meet people.

    Args:
        task: The task.
        projection: Of its observations.
        appraisal: Whether the critic reads what candidates are worth.
    """

    def __init__(self, task: Task, projection: Projection, *, appraisal: bool) -> None:
        self.task, self.projection, self.appraisal = task, projection, appraisal

    def see(
        self, state: State
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Projected observations, what the critic knows besides, and legal actions."""
        seen = decision(self.task, state)
        nothing = np.zeros((len(seen), 0), np.float32)
        worth = true_worth(self.task, state, seen) if self.appraisal else nothing
        return self.projection(seen.observation).copy(), worth, seen.mask.copy()

    def hold(
        self,
        network: RankerNetwork,
        critic: Critic,
        draws: Float,
        rng: np.random.Generator,
        *,
        gamma: float,
        gae_lambda: float,
    ) -> Rollout:
        """Meet the people of these uniforms ``(N, n_draws)``; ``rng`` draws the actions."""
        kept: list[tuple[npt.NDArray[Any], ...]] = []
        turns: list[tuple[npt.NDArray[np.intp], Float, Float]] = []
        returns, last = np.zeros(len(draws)), np.zeros(len(draws))

        def act(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
            observation, worth, mask = self.see(state)
            likely = log_probabilities(network, observation, mask)
            with torch.inference_mode():
                value = critic(torch.from_numpy(np.concatenate([observation, worth], axis=1)))[:, 0].numpy()
            actions = draw_actions(np.exp(likely), rng.random(len(rows)))
            kept.append((observation, worth, mask, actions, likely[np.arange(len(rows)), actions], value))
            return actions

        for rows, state, turn in conversations(self.task, start_batch(self.task, draws), act):
            turns.append((rows, turn.reward.copy(), kept[-1][5].astype(np.float64)))
            returns[rows] += turn.reward
            over = np.flatnonzero(turn.truncated & ~turn.terminated)
            if len(over):
                observation, worth, _ = self.see(state.take(over))
                with torch.inference_mode():
                    value = critic(torch.from_numpy(np.concatenate([observation, worth], axis=1)))
                last[rows[over]] = value[:, 0].numpy()
        ahead = np.concatenate(advantages(turns, last, gamma, gae_lambda)).astype(np.float32)
        observation, worth, mask, action, log_odds, value = (
            np.concatenate([turn[i] for turn in kept]) for i in range(6)
        )
        return Rollout(
            observation=torch.from_numpy(observation),
            worth=torch.from_numpy(worth),
            mask=torch.from_numpy(mask),
            action=torch.from_numpy(action),
            log_odds=torch.from_numpy(log_odds),
            value=torch.from_numpy(value),
            advantage=torch.from_numpy(ahead),
            returns=returns,
        )

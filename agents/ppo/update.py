"""One update of PPO: the clipped objective, and passes over a rollout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from agents.ppo.warm_start import OUT, ranking_error

if TYPE_CHECKING:
    from agents.ppo.config import PPOConfig
    from agents.ppo.network import Critic, RankerNetwork
    from agents.ppo.rollout import Rollout


def clipped_objective(ratio: torch.Tensor, advantage: torch.Tensor, clip_range: float) -> torch.Tensor:
    """PPO's objective, to be raised (Schulman et al., 2017, equation 7); the mean, scalar.

    Args:
        ratio: (n,) probability of the action now over that when it was taken.
        advantage: (n,)
        clip_range: How far the ratio may go from 1 before a gain in it counts nothing.
    """
    return torch.min(ratio * advantage, ratio.clamp(1 - clip_range, 1 + clip_range) * advantage).mean()


class Updates:
    """Two optimisers, one for the policy and one for the critic, and what they do with a rollout.

    Apart, because gradients of a value's squared error would otherwise decide how far the policy's are clipped.
    """

    def __init__(self, config: PPOConfig, network: RankerNetwork, critic: Critic) -> None:
        self.config, self.network, self.critic = config, network, critic
        self.optimizers = {
            "policy": torch.optim.Adam(network.parameters(), config.learning_rate, eps=1e-5),
            "critic": torch.optim.Adam(critic.parameters(), config.learning_rate, eps=1e-5),
        }

    def __call__(self, rollout: Rollout, left: float) -> dict[str, float]:
        """Learn from a rollout; torch's generator shuffles.

        Args:
            rollout: Of the policy as it is now.
            left: Share of the training that is left: the step size falls with it, to a tenth.

        Returns:
            ``value_loss``, ``entropy``, ``approx_kl`` and ``clip_fraction``, means over the gradient steps.
        """
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate * (0.1 + 0.9 * left)
        spread = rollout.advantage.std(unbiased=False) + 1e-8
        scaled = (rollout.advantage - rollout.advantage.mean()) / spread
        steps = [self._step(rollout, scaled, rows) for rows in self._parts(len(rollout))]
        names = ("value_loss", "entropy", "approx_kl", "clip_fraction")
        return dict(zip(names, torch.stack(steps).mean(0).tolist(), strict=True))

    def _parts(self, n: int) -> Iterator[torch.Tensor]:
        """Rows of each gradient step: every row once a pass, in parts of about ``batch_size``."""
        for _ in range(self.config.n_epochs):
            yield from torch.randperm(n).tensor_split(max(1, n // self.config.batch_size))

    def _step(self, rollout: Rollout, scaled: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        observation, before = rollout.observation[rows], rollout.log_odds[rows]
        logits = self.network(observation)
        likely = torch.log_softmax(logits.masked_fill(~rollout.mask[rows], OUT), dim=1)
        entropy = -(likely.exp() * likely).sum(1).mean()
        now = likely.gather(1, rollout.action[rows, None])[:, 0]
        ratio = torch.exp(now - before)
        gain = clipped_objective(ratio, scaled[rows], self.config.clip_range)
        loss = -gain - self.config.ent_coef * entropy
        if self.config.worth_coef and rollout.worth.shape[1]:
            loss = loss + self.config.worth_coef * ranking_error(
                logits, rollout.mask[rows], rollout.worth[rows]
            )
        self._descend("policy", self.network, loss)
        values = self.critic(torch.cat([observation, rollout.worth[rows]], dim=1))[:, 0]
        missed = (values - rollout.value[rows] - rollout.advantage[rows]).square().mean()
        self._descend("critic", self.critic, missed)
        with torch.no_grad():
            # (r - 1) - log r: an estimate of the divergence that is never negative (Schulman, 2020).
            divergence = (ratio - 1 - (now - before)).mean()
            clipped = ((ratio - 1).abs() > self.config.clip_range).float().mean()
            return torch.stack([missed, entropy, divergence, clipped])

    def _descend(self, name: str, network: torch.nn.Module, loss: torch.Tensor) -> None:
        self.optimizers[name].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), self.config.max_grad_norm)
        self.optimizers[name].step()

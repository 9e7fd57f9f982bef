"""Hyperparameters of PPO, checked before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.base import check_integers, check_numbers
from chatrec_env.errors import ConfigError, UnknownNameError

NETWORK_SIZES = ("speech", "hidden", "item")
"""Sizes of the network that may be changed."""

MOST_SEED = 2**32
"""Seeds are below this one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PPOConfig:
    """Hyperparameters of PPO (Schulman et al., 2017) with invalid-action masking (Huang and Ontanon, 2022).

    Attributes:
        turns: Conversation turns to train on; rounded up to whole updates.
        num_envs: Conversations of one update, side by side, each from its first turn to its last.
        batch_size: Turns per gradient step.
        n_epochs: Passes over the turns of an update.
        learning_rate: Initial step size of Adam, falling linearly to a tenth.
        gamma: Discount.
        gae_lambda: Bias-variance trade-off of the advantage estimate.
        clip_range: PPO's clip.
        ent_coef: Weight of the entropy bonus.
        worth_coef: Weight of the error of the candidates' ranking, as the warm start has it, beside PPO's objective;
            only with ``appraisal``.
        max_grad_norm: Gradient clipping.
        warm_start: People with whom the best of a few heuristics is imitated before PPO begins; 0 for none. Their
            turns are not counted.
        rounds: Further lessons of the warm start: the network meets as many people again, new ones, by itself, and its
            teachers tell what they would do in its place.
        appraisal: Whether the teachers know what every candidate is expected to bring with these people: the imitated
            ranking follows that, and the critic reads it. The policy never does. Without effect with other users than
            the rule-based ones.
        projection: Principal components of the conversation block that are learned from, at most; 0 for all columns.
        check_people: People, met in no other way, who decide which weights are kept: now and then the average meets
            them, and the best so far is what acts. 0 keeps the last.
        average: Updates over which the weights of the policy are averaged (it acts with the average, learns
            without); 1 for no averaging.
        seed: Seed of network, sampling and people.
        network: Sizes of the network to change (``speech``, ``hidden``, ``item``).
    """

    turns: int = 800_000
    num_envs: int = 1024
    batch_size: int = 256
    n_epochs: int = 2
    learning_rate: float = 1e-3
    gamma: float = 0.95
    gae_lambda: float = 0.9
    clip_range: float = 0.2
    ent_coef: float = 0.0
    worth_coef: float = 0.0
    max_grad_norm: float = 0.5
    warm_start: int = 5000
    rounds: int = 0
    appraisal: bool = True
    projection: int = 48
    check_people: int = 1000
    average: int = 8
    seed: int = 0
    network: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_integers("ppo", self, turns=1, num_envs=1, batch_size=1, n_epochs=1, average=1, seed=0)
        check_integers("ppo", self, warm_start=0, rounds=0, projection=0, check_people=0)
        check_numbers(
            "ppo", self, learning_rate="(0, 1)", gamma="[0, 1]", gae_lambda="[0, 1]", clip_range="(0, 1)"
        )
        check_numbers("ppo", self, max_grad_norm="(0, inf)", ent_coef="[0, inf)", worth_coef="[0, inf)")
        if not isinstance(self.appraisal, bool):
            raise ConfigError(f"ppo.appraisal must be true or false, got {self.appraisal!r}.")
        if self.seed >= MOST_SEED:
            raise ConfigError(f"ppo.seed must be an integer below 2**32, got {self.seed!r}.")
        if not isinstance(self.network, dict):
            raise ConfigError(f"ppo.network must be a dict of sizes, got {self.network!r}.")
        for name, size in self.network.items():
            if name not in NETWORK_SIZES:
                raise UnknownNameError("size of the network", name, NETWORK_SIZES)
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ConfigError(f"ppo.network.{name} must be a positive integer, got {size!r}.")

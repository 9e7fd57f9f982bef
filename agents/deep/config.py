"""How a deep learner of action values learns."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.base import check_integers, check_numbers
from chatrec_env.errors import ConfigError, UnknownNameError

ALGORITHMS = ("deep_q_learning", "deep_sarsa", "slate_q")
NETWORK_SIZES = ("speech", "hidden", "item", "heads")
"""Sizes of the network that may be changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeepConfig:
    """Settings of deep Q-learning (Mnih et al., 2015), deep SARSA and SlateQ (Ie et al., 2019); plain JSON data.

    Attributes:
        algorithm: ``"deep_q_learning"``, ``"deep_sarsa"`` or ``"slate_q"``.
        turns: Conversation turns to train on; rounded up to whole batches of ``parallel``.
        parallel: Conversations side by side.
        gamma: Discount per turn.
        learning_rate: Initial step size of Adam, falling linearly to a tenth.
        batch_size: Turns per gradient step.
        updates: Gradient steps after each turn of all conversations.
        capacity: Turns the replay memory keeps.
        warm_up: Turns in the memory before anything is learned.
        target_rate: Share of the way that the target network moves toward the one that learns, every gradient step. It
            gives the values to bootstrap from, and it is what acts.
        double: Deep Q-learning: the network that learns chooses the action, the target network judges it (van Hasselt
            et al., 2016).
        prioritised: Draw turns by how much was learned from them (Schaul et al., 2016) rather than evenly.
        priority_exponent: How uneven the draws are then.
        priority_correction: How far the uneven draws are made up for at first; wholly at the end.
        epsilon_start: Share of random actions at first.
        epsilon_end: Share of random actions after ``decay_turns``.
        decay_turns: Turns over which exploration falls; 0: half of ``turns``.
        max_grad_norm: Gradient clipping.
        keep_memory: Write the replay memory into checkpoints, so that a training that goes on is to the bit what it
            would have been; hundreds of megabytes. Without, it fills again before anything is learned.
        record_every: Turns between records of the learning curve; 0: a forty-eighth of ``turns``.
        seed: Seed of network, exploration, draws from the memory, and the people trained on.
        network: Sizes of the network to change (``speech``, ``hidden``, ``item``, ``heads``).
    """

    algorithm: str = "deep_q_learning"
    turns: int = 300_000
    parallel: int = 64
    gamma: float = 0.9
    learning_rate: float = 5e-4
    batch_size: int = 256
    updates: int = 1
    capacity: int = 50_000
    warm_up: int = 2_000
    target_rate: float = 0.01
    double: bool = True
    prioritised: bool = False
    priority_exponent: float = 0.6
    priority_correction: float = 0.4
    epsilon_start: float = 0.3
    epsilon_end: float = 0.02
    decay_turns: int = 0
    max_grad_norm: float = 10.0
    keep_memory: bool = False
    record_every: int = 0
    seed: int = 0
    network: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = "deep"
        if self.algorithm not in ALGORITHMS:
            raise UnknownNameError("algorithm", self.algorithm, ALGORITHMS)
        check_integers(name, self, turns=1, parallel=1, batch_size=1, updates=1, capacity=1, warm_up=1)
        check_integers(name, self, decay_turns=0, record_every=0, seed=0)
        shares = ("gamma", "priority_exponent", "priority_correction", "epsilon_start", "epsilon_end")
        check_numbers(name, self, **dict.fromkeys(shares, "[0, 1]"), target_rate="(0, 1]")
        check_numbers(name, self, learning_rate="(0, 1)", max_grad_norm="(0, inf)")
        for switch in ("double", "prioritised", "keep_memory"):
            if not isinstance(getattr(self, switch), bool):
                raise ConfigError(f"deep.{switch} must be true or false, got {getattr(self, switch)!r}.")
        if self.warm_up > self.capacity:
            raise ConfigError(
                f"deep.warm_up must be at most deep.capacity, got {self.warm_up} and {self.capacity}: the memory would "
                "never be full enough to begin."
            )
        if not isinstance(self.network, dict):
            raise ConfigError(f"deep.network must be a dict of sizes, got {self.network!r}.")
        for size in self.network:
            if size not in NETWORK_SIZES:
                raise UnknownNameError("size of the network", size, NETWORK_SIZES)
        if not self.decay_turns:
            object.__setattr__(self, "decay_turns", max(1, self.turns // 2))
        if not self.record_every:
            object.__setattr__(self, "record_every", max(self.parallel, self.turns // 48))

"""The reward of one turn: a sum of named terms."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError, UnknownNameError

POTENTIALS = ("none", "knowledge", "engagement")
TERMS = ("click", "rating", "ask", "leave", "shaping")

Float = npt.NDArray[np.float64]


def finite(value: float) -> bool:
    """Whether a number is one that float64 holds."""
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of more than 300 digits
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class RewardConfig:
    """Terms of one turn's reward; unit: 1.0 = one accepted item.

    Attributes:
        click: Paid for an accepted item.
        rating: Paid per unit of ``(stars - 3) / 2``, so in ``[-rating, rating]`` for an accepted item.
        ask_cost: Charged for a question or a confirmation.
        leave_cost: Charged when the person walks out.
        shaping: Potential of the shaping term ``gamma * phi(s') - phi(s)``: ``"none"``, ``"knowledge"``
            (share of the facets whose wish is known) or ``"engagement"`` (clicks, less half the turns since
            the last one, over ``max_turns``). Potential-based shaping leaves the optimal policy
            unchanged (Ng, Harada and Russell, 1999), because ``phi`` is 0 after a terminal turn.
        shaping_scale: Factor on the potential.
        gamma: Discount used in the shaping term; use the learner's own.
    """

    click: float = 1.0
    rating: float = 0.5
    ask_cost: float = 0.05
    leave_cost: float = 0.5
    shaping: str = "none"
    shaping_scale: float = 1.0
    gamma: float = 0.99

    def __post_init__(self) -> None:
        for name in ("click", "rating", "ask_cost", "leave_cost", "shaping_scale", "gamma"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not finite(value):
                raise ConfigError(f"reward.{name} must be a finite number, got {value!r}.")
            object.__setattr__(self, name, float(value))  # terms are float64 however the weight was written
        for name in ("ask_cost", "leave_cost"):
            if getattr(self, name) < 0:
                raise ConfigError(
                    f"reward.{name} is a charge and must be >= 0, got {getattr(self, name)}. "
                    "It is subtracted for you: pass the size of the cost."
                )
        if not 0 <= self.gamma <= 1:
            raise ConfigError(f"reward.gamma must be in [0, 1], got {self.gamma}.")
        if self.shaping not in POTENTIALS:
            raise UnknownNameError("reward shaping", self.shaping, POTENTIALS)

    @classmethod
    def create(cls, value: RewardConfig | dict[str, Any] | None) -> RewardConfig:
        """Build from a config, a JSON-able dict of its fields, or None for the defaults."""
        if value is None:
            return cls()
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise ConfigError(f"reward must be a dict of RewardConfig fields, got {type(value).__name__}.")
        known = [f.name for f in fields(cls)]
        for key in value:
            if key not in known:
                raise UnknownNameError("reward term", key, known)
        return cls(**value)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON data."""
        return asdict(self)


def reward_terms(
    config: RewardConfig,
    *,
    clicked: npt.NDArray[np.bool_],
    stars: Float,
    asked: npt.NDArray[np.bool_],
    left: npt.NDArray[np.bool_],
    potential: Float,
    next_potential: Float,
    terminated: npt.NDArray[np.bool_],
) -> dict[str, Float]:
    """The named terms of a turn, each ``(N,)`` float64; their sum in this order is the reward.

    Args:
        config: The weights.
        clicked: (N,) whether an item was accepted.
        stars: (N,) its rating 1-5, ignored where nothing was accepted.
        asked: (N,) whether the system asked or confirmed.
        left: (N,) whether the person walked out this turn.
        potential: (N,) unscaled potential before the turn.
        next_potential: (N,) unscaled potential after it; taken as 0 where ``terminated``.
        terminated: (N,) whether the conversation ended (a truncated one keeps its potential).
    """
    terms = {
        "click": config.click * clicked,
        "rating": np.where(clicked, config.rating * (stars - 3.0) / 2.0, 0.0),
        "ask": np.where(asked, -config.ask_cost, 0.0),
        "leave": np.where(left, -config.leave_cost, 0.0),
        "shaping": np.zeros(len(clicked)),
    }
    if config.shaping != "none":
        after = np.where(terminated, 0.0, next_potential)
        terms["shaping"] = config.shaping_scale * (config.gamma * after - potential)
    return terms


def total_reward(terms: dict[str, Float]) -> Float:
    """Sum of the terms in the order of ``TERMS``, so that the bits do not depend on the batch."""
    total = terms["click"] + terms["rating"]
    for name in TERMS[2:]:
        total = total + terms[name]
    return total

"""The reward of one turn: a sum of named terms."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.language.acts import SystemAct

POTENTIALS = ("none", "knowledge", "engagement")
TERMS = ("click", "rating", "ask", "leave", "shaping")
"""Terms of the reward, in the order they are summed."""


ASK, CONFIRM = int(SystemAct.ASK), int(SystemAct.CONFIRM)


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

    @property
    def weights(self) -> Weights:
        """The numbers, for ``reward``."""
        scale = self.shaping_scale if self.shaping != "none" else 0.0
        return Weights(self.click, self.rating, self.ask_cost, self.leave_cost, scale, self.gamma)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON data."""
        return asdict(self)


class Outcome(NamedTuple):
    """What a turn came to, as the reward sees it; all ``(N,)``."""

    click: Any  # int8 position of the clicked item, -1 if none
    stars: Any  # int8 its rating 1-5, 0 where nothing was clicked
    act: Any  # int8 SystemAct
    left: Any  # bool: the person walked out this turn
    potential: Any  # float64 unscaled potential before the turn
    next_potential: Any  # float64 the same after it; taken as 0 where ``terminated``
    terminated: Any  # bool: the conversation ended (a truncated one keeps its potential)


class Weights(NamedTuple):
    """The numbers of a ``RewardConfig``."""

    click: float
    rating: float
    ask_cost: float
    leave_cost: float
    shaping_scale: float  # 0 where there is no shaping
    gamma: float


@rule
def reward(outcome: Any, weights: Any, terms: Any, total: Any) -> None:
    """The named terms of a turn into ``terms (N, len(TERMS))`` float64, and their sum into ``total (N,)``.

    A new term is a place in ``TERMS`` and a line here.
    """
    outcome, weights, terms, total = borrowed((outcome, weights, terms, total))
    for n in range(total.shape[0]):
        term, clicked = terms[n], outcome.click[n] >= 0
        asked = outcome.act[n] in (ASK, CONFIRM)
        after = 0.0 if outcome.terminated[n] else outcome.next_potential[n]
        term[0] = weights.click if clicked else 0.0
        term[1] = weights.rating * (outcome.stars[n] - 3.0) / 2.0 if clicked else 0.0
        term[2] = -weights.ask_cost if asked else 0.0
        term[3] = -weights.leave_cost if outcome.left[n] else 0.0
        term[4] = weights.shaping_scale * (weights.gamma * after - outcome.potential[n])
        total[n] = term[0] + term[1]
        for i in range(2, term.shape[0]):
            total[n] += term[i]

"""The reward of one turn: a sum of named terms."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.language.acts import SystemAct
from chatrec_env.shaping.entries import NONE, PAYMENTS, POTENTIALS, TERMS
from chatrec_env.shaping.presets import REWARDS

if TYPE_CHECKING:
    from chatrec_env.core.state import Dialogue
    from chatrec_env.core.user_simulator import SystemTurn, UserTurn
    from chatrec_env.dialogue.dialogue_manager import DialogueManager

Float = npt.NDArray[np.float64]
Potential = Callable[["DialogueManager", "Dialogue"], Float]
"""Potentials ``(N,)`` of N conversations, from what is visible of them alone."""

ASK, CONFIRM = int(SystemAct.ASK), int(SystemAct.CONFIRM)


class Happened(NamedTuple):
    """A turn of N conversations as a further reward term sees it."""

    manager: DialogueManager
    before: Dialogue  # what was visible before the turn
    after: Dialogue  # and after it
    system: SystemTurn
    user: UserTurn
    reveal: Callable[[], dict[str, Any]]  # latent state after the turn; refuses all but oracle terms


def _function(entry: str, name: str) -> Callable[..., Float]:
    module, _, function = entry.partition(":")
    try:
        found: Callable[..., Float] = getattr(importlib.import_module(module), function)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name != module:
            raise  # something the module itself needs
        raise ConfigError(
            f'{name!r} is registered as {entry!r}, expected "module:function" that can be imported: {error}.'
        ) from error
    return found


def _number(name: str, value: Any) -> float:
    """A weight as float64, however it was written."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not finite(value):
        raise ConfigError(f"reward.{name} must be a finite number, got {value!r}.")
    return float(value)


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
        shaping: Potential of the shaping term ``gamma * phi(s') - phi(s)``: ``"none"`` or one of ``POTENTIALS``; see
            ``chatrec_env.shaping.potentials``. Potential-based shaping leaves the optimal policy unchanged (Ng, Harada
            and Russell, 1999), because ``phi`` is 0 after a terminal turn. A truncated conversation was cut, not
            ended: its last state keeps its potential, and a learner that bootstraps there learns of the same
            potential in the value of that state.
        shaping_scale: Factor on the potential.
        gamma: Discount used in the shaping term; use the learner's own.
        terms: Further terms, by name of ``PAYMENTS``, and what each is paid times; a charge is negative. See
            ``chatrec_env.shaping.terms``.
    """

    click: float = 1.0
    rating: float = 0.5
    ask_cost: float = 0.05
    leave_cost: float = 0.5
    shaping: str = NONE
    shaping_scale: float = 1.0
    gamma: float = 0.99
    terms: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("click", "rating", "ask_cost", "leave_cost", "shaping_scale", "gamma"):
            object.__setattr__(self, name, _number(name, getattr(self, name)))
        for name in ("ask_cost", "leave_cost"):
            if getattr(self, name) < 0:
                raise ConfigError(
                    f"reward.{name} is a charge and must be >= 0, got {getattr(self, name)}. "
                    "It is subtracted for you: pass the size of the cost."
                )
        if not 0 <= self.gamma <= 1:
            raise ConfigError(f"reward.gamma must be in [0, 1], got {self.gamma}.")
        if self.shaping != NONE and self.shaping not in POTENTIALS:
            raise UnknownNameError("reward shaping", self.shaping, (NONE, *POTENTIALS))
        if not isinstance(self.terms, dict):
            raise ConfigError(f"reward.terms must be a dict of names and weights, got {self.terms!r}.")
        for name in self.terms:
            if name not in PAYMENTS:
                raise UnknownNameError("reward term", name, PAYMENTS)
        # In one order, whatever the order they came in: sums of floats depend on it.
        own = {name: _number(f"terms.{name}", self.terms[name]) for name in sorted(self.terms)}
        object.__setattr__(self, "terms", own)

    @classmethod
    def create(cls, value: RewardConfig | dict[str, Any] | str | None) -> RewardConfig:
        """Build from a config, a JSON-able dict of its fields, the name of a preset, or None for the defaults.

        A dict may name a preset as well, ``{"name": "sparse", "shaping": "engagement"}``: its other fields change it.

        Raises:
            UnknownNameError: No preset, field, term or potential of that name.
            ConfigError: A value is outside its domain.
        """
        if value is None:
            return cls()
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            value = {"name": value}
        if not isinstance(value, dict):
            raise ConfigError(
                f"reward must be a dict of RewardConfig fields, got {type(value).__name__}. Or name one: "
                f"{', '.join(REWARDS)}."
            )
        given = dict(value)
        preset = given.pop("name", None)
        if preset is not None and preset not in REWARDS:
            raise UnknownNameError("reward", preset, REWARDS)
        given = {**({} if preset is None else REWARDS[preset]), **given}
        known = [f.name for f in fields(cls)]
        for key in given:
            if key not in known:
                raise UnknownNameError("reward field", key, known)
        return cls(**given)

    @property
    def names(self) -> tuple[str, ...]:
        """Every term, in the order they are summed."""
        return (*TERMS, *self.terms)

    @property
    def oracle(self) -> bool:
        """Whether a term looks at what no deployed system could know."""
        return any(PAYMENTS[name].oracle for name in self.terms)

    def potential(self) -> Potential | None:
        """The potential of the shaping term; None if there is no shaping."""
        return None if self.shaping == NONE else _function(POTENTIALS[self.shaping], self.shaping)

    def payments(self) -> tuple[tuple[str, float, Callable[[Happened], Float]], ...]:
        """Name, weight and function of every further term."""
        return tuple((n, w, _function(PAYMENTS[n].function, n)) for n, w in self.terms.items())

    @property
    def weights(self) -> Weights:
        """The numbers, for ``reward``."""
        scale = self.shaping_scale if self.shaping != NONE else 0.0
        return Weights(self.click, self.rating, self.ask_cost, self.leave_cost, scale, self.gamma)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON data."""
        return asdict(self)


class Outcome(NamedTuple):
    """What a turn came to, as the reward sees it; all ``(N,)``."""

    click: npt.NDArray[np.int8]  # position of the clicked item, -1 if none
    stars: npt.NDArray[np.int8]  # its rating 1-5, 0 where nothing was clicked
    act: npt.NDArray[np.int8]  # SystemAct
    left: npt.NDArray[np.bool_]  # the person walked out this turn
    potential: npt.NDArray[np.float64]  # unscaled potential before the turn
    next_potential: npt.NDArray[np.float64]  # the same after it; taken as 0 where ``terminated``
    terminated: npt.NDArray[np.bool_]  # the conversation ended (a truncated one keeps its potential)


class Weights(NamedTuple):
    """The numbers of a ``RewardConfig``."""

    click: float
    rating: float
    ask_cost: float
    leave_cost: float
    shaping_scale: float  # 0 where there is no shaping
    gamma: float


@rule
def reward(outcome: Outcome, weights: Weights, terms: Float, total: Float) -> None:
    """The terms that every reward has into the first columns of ``terms (N, len(TERMS) or more)`` float64.

    Further columns hold further terms already; the sum of all goes into ``total (N,)``.
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

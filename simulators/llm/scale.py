"""From a model's scores to appeal in logits: how sure, and how choosy, LLM users are."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError
from simulators.scripted.choice import sigmoid

Float = npt.NDArray[np.float64]

_LEAST = 20
_WIDEST = 50.0
"""Slope, and logits of shift, beyond which none is looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """``appeal = slope * sum_v w_v sigmoid(steepness * (lift_v - middle)) + shift``, before the person's threshold.

    ``lift_v`` is how much likelier, in nats, an item makes the taste v than other items do. The logistic reads it as
    the chance that the item has v, which is worth ``w_v`` to the person.

    Attributes:
        steepness: Logits of that chance per nat, > 0.
        middle: Lift at which it is one half.
        slope: Logits of appeal per unit of worth, >= 0: how choosy people are.
        shift: Logits added to all: how easily they accept.
    """

    steepness: float
    middle: float
    slope: float
    shift: float

    def __post_init__(self) -> None:
        if not self.steepness > 0 or not self.slope >= 0:
            raise ConfigError(
                f"A scale needs a steepness > 0 and a slope >= 0, got {self.steepness} and {self.slope}."
            )

    def match(self, worth: Float, lift: Float) -> Float:
        """What the tastes that items have are worth, summed over the last axis of ``worth`` and ``lift``."""
        return np.asarray((worth * sigmoid(self.steepness * (lift - self.middle))).sum(-1), np.float64)

    def appeal(self, match: Float) -> Float:
        """Appeal in logits, before the person's threshold."""
        return self.slope * match + self.shift

    def to_dict(self) -> dict[str, object]:
        """The scale as plain JSON data."""
        return asdict(self)


LOCAL = Scale(steepness=1.30, middle=1.41, slope=1.90, shift=-0.65)
"""For the reverse score of the default model: fitted with :func:`fit_scale` to 300 people of the stream ``"tune"`` and
63 films of the built-in catalogue; checked on others in ``tests/simulators/llm/test_real_models.py``."""


def fit_scale(worth: Float, lift: Float, rest: Float, appeal: Float) -> Scale:
    """The scale of people who are as choosy as given ones, with a model's eyes.

    Two steps. Steepness and middle are those under which the model's judgements tell best what is accepted (least
    cross-entropy of the chances of acceptance, with a slope and a shift of its own). But that slope is a forecast's,
    drawn towards the mean by all that the model misses, and people who judged by it would hardly tell a good item
    from any other. So slope and shift are then linked by moments (Kolen and Brennan, 2014, "mean/sigma"): the
    spread of appeal over the items that one person sees, and the mean chance of acceptance, are the given people's.

    Args:
        worth: (N, K) what each taste is worth to each person, 0 where somebody has fewer.
        lift: (N, S, K) lift of their tastes by S items.
        rest: (N, S) what code adds, less the threshold.
        appeal: (N, S) appeal of the same items to the same people as they should be, in logits.

    Raises:
        ConfigError: Fewer than 20 judgements, or they do not vary, so that no slope gives the spread.
    """
    from scipy.optimize import brentq, minimize

    worth, lift, rest, appeal = (np.asarray(a, np.float64) for a in (worth, lift, rest, appeal))
    if appeal.size < _LEAST or lift.shape != (*appeal.shape, worth.shape[1]) or rest.shape != appeal.shape:
        raise ConfigError(
            f"Fitting a scale needs at least {_LEAST} judgements, (N, S), with rest (N, S), worth (N, K) and lift "
            f"(N, S, K); got {appeal.shape}, {rest.shape}, {worth.shape} and {lift.shape}."
        )
    chance = sigmoid(appeal)

    def scale(x: Float) -> Scale:
        steepness, slope = np.exp(np.clip(x[[0, 2]], -8, 3))
        return Scale(steepness=float(steepness), middle=float(x[1]), slope=float(slope), shift=float(x[3]))

    def loss(x: Float) -> float:
        told = scale(x)
        logit = told.appeal(told.match(worth[:, None, :], lift)) + rest
        return float((np.logaddexp(0.0, logit) - chance * logit).mean())

    best = scale(minimize(loss, np.array([0.0, 1.0, 0.0, 0.0]), method="L-BFGS-B").x)
    match = best.match(worth[:, None, :], lift)

    def spread(slope: float) -> float:
        return float((slope * match + rest).std(1).mean() - appeal.std(1).mean())

    if not spread(_WIDEST) > 0 > spread(0.0):
        raise ConfigError(
            "No slope gives these judgements the spread of the appeal they should have: they do not vary between "
            f"items (their worth spreads by {match.std(1).mean():.2g}), or what code adds varies more already."
        )
    slope = float(brentq(spread, 0.0, _WIDEST))
    told = slope * match + rest
    shift = float(brentq(lambda s: sigmoid(told + s).mean() - chance.mean(), -2 * _WIDEST, 2 * _WIDEST))
    return Scale(steepness=best.steepness, middle=best.middle, slope=slope, shift=shift)

"""What a person makes of a slate: what they know already, look at, click, and how they rate it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule

Float = npt.NDArray[np.float64]

RATING_CUTS = np.array([-3.13, -1.86, -0.45, 1.30])
"""Ordinal cut points between 1|2|3|4|5 stars for an item of average appeal: logits of the cumulative shares
of ratings up to 1, 2, 3 and 4 stars (half stars rounded up) in MovieLens latest-small (Harper and Konstan, 2015)."""

POSITION_EXAMINATION = 0.85
"""Examination of a slate position relative to the one above it."""


@rule
def sigmoid(x: Any) -> Any:
    """Logistic function ``1 / (1 + exp(-x))`` of a number or an array."""
    return 1.0 / (1.0 + np.exp(-x))


@rule
def knows_already(chance: float, uniform: float) -> tuple[bool, float]:
    """Whether an item is known with this ``chance``, and a uniform for the next one.

    Where a uniform falls within its interval is uniform again and independent of which interval that was, so one draw
    serves a whole slate.
    """
    if uniform < chance:
        return True, uniform / chance
    return False, (uniform - chance) / (1.0 - chance)


@rule
def examination(position: int, trust: float) -> float:
    """Weight of a slate position, in [0, 1]: ``0.85 ** position * (1 + trust) / 2``.

    The examination hypothesis (Craswell et al., 2008); who does not trust the system looks half as often.
    """
    return POSITION_EXAMINATION**position * (0.5 + 0.5 * trust)


@rule
def attraction(examined: float, utility: float, threshold: float) -> float:
    """Weight of an item in the choice: ``examined * exp(utility - threshold)``; the exponent is at most 50."""
    return examined * np.exp(min(utility - threshold, 50.0))


@rule
def choose(weights: Float, uniform: float) -> int:
    """Multinomial logit over the items of a slate and a no-click option of weight 1 (McFadden, 1974).

    ``P(k) = w_k / (1 + sum_j w_j)`` with ``w_k = e_k exp(u_k - t)``; see ``attraction``.

    Args:
        weights: (S,) weight of each position, 0 where nothing is shown or examined.
        uniform: Decides.

    Returns:
        The chosen position, -1 for none.
    """
    total, edge, place = 0.0, 0.0, 0
    for s in range(weights.shape[0]):
        total += weights[s]
    for s in range(weights.shape[0]):
        edge += weights[s]
        place += uniform >= edge / (1.0 + total)
    return place if place < weights.shape[0] else -1


@rule
def choice_chance(weights: Float, place: int) -> float:
    """Chance that ``choose`` takes this position of the weights (S,), -1 for none."""
    total = 0.0
    for s in range(weights.shape[0]):
        total += weights[s]
    return (weights[place] if place >= 0 else 1.0) / (1.0 + total)


@rule
def stars_at_most(appeal: float, shift: float, stretch: float, cut: float) -> float:
    """Chance of a rating below a cut point; see ``ordinal_rating``."""
    return sigmoid((cut - (appeal + shift)) / stretch)


@rule
def ordinal_rating(appeal: float, shift: float, stretch: float, cuts: Float, uniform: float) -> int:
    """Stars 1-5 by the proportional-odds model (McCullagh, 1980).

    ``P(stars <= k) = sigmoid((cut_k - appeal - shift) / stretch)``.

    Args:
        appeal: Utility less the person's threshold.
        shift: Generosity of the person.
        stretch: How noisy the person rates; below 1 is steadier.
        cuts: (4,) cut points.
        uniform: Decides.
    """
    stars = 1
    while stars <= len(cuts) and uniform >= stars_at_most(appeal, shift, stretch, cuts[stars - 1]):
        stars += 1
    return stars


@rule
def careless_rating(
    appeal: float, shift: float, stretch: float, cuts: Float, uniform: float, careless: float
) -> int:
    """``ordinal_rating``, except that a share of the ratings is any star, given without a thought.

    A mixture with uniform responding, as in CUB models (D'Elia and Piccolo, 2005). The lowest part of the uniform
    decides who is careless, and then how; see ``ordinal_rating`` for the other arguments.
    """
    if uniform < careless:
        return int(min(1.0 + np.floor(5.0 * uniform / careless), 5.0))
    if careless > 0:
        uniform = (uniform - careless) / max(1.0 - careless, 1e-9)
    return ordinal_rating(appeal, shift, stretch, cuts, uniform)


@rule
def stars_chance(
    appeal: float, shift: float, stretch: float, cuts: Float, careless: float, stars: int
) -> float:
    """Chance that ``careless_rating`` gives so many stars, 1-5; cut points (4,)."""
    upper = stars_at_most(appeal, shift, stretch, cuts[stars - 1]) if stars <= len(cuts) else 1.0
    lower = stars_at_most(appeal, shift, stretch, cuts[stars - 2]) if stars > 1 else 0.0
    return careless / (len(cuts) + 1) + (1.0 - careless) * (upper - lower)


@rule
def rate_all(
    appeal: Float, shift: Float, stretch: Float, cuts: Float, uniform: Float, careless: float
) -> npt.NDArray[np.int8]:
    """``careless_rating`` of n items, (n,); all arguments are (n,), but ``cuts (4,)`` and ``careless``."""
    stars = np.empty(len(appeal), np.int8)
    for j in range(len(appeal)):
        stars[j] = careless_rating(appeal[j], shift[j], stretch[j], cuts, uniform[j], careless)
    return stars

"""What the person makes of a slate: utility, choice, rating. Pure functions of arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

RATING_CUTS = np.array([-3.13, -1.86, -0.45, 1.30])
"""Ordinal cut points between 1|2|3|4|5 stars for an item of average appeal: logits of the cumulative shares
of ratings up to 1, 2, 3 and 4 stars (half stars rounded up) in MovieLens latest-small (Harper and Konstan, 2015)."""


def sigmoid(x: Float) -> Float:
    """Logistic function."""
    return 1.0 / (1.0 + np.exp(-x))


def slate_choice(
    utility: Float, threshold: Float, examination: Float, uniform: Float
) -> npt.NDArray[np.int8]:
    """Multinomial logit over the examined items of a slate and a no-click option (McFadden, 1974).

    ``P(k) = e_k exp(u_k - t) / (1 + sum_j e_j exp(u_j - t))``, where the examination weight ``e_k`` falls with the
    position (the examination hypothesis; Craswell et al., 2008).

    Args:
        utility: (N, S) utilities; -inf where no item is shown.
        threshold: (N,) utility of taking nothing.
        examination: (N, S) examination weight of each position, in [0, 1].
        uniform: (N,) one draw each.

    Returns:
        (N,) int8 chosen position, -1 for none.
    """
    weight = examination * np.exp(np.minimum(utility - threshold[:, None], 50.0))
    edges = np.cumsum(weight, axis=1) / (1.0 + weight.sum(axis=1))[:, None]
    place = (uniform[:, None] >= edges).sum(axis=1)
    return np.where(place < utility.shape[1], place, -1).astype(np.int8)


def ordinal_rating(
    appeal: Float,
    shift: Float,
    uniform: Float,
    cuts: Float = RATING_CUTS,
    stretch: Float | float = 1.0,
) -> npt.NDArray[np.int8]:
    """Stars 1-5 by the proportional-odds model (McCullagh, 1980).

    ``P(stars <= k) = sigmoid((cut_k - appeal - shift) / stretch)``.

    Args:
        appeal: (N,) utility less the person's threshold.
        shift: (N,) generosity of the person.
        uniform: (N,) one draw each.
        cuts: (4,) cut points.
        stretch: (N,) how noisy the person rates; below 1 is steadier.
    """
    below = sigmoid((cuts - (appeal + shift)[:, None]) / np.reshape(stretch, (-1, 1)))
    return (1 + (uniform[:, None] >= below).sum(axis=1)).astype(np.int8)


def careless_rating(
    appeal: Float,
    shift: Float,
    uniform: Float,
    careless: float,
    cuts: Float = RATING_CUTS,
    stretch: Float | float = 1.0,
) -> npt.NDArray[np.int8]:
    """``ordinal_rating``, except that a share of the ratings is any star, given without a thought.

    A mixture with uniform responding, as in CUB models (D'Elia and Piccolo, 2005).

    Args:
        appeal: (N,) utility less the person's threshold.
        shift: (N,) generosity of the person.
        uniform: (N,) one draw each; its lowest part decides who is careless, and then how.
        careless: That share.
        cuts: (4,) cut points; ``stretch``: (N,) how noisy the person rates. See ``ordinal_rating``.
        stretch: (N,)
    """
    if careless == 0:
        return ordinal_rating(appeal, shift, uniform, cuts, stretch)
    any_star = np.minimum(1 + np.floor(5.0 * uniform / careless), 5.0)
    left = (uniform - careless) / max(1.0 - careless, 1e-9)
    thought = ordinal_rating(appeal, shift, left, cuts, stretch)
    return np.where(uniform < careless, any_star, thought).astype(np.int8)

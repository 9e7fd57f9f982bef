"""From a model's score to the scale of real ratings: fitted cut points, checked on people who were held out."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError
from simulators.choice import RATING_CUTS, sigmoid

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """``P(stars <= k) = sigmoid(cut_k - slope * score - offset)``, the proportional-odds model (McCullagh, 1980).

    Attributes:
        slope: Logits per unit of score, >= 0.
        cuts: The four cut points between 1|2|3|4|5 stars, ascending.
    """

    slope: float
    cuts: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        if not self.slope >= 0 or len(self.cuts) != 4 or not all(np.diff(self.cuts) > 0):
            raise ConfigError(
                f"A scale needs a slope >= 0 and four ascending cut points, got {self.slope} and {self.cuts}."
            )

    def appeal(self, score: Float) -> Float:
        """Appeal in logits, on the scale of the cut points of real ratings (``choice.RATING_CUTS``)."""
        return self.slope * score + float(np.mean(RATING_CUTS - np.array(self.cuts)))

    def probabilities(self, score: Float, offset: Float | float = 0.0) -> Float:
        """Chances of 1 to 5 stars, ``(n, 5)``."""
        below = sigmoid(np.array(self.cuts) - (self.slope * score + offset)[:, None])
        return np.diff(below, axis=1, prepend=0.0, append=1.0)

    def loss(self, score: Float, stars: npt.NDArray[np.integer], offset: Float | float = 0.0) -> float:
        """Mean negative log-likelihood of ratings, in nats."""
        chance = self.probabilities(score, offset)[np.arange(len(stars)), np.asarray(stars) - 1]
        return float(-np.log(np.maximum(chance, 1e-12)).mean())

    def to_dict(self) -> dict[str, object]:
        """The scale as plain JSON data."""
        return asdict(self)


LOCAL = Scale(slope=0.89, cuts=(-1.52, -0.55, 0.36, 1.62))
"""For the reverse score of the default model: fitted to ratings that scripted people, whose cut points are those of
real ratings, give to films of the built-in catalogue. Checked on people who were held out in
``tests/simulators/llm/test_real_models.py``."""


def fit_scale(score: Float, stars: npt.NDArray[np.integer], offset: Float | float = 0.0) -> Scale:
    """The scale of greatest likelihood.

    Args:
        score: (n,) a model's scores.
        stars: (n,) ratings 1 to 5 of the same items by the same people.
        offset: (n,) logits of what the score does not cover (quality, generosity).

    Raises:
        ConfigError: Fewer than 20 ratings, or all the same.
    """
    from scipy.optimize import minimize

    score, stars = np.asarray(score, np.float64), np.asarray(stars)
    if len(stars) < 20 or len(np.unique(stars)) < 2 or len(score) != len(stars):
        raise ConfigError(
            f"Fitting a scale needs at least 20 ratings of at least two kinds, one per score, got {len(stars)} ratings "
            f"of {len(np.unique(stars))} kinds and {len(score)} scores."
        )

    def scale(x: Float) -> Scale:
        gaps = np.exp(np.clip(x[2:], -12, 8))
        return Scale(
            slope=float(np.exp(np.clip(x[0], -20, 8))), cuts=tuple(x[1] + np.cumsum(np.append(0.0, gaps)))
        )

    begin = np.concatenate([[0.0, RATING_CUTS[0]], np.log(np.diff(RATING_CUTS))])
    best = minimize(lambda x: scale(x).loss(score, stars, offset), begin, method="L-BFGS-B")
    return scale(best.x)

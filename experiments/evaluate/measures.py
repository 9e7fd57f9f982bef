"""Measures of a conversation: what each is, and how it is worked out for one person.

Those that need to know what the person would have liked look at their latent utilities: evaluators may, agents may
not. An item is *liked* at some moment if its utility then is at least the person's threshold, where half of what is
looked at is accepted; its *grade* is that chance, ``1 / (1 + exp(threshold - utility))``, on arrival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

BEST = 10
"""How many of the items they would like most count as a person's favourites."""

MIXED = 0.01
"""Share of the person's own tastes mixed into what was shown, so that the divergence is finite (Steck 2018)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a conversation.

    Attributes:
        key: In JSON and CSV.
        heading: In tables.
        decimals: It is shown with.
        better: ``"high"``, ``"low"``, or ``""`` where neither is.
        meaning: What it is, for the documentation and the JSON.
        share: Whether it is yes or no for one person.
    """

    key: str
    heading: str
    decimals: int
    better: str
    meaning: str
    share: bool = False


MEASURES = (
    Measure("return", "return", 2, "high", "sum of the rewards, undiscounted"),
    Measure("return_per_turn", "return per turn", 3, "high", "the return over the turns it took"),
    Measure("clicks", "accepted", 2, "high", "items accepted"),
    Measure("ctr", "click rate", 3, "high", "items accepted over items shown"),
    Measure("conversion", "conversion", 0, "high", "accepted anything", share=True),
    Measure("success", "success by turn T", 0, "high", "accepted something they rated 4 or 5 by turn T", True),
    Measure("rating", "mean rating", 2, "high", "mean stars of what they accepted; of those who accepted something"),
    Measure("satisfaction", "satisfaction", 3, "high", "running satisfaction at the end, -1 to 1; latent"),
    Measure("left_unhappy", "left unhappy", 0, "low", "walked out with satisfaction below 0; latent", share=True),
    Measure("returns", "came back", 2, "high", "further visits within the conversation"),
    Measure("turns", "turns", 1, "", "turns it took"),
    Measure("questions", "questions", 2, "", "questions asked by the system"),
    Measure("elicited", "wishes known", 3, "high", "of the values they want or avoid, the share believed at the end"),
    Measure("asked_again", "asked again", 3, "low", "of the questions, the share that had been asked before"),
    Measure("false_reasons", "false reasons", 3, "low", "of the reasons given, the share that names what they had "
            "turned down"),
    Measure("repeated", "shown again", 3, "low", "of the items shown, the share shown before"),
    Measure("contradicted", "against wishes", 3, "low", "of the items shown, the share with a value they turned down"),
    Measure("precision", "precision", 3, "high", "of the items shown, the share they liked at that moment; latent"),
    Measure("recall", "recall", 3, "high", f"of their {BEST} favourites on arrival, the share shown; latent"),
    Measure("ndcg", "NDCG", 3, "high", "grades of what was shown, in order, against the best order; latent"),
    Measure("regret", "regret", 2, "low", "utility of the best item not yet shown less that of the best one shown, "
            "mean over recommendations, logits; latent"),
    Measure("novelty", "novelty", 2, "", "self-information of what was shown, -log2 of its share of popularity, bits"),
    Measure("popularity_bias", "popularity bias", 3, "", "mean popularity of what was shown less that of their "
            "favourites; 0 is fair; latent"),
    Measure("diversity", "diversity", 3, "", "mean cosine distance of two items shown, by their values"),
    Measure("miscalibration", "miscalibration", 3, "low", "divergence of the values shown from those of their "
            "favourites (Steck 2018), nats; latent"),
)  # fmt: skip
"""Every measure, in the order of the table; each person has one number of each, NaN where there is nothing to count."""


def grades(utility: Float, threshold: Float) -> Float:
    """The chance that each item is accepted when looked at, (n, I), from utilities (n, I) and thresholds (n,)."""
    from scipy.special import expit

    chances: Float = expit(utility - threshold[:, None])
    return chances


def ndcg(shown: npt.NDArray[np.intp], grade: Float) -> float:
    """Discounted gain of what was shown over that of the best order (Järvelin and Kekäläinen 2002); NaN of nothing.

    ``DCG = sum over places r = 1, 2, ... of g_r / log2(r + 1)``; an item shown again gains nothing.

    Args:
        shown: (L,) items in the order they were shown.
        grade: (I,) what each is worth to the person.
    """
    if not len(shown):
        return float("nan")
    gain = np.zeros(len(shown))
    _, first = np.unique(shown, return_index=True)
    gain[first] = grade[shown[first]]
    discount = 1.0 / np.log2(np.arange(len(shown)) + 2.0)
    best = np.sort(grade)[::-1][: len(shown)]
    return float(gain @ discount / (best @ discount[: len(best)]))


def diversity(values: npt.NDArray[np.float32]) -> float:
    """Mean cosine distance between two different rows of ``values (L, V)``; NaN of fewer than two rows."""
    rows = len(values)
    if rows < 2:
        return float("nan")
    unit = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    total = unit.sum(0)
    pairs = rows * (rows - 1)
    return float(1.0 - (total @ total - (unit * unit).sum()) / pairs)


def divergence(liked: npt.NDArray[np.float32], shown: npt.NDArray[np.float32]) -> float:
    """How far the mixture of values shown is from the mixture liked (Steck 2018), in nats; NaN of nothing shown.

    ``KL(p, (1 - a) q + a p)`` with ``a = 0.01``; p and q are the mean shares of the values among the items.

    Args:
        liked: (A, V) values of the person's favourites.
        shown: (B, V) values of what was shown.
    """
    if not len(shown):
        return float("nan")

    def mixture(values: npt.NDArray[np.float32]) -> Float:
        shares = values / np.maximum(values.sum(1, keepdims=True), 1e-12)
        return np.asarray(shares.mean(0), np.float64)

    p = mixture(liked)
    q = (1.0 - MIXED) * mixture(shown) + MIXED * p
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())

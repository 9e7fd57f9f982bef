"""The held-out check: what each predictor misses on ratings it has not seen, with intervals over people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulators.ratings import Ratings

Float = npt.NDArray[np.float64]

LIKED, DISLIKED = 4.0, 3.0
"""Stars from which an item counts as liked, and up to which as disliked."""


def split_ratings(
    ratings: Ratings, share: float, *, by_time: bool = False, seed: int = 0
) -> npt.NDArray[np.bool_]:
    """Which ratings are held out: a share of each person's, at random or their last.

    A person keeps at least one; of n ratings ``round(share n)`` are held out. ``by_time`` goes by the order within
    a person, which is that of the times where ``ratings.timed``.
    """
    first = ratings.starts()
    sizes = np.diff(first)
    order = (
        np.arange(len(ratings), dtype=np.float64)
        if by_time
        else np.random.default_rng(seed).random(len(ratings))
    )
    ranked = np.lexsort((order, ratings.users))
    place = np.empty(len(ratings), np.int64)
    place[ranked] = np.arange(len(ratings)) - np.repeat(first[:-1], sizes)
    return place >= np.repeat(sizes - held_out_sizes(sizes, share), sizes)


def held_out_sizes(sizes: npt.NDArray[np.int64], share: float) -> npt.NDArray[np.int64]:
    """How many of each person's ratings (U,) are held out; one at least is kept."""
    return np.minimum(np.rint(share * sizes).astype(np.int64), np.maximum(sizes - 1, 0))


@dataclass(frozen=True, slots=True)
class Sums:
    """What a predictor missed, added up by person (U,): any mean over a sample of people follows from it."""

    squared: Float
    absolute: Float
    count: Float
    auc: Float  # NaN where nothing liked or nothing disliked was held out

    def figures(self, weight: Float | None = None) -> tuple[float, float, float]:
        """RMSE, MAE and mean AUC, NaN where nothing is asked; people counted as often as ``weight`` says."""
        w = np.ones(len(self.count)) if weight is None else weight
        n = (w * self.count).sum() or math.nan
        known = np.isfinite(self.auc)
        auc = float((w * np.where(known, self.auc, 0)).sum() / max((w * known).sum(), 1e-9))
        return (
            float(np.sqrt((w * self.squared).sum() / n)),
            float((w * self.absolute).sum() / n),
            auc if known.any() else float("nan"),
        )


def sums_of(asked: Ratings, predicted: Float, score: Float | None = None) -> Sums:
    """Adds up by person; ``predicted (n,)`` in stars, ``score (n,)`` what orders items if that is something else."""
    miss = predicted - asked.stars
    n = asked.n_users
    return Sums(
        np.bincount(asked.users, miss**2, n).astype(np.float64),
        np.bincount(asked.users, np.abs(miss), n).astype(np.float64),
        np.bincount(asked.users, minlength=n).astype(np.float64),
        person_auc(asked, predicted if score is None else score),
    )


def person_auc(asked: Ratings, score: Float) -> Float:
    """Chance that a person's liked item scores above a disliked one, ties half (U,); NaN where undefined."""
    chosen = (asked.stars >= LIKED) | (asked.stars <= DISLIKED)
    users, score = asked.users[chosen], score[chosen]
    liked = asked.stars[chosen] >= LIKED
    order = np.lexsort((score, users))
    users, score, liked = users[order], score[order], liked[order]
    fresh = np.ones(len(users), np.bool_)
    fresh[1:] = (users[1:] != users[:-1]) | (score[1:] != score[:-1])
    group = np.cumsum(fresh) - 1
    begin = np.flatnonzero(fresh)
    size = np.diff(np.append(begin, len(users)))
    rank = (begin + (size - 1) / 2)[group]  # ties share their mean rank
    n = asked.n_users
    sizes = np.bincount(users, minlength=n)
    rank = rank - (np.cumsum(sizes) - sizes)[users] + 1
    good = np.bincount(users, liked, n)
    bad = sizes - good
    above = np.bincount(users, rank * liked, n) - good * (good + 1) / 2
    return np.divide(above, good * bad, out=np.full(n, np.nan), where=good * bad > 0)


def person_weights(n: int, draws: int, seed: int = 0) -> Iterator[Float]:
    """Bootstrap weights (n,), ``draws`` times: how often each person was drawn."""
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)


def table_rows(found: dict[str, Sums], reference: str, *, draws: int, seed: int) -> list[dict[str, Any]]:
    """One row a predictor: figures with 95% intervals, and the ratio of its RMSE to the reference's.

    A figure that is not defined (AUC, where nobody's held-out ratings are both liked and disliked) is None.

    Args:
        found: Sums by predictor.
        reference: The predictor others are compared with, on the same draws of people.
        draws: Bootstrap samples of people.
        seed: Of the bootstrap.
    """
    n = len(found[reference].count)
    drawn: dict[str, list[tuple[float, float, float]]] = {name: [] for name in found}
    for weight in person_weights(n, draws, seed):
        for name, sums in found.items():
            drawn[name].append(sums.figures(weight))
    rows = []
    for name, sums in found.items():
        now, sample = sums.figures(), np.array(drawn[name])
        row: dict[str, Any] = {"predictor": name}
        for c, key in enumerate(("rmse", "mae", "auc")):
            row[key] = _interval(now[c], sample[:, c], n)
        ratio = now[0] / max(found[reference].figures()[0], 1e-9)
        row["ratio"] = _interval(ratio, sample[:, 0] / np.maximum(np.array(drawn[reference])[:, 0], 1e-9), n)
        rows.append(row)
    return rows


def _interval(value: float, sample: Float, n: int) -> dict[str, Any]:
    if not np.isfinite(value):
        return {"mean": None, "low": None, "high": None, "n": n}
    sample = sample[np.isfinite(sample)]
    low, high = np.quantile(sample if len(sample) else [value], (0.025, 0.975))
    return {"mean": value, "low": float(low), "high": float(high), "n": n}


def calibration_curve(predicted: Float, stars: npt.NDArray[Any], bins: int = 10) -> list[dict[str, float]]:
    """Mean prediction and mean rating in groups of equally many predictions, with the 95% half-width."""
    order = np.argsort(predicted, kind="stable")
    out = []
    for part in np.array_split(order, bins):
        if len(part) > 1:
            given = np.asarray(stars, np.float64)[part]
            out.append(
                {
                    "predicted": float(predicted[part].mean()),
                    "given": float(given.mean()),
                    "half": float(1.96 * given.std(ddof=1) / np.sqrt(len(part))),
                    "n": len(part),
                }
            )
    return out

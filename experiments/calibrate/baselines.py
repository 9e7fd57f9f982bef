"""What the fitted people are held against: means, biases, matrix factorisation, and a library's ALS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simulators.calibration.factorisation import DAMPING, factorise
from simulators.calibration.heldout import LIKED, Sums, person_auc, sums_of
from simulators.ratings import Ratings

Float = npt.NDArray[np.float64]
Step = Callable[[str], None]
"""Told the name of a predictor after each of its fits."""

FACTORISATION = "biased matrix factorisation"
MF_GRID = ((20, 0.1), (20, 0.15), (50, 0.1), (50, 0.15))
"""Factors and regularisation tried on the inner part of the training ratings."""

ALS = "ALS (implicit)"
ALS_GRID = ((16, 1.0), (16, 10.0), (32, 1.0), (32, 10.0))
"""Factors and weight of a rating tried for the library's ALS."""


def means(known: Ratings, asked: Ratings) -> dict[str, Float]:
    """Predictions (n,) by the global mean, by item means, and by item and person biases; all damped."""
    mean = float(known.stars.mean(dtype=np.float64))
    left = known.stars.astype(np.float64) - mean
    items = np.bincount(known.items, left, known.n_items) / (
        np.bincount(known.items, minlength=known.n_items) + DAMPING
    )
    left -= items[known.items]
    people = np.bincount(known.users, left, known.n_users) / (
        np.bincount(known.users, minlength=known.n_users) + DAMPING
    )
    by_item = mean + items[asked.items]
    return {
        "global mean": np.full(len(asked), mean),
        "item mean": by_item,
        "item and person means": np.clip(by_item + people[asked.users], 0.5, 5.0),
    }


def factorisation(
    inner: Ratings, inner_asked: Ratings, known: Ratings, asked: Ratings, step: Step = lambda _: None
) -> tuple[Sums, str]:
    """Matrix factorisation with the factors and regularisation that did best on the inner part.

    Args:
        inner: Training ratings less the inner part.
        inner_asked: The inner part.
        known: Training ratings.
        asked: Held-out ratings.
        step: Called after each of the ``len(MF_GRID) + 1`` fits.
    """
    errors = {}
    for setting in MF_GRID:
        sums = sums_of(inner_asked, factorise(inner, *setting).predict(inner_asked))
        errors[setting] = sums.figures()[0]
        step(FACTORISATION)
    best = min(errors, key=lambda s: errors[s])
    told = f"{best[0]} factors, regularisation {best[1]}"
    found = sums_of(asked, factorise(known, *best).predict(asked))
    step(FACTORISATION)
    return found, told


def library_als(
    inner: Ratings, inner_asked: Ratings, known: Ratings, asked: Ratings, step: Step = lambda _: None
) -> tuple[Sums, str]:
    """The ALS of implicit, which orders items; its RMSE is of a line through its scores added to the biases.

    Liked items are positive examples, the others are negative ones of the same weight. Setting and line are chosen
    on the inner part. Arguments as for ``factorisation``, but for ``step``: called after each of ``len(ALS_GRID) + 1``
    fits.

    Raises:
        ImportError: implicit is not installed.
    """
    best, tried, most = ALS_GRID[0], np.zeros(len(inner_asked)), -1.0
    for setting in ALS_GRID:
        scores = als_scores(inner, inner_asked, *setting)
        auc = mean_auc(person_auc(inner_asked, scores))
        if auc > most:
            best, tried, most = setting, scores, auc
        step(ALS)
    flat = means(inner, inner_asked)["item and person means"]
    line = np.column_stack([np.ones(len(tried)), tried])
    at = np.linalg.lstsq(line, inner_asked.stars - flat, rcond=None)[0]
    score = als_scores(known, asked, *best)
    step(ALS)
    stars = means(known, asked)["item and person means"] + at[0] + at[1] * score
    return (
        sums_of(asked, np.clip(stars, 0.5, 5.0), score),
        f"{best[0]} factors, alpha {best[1]:g}, line on biases",
    )


def mean_auc(auc: Float) -> float:
    """Mean over people; 0.5 where nobody both liked and disliked something."""
    known = auc[np.isfinite(auc)]
    return float(known.mean()) if len(known) else 0.5


def als_scores(known: Ratings, asked: Ratings, factors: int, alpha: float) -> Float:
    """Scores (n,) of implicit's ``AlternatingLeastSquares`` for asked pairs; one thread, so it repeats."""
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    signs = np.where(known.stars >= LIKED, 1.0, -1.0).astype(np.float32)
    shape = (known.n_users, known.n_items)
    table = csr_matrix((signs, (known.users, known.items)), shape=shape)
    with threadpool_limits(1, "blas"):
        model: Any = AlternatingLeastSquares(
            factors=factors, alpha=alpha, regularization=0.05, iterations=15, random_state=0, num_threads=1
        )
        model.fit(table, show_progress=False)
    out = np.empty(len(asked))
    for begin in range(0, len(asked), 100_000):
        part = slice(begin, begin + 100_000)
        out[part] = (model.user_factors[asked.users[part]] * model.item_factors[asked.items[part]]).sum(1)
    return out

"""Ridge probes: how much of hidden quantities is in what was seen, on held-out people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import Interval, sampled_interval

Float = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

HELD_OUT = 1 / 3
"""Share of the people on whom nothing is fitted; of the others a quarter chooses the penalty."""

PENALTIES: Float = np.logspace(-1, 6, 8)
"""Ridge penalties that are tried."""

SAME = 1e-6
"""Spread up to which a column counts as constant."""

RESAMPLES = 1000
"""Bootstrap resamples of people."""


@dataclass(slots=True)
class States:
    """What was seen, and what was hidden, at the beginning of n turns."""

    seen: npt.NDArray[np.float32]  # (n, width)
    hidden: dict[str, Float]  # (n,) each
    people: Rows  # (n,) whose turn it was


def ridge(gram: Float, product: Float, penalties: Float) -> Float:
    """Ridge coefficients ``(G + p I)^-1 c`` for each penalty.

    Args:
        gram: (width, width) ``X'X``.
        product: (width, targets) ``X'y``.
        penalties: (P,) > 0.

    Returns:
        (P, width, targets)
    """
    values, vectors = np.linalg.eigh(gram)
    turned = vectors.T @ product
    return np.stack([vectors @ (turned / (np.maximum(values, 0.0) + p)[:, None]) for p in penalties])


def explained(y: Float, predicted: Float, people: Rows) -> Interval:
    """R² of predictions, ``1 - sum (y - p)^2 / sum (y - mean)^2``, with a bootstrap interval over people.

    Args:
        y: (n,)
        predicted: (n,)
        people: (n,) whose each is.

    Returns:
        NaN throughout where ``y`` does not vary.
    """
    who, row = np.unique(people, return_inverse=True)
    terms = np.stack([np.ones(len(y)), y, y * y, (y - predicted) ** 2])
    sums = np.stack([np.bincount(row, term, len(who)).astype(np.float64) for term in terms])  # (4, people)

    def share(totals: Float) -> Float:
        count, one, two, missed = totals
        spread = two - one * one / count
        return np.asarray(1.0 - missed / np.where(spread > 1e-9 * count, spread, np.nan))

    drawn = np.random.default_rng(0).multinomial(len(who), np.full(len(who), 1 / len(who)), RESAMPLES)
    mean = float(share(sums.sum(1)))
    if np.isnan(mean):
        return Interval(np.nan, np.nan, np.nan, len(who))
    found = share(np.asarray(sums @ drawn.T, np.float64))
    return sampled_interval(mean, found[~np.isnan(found)], len(who))


class Probe:
    """Ridge probes of the same states from any of their columns: people are split, columns standardised, once.

    Args:
        states: What was seen and what was hidden.
        seed: Of the split of people.
    """

    def __init__(self, states: States, seed: int) -> None:
        self._names, people = list(states.hidden), states.people
        y = np.stack(list(states.hidden.values()), 1)
        order = np.random.default_rng(seed).permutation(np.unique(people))
        held = round(len(order) * HELD_OUT)
        test = np.isin(people, order[:held])
        choose = np.isin(people, order[held : held + max(1, (len(order) - held) // 4)])
        train = ~test
        x = states.seen
        mean, scale = x[train].mean(0), x[train].std(0)
        x = (x - mean) / np.where(scale > SAME, scale, 1.0)
        self._centre = y[train].mean(0)
        self._choose, self._test = (x[choose], y[choose]), (x[test], y[test])
        self._people = people[test]
        self._fitted, self._train = (
            (x[rows].T @ x[rows], x[rows].T @ (y[rows] - self._centre)) for rows in (train & ~choose, train)
        )

    def explained(self, columns: Rows) -> dict[str, Interval]:
        """R² of every hidden quantity on held-out people, predicted from these columns."""

        def part(sums: tuple[Float, Float]) -> tuple[Float, Float]:
            return sums[0][np.ix_(columns, columns)].astype(np.float64), sums[1][columns].astype(np.float64)

        seen, hidden = self._choose
        tried = self._centre + seen[:, columns] @ ridge(*part(self._fitted), PENALTIES)
        chosen = PENALTIES[((hidden - tried) ** 2).sum(1).argmin(0)]  # one for each target
        gram, product = part(self._train)
        seen, hidden = self._test
        out = {}
        for t, name in enumerate(self._names):
            coefficients = np.linalg.solve(gram + chosen[t] * np.eye(len(columns)), product[:, t])
            predicted = self._centre[t] + seen[:, columns] @ coefficients
            out[name] = explained(hidden[:, t], predicted, self._people)
        return out

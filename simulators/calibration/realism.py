"""Simulated against real ratings: measures of a body of ratings, and how far two bodies lie apart.

Every measure takes ``Ratings``, whoever gave them. Distances mean little by themselves: two halves of the same real
people differ too. So each comes with that floor, on the same splits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.stats import wasserstein_distance

from simulators.calibration.factorisation import factorise
from simulators.calibration.heldout import split_ratings
from simulators.ratings import Ratings

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

Float = npt.NDArray[np.float64]
Simulate = Callable[[Ratings, int], Ratings]
"""From an exposure and a seed to ratings by simulated people."""

TOP_ITEMS, TOP_VALUES = 50, 15
"""Most rated items whose co-preference, and commonest facet values whose correlations, are compared."""

POPULARITY_PEOPLE = 1_000
"""People whose modelled exposure is drawn at most: it takes a draw for every item of the catalogue."""

MEASURES = {
    "histogram": "shares of 1 to 5 stars: total variation",
    "person_mean": "distribution of people's mean stars: Wasserstein-1, in stars",
    "person_spread": "distribution of people's standard deviations: Wasserstein-1, in stars",
    "value_correlation": "correlations over people of their leanings to facet values: root mean square difference",
    "co_preference": "similarity of the most rated items by who rates them above expectation: the same",
    "popularity": "Gini coefficient of ratings per item: absolute difference (modelled exposure)",
}
"""What is compared, and how. Exposure (who rates what) is the real one but for ``popularity``."""


def whole_stars(ratings: Ratings) -> Ratings:
    """The same ratings with half stars rounded up, as simulated people rate."""
    return ratings.rated(np.clip(np.ceil(ratings.stars - 1e-6), 1, 5))


def histogram(ratings: Ratings) -> Float:
    """Shares of 1 to 5 stars, (5,)."""
    stars = whole_stars(ratings).stars.astype(np.int64)
    return np.bincount(stars, minlength=6)[1:6] / max(len(stars), 1)


def person_moments(ratings: Ratings) -> tuple[Float, Float]:
    """Mean and standard deviation of each person's stars, of those with two ratings or more."""
    n = np.bincount(ratings.users, minlength=ratings.n_users)
    known = n >= 2
    total = np.bincount(ratings.users, ratings.stars, ratings.n_users)[known]
    square = np.bincount(ratings.users, ratings.stars.astype(np.float64) ** 2, ratings.n_users)[known]
    mean = total / n[known]
    return mean, np.sqrt(np.maximum(square / n[known] - mean**2, 0.0))


def gini(ratings: Ratings) -> float:
    """Gini coefficient of ratings per item, over items anybody rated; 0 is even, 1 is all on one item."""
    count = np.sort(np.bincount(ratings.items, minlength=ratings.n_items))
    count = count[count > 0].astype(np.float64)
    n = len(count)
    return float((2 * np.arange(1, n + 1) - n - 1) @ count / (n * count.sum())) if n else 0.0


def value_correlation(ratings: Ratings, values: Float) -> Float:
    """Correlations (V, V) over people of how far they rate items with a value above their own mean.

    Args:
        ratings: The ratings.
        values: (I, V) which items have which of the values looked at.
    """
    n, v = ratings.n_users, values.shape[1]
    count = np.maximum(np.bincount(ratings.users, minlength=n), 1)
    mean = np.bincount(ratings.users, ratings.stars, n) / count
    surplus = np.bincount(ratings.items, ratings.stars - mean[ratings.users], ratings.n_items)
    item_mean = surplus / (np.bincount(ratings.items, minlength=ratings.n_items) + 5.0)
    left = ratings.stars - mean[ratings.users] - item_mean[ratings.items]
    leaning = np.empty((n, v))
    for j in range(v):
        has = values[ratings.items, j] > 0
        size = np.bincount(ratings.users[has], minlength=n)
        leaning[:, j] = np.bincount(ratings.users[has], left[has], n) / (size + 5.0)
    spread = np.maximum(leaning.std(0), 1e-9)
    leaning = (leaning - leaning.mean(0)) / spread
    return leaning.T @ leaning / n


def co_preference(ratings: Ratings, items: npt.NDArray[np.intp]) -> Float:
    """Similarities (n, n) of items by who rates them above what person and item lead to expect.

    The cosine over the people who rated both, shrunk by 10 of them.
    """
    place = np.full(ratings.n_items, -1)
    place[items] = np.arange(len(items))
    count = np.maximum(np.bincount(ratings.users, minlength=ratings.n_users), 1)
    mean = np.bincount(ratings.users, ratings.stars, ratings.n_users) / count
    chosen = place[ratings.items] >= 0
    table, there = np.zeros((ratings.n_users, len(items))), np.zeros((ratings.n_users, len(items)))
    at = ratings.users[chosen], place[ratings.items[chosen]]
    table[at], there[at] = ratings.stars[chosen] - mean[ratings.users[chosen]], 1.0
    table -= there * (table.sum(0) / np.maximum(there.sum(0), 1))
    both, square = there.T @ there, (table**2).T @ there
    cosine = table.T @ table / np.sqrt(np.maximum(square * square.T, 1e-9))
    return cosine * both / (both + 10.0)


def measure(ratings: Ratings, catalog: Catalog, items: npt.NDArray[np.intp], values: Any) -> dict[str, Any]:
    """All measures but popularity.

    Args:
        ratings: In whole stars.
        catalog: The items.
        items: Items for ``co_preference``.
        values: Columns of ``catalog.values`` for ``value_correlation``.
    """
    mean, spread = person_moments(ratings)
    return {
        "histogram": histogram(ratings),
        "person_mean": mean,
        "person_spread": spread,
        "value_correlation": value_correlation(ratings, np.asarray(catalog.values[:, values], np.float64)),
        "co_preference": co_preference(ratings, items),
    }


def distance(name: str, one: Any, other: Any) -> float:
    """Distance between two values of a measure; see ``MEASURES``."""
    if name == "histogram":
        return float(0.5 * np.abs(one - other).sum())
    if name in ("person_mean", "person_spread"):
        return float(wasserstein_distance(one, other))
    if name == "popularity":
        return float(abs(one - other))
    above = np.triu_indices(len(one), 1)
    return float(np.sqrt(np.mean((one - other)[above] ** 2)))


def compare(
    real: Ratings,
    simulate: Simulate,
    expose: Simulate,
    catalog: Catalog,
    *,
    splits: int = 20,
    transfers: int = 4,
    seed: int = 0,
    step: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Distances of simulated to real people, and of one half of the real people to the other, on the same splits.

    In each split the real people fall at random into halves A and B. The floor is A against B; simulated people meet
    what A was exposed to and are held against B. Intervals are those of the mean over splits (percentile
    bootstrap).

    Args:
        real: Ratings of real people.
        simulate: Gives the same exposure to simulated people.
        expose: Draws which items people come by (see ``exposed``).
        catalog: The items.
        splits: How many splits.
        transfers: Splits on which predictors are trained, too.
        seed: Of splits and simulated people.
        step: Called after each split with the number of finished ones.
    """
    real = whole_stars(real)
    count = np.bincount(real.items, minlength=real.n_items)
    items = np.argsort(-count, kind="stable")[:TOP_ITEMS]
    multi = [f for f, facet in enumerate(catalog.facets) if facet.multi_valued] or [0]
    carried = np.where(np.isin(catalog.value_facet, multi), count @ catalog.values, -1)
    values = np.argsort(-carried, kind="stable")[: min(TOP_VALUES, int((carried >= 0).sum()))]
    rng = np.random.default_rng(seed)
    floor: dict[str, list[float]] = {name: [] for name in MEASURES}
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    moved: list[dict[str, float]] = []
    for done in range(splits):
        people = rng.permutation(real.n_users)
        half = real.n_users // 2
        a, b = real.of_people(people[:half]), real.of_people(people[half:])
        same = simulate(a, seed + 1 + done)
        ma, mb, ms = (measure(r, catalog, items, values) for r in (a, b, same))
        for name in MEASURES:
            if name == "popularity":
                few = np.arange(min(POPULARITY_PEOPLE, a.n_users, b.n_users))
                some_a, some_b = a.of_people(few), b.of_people(few)
                floor[name].append(distance(name, gini(some_a), gini(some_b)))
                found[name].append(distance(name, gini(expose(some_a, seed + 1 + done)), gini(some_b)))
            else:
                floor[name].append(distance(name, ma[name], mb[name]))
                found[name].append(distance(name, ms[name], mb[name]))
        if done < transfers:
            moved.append(transfer(a, same, b, simulate(b, seed + 7919 + done)))
        step(done + 1)
    rows = [_row(name, found[name], floor[name], seed) for name in MEASURES]
    moved = [m for m in moved if m]
    keys = list(moved[0]) if moved else []
    some = real.of_people(np.arange(min(POPULARITY_PEOPLE, real.n_users)))
    thin = max(1, real.n_users // 400)
    everybody = simulate(real, seed)
    return {
        "people": real.n_users,
        "splits": splits,
        "rows": rows,
        "transfer": {key: _interval(np.array([m[key] for m in moved]), seed) for key in keys},
        "shown": {
            "real_histogram": histogram(real),
            "simulated_histogram": histogram(everybody),
            "real_means": np.sort(person_moments(real)[0])[::thin],
            "simulated_means": np.sort(person_moments(everybody)[0])[::thin],
            "real_popularity": _curve(some),
            "simulated_popularity": _curve(expose(some, seed)),
            "values": [catalog.value_names[v] for v in values],
            "real_correlation": value_correlation(real, np.asarray(catalog.values[:, values], np.float64)),
            "simulated_correlation": value_correlation(
                everybody, np.asarray(catalog.values[:, values], np.float64)
            ),
        },
    }


def transfer(a: Ratings, simulated_a: Ratings, b: Ratings, simulated_b: Ratings) -> dict[str, float]:
    """RMSE of the next ratings of people B, by a predictor trained on people A, each real or simulated.

    The predictor is a biased matrix factorisation; a person of B is folded in from the first 80% of their ratings
    (in time, where that is known; else at random). Nothing if people of B have too few ratings.
    """
    last = split_ratings(b, 0.2, by_time=b.timed)
    out: dict[str, float] = {}
    if not last.any():
        return out
    for trained, train in (("real", a), ("simulated", simulated_a)):
        model = factorise(train, 8, 0.15, 10)
        for tested, test in (("real", b), ("simulated", simulated_b)):
            asked = test.where(last)
            miss = model.fold_in(test.where(~last)).predict(asked) - asked.stars
            out[f"{trained}_to_{tested}"] = float(np.sqrt(np.mean(miss**2)))
    return out


def exposed(weights: Float, appeal: Callable[[Any], Float], tilt: float, sizes: Any, seed: int) -> Ratings:
    """Which items people come by: each draws without replacement, ``P(i) ~ weight_i exp(tilt appeal_i)``.

    Without replacement by the largest of ``log weight + Gumbel`` noise (Vieira, 2014).

    Args:
        weights: (I,) how common each item is; 0 for never.
        appeal: From a slice of people to their appeal (n, I) of every item.
        tilt: How much appeal counts.
        sizes: (U,) items each person rates.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    possible = np.flatnonzero(weights > 0)
    base = np.log(weights[possible])
    users, items = [], []
    for begin in range(0, len(sizes), 64):
        part = slice(begin, min(begin + 64, len(sizes)))
        keys = base + tilt * appeal(part)[:, possible] + rng.gumbel(size=(part.stop - begin, len(possible)))
        for row, key in enumerate(keys):
            size = min(int(sizes[begin + row]), len(possible))
            users.append(np.full(size, begin + row, np.int32))
            items.append(possible[np.argpartition(-key, size - 1)[:size]].astype(np.int32))
    u, i = np.concatenate(users), np.concatenate(items)
    none = np.zeros(0, np.int64)
    return Ratings(u, i, np.ones(len(u), np.float32), len(sizes), len(weights), none)


def _row(name: str, found: list[float], floor: list[float], seed: int) -> dict[str, Any]:
    a, b = np.array(found), np.array(floor)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(a), (1000, len(a)))
    low, high = np.quantile(a[drawn].mean(1) / np.maximum(b[drawn].mean(1), 1e-12), (0.025, 0.975))
    ratio = {
        "mean": float(a.mean() / max(b.mean(), 1e-12)),
        "low": float(low),
        "high": float(high),
        "n": len(a),
    }
    return {
        "measure": name,
        "about": MEASURES[name],
        "simulated": _interval(a, seed),
        "floor": _interval(b, seed),
        "ratio": ratio,
    }


def _interval(sample: Float, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    means = sample[rng.integers(0, len(sample), (1000, len(sample)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {"mean": float(sample.mean()), "low": float(low), "high": float(high), "n": len(sample)}


def _curve(ratings: Ratings) -> Float:
    """Share of all ratings that the most rated share of items holds, (200,): the Lorenz curve from the top."""
    count = np.sort(np.bincount(ratings.items, minlength=ratings.n_items))[::-1]
    count = count[count > 0]
    total = np.concatenate(([0.0], np.cumsum(count) / count.sum()))
    return np.interp(np.linspace(0, 1, 200), np.linspace(0, 1, len(total)), total)

"""What the commonest words (tags) of a data set go with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulators.calibration.fit import Fit
from simulators.ratings import Ratings

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

Float = npt.NDArray[np.float64]

WORD_PEOPLE, WORDS = 5, 60
"""People who must have used a word for it to be told of, and how many words are told of at most."""


def word_rows(
    fit: Fit, ratings: Ratings, catalog: Catalog, labels: list[str], tags: Iterable[tuple[int, int, str]]
) -> list[dict[str, Any]]:
    """What the commonest words go with: values of the items they were said of, tastes of the people who said them."""
    row_of = {int(key): i for i, key in enumerate(catalog.ids) if key.isdigit()}
    person_of = {int(key): u for u, key in enumerate(ratings.keys)}
    people, items = defaultdict(set), defaultdict(set)
    for user, movie, word in tags:
        if movie in row_of and word:
            people[word].add(user)
            items[word].add(row_of[movie])
    used = Counter({word: len(who) for word, who in people.items() if len(who) >= WORD_PEOPLE})
    v = catalog.n_values
    values = np.asarray(catalog.values, np.float64)
    usual = np.bincount(ratings.items, minlength=ratings.n_items) @ values / len(ratings)
    taste = fit.weights[:, 1 : 1 + v] - fit.weights[:, 1 : 1 + v].mean(0)
    spread = np.sqrt(np.diag(fit.covariance)[1 : 1 + v])
    out = []
    for word, n in sorted(used.items(), key=lambda pair: (-pair[1], pair[0]))[:WORDS]:
        of_items = values[sorted(items[word])].mean(0) - usual
        who = [person_of[u] for u in people[word] if u in person_of]
        of_people = taste[who].sum(0) / (len(who) + WORD_PEOPLE) / spread if who else np.zeros(v)
        out.append(
            {
                "word": word,
                "people": n,
                "items": len(items[word]),
                "stars": rounded(float(fit.bias[sorted(items[word])].mean()), 2),
                "said_of": _leading(of_items, labels, 0.1),
                "liked_by": _leading(of_people, labels, 0.1),
            }
        )
    return out


def _leading(scores: Float, labels: list[str], least: float) -> dict[str, float]:
    order = np.argsort(-np.abs(scores), kind="stable")[:3]
    return {labels[j]: rounded(float(scores[j]), 2) for j in order if abs(scores[j]) >= least}


def rounded(number: Any, digits: int = 4) -> float:
    """As it is written into a population: without a minus before 0."""
    return round(float(number), digits) + 0.0

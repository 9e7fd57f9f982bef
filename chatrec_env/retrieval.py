"""Hybrid retrieval: the K candidates of a turn, from wishes, content, quality and popularity.

Every number that enters a score lies on a binary grid (1/16 for wishes and item values, 1/64 for factors),
so a score is an exact float32 whatever the order of summation: one conversation and a thousand, one
thread and two, give the same bits. That is what makes the batch a pure optimisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

GRID = 64.0
"""Preference estimates are rounded to multiples of 1/64 before they enter a score."""

EXCLUDED = np.float32(-1e6)
"""Score of an item that was already shown; it never becomes a candidate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalConfig:
    """Weights of the blend, in units of utility; each a multiple of 1/16.

    The defaults are the population means of the scripted people (``simulators.scenarios``): with nothing
    to learn about a person, the best guess of their utility is the population's.
    """

    wishes: float = 1.25
    acclaim: float = 0.5
    popularity: float = 0.25
    taste: float = 1.0

    def __post_init__(self) -> None:
        for name in ("wishes", "acclaim", "popularity", "taste"):
            value = getattr(self, name)
            if value * 16 != round(value * 16) or not 0 <= value <= 8:
                raise ConfigError(f"retrieval.{name} must be a multiple of 1/16 in [0, 8], got {value!r}.")


class Retriever:
    """Scores all items for a batch of conversations and picks the best K.

    Args:
        catalog: The items.
        n_candidates: K, at most the number of items.
        config: Blend weights.
    """

    def __init__(self, catalog: Catalog, n_candidates: int, config: RetrievalConfig | None = None) -> None:
        self.config = config or RetrievalConfig()
        if isinstance(n_candidates, bool) or not isinstance(n_candidates, int) or n_candidates < 1:
            raise ConfigError(f"n_candidates must be a positive integer, got {n_candidates!r}.")
        if n_candidates > catalog.n_items:
            raise ConfigError(
                f"n_candidates is {n_candidates}, but catalog {catalog.name!r} has {catalog.n_items} items. "
                f"Ask for at most {catalog.n_items}."
            )
        self.n_candidates = n_candidates
        self.n_items = catalog.n_items
        c = self.config
        self.prior = (c.acclaim * catalog.acclaim + c.popularity * catalog.popularity).astype(np.float32)
        self._matrix = np.ascontiguousarray(
            np.concatenate(
                [c.wishes * catalog.weighted_values, c.taste * catalog.factors, self.prior[:, None]], axis=1
            ).T,
            dtype=np.float32,
        )  # (V + 16 + 1, I)
        self._block = max(1, int(np.sqrt(self.n_items / (2 * n_candidates))))
        self._n_blocks = -(-self.n_items // self._block)
        self._padded = self._n_blocks * self._block

    def scores(self, wishes: npt.NDArray[np.float32], taste: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Estimated utilities ``(N, I)`` float32.

        Args:
            wishes: (N, V) stated wishes, multiples of 1/16.
            taste: (N, 16) estimated preference over content factors, multiples of 1/64.
        """
        query = np.empty((len(wishes), self._matrix.shape[0]), np.float32)
        n_values = wishes.shape[1]
        query[:, :n_values] = wishes
        query[:, n_values:-1] = taste
        query[:, -1] = 1.0
        return query @ self._matrix

    def top(self, scores: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The K best items of each row and their scores, both ``(N, K)``, best first, ties to the lower index.

        Exact: the K-th largest block maximum bounds the K-th largest score from below, so only the few
        entries above that bound are ever sorted.
        """
        n, k = len(scores), self.n_candidates
        if self._padded != self.n_items:
            whole = self._n_blocks - 1
            maxima = np.empty((n, self._n_blocks), np.float32)
            body = scores[:, : whole * self._block].reshape(n, whole, self._block)
            body.max(axis=2, out=maxima[:, :whole])
            scores[:, whole * self._block :].max(axis=1, out=maxima[:, whole])
        else:
            maxima = scores.reshape(n, self._n_blocks, self._block).max(axis=2)
        place = self._n_blocks - k
        if place > 0:
            maxima.partition(place, axis=1)
            bound = maxima[:, place, None]
        else:
            bound = np.full((n, 1), -np.inf, np.float32)
        flat = np.flatnonzero(scores >= bound)
        rows, items = np.divmod(flat, self.n_items)
        found = scores.ravel()[flat]
        order = np.lexsort((items, -found, rows))
        starts = np.searchsorted(rows, np.arange(n))
        pick = order[(starts[:, None] + np.arange(k)).ravel()]
        return items[pick].reshape(n, k).astype(np.int32), found[pick].reshape(n, k)

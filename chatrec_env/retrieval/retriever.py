"""Hybrid retrieval: the K candidates of a turn, from wishes, content, collaborative factors, quality and popularity.

Every number that enters a score lies on a binary grid (1/16 for wishes and item values, 1/64 for factors),
so a score is an exact float32 whatever the order of summation: one conversation and a thousand, one
thread and two, give the same bits. That is what makes the batch a pure optimisation.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.factors import to_grid
from chatrec_env.errors import ConfigError

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.retrieval.collaborative import Factors

GRID = 64.0
"""Preference estimates are rounded to multiples of 1/64 before they enter a score."""

FINE_GRID = 256
"""Weighted collaborative factors are rounded to multiples of one in so many."""

MOST_COLLABORATIVE = 64
"""Largest weight of the collaborative factors; it may drown the rest, as real pasts ask for."""

CHUNK = 128
"""Conversations scored together."""

EXCLUDED = np.float32(-1e6)
"""Score of an item that was already shown; it never becomes a candidate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalConfig:
    """Weights of the blend, in units of utility; each a multiple of 1/16.

    The defaults are the population means of the scripted people (``simulators.scenarios.scenario``): with nothing
    to learn about a person, the best guess of their utility is the population's.

    A third of the candidates come through a second lens: the same score less ``variety`` times the overlap with
    what was accepted lately. They give an agent something else to choose; whether to choose it is its business.

    ``collaborative`` is worth a preference of 1, "liked", as the collaborative factors predict it; at 0 they are left
    out altogether.
    """

    wishes: float = 1.25
    acclaim: float = 0.5
    popularity: float = 0.25
    taste: float = 1.0
    variety: float = 2.0
    collaborative: float = 0.0

    def __post_init__(self) -> None:
        for name in ("wishes", "acclaim", "popularity", "taste", "variety", "collaborative"):
            value, most = getattr(self, name), MOST_COLLABORATIVE if name == "collaborative" else 8
            if value * 16 != round(value * 16) or not 0 <= value <= most:
                raise ConfigError(
                    f"retrieval.{name} must be a multiple of 1/16 in [0, {most}], got {value!r}."
                )


def sating_values(catalog: Catalog) -> npt.NDArray[np.bool_]:
    """(V,) values that satiate; ``catalog.arrays.sating``."""
    return catalog.arrays.sating


def carried_values(catalog: Catalog) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """``catalog.arrays.carried`` and ``catalog.arrays.carried_weights``, both (I, C)."""
    return catalog.arrays.carried, catalog.arrays.carried_weights


def compiled_loops(module: str = "chatrec_env.loops") -> ModuleType | None:
    """A module of compiled loops, or None where numba is missing or switched off (``CHATREC_COMPILED=0``)."""
    if os.environ.get("CHATREC_COMPILED", "1") == "0":
        return None
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


class UsesLoops:
    """Has the compiled loops at hand as ``_loops``; modules cannot be pickled, so a copy looks them up anew."""

    _loops: ModuleType | None
    _loops_module: ClassVar[str] = "chatrec_env.loops"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_loops"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._loops = compiled_loops(self._loops_module)


class Retriever(UsesLoops):
    """Scores all items for a batch of conversations and picks the best K.

    Args:
        catalog: The items.
        n_candidates: K, at most the number of items.
        config: Blend weights.
        factors: Collaborative factors; needed where ``config.collaborative`` is above 0, and not used otherwise.
    """

    def __init__(
        self,
        catalog: Catalog,
        n_candidates: int,
        config: RetrievalConfig | None = None,
        factors: Factors | None = None,
    ) -> None:
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
        self.placed = np.zeros((catalog.n_items, 0), np.float32)  # (I, C) weighted collaborative factors
        columns = [c.wishes * catalog.weighted_values, c.taste * catalog.factors]
        if c.collaborative > 0:
            if factors is None:
                raise ConfigError(f"retrieval.collaborative is {c.collaborative}, but no factors were given.")
            self.placed = to_grid(c.collaborative * factors.items, FINE_GRID)
            columns.append(self.placed)
        self._matrix = np.ascontiguousarray(
            np.concatenate([*columns, self.prior[:, None]], axis=1).T, dtype=np.float32
        )  # (V + 16 + C + 1, I)
        self.n_varied = n_candidates // 3
        self._sating = np.flatnonzero(sating_values(catalog))
        self._lens = np.ascontiguousarray(catalog.weighted_values[:, self._sating].T, dtype=np.float32)
        self._loops = compiled_loops()

    def scores(
        self, wishes: npt.NDArray[np.float32], taste: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Estimated utilities ``(N, I)`` float32.

        Args:
            wishes: (N, V) stated wishes, multiples of 1/16.
            taste: (N, 16 + C) estimated preference over content factors, multiples of 1/64, then the person's place
                among the C collaborative ones, where those are in use.
        """
        query = np.empty((len(wishes), self._matrix.shape[0]), np.float32)
        n_values = wishes.shape[1]
        query[:, :n_values] = wishes
        query[:, n_values:-1] = taste
        query[:, -1] = 1.0
        return query @ self._matrix

    def blend(
        self,
        wishes: npt.NDArray[np.float32],
        taste: npt.NDArray[np.float32],
        recent: npt.NDArray[np.float32],
        shown: npt.NDArray[np.int32],
        adjust: Callable[[npt.NDArray[np.float32], slice], None] | None = None,
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The candidates of a turn and their scores, ``(N, K)`` int32 and float32.

        Two thirds are the best by score, best first, ties to the lower index; the rest are the best others through
        the variety lens, in its order. The scores reported are those of the first lens.

        Args:
            wishes: (N, V) stated wishes, multiples of 1/16.
            taste: (N, 16 + C) as for ``scores``; the estimated weights shrunk by their uncertainty.
            recent: (N, V) values of accepted items, decayed.
            shown: (N, T) items that are out, -1 where none.
            adjust: Further change to the scores of some rows, in place.
        """
        n, k = len(wishes), self.n_candidates
        items, found = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
        if adjust is None and self._loops is not None:
            self._loops.pick_candidates(
                wishes,
                taste,
                recent,
                shown,
                self._matrix[:-1],
                self.prior,
                self._sating,
                self._lens,
                np.float32(-self.config.variety / GRID),
                EXCLUDED,
                k - self.n_varied,
                items,
                found,
            )
            return items, found
        rows, places = np.nonzero(shown >= 0)
        out = shown[rows, places]
        edges = np.searchsorted(rows, np.arange(0, n + CHUNK, CHUNK))
        # A few rows at a time, so that their scores stay in the processor's cache.
        for i, start in enumerate(range(0, n, CHUNK)):
            part = slice(start, min(start + CHUNK, n))
            scores = self.scores(wishes[part], taste[part])
            if adjust is not None:
                adjust(scores, part)
            mine = slice(edges[i], edges[i + 1])
            scores[rows[mine] - start, out[mine]] = EXCLUDED
            items[part], found[part] = self._pick(scores, recent[part])
        return items, found

    def _pick(
        self, scores: npt.NDArray[np.float32], recent: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Candidates by both lenses from ``scores (n, I)``."""
        items, found = top_k(scores, self.n_candidates)
        rows = np.flatnonzero(recent.any(1))
        if not self.n_varied or not len(rows):
            return items, found
        own, every = self.n_candidates - self.n_varied, np.arange(len(rows))[:, None]
        trace = np.rint(recent[rows][:, self._sating] * GRID) * np.float32(-self.config.variety / GRID)
        lens = trace @ self._lens
        mine = scores[rows]
        lens += mine
        lens[every, items[rows, :own]] = 2 * EXCLUDED
        others, _ = top_k(lens, self.n_varied)
        items[rows, own:], found[rows, own:] = others, mine[every, others]
        return items, found


def top_k(scores: npt.NDArray[np.float32], k: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """The k best columns of each row and their scores, both ``(N, k)``, best first, ties to the lower index.

    Exact: the k-th largest block maximum bounds the k-th largest score from below, so only the few entries above
    that bound are ever sorted.
    """
    n, width = scores.shape
    block = max(1, int(np.sqrt(width / (2 * k))))
    whole = width // block
    # A block is every whole-th column: the maximum then runs along memory.
    maxima = np.maximum.reduce(scores[:, : whole * block].reshape(n, block, whole), axis=1)
    if whole * block < width:
        maxima = np.concatenate([maxima, scores[:, whole * block :].max(axis=1, keepdims=True)], axis=1)
    place = maxima.shape[1] - k
    if place > 0:
        maxima.partition(place, axis=1)
        bound = maxima[:, place, None]
    else:
        bound = np.full((n, 1), -np.inf, np.float32)
    flat = np.flatnonzero(scores >= bound)
    rows, items = np.divmod(flat, width)
    starts = np.searchsorted(rows, np.arange(n + 1))
    most = int((starts[1:] - starts[:-1]).max())
    slot = np.arange(len(flat)) - starts[rows]
    padded = np.full((n, most), -np.inf, np.float32)
    padded[rows, slot] = scores.ravel()[flat]
    order = np.argsort(-padded, axis=1, kind="stable")[:, :k]
    pick = starts[:-1, None] + order
    return items[pick].astype(np.int32), np.take_along_axis(padded, order, axis=1)

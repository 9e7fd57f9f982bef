"""Hybrid retrieval: the K candidates of a turn, from wishes, content, collaborative factors, quality and popularity.

Every number that enters a score lies on a binary grid (1/16 for wishes and item values, 1/64 for factors),
so a score is an exact float32 whatever the order of summation: one conversation and a thousand, one
thread and two, give the same bits. That is what makes the batch a pure optimisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.factors import to_grid
from chatrec_env.core.sums import GRID
from chatrec_env.errors import ConfigError
from chatrec_env.language.sentence_rows import SentenceRows
from chatrec_env.retrieval.collaborative import MOST_COLLABORATIVE, Factors
from chatrec_env.retrieval.ranking import Blend, retrieve_all
from chatrec_env.retrieval.themes import ThemeArrays, no_themes

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.state import Dialogue
    from chatrec_env.language import SentenceTable

NO_SENTENCES = SentenceRows(0, 0, n_values=0, n_facets=0, dim=0).arrays
"""The rows of a table without sentences."""

FINE_GRID = 256
"""Weighted collaborative factors are rounded to multiples of one in so many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalConfig:
    """Weights of the blend, in units of utility; each a multiple of 1/16.

    The defaults are the population means of the scripted users (``simulators.scenarios``): with nothing
    to learn about a person, the best guess of their utility is the population's.

    A third of the candidates come through a second lens: the same score less ``variety`` times the overlap with
    what was accepted lately. They give an agent something else to choose; whether to choose it is its business.

    ``collaborative`` is worth a preference of 1, "liked", as the collaborative factors predict it; at 0 they are left
    out altogether. ``semantic`` is worth a likeness of 1 between what was said beyond the slots and an item's text
    (``chatrec_env.retrieval.dense``); at 0 they are not compared.
    """

    wishes: float = 1.25
    acclaim: float = 0.5
    popularity: float = 0.25
    taste: float = 1.0
    variety: float = 2.0
    collaborative: float = 0.0
    semantic: float = 0.0

    def __post_init__(self) -> None:
        for name in ("wishes", "acclaim", "popularity", "taste", "variety", "collaborative", "semantic"):
            value, most = getattr(self, name), MOST_COLLABORATIVE if name == "collaborative" else 8
            if not 0 <= value <= most or value * 16 != round(value * 16):
                raise ConfigError(
                    f"retrieval.{name} must be a multiple of 1/16 in [0, {most}], got {value!r}."
                )

    def prior(self, catalog: Catalog) -> npt.NDArray[np.float32]:
        """Utility of an item's quality, (I,)."""
        return (self.acclaim * catalog.acclaim + self.popularity * catalog.popularity).astype(np.float32)


def themes_of(table: SentenceTable | None, catalog: Catalog, semantic: float) -> ThemeArrays:
    """The themes that sentences are matched with; none where they are matched with texts, or not at all."""
    matcher = table.matcher if table and semantic > 0 else None
    return matcher.themes if matcher else no_themes(catalog.n_items)


class Retriever:
    """Scores all items for a batch of conversations and picks the best K.

    Args:
        catalog: The items.
        n_candidates: K, at most the number of items.
        config: Blend weights.
        factors: Collaborative factors; needed where ``config.collaborative`` is above 0, and not used otherwise.
        gate: Standard deviations an estimated taste must exceed before it counts.
        table: The sentences, matched with items; needed where ``config.semantic`` is above 0.

    Attributes:
        blend: What scores are made of, for ``chatrec_env.retrieval.ranking``.
        placed: (I, C) float32 weighted collaborative factors; C = 0 where none are in use.
    """

    def __init__(
        self,
        catalog: Catalog,
        n_candidates: int,
        config: RetrievalConfig | None = None,
        factors: Factors | None = None,
        gate: float = 0.5,
        table: SentenceTable | None = None,
    ) -> None:
        self.config = c = config or RetrievalConfig()
        if isinstance(n_candidates, bool) or not isinstance(n_candidates, int) or n_candidates < 1:
            raise ConfigError(f"n_candidates must be a positive integer, got {n_candidates!r}.")
        if n_candidates > catalog.n_items:
            raise ConfigError(
                f"n_candidates is {n_candidates}, but catalog {catalog.name!r} has {catalog.n_items} items. "
                f"Ask for at most {catalog.n_items}."
            )
        if c.semantic > 0 and (table is None or table.matcher is None):
            raise ConfigError(
                f"retrieval.semantic is {c.semantic}, but no sentences matched with items were given."
            )
        self._table = table
        self.placed = np.zeros((catalog.n_items, 0), np.float32)
        if c.collaborative > 0:
            if factors is None:
                raise ConfigError(f"retrieval.collaborative is {c.collaborative}, but no factors were given.")
            self.placed = to_grid(c.collaborative * factors.items, FINE_GRID)
        rows = [catalog.weighted_values, c.taste * catalog.factors, self.placed]
        people = catalog.entity_items
        self.blend = Blend(
            matrix=np.ascontiguousarray(np.concatenate(rows, axis=1).T, dtype=np.float32),
            prior=c.prior(catalog),
            wish=np.float32(c.wishes),
            sating=catalog.arrays.sating,
            entity_start=np.cumsum([0, *map(len, people)]),
            entity_items=np.concatenate([*people, np.zeros(0, np.int32)]).astype(np.int32),
            variety=np.float32(-c.variety / GRID),
            gate=np.float32(gate),
            semantic=np.float32(c.semantic),
            themes=themes_of(table, catalog, c.semantic),
            own=n_candidates - n_candidates // 3,
        )

    def scores(
        self, wishes: npt.NDArray[np.float32], taste: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Estimated utilities ``(N, I)`` float32, before anything is excluded.

        Args:
            wishes: (N, V) stated wishes, multiples of 1/16.
            taste: (N, 16 + C) estimated preference over content factors, multiples of 1/64, then the person's place
                among the C collaborative ones, where those are in use.
        """
        worth = np.concatenate([self.blend.wish * wishes, taste], axis=1)
        return worth @ self.blend.matrix + self.blend.prior

    def retrieve(self, dialogue: Dialogue) -> None:
        """Put fresh candidates on the table: ``dialogue.candidates`` and ``dialogue.scores``, in place."""
        sentences, end = (self._table.arrays, self._table.end) if self._table else (NO_SENTENCES, 0)
        retrieve_all(dialogue, sentences, end, self.blend)

"""What is believed of each facet, how uncertain that is, and the question that would settle most of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.core.state import ANSWERED, Dialogue
from chatrec_env.dialogue.tracker import TrackerConfig
from chatrec_env.retrieval.retriever import UsesLoops, compiled_loops

MOST_TABULATED = 512
"""Values of a facet up to which the entropies of single wishes are tabulated."""


class Beliefs(UsesLoops):
    """Beliefs over the values of facets, read off the stated wishes.

    Args:
        catalog: The items; how common a value is among them is the prior.
        config: How strong a wish is taken to be.
    """

    def __init__(self, catalog: Catalog, config: TrackerConfig) -> None:
        self._catalog = catalog
        self._starts = np.array([s.start for s in catalog.facet_slices], np.intp)
        self._facet_of = np.asarray(catalog.value_facet, np.intp)
        self._weights = np.array([f.weight for f in catalog.facets], np.float32)
        self._askable = np.array([f.askable for f in catalog.facets], np.bool_)
        share = catalog.values.mean(0) + np.float32(1e-3)
        self._log_share = np.log(share / np.add.reduceat(share, self._starts)[self._facet_of]).astype(
            np.float32
        )
        sizes = np.diff(np.append(self._starts, catalog.n_values))
        self._log_sizes = np.log(np.maximum(sizes, 2)).astype(np.float32)
        self._loops = compiled_loops()
        self._tabulate_odds(config)

    def _tabulate_odds(self, c: TrackerConfig) -> None:
        """Odds of every value by its wish in sixteenths, and the entropies while nothing was said."""
        v = self._catalog.n_values
        self._middle = round(16 * max(c.want, c.avoid, c.enough, c.similar, c.relative))
        levels = np.arange(-self._middle, self._middle + 1)[:, None] / 16
        self._odds = self._odds_of(np.repeat(levels, v, axis=1).astype(np.float32))
        self._edges = np.append(self._starts, v)
        self._untold = self.entropy(self._shares(self._odds_of(np.zeros((1, v), np.float32))))[0]
        self._lone = self._entropies_of_one_wish({c.want, -c.avoid})

    def _entropies_of_one_wish(self, strengths: set[float]) -> npt.NDArray[np.float32]:
        """Entropy of a value's facet if that value alone is wished for or against: (L, V), NaN if not worked out.

        Rows as those of ``_odds``. Half of what is believed is of this kind.
        """
        lone = np.full(self._odds.shape, np.nan, np.float32)
        wishes = np.zeros((MOST_TABULATED, self._catalog.n_values), np.float32)
        for f, part in enumerate(self._catalog.facet_slices):
            size = part.stop - part.start
            if size > MOST_TABULATED:
                continue
            for strength in strengths:
                wishes[:size, part] = np.diag(np.full(size, strength, np.float32))
                entropy = self.entropy(self._shares(self._odds_of(wishes[:size])))[:, f]
                lone[self._middle + round(16 * strength), part] = entropy
            wishes[:size, part] = 0
        return lone

    def belief(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """Probability that a value of each facet is the one wanted, (N, V) float32, rows sum to 1 per facet.

        Prior: how common the value is. A stated wish multiplies its odds by ``e^4``, a dislike divides them by ``e^6``.
        """
        return self._shares(self._odds_of(dialogue.wishes))

    def _odds_of(self, wishes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        odds = np.multiply(wishes, np.float32(4.0))
        odds += self._log_share
        np.exp(odds, out=odds)
        return odds

    def _shares(self, odds: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        total = np.add.reduceat(odds, self._starts, axis=1)
        odds /= total.take(self._facet_of, axis=1)
        return odds

    def entropies(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """Entropy of what is believed of each facet, (N, F) in [0, 1]; see ``belief``."""
        if self._loops is None:
            return self.entropy(self.belief(dialogue))
        loops, wishes = self._loops, dialogue.wishes
        out = np.empty((len(wishes), len(self._starts)), np.float32)
        belief = np.empty(wishes.size, np.float32)
        n = loops.beliefs(wishes, self._odds, self._lone, self._untold, self._edges, belief, out)
        surprise = belief[:n] + np.float32(1e-9)
        np.log(surprise, out=surprise)
        surprise *= belief[:n]
        loops.entropies(self._edges, self._log_sizes, surprise, out)
        return out

    def entropy(self, belief: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Entropy of each facet's belief over its largest possible value, (N, F) in [0, 1]."""
        surprise = belief + np.float32(1e-9)
        np.log(surprise, out=surprise)
        surprise *= belief
        spread = np.add.reduceat(surprise, self._starts, axis=1) / -self._log_sizes
        return np.clip(spread, np.float32(0), np.float32(1))

    def question_values(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """How much the answer to each facet's question would tell, (N, F): weight times entropy.

        Facets already asked count less each time; the one just asked, or not askable, counts nothing.
        """
        entropy = self.entropies(dialogue)
        worth = self._weights * entropy / (1.0 + 2.0 * dialogue.asked)
        worth = np.where(dialogue.status == ANSWERED, worth * np.float32(0.5), worth)
        barred = (np.arange(len(self._weights)) == dialogue.last_facet[:, None]) | ~self._askable
        return np.where(barred, np.float32(-1), worth).astype(np.float32)

    def most_informative_facet(self, dialogue: Dialogue) -> npt.NDArray[np.int16]:
        """The facet whose question would tell most, (N,)."""
        return self.question_values(dialogue).argmax(1).astype(np.int16)

    def value_to_confirm(self, dialogue: Dialogue) -> npt.NDArray[np.int16]:
        """The likeliest value not yet offered for confirmation, (N,)."""
        belief = self.belief(dialogue) * self._weights[self._facet_of]
        return np.where(dialogue.confirmed, np.float32(-1), belief).argmax(1).astype(np.int16)

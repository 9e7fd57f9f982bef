"""The tracker: from sentences and feedback to what we believe the person wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.feedback import LEAST_INFORMATION, Learning, take_all_feedback
from chatrec_env.dialogue.hearing import Strengths
from chatrec_env.dialogue.preference import STAR_UTILITY, Preference, recollected
from chatrec_env.retrieval.retriever import RetrievalConfig, themes_of

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable

F32 = np.float32


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackerConfig:
    """How sentences and feedback move the belief. Strengths are multiples of 1/16.

    Attributes:
        recency: Weight kept by earlier turns in the conversation encoding.
        want: Strength of a stated wish.
        avoid: Strength of a stated dislike.
        enough: Strength of "enough of ...", a passing dislike.
        similar: Strength of the values of a title the person likes, or wants more of.
        relative: Strength of "newer", "shorter", ... on the bins of a numeric facet.
        recent_decay: Per-turn decay of the trace of accepted items.
        variance: Prior variance of a content-factor weight.
        gate: Standard deviations an estimate must exceed before it reorders candidates.
        threshold: Utility at which the population accepts half of the suggestions.
        rating_noise: Variance of a rating around the utility it stands for.
    """

    recency: float = 0.6
    want: float = 1.0
    avoid: float = 1.5
    enough: float = 0.5
    similar: float = 0.25
    relative: float = 0.5
    recent_decay: float = 0.85
    variance: float = 0.25
    gate: float = 0.5
    threshold: float = 2.75
    rating_noise: float = 4.0


class Tracker:
    """Updates the visible state from what was said and done; knows nothing of who says it.

    Attributes:
        learning: What feedback is measured against, for ``chatrec_env.dialogue.feedback``.
        strengths: How strong what is said is taken to be, for ``chatrec_env.dialogue.hearing``.
    """

    def __init__(
        self,
        catalog: Catalog,
        table: SentenceTable,
        config: TrackerConfig | None = None,
        blend: RetrievalConfig | None = None,
    ) -> None:
        self.catalog, self.table = catalog, table
        self.config = c = config or TrackerConfig()
        blend = blend or RetrievalConfig()
        arrays = catalog.arrays
        telling = np.array([f.multi_valued or f.weight >= 0.5 for f in catalog.facets])
        self._prior = blend.prior(catalog)
        self.learning = Learning(
            trace=catalog.weighted_values * arrays.sating,
            prior=self._prior,
            star_utility=STAR_UTILITY,
            wish=F32(blend.wishes),
            semantic=F32(blend.semantic),
            themes=themes_of(table, catalog, blend.semantic),
            threshold=F32(c.threshold),
            noise=F32(c.rating_noise),
            least=F32(LEAST_INFORMATION),
            decay=F32(c.recent_decay),
        )
        self.strengths = Strengths(
            want=F32(c.want),
            avoid=F32(c.avoid),
            enough=F32(c.enough),
            similar=F32(c.similar),
            relative=F32(c.relative),
            keep=F32(c.recency),
            likeness=(catalog.values * telling[arrays.facet_of]).astype(F32),
        )

    def feedback(self, dialogue: Dialogue, click: npt.NDArray[np.int8], stars: npt.NDArray[np.int8]) -> None:
        """Clicks ``(N,)`` (slate position or -1) and ratings ``(N,)`` (1-5 or 0) on the slate just shown."""
        take_all_feedback(dialogue, click, stars, self.catalog.arrays, self.learning)

    def recollect(self, history: RatingHistory) -> Preference:
        """The preference over content factors that ratings from before speak for; see ``recollected``."""
        known = np.maximum(history.items, 0)
        worth = np.interp(history.stars, np.arange(1.0, 6.0), STAR_UTILITY[1:]) - self._prior[known]
        config, rated = self.config, history.items >= 0
        return recollected(
            self.catalog.factors[known], worth, rated, variance=config.variance, noise=config.rating_noise
        )

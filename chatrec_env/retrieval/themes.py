"""Themes: what people have in mind that no facet holds, learned from people, and known again in other words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.factors import to_grid
from chatrec_env.language.encoders.base import Vectors
from chatrec_env.language.sentence_rows import Hits

MOST_THEMES = 512
"""T, most themes of a catalogue."""

SHARPNESS = np.float32(17)
"""Log-likelihood of a theme per unit of the product of a sentence and its centre (von Mises and Fisher)."""

VECTOR_GRID, EVIDENCE_GRID, WORTH_GRID = 2048, 64, 64


class ThemeArrays(NamedTuple):
    """Themes as compiled rules take them; T = 0 where none are in use."""

    worth: Any  # (T, I) float32 utility of an item to who has the theme in mind, less that to all; multiples of 1/64
    log_share: Any  # (T,) float32 logarithm of the share of people who have it in mind


def no_themes(n_items: int) -> ThemeArrays:
    """None, of a catalogue of so many items."""
    return ThemeArrays(np.zeros((0, n_items), np.float32), np.zeros(0, np.float32))


@dataclass(frozen=True, eq=False)
class Themes:
    """What was learned from people of one catalogue and one encoder (``experiments.train.themes``).

    Attributes:
        centres: (T, D) float32, no longer than 1: sentences of those who have a theme in mind lie around its centre.
        centre: (D,) float32 where all sentences lie around; taken off before they are compared.
        share: (T,) float32 shares of people, which sum to 1.
        worth: (T, I) float32 utility of an item to who has the theme in mind, less its mean over people.
        catalog: Digest of the catalogue.
        encoder: Name of the encoder.
    """

    centres: Vectors
    centre: npt.NDArray[np.float32]
    share: npt.NDArray[np.float32]
    worth: npt.NDArray[np.float32]
    catalog: str
    encoder: str

    @property
    def arrays(self) -> ThemeArrays:
        """As compiled rules take them."""
        return ThemeArrays(to_grid(self.worth, WORTH_GRID), np.log(self.share))

    def evidence(self, vectors: Vectors) -> list[Hits]:
        """What each of n sentences ``(n, D)`` says for each theme: log-likelihoods but for a constant."""
        moved = vectors - self.centre
        length = np.maximum(np.sqrt((moved.astype(np.float64) ** 2).sum(1, keepdims=True)), 1e-9)
        # Sums of products of numbers on this grid are exact: a thousand sentences have the bits of each alone.
        cosines = to_grid(moved / length, VECTOR_GRID) @ to_grid(self.centres, VECTOR_GRID).T
        every = np.arange(len(self.centres), dtype=np.int32)
        return [Hits(every, one) for one in to_grid(SHARPNESS * cosines, EVIDENCE_GRID)]

"""Scripted people whose liking of an item is judged by a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.retrieval import sating_values
from simulators.profiles import People
from simulators.scripted import ScriptedPeople

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import Grammar
    from simulators.scenarios import Scenario


class JudgedPeople(ScriptedPeople):
    """Scripted people with another utility: ``threshold + appeal + quality + limits - satiation . x_i``.

    ``appeal`` is the language model's, in logits on the scale of real ratings. What no reader of a persona could
    know stays in code: acclaim and popularity, satiation, and the hard limits, values the person will not have in
    this session, which cost what they cost a scripted person. Choice, rating and what follows are the scripted ones.
    """

    def __init__(self, catalog: Catalog, grammar: Grammar, scenario: Scenario) -> None:
        super().__init__(catalog, grammar, scenario)
        self._good = (
            scenario.acclaim_weight * catalog.acclaim + scenario.popularity_weight * catalog.popularity
        )
        self._palls = catalog.weighted_values * sating_values(catalog)

    def in_code(self, people: People, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """What code adds to the appeal of ``items (N, S)``: quality, hard limits and satiation, in logits."""
        never = np.where(people.unwanted, people.desire, np.float32(0))
        limits = (never[:, None, :] * self.catalog.weighted_values[items]).sum(-1)
        sated = (people.satiation[:, None, :] * self._palls[items]).sum(-1)
        total: npt.NDArray[np.float64] = self._good[items] + limits - people.satiability[:, None] * sated
        return np.asarray(total, np.float64)

    def utility(self, people: Any, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)``, in logits; where no judgement could be had, the scripted ones."""
        scripted = super().utility(people, items)
        own = people.threshold[:, None] + people.appeal + self.in_code(people, items)
        return np.where(np.isnan(people.appeal), scripted, own)

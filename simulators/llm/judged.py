"""Scripted people whose liking of an item is judged by a language model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulators.scripted.profiles import People
from simulators.scripted.simulator import ScriptedUsers


class JudgedPeople(ScriptedUsers):
    """Scripted people with another utility: ``threshold + appeal + quality + limits - satiation . x_i``.

    ``appeal`` is the language model's, in logits. What no reader of a persona could know stays in code: acclaim and
    popularity, tastes over content that no word stands for, satiation, and the hard limits, values the person will
    not have in this session, which cost what they cost a scripted person. Choice, rating and what follows are the
    scripted ones.
    """

    def in_code(self, people: People, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """What code adds to the appeal of ``items (N, S)``: quality, content, hard limits and satiation, in logits."""
        never = np.where(people.unwanted, people.desire, np.float32(0))
        limits = (never[:, None, :] * self.catalog.weighted_values[items]).sum(-1)
        sated = (people.satiation[:, None, :] * self._sating[items]).sum(-1)
        content = (people.factor_taste[:, None, :] * self.catalog.factors[items]).sum(-1)
        quality = self._quality[items] + content
        return np.asarray(quality + limits - people.satiability[:, None] * sated, np.float64)

    def utility(self, people: Any, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)``, in logits; where no judgement could be had, the scripted ones."""
        scripted = super().utility(people, items)
        own = people.threshold[:, None] + people.appeal + self.in_code(people, items)
        return np.where(np.isnan(people.appeal), scripted, own)

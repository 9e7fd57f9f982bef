"""Rule-based people whose liking of an item is judged by a language model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulators.scripted.people import People
from simulators.scripted.simulator import ScriptedUsers

Float = npt.NDArray[np.float64]


class JudgedUsers(ScriptedUsers):
    """Scripted people with another utility: ``threshold + appeal + quality + limits - satiation . x_i``.

    ``appeal`` is the language model's, in logits. What no reader of a persona could know stays in code: acclaim and
    popularity, tastes over content that no word stands for, satiation, and the hard limits, values the person will
    not have in this session, which cost what they cost a scripted person. Choice, rating and what follows are the
    scripted ones.
    """

    def in_code(self, people: People, items: npt.NDArray[np.int32]) -> Float:
        """What code adds to the appeal of ``items (N, S)``: quality, content, hard limits and satiation, in logits."""
        limits = np.where(people.unwanted, people.desire, np.float32(0))
        return self.utility(people._replace(desire=limits), items)

    def judged(self, people: People, items: npt.NDArray[np.int32], appeal: Float) -> Float:
        """Utilities ``(N, S)``, in logits, of ``items`` with an ``appeal (N, S)``; NaN where that is NaN."""
        return people.threshold[:, None] + appeal + self.in_code(people, items)

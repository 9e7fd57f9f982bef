"""Potentials of shaping: functions of what a deployed system sees of N conversations; ``(N,)`` float64 each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.state import ANSWERED, Dialogue
from chatrec_env.dialogue.dialogue_manager import DialogueManager

Float = npt.NDArray[np.float64]

MEMORY, IGNORED = 0.7, -0.5
"""Of the satisfaction that is estimated: the share that remains after a turn, and the reaction to a turn without a
fitting item. What people really have is up to the scenario, and no system is told."""

SCORE = 4.0
"""Estimated utility that counts as 1."""


def knowledge(manager: DialogueManager, dialogue: Dialogue) -> Float:
    """Share of the facets whose wish is known."""
    return np.asarray((dialogue.status == ANSWERED).mean(1))


def engagement(manager: DialogueManager, dialogue: Dialogue) -> Float:
    """Clicks, less half the turns since the last one, over ``max_turns``."""
    return np.asarray((dialogue.clicks - 0.5 * dialogue.waiting) / manager.max_turns, np.float64)


def earned(manager: DialogueManager, dialogue: Dialogue) -> Float:
    """Clicks and ratings so far, ``sum of 1 + 0.5 (stars - 3) / 2``: the default pay of accepted items."""
    clicks, stars = dialogue.clicks.astype(np.float64), dialogue.stars.astype(np.float64)
    return np.asarray(clicks + 0.25 * (stars - 3.0 * clicks))


def belief_entropy(manager: DialogueManager, dialogue: Dialogue) -> Float:
    """1 less the mean entropy of what is believed of the facets, each over its largest possible value."""
    return 1.0 - manager.beliefs.entropies(dialogue).mean(1, dtype=np.float64)


def satisfaction(manager: DialogueManager, dialogue: Dialogue) -> Float:
    """Estimated satisfaction in [-1, 1]: the mean reaction to accepted items, fading while none is accepted.

    ``m = k^w r + (1 - k^w) i``: what ``simulators.scripted.dynamics.satisfy`` comes to after ``w`` reactions ``i``
    (``IGNORED``) with memory ``k``, from mean reaction ``r = (stars - 3) / 2``, 0 before anything was accepted.
    """
    clicks = np.maximum(dialogue.clicks, 1)
    reaction = np.where(dialogue.clicks > 0, (dialogue.stars / clicks - 3.0) / 2.0, 0.0)
    kept = MEMORY ** dialogue.waiting.astype(np.float64)
    return np.asarray(kept * reaction + (1.0 - kept) * IGNORED)


def best_candidate(manager: DialogueManager, dialogue: Dialogue) -> Float:
    """Estimated utility of the best candidate over ``SCORE``, within [-1, 1]."""
    return np.clip(dialogue.scores[:, 0].astype(np.float64) / SCORE, -1.0, 1.0)

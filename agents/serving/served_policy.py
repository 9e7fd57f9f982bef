"""Policies as they are served: one conversation at a time, with a score for every candidate."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from agents.base import Decision, Policy, likeliest
from agents.export import Export
from agents.serving.ranker import Ranker


class ServedPolicy(Protocol):
    """Chooses for one conversation, and says how good every candidate is."""

    scale: str
    """What scores are: ``"ranker"`` (the network's logits) or ``"utility"`` (the retrieval's estimate)."""

    def choose(self, decision: Decision, uniform: float) -> tuple[int, npt.NDArray[np.float32]]:
        """The action, and a score for each candidate ``(K,)``; ``decision`` is of one conversation."""


class ServedNetwork:
    """The greedy masked action of the network; a candidate's score is its logit."""

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self.scale = "ranker" if ranker.shape.scored else "utility"

    def choose(self, decision: Decision, uniform: float) -> tuple[int, npt.NDArray[np.float32]]:
        """See ``ServedPolicy``."""
        logits = self.ranker.logits(decision.observation[0])
        action = int(likeliest(logits[None], decision.mask)[0])
        if not self.ranker.shape.scored:
            return action, decision.dialogue.scores[0]
        return action, logits[self.ranker.shape.free_actions :]


class ServedRule:
    """Any other policy, by its own ``act``; a candidate's score is its estimated utility."""

    scale = "utility"

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def choose(self, decision: Decision, uniform: float) -> tuple[int, npt.NDArray[np.float32]]:
        """See ``ServedPolicy``."""
        action = int(self.policy.act(decision, np.array([uniform]))[0])
        return action, decision.dialogue.scores[0]


def make_served_policy(export: Export) -> ServedPolicy:
    """The policy of an export, as it is served."""
    if export.ranker is not None:
        return ServedNetwork(export.ranker)
    if export.policy is None:
        raise TypeError("An export holds a network or a policy; this one holds neither.")
    return ServedRule(export.policy)

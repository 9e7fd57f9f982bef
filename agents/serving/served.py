"""The policy of an export as it is served: one decision at a time, with the chances it was drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from agents.base import Decision, Policy, likeliest
from agents.serving.ranker import Ranker
from agents.stochastic import Softmax, chances_of, draw, softmax
from chatrec_env.errors import ConfigError

if TYPE_CHECKING:
    from agents.export import Export


class Choice(NamedTuple):
    """What a served policy decides."""

    action: int
    scores: npt.NDArray[np.float32]  # (K,) how good every candidate is
    chances: npt.NDArray[np.float64] | None  # (A,) of every action; None if it draws and cannot say them


class ServedPolicy(Protocol):
    """Chooses for one conversation, and says how good every candidate is."""

    scale: str
    """What scores are: ``"ranker"`` (the network's logits) or ``"utility"`` (the retrieval's estimate)."""

    def choose(self, decision: Decision, uniform: float) -> Choice:
        """The action, scores and chances; ``decision`` is of one conversation."""


class ServedNetwork:
    """The likeliest legal action of the network, or one drawn at a temperature; a candidate's score is its logit."""

    def __init__(self, ranker: Ranker, temperature: float = 0.0) -> None:
        self.ranker, self.temperature = ranker, temperature
        self.scale = "ranker" if ranker.shape.scored else "utility"

    def choose(self, decision: Decision, uniform: float) -> Choice:
        """See ``ServedPolicy``."""
        logits = self.ranker.logits(decision.observation[0])
        if self.temperature:
            chances = softmax(logits[None].astype(np.float64), decision.mask, self.temperature)[0]
            action = int(draw(decision.task, chances[None], np.array([uniform]))[0])
        else:
            action, chances = int(likeliest(logits[None], decision.mask)[0]), np.zeros(len(logits))
            chances[action] = 1.0
        scored = self.ranker.shape.scored
        scores = logits[self.ranker.shape.free_actions :] if scored else decision.dialogue.scores[0]
        return Choice(action, scores, chances)


class ServedRule:
    """Any other policy, by its own ``act``; a candidate's score is its estimated utility."""

    scale = "utility"

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def choose(self, decision: Decision, uniform: float) -> Choice:
        """See ``ServedPolicy``."""
        action = int(self.policy.act(decision, np.array([uniform]))[0])
        try:
            chances = chances_of(self.policy, decision)[0]
        except (
            ConfigError
        ):  # it draws and does not say how, as Thompson sampling; it can be served all the same
            chances = None
        return Choice(action, decision.dialogue.scores[0], chances)


class Exploring:
    """A served policy, softened: with probability epsilon any legal action. So its logs can judge other policies."""

    def __init__(self, policy: ServedPolicy, epsilon: float) -> None:
        self.policy, self.epsilon, self.scale = policy, epsilon, policy.scale

    def choose(self, decision: Decision, uniform: float) -> Choice:
        """See ``ServedPolicy``.

        Raises:
            ConfigError: The policy draws already, and cannot say with what chances.
        """
        own = self.policy.choose(decision, uniform)
        if own.chances is None:
            raise ConfigError("This policy draws its actions and cannot say how: serve it without --explore.")
        legal = decision.mask[0]
        chances = (1.0 - self.epsilon) * own.chances + self.epsilon * legal / legal.sum()
        action = int(draw(decision.task, chances[None], np.array([uniform]))[0])
        return Choice(action, own.scores, chances)


def make_served_policy(export: Export) -> ServedPolicy:
    """The policy of an export, as it is served."""
    served: ServedPolicy
    soft = export.softness
    if export.ranker is not None:
        served = ServedNetwork(export.ranker, soft.temperature)
    elif export.policy is not None:
        served = ServedRule(Softmax(export.policy, soft.temperature) if soft.temperature else export.policy)
    else:
        raise TypeError("An export holds a network or a policy; this one holds neither.")
    return Exploring(served, soft.explore) if soft.explore else served

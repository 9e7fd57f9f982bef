"""How a bandit learns and explores."""

from __future__ import annotations

from dataclasses import dataclass

from agents.base import check_integers, check_numbers
from chatrec_env.errors import ConfigError, UnknownNameError

ALGORITHMS = ("lin_ucb", "thompson")


@dataclass(frozen=True, kw_only=True, slots=True)
class BanditConfig:
    """Settings of linear bandits over candidates; plain JSON data.

    Attributes:
        algorithm: ``"lin_ucb"`` (Li et al., 2010) or ``"thompson"`` (Agrawal and Goyal, 2013).
        turns: Conversation turns to train on; rounded up to whole batches of ``parallel``.
        parallel: Conversations side by side; what they teach counts from the next turn on.
        alpha: Standard errors that LinUCB adds to its estimate; scale of the noise in Thompson sampling.
        ridge: Weight of the prior that all weights are 0.
        questions: Questions at the start, the most informative each time. What a question is worth shows turns later,
            which a bandit does not see, so it is told how many to ask.
        learn_on: Whether it goes on learning from everybody it meets once trained (``chatrec evaluate`` then meets
            people in their order, 500 at a time, and what it learned is forgotten afterwards).
        record_every: Turns between records of the learning curve; 0: a forty-eighth of ``turns``.
        seed: Seed of the people trained on, and of the noise.
    """

    algorithm: str = "lin_ucb"
    turns: int = 50_000
    parallel: int = 100
    alpha: float = 0.5
    ridge: float = 1.0
    questions: int = 1
    learn_on: bool = False
    record_every: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise UnknownNameError("algorithm", self.algorithm, ALGORITHMS)
        check_integers("bandit", self, turns=1, parallel=1, questions=0, record_every=0, seed=0)
        check_numbers("bandit", self, alpha="[0, inf)", ridge="(0, inf)")
        if not isinstance(self.learn_on, bool):
            raise ConfigError(f"bandit.learn_on must be true or false, got {self.learn_on!r}.")
        if not self.record_every:
            object.__setattr__(self, "record_every", max(self.parallel, self.turns // 48))

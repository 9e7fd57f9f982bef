"""What a watched conversation is made of; plain data, so that every rendering is a function of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """A candidate on the table: its place, title, estimated utility, and what it meets or repeats."""

    place: int
    title: str
    year: int
    score: float
    wanted: float
    unwanted: float
    overlap: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Option:
    """An action that was weighed; ``weight`` is a probability or a value (``Moment.basis``)."""

    action: str
    weight: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One turn, from what was known before it to what came of it.

    Attributes:
        turn: From 1.
        wishes: Strongest stated wishes, ``("genre: thriller", strength)``; negative is unwanted.
        entropies: How open each facet is, in [0, 1], widest first.
        candidates: The best candidates, and the chosen one wherever it lies.
        basis: ``"probability"``, ``"value"`` or ``"rule"``: what the options' weights are.
        options: The best legal actions.
        action: What was done, in words.
        why: Why, in words.
        system: What the system said.
        person: What the person answered.
        clicked: Whether the suggestion was accepted.
        stars: Its rating, 0 if none.
        left: Whether the person walked out.
        rewards: Reward terms other than zero.
        total: Return so far.
        satisfaction: The person's, in [-1, 1]; hidden from the agent.
    """

    turn: int
    wishes: list[tuple[str, float]]
    entropies: list[tuple[str, float]]
    candidates: list[Shown]
    basis: str
    options: list[Option]
    action: str
    why: str
    system: str
    person: str
    clicked: bool
    stars: int
    left: bool
    rewards: dict[str, float]
    total: float
    satisfaction: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole conversation.

    Attributes:
        policy: Who decided.
        env: Environment id.
        person: Environment seed of the person: the same seed is the same person in the same mood.
        wanted: What they came for, hidden from the agent.
        unwanted: What they did not want, hidden too.
        opening: Their first words.
        setting: The time of day and the device, as the agent saw them; empty where it saw none.
        moments: The turns.
        ending: How it ended, in words.
    """

    policy: str
    env: str
    person: int
    wanted: list[str]
    unwanted: list[str]
    opening: str
    moments: list[Moment] = field(default_factory=list)
    ending: str = ""
    setting: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """Return of the conversation."""
        return self.moments[-1].total if self.moments else 0.0

    @property
    def clicks(self) -> int:
        """Suggestions accepted."""
        return sum(m.clicked for m in self.moments)

    @property
    def questions(self) -> int:
        """Turns without a suggestion."""
        return sum("ask" in m.rewards for m in self.moments)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**asdict(self), "return": self.total, "clicks": self.clicks, "questions": self.questions}

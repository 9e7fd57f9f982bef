"""One turn of the service as data: the system's move in numbers, and its reply in words and cards."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from agents.serving.cards import Card, Heard
from agents.serving.explain import Wish

PARTS = ("opener", "item", "explanation")
"""What the up to three sentences of a system turn are, in order; a question is an opener."""


@dataclass(frozen=True, slots=True)
class Move:
    """What the system did in a turn, by numbers: enough to do it again without asking the policy.

    Attributes:
        act: ``SystemAct``.
        facet: Facet asked about, or -1.
        value: Value to confirm, or -1.
        item: Item suggested, or -1.
        variants: Wording of the opener and of the explanation.
        action: Name of the action the policy chose, empty if the conversation was closed for it.
    """

    act: int
    facet: int
    value: int
    item: int
    variants: tuple[int, int]
    action: str

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Move:
        """From JSON data."""
        return cls(**{**data, "variants": tuple(data["variants"])})

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the system.

    Attributes:
        part: One of ``PARTS``.
        text: The sentence.
    """

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person is told and shown.

    Attributes:
        turn: Number of the system's turn, from 1.
        act: ``"ask"``, ``"confirm"``, ``"recommend"`` or ``"close"``.
        action: Name of the policy's action, e.g. ``"recommend:3"``; empty if it was not asked.
        said: What the system says.
        cards: Suggestions: the policy's choice first, then its next best.
        answers: Replies the person may pick from.
        heard: What was understood of the message.
        wishes: What the person is believed to want and not to want.
        took: The item that was accepted in words, -1 if none was.
        ended: Whether the conversation is closed; another message takes it up again.
    """

    turn: int
    act: str
    action: str
    said: tuple[Said, ...]
    cards: tuple[Card, ...]
    answers: tuple[str, ...]
    heard: tuple[Heard, ...]
    wishes: tuple[Wish, ...]
    took: int
    ended: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was just opened.

    Attributes:
        id: Its name, hard to guess: who knows it can read and continue the session.
        created_at: UTC, ISO 8601.
        greeting: The system's first words.
        answers: First words the person may pick from.
    """

    id: str
    created_at: str
    greeting: str
    answers: tuple[str, ...]

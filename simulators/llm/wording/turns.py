"""One person's turn while it is put into words: what they mean, and the wordings found for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatrec_env.language.acts import SystemAct
from chatrec_env.language.contract import Place
from simulators.llm.backends.base import Reply
from simulators.llm.personas import Persona
from simulators.llm.wording.checking import Meaning


@dataclass(slots=True)
class Spoken:
    """One person's turn to be worded.

    Attributes:
        persona: Who speaks.
        sentences: Ids of the scripted wording, without gaps.
        recalled: What they remember, as lines for the prompt.
        goals: Rows of the items their goal was read off.
        named: Rows of the items the other side has named.
        seed: Seed of this turn's wording.
        after: What the system did just before.
        reason: The value by which, as it said, the system chose what it suggests; -1 for none.
        heard: What it said, without titles; empty at the opening.
        texts: The wording found for each unit, None where the scripted one stands in.
        calls, tokens, invalid, leaks, fallbacks: What it took.
        seconds: Backend time it took, as recorded.
    """

    persona: Persona
    sentences: list[int]
    recalled: list[str]
    goals: frozenset[int]
    named: frozenset[int]
    seed: int
    after: SystemAct = SystemAct.GREET
    reason: int = -1
    heard: str = ""
    texts: list[str | None] = field(default_factory=list)
    calls: int = 0
    tokens: int = 0
    invalid: int = 0
    leaks: int = 0
    fallbacks: int = 0
    seconds: float = 0.0

    def pay(self, reply: Reply) -> None:
        """Count what an answer took."""
        self.tokens += reply.prompt_tokens + reply.reply_tokens
        self.seconds += reply.seconds


@dataclass(slots=True)
class Unit:
    """A sentence or a turn still without a wording.

    Attributes:
        turn: Whose it is.
        place: Which of its texts.
        sentences: Ids, typed with care.
        said: Their text.
        meant: What they say.
        may: What may be read in them.
        wordings: Their other plain wordings, and themselves.
        acts: What the person does with them, in clauses.
        spot: Where it is said; None for whole turns, which larger models word.
        held: Drafts that may be said.
    """

    turn: Spoken
    place: int
    sentences: list[int]
    said: str
    meant: Meaning
    may: Meaning
    wordings: list[str]
    acts: list[str]
    spot: Place | None = None
    held: list[str] = field(default_factory=list)

"""What language costs: counters, and a budget that stops in time."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from simulators.llm.errors import BudgetExceededError

if TYPE_CHECKING:
    from simulators.llm.backends.base import Reply


@dataclass(slots=True)
class Usage:
    """Counters of one process, for the run log.

    Attributes:
        calls: Requests a backend was asked for, failed ones included.
        recorded: Requests answered from the recording.
        failed: Requests the backend did not answer.
        prompt_tokens: Tokens read by the backend.
        reply_tokens: Tokens written by it.
        seconds: Time it took.
        utterances: Turns of people put into words.
        invalid: Candidate wordings and decisions that were turned down.
        leaks: Candidate wordings that named a title they should not have (also among the invalid).
        fallbacks: Turns for which no candidate held and the scripted wording or decision stood in.
    """

    calls: int = 0
    recorded: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    seconds: float = 0.0
    utterances: int = 0
    invalid: int = 0
    leaks: int = 0
    fallbacks: int = 0
    _lock: Any = field(default_factory=threading.Lock, repr=False, compare=False)

    def answered(self, reply: Reply) -> None:
        """Count an answer of the backend."""
        with self._lock:
            self.calls += 1
            self.prompt_tokens += reply.prompt_tokens
            self.reply_tokens += reply.reply_tokens
            self.seconds += reply.seconds

    def add(self, **counts: int) -> None:
        """Add to counters by name."""
        with self._lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def to_dict(self) -> dict[str, int | float]:
        """The counters as plain JSON data."""
        return {f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")}

    def __getstate__(self) -> dict[str, int | float]:
        return self.to_dict()

    def __setstate__(self, state: dict[str, int | float]) -> None:
        for name, count in state.items():
            setattr(self, name, count)
        self._lock = threading.Lock()


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """The most a process may ask of a backend; 0 for no limit.

    Attributes:
        calls: Requests.
        tokens: Tokens read and written.
        seconds: Time of the backend.
    """

    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def left(self, usage: Usage) -> int:
        """How many more calls the budget allows, as far as calls are limited.

        Raises:
            BudgetExceededError: None: it is spent.
        """
        spent = {
            "calls": (usage.calls, self.calls),
            "tokens": (usage.prompt_tokens + usage.reply_tokens, self.tokens),
            "seconds": (usage.seconds, self.seconds),
        }
        for name, (used, most) in spent.items():
            if most and used >= most:
                raise BudgetExceededError(
                    f"The budget of {most:g} {name} is spent ({used:g} used). Every answer so far is recorded: "
                    "the same run continues from there with a larger budget, "
                    f"users={{..., 'max_{name}': N}} (0 for no limit)."
                )
        return self.calls - usage.calls if self.calls else 1 << 30

    def to_dict(self) -> dict[str, int | float]:
        """The limits as plain JSON data."""
        return asdict(self)

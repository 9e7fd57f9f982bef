"""What can go wrong with the LLM user simulator; every error says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatrec_env.errors import ChatRecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.llm.backends.base import Answer


class MissingRecordError(ChatRecError, KeyError):
    """A strict replay came to a request that the recording does not hold.

    Args:
        key: The request's key.
        path: The recording.
        asked: The end of what was asked, shortened.
    """

    def __init__(self, key: str, path: str, asked: str) -> None:
        self.key, self.path, self.asked = key, path, asked
        super().__init__(key)

    def __str__(self) -> str:
        return (
            f"The recording {self.path} has no answer to the request {self.key} ({self.asked!r}). A replay needs the "
            "configuration, seeds and policy it was recorded with. Record what is missing by running once with "
            "replay=false."
        )

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.key, self.path, self.asked)


class BudgetExceededError(ChatRecError, RuntimeError):
    """The budget of calls, tokens or seconds is spent; everything answered so far is recorded."""


class BackendError(ChatRecError, RuntimeError):
    """A backend cannot answer any more: unreachable, refusing, or answering nonsense throughout.

    Attributes:
        answers: What the failing call did get, in the order of its requests; empty if nothing.
    """

    answers: Sequence[Answer] = ()

"""A backend with a memory: answers come from the recording where it has them, and go there where it has not."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.llm.backends.base import (
    Answer,
    Backend,
    Capabilities,
    ChatRequest,
    Failure,
    Reply,
    Request,
    request_key,
)
from simulators.llm.errors import BackendError, MissingRecordError
from simulators.llm.recording import Recording
from simulators.llm.usage import Budget, Usage

_CHUNK = 32
"""Requests between two writes: an interrupted run loses no more than these."""


class RecordedBackend:
    """Asks the backend only what the recording does not hold; with no backend, a miss is an error (strict replay).

    Args:
        recording: Where answers are kept.
        backend: Who answers what is missing; None for a strict replay.
        budget: The most it may be asked.
        usage: Counters to add to.
    """

    def __init__(
        self,
        recording: Recording,
        backend: Backend | None,
        *,
        budget: Budget | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.recording, self.backend = recording, backend
        self.budget, self.usage = budget or Budget(), usage or Usage()

    @property
    def identity(self) -> str:
        """The backend's, as the recording names it."""
        return self.recording.identity

    @property
    def capabilities(self) -> Capabilities:
        """The backend's, as the recording names them."""
        return self.recording.capabilities

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer requests; equal ones are asked once.

        Raises:
            MissingRecordError: In a replay, if one is not recorded.
            BudgetExceededError: Before a call that the budget does not cover.
        """
        keys = [request_key(self.identity, request) for request in requests]
        known: dict[str, Answer] = {}
        missing: dict[str, Request] = {}
        for key, request in zip(keys, requests, strict=True):
            if key in known or key in missing:
                continue
            found = self.recording.get(key)
            if found is not None:
                known[key] = found
            else:
                missing[key] = request
        self.usage.add(recorded=len(known))
        if missing and self.backend is None:
            key, request = next(iter(missing.items()))
            asked = request.messages[-1][1] if isinstance(request, ChatRequest) else request.prompt
            raise MissingRecordError(key, str(self.recording.path), asked[-80:])
        todo = list(missing.items())
        while todo:
            size = min(_CHUNK, self.budget.left(self.usage))
            part, todo = todo[:size], todo[size:]
            known.update(self._ask(part))
        return [known[key] for key in keys]

    def _ask(self, part: list[tuple[str, Request]]) -> dict[str, Answer]:
        assert self.backend is not None
        try:
            answers = self.backend.answer([request for _, request in part])
        except BackendError as error:
            self._keep(part, error.answers)  # what was paid for is not paid for again
            raise
        self._keep(part, answers)
        return {key: answer for (key, _), answer in zip(part, answers, strict=True)}

    def _keep(self, part: list[tuple[str, Request]], answers: Sequence[Answer]) -> None:
        """Count and record what was answered."""
        good: list[tuple[str, Request, Reply]] = []
        for (key, request), answer in zip(part, answers, strict=False):
            if isinstance(answer, Failure):
                self.usage.add(calls=1, failed=1)
            else:
                self.usage.answered(answer)
                good.append((key, request, answer))
        if good:
            self.recording.add(good)

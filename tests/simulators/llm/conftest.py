"""A model made of rules stands in for a language model: fast, repeatable, and as good or bad as a test needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language import Grammar, Parser, SentenceTable, make_encoder
from simulators.llm import backends
from simulators.llm.backends.base import Answer, Capabilities, ChatRequest, Reply, Request, ScoreRequest
from simulators.llm.config import LLMConfig
from simulators.llm.users import LLMUsers
from simulators.population import load_population

Speak = Callable[[ChatRequest], str]


def said_again(request: ChatRequest) -> str:
    """The scripted wording itself."""
    return request.messages[-1][1]


class RuleBackend:
    """Answers at once: chats by a function of the request, scores by whether the facts hold the taste."""

    def __init__(self, speak: Speak | None = None, *, scores: bool = True) -> None:
        self.name, self.identity = "rules", "rules/1"
        self.capabilities = Capabilities(scores=scores, json=False, batch=True)
        self.speak = speak or said_again
        self.likely: Callable[[ScoreRequest], float] | None = None
        self.asked: list[Request] = []

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        self.asked += requests
        return [self._one(request) for request in requests]

    def _one(self, request: Request) -> Answer:
        if isinstance(request, ScoreRequest) and self.likely is not None:
            return Reply(score=self.likely(request))
        if isinstance(request, ScoreRequest):
            words = set(re.findall(r"[a-z]{4,}", request.continuation.lower())) - {"film", "from", "about"}
            told = request.prompt.lower()
            return Reply(
                score=-8.0 + 4.0 * any(word[:5] in told for word in words), prompt_tokens=20, seconds=0.01
            )
        return Reply(text=self.speak(request), prompt_tokens=100, reply_tokens=10, seconds=0.02)

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def films() -> Catalog:
    return load_catalog("movies")


@pytest.fixture(scope="session")
def table(films: Catalog) -> SentenceTable:
    return SentenceTable(Grammar(films), Parser(films), make_encoder("hash"))


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RuleBackend:
    """A backend named "rules", with a recording of its own."""
    backend = RuleBackend()
    monkeypatch.setitem(backends.CUSTOM, "rules", lambda _: backend)
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    return backend


@pytest.fixture
def people(films: Catalog, table: SentenceTable, rules: RuleBackend) -> Callable[..., LLMUsers]:
    """``people(**options)``: LLM users, with the backend of rules."""

    def build(scenario: Any = "full", catalog: Catalog = films, **options: Any) -> LLMUsers:
        config = LLMConfig.create({"backend": "rules", **options})
        population = load_population(config.population) if config.population else None
        return LLMUsers(catalog, table, scenario, config, backends.open_backend(config), population)

    return build

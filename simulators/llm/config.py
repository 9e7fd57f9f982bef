"""The settings of the LLM user simulator, checked in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from chatrec_env.errors import ConfigError, UnknownNameError
from simulators.llm.usage import Budget

MODES = ("words", "choice", "full")
UNITS = ("auto", "sentence", "turn")


@dataclass(frozen=True, kw_only=True, slots=True)
class LLMConfig:
    """What ``users={"name": "llm", ...}`` takes; plain JSON data.

    Attributes:
        mode: ``"words"``: the preference model decides and the language model writes; ``"choice"``: the language
            model judges what is shown and the wording is scripted; ``"full"``: both.
        backend: ``"smollm2"`` (the default model, float32), ``"transformers:FOLDER_OR_HUB_NAME"``, ``"llamacpp"`` (the
            default model, 4 bits) or ``"llamacpp:FILE.gguf"``, ``"endpoint:MODEL"`` (any OpenAI-compatible server).
        url: Base URL of an endpoint, e.g. ``"http://127.0.0.1:8000/v1"``; empty for ``$CHATREC_LLM_URL``. Its key is
            only ever read from ``$CHATREC_LLM_KEY``.
        population: Name or path of a population fitted to real ratings to draw them from, as for scripted people;
            empty for the scenario's own.
        recording: File where answers are kept; empty for one per backend in the cache folder.
        replay: Answer from the recording alone: bit-identical, no model needed, a miss is an error.
        unit: What is worded at once: each ``"sentence"``, or the whole ``"turn"``; ``"auto"`` chooses sentences for
            local models and turns for endpoints.
        temperature: Of the wording.
        top_p: Share of probability that the words of a wording are drawn from.
        reply_tokens: Most tokens of an endpoint's answer; 0 for as many as it takes.
        leave_out: What is not sent to an endpoint, with blanks between: of ``max_tokens``, ``temperature``, ``top_p``
            and ``seed``. What it refuses is left out from its first refusal on.
        tries: Candidates drawn for a wording before the scripted one stands in.
        memory_tokens: Tokens of the conversation a wording prompt may hold; older turns are condensed. 0 for none; -1
            for 200 where whole turns are worded, none where sentences are: small models gain nothing but time from it.
        max_calls: Budget of backend calls of this process; 0 for no limit.
        max_tokens: Budget of tokens, read and written.
        max_seconds: Budget of the backend's time.
    """

    mode: str = "full"
    backend: str = "smollm2"
    url: str = ""
    population: str = ""
    recording: str = ""
    replay: bool = False
    unit: str = "auto"
    temperature: float = 0.5
    top_p: float = 0.9
    reply_tokens: int = 0
    leave_out: str = ""
    tries: int = 5
    memory_tokens: int = -1
    max_calls: int = 0
    max_tokens: int = 0
    max_seconds: float = 0.0

    def __post_init__(self) -> None:
        for f in fields(self):
            value, kind = getattr(self, f.name), type(f.default)
            right = isinstance(value, (int, float) if kind is float else kind)
            if not right or (isinstance(value, bool) and kind is not bool):
                raise ConfigError(f"users.{f.name} must be a {kind.__name__}, got {value!r}.")
        for name, known in (("mode", MODES), ("unit", UNITS)):
            if getattr(self, name) not in known:
                raise UnknownNameError(f"users {name}", getattr(self, name), known)
        if not 0 <= self.temperature <= 2:
            raise ConfigError(f"users.temperature must be in [0, 2], got {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise ConfigError(f"users.top_p must be in (0, 1], got {self.top_p}.")
        if not 1 <= self.tries <= 20:
            raise ConfigError(f"users.tries must be in [1, 20], got {self.tries}.")
        if self.memory_tokens not in (-1, 0) and not 40 <= self.memory_tokens <= 8000:
            raise ConfigError(
                f"users.memory_tokens must be -1, 0 or in [40, 8000], got {self.memory_tokens}."
            )
        for name in ("reply_tokens", "max_calls", "max_tokens", "max_seconds"):
            if getattr(self, name) < 0:
                raise ConfigError(f"users.{name} must be >= 0 (0 for no limit), got {getattr(self, name)}.")
        if self.replay and not self.recording:
            raise ConfigError(
                "users.replay needs the file to replay: set users.recording, e.g. "
                'users={"name": "llm", "replay": true, "recording": "people.jsonl"}.'
            )

    @classmethod
    def create(cls, options: dict[str, Any]) -> LLMConfig:
        """Build from keywords, refusing unknown ones with a suggestion."""
        known = [f.name for f in fields(cls)]
        for name in options:
            if name not in known:
                raise UnknownNameError("users option", name, known)
        return cls(**options)

    @property
    def budget(self) -> Budget:
        """The limits, together."""
        return Budget(calls=self.max_calls, tokens=self.max_tokens, seconds=self.max_seconds)

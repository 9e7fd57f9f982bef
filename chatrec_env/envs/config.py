"""The keywords of an environment, checked in one place."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field, fields
from typing import Any

from chatrec_env.core.conversation import CONVERSATIONS, MOST_TURNS
from chatrec_env.core.observations import OBSERVATIONS
from chatrec_env.core.rating_history import COLD, RATING_HISTORIES
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.retrieval.collaborative import CollaborativeConfig

ACTION_SETS = ("items", "strategy")
MASKED_ACTIONS = ("raise", "redirect")


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvConfig:
    """Keywords of ``gymnasium.make("ChatRec/...")``; plain JSON data throughout.

    Attributes:
        actions: ``"items"`` or ``"strategy"``; set by the environment id.
        catalog: Name of a built-in catalogue, or a path (CSV, Parquet, MovieLens folder).
        users: Name of the user simulator, or a dict with ``"name"`` and its options (``LLMConfig``).
        scenario: Name of a scenario, or a dict with ``"name"`` and the parameters to change.
        encoder: What encodes the conversation: ``"minilm"``, ``"hash"``, or a name or dict as ``make_encoder``
            documents.
        observation: ``"flat"``, ``"dict"`` or ``"tabular"``.
        conversation: ``"recency"`` (one weighted mean per role) or ``"sequence"`` (the last turns, one by one, for
            recurrent or attention policies).
        history_turns: Turns of ``"sequence"``; without meaning otherwise.
        reward: Fields of ``RewardConfig`` to change.
        max_turns: Turns after which a conversation is truncated.
        n_candidates: Candidates on the table each turn.
        masked_actions: ``"raise"`` an error, or ``"redirect"`` a masked action to the best legal candidate
            (for learners without masking).
        past: What people rated before they came: ``"cold"`` (nothing), ``"warm"`` (5 to 15 items), ``"heavy"`` (40 to
            100) or ``"mixed"`` (a quarter cold, half warm, a quarter heavy); see ``chatrec_env.core.rating_history``.
        collaborative: Weight of collaborative factors in retrieval, or a dict with ``"weight"`` and ``"factors"``, as
            ``CollaborativeConfig`` documents.
    """

    actions: str = "items"
    catalog: str = "movies"
    users: str | dict[str, Any] = "scripted"
    scenario: str | dict[str, Any] = "full"
    encoder: str | dict[str, Any] = "minilm"
    observation: str = "flat"
    conversation: str = "recency"
    history_turns: int = 8
    reward: RewardConfig = field(default_factory=RewardConfig)
    max_turns: int = 20
    n_candidates: int = 12
    masked_actions: str = "raise"
    past: str = COLD
    collaborative: float | dict[str, Any] = 0.0

    def __post_init__(self) -> None:
        for name, known in (
            ("actions", ACTION_SETS),
            ("observation", OBSERVATIONS),
            ("conversation", CONVERSATIONS),
            ("masked_actions", MASKED_ACTIONS),
            ("past", tuple(RATING_HISTORIES)),
        ):
            if getattr(self, name) not in known:
                raise UnknownNameError(name, getattr(self, name), known)
        turns = self.history_turns
        if isinstance(turns, bool) or not isinstance(turns, int) or not 1 <= turns <= MOST_TURNS:
            raise ConfigError(f"history_turns must be an integer in [1, {MOST_TURNS}], got {turns!r}.")
        if not isinstance(self.catalog, str):
            raise ConfigError(
                f"catalog must be a string, got {type(self.catalog).__name__}. Name a built-in catalogue, or give "
                "the path of a table (CSV or Parquet, its declaration beside it) as str(path)."
            )
        for name in ("users", "scenario", "encoder"):
            if not isinstance(getattr(self, name), (str, dict)):
                raise ConfigError(
                    f"{name} must be a name or a dict, got {type(getattr(self, name)).__name__}."
                )
        CollaborativeConfig.create(self.collaborative)
        object.__setattr__(self, "reward", RewardConfig.create(self.reward))
        for name in ("users", "scenario", "encoder", "collaborative", "max_turns", "n_candidates"):
            try:
                plain = json.loads(json.dumps(getattr(self, name)))
            except (TypeError, ValueError) as error:
                told = f"{name} must be plain JSON data, got {getattr(self, name)!r}: {error}."
                raise ConfigError(told) from None
            object.__setattr__(self, name, plain)  # the caller's dict may change later, this one does not

    @classmethod
    def create(cls, kwargs: dict[str, Any]) -> EnvConfig:
        """Build from keywords, refusing unknown ones with a suggestion."""
        known = [f.name for f in fields(cls)]
        for name in kwargs:
            if name not in known:
                raise UnknownNameError("environment keyword", name, known)
        return cls(**kwargs)

    def to_dict(self) -> dict[str, Any]:
        """The keywords as plain JSON data."""
        return {
            **{name: copy.deepcopy(getattr(self, name)) for name in self.__slots__ if name != "reward"},
            "reward": self.reward.to_dict(),
        }

    def key(self) -> str:
        """A string that is equal for equal configurations."""
        return json.dumps(self.to_dict(), sort_keys=True)

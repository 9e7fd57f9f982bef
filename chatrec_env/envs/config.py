"""The keywords of an environment, checked in one place."""

from __future__ import annotations

import copy
import json
import operator
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

import numpy as np

from chatrec_env.core.actions import ACTIONS
from chatrec_env.core.conversation import CONVERSATIONS, MOST_TURNS
from chatrec_env.core.observations import OBSERVATIONS
from chatrec_env.core.rating_history import COLD, RATING_HISTORIES
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.errors import ConfigError, UnknownKeywordError, UnknownNameError, suggestion
from chatrec_env.retrieval.collaborative import CollaborativeConfig
from chatrec_env.retrieval.retriever import RetrievalConfig

SLATE = 5
"""Items of a slate unless told otherwise."""
MASKED_ACTIONS = ("raise", "redirect")
PLAIN, TALKS = "plain", ("plain", "crs", "chat")
COUNTS = ("max_turns", "n_candidates", "slate_size", "history_turns")
"""Keywords that are whole numbers; NumPy's are as good as Python's."""
JSON_DATA = ("users", "scenario", "encoder", "collaborative", "max_turns", "n_candidates", "slate_size")
"""Keywords that are checked to be JSON data, and copied."""


def as_count(value: Any) -> Any:
    """An ``int`` of whatever is a whole number to Python (NumPy and torch integers are); anything else as it came."""
    if isinstance(value, (bool, np.bool_)):
        return value
    try:
        return operator.index(value)
    except TypeError:
        return value


def plain(value: Any) -> Any:
    """The value with NumPy scalars and enum members in it, however deep, replaced by plain numbers and texts."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvConfig:
    """Keywords of ``gymnasium.make("ChatRec/...")``; plain JSON data throughout."""

    actions: str = "items"  # `"items"`, `"strategy"` or `"slate"`; set by the environment id
    catalog: str = "movies"  # name of a built-in catalogue, or a path (CSV, Parquet, MovieLens folder)
    # name of the user simulator, or a dict with `"name"` and its options (`LLMConfig`)
    users: str | dict[str, Any] = "scripted"
    # name of a scenario, or a dict with `"name"` and the parameters to change
    scenario: str | dict[str, Any] = "full"
    # how people talk: `"plain"` (wishes, answers and verdicts), `"crs"` (as people talk to machines: they ask about
    # items, name some, complain, start over) or `"chat"` (as people talk to people)
    talk: str = PLAIN
    # what encodes the conversation: `"minilm"`, `"hash"`, or a name or dict as `make_encoder` documents
    encoder: str | dict[str, Any] = "minilm"
    observation: str = "flat"  # `"flat"`, `"dict"` or `"tabular"`
    # `"recency"` (one weighted mean per role) or `"sequence"` (the last turns, one by one, for recurrent or attention
    # policies)
    conversation: str = "recency"
    history_turns: int = 8  # turns of `"sequence"`; without meaning otherwise
    # name of a reward (`chatrec_env.shaping.presets`), or fields of `RewardConfig` to change, `"name"` among them
    reward: RewardConfig = field(default_factory=RewardConfig)
    max_turns: int = 20  # turns after which a conversation is truncated
    n_candidates: int = 12  # candidates on the table each turn
    # items of a slate, for `"slate"` alone; None is 5 (fewer where there are fewer candidates)
    slate_size: int | None = None
    # `"raise"` an error, or `"redirect"` a masked action to the best legal candidate (for learners without masking)
    masked_actions: str = "raise"
    # what people rated before they came: `"cold"` (nothing), `"warm"` (5 to 15 items), `"heavy"` (40 to 100) or
    # `"mixed"` (a quarter cold, half warm, a quarter heavy); see `chatrec_env.core.rating_history`
    rating_history: str = COLD
    # weight of collaborative factors in retrieval, or a dict with `"weight"` and `"factors"`, as
    # `CollaborativeConfig` documents
    collaborative: float | dict[str, Any] = 0.0
    # weight of dense retrieval: what people say beyond the slots against the items' texts, by the encoder; a multiple
    # of 1/16 in [0, 8], 0: they are not compared
    semantic: float = 0.0
    # what sentences are matched with in place of items' texts: `"learned"`, the themes that come with a built-in
    # catalogue, or the path of a file of themes (`chatrec fit-themes`); empty: with the texts
    themes: str = ""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = plain(getattr(self, name))
            object.__setattr__(self, name, as_count(value) if name in COUNTS else value)
        for name, known in (
            ("actions", tuple(ACTIONS)),
            ("observation", OBSERVATIONS),
            ("conversation", CONVERSATIONS),
            ("masked_actions", MASKED_ACTIONS),
            ("talk", TALKS),
            ("rating_history", tuple(RATING_HISTORIES)),
        ):
            if getattr(self, name) not in known:
                raise UnknownNameError(name, getattr(self, name), known)
        turns = self.history_turns
        if isinstance(turns, bool) or not isinstance(turns, int) or not 1 <= turns <= MOST_TURNS:
            raise ConfigError(f"history_turns must be an integer in [1, {MOST_TURNS}], got {turns!r}.")
        if self.actions != "slate" and self.slate_size is not None:
            raise ConfigError(
                f"slate_size is of ChatRec/Slate-v0 alone, got {self.slate_size!r} with actions={self.actions!r}. "
                "Leave it out, or make ChatRec/Slate-v0."
            )
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
        if isinstance(self.scenario, dict) and "talk" in self.scenario:
            raise ConfigError(
                f"How people talk is a keyword of the environment, not of its scenario, got {self.scenario!r}. Make it "
                f"with talk={self.scenario['talk']!r}."
            )
        CollaborativeConfig.create(self.collaborative)
        if isinstance(self.semantic, bool) or not isinstance(self.semantic, (int, float)):
            raise ConfigError(f"semantic must be a number, got {self.semantic!r}.")
        RetrievalConfig(semantic=self.semantic)
        if not isinstance(self.themes, str):
            raise ConfigError(f"themes must be a name or a path, got {self.themes!r}.")
        if self.themes and not self.semantic:
            raise ConfigError(
                f"themes={self.themes!r} need semantic above 0, their weight; 1 takes them as they are."
            )
        object.__setattr__(self, "reward", RewardConfig.create(self.reward))
        for name in JSON_DATA:
            try:
                own = json.loads(json.dumps(getattr(self, name)))
            except (TypeError, ValueError) as error:
                told = f"{name} must be plain JSON data, got {getattr(self, name)!r}: {error}."
                raise ConfigError(told) from None
            object.__setattr__(self, name, own)  # the caller's dict may change later, this one does not

    @property
    def shown(self) -> int:
        """S, the items recommended at once."""
        if self.actions != "slate":
            return 1
        return min(SLATE, self.n_candidates) if self.slate_size is None else self.slate_size

    @classmethod
    def create(
        cls, kwargs: dict[str, Any], caller: str = "EnvConfig", others: Iterable[str] = ()
    ) -> EnvConfig:
        """Build from the keywords of an environment.

        Args:
            kwargs: As the attributes; besides, ``max_episode_steps`` (Gymnasium's name of ``max_turns``; the smaller
                one counts where both are given) and, for one more release, ``past`` (now ``rating_history``).
            caller: The class whose keywords these are, for the error.
            others: Its keywords that are none of these.

        Raises:
            UnknownKeywordError: A keyword is not known; suggests the nearest one.
            ConfigError: A value is outside its domain.
        """
        kwargs = dict(kwargs)
        if "past" in kwargs:
            warnings.warn(
                "The environment keyword 'past' is called 'rating_history' now; 'past' goes in the next release.",
                DeprecationWarning,
                stacklevel=3,
            )
            kwargs.setdefault("rating_history", kwargs["past"])
            del kwargs["past"]
        limit = as_count(kwargs.pop("max_episode_steps", None))
        if limit is not None:
            turns = as_count(kwargs.get("max_turns", limit))
            wrong = next((n for n in (limit, turns) if type(n) is not int), None)
            kwargs["max_turns"] = min(limit, turns) if wrong is None else wrong
        known = [f.name for f in fields(cls)]
        for name in kwargs:
            if name not in known:
                raise UnknownKeywordError(
                    f"{caller}.__init__() got an unexpected keyword argument {name!r}."
                    f"{suggestion(name, (*known, *others))}"
                )
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

"""The greedy baseline on films, read with the language model: what is tested here is the service, not the policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agents.baselines import Greedy
from agents.serving.message_text import split_sentences
from agents.serving.replies import Chance, Reply
from agents.serving.served import ServedRule
from agents.serving.talk.talking import TalkingConversation
from agents.serving.talk.turn import reply_to
from chatrec_env.catalog import Catalog
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task


@dataclass
class Chat:
    """A person who types."""

    talk: TalkingConversation
    replies: list[Reply] = field(default_factory=list)

    def say(self, text: str) -> Reply:
        """What the service replies."""
        words = split_sentences(text)
        self.replies.append(reply_to(self.talk, ServedRule(Greedy()), Chance((2, 2), 0.5), words)[0])
        return self.replies[-1]

    @property
    def catalog(self) -> Catalog:
        """The films."""
        return self.talk.task.manager.catalog

    @property
    def last(self) -> Reply:
        """The latest reply."""
        return self.replies[-1]

    def has(self, item: int, value: str) -> bool:
        """Whether a film has a value."""
        return bool(self.catalog.values[item, self.catalog.value_names.index(value)])


@pytest.fixture
def chat() -> Callable[..., Chat]:
    """Begins a conversation with these messages."""
    task = make_task(EnvConfig(encoder="minilm"))

    def begin(*texts: str) -> Chat:
        chat = Chat(TalkingConversation(task))
        for text in texts:
            chat.say(text)
        return chat

    return begin

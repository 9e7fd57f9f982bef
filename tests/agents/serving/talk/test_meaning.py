"""Words that stand for no value: which of them the language model is asked about while somebody waits."""

from __future__ import annotations

from typing import Any

import pytest

from agents.serving.talk import likeness
from chatrec_env.language.encoders.cache import unkept


@pytest.fixture
def asked(chat: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the encoder's model is asked from now on."""
    encoder, texts = chat().talk.task.manager.table.encoder, list[str]()
    call = encoder.together.call

    def counted(some: list[str]) -> Any:
        texts.extend(some)
        return call(some)

    monkeypatch.setattr(encoder.together, "call", counted)
    return texts


def test_words_that_everybody_describes_with_are_known_beforehand(chat: Any, asked: list[str]) -> None:
    manager = chat().talk.task.manager
    likeness.prepare(manager)
    asked.clear()
    with unkept():
        for word in ("quirky", "strange", "slow-burning"):
            likeness.meant_value(manager, word)
        assert not asked
        likeness.meant_value(manager, "zorbulous")
    assert asked == ["a zorbulous film", "zorbulous"]


def test_a_bare_number_means_no_value(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    meant = likeness.meant_value

    def counted(manager: Any, words: str, *, asked: bool = False) -> int:
        looked_up.append(words)
        return meant(manager, words, asked=asked)

    monkeypatch.setattr(likeness, "meant_value", counted)
    talk = chat()
    for number in (11950, 30617, 4471623):
        talk.say(f"I would like a tense thriller about {number} strange people.")
    assert looked_up
    assert any("strange" in words for words in looked_up)
    assert not any(words.isdigit() for words in looked_up)

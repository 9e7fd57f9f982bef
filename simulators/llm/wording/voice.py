"""Whose voice a wording is in: a person's who says "I", not the assistant's, and nobody's who describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_THEIRS = re.compile(
    r"\b(?:as an? (?:ai|language model|assistant)|(?:this|the) (?:person|user)|they(?:'re| are| want| need| like)|"
    r"s?he(?:'s| is| wants)|let me (?:help|know)|how (?:can|may) i|(?:i can|i'll|i will|happy to|glad to) "
    r"(?:help|assist|find|show|tell|create|look)|(?:recommend|suggest|advise|assist|offer|provide)\w*|"
    r"here(?:'s| is| are) (?:a|an|some|the|your)|would you like|do you (?:want|like|prefer)|"
    r"(?:create|write|rewrite|make|produce) (?:a|an|some|the|my|your)|(?:show|tell|give|get) you|glad you|sorry for)\b",
    re.I,
)
"""What assistants say, and those who tell of a person."""

_YOU = re.compile(
    r"\b(?:you(?:'re| are|'ve|'ll| will|'d| would| should| could| need| want| seem| feel)|for you|your)\b|"
    r"(?:^|[.!?;,:]\s+|\b(?:and|but|so|because)\s+)you\b",
    re.I,
)
"""Where it is told what "you" are, have, want or should: people who want something do not tell the assistant that."""

_MORE = 3
"""Words that a text may have more than the longest wording; with more, it tells something of its own."""

_SENTENCE = re.compile(r"[.!?…]+(?=\s|$)")
_WORDS = re.compile(r"[\w'’]+")
_NAME = re.compile(r"(?<=[\w,;] )(?!I\b)[A-Z][\w'’-]*")
_NUMBER = re.compile(r"\d+")


def in_own_voice(text: str, wordings: Iterable[str]) -> bool:
    """Whether a text can be what the person says whose act has these wordings.

    It asks only where a wording asks, tells what "you" are only where one does, has no name and no number that none
    has, is hardly longer than the longest of them, and says nothing twice.
    """
    wordings = list(wordings)
    own = " ".join(wordings)
    if ("?" in text and "?" not in own) or _repeats(text):
        return False
    if _sentences(text) > max(map(_sentences, wordings)):
        return False
    if len(_WORDS.findall(text)) > max(len(_WORDS.findall(one)) for one in wordings) + _MORE:
        return False
    for pattern in (_NOT_THEIRS, _YOU):
        if pattern.search(text) and not pattern.search(own):
            return False
    known = own.casefold()
    names = (name.casefold() for name in _NAME.findall(text))
    return all(name in known for name in names) and set(_NUMBER.findall(text)) <= set(_NUMBER.findall(own))


def _sentences(text: str) -> int:
    """How many sentences a text has, the last one with or without its mark."""
    return len(_SENTENCE.findall(text.rstrip(".!?… ") + "."))


def _repeats(text: str) -> bool:
    """Whether three words in a row come twice."""
    words = _WORDS.findall(text.casefold())
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(runs)) < len(runs)

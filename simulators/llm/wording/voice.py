"""Whose voice a wording is in: a person's who says "I", not the assistant's, and nobody's who describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_THEIRS = re.compile(
    r"\b(?:as an? (?:ai|language model|assistant)|(?:this|the) (?:person|user)|they(?:'re| are| want| need| like)|"
    r"s?he(?:'s| is| wants)|let me (?:help|know|suggest|recommend)|how (?:can|may) i (?:help|assist)|"
    r"(?:i can|i could|i'll|i will|happy to|glad to) (?:help|assist|suggest|recommend|find you|show you|create|offer)|"
    r"i(?:'d| would)? (?:suggest|recommend|advise)|here(?:'s| is| are) (?:a|an|some|the|your)|"
    r"would you like|do you (?:want|like|prefer)|(?:create|write|rewrite|make|produce) (?:a|an|some|the|my|your))\b",
    re.I,
)
"""What assistants say, and those who tell of a person."""

_YOU = re.compile(
    r"(?:^|[.!?;,:]\s+|\b(?:and|but|so|because)\s+)you(?:'re|'ve|'d|'ll| are| have| had| would| will| can|"
    r" could| should| want| need| like| seem| feel| just| don't| do| might| must)\b",
    re.I,
)
"""Where it is told what "you" are, have, want or should: people who want something do not tell the assistant that."""

_NAME = re.compile(r"(?<=[\w,;] )(?!I\b)[A-Z][\w'’-]*")
_NUMBER = re.compile(r"\d+")


def in_own_voice(text: str, wordings: Iterable[str]) -> bool:
    """Whether a text can be what the person says whose act has these wordings.

    It asks only where a wording asks, tells what "you" are only where one does, and has no name and no number that
    none has.
    """
    own = " ".join(wordings)
    if "?" in text and "?" not in own:
        return False
    for pattern in (_NOT_THEIRS, _YOU):
        if pattern.search(text) and not pattern.search(own):
            return False
    known = own.casefold()
    names = (name.casefold() for name in _NAME.findall(text))
    return all(name in known for name in names) and set(_NUMBER.findall(text)) <= set(_NUMBER.findall(own))

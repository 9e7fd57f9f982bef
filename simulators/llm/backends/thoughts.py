"""Models that think aloud: what they think is nothing that anybody says."""

from __future__ import annotations

import re

_TAGS = "think|thinking|thought|thoughts|reasoning|reflection"
_WHOLE = re.compile(rf"<({_TAGS})>.*?</\1>", re.I | re.S)
_END = re.compile(rf"^.*</(?:{_TAGS})>", re.I | re.S)
_START = re.compile(rf"<(?:{_TAGS})>", re.I)


class UnfinishedThoughtsError(Exception):
    """A model used up its tokens before it began to answer.

    Attributes:
        tokens: Read, and written.
    """

    def __init__(self, tokens: tuple[int, int]) -> None:
        super().__init__(f"thoughts of {tokens[1]} tokens, and no answer")
        self.tokens = tokens


def without_thoughts(text: str) -> str | None:
    """What a model answered after its thoughts; None where these do not end.

    Templates that open the thoughts in the prompt leave only their end in the text.
    """
    answer = _END.sub("", _WHOLE.sub("", text))
    return None if _START.search(answer) else answer.strip()

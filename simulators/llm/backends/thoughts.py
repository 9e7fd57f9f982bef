"""Models that think aloud: what they think is nothing that anybody says."""

from __future__ import annotations

import re

_TAGS = "(?:seed:)?(?:think|thinking|thoughts?|reasoning|reflection)"
_OPEN, _CLOSE = rf"[<\[◁]{_TAGS}[>\]▷]", rf"[<\[◁]/{_TAGS}[>\]▷]"
_WHOLE = re.compile(rf"{_OPEN}.*?{_CLOSE}", re.I | re.S)
_END = re.compile(rf"^.*(?:{_CLOSE}|<\|channel\|>final(?: [^<]*)?<\|message\|>)", re.I | re.S)
_START = re.compile(rf"{_OPEN}|<\|channel\|>(?:analysis|commentary)", re.I)
_MARK = re.compile(r"<\|[a-z_]+\|>")


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

    They stand between tags ("<think>", "[THINK]", "◁think▷") or in a channel of their own ("<|channel|>analysis").
    Templates that open the thoughts in the prompt leave only their end in the text.
    """
    answer = _END.sub("", _WHOLE.sub("", text))
    return None if _START.search(answer) else _MARK.sub("", answer).strip()

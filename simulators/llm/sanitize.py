"""Text that others wrote, made fit to be quoted in a prompt: it stays data, whatever it says."""

from __future__ import annotations

import re
import unicodedata

_CONTROL_TOKEN = re.compile(
    r"<\|[^<>|]{0,40}\|>|</?s>|\[/?INST\]|<</?SYS>>|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>", re.I
)
_ROLE = re.compile(r"(?:^|(?<=[\s.!?:;]))(system|assistant|user|human|developer|tool)\s*:", re.I)
_FENCE = re.compile(r"`{2,}|#{2,}|-{3,}|={3,}|\*{2,}|_{3,}")
_QUOTES = str.maketrans({'"': "'", "“": "'", "”": "'", "«": "'", "»": "'", "„": "'", "`": "'"})
_ANGLES = str.maketrans({"<": "(", ">": ")", "{": "(", "}": ")"})


def plain(text: str, most: int = 200) -> str:
    """One line of plain words.

    Removes control and invisible characters, markers of chat templates, role names that would look like a new
    speaker, and fences; double quotes become single ones, so that the text cannot end the quotation it stands in.

    Args:
        text: Anything.
        most: Characters kept; what is longer ends with an ellipsis.
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(
        " " if ch.isspace() else ch for ch in text if ch.isspace() or unicodedata.category(ch)[0] != "C"
    )
    while (cleaned := _CONTROL_TOKEN.sub(" ", text)) != text:  # removing one may complete another
        text = cleaned
    text = _ROLE.sub(r"\1 -", text)
    text = _FENCE.sub(" ", text).translate(_QUOTES).translate(_ANGLES)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def quoted(text: str, most: int = 200) -> str:
    """The same in double quotes, which it cannot close."""
    return f'"{plain(text, most)}"'

"""From raw text to tokens: what a person typed, made safe and uniform, before anything is read from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

MAX_CHARS: Final = 2_000
"""Characters of a message that are read; the rest of a longer message is ignored."""

STOP: Final = "."
QUESTION: Final = "?"
COMMA: Final = ","
COLON: Final = ":"
QUOTE: Final = '"'
OPEN: Final = "("
CLOSE: Final = ")"
DASH: Final = "-"
TAG: Final = "@"
"""Stands for an item named by a number, "@1234", as transcripts of film talk have it; no mark but a word."""
MARKS: Final = frozenset((STOP, QUESTION, COMMA, COLON, QUOTE, OPEN, CLOSE, DASH))

_PIECES: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|@\d+|[.!?;\n…,:\"'()\[\]&—–\-]")
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W_])|(?<=\d)[-‐‑](?=[^\W\d_])")
_MARK_OF: Final = {
    **dict.fromkeys(".!;\n…—", STOP),
    "?": QUESTION,
    ",": COMMA,
    ":": COLON,
    **dict.fromkeys("\"'", QUOTE),
    **dict.fromkeys("([", OPEN),
    **dict.fromkeys(")]", CLOSE),
    **dict.fromkeys("-–", DASH),
}
_SAME_MARK: Final = str.maketrans("’‘ʼ`´“”„«»，。\r\t", "'" * 5 + '"' * 5 + ",.\n ")
_LONGEST_REPEATED: Final = 4  # words


@dataclass(frozen=True, slots=True)
class Tokens:
    """A message in tokens."""

    words: list[str]  # lower-case words without accents or apostrophes (`don't` -> `do`, `not`) and marks
    capitals: list[int]  # per token 0 lower case, 1 capitalised or a number, 2 upper case throughout
    shouting: bool  # capitals carry no information: words are in upper case, or none has a capital
    titled: bool  # every word has a capital, as in a headline
    spans: list[tuple[int, int]] = field(default_factory=list)  # where each token stands in the text


def token_at(words: Sequence[str], at: int) -> str:
    """The token at a place; a full stop beyond either end."""
    return words[at] if 0 <= at < len(words) else STOP


def clean(text: str) -> str:
    """At most ``MAX_CHARS`` characters, without control, format or private characters."""
    text = text[:MAX_CHARS]
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFKC", text.translate(_SAME_MARK))[:MAX_CHARS].translate(_SAME_MARK)
    if not text.isprintable():
        text = "".join(map(_printable, text))
    return text


def _printable(char: str) -> str:
    """The character, a space for one that separates, nothing for one that is invisible."""
    if char.isprintable() or char == "\n":
        return char
    return "" if unicodedata.category(char) == "Cf" else " "


def fold(text: str) -> str:
    """Lower case without accents: ``"Amélie"`` -> ``"amelie"``."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(c for c in spread if not unicodedata.combining(c))


_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"}
)


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Splits text of a language into tokens."""

    # a lower-case word as typed, apostrophes included -> the words it stands for, without any
    spell_out: Callable[[str], tuple[str, ...]]
    ampersand: str  # the word that "&" is read as

    def tokenize(self, text: str) -> Tokens:
        """Splits cleaned text into words and marks; contractions are spelled out."""
        words: list[str] = []
        capitals: list[int] = []
        spans: list[tuple[int, int]] = []
        lower = upper = 0
        for found in _PIECES.finditer(_HYPHEN.sub(" ", text)):
            piece = found[0]
            mark = _MARK_OF.get(piece)
            if mark is not None:
                words.append(mark)
                capitals.append(0)
                spans.append(found.span())
                continue
            if piece == "&" or piece[0] == TAG:
                words.append(self.ampersand if piece == "&" else TAG)
                capitals.append(0)
                spans.append(found.span())
                continue
            level = _level(piece)
            lower += level == 0
            upper += level == 2
            for word in self.spell_out(fold(piece)):
                words.append(word)
                capitals.append(level)
                spans.append(found.span())
        shouting = not any(capitals) or (upper > 1 and upper > lower)
        return Tokens(words, capitals, shouting, not lower, spans)

    def surface(self, text: str) -> tuple[str, ...]:
        """The words of a declared name or phrase as :meth:`tokenize` would give them, marks left out."""
        return tuple(word for word in self.tokenize(clean(text)).words if word not in MARKS)


def _level(piece: str) -> int:
    first = piece[0]
    if first.isdigit():
        return 1
    if len(piece) > 1 and piece.isupper():
        return 2
    return int(piece != piece.lower())


def drop_repetitions(tokens: Tokens, function: Collection[str], meant: Collection[str]) -> None:
    """Drops the first of two copies, in place: "I like I like thrillers", "it was it was good", "the the".

    Args:
        tokens: A message, as it was spoken.
        function: Closed-class words; what is said again begins with one.
        meant: Those of them that are said twice on purpose: "no no".
    """
    words, at = tokens.words, 0
    while at < len(words) - 1:
        size = _repeated(words, at, function, meant)
        if size:
            del words[at : at + size], tokens.capitals[at : at + size], tokens.spans[at : at + size]
        else:
            at += 1


def _repeated(words: list[str], at: int, function: Collection[str], meant: Collection[str]) -> int:
    """How many words from ``at`` on are said again at once, or 0."""
    first = words[at]
    if first not in function:
        return 0
    if words[at + 1] == first:
        return 0 if first in meant else 1
    for size in range(_LONGEST_REPEATED, 1, -1):
        end = at + size
        if end + size <= len(words) and words[end] == first and words[at:end] == words[end : end + size]:
            return 0 if any(word in MARKS for word in words[at:end]) else size
    return 0

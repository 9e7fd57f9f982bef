"""From raw text to tokens: what a person typed, made safe and uniform, before anything is read from it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from chatrec_env.language.english.reading.words import word_set

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
_SAME_MARK: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "，": ",",
        "。": ".",
        "\r": "\n",
        "\t": " ",
    }
)
_TAILS: Final = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
_IS_AFTER: Final = word_set(
    "it that this there here what where who how he she one everything something nothing which"
)
_NOT_STEMS: Final = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_NOT_VERBS: Final = word_set("do does did is are was were could would should have has had must need")
_SPOKEN: Final[dict[str, tuple[str, ...]]] = {
    **{f"{verb}nt": (verb, "not") for verb in sorted(_NOT_VERBS)},
    "cant": ("can", "not"),
    "wont": ("will", "not"),
    "aint": ("is", "not"),
    "cannot": ("can", "not"),
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "ill": ("i", "will"),
    "thats": ("that", "is"),
    "whats": ("what", "is"),
    "theres": ("there", "is"),
    "youre": ("you", "are"),
    "youve": ("you", "have"),
    "theyre": ("they", "are"),
    "lets": ("let", "us"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "gotta": ("got", "to"),
    "gimme": ("give", "me"),
    "lemme": ("let", "me"),
    "dunno": ("do", "not", "know"),
    "idk": ("i", "do", "not", "know"),
    "kinda": ("kind", "of"),
    "sorta": ("sort", "of"),
    "pls": ("please",),
    "plz": ("please",),
    "thx": ("thanks",),
    "ty": ("thanks",),
    "tnx": ("thanks",),
    "cuz": ("because",),
    "bc": ("because",),
    "tho": ("though",),
    "smth": ("something",),
    "sth": ("something",),
    "rly": ("really",),
    "def": ("definitely",),
    "prolly": ("probably",),
    "ofc": ("of", "course"),
    "nvm": ("never", "mind"),
    "luv": ("love",),
    "fav": ("favorite",),
    "fave": ("favorite",),
    "faves": ("favorites",),
    "w": ("with",),
    "gf": ("girlfriend",),
    "bf": ("boyfriend",),
    "nothin": ("nothing",),
    "somethin": ("something",),
    "anythin": ("anything",),
    "u": ("you",),
    "ur": ("your",),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """A message in tokens.

    Attributes:
        words: Lower-case words without accents or apostrophes (``don't`` -> ``do``, ``not``) and marks.
        capitals: Per token 0 lower case, 1 capitalised or a number, 2 upper case throughout.
        shouting: Capitals carry no information: words are in upper case, or none has a capital.
        titled: Every word has a capital, as in a headline.
    """

    words: list[str]
    capitals: list[int]
    shouting: bool
    titled: bool


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


def tokenize(text: str) -> Tokens:
    """Splits cleaned text into words and marks; contractions are spelled out."""
    words: list[str] = []
    capitals: list[int] = []
    lower = upper = 0
    for piece in _PIECES.findall(_HYPHEN.sub(" ", text)):
        mark = _MARK_OF.get(piece)
        if mark is not None:
            words.append(mark)
            capitals.append(0)
            continue
        if piece == "&" or piece[0] == TAG:
            words.append("and" if piece == "&" else TAG)
            capitals.append(0)
            continue
        level = _level(piece)
        lower += level == 0
        upper += level == 2
        for word in spell_out(fold(piece)):
            words.append(word)
            capitals.append(level)
    return Tokens(words, capitals, not any(capitals) or (upper > 1 and upper > lower), not lower)


def _level(piece: str) -> int:
    first = piece[0]
    if first.isdigit():
        return 1
    if len(piece) > 1 and piece.isupper():
        return 2
    return int(piece != piece.lower())


def spell_out(word: str) -> tuple[str, ...]:
    """A lower-case word as typed -> words without apostrophes: ``"isn't"`` -> ``("is", "not")``."""
    if "'" not in word:
        return _SPOKEN.get(word) or (word,)
    if word.endswith("n't"):
        stem = word[:-3]
        return _NOT_STEMS.get(stem, stem), "not"
    stem, _, tail = word.rpartition("'")
    stem = stem.replace("'", "")
    if tail in _TAILS:
        return stem, _TAILS[tail]
    if tail == "s":
        if stem == "let":
            return "let", "us"
        return stem, "is" if stem in _IS_AFTER else "s"
    return (stem + tail,)


def surface(text: str) -> tuple[str, ...]:
    """The words of a declared name or phrase as ``tokenize`` would give them, marks left out."""
    return tuple(word for word in tokenize(clean(text)).words if word not in MARKS)

"""The indefinite article: "a" or "an", by the sound that follows."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_AN_DESPITE_CONSONANT: Final = re.compile(
    r"hour|honest|honou?r|heir|(?:8|11|18)(?!\d)|8\d(?!\d)|18\d\d", re.IGNORECASE
)
_A_DESPITE_VOWEL: Final = re.compile(
    r"uni(?!mp|mag|nt|ns|nv)|use|usu|eu|ewe|one\b|once\b|ubiq|utop|uk\b|us\b", re.IGNORECASE
)
_SPELLED_OUT: Final = re.compile(r"[A-Z]{1,3}(?![^\W_])")  # an FBI film, a BBC film, an R&B song
_LETTERS_WITH_VOWEL_SOUND: Final = frozenset("AEFHILMNORSX")
_LEADING: Final = re.compile(r"(a) (?=\S)", re.IGNORECASE)


def article(words: str) -> str:
    """``"an"`` where ``words`` start with a vowel sound, else ``"a"``."""
    if _AN_DESPITE_CONSONANT.match(words):
        return "an"
    if _A_DESPITE_VOWEL.match(words):
        return "a"
    if _SPELLED_OUT.match(words):
        return "an" if words[0] in _LETTERS_WITH_VOWEL_SOUND else "a"
    bare = unicodedata.normalize("NFD", words[:1].lower())[:1]
    return "an" if bare and bare in "aeiou" else "a"


def with_article(words: str) -> str:
    """``words`` with the indefinite article in front."""
    return f"{article(words)} {words}"


def correct_article(text: str) -> str:
    """``"a animated film"`` -> ``"an animated film"``; a text that begins otherwise comes back unchanged."""
    leading = _LEADING.match(text)
    if leading is None or article(text[leading.end() :]) == "a":
        return text
    return f"{leading[1]}n {text[leading.end() :]}"

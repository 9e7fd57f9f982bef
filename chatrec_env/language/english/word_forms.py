"""Forms of English words, as the package takes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from chatrec_env.language.word_forms import WordForms

_AN_DESPITE_CONSONANT: Final = re.compile(
    r"hour|honest|honou?r|heir|(?:8|11|18)(?!\d)|8\d(?!\d)|18\d\d", re.IGNORECASE
)
_A_DESPITE_VOWEL: Final = re.compile(
    r"uni(?!mp|mag|nt|ns|nv)|use|usu|eu|ewe|one\b|once\b|ubiq|utop|uk\b|us\b", re.IGNORECASE
)
_SPELLED_OUT: Final = re.compile(
    r"(?:[A-Z]{1,3}|[a-z])(?![^\W_])"
)  # an FBI film, a BBC film, an x-large shirt
_LETTERS_WITH_VOWEL_SOUND: Final = frozenset("AEFHILMNORSX")
_LEADING: Final = re.compile(r"(a) (?=\S)", re.IGNORECASE)


def article(words: str) -> str:
    """``"an"`` where ``words`` start with a vowel sound, else ``"a"``."""
    if _AN_DESPITE_CONSONANT.match(words):
        return "an"
    if _A_DESPITE_VOWEL.match(words):
        return "a"
    if _SPELLED_OUT.match(words):
        return "an" if words[0].upper() in _LETTERS_WITH_VOWEL_SOUND else "a"
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


_VOWELS = frozenset("aeiou")


def plural(word: str) -> str:
    """``comedy`` -> ``comedies``."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def singular(word: str) -> str:
    """``comedies`` -> ``comedy``; a word that is no regular plural comes back unchanged."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def comparatives(word: str) -> tuple[str, ...]:
    """``scary`` -> ``scarier``, ``scariest``; nothing for long words, which take "more"."""
    if len(word) > 7 or len(word) < 3:
        return ()
    if word.endswith("y") and word[-2] not in _VOWELS:
        stem = word[:-1] + "i"
    elif word.endswith("e"):
        stem = word[:-1]
    elif word[-1] not in _VOWELS | {"w", "x", "y"} and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        stem = word + word[-1]
    else:
        stem = word
    return stem + "er", stem + "est"


def positive(word: str) -> Iterator[str]:
    """The words a comparative may come from: ``newer`` -> ``new``, ``newe``; ``bigger`` -> ``big``."""
    if not word.endswith("er") or len(word) < 5:
        return
    stem = word[:-2]
    yield stem
    yield stem + "e"
    if stem.endswith("i"):
        yield stem[:-1] + "y"
    if stem[-1] == stem[-2]:
        yield stem[:-1]


def stems(word: str) -> tuple[str, ...]:
    """Words that a word may be the plural or the comparative of."""
    return (singular(word), *positive(word))


def gerund(verb: str) -> str:
    """``watch`` -> ``watching``, ``listen to`` -> ``listening to``."""
    head, space, rest = verb.partition(" ")
    if space:
        return f"{gerund(head)} {rest}"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    if len(verb) > 2 and verb[-1] in "bdgmnpt" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS:
        return verb + verb[-1] + "ing"
    return verb + "ing"


def variants(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A phrase with its last word in the other number, and joined up: ``sci fi`` -> ``scifi``."""
    last = words[-1]
    if last.isalpha() and len(last) > 2:
        for other in (singular(last), plural(singular(last))):
            if other != last:
                yield (*words[:-1], other)
    if len(words) == 2 and words[0].isalpha() and last.isalpha() and len(words[0]) + len(last) > 4:
        yield (words[0] + last,)


WORD_FORMS: Final = WordForms(
    with_article=with_article, correct_article=correct_article, plural=plural, singular=singular
)

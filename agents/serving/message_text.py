"""Splits what a user types into clean sentences. It is data: nothing in it is run, formatted or followed."""

from __future__ import annotations

import re
import unicodedata

from chatrec_env.core.user_simulator import USER_SENTENCES

MAX_CHARACTERS = 1_000
"""Longest message."""

_ABBREVIATIONS = frozenset(
    ("dr", "mr", "mrs", "ms", "st", "vs", "vol", "inc", "jr", "sr", "prof", "etc", "pt", "ft")
)
_BREAK = re.compile(r"([.!?…]+[\"'”’)]*)\s+")
_LAST_WORD = re.compile(r"[\w.]+$")


def tidy(text: str) -> str:
    """One line: composed characters (NFC), control and format characters as blanks, blanks collapsed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def split_sentences(text: str) -> list[str]:
    """The sentences of a message, at most ``USER_SENTENCES``; what is over stays with the last.

    A line break ends a sentence, and so does ``. ! ?`` before a blank, except after an abbreviation ("Dr."),
    an initial or dotted letters ("E.T.").
    """
    sentences = []
    for line in text.splitlines():
        clean = tidy(line)
        start = 0
        for found in _BREAK.finditer(clean):
            if found[1][:2] in (".", '."', ".)") and not _ends(clean[start : found.start()]):
                continue
            sentences.append(clean[start : found.end()].strip())
            start = found.end()
        sentences.append(clean[start:])
    sentences = [s for s in sentences if s]
    if len(sentences) > USER_SENTENCES:
        last = USER_SENTENCES - 1
        sentences = [*sentences[:last], " ".join(sentences[last:])]
    return sentences


def _ends(before: str) -> bool:
    """Whether a full stop after ``before`` ends a sentence."""
    found = _LAST_WORD.search(before)
    if found is None:
        return True
    word = found[0]
    initial = len(word) == 1 and word.isalpha() and word != "I"
    return not (initial or "." in word or word.lower() in _ABBREVIATIONS)

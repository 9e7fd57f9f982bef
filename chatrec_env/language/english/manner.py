"""How people type: the casing, full stops, apostrophes, short forms, slips and signs of hasty messages."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from chatrec_env.language.english.phrases import capitalize
from chatrec_env.language.english.typos import misspell, stream

SHORT_FORMS: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(rf"(?<![\w{{'])(?:{words})(?![\w}}'])", re.IGNORECASE), tuple(short.split("|")))
    for words, short in (
        ("please", "pls|plz"),
        ("something", "smth|sth|somethin"),
        ("you're", "ur|youre"),
        ("you", "u"),
        ("your", "ur"),
        ("really", "rly|realy"),
        ("thanks", "thx|thnx"),
        ("thank you", "ty|thank u"),
        ("want to", "wanna"),
        ("kind of", "kinda"),
        ("don't know", "dunno|dont know"),
        ("definitely", "def|definitly"),
        ("probably", "prob|probly"),
        ("okay", "k|okey"),
        ("because", "cuz|bc"),
        ("what's", "whats"),
        ("to be honest", "tbh"),
        ("by the way", "btw"),
        ("recommend", "recomend"),
        ("looking", "lookin"),
    )
)
"""Words of the wording (never of what fills its slots), and how they are shortened."""

ENDINGS: Final = (" :)", " lol", "...", " haha", "!!", " 🙂", " 😅", "..")
QUESTION_ENDINGS: Final = (" 🤔", "??", " :)", " lol")


def shortened(wording: str, seed: int) -> str:
    """A wording with some of its words in short, its slots untouched; depends on the seed alone."""
    numbers = stream(f"short {seed}")
    for pattern, forms in SHORT_FORMS:
        draw = next(numbers)
        if draw % 3 == 0:
            wording = pattern.sub(forms[draw // 3 % len(forms)], wording)
    return wording


def typed(text: str, seed: int, vocabulary: Collection[str]) -> str:
    """A message as it is typed in haste.

    Args:
        text: As cores are written: no final full stop.
        seed: Decides what is done to it: nine in ten lose their final stop, two in three all capitals, half their
            apostrophes, one in four gets a slip, one in eight a sign of mood.
        vocabulary: Lower-case words that a slip must not produce.
    """
    numbers = stream(f"typed {seed}")
    case, apostrophes, slips, ends, sign = (next(numbers) for _ in range(5))
    if slips % 4 == 0:
        text = misspell(text, vocabulary=vocabulary)
    text = text.lower() if case % 3 else (capitalize(text) if case % 2 else text)
    if apostrophes % 2:
        text = text.replace("'", "")
    asks = text.endswith("?")
    if asks and ends % 2:
        text = text[:-1]
    if sign % 8 == 0 and text[-1:] not in ("!", ".", "…"):
        text += (QUESTION_ENDINGS if asks else ENDINGS)[sign // 8 % (4 if asks else 8)]
    elif ends % 10 == 0 and text[-1:] not in (*"!?.…",):
        text += "."
    return text


def finished(text: str, *, stop: bool = True, capital: bool = True) -> str:
    """A message as it is typed with care: a capital, and a full stop unless it is left out."""
    text = capitalize(text) if capital else text
    return f"{text}." if stop and text[-1] not in ".!?…" else text

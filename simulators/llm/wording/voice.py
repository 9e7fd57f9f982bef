"""Whose voice a wording is in: a person's who says "I", not the assistant's, and nobody's who describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from chatrec_env.language.contract import get_language
from simulators.llm.wording.examples import WORDS, words_of

_MORE = 3
"""Words that a text may have more than the longest wording; with more, it tells something of its own."""

_RUN = 3
"""Words in a row that no two sentences of a turn have in common: "I'm looking for a drama. I'm looking for ..."."""

_SENTENCE = re.compile(r"[.!?…]+(?=\s|$)")
_NUMBER = re.compile(r"\d+")


def in_own_voice(text: str, wordings: Iterable[str]) -> bool:
    """Whether a text can be what the person says whose act has these wordings.

    It asks only where a wording asks; is not sure only where several are not; tells what "you" are, says yes or no,
    approves, remarks on what is there or breaks off only where one does; has no name and no number that none has, is
    hardly longer than the longest of them, and says nothing twice. What was, what must be,
    what "you" like, and phrases of little words it has only as one of them does.
    """
    wordings = list(wordings)
    own = " ".join(wordings)
    if "?" in text and "?" not in own:
        return False
    if _repeats(text) and not any(map(_repeats, wordings)):
        return False
    if _sentences(text) > max(map(_sentences, wordings)):
        return False
    if len(WORDS.findall(text)) > max(len(WORDS.findall(one)) for one in wordings) + _MORE:
        return False
    guards = get_language().guards
    for pattern in guards.phrases:
        if not _phrases(pattern, [text]) <= _phrases(pattern, wordings):
            return False
    for pattern in guards.kinds:
        if pattern.search(text) and not any(map(pattern.search, wordings)):
            return False
    if guards.unsure.search(text) and sum(bool(guards.unsure.search(one)) for one in wordings) < 2:
        return False
    known = own.casefold()
    names = (name.casefold() for name in guards.names.findall(text))
    return all(name in known for name in names) and set(_NUMBER.findall(text)) <= set(_NUMBER.findall(own))


def same_company(text: str, said: str) -> bool:
    """Whether a text tells of nobody but those that a sentence tells of: not of "my wife" where it was a friend."""
    company = get_language().guards.company
    return set(company.findall(text.casefold())) <= set(company.findall(said.casefold()))


def _phrases(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    """What a pattern, or its group, finds in texts."""
    return {found[pattern.groups].casefold() for text in texts for found in pattern.finditer(text)}


def _sentences(text: str) -> int:
    """How many sentences a text has, the last one with or without its mark."""
    return len(_SENTENCE.findall(text.rstrip(".!?… ") + "."))


def _repeats(text: str) -> bool:
    """Whether two words in a row come twice."""
    words = words_of(text)
    runs = list(pairwise(words))
    return len(set(runs)) < len(runs)


def echoes(text: str, others: list[str]) -> bool:
    """Whether a text has a run of words of another sentence of the same turn."""
    return any(_runs(text) & _runs(other) for other in others)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}

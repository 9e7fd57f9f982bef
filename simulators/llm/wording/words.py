"""What words a small model may put an act in: everyday ones and those of its other wordings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from chatrec_env.language import Grammar
from chatrec_env.language.contract import get_language
from simulators.llm.wording.examples import WORDS, vocabulary, words_of

_EVERYDAY = frozenset(
    WORDS.findall(
        "a an the i me my i'm i'd i've i'll it it's this that that's there there's one ones some any "
        "something anything am is are was be been being do does did have has had would could can will shall "
        "to of for in on at with about from by like than as and or but if so please just really actually "
        "rather quite very maybe then now right want wanted love loved liked prefer need needed see seen "
        "watch watched look looking find go going feel think choose great good nice fine little enjoy "
        "enjoyed sorry absolutely hey hi hello oh ah um uh hm hmm well ok okay"
    )
)
"""Words of every sentence: whoever words an act may use them beside those that its wordings have."""


_PREPOSITIONS = "about|for|from|in|of|on|with|like|at"
_LEADING = f"an?|the|some|any|{_PREPOSITIONS}"
"""What may lead in the name of a value only as a wording has it: "a romance", no "some violent", no "about scary"."""

_VERBS = "is|are|would|could|can|will|sounds"
"""Behind a name that opens a text only where a wording has that: no "Nostalgic would be great."."""


def in_its_words(text: str, known: Iterable[str]) -> bool:
    """Whether a text has no words but everyday ones and those of known texts: wordings of its act, names of its values.

    A small model that takes others tells something of its own: "It's just a cross-section of the entire universe."
    "Not" is no everyday word: what no wording denies is not denied. No other word comes twice: "Romantic, it would be
    romantic."
    """
    others = [word for word in words_of(text) if word not in _EVERYDAY]
    return len(set(others)) == len(others) and set(others).issubset(w for one in known for w in words_of(one))


class Words:
    """Whether texts keep to the words of what they word.

    Not asked of whole turns: these are for larger models, which tell nothing of their own.

    Args:
        grammar: Whose sentences are worded.
    """

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        catalog, told = grammar.catalog, grammar.catalog.declaration
        self._nouns = (catalog.noun, catalog.noun_plural, *told.noun_synonyms)
        self._known = (*self._nouns, told.verb, *told.verb_past)

    def fit(
        self, text: str, sentences: Sequence[int], wordings: Sequence[str], values: Iterable[int]
    ) -> bool:
        """Whether a text has no other words, and has articles and prepositions before names only as the wordings do.

        "A working life, please." and "something about set in space" have others.

        Args:
            text: The text.
            sentences: Ids of what it words.
            wordings: The wordings of these.
            values: Values that they state.
        """
        grammar, things = self.grammar, "|".join(map(re.escape, self._nouns))
        told = [vocabulary(grammar, *grammar.describe(i)[:2]) for i in sentences]
        for value in values:
            texts = sorted(get_language().value_texts(grammar.catalog, value), key=len, reverse=True)
            told.append(texts)
            bare = [one for one in texts if one and not set(self._nouns) & set(one.split())]
            names, long = _any_of(bare), _any_of(one for one in bare if one.count(" ") > 1)
            for pattern in (
                rf"\b(?:{_LEADING}) (?:{names})\b(?! (?:{things}))",
                rf"\b(?:{_LEADING}) (?:{long})\b",
                rf"^(?:{names}) (?:{_VERBS})\b",
                rf"\b(?:{_PREPOSITIONS}) (?:an?|the|some|any) \w+",
            ):
                if not _found(pattern, [text]) <= _found(pattern, wordings):
                    return False
        return in_its_words(text, chain(self._known, *told))


def _any_of(names: Iterable[str]) -> str:
    """A pattern of names, whose words may be joined by hyphens; of none where there are none."""
    return "|".join(re.escape(name).replace(r"\ ", "[ -]") for name in names) or "(?!)"


def _found(pattern: str, texts: Iterable[str]) -> set[str]:
    return {found.group().casefold() for text in texts for found in re.finditer(pattern, text, re.I)}

"""What words a small model may put an act in: everyday ones and those of its other wordings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from chatrec_env.language import Grammar
from chatrec_env.language.contract import get_language
from simulators.llm.wording.examples import vocabulary, words_of


def in_its_words(text: str, known: Iterable[str]) -> bool:
    """Whether a text has no words but everyday ones and those of known texts: wordings of its act, names of its values.

    A small model that takes others tells something of its own: "It's just a cross-section of the entire universe."
    "Not" is no everyday word: what no wording denies is not denied. No other word comes twice: "Romantic, it would be
    romantic."
    """
    everyday = get_language().guards.everyday
    others = [word for word in words_of(text) if word not in everyday]
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
            for pattern in get_language().guards.around(names, long, things):
                if not _found(pattern, [text]) <= _found(pattern, wordings):
                    return False
        return in_its_words(text, chain(self._known, *told))


def _any_of(names: Iterable[str]) -> str:
    """A pattern of names, whose words may be joined by hyphens; of none where there are none."""
    return "|".join(re.escape(name).replace(r"\ ", "[ -]") for name in names) or "(?!)"


def _found(pattern: str, texts: Iterable[str]) -> set[str]:
    return {found.group().casefold() for text in texts for found in re.finditer(pattern, text, re.I)}

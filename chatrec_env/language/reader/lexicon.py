"""The lexicon: every phrase that is known for a language and a catalogue, in one trie over words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import IntEnum
from typing import Any, Final

from chatrec_env.language.reader.chunks import Kind

_END: Final = ""  # key of a node's entry; no token is empty
_TELLING: Final = 3
"""Words from which on the name of a value may be closed-class words alone and is read anywhere: "one to one"."""

Phrase = tuple[str, ...]
Entry = tuple[int, Any]
"""A :class:`~.chunks.Cue` or :class:`~.chunks.Kind`, and what it is about."""

Node = dict[str, Any]


class Rank(IntEnum):
    """How a phrase came to name a value; where it names several, the lowest rank wins. Examples are English."""

    ADJECTIVE = 0  # before the noun of a declared phrase: a *French* film
    NAME = 1
    PHRASE = 2  # a declared phrase, or what follows its noun: *about heists*
    SYNONYM = 3
    SWAPPED = 4  # a declared phrase with another word for the noun: a romantic *movie*
    DERIVED = 5


class Lexicon:
    """Phrases of a language and of one catalogue, by their words.

    Args:
        adverbs: Words that may stand inside a phrase without changing it.
        nouns: The last words of the catalogue's nouns and of other words for them.
        proper: Words that the catalogue writes with a capital.

    Attributes:
        words: Every word of every phrase, for telling slips from words.
        value_words: Single words that name a value.
        telling: Words of values and nouns.
    """

    def __init__(self, *, adverbs: Collection[str], nouns: frozenset[str], proper: frozenset[str]) -> None:
        self._root: Node = {}
        self._bare: dict[Phrase, tuple[int, ...]] = {}
        self._adverbs = adverbs
        self.words: set[str] = set()
        self.value_words: set[str] = set()
        self.telling: set[str] = set(nouns)
        self.nouns, self.proper = nouns, proper

    def match(self, words: list[str], start: int) -> tuple[Entry | None, int]:
        """The longest phrase that begins at ``start``: its entry and end, or ``(None, start)``."""
        root = self._root.get(words[start])
        if root is None:
            return None, start
        entry: Entry | None = root.get(_END)
        end = at = start + 1
        nodes, n = [root], len(words)
        while at < n:
            word = words[at]
            at += 1
            reached = [node[word] for node in nodes if word in node]
            for node in reached:
                if _END in node:
                    entry, end = node[_END], at
                    break
            if word in self._adverbs:
                reached += nodes
            if not reached:
                break
            nodes = reached
        return entry, end if entry is not None else start

    def bare(self, words: Phrase) -> tuple[int, ...]:
        """Values that words name when they are the whole reply, where that differs from inside a sentence."""
        return self._bare.get(words, ())

    def put(self, words: Phrase, entry: Entry, *, replace: bool = False) -> None:
        """Adds a phrase; one that is there already keeps its entry, unless ``replace``."""
        if not words:
            return
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        if replace or _END not in node:
            node[_END] = entry
        self.words.update(words)

    def put_values(
        self,
        values: Mapping[Phrase, list[tuple[Rank, int]]],
        function: Collection[str],
        forms: Callable[[str], Iterable[str]],
    ) -> None:
        """Adds the phrases that name values.

        Args:
            values: Ranked values by phrase.
            function: Closed-class words: a phrase of these alone names a value only as a whole reply.
            forms: Other forms of a single word.
        """
        derived: dict[str, tuple[int, ...]] = {}
        for words, candidates in values.items():
            ranked = sorted(candidates)
            best = tuple(dict.fromkeys(v for _, v in ranked))
            named = tuple(v for rank, v in ranked if rank == Rank.NAME)
            telling = named and len(words) >= _TELLING
            common = not telling and all(word in function for word in words)
            self.telling.update(word for word in words if word not in function)
            if common or (self._has(words) and not named):
                self._bare.setdefault(words, best)
                continue
            if named and named[0] != best[0]:
                self._bare[words] = tuple(dict.fromkeys((*named, *best)))
            self.put(words, (Kind.VALUE, best), replace=True)
            if len(words) == 1:
                self.value_words.update(words)
                derived.update((form, best) for form in forms(words[0]))
        for form, best in derived.items():
            # Not through put: a made-up form is no word to correct others to.
            self._root.setdefault(form, {}).setdefault(_END, (Kind.VALUE, best))

    def _has(self, words: Phrase) -> bool:
        node = self._root
        for word in words:
            if word not in node:
                return False
            node = node[word]
        return _END in node


def expand(pattern: str) -> list[tuple[str, ...]]:
    """All phrases a pattern stands for: ``"no (more|) x"`` -> ``no more x``, ``no x``.

    Alternatives ``(a|b)`` may hold further ones.
    """
    return list(dict.fromkeys(tuple(text.split()) for text in _alternatives(pattern, 0)[0]))


def _alternatives(pattern: str, at: int) -> tuple[list[str], int]:
    """The texts that the pattern stands for from ``at`` to the bracket that closes it, and where that is."""
    done, current = [], [""]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "(":
            inner, at = _alternatives(pattern, at + 1)
            current = [head + tail for head in current for tail in inner]
            at += 1
        elif pattern[at] == "|":
            done += current
            current = [""]
            at += 1
        else:
            end = min((i for i in map(pattern.find, "()|", (at,) * 3) if i >= 0), default=len(pattern))
            current = [head + pattern[at:end] for head in current]
            at = end
    return done + current, at


def phrases(patterns: str, words: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The phrases of a text of patterns, which are separated by semicolons or line ends.

    Args:
        patterns: The text.
        words: What stands for ``{verb}``, ``{verbing}``, ``{seen}``, ``{noun}`` and ``{nouns}``; several
            forms are separated by ``|``.
    """
    text = patterns.format_map({key: f"({word})" for key, word in words.items()})
    found = [phrase for line in re.split(r"[;\n]", text) for phrase in expand(line.strip()) if phrase]
    return list(dict.fromkeys(found))

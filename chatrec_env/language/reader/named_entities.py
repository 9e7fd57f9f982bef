"""Named entities (people, as a rule) in a sentence: full names anywhere, surnames where it is safe."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from chatrec_env.language.contract import Language
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.text import QUESTION, QUOTE, STOP, Tokens, token_at

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_END: Final = ""
_DOMINANCE: Final = 4
"""A surname stands for one of several people only if they have this many times the items of the next."""
_MIN_SURNAME: Final = 4


class NamedEntities:
    """The named entities of a catalogue, to be found in sentences.

    A word with another meaning in the lexicon is no surname.
    """

    def __init__(self, catalog: Catalog, lexicon: Lexicon, language: Language) -> None:
        self._root: dict[str, Any] = {}
        frequent, surface = language.frequency_list(), language.tokenizer.surface
        self._top, self._common, self._stems = frequent.top, frequent.common, language.stems
        self._function, self._around = language.words.function, language.words.names
        self._nouns = lexicon.nouns
        self._known = lexicon.words
        self.words: set[str] = set()
        self._surnames: dict[str, int] = {}
        bearers: dict[str, list[tuple[int, int]]] = {}
        for entity, name in enumerate(catalog.entity_names):
            words = surface(name)
            if not words:
                continue
            self._put(words, entity)
            plain = name.replace(".", "").replace("-", " ")
            joined = surface(plain) if plain != name else words
            if joined and joined != words:
                self._put(joined, entity)
            last = words[:-1] if words[-1] in self._around.suffixes and len(words) > 2 else words
            if len(last) > 1:
                self._put(last, entity)
                bearers.setdefault(last[-1], []).append((len(catalog.entity_items[entity]), entity))
        for surname, owners in bearers.items():
            owners.sort(key=lambda owner: (-owner[0], owner[1]))
            alone = len(owners) == 1 or owners[0][0] >= _DOMINANCE * owners[1][0]
            if alone and len(surname) >= _MIN_SURNAME and surname.isalpha() and surname not in self._known:
                self._surnames[surname] = owners[0][1]

    def match(self, tokens: Tokens, start: int, taken: Collection[int]) -> tuple[int, int]:
        """The entity named at ``start`` and its end, or ``(-1, start)``; ``taken`` are tokens of titles."""
        words = tokens.words
        node = self._root.get(words[start])
        found = (-1, start)
        at = start
        while node is not None:
            at += 1
            if _END in node and self._full(tokens, start, at):
                found = (node[_END], at)
            node = node.get(words[at]) if at < len(words) and at not in taken else None
        if found[0] < 0 and words[start] in self._surnames and self._surname(tokens, start):
            found = (self._surnames[words[start]], start + 1)
        return found

    def _full(self, tokens: Tokens, start: int, end: int) -> bool:
        """A name of ordinary words ("Will Smith", "Cher") needs capitals or a cue."""
        words = tokens.words[start:end]
        cue = start > 0 and tokens.words[start - 1] in self._around.cues
        shown = not tokens.shouting and all(tokens.capitals[i] for i in range(start, end))
        if len(words) == 1:
            return (
                cue
                and (shown or tokens.words[start - 1] in self._around.sure_cues)
                and words[0] not in self._known
            )
        return shown or cue or any(word not in self._top for word in words)

    def _surname(self, tokens: Tokens, start: int) -> bool:
        word, around = tokens.words[start], self._around
        left, right = token_at(tokens.words, start - 1), token_at(tokens.words, start + 1)
        shown = not tokens.shouting and tokens.capitals[start] > 0 and left not in (STOP, QUESTION, QUOTE)
        if shown and (self._is_name(tokens, start - 1) or self._is_name(tokens, start + 1)):
            return False  # someone else of that name
        if self._is_common(word):
            fair = left in around.fair_cues and word not in self._top
            return shown and (left in around.sure_cues or fair)
        return shown or left in around.cues or right in self._nouns or len(word) > 5

    def _is_common(self, word: str) -> bool:
        return word in self._common or any(stem in self._common for stem in self._stems(word))

    def _put(self, words: tuple[str, ...], entity: int) -> None:
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        node.setdefault(_END, entity)
        self.words.update(words)

    def _is_name(self, tokens: Tokens, at: int) -> bool:
        """Whether a token looks like another part of a name: a capital that no sentence start explains."""
        if not 0 <= at < len(tokens.words) or tokens.capitals[at] != 1 or tokens.words[at] in self._function:
            return False
        opening = at == 0 or tokens.words[at - 1] in (STOP, QUESTION, QUOTE)
        return not opening or at + 1 == len(tokens.words)

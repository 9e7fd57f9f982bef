"""The lexicon: every phrase the parser knows for a catalogue, in one trie over words."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from chatrec_env.language.nlu.cues import ADVERBS, FUNCTION, Cue, phrases
from chatrec_env.language.nlu.morphology import comparatives, gerund, plural, positive, variants
from chatrec_env.language.nlu.text import surface

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog, Facet

ADJECTIVE, NAME, PHRASE, SYNONYM, DERIVED = range(5)
"""How a phrase came to name a value: before the noun (a *French* film), by its own name, ..."""
TOP_RANK: Final = 1_500
COMMON_RANK: Final = 12_000
_END: Final = ""  # key of a trie node's entry; no token is empty
_SAME_NOUN: Final = (("film", "movie", "flick"), ("song", "track", "tune"), ("book", "novel"), ("dish", "recipe"),
                     ("restaurant", "eatery"), ("series", "programme"), ("product", "item"))
_ALSO_MORE: Final[dict[str, tuple[str, ...]]] = {
    "newer": ("more recent", "more modern", "more up to date"),
    "older": ("earlier", "more classic", "less recent", "less modern"),
    "longer": ("lengthier",),
    "shorter": ("briefer", "quicker"),
}
_NAME_LINKS: Final = ("a", "an", "the", "some")


class Kind(IntEnum):
    """What a stretch of text was recognised as; numbers continue those of :class:`Cue`."""

    VALUE = 100  # data: candidate values, best first
    GROUP = 101  # data: values that all hold (the decades of a span of years)
    CRITIQUE = 102  # data: a value; the phrase includes "too"
    CONTEXT = 103  # data: a context
    FACET = 104  # data: a facet, named by its question noun
    COMPARATIVE = 105  # data: (facet, direction): newer
    POSITIVE = 106  # data: (facet, direction): new
    NOUN = 107
    ENTITY = 108  # data: an entity
    TITLE = 109  # data: an item
    WORD = 110  # anything else
    STOP = 111
    COMMA = 112


Node = dict[str, Any]
Entry = tuple[int, Any]


@cache
def english_words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The most common English words, the common ones, and all that are listed."""
    lines = resources.files(__package__).joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    ranked = [line for line in lines if line and not line.startswith("#")]
    return frozenset(ranked[:TOP_RANK]), frozenset(ranked[:COMMON_RANK]), frozenset(ranked)


class Lexicon:
    """Phrases of English and of one catalogue.

    Args:
        catalog: The catalogue whose facets, contexts and nouns are read.

    Attributes:
        words: Every word of every phrase, for telling slips from words.
        value_words: Single words that name a value.
        telling: Words of values, facets and nouns.
        proper: Words that the catalogue writes with a capital.
        nouns: The catalogue's nouns and other words for them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._root: Node = {}
        self._bare: dict[tuple[str, ...], tuple[int, ...]] = {}
        self.words: set[str] = set()
        self.value_words: set[str] = set()
        nouns = _nouns(catalog)
        self.nouns = frozenset(word for group in nouns for noun in group for word in surface(noun)[-1:])
        self._add_cues(catalog, nouns)
        values: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for v, value in enumerate(catalog.value_names):
            facet = catalog.facets[int(catalog.value_facet[v])]
            for rank, words in _value_surfaces(facet, value, nouns, catalog, v):
                values.setdefault(words, []).append((rank, v))
        self._add_comparatives(catalog)
        self._add_values(values)
        self.telling = {word for words in values for word in words} - FUNCTION | self.nouns
        self.proper = {
            word
            for text in _declared(catalog)
            for piece in text.split()
            if piece[:1].isupper()
            for word in surface(piece)
        }
        for v, critique in enumerate(catalog.value_critiques):
            words = surface(critique)
            if len(words) > 1 and words[0] == "too":
                self._put(words, (Kind.CRITIQUE, v))
                if words[1:2] == ("much",):
                    self._put(("too", "many", *words[2:]), (Kind.CRITIQUE, v))
        for c, context in enumerate(catalog.contexts):
            for text in (context.name, context.phrase, *context.synonyms):
                words = surface(text)
                if text != context.name or len(words) > 1:
                    self._put(words, (Kind.CONTEXT, c))
        for f, facet in enumerate(catalog.facets):
            for text in (facet.question, facet.name, facet.name.replace("_", " ")):
                words = surface(text)
                if words:
                    self._put(words, (Kind.FACET, f), weak=True)
                    self._put((*words[:-1], plural(words[-1])), (Kind.FACET, f), weak=True)
        for group in nouns:
            for noun in group:
                self._put(surface(noun), (Kind.NOUN, None), weak=True)

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
            if word in ADVERBS:
                reached += nodes
            if not reached:
                break
            nodes = reached
        return entry, end if entry is not None else start

    def bare(self, words: tuple[str, ...]) -> tuple[int, ...]:
        """Values that words name when they are the whole reply, where that differs from inside a sentence."""
        return self._bare.get(words, ())

    def _put(self, words: tuple[str, ...], entry: Entry, *, weak: bool = False) -> None:
        if not words:
            return
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        if not (weak and _END in node):
            node[_END] = entry
        self.words.update(words)

    def _taken(self, words: tuple[str, ...]) -> bool:
        node = self._root
        for word in words:
            if word not in node:
                return False
            node = node[word]
        return _END in node

    def _add_cues(self, catalog: Catalog, nouns: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        verb = " ".join(surface(catalog.verb)) or "try"
        past = dict.fromkeys(" ".join(surface(text)) for text in (*catalog.verb_past, "seen", "tried"))
        slots = {
            "verb": verb,
            "verbing": gerund(verb),
            "seen": "|".join(text for text in past if text),
            "noun": "|".join(" ".join(surface(noun)) for noun in nouns[0]),
            "nouns": "|".join(" ".join(surface(noun)) for noun in nouns[1]),
        }
        for cue in Cue:
            for words in phrases(cue, slots):
                self._put(words, (cue, None), weak=True)

    def _add_values(self, values: dict[tuple[str, ...], list[tuple[int, int]]]) -> None:
        english = english_words()[1]
        derived: dict[str, tuple[int, ...]] = {}
        for words, candidates in values.items():
            best = tuple(dict.fromkeys(v for _, v in sorted(candidates)))
            candidates.sort()
            exact = any(rank == NAME for rank, _ in candidates)
            if all(word in FUNCTION for word in words) or (self._taken(words) and not exact):
                self._bare.setdefault(words, best)
                continue
            if exact and candidates[0][0] != NAME:
                named = tuple(v for rank, v in candidates if rank == NAME)
                self._bare[words] = (*named, *(v for v in best if v not in named))
            self._put(words, (Kind.VALUE, best))
            if len(words) == 1:
                self.value_words.update(words)
                derived.update((form, best) for form in comparatives(words[0]) if form not in english)
        for form, best in derived.items():
            if not self._taken((form,)):
                self._root.setdefault(form, {})[_END] = (Kind.VALUE, best)

    def _add_comparatives(self, catalog: Catalog) -> None:
        english = english_words()[1]
        for f, facet in enumerate(catalog.facets):
            for declared, direction in ((facet.more, 1), (facet.less, -1)):
                words = surface(declared)
                if not words:
                    continue
                for other in (declared, *_ALSO_MORE.get(declared, ())):
                    self._put(surface(other), (Kind.COMPARATIVE, (f, direction)))
                if len(words) == 1:
                    for word in positive(words[0]):
                        if word in english:
                            self._put((word,), (Kind.POSITIVE, (f, direction)), weak=True)
                            self._put((word.removesuffix("e") + "est",), (Kind.COMPARATIVE, (f, direction)), weak=True)


def _declared(catalog: Catalog) -> Iterator[str]:
    """Every text about a value, as declared."""
    yield from (*catalog.value_names, *catalog.value_phrases, *catalog.value_plurals, *catalog.value_critiques)
    for facet in catalog.facets:
        for texts in facet.synonyms.values():
            yield from texts


def _nouns(catalog: Catalog) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The catalogue's nouns and other words for them, in the singular and in the plural."""
    noun, many = catalog.noun.lower(), catalog.noun_plural.lower()
    others = [word for group in _SAME_NOUN if noun in group for word in group if word != noun]
    return (noun, *others), (many, *map(plural, others))


def _value_surfaces(
    facet: Facet, value: str, nouns: tuple[tuple[str, ...], tuple[str, ...]], catalog: Catalog, v: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Ranked phrases for a value; where a phrase names several values, the lowest rank wins."""
    name = surface(value)
    if name:
        yield NAME, name
    plain = [name, *(surface(text) for text in facet.synonyms.get(value, ()))]
    for words in plain[1:]:
        if words:
            yield SYNONYM, words
    said = [surface(catalog.value_phrases[v]), surface(catalog.value_plurals[v])]
    if value not in facet.value_phrases:
        said += [surface(facet.noun_phrase(" ".join(words), nouns[0][0], nouns[1][0])) for words in plain[1:] if words]
    for words in said:
        for rank, phrase in _around_noun(words, nouns):
            yield rank, phrase
    for words in plain:
        if words:
            for other in variants(words):
                yield DERIVED, other


def _around_noun(
    words: tuple[str, ...], nouns: tuple[tuple[str, ...], tuple[str, ...]]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """``a film about heists`` -> that without its article, with other nouns, and ``about heists``."""
    while words and words[0] in _NAME_LINKS:
        words = words[1:]
    if not words:
        return
    yield PHRASE, words
    known = {noun for group in nouns for noun in group}
    for i, word in enumerate(words):
        if word in known:
            for noun in known:
                yield PHRASE, (*words[:i], noun, *words[i + 1 :])
            if len(words) - i > 2:
                yield PHRASE, words[i + 1 :]
            if 0 < i == len(words) - 1:
                yield ADJECTIVE, words[:i]
            break

"""The lexicon: every phrase the parser knows for a catalogue, in one trie over words."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from chatrec_env.language.english.morphology import comparatives, gerund, plural, positive
from chatrec_env.language.english.reading.cue_frames import FRAMES
from chatrec_env.language.english.reading.cue_replies import REPLIES
from chatrec_env.language.english.reading.quantities import in_years
from chatrec_env.language.english.reading.surface_forms import (
    Nouns,
    Phrase,
    Rank,
    declared_texts,
    value_surfaces,
)
from chatrec_env.language.english.reading.words import ADVERBS, FUNCTION, english_words
from chatrec_env.language.reader.cues import phrases
from chatrec_env.language.reader.text import surface

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_END: Final = ""  # key of a node's entry; no token is empty
_ALSO_MORE: Final[dict[str, tuple[str, ...]]] = {
    "newer": ("more recent", "more modern", "more up to date"),
    "older": ("earlier", "more classic", "less recent", "less modern"),
    "longer": ("lengthier",),
    "shorter": ("briefer", "quicker"),
    "faster": ("quicker", "speedier"),
    "slower": ("less fast",),
    "cheaper": ("less expensive", "less pricey", "less costly", "more affordable", "lower priced"),
    **dict.fromkeys(
        ("more expensive", "pricier", "dearer"),
        ("more expensive", "pricier", "dearer", "costlier", "more costly", "more pricey", "less cheap"),
    ),
    **dict.fromkeys(("closer", "nearer"), ("closer", "nearer", "less far", "less far away")),
    **dict.fromkeys(
        ("further", "further away", "farther"), ("further", "further away", "farther", "farther away")
    ),
    "lighter": ("less heavy",),
    "heavier": ("less light",),
    "easier": ("less difficult", "less hard", "simpler"),
    "harder": ("more difficult", "more challenging", "less easy", "tougher"),
    "bigger": ("larger",),
    "smaller": ("less big",),
}
"""What else is said for a comparative; a declared word of another facet is never taken."""


_YEAR_WORDS: Final = ("era", "decade", "year", "period")
_UNIT_WORDS: Final = {"minutes": ("length", "duration", "running time", "runtime")}
_TELLING: Final = 3
"""Words from which on the name of a value may be closed-class words alone and is read anywhere: "one to one"."""

_DEGREES: Final = (("a", "bit"), ("a", "little"), ("slightly",), ("even",), ("much",))


class Kind(IntEnum):
    """What a stretch of text was recognised as, where it is no :class:`Cue`; the numbers do not overlap."""

    VALUE = 1_000  # data: candidate values, best first
    GROUP = 1_001  # data: values that all hold (the decades of a span of years)
    CRITIQUE = 1_002  # data: a value; the phrase includes "too"
    CONTEXT = 1_003  # data: a context
    FACET = 1_004  # data: a facet, named by its question noun
    COMPARATIVE = 1_005  # data: (facet, direction): newer
    POSITIVE = 1_006  # data: (facet, direction): new
    NOUN = 1_007
    ENTITY = 1_008  # data: an entity
    TITLE = 1_009  # data: an item
    WORD = 1_010  # data: any other word
    STOP = 1_011  # data: the mark
    COMMA = 1_012
    STRANGER = 1_013  # a title that the catalogue does not have


Node = dict[str, Any]
Entry = tuple[int, Any]


class Lexicon:
    """Phrases of English and of one catalogue.

    Args:
        catalog: The catalogue whose facets, contexts and nouns are read.

    Attributes:
        words: Every word of every phrase, for telling slips from words.
        value_words: Single words that name a value.
        telling: Words of values and nouns.
        proper: Words that the catalogue writes with a capital.
        nouns: The catalogue's nouns and other words for them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._root: Node = {}
        self._bare: dict[Phrase, tuple[int, ...]] = {}
        self.words: set[str] = set()
        self.value_words: set[str] = set()
        nouns = Nouns(catalog)
        self.nouns = frozenset(word for noun in nouns.words for word in noun.split()[-1:])
        self._add_cues(catalog, nouns)
        values: dict[Phrase, list[tuple[Rank, int]]] = {}
        for v in range(catalog.n_values):
            for rank, words in value_surfaces(catalog, v, nouns):
                if words:
                    values.setdefault(words, []).append((rank, v))
        self._add_values(values)
        self._add_comparatives(catalog)
        self._add_critiques(catalog)
        self._add_contexts_and_facets(catalog)
        for noun in sorted(nouns.words):
            self._put(tuple(noun.split()), (Kind.NOUN, None))
        self.telling = ({word for words in values for word in words} - FUNCTION) | self.nouns
        self.proper = {
            word
            for text in declared_texts(catalog)
            for piece in text.split()
            if piece[:1].isupper()
            for word in surface(piece)
        }

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

    def bare(self, words: Phrase) -> tuple[int, ...]:
        """Values that words name when they are the whole reply, where that differs from inside a sentence."""
        return self._bare.get(words, ())

    def _put(self, words: Phrase, entry: Entry, *, replace: bool = False) -> None:
        if not words:
            return
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        if replace or _END not in node:
            node[_END] = entry
        self.words.update(words)

    def _has(self, words: Phrase) -> bool:
        node = self._root
        for word in words:
            if word not in node:
                return False
            node = node[word]
        return _END in node

    def _add_cues(self, catalog: Catalog, nouns: Nouns) -> None:
        verb = " ".join(surface(catalog.verb)) or "try"
        past = dict.fromkeys(" ".join(surface(text)) for text in (*catalog.verb_past, "seen"))
        slots = {
            "verb": verb,
            "verbing": gerund(verb),
            "seen": "|".join(text for text in past if text),
            "noun": "|".join(nouns.one),
            "nouns": "|".join(nouns.many),
        }
        for cue, patterns in (FRAMES | REPLIES).items():
            for words in phrases(patterns, slots):
                self._put(words, (cue, None))

    def _add_values(self, values: dict[Phrase, list[tuple[Rank, int]]]) -> None:
        listed = english_words().listed
        derived: dict[str, tuple[int, ...]] = {}
        for words, candidates in values.items():
            candidates.sort()
            best = tuple(dict.fromkeys(v for _, v in candidates))
            named = tuple(v for rank, v in candidates if rank == Rank.NAME)
            telling = named and len(words) >= _TELLING
            common = not telling and all(word in FUNCTION for word in words)
            if common or (self._has(words) and not named):
                self._bare.setdefault(words, best)
                continue
            if named and named[0] != best[0]:
                self._bare[words] = tuple(dict.fromkeys((*named, *best)))
            self._put(words, (Kind.VALUE, best), replace=True)
            if len(words) == 1:
                self.value_words.update(words)
                derived.update((form, best) for form in comparatives(words[0]) if form not in listed)
        for form, best in derived.items():
            # Not through _put: a made-up form is no word to correct others to.
            self._root.setdefault(form, {}).setdefault(_END, (Kind.VALUE, best))

    def _add_critiques(self, catalog: Catalog) -> None:
        for v, critique in enumerate(catalog.value_critiques):
            words = surface(critique)
            if len(words) > 1 and words[0] == "too":
                self._put(words, (Kind.CRITIQUE, v), replace=True)

    def _add_contexts_and_facets(self, catalog: Catalog) -> None:
        for c, context in enumerate(catalog.contexts):
            for text in (context.phrase, *context.synonyms):
                self._put(surface(text), (Kind.CONTEXT, c), replace=True)
        named = {text for facet in catalog.facets for text in (facet.question, facet.name)}
        for f, facet in enumerate(catalog.facets):
            others = _YEAR_WORDS if facet.bins and in_years(facet) else _UNIT_WORDS.get(facet.unit, ())
            said = (facet.question, facet.name.replace("_", " "), *facet.question_synonyms)
            for text in (*said, *(word for word in others if word not in named)):
                words = surface(text)
                if words:
                    self._put(words, (Kind.FACET, f))
                    self._put((*words[:-1], plural(words[-1])), (Kind.FACET, f))

    def _add_comparative(self, words: Phrase, data: tuple[int, int], *, positive: bool) -> None:
        self._put(words, (Kind.COMPARATIVE, data), replace=True)
        if words[:1] in (("more",), ("less",)):
            for degree in _DEGREES:  # "a bit more" by itself asks for more of something
                self._put((*degree, *words), (Kind.COMPARATIVE, data), replace=True)
        if positive and words[:1] == ("more",):
            self._put(words[1:], (Kind.POSITIVE, data))

    def _add_comparatives(self, catalog: Catalog) -> None:
        listed = english_words().listed
        taken = {word for facet in catalog.facets for word in (facet.more, facet.less)}
        for f, facet in enumerate(catalog.facets):
            for declared, direction in ((facet.more, 1), (facet.less, -1)):
                opposite = ""
                for more, less in (("more ", "less "), ("less ", "more ")):
                    if declared.startswith(more):
                        opposite = less + declared.removeprefix(more)
                said = [(other, direction) for other in (declared, *_ALSO_MORE.get(declared, ()))]
                for other, way in (*said, (opposite, -direction)):
                    if other == declared or other not in taken:
                        taken.add(other)
                        self._add_comparative(surface(other), (f, way), positive=not in_years(facet))
                for word in positive(declared.lower()):
                    if word in listed:
                        self._put((word,), (Kind.POSITIVE, (f, direction)))
                        self._put((word.removesuffix("e") + "est",), (Kind.COMPARATIVE, (f, direction)))

"""The lexicon of English for a catalogue: cues, and its values, comparatives, contexts and nouns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.reading.cue_frames import FRAMES
from chatrec_env.language.english.reading.cue_replies import REPLIES
from chatrec_env.language.english.reading.quantities import in_years
from chatrec_env.language.english.reading.surface_forms import Nouns, declared_texts, value_surfaces
from chatrec_env.language.english.reading.tokens import surface
from chatrec_env.language.english.reading.words import ADVERBS, FUNCTION, english_words
from chatrec_env.language.english.word_forms import comparatives, gerund, plural, positive
from chatrec_env.language.reader.chunks import Kind
from chatrec_env.language.reader.lexicon import Lexicon, Phrase, Rank, phrases

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

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
_DEGREES: Final = (("a", "bit"), ("a", "little"), ("slightly",), ("even",), ("much",))


def make_lexicon(catalog: Catalog) -> Lexicon:
    """Phrases of English and of one catalogue."""
    nouns = Nouns(catalog)
    proper = {
        word
        for text in declared_texts(catalog)
        for piece in text.split()
        if piece[:1].isupper()
        for word in surface(piece)
    }
    lexicon = Lexicon(
        adverbs=ADVERBS,
        nouns=frozenset(word for noun in nouns.words for word in noun.split()[-1:]),
        proper=frozenset(proper),
    )
    _put_cues(lexicon, catalog, nouns)
    _put_values(lexicon, catalog, nouns)
    _put_comparatives(lexicon, catalog)
    for v, critique in enumerate(catalog.value_critiques):
        words = surface(critique)
        if len(words) > 1 and words[0] == "too":
            lexicon.put(words, (Kind.CRITIQUE, v), replace=True)
    for c, context in enumerate(catalog.contexts):
        for text in (context.phrase, *context.synonyms):
            lexicon.put(surface(text), (Kind.CONTEXT, c), replace=True)
    _put_facets(lexicon, catalog)
    for noun in sorted(nouns.words):
        lexicon.put(tuple(noun.split()), (Kind.NOUN, None))
    return lexicon


def _put_cues(lexicon: Lexicon, catalog: Catalog, nouns: Nouns) -> None:
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
            lexicon.put(words, (cue, None))


def _put_values(lexicon: Lexicon, catalog: Catalog, nouns: Nouns) -> None:
    listed = english_words().listed
    values: dict[Phrase, list[tuple[Rank, int]]] = {}
    for v in range(catalog.n_values):
        for rank, words in value_surfaces(catalog, v, nouns):
            if words:
                values.setdefault(words, []).append((rank, v))
    lexicon.put_values(
        values, FUNCTION, lambda word: [form for form in comparatives(word) if form not in listed]
    )


def _put_facets(lexicon: Lexicon, catalog: Catalog) -> None:
    named = {text for facet in catalog.facets for text in (facet.question, facet.name)}
    for f, facet in enumerate(catalog.facets):
        others = _YEAR_WORDS if facet.bins and in_years(facet) else _UNIT_WORDS.get(facet.unit, ())
        said = (facet.question, facet.name.replace("_", " "), *facet.question_synonyms)
        for text in (*said, *(word for word in others if word not in named)):
            words = surface(text)
            if words:
                lexicon.put(words, (Kind.FACET, f))
                lexicon.put((*words[:-1], plural(words[-1])), (Kind.FACET, f))


def _put_comparatives(lexicon: Lexicon, catalog: Catalog) -> None:
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
                    _put_comparative(lexicon, surface(other), (f, way), positive=not in_years(facet))
            for word in positive(declared.lower()):
                if word in listed:
                    lexicon.put((word,), (Kind.POSITIVE, (f, direction)))
                    lexicon.put((word.removesuffix("e") + "est",), (Kind.COMPARATIVE, (f, direction)))


def _put_comparative(lexicon: Lexicon, words: Phrase, data: tuple[int, int], *, positive: bool) -> None:
    lexicon.put(words, (Kind.COMPARATIVE, data), replace=True)
    if words[:1] in (("more",), ("less",)):
        for degree in _DEGREES:  # "a bit more" by itself asks for more of something
            lexicon.put((*degree, *words), (Kind.COMPARATIVE, data), replace=True)
    if positive and words[:1] == ("more",):
        lexicon.put(words[1:], (Kind.POSITIVE, data))

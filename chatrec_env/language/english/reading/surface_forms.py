"""The phrases that name a value or a noun of a catalogue: declared ones, and regular forms of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.reading.tokens import TOKENIZER, surface
from chatrec_env.language.english.word_forms import plural, variants
from chatrec_env.language.reader.lexicon import Phrase, Rank
from chatrec_env.language.reader.text import DASH, MARKS

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_ARTICLES: Final = ("a", "an", "the", "some")
_SAME_NOUN: Final = (  # for catalogues that declare no synonyms of their noun
    ("film", "movie", "flick"),
    ("song", "track", "tune"),
    ("album", "record"),
    ("book", "novel"),
    ("dish", "recipe"),
    ("restaurant", "eatery"),
    ("series", "programme"),
)


_ALSO_SAID: Final = {
    "English": (
        "no subtitles; without subtitles; not subtitled; nothing subtitled; nothing with subtitles; "
        "can not read subtitles; can not do subtitles; do not like subtitles; do not want subtitles; "
        "do not want to read subtitles; not read subtitles; "
        "too tired for subtitles; too sleepy for subtitles; can not be bothered with subtitles; "
        "not in the mood for subtitles"
    ),
    "scary": (
        "jump scares; jump scare; scary bits; scary parts; jump out; nightmares; baddies; make you jump; "
        "makes you jump"
    ),
    "exciting": "livelier; lively",
    "kids": "young children",
}
"""What else is said for a value, whatever the catalogue."""


class Nouns:
    """What the items of a catalogue are called.

    Attributes:
        one: Its noun and other words for it.
        many: Their plurals.
    """

    def __init__(self, catalog: Catalog) -> None:
        noun = " ".join(surface(catalog.noun))
        known = [word for group in _SAME_NOUN if noun in group for word in group]
        declared = [" ".join(surface(text)) for text in catalog.declaration.noun_synonyms]
        others = [word for word in dict.fromkeys(declared or known) if word and word != noun]
        self.one = (noun, *others)
        self.many = (" ".join(surface(catalog.noun_plural)), *map(_plural_phrase, others))
        self.words = frozenset((*self.one, *self.many))


def _plural_phrase(words: str) -> str:
    head, _, last = words.rpartition(" ")
    return f"{head} {plural(last)}".strip()


def value_surfaces(catalog: Catalog, v: int, nouns: Nouns) -> Iterator[tuple[Rank, Phrase]]:
    """Ranked phrases for value ``v``."""
    facet, value = catalog.facets[int(catalog.value_facet[v])], catalog.value_names[v]
    name = surface(value)
    synonyms = [surface(text) for text in facet.synonyms.get(value, ())]
    also = [surface(text) for text in _ALSO_SAID.get(value, "").split(";")]
    yield Rank.NAME, name
    for words in (*synonyms, *also):
        yield Rank.SYNONYM, words
    said = [surface(catalog.value_phrases[v]), surface(catalog.value_plurals[v])]
    if value not in facet.value_phrases:
        # The facet's template fits synonyms too: "a film about payback".
        said += [
            surface(facet.noun_phrase(" ".join(words), nouns.one[0], nouns.many[0])) for words in synonyms
        ]
    for words in said:
        yield from _around_noun(words, nouns)
    for rank, text in (
        (Rank.NAME, value),
        (Rank.PHRASE, catalog.value_phrases[v]),
        (Rank.PHRASE, catalog.value_plurals[v]),
    ):
        yield from ((rank, words) for words in _ranges(text))
    for words in (name, *synonyms):
        if words[:2] == ("make", "me"):
            yield from ((Rank.DERIVED, (verb, *words[1:])) for verb in ("makes", "made", "making"))
        if words:
            for other in variants(words):
                yield Rank.SYNONYM if other[-1] in nouns.many else Rank.DERIVED, other


def _ranges(text: str) -> Iterator[Phrase]:
    """A phrase with a range of numbers as it stands in a sentence, sign and all: "10-15 km", "10 to 15 km"."""
    words = TOKENIZER.tokenize(text).words
    if words[:1] and words[0] in _ARTICLES:
        words = words[1:]
    spans = {
        i for i in range(1, len(words) - 1) if words[i] == DASH and (words[i - 1] + words[i + 1]).isdecimal()
    }
    for between in (DASH, "to") if spans else ():
        said = [between if i in spans else word for i, word in enumerate(words)]
        yield tuple(word for word in said if word == between or word not in MARKS)


def _around_noun(words: Phrase, nouns: Nouns) -> Iterator[tuple[Rank, Phrase]]:
    """``a film about heists`` -> that without its article, with other nouns, and ``about heists``."""
    while words and words[0] in _ARTICLES:
        words = words[1:]
    if not words:
        return
    yield Rank.PHRASE, words
    at = next((i for i, word in enumerate(words) if word in nouns.words), -1)
    if at < 0:
        return
    for noun in sorted(nouns.words):
        yield Rank.PHRASE if noun == words[at] else Rank.SWAPPED, (*words[:at], noun, *words[at + 1 :])
    if len(words) - at > 2:
        yield Rank.PHRASE, words[at + 1 :]
    if 0 < at == len(words) - 1:
        yield Rank.ADJECTIVE, words[:at]


def declared_texts(catalog: Catalog) -> Iterator[str]:
    """Every text about a value, as declared."""
    yield from (
        *catalog.value_names,
        *catalog.value_phrases,
        *catalog.value_plurals,
        *catalog.value_critiques,
    )
    for facet in catalog.facets:
        for texts in facet.synonyms.values():
            yield from texts


def value_texts(catalog: Catalog, value: int) -> set[str]:
    """Every way to say a value, in lower-case words."""
    return {" ".join(words) for _, words in value_surfaces(catalog, value, Nouns(catalog))}

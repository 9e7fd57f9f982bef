"""Words that name what a question is about: "how long", "who's in it", "how much", "where can I watch it"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.reading.quantities import in_years
from chatrec_env.language.english.reading.tokens import surface
from chatrec_env.language.english.reading.words import ADVERBS
from chatrec_env.language.learned.mentions import Found, Mention, MentionKind
from chatrec_env.language.reader.lexicon import Lexicon, phrases
from chatrec_env.language.reader.text import Tokens

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog, Facet

_TIME: Final = (
    "how (long|short); how much time; how many (minutes|hours|mins|hrs); run time; runtime; running time; "
    "duration; length"
)
_MONEY: Final = (
    "how (much|expensive|cheap|pricey|dear) (does it|is it|do they|are they|would it|does that|is that|this|for) "
    "(cost|); how much; how (expensive|cheap|pricey|costly); the price; price; cost; costs; price tag"
)
_YEAR: Final = (
    "(what|which) (year|decade|era); when (was|is|were|did|does) (it|this|that|they|he|she|the {noun}|the {nouns}|); "
    "how (old|new|recent); release (date|year); came out; come out; year; what s the year"
)
_BY_UNIT: Final = {
    **dict.fromkeys(("minutes", "hours"), _TIME),
    **dict.fromkeys(("euros", "dollars", "pounds", "euros per night", "euros per day"), _MONEY),
    "pages": "how (long|thick|short|fat); how many pages; page count; number of pages; length; pages",
    "days": "how (long|many days|many nights); how much time; number of days",
    "kilograms": "how heavy; how light; how much does (it|this|that) weigh; weight; weigh; weighs",
    "": "",
}
_BY_NAME: Final = {
    "language": "(what|which) language; (in|is it in) what language; language",
    "country": "(what|which) country; where (was|is) (it|this|that) (made|shot|filmed|from|set); where s it from",
    "genre": "(what|which) (genre|kind|sort|type|style); what (kind|sort|type) of (a|); genre",
    "audience": "age (rating|limit|group); suitable; appropriate; (ok|okay|fine|safe) for; (what|which) age; rated",
    "level": "how (hard|difficult|advanced|easy); what level; which level; level; difficulty",
    "material": "made (of|from|out of); what material; material; what s it made (of|from); what is it made (of|from)",
    "climate": "how (hot|cold|warm|sunny); the weather; weather; climate; temperature",
}
_BY_COLUMN: Final = {
    "leads": (
        "(the|) (leading|main) (man|lady|actor|actress|part|role|star); "
        "who (plays|acts|stars|is playing); who has the (leading|main|lead) (part|role); starring; the stars"
    ),
    "director": "who (directed|made|shot|filmed) (it|that|this|that one|this one|)",
    "author": "who (wrote|is the author of|is the writer of) (it|that|this|that one|this one|)",
}
"""Of columns of people, by their usual names."""

_TOPICS: Final = {
    "safety": "safe; dangerous",
    "language": "subtitles; subtitled; subbed; dubbed; language; translated",
    "period": "when is; what time; opening hours",
    "availability": (
        "where (can|could|do|would) (i|we|you|one) (watch|buy|get|read|listen to|see|find|stream|book|order|rent) "
        "(it|this|that|them|); on (netflix|prime|amazon prime|amazon|hulu|disney|disney plus|spotify|youtube|"
        "apple music|kindle|audible|hbo|max|apple tv); streaming; stream it; in stock; in the library; on vinyl; "
        "in cinemas; in theaters; audiobook; ebook; available; sold out; tickets"
    ),
    "delivery": "deliver; delivered; delivery; shipping; ship; ships; how soon; arrive; arrives; returns; return it; "
    "warranty; guarantee; refund",
    "acclaim": "rating; ratings; reviews; review; how many stars; imdb; rotten tomatoes; awards; oscars; oscar; "
    "how (popular|well known)",
    "sequel": "sequel; sequels; part of a series; a series; part two; a second part; prequel; remake",
}


class AskedWords:
    """Finds the words that name a facet, a column of entities or another topic."""

    def __init__(self, catalog: Catalog) -> None:
        self._lexicon = _empty(ADVERBS | {"even", "else"})
        slots = {"noun": catalog.noun, "nouns": catalog.noun_plural}
        declared = catalog.declaration
        for f, facet in enumerate(catalog.facets):
            for text in facet.asked_as:
                self._put(surface(text), f, facet.name)
            for words in phrases(_patterns(facet), slots):
                self._put(words, f, facet.name)
        for column, texts in declared.entities_asked_as.items():
            for text in texts:
                self._put(surface(text), -1, column)
        for column in declared.entities:
            for words in phrases(_BY_COLUMN.get(column, ""), slots):
                self._put(words, -1, column)
        spoken = [
            (words, topic)
            for topic, patterns in (*_TOPICS.items(), ("price", _MONEY))
            for words in phrases(patterns, slots)
        ]
        for one in declared.unanswered:
            for text in one.asked_as:
                self._put(surface(text), -1, one.name)
        by_words, by_topic = _unanswered(catalog, spoken)
        for words, topic in spoken:  # where no facet took them
            self._put(words, -1, by_words.get(words, by_topic.get(topic, topic)))

    def _put(self, words: tuple[str, ...], facet: int, topic: str) -> None:
        self._lexicon.put(words, (0, Mention(MentionKind.FACET, 0, 0, facet=facet, topic=topic)))

    def __call__(self, tokens: Tokens) -> list[Found]:
        """The words that ask, in a message."""
        out, at = list[Found](), 0
        while at < len(tokens.words):
            entry, end = self._lexicon.match(tokens.words, at)
            if entry is not None:
                out.append((at, end, entry[1]))
            at = max(end, at + 1)
        return out


def _empty(adverbs: Collection[str] = ()) -> Lexicon:
    return Lexicon(adverbs=adverbs, nouns=frozenset(), proper=frozenset())


def _unanswered(
    catalog: Catalog, spoken: Sequence[tuple[tuple[str, ...], str]]
) -> tuple[dict[tuple[str, ...], str], dict[str, str]]:
    """What a catalogue calls the questions it cannot answer: by the words its own examples use, and by topic."""
    lexicon, by_words, by_topic = _empty(), dict[tuple[str, ...], str](), dict[str, str]()
    for words, topic in spoken:
        lexicon.put(words, (0, topic))
    for one in catalog.declaration.unanswered:
        for said in (list(surface(text)) for text in one.asked_as):
            for at in range(len(said)):
                entry, end = lexicon.match(list(said), at)
                if entry is not None:
                    by_words.setdefault(tuple(said[at:end]), one.name)
                    by_topic.setdefault(entry[1], one.name)
    return by_words, by_topic


def _patterns(facet: Facet) -> str:
    patterns = [_BY_UNIT.get(facet.unit, ""), _BY_NAME.get(facet.name, "")]
    if facet.bins and in_years(facet):
        patterns.append(_YEAR)
    patterns.append(f"what {facet.question or facet.name}; which {facet.question or facet.name}")
    return "; ".join(patterns)

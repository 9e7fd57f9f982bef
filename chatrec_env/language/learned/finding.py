"""Finds the mentions of a message, by lexicon and by what a language knows of places, ages and names of facets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rapidfuzz.distance import Levenshtein

from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders.cache import remembered_aside
from chatrec_env.language.learned.mentions import Found, Mention, MentionKind
from chatrec_env.language.learned.reading import Meant
from chatrec_env.language.learned.roles import OF_TITLES
from chatrec_env.language.reader.chunks import Chunk, Kind
from chatrec_env.language.reader.scanning import Scanner
from chatrec_env.language.reader.text import MAX_CHARS
from chatrec_env.language.word_forms import DEFAULT

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog


class MentionFinder:
    """Finds the mentions in messages about the items of a catalogue.

    Args:
        scanner: Finds titles, people, amounts, values and comparatives.
    """

    def __init__(self, catalog: Catalog, scanner: Scanner, language: str = DEFAULT) -> None:
        self.catalog = catalog
        self._scanner = scanner
        self._finders = get_language(language).make_finders(catalog, scanner.lexicon)

    def find(self, text: str) -> list[Mention]:
        """The mentions of a message, in order, none inside another.

        Args:
            text: Anything a person may have typed; only the first ``MAX_CHARS`` characters are read.
        """
        aside = remembered_aside()
        if aside is None:
            return self._find(text)
        if (self, text) not in aside:
            aside[self, text] = self._find(text)
        return list(aside[self, text])

    def with_titles(self, text: str, meant: Sequence[Meant]) -> list[Meant]:
        """What is meant by mentions, in order; words liked or seen as only items are become the items so called.

        Out of context "holes" or "user interface design" is no title: what is said of it makes it one.
        """
        out = list[Meant]()
        for one in meant:
            beside = out[-1:] if out and _goes_on(text, out[-1], one) else []
            for parts in ([*beside, one], [one]):
                start, end = parts[0].mention.start, one.mention.end
                loose = any(part.mention.kind == MentionKind.OTHER for part in parts)
                item = self._scanner.titled(text[start:end]) if loose and one.role in _OF_ITEMS else -1
                if item >= 0:
                    del out[len(out) + 1 - len(parts) :]
                    one = replace(one, mention=Mention(MentionKind.TITLE, start, end, item=item))
                    break
            out.append(one)
        return out

    def _find(self, text: str) -> list[Mention]:
        spelled, tokens = self._scanner.tokenize_spelled(text)
        found: list[Found] = []
        for finder in self._finders:
            found += finder(tokens)
        for chunk in self._scanner.scan(tokens):
            found += self._of_chunk(chunk)
        found.sort(key=lambda one: (one[0] - one[1], one[0]))  # the longest first
        taken: set[int] = set()
        kept = []
        for start, end, mention in found:
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                kept.append((start, end, mention))
        place = aligned(spelled, text[:MAX_CHARS])
        return [
            replace(mention, start=place(tokens.spans[start][0]), end=place(tokens.spans[end - 1][1]))
            for start, end, mention in sorted(kept, key=lambda one: one[0])
        ]

    def _of_chunk(self, chunk: Chunk) -> list[Found]:
        """What a chunk of the scanner mentions."""
        kind, data, start, end = chunk.kind, chunk.data, chunk.start, chunk.end
        make = _MADE.get(kind)
        if make is None:
            return []
        if kind == Kind.CRITIQUE:
            start, data = start + 1, (data,)  # "too | dark"
        mention = make(data)
        if mention.values:
            mention = replace(mention, facet=int(self.catalog.value_facet[mention.values[0]]))
        return [(start, end, mention)] if start < end else []


_OF_ITEMS: Final = OF_TITLES | {"take"}


def _goes_on(text: str, one: Meant, other: Meant) -> bool:
    """Whether two mentions that mean the same stand side by side."""
    return one.role == other.role and not text[one.mention.end : other.mention.start].strip()


def _mention(kind: MentionKind, **fields: Any) -> Mention:
    return Mention(kind, 0, 0, **fields)


_MADE: Final[dict[int, Callable[[Any], Mention]]] = {
    Kind.VALUE: lambda data: _mention(MentionKind.VALUE, values=tuple(data)),
    Kind.CRITIQUE: lambda data: _mention(MentionKind.VALUE, values=tuple(data)),
    Kind.GROUP: lambda data: _mention(MentionKind.AMOUNT, values=tuple(data), low=data.low, high=data.high),
    Kind.TITLE: lambda data: _mention(MentionKind.TITLE, item=int(data)),
    Kind.UNKNOWN_TITLE: lambda data: _mention(MentionKind.TITLE),
    Kind.ENTITY: lambda data: _mention(MentionKind.PERSON, entity=int(data)),
    Kind.COMPARATIVE: lambda data: _mention(MentionKind.COMPARATIVE, facet=data[0], direction=data[1]),
    Kind.POSITIVE: lambda data: _mention(MentionKind.DEGREE, facet=data[0], direction=data[1]),
    Kind.CONTEXT: lambda data: _mention(MentionKind.COMPANY, context=int(data)),
    Kind.FACET: lambda data: _mention(MentionKind.FACET, facet=int(data)),
}


def aligned(read: str, typed: str) -> Callable[[int], int]:
    """Maps places in a text as it was read to places in the text as it was typed."""
    if read == typed:
        return lambda at: at
    blocks = list(Levenshtein.opcodes(read, typed))

    def place(at: int) -> int:
        for block in blocks:
            if at <= block.src_end:
                if block.tag == "equal":
                    return int(block.dest_start + at - block.src_start)
                return int(block.dest_start if at == block.src_start else block.dest_end)
        return len(typed)

    return place

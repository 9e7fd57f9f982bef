"""What the reader must be given for a language: its words, and how phrases, numbers and word order work in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chatrec_env.language.reader.chunks import Chunk
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.state import ReadingState
from chatrec_env.language.reader.text import Tokenizer
from chatrec_env.language.reader.words import FrequencyList, ReaderWords

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

Handler = Callable[[ReadingState, int, Chunk], None]
"""Moves the state of reading on by a chunk, given with its place in the message."""

TitleCue = Callable[[Sequence[str], int, int], int]
"""Of a message in tokens, where a title would start, and where the one before it ends (or -1):
:data:`~.titles.CALLED_FOR` after words that call for a title, :data:`~.titles.ALLOWED` where one may follow, else 0."""


class QuantityReader(Protocol):
    """Reads numbers with a meaning for the numeric facets of a catalogue."""

    def spell(self, text: str) -> str:
        """A text with signs before numbers ("$50") as they are spoken."""

    def match(self, words: list[str], start: int) -> tuple[tuple[int, ...], int]:
        """The values that a quantity at ``start`` stands for, and its end; ``((), start)`` for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingRules:
    """How a language is read."""

    tokenizer: Tokenizer  # splits its text
    words: ReaderWords  # its closed-class words and the like
    frequency_list: Callable[[], FrequencyList]  # its words by frequency; called when a parser is made
    stems: Callable[[str], Iterable[str]]  # words that a word may be a regular form of: `newer` -> `new`
    make_lexicon: Callable[[Catalog], Lexicon]  # all phrases that have a meaning, for a catalogue
    make_quantities: Callable[[Catalog], QuantityReader]  # its numbers, amounts and dates, for a catalogue
    make_title_cue: Callable[[Catalog, Lexicon], TitleCue]  # what calls for a title, for a catalogue
    # by `Cue` or `Kind`, what a chunk does to the reading of the chunks around it: the word order of the language
    handlers: Mapping[int, Handler]

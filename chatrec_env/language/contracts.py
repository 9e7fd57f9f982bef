"""What the sentence table asks of its parts, so that any of them can be another one."""

from __future__ import annotations

from typing import Protocol

from chatrec_env.language.acts import ParsedAct


class CatalogCounts(Protocol):
    """What the table reads of a catalogue."""

    @property
    def n_values(self) -> int:
        """V."""

    @property
    def n_facets(self) -> int:
        """F."""


class SentenceSource(Protocol):
    """What the table uses of a grammar. A grammar may also have ``reachable_ids()`` and ``speaker(id)``."""

    @property
    def catalog(self) -> CatalogCounts:
        """The catalogue the sentences are about."""

    @property
    def n_sentences(self) -> int:
        """Ids run from 0 to this, exclusive."""

    def text(self, sentence_id: int, /) -> str:
        """The sentence of an id."""


class SentenceReader(Protocol):
    """What the table uses of a parser."""

    def parse(self, text: str, /) -> tuple[ParsedAct, ...]:
        """What a sentence does."""

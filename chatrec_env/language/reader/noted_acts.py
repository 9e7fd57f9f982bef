"""What a message says while it is being read: acts that may still change, and the clauses they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.reader.scanning import Chunk

FAR: Final = 99


@dataclass(slots=True)
class Said:
    """An act being read; it may still change until the whole message is known.

    Attributes:
        act: The act.
        at: The chunk that says it.
        clause: Index into ``Reading.clauses``.
        gap: Words of other content since the last clear sign of a wish in its clause.
        faint: Whether it stands only if nothing else is said in its clause.
        mention: Whether it is a title without a verdict.
    """

    act: UserAct
    at: Chunk
    clause: int
    value: int = -1
    facet: int = -1
    polarity: int = 0
    item: int = -1
    direction: int = 0
    context: int = -1
    entity: int = -1
    gap: int = FAR
    faint: bool = False
    mention: bool = False


@dataclass(slots=True)
class Clause:
    """A part of a sentence between commas, words such as "but", or full stops.

    Attributes:
        sentence: Which sentence of the message it belongs to.
        sign: How clearly it is a wish: 0, ``FAINT_SIGN`` or ``CLEAR_SIGN``.
        prose: Number of words of other content.
        before: Of them, those before the last clear sign of a wish; -1 while there is none.
        objects: Number of values, titles, names and comparatives.
        words: Number of words and marks.
        facets: Facets it names.
    """

    sentence: int = 0
    sign: int = 0
    prose: int = 0
    before: int = -1
    objects: int = 0
    words: int = 0
    facets: list[int] = field(default_factory=list)

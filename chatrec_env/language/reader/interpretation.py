"""Reads chunks from left to right: calls the handler of each, and notes what phrases say by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.english.reading.handle_objects import OBJECT_HANDLERS
from chatrec_env.language.english.reading.handle_replies import TURNING
from chatrec_env.language.english.reading.handle_wishes import FRAMING, Handler
from chatrec_env.language.english.reading.words import FILLERS
from chatrec_env.language.reader.cues import Cue
from chatrec_env.language.reader.lexicon import Kind
from chatrec_env.language.reader.scanning import Chunk
from chatrec_env.language.reader.state import Reading
from chatrec_env.language.reader.text import QUESTION

_PLAIN: Final[dict[int, UserAct]] = {
    Cue.DONT_KNOW: UserAct.DONT_KNOW,
    Cue.NO_PREFERENCE: UserAct.NO_PREFERENCE,
    Cue.IMPATIENT: UserAct.IMPATIENT,
    Cue.YES: UserAct.YES,
    Cue.GREET: UserAct.GREET,
    Cue.THANK: UserAct.THANK,
    Cue.LEAVE: UserAct.LEAVE,
}
_FAINT: Final[dict[int, UserAct]] = {
    Cue.MAYBE_ACCEPT: UserAct.ACCEPT,
    Cue.MAYBE_REJECT: UserAct.REJECT,
    Cue.MAYBE_YES: UserAct.YES,
    Cue.MAYBE_ELSE: UserAct.REJECT,
}


def _on_stop(r: Reading, i: int, chunk: Chunk) -> None:
    r.end_sentence(question=chunk.data == QUESTION)


def _on_comma(r: Reading, i: int, chunk: Chunk) -> None:
    r.end_clause()


_HANDLERS: Final[dict[int, Handler]] = {
    **FRAMING,
    **TURNING,
    **OBJECT_HANDLERS,
    Kind.STOP: _on_stop,
    Kind.COMMA: _on_comma,
}


def read(
    chunks: Sequence[Chunk],
    words: Sequence[str],
    value_facet: Sequence[int],
    *,
    nouns: Collection[str] = (),
    asked: int = -1,
) -> Reading:
    """Reads a message to its end.

    Args:
        chunks: The message in chunks.
        words: The message in tokens.
        value_facet: Facet of each value.
        nouns: What items are called.
        asked: The facet that was asked about, or -1.
    """
    reading = Reading(value_facet, asked, chunks, words, nouns)
    for i, chunk in enumerate(chunks):
        kind = chunk.kind
        reading.clause.words += chunk.end - chunk.start
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(reading, i, chunk)
        elif kind == Kind.WORD:
            reading.clause.prose += chunk.data not in FILLERS
        elif kind in _PLAIN:
            reading.note(_PLAIN[kind], chunk)
        elif kind in _FAINT:
            reading.note(_FAINT[kind], chunk).faint = True
    reading.settle_open_negation()
    return reading

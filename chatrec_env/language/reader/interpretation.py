"""Reads chunks from left to right: calls the handler of each, and notes what phrases say by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.rules import ReadingRules
from chatrec_env.language.reader.state import ReadingState
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


def interpret(
    chunks: Sequence[Chunk],
    words: Sequence[str],
    rules: ReadingRules,
    *,
    value_facet: Sequence[int],
    nouns: Collection[str] = (),
    asked: int = -1,
) -> ReadingState:
    """Reads a message to its end."""
    state = ReadingState(value_facet, asked, chunks, words, nouns, rules.words)
    fillers = rules.words.fillers
    for i, chunk in enumerate(chunks):
        kind = chunk.kind
        state.clause.words += chunk.end - chunk.start
        handler = rules.handlers.get(kind)
        if handler is not None:
            handler(state, i, chunk)
        elif kind == Kind.WORD:
            state.clause.prose += chunk.data not in fillers
        elif kind == Kind.STOP:
            state.end_sentence(question=chunk.data == QUESTION)
        elif kind == Kind.COMMA:
            state.end_clause()
        elif kind in _PLAIN:
            state.note(_PLAIN[kind], chunk)
        elif kind in _FAINT:
            state.note(_FAINT[kind], chunk).faint = True
    state.settle_open_negation()
    return state

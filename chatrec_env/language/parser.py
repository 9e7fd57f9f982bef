"""Reads what a person wrote: text in, dialogue acts out. No model, no randomness, no state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.scanning import Scanner
from chatrec_env.language.reader.settle import settle
from chatrec_env.language.reader.state import ReadingState
from chatrec_env.language.reader.text import COMMA, MARKS, QUESTION, STOP
from chatrec_env.language.word_forms import DEFAULT

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_PLAIN: Final[dict[int, UserAct]] = {
    Cue[name]: UserAct[name]
    for name in ("DONT_KNOW", "NO_PREFERENCE", "IMPATIENT", "YES", "GREET", "THANK", "LEAVE")
}
_FAINT: Final[dict[int, UserAct]] = {
    Cue.MAYBE_ACCEPT: UserAct.ACCEPT,
    Cue.MAYBE_REJECT: UserAct.REJECT,
    Cue.MAYBE_YES: UserAct.YES,
    Cue.MAYBE_ELSE: UserAct.REJECT,
}


class Parser:
    """Reads sentences about the items of a catalogue, by rules.

    It knows the function words of a language and what the catalogue declares: values with their synonyms and
    phrases, contexts, comparatives, nouns, titles and named entities. What it does not understand it leaves out: a
    false reading costs more than a missed one. The same text always gives the same acts.

    Only the first 2,000 characters (``reader.text.MAX_CHARS``) are read; control and invisible characters are
    ignored.
    """

    def __init__(self, catalog: Catalog, language: str = DEFAULT) -> None:
        self.catalog, self.language = catalog, language
        self._spoken = get_language(language)
        self.scanner = Scanner(catalog, self._spoken)
        self._value_facet = [int(facet) for facet in catalog.value_facet]
        replies = self._spoken.words.replies
        self._ellipsis_sizes = sorted({len(words) for words in replies.ellipses}, reverse=True)
        self._before_ellipsis = (replies.openers | MARKS) - {words[0] for words in replies.ellipses}
        self._after_ellipsis = replies.contrast | {STOP, QUESTION, COMMA}

    def __repr__(self) -> str:
        return f"Parser({self.catalog!r})"

    def parse(self, text: str, *, asked: int = -1) -> tuple[ParsedAct, ...]:
        """The dialogue acts of a message, in the order they are said.

        Args:
            text: Anything a person may have typed.
            asked: Index of the facet the person was just asked about, or -1. A bare reply ("any", "no
                idea") is read as about it, and a word with several meanings as a value of it.

        Returns:
            The acts; ``SMALL_TALK`` alone where nothing was understood, and nothing for a blank message.

        Raises:
            ConfigError: ``text`` is not a text, or ``asked`` is no facet of the catalogue.
        """
        if not isinstance(text, str):
            raise ConfigError(f"The parser reads text (str), got {type(text).__name__}.")
        if not -1 <= asked < self.catalog.n_facets:
            raise ConfigError(
                f"asked is a facet index below {self.catalog.n_facets} or -1 for none, got {asked}."
            )
        tokens = self.scanner.tokenize(text)
        words = tokens.words
        if all(word in MARKS for word in words):
            return ()
        chunks = self._whole_reply(words) or self._with_opening(self.scanner.scan(tokens), words)
        return settle(self._interpret(chunks, words, asked))

    def _whole_reply(self, words: list[str]) -> list[Chunk]:
        """A reply that is nothing but the name of a value, where that name has another use in sentences."""
        replies = self._spoken.words.replies
        said = tuple(word for word in words if word not in MARKS)
        while len(said) > 1 and said[-1] in replies.courtesies:
            said = said[:-1]
        if said in replies.ellipses:
            return [Chunk(replies.ellipses[said], None, 0, len(words))]
        values = self.scanner.lexicon.bare(said)
        return [Chunk(Kind.VALUE, values, 0, len(words))] if values else []

    def _with_opening(self, chunks: list[Chunk], words: list[str]) -> list[Chunk]:
        """Reads an opening that repeats only the verb of a question as the answer: "I have, | it was fun"."""
        start = 0
        while start < len(words) - 1 and words[start] in self._before_ellipsis:
            start += 1
        for size in self._ellipsis_sizes:
            end = start + size
            cue = self._spoken.words.replies.ellipses.get(tuple(words[start:end]))
            if cue is not None and end < len(words) and words[end] in self._after_ellipsis:
                first = sum(chunk.end <= start for chunk in chunks)
                after = sum(chunk.start < end for chunk in chunks)
                return [*chunks[:first], Chunk(cue, None, start, end), *chunks[after:]]
        return chunks

    def _interpret(self, chunks: list[Chunk], words: list[str], asked: int) -> ReadingState:
        """Reads the chunks of a message from left to right: by their handlers, or as what they say by themselves."""
        language, nouns = self._spoken, self.scanner.lexicon.nouns
        state = ReadingState(self._value_facet, asked, chunks, words, nouns, language.words)
        for i, chunk in enumerate(chunks):
            kind = chunk.kind
            state.clause.words += chunk.end - chunk.start
            handler = language.handlers.get(kind)
            if handler is not None:
                handler(state, i, chunk)
            elif kind == Kind.WORD:
                state.clause.prose += chunk.data not in language.words.fillers
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

"""Reads what a person wrote: text in, dialogue acts out. No model, no randomness, no state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import ParsedAct
from chatrec_env.language.reader.cues import Cue
from chatrec_env.language.reader.interpretation import read
from chatrec_env.language.reader.lexicon import Kind
from chatrec_env.language.reader.repetitions import collapse
from chatrec_env.language.reader.scanning import Chunk, Scanner
from chatrec_env.language.reader.settle import ANSWERED_AFTER, settle
from chatrec_env.language.reader.text import COMMA, MARKS, QUESTION, STOP, clean, tokenize

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_COURTESY = frozenset(("please", "thanks"))
_ELLIPSES: dict[tuple[str, ...], Cue] = {
    **{("i", verb): Cue.YES for verb in ("have", "did", "do", "would", "am")},
    **{("i", verb, "not"): Cue.NO for verb in ("have", "did", "do", "would", "am")},
}
"""Replies that repeat only the verb of a question."""
_BEFORE: Final = (ANSWERED_AFTER | MARKS) - {"i"}
_ENDS: Final = [[mark] for mark in (STOP, QUESTION, COMMA)]


class Parser:
    """Reads sentences about the items of a catalogue.

    It knows English function words and what the catalogue declares: values with their synonyms and phrases,
    contexts, comparatives, nouns, titles and named entities. What it does not understand it leaves out: a
    false reading costs more than a missed one. The same text always gives the same acts.

    Only the first 2,000 characters (``nlu.text.MAX_CHARS``) are read; control and invisible characters are
    ignored.

    Args:
        catalog: The catalogue.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._scanner = Scanner(catalog)
        self._value_facet = [int(facet) for facet in catalog.value_facet]

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
        tokens = tokenize(self._scanner.spell(clean(text)))
        if not any(word not in MARKS for word in tokens.words):
            return ()
        collapse(tokens)
        self._scanner.correct(tokens)
        chunks = self._whole_reply(tokens.words) or _with_opening(self._scanner.scan(tokens), tokens.words)
        return settle(
            read(chunks, tokens.words, self._value_facet, nouns=self._scanner.lexicon.nouns, asked=asked)
        )

    def _whole_reply(self, words: list[str]) -> list[Chunk]:
        """A reply that is nothing but the name of a value, where that name has another use in sentences."""
        said = tuple(word for word in words if word not in MARKS)
        while len(said) > 1 and said[-1] in _COURTESY:
            said = said[:-1]
        if said in _ELLIPSES:
            return [Chunk(_ELLIPSES[said], None, 0, len(words))]
        values = self._scanner.lexicon.bare(said)
        return [Chunk(Kind.VALUE, values, 0, len(words))] if values else []


def _with_opening(chunks: list[Chunk], words: list[str]) -> list[Chunk]:
    """Reads an opening that repeats only the verb of a question as the answer: "I have, | it was fun"."""
    start = 0
    while start < len(words) - 1 and words[start] in _BEFORE:
        start += 1
    if words[start] != "i":
        return chunks
    for size in (3, 2):
        cue, end = _ELLIPSES.get(tuple(words[start : start + size])), start + size
        if cue is not None and (words[end : end + 1] == ["but"] or words[end : end + 1] in _ENDS):
            first = sum(chunk.end <= start for chunk in chunks)
            after = sum(chunk.start < end for chunk in chunks)
            return [*chunks[:first], Chunk(cue, None, start, end), *chunks[after:]]
    return chunks

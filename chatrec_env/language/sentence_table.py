"""The sentence table: each distinct sentence is worded, parsed and encoded once, then it is a row."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from chatrec_env.core.progress import in_chunks, with_progress
from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import ParsedAct
from chatrec_env.language.encoders.base import Encoder, Vectors
from chatrec_env.language.facts import topics
from chatrec_env.language.meanings import said_after
from chatrec_env.language.sentence_ring import Ids, SentenceRing, UnknownSentenceError
from chatrec_env.language.sentence_rows import Hits, SentenceArrays, SentenceRows, rows_ready

if TYPE_CHECKING:
    from chatrec_env.language.acts import SystemAct
    from chatrec_env.language.grammar import Grammar
    from chatrec_env.language.message_reader import MessageReader
    from chatrec_env.language.parser import Parser

_CHUNK = 512  # sentences parsed and encoded at a time
_MOST_CHARACTERS = 10_000

Chunks = Callable[[list[Any], int], Iterable[list[Any]]]


class Matcher(Protocol):
    """Finds the items whose texts are like a sentence."""

    most_hits: int  # T, most items found for one sentence
    texts: npt.NDArray[np.float32]  # (I, P) a few numbers that tell an item's text from others
    themes: Any  # `ThemeArrays`; with any, their numbers stand in place of items, and evidence of likeness

    def match(self, vectors: Vectors) -> list[Hits]:
        """The items that each of n sentences ``(n, D)`` is like; the same bits whatever n is."""


class SentenceTable:
    """Text, parsed acts and embedding of every sentence that was needed so far, by id.

    Ids below ``grammar.n_sentences`` are the grammar's; their rows are filled when :meth:`ensure` or
    :meth:`preload` asks for them. Free sentences (from a person or a large language model) get ids
    from there on, in the order they come; at most ``capacity`` of them are kept, in a ring: then each
    new one drops the oldest. Id -1 means "no sentence". A dropped id and -1 lead to the last row,
    which is empty, so gathers need no branches.

    A system sentence has no user acts. Several threads may use one table; one of them at a time
    fills rows.

    Args:
        capacity: Most free sentences kept, at least 1.
        matcher: What finds the items that the person's sentences are like; None: they are not looked for.

    Raises:
        ConfigError: ``capacity`` is not a positive integer.
    """

    def __init__(
        self,
        grammar: Grammar,
        parser: Parser,
        encoder: Encoder,
        *,
        capacity: int = 65_536,
        matcher: Matcher | None = None,
    ) -> None:
        self.matcher = matcher
        self.grammar, self.parser, self.encoder = grammar, parser, encoder
        self.reader: MessageReader | None = None  # of the grammar's sentences; None: the parser reads them
        self._ring = SentenceRing(grammar.n_sentences, capacity)
        self._texts: dict[int, str] = {}  # row -> text
        self._acts: dict[int, tuple[ParsedAct, ...]] = {}  # row -> acts
        counts = grammar.catalog
        self._rows = SentenceRows(
            self._ring.first,
            capacity,
            n_values=counts.n_values,
            n_facets=counts.n_facets,
            dim=encoder.dim,
            most_hits=matcher.most_hits if matcher else 0,
            topics=topics(counts),
            unanswered=[one.name for one in counts.declaration.unanswered],
        )
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        free = f"{len(self._ring)} of {self._ring.capacity} free ones"
        return f"SentenceTable({self._ring.first} grammar sentences, {free}, encoder {self.encoder.name!r})"

    @property
    def arrays(self) -> SentenceArrays:
        """The rows as one record of read-only arrays, R of them; :func:`~.sentence_ring.row_of` maps ids to them."""
        return self._rows.arrays

    @property
    def end(self) -> int:
        """The next free id; all ids ever handed out are below."""
        return self._ring.end

    @property
    def capacity(self) -> int:
        """Most free sentences kept."""
        return self._ring.capacity

    def row(self, ids: Ids | int) -> npt.NDArray[np.intp]:
        """Rows of sentence ids, same shape; -1 and dropped free sentences map to the empty last row.

        Raises:
            UnknownSentenceError: An id was never handed out.
        """
        return self._ring.row(np.asarray(ids))

    def ensure(self, ids: Ids) -> None:
        """See that the rows of these ids (any shape) are filled: parse and encode what is missing.

        Raises:
            UnknownSentenceError: An id was never handed out.
        """
        flat = np.ascontiguousarray(ids, np.int64).reshape(-1)
        arrays = self._rows.arrays
        if not rows_ready(flat, arrays.ready, arrays.first, arrays.capacity, self._ring.end):
            self._fill(flat, in_chunks)

    def preload(self, ids: Ids | None = None, progress: bool = False) -> None:
        """Fill the rows of many sentences beforehand.

        Args:
            ids: Which; None means those a conversation can hold, ``grammar.reachable_ids()``.
            progress: Show a bar on the terminal if it takes more than about two seconds.

        Raises:
            UnknownSentenceError: An id was never handed out.
        """
        ids = np.asarray(self.grammar.reachable_ids() if ids is None else ids)
        self._fill(ids, with_progress("Reading sentences") if progress else in_chunks)

    def take(self, ids: Ids, vectors: Vectors) -> None:
        """Fill rows of the system's sentences ``(n,)`` that are missing, with vectors ``(n, D)`` computed before."""
        with self._lock:
            new = ~self._rows.arrays.ready[self.row(ids)]
            for i, vector in zip(np.asarray(ids)[new].tolist(), vectors[new], strict=True):
                self._write(i, self.grammar.text(i), (), vector, None)

    def _fill(self, ids: Ids, chunks: Chunks) -> None:
        self._ring.row(ids)  # all must have been handed out
        with self._lock:
            # Free sentences are filled as they are interned, so only the grammar's can be missing.
            wanted = np.unique(ids[(ids >= 0) & (ids < self._ring.first)])
            missing = wanted[~self._rows.arrays.ready[wanted]].tolist()
            texts = {i: self.grammar.text(i) for i in missing}
            missing.sort(key=lambda i: len(texts[i]))  # like lengths together: less padding
            for part in chunks(missing, _CHUNK):
                vectors, acts = self._read_grammar(part, [texts[i] for i in part])
                theirs = [self.grammar.speaker(i) == "user" for i in part]
                hits = self._match(vectors, theirs)
                for i, read, vector, found in zip(part, acts, vectors, hits, strict=True):
                    self._write(i, texts[i], read, vector, found)

    def _read_grammar(
        self, ids: Sequence[int], texts: list[str]
    ) -> tuple[Vectors, list[tuple[ParsedAct, ...]]]:
        """Vectors and acts of sentences of the grammar; those of the system have no acts."""
        theirs = [at for at, i in enumerate(ids) if self.grammar.speaker(i) == "user"]
        read: list[tuple[ParsedAct, ...]] = [()] * len(texts)
        if self.reader is None:
            for at in theirs:
                read[at] = self.parser.parse(texts[at])
            return self.encoder.encode(texts), read
        places: dict[SystemAct | None, list[int]] = {}
        for at in theirs:
            places.setdefault(said_after(self.grammar.describe(ids[at])[0]), []).append(at)
        for after, some in places.items():
            _, acts = self.reader.read([texts[at] for at in some], after=after)
            for at, told in zip(some, acts, strict=True):
                read[at] = told
        return self.encoder.encode(texts), read

    def _match(self, vectors: Vectors, theirs: Sequence[bool]) -> list[Hits | None]:
        """The items that each sentence is like; None for those that are not the person's."""
        found: list[Hits | None] = [None] * len(vectors)
        if self.matcher is not None:
            places = np.flatnonzero(theirs)
            for place, hits in zip(places.tolist(), self.matcher.match(vectors[places]), strict=True):
                found[place] = hits
        return found

    def _write(
        self,
        row: int,
        text: str,
        acts: tuple[ParsedAct, ...],
        vector: npt.NDArray[np.float32],
        hits: Hits | None,
    ) -> None:
        self._texts[row], self._acts[row] = text, acts
        self._rows.write(row, acts, vector, hits)

    def intern(
        self,
        texts: Sequence[str],
        *,
        reader: MessageReader | None = None,
        after: SystemAct | None = None,
        asked: int = -1,
        on_table: int = 0,
    ) -> npt.NDArray[np.int64]:
        """Take in free sentences; a text that is still kept keeps its id.

        Args:
            texts: n sentences. If more than ``capacity`` of them are distinct, only the last
                ``capacity`` are kept.
            reader: What reads them, where they come from outside; default: the parser. A text has an id of its own
                for each place it is read in.
            after: What the system did just before; only for a reader, like the next two.
            asked: Facet it asked about, or -1.
            on_table: How many cards lie on the table; 0 where it is not known.

        Returns:
            (n,) int64 ids, filled and valid at least until ``capacity`` more sentences have come.

        Raises:
            ConfigError: One is not a string, or longer than 10,000 characters.
        """
        for text in texts:
            if not isinstance(text, str) or len(text) > _MOST_CHARACTERS:
                got = f"{len(text)} characters" if isinstance(text, str) else f"{text!r}"
                raise ConfigError(
                    f"A sentence must be a string of at most {_MOST_CHARACTERS} characters, got {got}."
                )
        with self._lock:
            given: dict[str, int] = {}
            way = "" if reader is None or reader.notice else f"\0read after {after} {asked} {on_table}\0"
            keys = [way + text for text in texts]
            for part in in_chunks(self._ring.new(dict.fromkeys(keys)), _CHUNK):
                said = [key[len(way) :] for key in part]
                if reader is None or not way:
                    vectors, parsed = self.encoder.encode(said), [self.parser.parse(text) for text in said]
                else:
                    vectors, parsed = reader.read(said, after=after, asked=asked, on_table=on_table)
                    if reader.encoder is not self.encoder:
                        vectors = self.encoder.encode(said)
                matched = self._match(vectors, [True] * len(part))
                for key, text, acts, vector, hits in zip(part, said, parsed, vectors, matched, strict=True):
                    given[key], row = self._ring.add(key)
                    self._write(row, text, acts, vector, hits)
            return np.array([given[k] if k in given else self._ring.id(k) for k in keys], np.int64)

    def _row_of(self, sentence_id: int) -> int:
        """The filled row of one id that must have a sentence."""
        ids = np.array([sentence_id], np.int64)
        self.ensure(ids)
        row = int(self.row(ids)[0])
        if row == self._ring.nowhere:
            why = (
                "means no sentence" if sentence_id < 0 else "was dropped: newer free sentences took its place"
            )
            raise UnknownSentenceError(
                f"Sentence {sentence_id} {why}. The table keeps the latest {self.capacity} free sentences; "
                "keep the text itself where it is needed longer, or raise capacity."
            )
        return row

    def text(self, sentence_id: int) -> str:
        """The text of an id; needs no model.

        Raises:
            UnknownSentenceError: No such id, no sentence (-1), or dropped since. Also the next two.
        """
        with self._lock:
            if 0 <= sentence_id < self._ring.first:
                known = self._texts.get(sentence_id)
                return self.grammar.text(sentence_id) if known is None else known
            return self._texts[self._row_of(sentence_id)]

    def acts(self, sentence_id: int) -> tuple[ParsedAct, ...]:
        """What the sentence of an id does."""
        with self._lock:
            return self._acts[self._row_of(sentence_id)]

    def embedding(self, sentence_id: int) -> npt.NDArray[np.float32]:
        """The vector of an id, ``(D,)``; the same bits as ``encoder.encode([text(id)])[0]``."""
        with self._lock:
            return self._rows.arrays.embeddings[self._row_of(sentence_id)].copy()

    def texts(self, ids: Ids) -> list[str]:
        """What was said in each of N turns.

        Args:
            ids: (N, S); -1 is skipped.

        Returns:
            N texts, the sentences joined by blanks; empty where there are none.
        """
        known, first = self._texts, self._ring.first
        turns = []
        for turn in np.asarray(ids).tolist():
            # A sentence of the grammar keeps its text for good; only others need the lock.
            said = [(known.get(i) if i < first else None) or self.text(i) for i in turn if i != -1]
            turns.append(" ".join(said))
        return turns

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:  # copies: others may go on interning while this is written out
            kept = {
                name: getattr(self, name) for name in ("grammar", "parser", "encoder", "reader", "matcher")
            }
            copied = {name: copy.deepcopy(getattr(self, name)) for name in ("_ring", "_texts", "_rows")}
            return kept | {"_acts": dict(self._acts)} | copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.RLock()

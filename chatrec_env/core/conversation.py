"""The conversation part of the observation: how what was said becomes columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.errors import UnknownNameError
from chatrec_env.language.encoders.base import TranscriptEncoder, reads_transcripts

if TYPE_CHECKING:
    from chatrec_env.core.state import Dialogue
    from chatrec_env.language import SentenceTable

CONVERSATIONS = ("recency", "sequence")
"""Forms of the conversation block: one recency-weighted mean per role, or the last turns one by one."""

MOST_TURNS = 1000


@dataclass(frozen=True, slots=True)
class Block:
    """A named run of columns.

    Attributes:
        name: What a dict observation calls it.
        columns: A name for each column.
        shape: Of the block in a dict observation, in C order; empty for one dimension.
    """

    name: str
    columns: tuple[str, ...]
    shape: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)


class Conversation(Protocol):
    """Writes the conversation into the first columns of an observation."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What it writes, in order."""

    def write(self, dialogue: Dialogue, out: npt.NDArray[np.float32]) -> None:
        """Fill ``out (N, width of all blocks)``."""


def make_conversation(form: str, table: SentenceTable, history_turns: int) -> Conversation | Recency:
    """The conversation part by name.

    Args:
        form: One of ``CONVERSATIONS``.
        table: The sentences and their encodings.
        history_turns: T of ``"sequence"``.

    Raises:
        UnknownNameError: No such form.
    """
    if form not in CONVERSATIONS:
        raise UnknownNameError("conversation", form, CONVERSATIONS)
    if reads_transcripts(table.encoder):
        return Transcripts(table, table.encoder, history_turns if form == "sequence" else 0)
    return Recency(table) if form == "recency" else TurnSequence(table, history_turns)


class Recency:
    """``conversation (2 D,)``: the recency-weighted mean of what the person said, then of what the system said.

    With every turn in which a role speaks, its half moves to ``0.6`` of itself plus ``0.4`` times the mean encoding
    of the turn's sentences (``TrackerConfig.recency``). It is written with the columns that follow
    (``chatrec_env.core.columns``).
    """

    def __init__(self, table: SentenceTable) -> None:
        columns = (f"{role}:{i}" for role in ("said", "heard") for i in range(table.encoder.dim))
        self.blocks: tuple[Block, ...] = (Block("conversation", tuple(columns)),)


class TurnSequence:
    """``conversation (T, 2 D)``: the last T turns, oldest first; ``conversation_mask (T,)``: which there were.

    A turn is what the system said and the person's answer; the opening is a turn without a system sentence. Its row
    is the mean encoding of the person's sentences, then of the system's, zero for a role that said nothing. The
    current turn is the last row; rows before the first turn are zero, and 0 in the mask. Sentences the table has
    dropped since (free ones only, after ``capacity`` newer ones) count as not said.

    Args:
        table: The sentences and their encodings.
        turns: T.
    """

    def __init__(self, table: SentenceTable, turns: int) -> None:
        self._table, self._turns = table, turns
        dim, ago = table.encoder.dim, range(turns - 1, -1, -1)
        columns = (f"t-{t}: {role}:{i}" for t in ago for role in ("said", "heard") for i in range(dim))
        self.blocks: tuple[Block, ...] = (
            Block("conversation", tuple(columns), (turns, 2 * dim)),
            Block("conversation_mask", tuple(f"t-{t}" for t in ago)),
        )

    def write(self, dialogue: Dialogue, out: npt.NDArray[np.float32]) -> None:
        """See :class:`Conversation`."""
        table, n = self._table, len(dialogue.turn)
        numbers = dialogue.turn[:, None] + np.arange(1 - self._turns, 1)  # (N, T) turns, oldest first
        there = numbers >= 0
        ids = dialogue.transcript[np.arange(n)[:, None], np.maximum(numbers, 0)]  # (N, T, 7)
        rows = table.row(np.where(there[:, :, None], ids, -1))
        nowhere = table.row(-1)
        roles = (rows[:, :, -USER_SENTENCES:], rows[:, :, :-USER_SENTENCES])
        means = np.stack(
            [mean_rows(table.arrays.embeddings, part, part != nowhere) for part in roles], axis=2
        )
        out[:, : -self._turns] = means.reshape(n, -1)
        out[:, -self._turns :] = there


class Transcripts:
    """``conversation (W,)``: one vector of the whole conversation, by an encoder that reads all of it.

    As a sequence, ``conversation (T, W)``: the vector after each of the last T turns, oldest first, zero before the
    first; and ``conversation_mask (T,)``, as in :class:`TurnSequence`.

    Args:
        table: The sentences.
        encoder: Reads transcripts.
        turns: T, or 0 for the one vector.
    """

    def __init__(self, table: SentenceTable, encoder: TranscriptEncoder, turns: int) -> None:
        self._table, self._encoder, self._turns = table, encoder, turns
        width, ago = encoder.width, range(turns - 1, -1, -1)
        if turns:
            columns = tuple(f"t-{t}: transcript:{i}" for t in ago for i in range(width))
            mask = Block("conversation_mask", tuple(f"t-{t}" for t in ago))
            self.blocks: tuple[Block, ...] = (Block("conversation", columns, (turns, width)), mask)
        else:
            self.blocks = (Block("conversation", tuple(f"transcript:{i}" for i in range(width))),)

    def write(self, dialogue: Dialogue, out: npt.NDArray[np.float32]) -> None:
        """See :class:`Conversation`."""
        n, texts = len(dialogue.turn), self._table.texts
        transcripts = []
        for row, turn in enumerate(dialogue.turn.tolist()):
            ids = dialogue.transcript[row, : turn + 1]
            pairs = zip(texts(ids[:, :-USER_SENTENCES]), texts(ids[:, -USER_SENTENCES:]), strict=True)
            turns = list(pairs)
            transcripts.append(
                turns if any(turns[0]) else turns[1:]
            )  # nobody has spoken yet: nothing to read
        states = self._encoder.encode_transcripts(transcripts, max(self._turns, 1)).reshape(n, -1)
        out[:, : states.shape[1]] = states
        if self._turns:
            out[:, states.shape[1] :] = dialogue.turn[:, None] >= np.arange(self._turns - 1, -1, -1)


def mean_rows(
    vectors: npt.NDArray[np.float32], rows: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """Mean of the counted rows of ``vectors (R, D)``; zero where none is.

    Args:
        vectors: (R, D) float32.
        rows: (..., S) which rows.
        counted: (..., S) which of them count.

    Returns:
        (..., D) float32.
    """
    total = np.zeros((*rows.shape[:-1], vectors.shape[1]), np.float32)
    for place in range(rows.shape[-1]):
        who = np.nonzero(counted[..., place])
        if len(who[0]):
            total[who] += vectors[rows[..., place][who]]
    total /= np.maximum(counted.sum(-1), 1).astype(np.float32)[..., None]
    return total

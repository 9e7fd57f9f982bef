"""What an encoder is: sentences in, unit vectors out, the same bits every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ChatRecError

Vectors: TypeAlias = npt.NDArray[np.float32]


class EncodingError(ChatRecError, RuntimeError):
    """An encoder that asks elsewhere could not encode all of a call.

    Attributes:
        vectors: What it did encode, by place in the call; whoever keeps vectors keeps these.
    """

    vectors: Mapping[int, Vectors] = MappingProxyType({})


@runtime_checkable
class Encoder(Protocol):
    """Turns sentences into vectors.

    The promise every implementation keeps: the vector of a text depends on the text alone. Which
    other texts are in the call, in what order, and how many, changes no bit of it.
    """

    @property
    def name(self) -> str:
        """The name that :func:`make_encoder` builds this encoder from."""

    @property
    def dim(self) -> int:
        """Length D of a vector."""

    @property
    def fingerprint(self) -> str:
        """Hex digest of everything that decides the vectors: weights, tokenizer, scheme."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences.

        Args:
            texts: n sentences; may be empty, may repeat.

        Returns:
            (n, D) float32, rows of unit length.
        """


Exchange: TypeAlias = tuple[str, str]
"""One turn of a transcript: what the system said, then the person's answer; either may be empty."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """What an encoder knows of each of the T tokens of a sentence, its first and last marker included."""

    states: Vectors  # (T, W), one row a token: of the layer a reader takes
    spans: npt.NDArray[np.int64]  # (T, 2) where each token stands in the text; empty spans for markers


STATE_LAYER: Final = 4
"""Layer of which a reader gets the token states; the last of a model with fewer."""


def token_spans(read: Any) -> npt.NDArray[np.int64]:
    """Where the tokens stand in the text, ``(T, 2)``, of what the tokenizer made of it."""
    return np.array(read.offsets, np.int64).reshape(-1, 2)


class StateEncoder(Encoder, Protocol):
    """An encoder that also hands out the states of the tokens of which it makes a sentence's vector.

    The promise is that of an :class:`Encoder`: the states of a text depend on that text alone.
    """

    @property
    def weights(self) -> str:
        """Hex digest of what the states come from: the same for all ways to run one model, to rounding or 8 bits."""

    def encode_with_states(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenStates]]:
        """In one pass: ``encode(texts)``, and the token states of each text."""


def gives_states(encoder: Encoder) -> TypeGuard[StateEncoder]:
    """Whether an encoder hands out token states."""
    return bool(getattr(encoder, "weights", ""))


class TranscriptEncoder(Encoder, Protocol):
    """Turns whole conversations into vectors, and says nothing of single sentences.

    As an :class:`Encoder` it has width 0, so that a sentence table can hold it (and its name and fingerprint) at no
    cost. The promise is the same: the vector of a transcript depends on that transcript alone, not on what else is
    in the call, nor on what is remembered of earlier calls.
    """

    @property
    def width(self) -> int:
        """Length of a transcript's vector."""

    def encode_transcripts(self, transcripts: Sequence[Sequence[Exchange]], last: int = 1) -> Vectors:
        """Encode conversations.

        Args:
            transcripts: N conversations, each the turns so far.
            last: After how many of its latest turns each is encoded.

        Returns:
            (N, last, width) float32, rows of unit length: after the oldest of these turns first, the whole
            conversation last; zero where a conversation had not begun yet.
        """


def reads_transcripts(encoder: Encoder) -> TypeGuard[TranscriptEncoder]:
    """Whether an encoder is one of whole conversations."""
    return hasattr(encoder, "encode_transcripts")

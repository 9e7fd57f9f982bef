"""What an encoder is: sentences in, unit vectors out, the same bits every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


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

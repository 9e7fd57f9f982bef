"""The encoder that says nothing: what a state without a language model is compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from chatrec_env.language.encoders.base import Vectors

WIDTH = 8
"""Columns of a vector, all of them 0."""


class NoEncoder:
    """Zeros for every sentence, so that the state holds what was read from sentences and nothing of how they sound."""

    name = "none"
    dim = WIDTH
    fingerprint = hashlib.sha256(b"none").hexdigest()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences; see :class:`Encoder`."""
        return np.zeros((len(texts), WIDTH), np.float32)

    def __deepcopy__(self, memo: dict[int, object]) -> NoEncoder:
        return self  # a pure function: nothing to copy

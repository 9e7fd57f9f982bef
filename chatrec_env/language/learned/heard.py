"""What the reader's network takes, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Sizes of the network."""

    width: int = 384  # of a token's states
    wide: int = 1536  # within a layer
    layers: int = 2
    heads: int = 12


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of T tokens as the network takes it."""

    states: npt.NDArray[Any]  # (T, D) floats
    kinds: npt.NDArray[np.int64]  # (T,) 0 for a word, else 1 + `MentionKind`
    begins: npt.NDArray[np.int64]  # (T,) 1 where a mention begins
    signs: npt.NDArray[np.int64]  # (T,) into `evidence.SIGNS`: what the rules read of the mention
    told: Floats  # (U,) 1 for each act of `UserAct` that the rules read


@dataclass(frozen=True, slots=True)
class Logits:
    """What the network says of a message of T tokens; chances are their sigmoids, or softmax over the last axis."""

    acts: Floats  # (A,)
    roles: Floats  # (T, 1 + R), first that the token is no mention
    strengths: Floats  # (T, S)
    other: Floats  # (T,)

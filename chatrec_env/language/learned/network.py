"""The network that tells what is meant: the upper layers of the encoder, fitted further, in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import UserAct

KEPT: Final = np.float32(0.3)
"""Share of a token's own state that is heard inside a mention; the rest tells only the mention's kind."""

Floats = npt.NDArray[np.float32]


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


class Network:
    """Layers of a BERT (Devlin et al. 2019) over token states ``(T, D)``, and dense maps on top.

    Of a token inside a mention only a share of its state is taken, and vectors of the mention's kind and of what the
    rules read of it are added: so how things are said is learned, not what is named. Vectors of what came before
    and of the acts that the rules read are added to the first token. Acts are read off the first token, mean and
    maximum over tokens, and the rules' acts; the rest off each token.

    Args:
        weights: By name, as ``experiments.language.reader_network`` names them.

    Raises:
        ArtifactError: The weights do not fit the shape.
    """

    def __init__(self, weights: Mapping[str, npt.NDArray[Any]], shape: Shape) -> None:
        self.shape = shape
        try:
            self._w = {name: _ready(name, np.asarray(array, np.float32)) for name, array in weights.items()}
            states, none = np.zeros((2, shape.width), np.float32), np.zeros(2, np.int64)
            self(Heard(states, none, none, none, np.zeros(len(UserAct), np.float32)), 0)
        except (KeyError, ValueError, IndexError) as error:
            raise ArtifactError(
                f"These are not the weights of a reader's network of {shape}: {error!r}. Fit them again with: "
                "python -m experiments.language.fit_reader"
            ) from error

    def __call__(self, heard: Heard, after: int) -> Logits:
        """Read one message.

        Args:
            heard: The message.
            after: Index into :data:`.scheme.AFTER`.
        """
        w = self._w
        states = heard.states.astype(np.float32)
        h = states * np.where(heard.kinds > 0, KEPT, np.float32(1))[:, None] + w["kind.weight"][heard.kinds]
        h += heard.begins[:, None] * w["begin"] + w["sign.weight"][heard.signs]
        h[0] += w["after.weight"][after] + heard.told @ w["told.weight"]
        for layer in range(self.shape.layers):
            h = self._layer(h, f"layers.{layer}.")
        pooled = np.concatenate([h[0], h.mean(0), h.max(0), heard.told])
        return Logits(
            acts=self._map(pooled, "acts"),
            roles=self._map(h, "roles") + w["signed.weight"][heard.signs],
            strengths=self._map(h, "strengths"),
            other=self._map(h, "other")[:, 0],
        )

    def _map(self, h: Floats, name: str) -> Floats:
        out: Floats = h @ self._w[f"{name}.weight"] + self._w[f"{name}.bias"]
        return out

    def _layer(self, h: Floats, at: str) -> Floats:
        t, d = h.shape
        heads = self.shape.heads
        q, k, v = self._map(h, f"{at}joined").reshape(t, 3, heads, d // heads).transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) / np.float32((d // heads) ** 0.5)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        h = self._norm(h + self._map(mixed.transpose(1, 0, 2).reshape(t, d), f"{at}mixed"), f"{at}norm1")
        return self._norm(h + self._map(_gelu(self._map(h, f"{at}wide")), f"{at}back"), f"{at}norm2")

    def _norm(self, h: Floats, at: str) -> Floats:
        """Rows of mean 0 and variance 1, then scaled and shifted."""
        centred = h - h.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-12))
        out: Floats = centred / spread * self._w[f"{at}.weight"] + self._w[f"{at}.bias"]
        return out


def _ready(name: str, array: Floats) -> Floats:
    """Matrices as they are multiplied from the right; tables of vectors as they are."""
    table = name.startswith(("kind.", "after.", "sign.", "signed."))
    return array if array.ndim < 2 or table else np.ascontiguousarray(array.T)


def _gelu(x: Floats) -> Floats:
    """Hendrycks and Gimpel 2016, the form with tanh."""
    out: Floats = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)))
    return out

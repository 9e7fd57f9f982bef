"""The heads that tell what is meant: a small network over token states, in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError

REACH: Final = 8
"""Tokens beyond which all distances are the same to attention."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Sizes of the network."""

    states: int = 768  # width of a token's states
    width: int = 128
    layers: int = 2
    heads: int = 4


@dataclass(frozen=True, slots=True)
class Logits:
    """What the heads say of a message of T tokens; chances are their sigmoids, or softmax over the last axis."""

    acts: Floats  # (A,)
    roles: Floats  # (T, 1 + R), first that the token is no mention
    strengths: Floats  # (T, S)
    other: Floats  # (T,)


class Network:
    """E networks of one shape, fitted with different seeds; their logits are averaged.

    Token states ``x (T, W)`` are mapped to ``h (T, D)``; of a token inside a mention only the mention's kind is
    taken, so the heads learn how things are said, not what is named. A vector of what came before is added to all.
    Then, per layer, with norms first: attention with a bias by distance, and a dense map, each added to ``h``.
    Acts are read off mean and maximum over tokens, the rest off each token.

    Args:
        members: The weights of each network by name, as ``experiments.language.reader_network`` names them.

    Raises:
        ArtifactError: The weights do not fit the shape.
    """

    def __init__(self, members: Sequence[Mapping[str, npt.NDArray[Any]]], shape: Shape) -> None:
        self.shape, self.members = shape, len(members)
        try:
            self._w = {
                name: np.stack([np.asarray(one[name], np.float32) for one in members]) for name in members[0]
            }
            for name in [name for name, array in self._w.items() if array.ndim == 3 and _is_map(name)]:
                self._w[name] = np.ascontiguousarray(self._w[name].transpose(0, 2, 1))
            if self._w["take.weight"].shape[1:] != (shape.states, shape.width):
                raise ValueError(f"a first map of {self._w['take.weight'].shape[1:]}")
            self(np.zeros((2, shape.states), np.float32), np.array([0, 1]), np.array([0, 1]), 0)
        except (KeyError, ValueError, IndexError) as error:
            raise ArtifactError(
                f"These are not the weights of a reader's heads of {shape}: {error!r}. Fit them again with: "
                "python -m experiments.language.fit_reader"
            ) from error

    def __call__(
        self, states: Floats, kinds: npt.NDArray[np.int64], begins: npt.NDArray[np.int64], after: int
    ) -> Logits:
        """Read one message.

        Args:
            states: (T, W) of its tokens.
            kinds: (T,) 0 for a word, else 1 + :class:`.mentions.MentionKind`.
            begins: (T,) 1 where a mention begins.
            after: Index into :data:`.scheme.AFTER`.
        """
        w = self._w
        h = states @ w["take.weight"] + w["take.bias"][:, None]  # (E, T, D)
        inside = kinds > 0
        h[:, inside] = w["kind.weight"][:, kinds[inside]]
        h += begins[:, None] * w["begin"][:, None] + w["after.weight"][:, after][:, None]
        place = np.arange(len(states))
        far = np.clip(place[None, :] - place[:, None], -REACH, REACH) + REACH
        for layer in range(self.shape.layers):
            h = self._layer(h, f"layers.{layer}.", far)
        h = _norm(h, w["norm.weight"], w["norm.bias"])
        pooled = np.concatenate([h.mean(1), h.max(1)], 1)[:, None]  # (E, 1, 2 D)
        return Logits(
            acts=self._map(pooled, "acts").mean(0)[0],
            roles=self._map(h, "roles").mean(0),
            strengths=self._map(h, "strengths").mean(0),
            other=self._map(h, "other").mean(0)[:, 0],
        )

    def _map(self, h: Floats, name: str) -> Floats:
        out: Floats = h @ self._w[f"{name}.weight"] + self._w[f"{name}.bias"][:, None]
        return out

    def _layer(self, h: Floats, at: str, far: npt.NDArray[np.int64]) -> Floats:
        e, t, d = h.shape
        heads, w = self.shape.heads, self._w
        normed = _norm(h, w[f"{at}norm1.weight"], w[f"{at}norm1.bias"])
        q, k, v = (
            self._map(normed, f"{at}joined").reshape(e, t, 3, heads, d // heads).transpose(2, 0, 3, 1, 4)
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32((d // heads) ** 0.5) + w[f"{at}near"][:, :, far]
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        h = h + self._map(mixed.transpose(0, 2, 1, 3).reshape(e, t, d), f"{at}mixed")
        normed = _norm(h, w[f"{at}norm2.weight"], w[f"{at}norm2.bias"])
        return h + self._map(np.maximum(self._map(normed, f"{at}wide"), 0), f"{at}back")


def _is_map(name: str) -> bool:
    return name.endswith(".weight") and not name.startswith(("kind.", "after."))


def _norm(h: Floats, scale: Floats, shift: Floats) -> Floats:
    """Rows of mean 0 and variance 1, then scaled and shifted."""
    centred = h - h.mean(-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-5))
    out: Floats = centred / spread * scale[:, None] + shift[:, None]
    return out

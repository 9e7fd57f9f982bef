"""The network that reads, where it is fitted: layers of a BERT over token states, and dense maps on top.

:mod:`chatrec_env.language.learned.network` says what it does, and runs it where messages are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import UserAct
from chatrec_env.language.learned.evidence import SIGNS
from chatrec_env.language.learned.heard import Heard, Logits, Shape
from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.network import KEPT
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES, STRENGTHS


@dataclass(slots=True)
class Batch:
    """B messages of at most T tokens; every array is padded with zeros, and ``real`` says where tokens are."""

    states: torch.Tensor  # (B, T, D)
    kinds: torch.Tensor  # (B, T) long, 0 for a word, else 1 + `MentionKind`
    begins: torch.Tensor  # (B, T) whether a mention begins
    signs: torch.Tensor  # (B, T) long, into `SIGNS`
    real: torch.Tensor  # (B, T) bool
    after: torch.Tensor  # (B,) long, into `AFTER`
    told: torch.Tensor  # (B, U) acts that the rules read


class Layer(nn.Module):
    """A layer of BERT: attention, then a dense map; each with its residual sum, norms last."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        width, self.heads, self.dropout = shape.width, shape.heads, dropout
        self.joined, self.mixed = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.back = nn.Linear(width, shape.wide), nn.Linear(shape.wide, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.drop = nn.Dropout(dropout)

    def forward(self, h: torch.Tensor, real: Sequence[torch.Tensor]) -> torch.Tensor:
        """States of all tokens ``(M, D)`` to the same; where they are real, by batch, ``(B, T)`` each."""
        parts = zip(_apart(self.joined(h), real), real, strict=True)
        mixed = torch.cat([self._attend(part, mask) for part, mask in parts])
        h = self.norm1(h + self.drop(self.mixed(mixed)))
        wide = functional.gelu(self.wide(h), approximate="tanh")
        out: torch.Tensor = self.norm2(h + self.drop(self.back(wide)))
        return out

    def _attend(self, joined: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        q, k, v = joined.view(*real.shape, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=real[:, None, None, :])
        return mixed.transpose(1, 2).reshape(real.numel(), -1)


class Network(nn.Module):
    """Token states to logits of acts, and by token of roles, strengths and whose wish it is."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        width, told = shape.width, len(UserAct)
        self.kind = nn.Embedding(1 + len(MentionKind), width)
        self.sign = nn.Embedding(len(SIGNS), width)
        self.after = nn.Embedding(len(AFTER), width)
        self.begin = nn.Parameter(torch.zeros(width))
        self.told = nn.Linear(told, width, bias=False)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.acts = nn.Linear(3 * width + told, len(ACTS))
        self.roles = nn.Linear(width, 1 + len(ROLES))
        self.signed = nn.Embedding(len(SIGNS), 1 + len(ROLES))
        self.strengths = nn.Linear(width, len(STRENGTHS))
        self.other = nn.Linear(width, 1)
        self.drop = nn.Dropout(dropout)
        for table in (self.kind, self.sign, self.after, self.told, self.signed):
            nn.init.normal_(table.weight, std=0.02)

    @classmethod
    def of(cls, weights: Mapping[str, npt.NDArray[Any]], shape: Shape) -> Network:
        """A fitted network, ready to read.

        Raises:
            ArtifactError: The weights do not fit the shape.
        """
        try:
            net = cls(shape)
            net.load_state_dict(
                {name: torch.from_numpy(np.asarray(array, np.float32)) for name, array in weights.items()}
            )
        except (RuntimeError, ValueError, AssertionError) as error:
            raise ArtifactError(
                f"These are not the weights of a reader's network of {shape}: {error!r}. Fit them again with: "
                "python -m experiments.language.fit_reader"
            ) from error
        return net.eval().requires_grad_(False)

    def forward(self, x: Batch) -> dict[str, torch.Tensor]:
        """Logits: acts (B, A), roles (B, T, 1 + R), strengths (B, T, S), other (B, T)."""
        return self._of_all([x])[0]

    def _of_all(self, batches: Sequence[Batch]) -> list[dict[str, torch.Tensor]]:
        """The logits of each; the dense maps take the tokens of all of them one after another."""
        real = [x.real for x in batches]
        h = torch.cat([self._first(x).flatten(0, 1) for x in batches])
        for layer in self.layers:
            h = layer(h, real)
        pooled = [self.drop(_pooled(part, mask)) for part, mask in zip(_apart(h, real), real, strict=True)]
        h = self.drop(h)
        of_tokens = zip(
            *(_apart(dense(h), real) for dense in (self.roles, self.strengths, self.other)), strict=True
        )
        return [
            {
                "acts": _by_row(self.acts, torch.cat([whole, x.told], 1)),
                "roles": roles + self.signed(x.signs),
                "strengths": strengths,
                "other": other[..., 0],
            }
            for x, whole, (roles, strengths, other) in zip(batches, pooled, of_tokens, strict=True)
        ]

    def _first(self, x: Batch) -> torch.Tensor:
        share = torch.where(x.kinds > 0, KEPT, 1.0)[..., None]
        h = x.states * share + self.kind(x.kinds) + x.begins[..., None] * self.begin + self.sign(x.signs)
        first = self.after(x.after) + _by_row(self.told, x.told)
        out: torch.Tensor = self.drop(h + functional.pad(first[:, None], (0, 0, 0, h.shape[1] - 1)))
        return out

    def say(self, batch: Batch) -> tuple[npt.NDArray[np.float32], ...]:
        """The logits as arrays, in the order of :class:`.heard.Logits`."""
        return self.say_all([batch])[0]

    def say_all(self, batches: Sequence[Batch]) -> list[tuple[npt.NDArray[np.float32], ...]]:
        """The same of several batches, in one call."""
        with torch.inference_mode():
            return [tuple(out[name].numpy() for name in Logits.__slots__) for out in self._of_all(batches)]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The weights by name, as they are stored: float16."""
        return {name: value.detach().numpy().astype(np.float16) for name, value in self.state_dict().items()}


def _apart(h: torch.Tensor, real: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """``(M, C)`` by batch, ``(B, T, C)`` each."""
    parts = torch.split(h, [mask.numel() for mask in real])
    return [part.view(*mask.shape, -1) for part, mask in zip(parts, real, strict=True)]


def _pooled(h: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """``(B, T, D)`` to first token, mean and maximum over tokens, ``(B, 3 D)``."""
    real = real[..., None]
    mean = (h * real).sum(1) / real.sum(1)
    return torch.cat([h[:, 0], mean, h.masked_fill(~real, -1e9).amax(1)], 1)


def _by_row(dense: nn.Linear, rows: torch.Tensor) -> torch.Tensor:
    """A dense map of rows ``(B, K)``, each by itself: matrix products add up otherwise for one row than for several."""
    out = (rows[:, None, :] * dense.weight).sum(-1)
    return out if dense.bias is None else out + dense.bias


def make_batch(heard: Sequence[Heard], after: Sequence[int], length: int = 0) -> Batch:
    """Puts messages together, padded to the longest.

    Args:
        heard: The messages.
        after: Index into :data:`.scheme.AFTER` of each.
        length: Padded to at least so many tokens.
    """
    shape = len(heard), max(length, *(len(one.states) for one in heard))
    states = np.zeros((*shape, heard[0].states.shape[1]), np.float32)
    kinds, begins, signs = (np.zeros(shape, np.int64) for _ in range(3))
    real = np.zeros(shape, np.bool_)
    for i, one in enumerate(heard):
        t = len(one.states)
        states[i, :t], kinds[i, :t], begins[i, :t] = one.states, one.kinds, one.begins
        signs[i, :t], real[i, :t] = one.signs, True
    return Batch(
        states=torch.from_numpy(states),
        kinds=torch.from_numpy(kinds),
        begins=torch.from_numpy(begins),
        signs=torch.from_numpy(signs),
        real=torch.from_numpy(real),
        after=torch.tensor(list(after)),
        told=torch.from_numpy(np.stack([one.told for one in heard])),
    )

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

    def forward(self, h: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """States of tokens ``(B, T, D)`` to the same; where they are real, ``(B, T)``."""
        q, k, v = self.joined(h).view(*real.shape, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=real[:, None, None, :])
        h = self.norm1(h + self.drop(self.mixed(mixed.transpose(1, 2).flatten(2))))
        wide = functional.gelu(self.wide(h), approximate="tanh")
        out: torch.Tensor = self.norm2(h + self.drop(self.back(wide)))
        return out


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
        h = self._first(x)
        for layer in self.layers:
            h = layer(h, x.real)
        pooled, h = self.drop(_pooled(h, x.real)), self.drop(h)
        return {
            "acts": self.acts(torch.cat([pooled, x.told], 1)),
            "roles": self.roles(h) + self.signed(x.signs),
            "strengths": self.strengths(h),
            "other": self.other(h)[..., 0],
        }

    def _first(self, x: Batch) -> torch.Tensor:
        share = torch.where(x.kinds > 0, KEPT, 1.0)[..., None]
        h = x.states * share + self.kind(x.kinds) + x.begins[..., None] * self.begin + self.sign(x.signs)
        first = self.after(x.after) + self.told(x.told)
        out: torch.Tensor = self.drop(h + functional.pad(first[:, None], (0, 0, 0, h.shape[1] - 1)))
        return out

    def say(self, batch: Batch) -> tuple[npt.NDArray[np.float32], ...]:
        """The logits as arrays, in the order of :class:`.heard.Logits`."""
        with torch.inference_mode():
            told = self(batch)
            return tuple(told[name].numpy() for name in Logits.__slots__)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The weights by name, as they are stored: float16."""
        return {name: value.detach().numpy().astype(np.float16) for name, value in self.state_dict().items()}


def _pooled(h: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """``(B, T, D)`` to first token, mean and maximum over tokens, ``(B, 3 D)``."""
    real = real[..., None]
    mean = (h * real).sum(1) / real.sum(1)
    return torch.cat([h[:, 0], mean, h.masked_fill(~real, -1e9).amax(1)], 1)


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

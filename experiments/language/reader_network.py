"""The reader's network in torch, to be fitted; :mod:`chatrec_env.language.learned.network` is the same in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.network import REACH, Shape
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES, STRENGTHS

UNHEARD: Final = 0.08
"""Share of words that are hidden in training."""


@dataclass(slots=True)
class Batch:
    """B messages of at most T tokens; every array is padded with zeros, and ``real`` says where tokens are."""

    states: torch.Tensor  # (B, T, W)
    kinds: torch.Tensor  # (B, T) long, 0 for a word, else 1 + `MentionKind`
    begins: torch.Tensor  # (B, T) whether a mention begins
    real: torch.Tensor  # (B, T) bool
    after: torch.Tensor  # (B,) long


class Layer(nn.Module):
    """Attention with a bias by distance, then a dense map; each with its residual sum, norms first."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.joined, self.mixed = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.back = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.near = nn.Parameter(torch.zeros(heads, 2 * REACH + 1))
        self.drop = nn.Dropout(dropout)

    def forward(self, h: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """``(B, T, D)`` to the same."""
        b, t, d = h.shape
        q, k, v = self.joined(self.norm1(h)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        place = torch.arange(t)
        far = (place[None, :] - place[:, None]).clamp(-REACH, REACH) + REACH
        scores = q @ k.transpose(2, 3) / (d // self.heads) ** 0.5 + self.near[:, far]
        scores = scores.masked_fill(~real[:, None, None, :], -1e9)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d)
        h = h + self.drop(self.mixed(mixed))
        return h + self.drop(self.back(torch.relu(self.wide(self.norm2(h)))))


class Network(nn.Module):
    """Token states to logits of acts, and by token of roles, strengths and whose wish it is."""

    def __init__(self, shape: Shape, dropout: float = 0.2) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.take = nn.Linear(shape.states, width)
        self.kind = nn.Embedding(1 + len(MentionKind), width)
        self.begin = nn.Parameter(torch.zeros(width))
        self.after = nn.Embedding(len(AFTER), width)
        self.layers = nn.ModuleList(Layer(width, shape.heads, dropout) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width)
        self.acts = nn.Linear(2 * width, len(ACTS))
        self.roles = nn.Linear(width, 1 + len(ROLES))
        self.strengths = nn.Linear(width, len(STRENGTHS))
        self.other = nn.Linear(width, 1)
        self.drop = nn.Dropout(dropout)
        nn.init.normal_(self.kind.weight, std=0.5)
        nn.init.normal_(self.after.weight, std=0.5)

    def forward(self, x: Batch) -> dict[str, torch.Tensor]:
        """Logits: acts (B, A), roles (B, T, 1 + R), strengths (B, T, S), other (B, T)."""
        word = (x.kinds == 0)[..., None]
        if self.training:  # some words are not heard
            word = word & (torch.rand(word.shape) > UNHEARD)
        h = torch.where(word, self.take(x.states), self.kind(x.kinds))
        h = h + x.begins[..., None] * self.begin + self.after(x.after)[:, None]
        h = self.drop(h)
        for layer in self.layers:
            h = layer(h, x.real)
        h = self.drop(self.norm(h))
        real = x.real[..., None]
        mean = (h * real).sum(1) / real.sum(1)
        most = h.masked_fill(~real, -1e9).amax(1)
        return {
            "acts": self.acts(torch.cat([mean, most], 1)),
            "roles": self.roles(h),
            "strengths": self.strengths(h),
            "other": self.other(h)[..., 0],
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The weights by name, as they are stored: float16."""
        return {name: value.detach().numpy().astype(np.float16) for name, value in self.state_dict().items()}


def make_batch(
    states: Sequence[npt.NDArray[Any]],
    kinds: Sequence[npt.NDArray[Any]],
    begins: Sequence[npt.NDArray[Any]],
    after: Sequence[int],
) -> Batch:
    """Pads messages to one length."""
    n, longest = len(states), max(map(len, states))
    out = Batch(
        states=torch.zeros(n, longest, states[0].shape[1]),
        kinds=torch.zeros(n, longest, dtype=torch.long),
        begins=torch.zeros(n, longest),
        real=torch.zeros(n, longest, dtype=torch.bool),
        after=torch.tensor(list(after), dtype=torch.long),
    )
    for i, one in enumerate(states):
        t = len(one)
        out.states[i, :t] = torch.from_numpy(np.asarray(one, np.float32))
        out.kinds[i, :t] = torch.from_numpy(np.asarray(kinds[i], np.int64))
        out.begins[i, :t] = torch.from_numpy(np.asarray(begins[i], np.float32))
        out.real[i, :t] = True
    return out

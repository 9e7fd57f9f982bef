"""The reader's network in torch, to be fitted; :mod:`chatrec_env.language.learned.network` is the same in NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from chatrec_env.language.acts import UserAct
from chatrec_env.language.learned.evidence import SIGNS
from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.network import KEPT, Heard, Shape
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES, STRENGTHS


@dataclass(slots=True)
class Batch:
    """B messages of at most T tokens; every array is padded with zeros, and ``real`` says where tokens are."""

    states: torch.Tensor  # (B, T, D)
    kinds: torch.Tensor  # (B, T) long, 0 for a word, else 1 + `MentionKind`
    begins: torch.Tensor  # (B, T) whether a mention begins
    signs: torch.Tensor  # (B, T) long, into `SIGNS`
    real: torch.Tensor  # (B, T) bool
    after: torch.Tensor  # (B,) long
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
        """``(B, T, D)`` to the same."""
        b, t, d = h.shape
        q, k, v = self.joined(h).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=real[:, None, None, :])
        h = self.norm1(h + self.drop(self.mixed(mixed.transpose(1, 2).reshape(b, t, d))))
        wide = functional.gelu(self.wide(h), approximate="tanh")
        out: torch.Tensor = self.norm2(h + self.drop(self.back(wide)))
        return out


class Network(nn.Module):
    """Token states to logits of acts, and by token of roles, strengths and whose wish it is."""

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
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

    def start_from(self, bert: Mapping[str, npt.NDArray[Any]], first: int) -> None:
        """Takes the layers of a published BERT, from its layer ``first`` (counted from 0) on."""
        for i, layer in enumerate(self.layers):
            at = f"encoder.layer.{first + i}."
            taken = {
                "mixed": "attention.output.dense",
                "norm1": "attention.output.LayerNorm",
                "wide": "intermediate.dense",
                "back": "output.dense",
                "norm2": "output.LayerNorm",
            }
            parts = [f"{at}attention.self.{name}." for name in ("query", "key", "value")]
            new = {
                f"{name}.{part}": bert[f"{at}{old}.{part}"]
                for name, old in taken.items()
                for part in ("weight", "bias")
            }
            for part in ("weight", "bias"):
                new[f"joined.{part}"] = np.concatenate([bert[one + part] for one in parts])
            layer.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in new.items()})

    def forward(self, x: Batch) -> dict[str, torch.Tensor]:
        """Logits: acts (B, A), roles (B, T, 1 + R), strengths (B, T, S), other (B, T)."""
        share = torch.where(x.kinds > 0, float(KEPT), 1.0)[..., None]
        h = x.states * share + self.kind(x.kinds) + x.begins[..., None] * self.begin + self.sign(x.signs)
        first = self.after(x.after) + self.told(x.told)
        h = self.drop(h + functional.pad(first[:, None], (0, 0, 0, h.shape[1] - 1)))
        for layer in self.layers:
            h = layer(h, x.real)
        real = x.real[..., None]
        mean = (h * real).sum(1) / real.sum(1)
        most = h.masked_fill(~real, -1e9).amax(1)
        pooled = self.drop(torch.cat([h[:, 0], mean, most], 1))
        h = self.drop(h)
        return {
            "acts": self.acts(torch.cat([pooled, x.told], 1)),
            "roles": self.roles(h) + self.signed(x.signs),
            "strengths": self.strengths(h),
            "other": self.other(h)[..., 0],
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The weights by name, as they are stored: float16."""
        return {name: value.detach().numpy().astype(np.float16) for name, value in self.state_dict().items()}


def make_batch(rows: Sequence[Heard], after: Sequence[int]) -> Batch:
    """Pads messages to one length."""
    n, longest = len(rows), max(len(row.states) for row in rows)
    out = Batch(
        states=torch.zeros(n, longest, rows[0].states.shape[1]),
        kinds=torch.zeros(n, longest, dtype=torch.long),
        begins=torch.zeros(n, longest),
        signs=torch.zeros(n, longest, dtype=torch.long),
        real=torch.zeros(n, longest, dtype=torch.bool),
        after=torch.tensor(list(after)),
        told=torch.from_numpy(np.stack([row.told for row in rows])),
    )
    for i, row in enumerate(rows):
        t = len(row.states)
        out.states[i, :t] = torch.from_numpy(np.asarray(row.states, np.float32))
        out.kinds[i, :t] = torch.from_numpy(row.kinds)
        out.begins[i, :t] = torch.from_numpy(row.begins)
        out.signs[i, :t] = torch.from_numpy(row.signs)
        out.real[i, :t] = True
    return out

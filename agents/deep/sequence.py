"""Attention, and the encoder of a conversation's last turns: a transformer layer with a GRU on top."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    """A pre-norm transformer layer (Vaswani et al., 2017) over sets of which only some members are there.

    Args:
        width: W; a multiple of ``heads``.
        heads: Attention heads.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.into = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

    def forward(self, tokens: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """``(N, M, W)`` of tokens ``(N, M, W)``, of which each looks at those that are ``there (N, M)`` bool.

        At least one member of each set must be there; what comes out for the others means nothing.
        """
        n, m, w = tokens.shape
        query, key, value = (
            part.reshape(n, m, self.heads, w // self.heads).transpose(1, 2)
            for part in self.into(self.norm_1(tokens)).chunk(3, dim=2)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=there[:, None, None, :])
        tokens = tokens + self.out(seen.transpose(1, 2).reshape(n, m, w))
        mixed: torch.Tensor = tokens + self.mlp(self.norm_2(tokens))
        return mixed


class SequenceEncoder(nn.Module):
    """The last T turns as one vector: each turn attends to the others, then a GRU reads them in order.

    Args:
        turns: T.
        columns: C, of a turn.
        width: W of the vector.
        heads: Attention heads.
    """

    def __init__(self, turns: int, columns: int, width: int, heads: int = 4) -> None:
        super().__init__()
        self.into = nn.Linear(columns, width)
        self.place = nn.Parameter(torch.zeros(turns, width))
        self.attention = Attention(width, heads)
        self.gru = nn.GRUCell(width, width)

    def forward(self, turns: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """``(N, W)`` of turns ``(N, T, C)``, oldest first, of which ``there (N, T)`` in [0, 1] have been.

        Turns that have not been leave no trace.
        """
        have = there > 0.5
        # Where nobody has said anything yet the last place stands in, so that there is something to look at.
        looked = have.clone()
        looked[:, -1] = True
        mixed = self.attention(self.into(turns) + self.place, looked)
        state = turns.new_zeros(len(turns), mixed.shape[2])
        for t in range(turns.shape[1]):
            state = torch.where(have[:, t, None], self.gru(mixed[:, t], state), state)
        return state

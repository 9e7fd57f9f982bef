"""Drawing tokens: each row of a batch with its own random numbers, so that its neighbours change nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simulators.llm.backends.base import ChatRequest


class Sampler:
    """Draws the replies of a batch token by token.

    Args:
        requests: n requests.
        ends: Tokens that end a reply.

    Attributes:
        rows: The tokens of each reply so far, without the end.
    """

    def __init__(self, requests: Sequence[ChatRequest], ends: set[int]) -> None:
        self._requests, self._ends = requests, ends
        self.rows: list[list[int]] = [[] for _ in requests]
        self._open = [True] * len(requests)
        self._uniforms = [np.random.default_rng(r.seed).random(r.max_tokens) for r in requests]

    def draw(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """The next token of each row ``(n,)`` from ``logits (n, vocabulary)``; of ended rows, any token."""
        chosen = np.zeros(len(self.rows), np.int64)
        for i, request in enumerate(self._requests):
            if not self._open[i]:
                continue
            uniform = float(self._uniforms[i][len(self.rows[i])])
            token = draw_token(logits[i], uniform, request.temperature, request.top_p)
            chosen[i] = token
            if token in self._ends:
                self._open[i] = False
            else:
                self.rows[i].append(token)
        return chosen

    def finished(self, decode: Callable[[list[int]], str]) -> bool:
        """Whether every row has ended: at an end token, its token limit, or a line end after some text."""
        for i, row in enumerate(self.rows):
            if self._open[i] and (
                len(row) >= self._requests[i].max_tokens or "\n" in decode(row[-3:]).strip(" ")
            ):
                text = decode(row)
                self._open[i] = len(row) < self._requests[i].max_tokens and "\n" not in text.lstrip()
        return not any(self._open)


def draw_token(logits: npt.NDArray[np.float32], uniform: float, temperature: float, top_p: float) -> int:
    """A token by nucleus sampling (Holtzman et al., 2020), through the inverse of its distribution function.

    Args:
        logits: (vocabulary,).
        uniform: In [0, 1).
        temperature: 0 for the likeliest token.
        top_p: The smallest set of likeliest tokens with at least this much probability is drawn from.
    """
    if temperature <= 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / temperature
    most = min(len(scaled), 256)  # beyond it lies next to nothing at the temperatures of use
    top = np.argpartition(-scaled, most - 1)[:most]
    top = top[np.lexsort((top, -scaled[top]))]
    weight = np.exp(scaled[top] - scaled[top[0]])
    share = np.cumsum(weight) / weight.sum()
    kept = int(np.searchsorted(share, top_p)) + 1
    share = share[:kept]
    return int(top[min(int(np.searchsorted(share, uniform * share[-1], side="right")), kept - 1)])

"""The ranker network, one scorer for every candidate and a trunk for questions; and the critic that trains it."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import nn

from agents.serving.ranker import NetworkShape
from chatrec_env.core.columns import CANDIDATE_COLUMNS
from chatrec_env.core.kernel import Task

START_SHARPNESS = 4.0
"""Initial logits per unit of utility by which a candidate's score is behind the best."""

START_CURIOSITY = 1.0
"""Initial logit of each question, against 0 for the best candidate: what asking is worth shows only once the answers
are used, turns later, so questions must be tried often while there is something to find out about them."""


CRITIC_SIZES = (128, 64)
"""Widths of the critic's hidden layers."""


def network_shape(task: Task, **sizes: int) -> NetworkShape:
    """The shape that fits a task's flat observation and actions."""
    parts = task.layout.slices
    k = task.manager.n_candidates
    scored = task.actions.n >= k and task.actions.names[-1].startswith("recommend:")
    columns = len(task.layout.candidate_columns)
    return NetworkShape(
        conversation=parts["conversation"].stop,
        rest=task.layout.width - parts["conversation"].stop - k * columns,
        candidates=k,
        candidate_columns=columns,
        free_actions=task.actions.n - k if scored else task.actions.n,
        scored=scored,
        split=parts["candidates"].start - parts["conversation"].stop,
        **sizes,
    )


class RankerNetwork(nn.Module):
    """From flat observations ``(N, width)`` to action logits ``(N, n_actions)``.

    Every candidate passes the same scorer, given the conversation: ``score(k) = w . relu(A c_k + B h) + p . c_k``,
    so the score does not depend on the place a candidate happens to lie in, and serves as the ranker. (The
    trunk reads the mean of the candidates and the first one, which is the retriever's best.) The linear
    part starts at the retriever's own order, so that suggestions begin soft-greedy instead of at chance.

    Layout of the observation: conversation, history and belief, candidates, context and budget.
    """

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        s = self.shape = shape
        self.speech = nn.Linear(s.conversation, s.speech)
        self.item_in = nn.Linear(s.candidate_columns, s.item)
        self.trunk_1 = nn.Linear(s.speech + s.rest + 2 * s.item, s.hidden)
        self.trunk_2 = nn.Linear(s.hidden, s.hidden)
        with warnings.catch_warnings():
            if not s.free_actions:
                # Nothing to ask about: torch warns that an empty layer has nothing to initialise.
                warnings.simplefilter("ignore", UserWarning)
            self.free = nn.Linear(s.hidden, s.free_actions)
        self.item_own = nn.Linear(s.candidate_columns, 2 * s.item)
        self.item_given = nn.Linear(s.hidden, 2 * s.item, bias=False)
        self.item_out = nn.Linear(2 * s.item, 1)
        self.item_prior = nn.Linear(s.candidate_columns, 1, bias=False)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, 1.0)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        for head in (self.free, self.item_out):
            nn.init.orthogonal_(head.weight, 0.01)
        # The conversation has many columns with little to say at first: they come in as they help.
        nn.init.zeros_(self.speech.weight)
        nn.init.zeros_(self.item_prior.weight)
        if s.scored:
            with torch.no_grad():
                self.item_prior.weight[0, CANDIDATE_COLUMNS.index("gap")] = -START_SHARPNESS
                self.free.bias.fill_(START_CURIOSITY)

    def inputs(self, observation: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Trunk input ``(N, speech + rest + 2 item)`` and candidate columns ``(N, K, columns)``."""
        s = self.shape
        c = s.conversation
        start = c + s.split
        stop = start + s.candidates * s.candidate_columns
        candidates = observation[:, start:stop].reshape(-1, s.candidates, s.candidate_columns)
        speech = torch.tanh(self.speech(3.0 * observation[:, :c]))
        seen = torch.relu(self.item_in(candidates))
        pooled = torch.cat([seen.mean(1), seen[:, 0]], dim=1)
        rest = torch.cat([observation[:, c:start], observation[:, stop:]], dim=1)
        return torch.cat([speech, rest, pooled], dim=1), candidates

    def policy(self, features: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
        """Logits ``(N, n_actions)``."""
        hidden = torch.tanh(self.trunk_2(torch.tanh(self.trunk_1(features))))
        logits: torch.Tensor = self.free(hidden)
        if self.shape.scored:
            own = self.item_own(candidates) + self.item_given(hidden)[:, None, :]
            score = self.item_out(torch.relu(own)) + self.item_prior(candidates)
            logits = torch.cat([logits, score[:, :, 0]], dim=1)
        return logits

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        """Logits ``(N, n_actions)``."""
        return self.policy(*self.inputs(observation))


class Critic(nn.Sequential):
    """From flat observations, and what only a critic knows, ``(N, width + known)``, to values ``(N, 1)``.

    A critic that knows more than the policy (Pinto et al., 2018): it is used in training alone.

    Args:
        width: Columns of the observation.
        known: Further columns.
    """

    def __init__(self, width: int, known: int = 0) -> None:
        wide, narrow = CRITIC_SIZES
        super().__init__(
            nn.Linear(width + known, wide),
            nn.Tanh(),
            nn.Linear(wide, narrow),
            nn.Tanh(),
            nn.Linear(narrow, 1),
        )


def make_network(task: Task, **sizes: Any) -> RankerNetwork:
    """A freshly initialised network for a task."""
    return RankerNetwork(network_shape(task, **sizes))

"""The candidate network: what every question and every candidate is worth, whatever the places and their number."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from agents.deep.sequence import Attention, SequenceEncoder
from agents.serving.ranker import SPEECH_SCALE
from chatrec_env.core.actions import SlateActions, StrategyActions
from chatrec_env.core.columns import CANDIDATE_COLUMNS
from chatrec_env.core.kernel import Task
from chatrec_env.errors import ArtifactError, ConfigError

GAP = 0.3
"""Value by which a candidate starts behind the best one, per unit of estimated utility; and a question."""

PRESENT = CANDIDATE_COLUMNS.index("present")


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidateShape:
    """Sizes of a ``CandidateNetwork``; plain JSON data. The number of candidates is not among them.

    Attributes:
        conversation: Columns of the conversation block; of one turn, where it is a sequence.
        turns: Turns of the sequence, 0 where the conversation is one vector.
        before: Columns between the conversation and the candidates.
        after: Columns after the candidates.
        columns: Columns of one candidate.
        free_actions: Actions that name no candidate: questions, or strategies. They come first.
        outputs: Numbers for each candidate; 0 where no action names one.
        speech: Width the conversation is compressed to.
        hidden: Width of the trunk.
        item: Width of a candidate; a multiple of ``heads``.
        heads: Attention heads.
    """

    conversation: int
    turns: int
    before: int
    after: int
    columns: int
    free_actions: int
    outputs: int
    speech: int = 32
    hidden: int = 128
    item: int = 32
    heads: int = 4

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ConfigError(f"network.{name} must be an integer >= 0, got {value!r}.")
        for name in ("item", "speech"):
            if not self.heads or getattr(self, name) % self.heads:
                raise ConfigError(
                    f"network.{name} must be a multiple of network.heads, got {getattr(self, name)} and {self.heads}."
                )

    @property
    def first(self) -> int:
        """The first column of the candidates."""
        return self.conversation * max(self.turns, 1) + self.turns + self.before

    def candidates(self, width: int) -> int:
        """K of observations of so many columns.

        Raises:
            ArtifactError: If no number of candidates gives this width.
        """
        rest = width - self.first - self.after
        if rest < 0 or rest % self.columns:
            raise ArtifactError(
                f"This policy was trained on observations of {self.first + self.after} columns and {self.columns} for "
                f"each candidate, but they have {width} here. Use it in the environment, and with the version of "
                "chatrec, that it was trained with, or train again."
            )
        return rest // self.columns


def candidate_shape(task: Task, **sizes: int) -> CandidateShape:
    """The shape that fits a task's flat observation and actions.

    Raises:
        ConfigError: If the task's observation is not flat.
    """
    layout = task.layout
    if layout.form != "flat":
        raise ConfigError(
            f"The candidate network reads flat observations, got observation={layout.form!r}. Use observation='flat'."
        )
    parts, mask = layout.slices, layout.slices.get("conversation_mask", slice(0, 0))
    turns = mask.stop - mask.start
    slates, strategies = isinstance(task.actions, SlateActions), isinstance(task.actions, StrategyActions)
    scored = not slates and not strategies
    return CandidateShape(
        conversation=parts["conversation"].stop // max(turns, 1),
        turns=turns,
        before=parts["candidates"].start - parts["history"].start,
        after=layout.width - parts["candidates"].stop,
        columns=len(layout.candidate_columns),
        free_actions=task.actions.sizes[0] if slates else task.actions.n - scored * task.manager.n_candidates,
        outputs=2 * slates + scored,
        **sizes,
    )


class CandidateNetwork(nn.Module):
    """From flat observations to numbers for every free action and every candidate.

    The state (conversation, history, belief, context, budget) is one token, each candidate on the table another; they
    attend to each other, and the same heads read every candidate. So permuting candidates permutes their numbers and
    changes nothing else, and there may be more or fewer of them than in training. Empty places are not looked at.

    Layout of the observation: conversation, history and belief, candidates, context and budget.
    """

    def __init__(self, shape: CandidateShape) -> None:
        super().__init__()
        s = self.shape = shape
        if s.turns:
            self.sequence = SequenceEncoder(s.turns, s.conversation, s.speech, s.heads)
        else:
            self.speech = nn.Linear(s.conversation, s.speech)
            # The conversation has many columns with little to say at first: they come in as they help.
            nn.init.zeros_(self.speech.weight)
        self.trunk = nn.Sequential(
            nn.Linear(s.speech + s.before + s.after, s.hidden),
            nn.ReLU(),
            nn.Linear(s.hidden, s.hidden),
            nn.ReLU(),
        )
        self.state_in = nn.Linear(s.hidden, s.item)
        self.item_in = nn.Linear(s.columns, s.item)
        self.attention = Attention(s.item, s.heads)
        with warnings.catch_warnings():
            # Nothing to ask about: torch warns that an empty layer has nothing to initialise.
            warnings.simplefilter("ignore", UserWarning)
            self.free = nn.Linear(s.hidden + s.item, s.free_actions)
            self.item_own = nn.Linear(2 * s.item, s.item)
            self.item_out = nn.Linear(s.item, s.outputs)
            self.item_prior = nn.Linear(s.columns, s.outputs, bias=False)
        for head in (self.free, self.item_out):
            nn.init.zeros_(head.bias)
            nn.init.normal_(head.weight, std=0.01)
        nn.init.zeros_(self.item_prior.weight)
        if s.outputs:
            with torch.no_grad():
                self.item_prior.weight[0, CANDIDATE_COLUMNS.index("gap")] = -GAP
                self.free.bias[s.outputs - 1 :] = -GAP  # of slates, the first says what no choice is worth

    def forward(self, observation: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Numbers of the free actions ``(N, F)`` and of the candidates ``(N, K, outputs)``."""
        s = self.shape
        k = s.candidates(observation.shape[1])
        stop = s.first + k * s.columns
        cells = observation[:, s.first : stop].reshape(-1, k, s.columns)
        if s.turns:
            spoken = s.turns * s.conversation
            turns = observation[:, :spoken].reshape(-1, s.turns, s.conversation)
            speech = self.sequence(float(SPEECH_SCALE) * turns, observation[:, spoken : spoken + s.turns])
        else:
            speech = torch.tanh(self.speech(float(SPEECH_SCALE) * observation[:, : s.conversation]))
        rest = [observation[:, s.first - s.before : s.first], observation[:, stop:]]
        hidden = self.trunk(torch.cat([speech, *rest], dim=1))
        state = self.state_in(hidden)
        tokens = torch.cat([state[:, None], torch.relu(self.item_in(cells) + state[:, None])], dim=1)
        there = torch.cat([torch.ones_like(cells[:, :1, PRESENT]), cells[:, :, PRESENT]], dim=1) > 0.5
        mixed = self.attention(tokens, there)
        free = self.free(torch.cat([hidden, mixed[:, 0]], dim=1))
        pairs = torch.cat([mixed[:, 1:], mixed[:, :1].expand(-1, k, -1)], dim=2)
        items = self.item_out(torch.relu(self.item_own(pairs))) + self.item_prior(cells)
        return free, items

    def actions(self, observation: torch.Tensor) -> torch.Tensor:
        """The first number of each action, ``(N, F + K)``; ``(N, F)`` where no action names a candidate."""
        free, items = self(observation)
        return torch.cat([free, items[:, :, 0]], dim=1) if self.shape.outputs else free


def to_numpy(values: torch.Tensor) -> npt.NDArray[np.float64]:
    """Values as the pure functions of ``agents.tabular.td`` take them."""
    return values.detach().numpy().astype(np.float64)


def state_arrays(network: nn.Module, prefix: str = "") -> dict[str, npt.NDArray[Any]]:
    """Weights as plain arrays."""
    return {prefix + name: value.detach().numpy().copy() for name, value in network.state_dict().items()}


def load_arrays(network: nn.Module, arrays: Any, prefix: str = "") -> None:
    """The inverse of ``state_arrays``; raises ``KeyError`` or ``RuntimeError`` where they do not fit."""
    network.load_state_dict(
        {name: torch.from_numpy(np.array(arrays[prefix + name])) for name in network.state_dict()}
    )

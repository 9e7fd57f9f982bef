"""What a policy of the library does in a conversation: the best legal action of its numbers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from agents.base import Decision, likeliest

REMEMBERED = 20_000
"""Conversations whose recurrent state is kept."""

Float = npt.NDArray[np.float32]


class Numbers:
    """Logits or values ``(N, columns of the mask)`` of a policy of the library.

    Args:
        policy: Of any of the algorithms.
    """

    def __init__(self, policy: Any) -> None:
        self.policy = policy
        policy.set_training_mode(False)

    def __call__(self, decision: Decision) -> Float:
        """The numbers of N conversations."""
        observation = torch.from_numpy(decision.observation)
        with torch.inference_mode():
            if hasattr(self.policy, "q_net"):
                numbers = self.policy.q_net(observation)
            elif hasattr(self.policy, "quantile_net"):
                numbers = self.policy.quantile_net(observation).mean(dim=1)
            else:
                numbers = logits_of(self.policy.get_distribution(observation))
        found: Float = numbers.numpy()
        return found


class RecurrentNumbers:
    """The same of a policy with a recurrent state, which goes with the conversation.

    What an agent may look at has no recurrent state in it, so it is kept here: what came out of the turn before is
    found by what was said until then. A conversation that was not seen from its beginning starts with a state of zeros.
    """

    def __init__(self, policy: Any) -> None:
        self.policy = policy
        policy.set_training_mode(False)
        self._states: OrderedDict[bytes, tuple[torch.Tensor, torch.Tensor]] = OrderedDict()

    def __call__(self, decision: Decision) -> Float:
        """The numbers of N conversations."""
        d, lstm = decision.dialogue, self.policy.lstm_actor
        shape = (lstm.num_layers, 1, lstm.hidden_size)
        nothing = (torch.zeros(shape), torch.zeros(shape))
        turns = d.turn.astype(int).tolist()

        def key(row: int, turns: int) -> bytes:
            return d.situational_context[row].tobytes() + d.transcript[row, :turns].tobytes()

        before = [
            self._states.get(key(row, turn), nothing) if turn else nothing for row, turn in enumerate(turns)
        ]
        hidden, cell = (torch.cat([state[i] for state in before], dim=1) for i in (0, 1))
        starts = torch.tensor([float(turn == 0) for turn in turns])
        with torch.inference_mode():
            distribution, after = self.policy.get_distribution(
                torch.from_numpy(decision.observation), (hidden, cell), starts
            )
            numbers = logits_of(distribution)
        hidden, cell = after
        for row, turn in enumerate(turns):
            place = key(row, turn + 1)
            self._states[place] = hidden[:, row : row + 1].clone(), cell[:, row : row + 1].clone()
            self._states.move_to_end(place)
        while len(self._states) > max(REMEMBERED, len(turns)):
            self._states.popitem(last=False)
        found: Float = numbers.numpy()
        return found


def logits_of(distribution: Any) -> torch.Tensor:
    """Logits ``(N, A)`` of a distribution of the library; those of the parts of a slate side by side."""
    parts = getattr(distribution, "distributions", None) or distribution.distribution
    return torch.cat([part.logits for part in (parts if isinstance(parts, list) else [parts])], dim=1)


def best_action(numbers: Float, decision: Decision) -> npt.NDArray[np.int64]:
    """The legal action of the highest number, (N,); of a slate, (N, 1 + S), no candidate twice while others are left.

    Args:
        numbers: (N, columns of the mask).
        decision: Has the mask.
    """
    sizes = decision.task.actions.sizes
    if len(sizes) == 1:
        return likeliest(numbers, decision.mask)
    ends = np.cumsum(sizes)[:-1]
    parts, masks = np.split(numbers, ends, axis=1), np.split(decision.mask, ends, axis=1)
    chosen = [likeliest(parts[0], masks[0])]
    taken: npt.NDArray[np.bool_] = np.zeros(masks[1].shape, np.bool_)
    for part, mask in zip(parts[1:], masks[1:], strict=True):
        left: npt.NDArray[np.bool_] = mask & ~taken
        some = left.any(axis=1, keepdims=True)
        place = likeliest(part, np.where(some, left, mask))
        taken[np.arange(len(place)), place] = True
        chosen.append(place)
    return np.stack(chosen, axis=1)

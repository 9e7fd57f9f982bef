"""SlateQ: the value of a slate from the values of its items and the chances that they are chosen (Ie et al., 2019).

``Q(s, A) = sum_(i in A) P(i | s, A) Q(s, i) + P(none | s, A) Q(s, none)``, where P is a conditional logit with a
no-choice option of weight 1, learned along from what people chose. Positions are not modelled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from agents.action_numbers import greedy_slate, random_slate, recommend_slate
from agents.base import likeliest
from agents.deep.config import DeepConfig
from agents.deep.methods import Batch
from agents.deep.network import CandidateNetwork, to_numpy
from agents.tabular.td import Bool, Float, bootstrap, uniform_legal
from chatrec_env.core.kernel import Turn

Int = npt.NDArray[np.int64]


def choice_probabilities(appeal: Float, shown: Bool) -> tuple[Float, Float]:
    """Chances ``(N, S)`` that each item is chosen and ``(N,)`` that none is: a logit with no choice of weight 1.

    Args:
        appeal: (N, S) logits of the items of a slate.
        shown: (N, S) places that hold one.
    """
    odds = np.where(shown, np.exp(appeal), 0.0)
    total = 1.0 + odds.sum(axis=1)
    return odds / total[:, None], 1.0 / total


def slate_value(values: Float, nothing: Float, appeal: Float, shown: Bool) -> Float:
    """``Q(s, A)`` of N slates, (N,); see the module.

    Args:
        values: (N, S) values after each item is chosen.
        nothing: (N,) value after none is.
        appeal: (N, S) logits of the choice.
        shown: (N, S) places that hold an item.
    """
    chances, none = choice_probabilities(appeal, shown)
    return (chances * values).sum(axis=1) + none * nothing


def best_slate(values: Float, nothing: Float, appeal: Float, present: Bool, size: int) -> Int:
    """Places ``(N, S)`` of a good slate, -1 where none is left: the top S by ``exp(appeal) (value - nothing)``.

    The top-k heuristic of SlateQ; values count from that of no choice, which is not zero here.

    Args:
        values: (N, K) values after each candidate is chosen.
        nothing: (N,) value after none is.
        appeal: (N, K) logits of the choice.
        present: (N, K) candidates there are.
        size: S.
    """
    worth = np.exp(appeal) * (values - nothing[:, None])
    return greedy_slate(worth.astype(np.float32), present, size)


class SlateValues:
    """SlateQ on the candidate network: two numbers a candidate, value when chosen and logit of the choice.

    The first free action, "recommend", holds the value when nothing is chosen; the others are worth what they are.
    """

    def __init__(self, config: DeepConfig) -> None:
        self.config = config

    def _judged(
        self, network: CandidateNetwork, observation: npt.NDArray[np.float32], mask: Bool
    ) -> tuple[Int, Float]:
        """The best slates ``(N, S)``, and values ``(N, 1 + F)`` of recommending them and of asking."""
        with torch.inference_mode():
            free, items = (to_numpy(part) for part in network(torch.from_numpy(observation)))
        values, appeal = items[:, :, 0], items[:, :, 1]
        first, k = free.shape[1], values.shape[1]
        present, size = mask[:, first : first + k], (mask.shape[1] - first) // k
        slate = best_slate(values, free[:, 0], appeal, present, size)
        places = np.maximum(slate, 0)
        chosen = [np.take_along_axis(part, places, axis=1) for part in (values, appeal)]
        worth = free.copy()
        worth[:, 0] = slate_value(chosen[0], free[:, 0], chosen[1], slate >= 0)
        return slate, np.where(mask[:, :first], worth, -np.inf)

    def choose(
        self,
        network: CandidateNetwork,
        observation: npt.NDArray[np.float32],
        mask: Bool,
        epsilon: float,
        draws: Float,
    ) -> Int:
        """See ``Method``: at random, a question or a recommendation, then any slate."""
        slate, worth = self._judged(network, observation, mask)
        first, k = worth.shape[1], network.shape.candidates(observation.shape[1])
        random = random_slate(mask[:, first : first + k], draws[2], slate.shape[1])
        explores = draws[0] < epsilon
        best = likeliest(worth.astype(np.float32), mask[:, :first])
        head = np.where(explores, uniform_legal(mask[:, :first], draws[1]), best)
        actions = recommend_slate(np.where(explores[:, None], random, slate))
        actions[:, 0] = head
        return actions

    def seen(self, turn: Turn) -> Batch:
        """See ``Method``."""
        return {"click": turn.user.click.astype(np.int64)}

    def target(self, target: CandidateNetwork, batch: Batch) -> Float:
        """Where the value of what was chosen should go, (B,): the best action afterwards."""
        _, worth = self._judged(target, batch["next_observation"], batch["next_mask"])
        best = np.where(np.isfinite(worth).any(axis=1), worth.max(axis=1), 0.0)
        return bootstrap(batch["reward"], batch["terminated"], best, self.config.gamma)

    def loss(
        self, online: CandidateNetwork, target: CandidateNetwork, batch: Batch, weights: torch.Tensor
    ) -> tuple[torch.Tensor, Float]:
        """See ``Method``: Huber's loss of the value of what came, and the log-likelihood of what was chosen."""
        wanted = torch.from_numpy(self.target(target, batch)).float()
        free, items = online(torch.from_numpy(batch["observation"]))
        action, click = torch.from_numpy(batch["action"]), torch.from_numpy(batch["click"])
        rows, recommends, chosen = torch.arange(len(action)), action[:, 0] == 0, click >= 0
        item = action[rows, 1 + click.clamp(min=0)]
        found = torch.where(recommends & chosen, items[rows, item, 0], free[rows, action[:, 0]])
        wrong = functional.smooth_l1_loss(found, wanted, reduction="none")
        shown = torch.from_numpy(first_places(batch["action"][:, 1:]))
        appeal = items[:, :, 1].gather(1, action[:, 1:]).masked_fill(~shown, -torch.inf)
        options = torch.cat([appeal.new_zeros(len(action), 1), appeal], dim=1)
        unlikely = -torch.log_softmax(options, dim=1)[rows, 1 + click] * recommends
        return (weights * (wrong + unlikely)).mean(), to_numpy(wanted - found)


def first_places(slates: npt.NDArray[Any]) -> Bool:
    """Whether each place of slates ``(N, S)`` names its candidate first: later ones stay empty."""
    same = slates[:, :, None] == slates[:, None, :]
    return np.asarray(~np.tril(same, -1).any(axis=2))

"""A policy to begin with: the network imitates the best of a few heuristics before PPO goes on from there.

Behaviour cloning (Pomerleau, 1989) of a softened heuristic: its choice keeps the highest probability, candidates of
nearly the same utility come close, and a question is tried now and then, so that there is something to explore.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from agents.base import Decision, conversations, decision
from agents.baselines import AskThenRecommend
from agents.ppo.network import RankerNetwork
from chatrec_env.core.actions import StrategyActions
from chatrec_env.core.kernel import Task, start_batch

QUESTIONS, DIVERSITY = (0, 1, 2, 3), (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)
"""Settings of the heuristic that are tried."""

TRIALS, FINALISTS, FINAL = 250, 6, 1000
"""People every setting meets; how many settings go on; people these meet."""

SHARPNESS = 3.0
"""Logits per unit of utility between two candidates."""

STRAY = 0.15
"""Probability of trying something else than the heuristic would do: a question, or a candidate."""

STEPS, BATCH, LEARNING_RATE = 300, 512, 1e-3
"""Of the imitation."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Experience:
    """What a softened heuristic met in n turns.

    Attributes:
        observation: (n, width) float32.
        mask: (n, A) legal actions.
        odds: (n, A) float32 its probabilities.
        value: (n,) float32 discounted sum of the rewards that followed.
    """

    observation: npt.NDArray[np.float32]
    mask: npt.NDArray[np.bool_]
    odds: npt.NDArray[np.float32]
    value: npt.NDArray[np.float32]


def draw_people(task: Task, n: int, seed: int, *, key: int) -> Float:
    """Uniforms ``(n, task.n_draws)`` of people that only this use meets."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, key))).random((n, task.n_draws))


def mean_return(task: Task, act: Callable[[Decision], npt.NDArray[np.int64]], draws: Float) -> float:
    """Mean undiscounted return of acting so with the people of these uniforms."""
    total = 0.0

    def choose(rows: npt.NDArray[np.intp], state: Any) -> npt.NDArray[np.int64]:
        return act(decision(task, state))

    for _, _, turn in conversations(task, start_batch(task, draws), choose):
        total += float(turn.reward.sum())
    return total / len(draws)


def best_heuristic(task: Task, seed: int) -> AskThenRecommend:
    """The best of a few settings of ``AskThenRecommend`` with people of training.

    Args:
        task: The task; one with tabular observations is quicker, since a heuristic looks at none.
        seed: Which people.
    """
    draws = draw_people(task, FINAL, seed, key=0)
    tried = [AskThenRecommend(questions=q, diversity=d) for q, d in itertools.product(QUESTIONS, DIVERSITY)]

    def earned(one: AskThenRecommend, people: int) -> float:
        return mean_return(task, lambda seen: one.act(seen, np.zeros(len(seen))), draws[:people])

    first = [earned(one, TRIALS) for one in tried]
    finalists = [tried[i] for i in np.argsort(first, kind="stable")[-FINALISTS:]]
    return finalists[int(np.argmax([earned(one, FINAL) for one in finalists]))]


def soften(heuristic: AskThenRecommend, seen: Decision) -> npt.NDArray[np.float64]:
    """Probabilities ``(N, A)`` of the legal actions around what the heuristic does, which stays the likeliest.

    Candidates share theirs by utility; the other actions share evenly. A chance of ``STRAY`` goes to whichever of the
    two the heuristic does not do. Strategies, which name no candidates, share it evenly.
    """
    chosen, rows = heuristic.act(seen, np.zeros(len(seen))), np.arange(len(seen))
    if isinstance(seen.task.actions, StrategyActions):
        odds = STRAY * seen.mask / seen.mask.sum(1, keepdims=True)
        odds[rows, chosen] += 1 - STRAY
        return odds
    first = seen.task.actions.fallback
    utility = np.where(seen.view.present, SHARPNESS * heuristic.utility(seen), -np.inf)
    best = utility.max(1, keepdims=True)
    share = np.exp(utility - np.where(np.isfinite(best), best, 0.0))
    candidates = np.zeros(seen.mask.shape)
    candidates[:, first : first + share.shape[1]] = share / np.maximum(share.sum(1, keepdims=True), 1e-9)
    others = seen.mask.copy()
    others[:, first:] = False
    others = others / np.maximum(others.sum(1, keepdims=True), 1)
    recommends = chosen >= first
    odds = np.where(recommends[:, None], candidates * (1 - STRAY) + STRAY * others, STRAY * candidates)
    odds[rows[~recommends], chosen[~recommends]] += 1 - STRAY
    odds *= seen.mask
    return np.asarray(odds / odds.sum(1, keepdims=True))


def gather(task: Task, heuristic: AskThenRecommend, people: int, seed: int, gamma: float) -> Experience:
    """Conversations of the softened heuristic with people of training."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, 2)))
    state = start_batch(task, draw_people(task, people, seed, key=1))
    turns: list[tuple[Any, ...]] = []

    def act(rows: npt.NDArray[np.intp], state: Any) -> npt.NDArray[np.int64]:
        seen = decision(task, state)
        odds = soften(heuristic, seen)
        upto = odds.cumsum(1)
        actions = (upto <= rng.random((len(odds), 1)) * upto[:, -1:]).sum(1)
        turns.append((rows, seen.observation.copy(), seen.mask.copy(), odds.astype(np.float32)))
        return np.asarray(actions, np.int64)

    rewards = [(rows, turn.reward) for rows, _, turn in conversations(task, state, act)]
    after, values = np.zeros(people), []
    for rows, reward in reversed(rewards):
        after[rows] = reward + gamma * after[rows]
        values.append(after[rows].astype(np.float32))
    parts = [np.concatenate([turn[i] for turn in turns]) for i in (1, 2, 3)]
    return Experience(parts[0], parts[1], parts[2], np.concatenate(values[::-1]))


def imitate(network: RankerNetwork, experience: Experience, value_weight: float) -> None:
    """Fit the network's policy to the odds and its value to what followed, in place; torch's generator shuffles.

    Args:
        network: Learns; its observations must be of the width of the experience's.
        experience: What to imitate.
        value_weight: Of the value's squared error beside the cross-entropy.
    """
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    observation, mask, odds, value = (
        torch.from_numpy(part)
        for part in (experience.observation, experience.mask, experience.odds, experience.value)
    )
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / STEPS)
        rows = torch.randint(len(value), (BATCH,))
        logits, values = network(observation[rows])
        likely = torch.log_softmax(logits.masked_fill(~mask[rows], -1e9), dim=1)
        wrong = -(odds[rows] * likely).sum(1).mean()
        missed = (values[:, 0] - value[rows]).square().mean()
        optimizer.zero_grad()
        (wrong + value_weight * missed).backward()
        optimizer.step()

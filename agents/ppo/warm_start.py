"""A policy to begin with: the network imitates the best of a few heuristics before PPO goes on from there.

Behaviour cloning (Pomerleau, 1989) of a softened heuristic: its choice keeps the highest probability, candidates of
nearly the same utility come close, and a question is tried now and then, so that there is something to explore.

With the rule-based users, only *when* to ask is the heuristic's: candidates are ranked by the reward that they are
expected to bring, given the observation. That is a regression on what every candidate on the table would bring with
these people, not only the one they were shown: a teacher who knows more than the pupil (Chen et al., 2019, "Learning by
cheating"). The pupil sees observations alone.

Once it acts, the network meets other turns than the heuristic does. So it meets people itself in further lessons, its
teachers tell what they would do there, and it is fitted to all lessons so far (Ross et al., 2011, DAgger).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from agents.base import Decision, conversations, decision
from agents.baselines import AskThenRecommend
from agents.bayes_planner.worth import Pays, expected_rewards
from agents.ppo.network import Critic, RankerNetwork
from agents.ppo.projection import Projection, fit_projection
from chatrec_env.core.actions import StrategyActions
from chatrec_env.core.kernel import State, Task, start_batch
from simulators.scripted.simulator import ScriptedUsers

if TYPE_CHECKING:
    from agents.ppo.config import PPOConfig

QUESTIONS, DIVERSITY = (0, 1, 2, 3), (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)
"""Settings of the heuristic that are tried."""

TRIALS, FINALISTS, FINAL = 250, 6, 1000
"""People every setting meets; how many settings go on; people these meet."""

SHARPNESS = 3.0
"""Logits per unit of utility between two candidates."""

STRAY = 0.15
"""Probability of trying something else than the heuristic would do: a question, or a candidate."""

PASSES, LEAST_STEPS, BATCH, LEARNING_RATE = 5, 200, 512, 2e-3
"""Of the imitation: passes over what was gathered, steps at least, turns of a step, step size."""

FITTED_ROWS = 16_384
"""Turns that the projection is fitted to, at most about."""

WORTH_SCALE = 5.0
"""Units of utility that a unit of expected reward counts as, when candidates are ranked."""

OUT = -1e9
"""Logit of what is not legal."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Experience:
    """What was met in n turns, and what the teachers say to it.

    Attributes:
        observation: (n, width) float32, projected.
        mask: (n, A) legal actions.
        odds: (n, A) float32 the softened heuristic's.
        worth: (n, K) float32 rewards to be expected of the candidates, (n, 0) where they are not known; see
            ``true_worth``.
        value: (n,) float32 discounted sum of the rewards that followed.
    """

    observation: npt.NDArray[np.float32]
    mask: npt.NDArray[np.bool_]
    odds: npt.NDArray[np.float32]
    worth: npt.NDArray[np.float32]
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


def knows_worth(task: Task) -> bool:
    """Whether actions name candidates, and it is known what these are worth to the users."""
    return not isinstance(task.actions, StrategyActions) and isinstance(task.users, ScriptedUsers)


def true_worth(task: Task, state: State, seen: Decision) -> npt.NDArray[np.float32]:
    """Reward that every candidate is expected to bring now, ``(N, K)``, 0 where none is; for training alone.

    The person may know it already, may not like it enough, and rates it: see ``expected_rewards``.
    """
    users, pays = task.users, Pays(task.weights.click, task.weights.rating)
    assert isinstance(users, ScriptedUsers)
    shown = np.where(seen.view.present, state.dialogue.candidates, -1).astype(np.int32)
    found = expected_rewards(state.people, shown, users.items, users.rates, pays)
    return np.where(seen.view.present, found, 0.0).astype(np.float32)


def draw_actions(odds: npt.NDArray[Any], uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Actions ``(N,)`` of these odds ``(N, A)``, which need not sum to 1, by ``uniforms (N,)``."""
    upto = odds.cumsum(1, dtype=np.float64)
    actions: npt.NDArray[np.int64] = (upto <= uniforms[:, None] * upto[:, -1:]).sum(1)
    return actions


def log_probabilities(
    network: RankerNetwork, observation: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """Log-probabilities ``(N, A)`` that a network gives the legal actions, on projected observations."""
    with torch.inference_mode():
        logits = network(torch.from_numpy(observation)).masked_fill(~torch.from_numpy(mask), OUT)
        return np.asarray(torch.log_softmax(logits, dim=1).numpy())


def gather(
    task: Task,
    heuristic: AskThenRecommend,
    config: PPOConfig,
    *,
    lesson: int = 0,
    pupil: tuple[RankerNetwork, Projection] | None = None,
) -> tuple[Experience, Projection]:
    """Conversations with people of training, and the projection of what was observed.

    Args:
        task: The task.
        heuristic: Teaches when to ask; acts, softened, where there is no pupil.
        config: How many people and which, the discount of the values, whether the candidates' worth is noted, where it
            is known, and how many columns the projection has.
        lesson: Which of its lessons; each meets people of its own.
        pupil: A network that acts, by its odds, and its projection; without one that is fitted to these conversations.
    """
    rng = np.random.default_rng(np.random.SeedSequence(config.seed, spawn_key=(1, 2 + 3 * lesson)))
    turns: list[tuple[npt.NDArray[Any], ...]] = []
    known = config.appraisal and knows_worth(task)

    def act(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        seen = decision(task, state)
        odds = soften(heuristic, seen)
        worth = true_worth(task, state, seen) if known else np.zeros((len(rows), 0), np.float32)
        turns.append((seen.observation.copy(), seen.mask.copy(), odds.astype(np.float32), worth))
        if pupil is not None:
            network, projected = pupil
            odds = np.exp(log_probabilities(network, projected(seen.observation), seen.mask))
        return draw_actions(odds, rng.random(len(odds)))

    state = start_batch(task, draw_people(task, config.warm_start, config.seed, key=1 + 3 * lesson))
    rewards = [(rows, turn.reward) for rows, _, turn in conversations(task, state, act)]
    after, values = np.zeros(config.warm_start), []
    for rows, reward in reversed(rewards):
        after[rows] = reward + config.gamma * after[rows]
        values.append(after[rows].astype(np.float32))
    if pupil is None:
        said = task.layout.slices["conversation"]
        every = 1 + sum(len(turn[0]) for turn in turns) // FITTED_ROWS
        projection = fit_projection(
            np.concatenate([turn[0][::every, said] for turn in turns]), config.projection
        )
    else:
        projection = pupil[1]
    observation = np.concatenate([projection(turn[0]) for turn in turns])
    mask, odds, worth = (np.concatenate([turn[i] for turn in turns]) for i in (1, 2, 3))
    return Experience(observation, mask, odds, worth, np.concatenate(values[::-1])), projection


def ranking_error(logits: torch.Tensor, mask: torch.Tensor, worth: torch.Tensor) -> torch.Tensor:
    """How far candidates are from being ranked by their worth; scalar.

    The mean squared error of their logits, divided by ``SHARPNESS`` and about their mean, from ``WORTH_SCALE`` times
    their worth about its mean.

    Args:
        logits: (N, A).
        mask: (N, A) legal actions.
        worth: (N, K) of the last K actions.
    """
    k = worth.shape[1]
    there = mask[:, -k:].float()
    error = logits[:, -k:] / SHARPNESS - WORTH_SCALE * worth
    error = (error - (error * there).sum(1, keepdim=True) / there.sum(1, keepdim=True).clamp(min=1)) * there
    return error.square().sum() / there.sum().clamp(min=1)


def imitation_loss(
    logits: torch.Tensor, mask: torch.Tensor, odds: torch.Tensor, worth: torch.Tensor
) -> torch.Tensor:
    """How far a policy is from its teachers; scalar.

    Without ``worth`` it is the cross-entropy to the heuristic's odds. With it, that of every free action and of "any
    candidate"; and ``ranking_error``.

    Args:
        logits: (N, A).
        mask: (N, A) legal actions.
        odds: (N, A) the heuristic's.
        worth: (N, K) of the last K actions; or (N, 0).
    """
    legal = logits.masked_fill(~mask, OUT)
    k = worth.shape[1]
    if not k:
        return -(odds * torch.log_softmax(legal, dim=1)).sum(1).mean()
    any_of = torch.logsumexp(legal[:, -k:], dim=1, keepdim=True)
    likely = torch.log_softmax(torch.cat([legal[:, :-k], any_of], dim=1), dim=1)
    wanted = torch.cat([odds[:, :-k], odds[:, -k:].sum(1, keepdim=True)], dim=1)
    return -(wanted * likely).sum(1).mean() + ranking_error(logits, mask, worth)


def imitate(network: RankerNetwork, critic: Critic, lessons: Sequence[Experience]) -> None:
    """Fit a policy to its teachers and a critic to what followed, in place; torch's generator shuffles.

    Args:
        network: Learns; its observations must be of the width of the experience's.
        critic: Learns; reads the worth too.
        lessons: What to imitate.
    """
    parameters = [*network.parameters(), *critic.parameters()]
    optimizer = torch.optim.Adam(parameters, LEARNING_RATE)
    observation, mask, odds, worth, value = (
        torch.from_numpy(np.concatenate([getattr(lesson, name) for lesson in lessons]))
        for name in Experience.__slots__
    )
    steps = max(LEAST_STEPS, PASSES * len(value) // BATCH)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / steps)
        rows = torch.randint(len(value), (BATCH,))
        wrong = imitation_loss(network(observation[rows]), mask[rows], odds[rows], worth[rows])
        missed = critic(torch.cat([observation[rows], worth[rows]], dim=1))[:, 0] - value[rows]
        optimizer.zero_grad()
        (wrong + missed.square().mean()).backward()
        optimizer.step()

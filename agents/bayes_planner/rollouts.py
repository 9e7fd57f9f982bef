"""Imagined futures of one conversation, on the kernel: what an action is worth if particles are right about the person.

A rollout algorithm (Tesauro and Galperin, 1996) in belief space: in each future one particle is the person. After the
action that is tried, whoever acts sees what that person says and does, weighs a small crowd of other particles by it,
and recommends what is best for the crowd. All actions meet the same people with the same draws. What can be worked
out is not drawn: rewards count as expected of the person, and instead of ending, a conversation counts less and less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agents.bayes_planner.particles import Particles
from agents.bayes_planner.seen import Sentences
from agents.bayes_planner.worth import (
    Crowd,
    Outcomes,
    Pays,
    best_places,
    expected_rewards,
    hazards,
    liked_by,
    reweigh,
    tabulate,
)
from chatrec_env.core.kernel import SYSTEM_DRAWS, State, Task, step_batch
from chatrec_env.core.records import take
from chatrec_env.core.state import Dialogue
from chatrec_env.retrieval.ranking import EXCLUDED
from simulators.scripted.events import U_LEAVE
from simulators.scripted.simulator import ScriptedUsers
from simulators.scripted.talk import SEEN_IT

Float = npt.NDArray[np.float64]

NEVER = float(np.nextafter(1.0, 0.0))
"""A uniform with which nobody leaves."""


@dataclass(slots=True)
class Future:
    """The same future for every action: people, draws and the crowd that weighs."""

    people: npt.NDArray[np.intp]  # (R,) particles
    draws: Float  # (R, max_turns, draws of a turn)
    crowd: Crowd


class Rollouts:
    """Tries actions in imagined futures; see the module.

    Args:
        task: With scripted people and actions that name candidates.
        crowd: M, particles that weigh what is best.
        horizon: Turns that are imagined; what comes later counts as the mean of those.
    """

    def __init__(self, task: Task, users: ScriptedUsers, *, crowd: int, horizon: int) -> None:
        self._task, self._users, self._size, self._horizon = task, users, crowd, horizon
        self._sentences = Sentences(users.grammar)
        self.pays = Pays(task.weights.click, task.weights.rating)
        self._returns_later = users.scenario.season > 0

    def future(
        self, dialogue: Dialogue, n: int, particles: Particles, futures: int, rng: np.random.Generator
    ) -> Future:
        """Futures of conversation ``n``."""
        turns, edges = self._task.manager.max_turns, np.cumsum(particles.weights)

        def some(m: int) -> npt.NDArray[np.intp]:
            found = np.searchsorted(edges, (rng.random() + np.arange(m)) / m)
            return rng.permutation(np.minimum(found, len(edges) - 1))

        draws = np.zeros((futures, turns, SYSTEM_DRAWS + self._users.turn_draws))
        now = int(dialogue.turn[n])
        draws[:, now : now + self._horizon] = rng.random(draws[:, now : now + self._horizon].shape)
        if not self._returns_later:
            draws[:, :, SYSTEM_DRAWS + U_LEAVE] = NEVER
        people, who = take(particles.people, some(self._size)), some(futures)
        items, rates = self._users.items, self._users.rates
        fresh = 1.0 - people.familiarity[:, None] * items.popularity
        return Future(
            who, draws, Crowd(people, liked_by(people, items), fresh, tabulate(people, rates, self.pays))
        )

    def returns(
        self, dialogue: Dialogue, n: int, particles: Particles, actions: npt.NDArray[np.int64], future: Future
    ) -> Float:
        """Expected returns ``(A, R)`` of ``actions (A,)`` in R futures."""
        task, users, r = self._task, self._users, len(future.people)
        rows = np.tile(np.arange(r), len(actions))
        state = State(
            take(dialogue, np.full(len(rows), n)),
            take(particles.people, future.people[rows]),
            future.draws[rows],
        )
        now, fallback = np.repeat(actions, r), task.actions.fallback
        weights = np.full((len(rows), self._size), 1.0 / self._size)
        total, alive = np.zeros(len(rows)), np.ones(len(rows))
        rate = gone = 0.0
        for _ahead in range(min(self._horizon, task.manager.max_turns - int(dialogue.turn[n]))):
            place = now - fallback
            item = state.dialogue.candidates[np.arange(len(rows)), np.maximum(place, 0)]
            shown = np.where(place >= 0, item, -1)[:, None].astype(np.int32)
            paid = expected_rewards(state.people, shown, users.items, users.rates, self.pays)[:, 0]
            paid = np.where(place >= 0, paid, -task.weights.ask_cost)
            before = state.people.satiation.copy()
            turn = step_batch(task, state, now)
            drawn = self._returns_later
            leaves = turn.terminated.astype(np.float64) if drawn else hazards(state.people, users.rates)
            total += alive * (paid - leaves * task.weights.leave_cost)
            rate, gone = (
                float((alive * paid).sum() / alive.sum()),
                float((alive * leaves).sum() / alive.sum()),
            )
            alive *= 1.0 - leaves
            if not alive.any():
                break
            form, arg = self._sentences.read(turn.user.sentences[:, 0])
            outcome = Outcomes(
                np.where(place < 0, turn.system.facet, -1).astype(np.int64),
                shown[:, 0].astype(np.int64),
                turn.user.click,
                turn.user.stars,
                form == SEEN_IT,
                form,
                arg,
            )
            reweigh(future.crowd, weights, before, outcome, users.items, users.rates)
            there = state.dialogue.scores > EXCLUDED / 2
            shown = np.where(there, state.dialogue.candidates, -1).astype(np.int32)
            satiation = state.people.satiation
            now = fallback + best_places(future.crowd, weights, satiation, shown, users.items)
        left = max(task.manager.max_turns - int(dialogue.turn[n]) - self._horizon, 0)
        turns = (1.0 - (1.0 - gone) ** left) / max(gone, 1e-9)
        return (total + alive * turns * (rate - gone * task.weights.leave_cost)).reshape(len(actions), r)

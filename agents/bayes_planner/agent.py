"""The Bayes planner: acts for the best in expectation over particles."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agents.base import Decision, check_integers, check_numbers
from agents.bayes_planner.particles import Particles, Population
from agents.bayes_planner.rollouts import Rollouts
from agents.bayes_planner.seen import turn_seen
from agents.bayes_planner.worth import expected_rewards
from chatrec_env.core.actions import ItemActions
from chatrec_env.core.kernel import Task
from chatrec_env.core.state import ACCEPTED, Dialogue
from chatrec_env.errors import ConfigError

FEW = 0.1
"""Share of the particles below which hardly any carries the weight."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BayesPlannerConfig:
    """How hard the planner thinks.

    Attributes:
        particles: People who might be the one.
        library: Goals drawn beforehand.
        sweeps: Rounds of steps after resampling; twice as many where hardly any particle carried the weight.
        refresh: Share of the particles that must carry the weight; below it they are resampled and moved.
        futures: Futures that the finalists are tried in, which alone decide; 0 for the best recommendation in
            expectation, without looking ahead.
        screen: Futures that every question and the best recommendations are tried in before; 0 for none. What does
            better there than the best recommendation goes on.
        finalists: Actions that go on from there, and recommendations that are tried.
        crowd: Particles that weigh what is best in an imagined future.
        horizon: Turns that are imagined.
        caution: Standard errors by which an action must beat the best recommendation.
        seed: Of everything that is drawn.
    """

    particles: int = 256
    library: int = 200_000
    sweeps: int = 2
    refresh: float = 0.5
    futures: int = 16
    screen: int = 8
    finalists: int = 4
    crowd: int = 32
    horizon: int = 8
    caution: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_integers("bayes-planner", self, particles=2, library=1, sweeps=0, futures=0, screen=0, seed=0)
        check_integers("bayes-planner", self, finalists=1, crowd=1, horizon=1)
        check_numbers("bayes-planner", self, refresh="[0, 1]", caution="[0, 10]")
        if self.futures == 1:
            raise ConfigError(
                "bayes-planner.futures must be 0 or at least 2, got 1: one future has no spread."
            )


class BayesPlanner:
    """Acts for the best in expectation over people who might be the one, and looks ahead.

    It knows the population (scenario, catalogue, how people behave) and of the person only what was seen: a policy
    that could be had, so that its return is a lower bound on what agents can reach, where an oracle's is an upper
    bound. It learns nothing and is told nothing.

    Who it may be talking to is a set of particles (``agents.bayes_planner.particles``). Every question not yet asked
    and the candidates that are best in expectation are tried in imagined futures (``agents.bayes_planner.rollouts``),
    in two stages as ``agents.planner.Planner`` does it; another action than the best recommendation must be better by
    some standard errors.

    Ratings from before the conversation are left out of what was seen: it then knows less than an agent could.

    What it draws depends on ``seed`` and on what was said. It remembers the particles of the conversations it was last
    asked about; those of others are worked out anew, with the stars of earlier items as far as what was said tells.

    Args:
        task: With scripted people who talk plainly and actions that name candidates.
        config: How hard it thinks.

    Raises:
        ConfigError: Of other users, another way of talking or other actions.

    Attributes:
        effective: Effective sample size after each turn, before resampling.
        accepted: Share of steps that were accepted after each resampling.
    """

    name = "bayes-planner"

    def __init__(self, task: Task, config: BayesPlannerConfig | None = None) -> None:
        if not isinstance(task.actions, ItemActions):
            raise ConfigError("The Bayes planner needs actions that name candidates. Use ChatRec/Items-v0.")
        if unseen := [name for name, weight in task.reward.terms.items() if weight]:
            raise ConfigError(
                "Expected a reward of click, rating, ask_cost, leave_cost and potentials, which is what the Bayes "
                f"planner weighs, got the terms {', '.join(unseen)}. Leave them out, or leave out the planner."
            )
        self.config, self._task = config or BayesPlannerConfig(), task
        c = self.config
        self.population = Population(task, size=c.particles, library=c.library, seed=c.seed)
        self._rollouts = Rollouts(task, self.population.users, crowd=c.crowd, horizon=c.horizon)
        self._facets = np.flatnonzero(task.manager.catalog.arrays.askable)
        self._kept: dict[bytes, Particles] = {}
        self.effective: list[float] = []
        self.accepted: list[float] = []

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """See ``Policy``."""
        dialogue, kept, out = decision.dialogue, {}, np.zeros(len(decision), np.int64)
        for n in range(len(decision)):
            particles = kept[key_of(dialogue, n)] = self.particles(dialogue, n)
            out[n] = self._choose(decision, n, particles)
        self._kept = kept
        return out

    def particles(self, dialogue: Dialogue, n: int) -> Particles:
        """Who conversation ``n`` may be with, after all that was seen."""
        c, turn = self.config, int(dialogue.turn[n])
        grammar, population = self._task.manager.grammar, self.population
        found = self._kept.get(key_before(dialogue, n)) if turn else None
        first = turn if found else 0
        for t in range(first, turn + 1):
            rng, seen = self._rng(dialogue, n, t), turn_seen(grammar, dialogue, n, t)
            if found is None:
                found = population.begin(seen, dialogue.situational_context[n].copy(), rng)
                continue
            found = population.advance(found, seen)
            self.effective.append(found.effective)
            if found.effective < c.refresh * c.particles:
                few = found.effective < FEW * c.particles
                found = population.resample(found, rng)
                self.accepted.append(population.move(found, c.sweeps * (1 + few), rng))
        assert found is not None
        return found

    def _rng(self, dialogue: Dialogue, n: int, turn: int, use: int = 0) -> np.random.Generator:
        said = hashlib.blake2b(dialogue.transcript[n, : turn + 1].tobytes(), digest_size=8).digest()
        return np.random.default_rng((self.config.seed, use, int.from_bytes(said, "little")))

    def _choose(self, decision: Decision, n: int, particles: Particles) -> int:
        users, c, first = self.population.users, self.config, self._task.actions.fallback
        dialogue = decision.dialogue
        shown = np.where(decision.view.present[n], dialogue.candidates[n], -1).astype(np.int32)
        every = np.ascontiguousarray(np.broadcast_to(shown, (len(particles.goal), len(shown))))
        worth = particles.weights @ expected_rewards(
            particles.people, every, users.items, users.rates, self._rollouts.pays
        )
        order = first + np.argsort(-worth, kind="stable")[: c.finalists]
        order = order[decision.mask[n, order]]
        base = order[0] if len(order) else 0
        if c.futures == 0:
            return int(base)
        rng = self._rng(dialogue, n, int(dialogue.turn[n]), 1)
        asks = np.flatnonzero(dialogue.asked[n][self._facets] == 0)
        tried = np.concatenate([order, asks])
        if c.screen:
            future = self._rollouts.future(dialogue, n, particles, c.screen, rng)
            found = self._rollouts.returns(dialogue, n, particles, tried, future).mean(1)
            # What does not do better here goes no further, so that luck would have to strike twice.
            better = 1 + np.flatnonzero(found[1:] > found[0])
            best = better[np.argsort(-found[better], kind="stable")[: c.finalists - 1]]
            tried = tried[np.concatenate([[0], best])]
        if len(tried) == 1:
            return int(base)
        future = self._rollouts.future(dialogue, n, particles, c.futures, rng)
        found = self._rollouts.returns(dialogue, n, particles, tried, future)
        gain = found - found[0]
        sure = gain.mean(1) - c.caution * gain.std(1, ddof=1) / np.sqrt(c.futures)
        sure[0] = 0.0
        return int(tried[sure.argmax()])


def key_of(dialogue: Dialogue, n: int) -> bytes:
    """What was seen of conversation ``n`` so far."""
    return _key(dialogue, n, int(dialogue.turn[n]), int(dialogue.stars[n]))


def key_before(dialogue: Dialogue, n: int) -> bytes:
    """What had been seen of conversation ``n`` a turn ago."""
    given = int(dialogue.last_stars[n]) if dialogue.outcome[n] == ACCEPTED else 0
    return _key(dialogue, n, int(dialogue.turn[n]) - 1, int(dialogue.stars[n]) - given)


def _key(dialogue: Dialogue, n: int, turn: int, stars: int) -> bytes:
    return dialogue.transcript[n, : turn + 1].tobytes() + stars.to_bytes(2, "little")

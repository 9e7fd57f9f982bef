"""Particles: people who might be the one, drawn from the population and weighted by what was seen.

A particle is what the simulator makes a person of: uniforms of goal and traits, normals of tastes, and uniforms for
what happened unseen. Drawn under the prior, the wishes that were stated given; weighted by the likelihood of each turn
(sequential importance sampling); resampled when few carry the weight, and then moved by Metropolis-Hastings steps that
leave the posterior as it is (resample-move; Gilks and Berzuini, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from agents.bayes_planner.likelihood import PATH, Seen, opening_likelihood, turn_likelihood
from agents.bayes_planner.seen import Stated
from chatrec_env.core.kernel import Task
from chatrec_env.core.records import put, take
from chatrec_env.errors import ConfigError
from simulators.scripted.goals import AVOIDS_SOMETHING, SCALARS
from simulators.scripted.people import People, new_people
from simulators.scripted.profiles import draw_people
from simulators.scripted.simulator import ScriptedUsers

Float = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

TRAITS = slice(5, SCALARS)
"""Uniforms of how people are; those before are of what they come for."""

STEPS = (0.5, 0.2)
"""Sizes of the steps in tastes, in turns: ``z' = sqrt(1 - b^2) z + b e`` (preconditioned Crank-Nicolson)."""

RESHARE = 0.3
"""Share of a particle's traits that a step draws anew."""


@dataclass(slots=True)
class Particles:
    """P people who might be the one."""

    goal: Float  # (P, G) uniforms of goal and traits
    tastes: Float  # (P, D) standard normals
    path: Float  # (P, T, 2) uniforms of what happens unseen in each turn
    people: People  # as they are after what was seen
    seen_weight: Float  # (P,) log likelihood of all that was seen, since the last resampling for the weights
    history: list[Seen]
    setting: npt.NDArray[np.int8]  # (2,) time of day and device, as seen

    def take(self, rows: Rows) -> Particles:
        """Copies of the given particles."""
        return Particles(
            self.goal[rows],
            self.tastes[rows],
            self.path[rows],
            take(self.people, rows),
            self.seen_weight[rows],
            self.history,
            self.setting,
        )

    def put(self, rows: Rows, other: Particles) -> None:
        """Overwrite the given particles in place."""
        for mine, theirs in (
            (self.goal, other.goal),
            (self.tastes, other.tastes),
            (self.path, other.path),
            (self.seen_weight, other.seen_weight),
        ):
            mine[rows] = theirs
        put(self.people, rows, other.people)

    @property
    def weights(self) -> Float:
        """Shares of the posterior (P,)."""
        w = np.exp(self.seen_weight - self.seen_weight.max())
        return np.asarray(w / w.sum())

    @property
    def effective(self) -> float:
        """Effective sample size ``1 / sum w^2``."""
        return float(1.0 / (self.weights**2).sum())


class Population:
    """Draws and weighs particles of one task.

    Args:
        task: With scripted people who talk plainly.
        size: P.
        library: Goals drawn beforehand, among which those that hold the stated wishes are found.
        seed: Of the library.

    Raises:
        ConfigError: Of other users, or people who talk otherwise.
    """

    def __init__(self, task: Task, *, size: int, library: int, seed: int) -> None:
        users = task.users
        if not isinstance(users, ScriptedUsers):
            raise ConfigError(
                f'The Bayes planner knows scripted people, got users={users.name!r}. Use users="scripted".'
            )
        if users.rates.talk.lively:
            raise ConfigError(
                f'The Bayes planner knows people who talk plainly, got talk={users.scenario.talk!r}. Use talk="plain".'
            )
        if getattr(users.scenario, "notion_share", 0.0) > 0:
            raise ConfigError(
                "The Bayes planner knows wishes that facets hold, and this scenario has others. Set notion_share=0."
            )
        self.users, self.size = users, size
        self.scenario, self.makeup = users.scenario, users.sampler.makeup
        goals, catalog = self.makeup.goals, users.catalog
        self._block = 1 + 2 * len(goals.wanted_chance)
        self._n_goal = SCALARS + goals.interests * self._block
        self._n_tastes = users.sampler.n_draws - self._n_goal
        self._turns = task.manager.max_turns
        values = np.arange(catalog.n_values)
        self._pairs = np.ascontiguousarray(users.grammar.pair_arg(values[:, None], values))
        rng = np.random.default_rng((seed, 1))
        self._library = rng.random((library, self._n_goal), np.float32)
        drawn = self._draw_goals(self._library)
        self._wanted, self._context, self._setting = drawn

    def _draw_goals(self, goal: npt.NDArray[np.float32]) -> list[npt.NDArray[Any]]:
        """Wanted values (n, V), company (n,) and setting (n, 2) of these goals."""
        parts = []
        for start in range(0, len(goal), 4096):
            some = goal[start : start + 4096].astype(np.float64)
            people = self.people(some, np.zeros((len(some), self._n_tastes)))
            parts.append((people.wanted, people.context, people.setting))
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    def people(self, goal: Float, tastes: Float) -> People:
        """The people of these uniforms ``(P, G)`` and normals ``(P, D)``, before they have said anything."""
        draws = np.concatenate([goal, ndtr(tastes)], axis=1)
        normals = np.concatenate(
            [ndtri(goal[:, :SCALARS]), np.zeros((len(goal), self._n_goal - SCALARS)), tastes], axis=1
        )
        people = new_people(len(draws), self.users.catalog.n_values, self.users.catalog.factors.shape[1])
        draw_people(people, self.makeup, draws, normals)
        return people

    def likelihood(self, people: People, path: Float, history: list[Seen]) -> Float:
        """Log likelihood (P,) of all that was seen; people live through it, in place."""
        users = self.users
        weights, at_once = users.items.value_weights, self.scenario.tells_all
        out = np.asarray(opening_likelihood(people, history[0], weights, self._pairs, at_once))
        for turn, seen in enumerate(history[1:]):
            out += self.turn(people, seen, path[:, turn])
        return out

    def turn(self, people: People, seen: Seen, path: Float) -> Float:
        """Log likelihood (P,) of one turn, which people live through, in place."""
        found = turn_likelihood(people, seen, np.ascontiguousarray(path), self.users.items, self.users.rates)
        return np.asarray(found)

    def matching(self, history: list[Seen], setting: npt.NDArray[np.int8]) -> Rows:
        """Goals of the library that hold the stated wishes, (m,); fewer of them where there are none."""
        stated = Stated(self.users.grammar, history, not self.scenario.tells_all)
        keep = np.ones(len(self._wanted), np.bool_)
        if self.scenario.settings > 0:
            keep &= (self._setting == setting).all(1)
        if stated.context is not None:
            keep &= self._context == stated.context
        for value in stated.wanted:
            narrower = keep & self._wanted[:, value]
            keep = narrower if narrower.any() else keep
        return np.flatnonzero(keep)

    def begin(self, opening: Seen, setting: npt.NDArray[np.int8], rng: np.random.Generator) -> Particles:
        """Particles of equal weight after the first words."""
        history, n = [opening], 4 * self.size
        rows = rng.choice(self.matching(history, setting), n)
        goal = self._library[rows].astype(np.float64)
        stated = Stated(self.users.grammar, history, not self.scenario.tells_all)
        if not self._wanted[np.ix_(rows[:1], stated.wanted)].all():
            self._hold(goal, stated.wanted, rng)
        if stated.unwanted:
            self._avoid(goal, stated.unwanted[0], rng)
        goal[:, TRAITS] = rng.random((n, SCALARS - TRAITS.start))
        tastes, path = rng.standard_normal((n, self._n_tastes)), rng.random((n, self._turns, PATH))
        people = self.people(goal, tastes)
        weight = self.likelihood(people, path, history)
        return self.resample(Particles(goal, tastes, path, people, weight, history, setting), rng)

    def _hold(self, goal: Float, values: list[int], rng: np.random.Generator) -> None:
        """Read the first interest of goals off items that have all these values, and want just these of them."""
        goals, catalog = self.makeup.goals, self.users.catalog
        lower = np.concatenate([[0.0], goals.item_edges[:-1]])
        width = np.where(catalog.values[:, values].all(1), goals.item_edges - lower, 0.0)
        if width.sum() <= 0:
            return
        item = rng.choice(len(width), len(goal), p=width / width.sum())
        goal[:, SCALARS] = lower[item] + rng.random(len(goal)) * width[item]
        first, n_facets = SCALARS + 1, len(goals.wanted_chance)
        chance = goals.wanted_chance
        goal[:, first : first + n_facets] = chance + rng.random((len(goal), n_facets)) * (1.0 - chance)
        for value in values:
            facet = goals.facet_of[value]
            own = catalog.values[item][:, goals.facet_of == facet] > 0
            before = own[:, : value - int(np.argmax(goals.facet_of == facet))].sum(1)
            goal[:, first + facet] = rng.random(len(goal)) * chance[facet]
            goal[:, first + n_facets + facet] = (before + rng.random(len(goal))) / own.sum(1)

    def _avoid(self, goal: Float, value: int, rng: np.random.Generator) -> None:
        """Let goals avoid a value: the uniforms that decide on it are drawn from where it is the one."""
        edges = self.makeup.goals.unwanted_edges
        lower = edges[value - 1] if value else 0.0
        goal[:, 3] = lower + rng.random(len(goal)) * (edges[value] - lower)
        goal[:, 4] = rng.random(len(goal)) * AVOIDS_SOMETHING

    def advance(self, before: Particles, seen: Seen) -> Particles:
        """Particles after one more turn was seen."""
        after = before.take(np.arange(len(before.goal)))
        after.history = [*before.history, seen]
        after.seen_weight += self.turn(after.people, seen, after.path[:, len(before.history) - 1])
        return after

    def resample(self, old: Particles, rng: np.random.Generator) -> Particles:
        """P particles of equal weight, by systematic resampling."""
        places = (rng.random() + np.arange(self.size)) / self.size
        rows = np.minimum(np.searchsorted(np.cumsum(old.weights), places), len(old.goal) - 1)
        new = old.take(rows)
        new.seen_weight[:] = 0.0
        return new

    def move(self, particles: Particles, sweeps: int, rng: np.random.Generator) -> float:
        """Metropolis-Hastings steps of particles of equal weight, in place; the share that was accepted."""
        history = particles.history
        current = self._stand(particles)
        matching, accepted, tried = self.matching(history, particles.setting), 0, 0
        for sweep in range(sweeps):
            for kind in ("goal", "tastes"):
                goal, tastes, path = particles.goal.copy(), particles.tastes.copy(), particles.path.copy()
                if kind == "goal":
                    self._propose_goal(goal, matching, rng, sweep)
                else:
                    step = STEPS[sweep % len(STEPS)]
                    noise = rng.standard_normal(tastes.shape)
                    tastes = np.sqrt(1 - step**2) * tastes + step * noise
                    anew = rng.random((len(goal), SCALARS - TRAITS.start)) < RESHARE
                    goal[:, TRAITS] = np.where(anew, rng.random(anew.shape), goal[:, TRAITS])
                    redraw = rng.random((len(goal), 1, 1)) < RESHARE
                    path = np.where(redraw, rng.random(path.shape), path)
                people = self.people(goal, tastes)
                found = self.likelihood(people, path, history)
                rows = np.flatnonzero(np.log(rng.random(len(goal))) < found - current)
                tried, accepted = tried + len(goal), accepted + len(rows)
                proposed = Particles(
                    goal, tastes, path, people, particles.seen_weight, history, particles.setting
                )
                particles.put(rows, proposed.take(rows))
                current[rows] = found[rows]
        particles.seen_weight[:] = 0.0
        return accepted / max(tried, 1)

    def _stand(self, particles: Particles) -> Float:
        """Log likelihood (P,) of what was seen, of particles from the beginning."""
        return self.likelihood(
            self.people(particles.goal, particles.tastes), particles.path, particles.history
        )

    def _propose_goal(self, goal: Float, matching: Rows, rng: np.random.Generator, sweep: int) -> None:
        """Another goal for each particle, in place: all of it, one interest, or what is wanted of one interest."""
        n, interests = len(goal), self.makeup.goals.interests
        own = np.concatenate([np.arange(TRAITS.start), np.arange(SCALARS, self._n_goal)])
        kind = rng.integers(0, 3, n)
        whole = np.flatnonzero(kind == 0)
        own = own[(own < 3) | (own > 4)]  # what they avoid was told, or is drawn as it was
        goal[np.ix_(whole, own)] = self._library[rng.choice(matching, len(whole))][:, own]
        for row in np.flatnonzero(kind > 0).tolist():
            start = SCALARS + int(rng.integers(interests)) * self._block
            first = start + int(kind[row] == 2)
            goal[row, first : start + self._block] = rng.random(start + self._block - first)

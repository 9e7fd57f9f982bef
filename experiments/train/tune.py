"""Tunes the heuristic that learners must beat: a grid search by successive halving on people of its own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Policy, conversations, decision
from agents.baselines import AskThenRecommend
from chatrec_env.core.kernel import State, Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.evaluate.rollout import BATCH, meet, people_seeds
from simulators.scenarios.scenario import make_scenario

Grid = Mapping[str, Sequence[Any]]
Progress = Callable[[int, int, str], None]

GRID: Grid = {
    "questions": (0, 1, 2, 3, 4, 5, 6),
    "diversity": (0.0, 0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0),
    "again_after": (0, 2, 3),
}
"""First stage: how many questions at first, how much variety, when to ask again."""

REFINEMENT: Grid = {"refused": (0.0, 0.5), "ask_below": (0.0, 0.5, 1.0, 1.5, 2.0)}
"""Second stage, around the best of the first: turning away from what was ignored, asking when in doubt."""

HEED: Grid = {"heed": (0.0, 0.25, 0.5, 1.0)}
"""Second stage too, where settings move people: heeding the time of day and the device."""

STRATEGY_GRID: Grid = {**GRID, "diversity": (0.0, 1.0)}
"""On strategies the weight of variety is built in: it is on or off."""

STRATEGY_REFINEMENT: Grid = {"ask_below": REFINEMENT["ask_below"]}

ROUNDS = (80, 240, 720, 2160)
"""People that the settings still in the race have met after each round."""

KEEP = 3
"""One in so many settings goes on to the next round, and never fewer than ``PARENTS``."""

PARENTS = 4
"""Settings of the first stage that the second varies."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """Outcome of a search.

    Attributes:
        params: The best settings of ``AskThenRecommend``.
        rows: Every setting tried, the best first: its parameters, mean ``return`` over the ``people`` it met,
            and its standard error ``sem``. A setting that was out early met fewer people. Returns of equal
            ``people`` can be compared: those are then the same people.
        turns: Turns the search took.
    """

    params: dict[str, Any]
    rows: list[dict[str, Any]]
    turns: int

    @property
    def policy(self) -> AskThenRecommend:
        """The heuristic at its best."""
        return AskThenRecommend(**self.params)


def tune(
    env: EnvConfig,
    *,
    seed: int = 0,
    rounds: Sequence[int] = ROUNDS,
    grid: Grid | None = None,
    refinement: Grid | None = None,
    progress: Progress | None = None,
) -> Tuned:
    """Find the settings of ``AskThenRecommend`` with the highest mean return.

    Two stages of successive halving (Jamieson and Talwalkar, 2016): all settings of the grid meet a few
    people, the best third a few more, and so on; the best four are then varied in the same way, from the
    second round on. Everybody met is of the stream ``"tune"``: nobody who is trained on or evaluated with.

    Args:
        env: The environment.
        seed: Which people.
        rounds: People met after each round, increasing.
        grid: Values of the fields in the first stage; by default ``GRID``, or ``STRATEGY_GRID``.
        refinement: Values of the fields in the second; by default ``REFINEMENT`` (with ``HEED`` where settings
            move people), or ``STRATEGY_REFINEMENT``.
        progress: Called with conversations held, conversations in all, and the best so far in words.

    Raises:
        ConfigError: If ``rounds`` are not increasing.
    """
    if not rounds or any(b <= a for a, b in itertools.pairwise((0, *rounds))):
        raise ConfigError(f"rounds must be increasing numbers of people, from 1 on, got {list(rounds)}.")
    strategy = env.actions == "strategy"
    first = combinations(grid or (STRATEGY_GRID if strategy else GRID))
    if refinement is None:
        refinement = STRATEGY_REFINEMENT if strategy else REFINEMENT
        if not strategy and make_scenario(env.scenario).settings > 0:
            refinement = {**refinement, **HEED}
    second = combinations(refinement)
    later = rounds[1:] or rounds
    total = conversations_of(len(first), rounds) + conversations_of(
        min(PARENTS, len(first)) * len(second), later
    )
    # A heuristic looks at the visible state; building flat observations for it would only take time.
    task = make_task(replace(env, observation="tabular"))
    race = _Race(task, people_seeds("tune", seed, rounds[-1]), tuple(rounds), total, progress)
    parents = race.run([AskThenRecommend(**params) for params in first], rounds)[:PARENTS]
    race.run([AskThenRecommend(**{**_params(p), **change}) for p in parents for change in second], later)
    rows = race.rows()
    return Tuned(params={k: rows[0][k] for k in _params(AskThenRecommend())}, rows=rows, turns=race.turns)


def combinations(grid: Grid) -> list[dict[str, Any]]:
    """Every choice of one value per field."""
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def survivors(n: int) -> int:
    """How many of ``n`` settings go on to the next round."""
    return max(math.ceil(n / KEEP), min(n, PARENTS))


def conversations_of(n: int, rounds: Sequence[int]) -> int:
    """Conversations that ``n`` settings hold in a race over ``rounds``."""
    held = 0
    for before, after in itertools.pairwise((0, *rounds)):
        held += n * (after - before)
        n = survivors(n)
    return held


def _params(policy: AskThenRecommend) -> dict[str, Any]:
    return {key: value for key, value in asdict(policy).items() if key != "name"}


@dataclass(slots=True)
class _Race:
    """Settings that meet the same people, in the same order, in ever smaller numbers."""

    task: Task
    seeds: list[int]
    rounds: tuple[int, ...]
    total: int
    progress: Progress | None
    held: int = 0  # conversations, counting those a setting of the second stage had held before
    turns: int = 0
    returns: dict[AskThenRecommend, npt.NDArray[np.float64]] = field(default_factory=dict)
    _meetings: dict[tuple[int, int], State] = field(default_factory=dict)

    def run(self, policies: list[AskThenRecommend], rounds: Sequence[int]) -> list[AskThenRecommend]:
        """Race over ``rounds``; the last ones in it, best first."""
        for before, after in itertools.pairwise((0, *rounds)):
            for policy in policies:
                self._meet_up_to(policy, after)
                self.held += after - before
                if self.progress is not None:
                    best = max(self.returns.values(), key=lambda r: (len(r), r.mean()))
                    self.progress(self.held, self.total, f"best return {best.mean():.2f}")
            policies = sorted(policies, key=self._merit)
            if after != rounds[-1]:
                policies = policies[: survivors(len(policies))]
        return policies

    def _merit(self, policy: AskThenRecommend) -> tuple[float, ...]:
        """Sorts the best first: more people met, higher return, then fewer questions and smaller weights."""
        returns = self.returns[policy]
        return -len(returns), -float(returns.mean()), *_params(policy).values()

    def _meet_up_to(self, policy: AskThenRecommend, people: int) -> None:
        known = self.returns.setdefault(policy, np.zeros(0))
        cuts = sorted({*range(0, people, BATCH), *self.rounds, people})
        for start, stop in itertools.pairwise(c for c in cuts if len(known) <= c <= people):
            known = np.append(known, self._returns(policy, start, stop))
        self.returns[policy] = known

    def _returns(self, policy: Policy, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Returns of one policy with the people of these numbers, who are made once and met afresh."""
        if (start, stop) not in self._meetings:
            self._meetings[start, stop] = meet(self.task, self.seeds[start:stop])
        state = self._meetings[start, stop].copy()
        out = np.zeros(stop - start)
        for rows, _, turn in conversations(
            self.task, state, lambda rows, now: policy.act(decision(self.task, now), np.zeros(len(rows)))
        ):
            out[rows] += turn.reward
            self.turns += len(rows)
        return out

    def rows(self) -> list[dict[str, Any]]:
        """The whole grid; see ``Tuned.rows``."""
        return [
            {
                **_params(policy),
                "people": len(returns),
                "return": float(returns.mean()),
                "sem": float(returns.std(ddof=1) / math.sqrt(len(returns))) if len(returns) > 1 else 0.0,
            }
            for policy in sorted(self.returns, key=self._merit)
            for returns in [self.returns[policy]]
        ]

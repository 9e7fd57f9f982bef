"""Action values that are learned: one number per state and action, or linear in what is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from agents.conversations import Bool, Int, See, see_observation, see_table
from agents.tabular.config import TabularConfig
from agents.tabular.td import Float, move_toward
from chatrec_env.core.columns import CANDIDATE_COLUMNS
from chatrec_env.core.kernel import Task
from chatrec_env.core.observations import TABULAR_SIZES
from chatrec_env.errors import ArtifactError, ConfigError

GAP = 0.3
"""Linear value by which a candidate starts behind the best one, per unit of estimated utility; and a question."""

Rate = Callable[[int], float]
Tensors = dict[str, npt.NDArray[Any]]


class Values(Protocol):
    """Action values of states."""

    see: See
    """What a state is."""

    def of(self, states: npt.NDArray[Any]) -> Float:
        """Values ``(N, A)`` of states ``(N, ...)``."""

    def move(self, states: npt.NDArray[Any], actions: Int, targets: Float, rate: Rate) -> None:
        """Move the values of actions ``(N,)`` in states ``(N, ...)`` toward targets ``(N,)``, one after the other."""

    def read(self, decision: Decision) -> npt.NDArray[Any]:
        """The states of a decision."""

    def known(self, states: npt.NDArray[Any]) -> Bool:
        """Actions ``(N, A)`` that have been learned about."""

    def tensors(self) -> Tensors:
        """What was learned: arrays that change with it."""


class Table:
    """One value per tabular observation and action.

    It reads the tabular features from the visible state, whatever the observation form of the environment.

    Attributes:
        values: (S, A) float64.
        visits: (S, A) int64 updates each cell has had.
    """

    def __init__(self, task: Task, config: TabularConfig) -> None:
        self.see: See = see_table
        shape = (int(np.prod(TABULAR_SIZES)), task.actions.n)
        self.values = np.full(shape, config.initial_value, np.float64)
        self.visits = np.zeros(shape, np.int64)

    def of(self, states: npt.NDArray[Any]) -> Float:
        """See ``Values``."""
        return self.values[states]

    def move(self, states: npt.NDArray[Any], actions: Int, targets: Float, rate: Rate) -> None:
        """See ``Values``."""
        move_toward(self.values, self.visits, states, actions, targets, rate)

    def read(self, decision: Decision) -> npt.NDArray[Any]:
        """See ``Values``."""
        return decision.task.layout.tabular(decision.dialogue, decision.view)

    def known(self, states: npt.NDArray[Any]) -> Bool:
        """See ``Values``."""
        return self.visits[states] > 0

    def tensors(self) -> Tensors:
        """See ``Values``."""
        return {"values": self.values, "visits": self.visits}


class LinearValues:
    """``Q(s, a) = w_a . x(s)`` for questions and strategies, ``w . x(s) + u . c_k`` for candidate k.

    ``x`` is the flat observation less its conversation and candidates, with the columns of the first candidate and a
    constant; ``c_k`` the columns of candidate k, so what is learned of one place holds for every place. The step of an
    update is divided by the squared length of its features (normalised least mean squares).

    Attributes:
        weights: (F + 1, X) float64: of each question or strategy, then of recommending.
        own: (C,) float64, of a candidate's columns.
    """

    def __init__(self, task: Task, config: TabularConfig) -> None:
        self.see: See = see_observation
        if task.layout.form != "flat":
            raise ConfigError(
                f"Linear values read flat observations, got observation={task.layout.form!r}. Use observation='flat'."
            )
        parts, columns = task.layout.slices, len(task.layout.candidate_columns)
        self._begin, self._first = parts["history"].start, parts["candidates"].start
        self._tail, self._columns = task.layout.width - parts["candidates"].stop, columns
        scored = task.actions.n - task.actions.fallback == task.manager.n_candidates
        self._free = task.actions.fallback if scored else task.actions.n
        self._scored = scored
        features = self._first - self._begin + self._tail + columns + 1
        self.weights = np.zeros((self._free + scored, features))
        self.weights[:, -1] = config.initial_value
        self.own = np.zeros(columns)
        if scored:
            self.own[CANDIDATE_COLUMNS.index("gap")] = -GAP
            self.weights[:-1, -1] -= GAP

    def _features(self, states: npt.NDArray[Any]) -> tuple[Float, Float]:
        """``x (N, X)`` and ``c (N, K, C)`` of flat observations."""
        n, end = len(states), states.shape[1] - self._tail
        cells = states[:, self._first : end].reshape(n, -1, self._columns).astype(np.float64)
        before, after = states[:, self._begin : self._first], states[:, end:]
        return np.concatenate([before, after, cells[:, 0], np.ones((n, 1))], axis=1), cells

    def of(self, states: npt.NDArray[Any]) -> Float:
        """See ``Values``."""
        x, cells = self._features(states)
        values = np.einsum("nx,ax->na", x, self.weights)  # einsum: the same bits in any batch
        if not self._scored:
            return values
        candidates = values[:, self._free :] + np.einsum("nkc,c->nk", cells, self.own)
        return np.concatenate([values[:, : self._free], candidates], axis=1)

    def move(self, states: npt.NDArray[Any], actions: Int, targets: Float, rate: Rate) -> None:
        """See ``Values``."""
        x, cells = self._features(states)
        for i, action in enumerate(actions.tolist()):
            place = min(action, self._free)
            weights, own = self.weights[place], self.own
            cell = cells[i, action - self._free] if place == self._free else np.zeros(0)
            own = own[: len(cell)]
            error = targets[i] - x[i] @ weights - cell @ own
            step = rate(1) * error / (x[i] @ x[i] + cell @ cell)
            weights += step * x[i]
            own += step * cell

    def read(self, decision: Decision) -> npt.NDArray[Any]:
        """See ``Values``.

        Raises:
            ArtifactError: If the observations have other columns than it was trained on.
        """
        seen, layout = decision.observation, decision.task.layout
        fits = seen.ndim == 2 and layout.slices["candidates"].start == self._first
        if not fits or len(layout.candidate_columns) != self._columns:
            raise ArtifactError(
                f"This policy was trained on flat observations whose candidates begin at column {self._first}, which "
                f"is not so here (observation={layout.form!r}). Use it in the environment, and with the version of "
                "chatrec, that it was trained with, or train again."
            )
        return seen

    def known(self, states: npt.NDArray[Any]) -> Bool:
        """See ``Values``."""
        return np.ones(self.of(states).shape, np.bool_)

    def tensors(self) -> Tensors:
        """See ``Values``."""
        return {"weights": self.weights, "own": self.own}


def make_values(task: Task, config: TabularConfig) -> Values:
    """Values of the kind that the settings name, before anything was learned."""
    return Table(task, config) if config.values == "table" else LinearValues(task, config)

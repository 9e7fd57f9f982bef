"""The replay memory: turns to learn from again, drawn evenly or by how much was learned from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

LEAST = 1e-3
"""Added to every error, so that no turn is never drawn again."""


def sampling_probabilities(priorities: Float, exponent: float) -> Float:
    """``p_i^a / sum_j p_j^a`` (Schaul et al., 2016, equation 1); exponent 0 draws evenly."""
    powers = priorities**exponent
    return np.asarray(powers / powers.sum())


def importance_weights(probabilities: Float, size: int, correction: float) -> Float:
    """``(1 / (size p_i))^b``, scaled so that the largest is 1 (Schaul et al., 2016, section 3.4).

    Args:
        probabilities: (B,) of the turns drawn.
        size: Turns in the memory.
        correction: b in [0, 1]; 1 undoes the uneven draw wholly.
    """
    weights = (size * probabilities) ** -correction
    return np.asarray(weights / weights.max())


class Replay:
    """The last ``capacity`` turns, as arrays by name.

    Observations take most of the room and are kept in half precision.

    Args:
        capacity: Turns kept; older ones give way.
        prioritised: Whether draws follow priorities, which are then kept up to date.
    """

    def __init__(self, capacity: int, *, prioritised: bool = False) -> None:
        self.capacity, self.prioritised = capacity, prioritised
        self.size = self._next = 0
        self.arrays: dict[str, npt.NDArray[Any]] = {}
        self.priorities = np.zeros(capacity)

    def add(self, **turns: npt.NDArray[Any]) -> None:
        """Take in n turns: arrays ``(n, ...)`` by name, the same names every time."""
        n = len(next(iter(turns.values())))
        if not self.arrays:
            for name, values in turns.items():
                kind = np.float16 if values.dtype == np.float32 else values.dtype
                self.arrays[name] = np.zeros((self.capacity, *values.shape[1:]), kind)
        rows = (self._next + np.arange(n)) % self.capacity
        for name, values in turns.items():
            self.arrays[name][rows] = values
        # What is new has not been learned from: it comes first.
        self.priorities[rows] = self.priorities[: self.size].max(initial=LEAST)
        self._next = (self._next + n) % self.capacity
        self.size = min(self.size + n, self.capacity)

    def draw(self, rng: np.random.Generator, n: int, exponent: float) -> tuple[npt.NDArray[np.intp], Float]:
        """Rows ``(n,)`` and the probabilities ``(n,)`` they were drawn with, with replacement.

        Args:
            rng: Draws.
            n: How many.
            exponent: See ``sampling_probabilities``; without meaning unless prioritised.
        """
        if not self.prioritised:
            return rng.integers(self.size, size=n), np.full(n, 1 / self.size)
        probabilities = sampling_probabilities(self.priorities[: self.size], exponent)
        rows = np.searchsorted(probabilities.cumsum(), rng.random(n)).clip(max=self.size - 1)
        return rows, probabilities[rows]

    def take(self, rows: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[Any]]:
        """The turns of these rows, observations in single precision again."""
        taken = {name: values[rows] for name, values in self.arrays.items()}
        return {k: v.astype(np.float32) if v.dtype == np.float16 else v for k, v in taken.items()}

    def learned(self, rows: npt.NDArray[np.intp], errors: Float) -> None:
        """Note the errors ``(n,)`` that were met in these rows."""
        if self.prioritised:
            self.priorities[rows] = np.abs(errors) + LEAST

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything in it; see ``restore``."""
        held = {f"memory.{name}": values[: self.size] for name, values in self.arrays.items()}
        return {**held, "priorities": self.priorities[: self.size], "memory_next": np.array([self._next])}

    def restore(self, saved: dict[str, npt.NDArray[Any]]) -> None:
        """Take up what ``to_arrays`` gave."""
        self.size, self._next = len(saved["priorities"]), int(saved["memory_next"][0])
        self.priorities[: self.size] = saved["priorities"]
        for name, values in saved.items():
            if name.startswith("memory."):
                whole = np.zeros((self.capacity, *values.shape[1:]), values.dtype)
                whole[: self.size] = values
                self.arrays[name.removeprefix("memory.")] = whole

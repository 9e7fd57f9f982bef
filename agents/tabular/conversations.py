"""The conversations a tabular agent learns from: renewed as they end, and restored from a few integers.

Randomness is an argument of the kernel, so a conversation is its person's number and the actions taken so
far: replaying them gives its state back, bit for bit. That is what a checkpoint keeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.checkpoints import Checkpoint
from chatrec_env.core.kernel import State, Task, start_batch, step_batch
from chatrec_env.errors import ArtifactError

PEOPLE_STREAM = 0
"""Spawn key of the people that are trained on; evaluation and tuning meet others."""

Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int64]


class Conversations:
    """N conversations with a numbered stream of users: the next one comes where a conversation has ended.

    Args:
        task: The task.
        n: Conversations side by side.
        seed: Seed of the stream.
    """

    def __init__(self, task: Task, n: int, seed: int) -> None:
        self.task, self.seed = task, seed
        self.people: Int = np.arange(n)  # (N,) number of each person in the stream
        self.history: Int = np.full((n, task.manager.max_turns), -1)  # (N, T) actions so far, -1 after
        self.returns = np.zeros(n)  # (N,) undiscounted return so far
        self.actions: Int = np.zeros(n, np.int64)  # (N,) chosen for the next turn
        self._next = n
        self._state = self._meet(self.people)
        self._look()

    def _meet(self, people: Int) -> State:
        draws = np.empty((len(people), self.task.n_draws))
        for row, person in zip(draws, people.tolist(), strict=True):
            sequence = np.random.SeedSequence(self.seed, spawn_key=(PEOPLE_STREAM, person))
            np.random.Generator(np.random.PCG64(sequence)).random(out=row)
        return start_batch(self.task, draws)

    def _look(self) -> None:
        self.states: Int  # (N,) tabular observations
        self.mask: Bool  # (N, A) legal actions
        self.states, self.mask = self._seen(self._state)

    def _seen(self, state: State) -> tuple[Int, Bool]:
        # Not the task's observation: a table needs no more of the state than its own features.
        view = self.task.manager.view(state.dialogue)
        return self.task.layout.tabular(state.dialogue, view), self.task.actions.mask(state.dialogue, view)

    def choose(self, actions: Int) -> None:
        """Set the actions ``(N,)`` of the next turn."""
        self.actions = actions.astype(np.int64)

    def step(self) -> tuple[npt.NDArray[np.float64], Bool, Bool]:
        """Take the chosen actions: reward, terminated, truncated, all (N,); ended ones wait for ``renew``."""
        every = np.arange(len(self.people))
        self.history[every, self._state.dialogue.turn] = self.actions
        turn = step_batch(self.task, self._state, self.actions)
        self.returns += turn.reward
        self._look()
        return turn.reward, turn.terminated, turn.truncated

    def renew(self, done: Bool) -> npt.NDArray[np.intp]:
        """Let the next people of the stream take the places that are ``done (N,)``; returns their rows."""
        rows = np.flatnonzero(done)
        self.people[rows] = np.arange(self._next, self._next + len(rows))
        self._next += len(rows)
        self.history[rows], self.returns[rows] = -1, 0.0
        self._state.put(rows, self._meet(self.people[rows]))
        self.states[rows], self.mask[rows] = self._seen(self._state.take(rows))
        return rows

    def to_arrays(self) -> dict[str, npt.NDArray[np.int64]]:
        """What ``from_checkpoint`` needs to be exactly here again."""
        return {
            "people": self.people,
            "history": self.history,
            "actions": self.actions,
            "next": np.array([self._next]),
        }

    @classmethod
    def from_checkpoint(cls, task: Task, n: int, seed: int, checkpoint: Checkpoint) -> Conversations:
        """The conversations that ``to_arrays`` described, by replaying them.

        Raises:
            ArtifactError: If the arrays have other shapes, or name actions there are none of.
        """
        shapes = {"people": (n,), "history": (n, task.manager.max_turns), "actions": (n,), "next": (1,)}
        held = {
            name: checkpoint.tensor(name, shape, np.int64, training=True) for name, shape in shapes.items()
        }
        if min(held["people"].min(), held["actions"].min(), held["history"].min() + 1) < 0 or (
            max(held["history"].max(), held["actions"].max()) >= task.actions.n
        ):
            raise ArtifactError(
                f"{checkpoint.folder}: the conversations to resume name people or actions that do not exist; "
                f"there are {task.actions.n} actions. Train again."
            )
        talks = cls(task, n, seed)
        talks.people, talks.actions = held["people"].copy(), held["actions"].copy()
        talks._next = int(held["next"][0])
        talks._state = talks._meet(talks.people)
        lengths = (held["history"] >= 0).sum(1)
        for turn in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > turn)
            part = talks._state.take(rows)
            talks.returns[rows] += step_batch(task, part, held["history"][rows, turn]).reward
            talks._state.put(rows, part)
        talks.history = held["history"].copy()
        talks._look()
        return talks

"""The conversations an agent learns from: renewed as they end, and restored from a few integers.

Randomness is an argument of the kernel, so a conversation is its person's number and the actions taken so
far: replaying them gives its state back, bit for bit. That is what a checkpoint keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.checkpoints import Checkpoint
from chatrec_env.core.kernel import State, Task, Turn, observe_batch, start_batch, step_batch
from chatrec_env.errors import ArtifactError

PEOPLE_STREAM = 0
"""Spawn key of the people that are trained on; evaluation and tuning meet others."""

Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int64]
See = Callable[[Task, State], tuple[npt.NDArray[Any], Bool]]
"""What a learner reads of N conversations, ``(N, ...)``, and their legal actions ``(N, A)``."""


def see_table(task: Task, state: State) -> tuple[Int, Bool]:
    """The tabular observation, whatever the task's own: a table needs no more of the state."""
    view = task.manager.view(state.dialogue)
    return task.layout.tabular(state.dialogue, view), task.actions.mask(state.dialogue, view)


def see_observation(task: Task, state: State) -> tuple[npt.NDArray[Any], Bool]:
    """The task's own observation."""
    return observe_batch(task, state)[:2]


class Conversations:
    """N conversations with a numbered stream of users: the next one comes where a conversation has ended.

    Args:
        task: The task.
        n: Conversations side by side.
        seed: Seed of the stream.
        see: What is read of them.
    """

    def __init__(self, task: Task, n: int, seed: int, see: See = see_table) -> None:
        self.task, self.seed, self._see = task, seed, see
        parts = task.actions.sizes[1:] and (len(task.actions.sizes),)
        turns = task.manager.max_turns
        self.people: Int = np.arange(n)  # (N,) number of each person in the stream
        self.history: Int = np.full(
            (n, turns, *parts), -1
        )  # (N, T) actions so far, -1 after; (N, T, 1 + S) slates
        self.rewards = np.zeros((n, turns))  # (N, T) rewards so far
        self.actions: Int = np.zeros(
            (n, *parts), np.int64
        )  # (N,) chosen for the next turn; (N, 1 + S) slates
        self._next = n
        self.state = self._meet(self.people)  # of the kernel; read it, and leave it alone
        self.states: npt.NDArray[Any]  # (N, ...) what is read of them
        self.mask: Bool  # (N, A) legal actions
        self.states, self.mask = see(task, self.state)

    def _meet(self, people: Int) -> State:
        draws = np.empty((len(people), self.task.n_draws))
        for row, person in zip(draws, people.tolist(), strict=True):
            sequence = np.random.SeedSequence(self.seed, spawn_key=(PEOPLE_STREAM, person))
            np.random.Generator(np.random.PCG64(sequence)).random(out=row)
        return start_batch(self.task, draws)

    @property
    def lengths(self) -> Int:
        """Turns taken in each conversation, (N,)."""
        return self.state.dialogue.turn.astype(np.int64)

    @property
    def returns(self) -> npt.NDArray[np.float64]:
        """Undiscounted returns so far, (N,)."""
        return self.rewards.sum(axis=1)

    def choose(self, actions: Int) -> None:
        """Set the actions ``(N,)`` of the next turn."""
        self.actions = actions.astype(np.int64)

    def step(self) -> Turn:
        """Take the chosen actions; conversations that ended wait for ``renew``."""
        every, turns = np.arange(len(self.people)), self.lengths
        self.history[every, turns] = self.actions
        turn = step_batch(self.task, self.state, self.actions)
        self.rewards[every, turns] = turn.reward
        self.states, self.mask = self._see(self.task, self.state)
        return turn

    def renew(self, done: Bool) -> npt.NDArray[np.intp]:
        """Let the next people of the stream take the places that are ``done (N,)``; returns their rows."""
        rows = np.flatnonzero(done)
        if not len(rows):
            return rows
        self.people[rows] = np.arange(self._next, self._next + len(rows))
        self._next += len(rows)
        self.history[rows], self.rewards[rows] = -1, 0.0
        self.state.put(rows, self._meet(self.people[rows]))
        self.states[rows], self.mask[rows] = self._see(self.task, self.state.take(rows))
        return rows

    def to_arrays(self) -> dict[str, Int]:
        """What ``from_checkpoint`` needs to be exactly here again."""
        return {
            "people": self.people,
            "history": self.history,
            "actions": self.actions,
            "next": np.array([self._next]),
        }

    @classmethod
    def from_checkpoint(
        cls, task: Task, n: int, seed: int, checkpoint: Checkpoint, see: See = see_table, replayed: Any = None
    ) -> Conversations:
        """The conversations that ``to_arrays`` described, by replaying them.

        Args:
            task: The task.
            n: Conversations side by side.
            seed: Seed of the stream.
            checkpoint: Has the arrays in its training state.
            see: What is read of them.
            replayed: Called with rows, turn number and what was read of them before each turn that is replayed.

        Raises:
            ArtifactError: If the arrays have other shapes, or name actions there are none of.
        """
        talks = cls(task, n, seed, see)
        shapes = {
            "people": (n,),
            "history": talks.history.shape,
            "actions": talks.actions.shape,
            "next": (1,),
        }
        held = {
            name: checkpoint.tensor(name, shape, np.int64, training=True) for name, shape in shapes.items()
        }
        sizes = np.array(task.actions.sizes) if talks.actions.ndim > 1 else task.actions.n
        if min(held["people"].min(), held["actions"].min(), held["history"].min() + 1) < 0 or (
            (held["history"] >= sizes).any() or (held["actions"] >= sizes).any()
        ):
            raise ArtifactError(
                f"{checkpoint.folder}: the conversations to resume name people or actions that do not exist; "
                f"there are {task.actions.n} actions. Train again."
            )
        talks.people, talks.actions = held["people"].copy(), held["actions"].copy()
        talks.history = held["history"].copy()
        talks._next = int(held["next"][0])
        talks.state = talks._meet(talks.people)
        lengths = (talks.history.reshape(n, task.manager.max_turns, -1)[:, :, 0] >= 0).sum(1)
        for turn in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > turn)
            part = talks.state.take(rows)
            if replayed is not None:
                replayed(rows, turn, see(task, part)[0])
            talks.rewards[rows, turn] = step_batch(task, part, talks.history[rows, turn]).reward
            talks.state.put(rows, part)
        talks.states, talks.mask = see(task, talks.state)
        return talks

"""Contracts of agents: policies, oracles and learners, which act on a batch of N conversations; checks of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from chatrec_env.core.kernel import State, Task, Turn, observe_batch, step_batch
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.candidates import View
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError

NEAR = 1e-4
"""Logits that differ by no more than this count as equal."""

Report = Callable[[dict[str, float]], None]
"""Receives ``turns`` so far, ``return`` (mean of the conversations that ended lately, if any did), and more figures."""

Look = Callable[[Any, int], None]
"""Receives the learner as it is now, to be evaluated and left alone, and its turns so far."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agent may look at when it chooses for N conversations. Nothing latent is in here.

    Attributes:
        task: The task: layout, catalogue, action names.
        observation: ``(N, width)`` float32, or ``(N,)`` int64 when tabular.
        mask: ``(N, n_actions)`` legal actions.
        dialogue: Visible state, the source of the observation; heuristics read it by name.
        view: Features of the candidates.
    """

    task: Task
    observation: npt.NDArray[Any]
    mask: npt.NDArray[np.bool_]
    dialogue: Dialogue
    view: View

    def __len__(self) -> int:
        return len(self.mask)


def likeliest(logits: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The legal action ``(N,)`` of the highest logit, of near-ties the lowest.

    The last bits of logits depend on the size of the batch and on the library that multiplies.

    Args:
        logits: (N, n_actions)
        mask: (N, n_actions) legal actions.
    """
    legal = np.where(mask, logits, -np.inf)
    return (legal >= legal.max(1, keepdims=True) - NEAR).argmax(1).astype(np.int64)


def decision(task: Task, state: State) -> Decision:
    """The decision the conversations of ``state`` now wait for."""
    observation, mask, view = observe_batch(task, state)
    return Decision(task=task, observation=observation, mask=mask, dialogue=state.dialogue, view=view)


def conversations(
    task: Task, state: State, act: Callable[[npt.NDArray[np.intp], State], npt.NDArray[np.int64]]
) -> Iterator[tuple[npt.NDArray[np.intp], State, Turn]]:
    """Hold N conversations to their ends; after each turn, those that took it: their rows, states and turn.

    Args:
        task: The task.
        state: Their states, changed in place.
        act: Actions of the conversations under way, from their rows among the N and their states.
    """
    rows = np.arange(len(state))
    while len(rows):
        turn = step_batch(task, state, act(rows, state))
        yield rows, state, turn
        going = np.flatnonzero(~(turn.terminated | turn.truncated))
        if len(going) < len(rows):
            rows, state = rows[going], state.take(going)


@runtime_checkable
class Policy(Protocol):
    """Something that chooses actions.

    ``act`` must not depend on the batch: row ``i`` of the answer depends on row ``i`` of the decision and of
    ``uniforms`` alone.
    """

    @property
    def name(self) -> str:
        """What tables and charts call it."""

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Actions ``(N,)`` for N conversations.

        Args:
            decision: What is visible.
            uniforms: (N,) draws in [0, 1), one per conversation, for policies that randomise.
        """


@runtime_checkable
class OraclePolicy(Protocol):
    """A policy that sees the users' latent state: an upper bound for evaluation, never an agent."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def act_on(self, state: State) -> npt.NDArray[np.int64]:
        """Actions ``(N,)`` from the whole state."""


@runtime_checkable
class LearnsOn(Protocol):
    """A policy that may go on learning from whom it meets, once it is trained."""

    def learner(self) -> Any:
        """A copy that learns on, by its ``learn_from(decision, actions, turn)``; None if it is not to."""


class Learner(Policy, Protocol):
    """A policy that learns."""

    config: Any
    """Its hyperparameters."""
    env: EnvConfig
    """The environment it was trained in."""
    turns: int
    """Turns it has been trained on, over all its runs."""

    def save(self, folder: Path) -> None:
        """Write a checkpoint; see ``agents.checkpoints``."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a checkpoint.

        Raises:
            ArtifactError: If it is missing, damaged, or of another kind.
        """


class Train(Protocol):
    """Trains a learner."""

    def __call__(
        self,
        config: Any,
        env: EnvConfig,
        *,
        callback: Report | None = None,
        look: Look | None = None,
        folder: Path | None = None,
        resume: bool = False,
    ) -> Learner:
        """Train until ``config.turns`` turns in all.

        Args:
            config: Hyperparameters.
            env: The environment.
            callback: Called now and then with figures of the training.
            look: Called as often; for learning curves.
            folder: Where to keep checkpoints: now and then, at the end, and on interruption.
            resume: Go on from the checkpoint in ``folder``; turns taken before count. If it has had ``config.turns``
                turns already, it is returned as it is.

        Raises:
            ConfigError: If ``resume`` lacks a folder, or what is asked for does not fit the environment or checkpoint.
            ArtifactError: If ``resume`` finds no checkpoint, or a damaged one.
            KeyboardInterrupt: After saving, if interrupted.
        """


def check_integers(owner: str, config: Any, **least: int) -> None:
    """See that fields of ``config`` are integers and not below the least they may be.

    Raises:
        ConfigError: Names the first field that is not, as ``owner.field``.
    """
    for name, low in least.items():
        value = getattr(config, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise ConfigError(f"{owner}.{name} must be an integer >= {low}, got {value!r}.")


def check_numbers(owner: str, config: Any, **intervals: str) -> None:
    """See that fields of ``config`` are numbers within intervals like ``"[0, 1]"`` or ``"(0, inf)"``.

    Raises:
        ConfigError: Names the first field that is not, as ``owner.field``.
    """
    for name, interval in intervals.items():
        value = getattr(config, name)
        low, high = (float(end) for end in interval[1:-1].split(","))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        closed = number and (value != low or interval[0] == "[") and (value != high or interval[-1] == "]")
        if not closed or not low <= value <= high:
            raise ConfigError(f"{owner}.{name} must be a number in {interval}, got {value!r}.")

"""The rules of a conversation: one pure batch kernel that every environment is a shell around.

Randomness is an argument. A conversation's uniforms are drawn once, at its reset: a block for the
person, then one row a turn, then what the person's past is made of. Two policies given the same draws meet the same
person in the same mood, and so do two kinds of past.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.actions import ActionSet, blank_turn
from chatrec_env.core.observations import ObservationLayout
from chatrec_env.core.rating_history import RatingHistoryPlan
from chatrec_env.core.records import put, take
from chatrec_env.core.rewards import TERMS, RewardConfig, reward_terms, total_reward
from chatrec_env.core.state import ANSWERED, Dialogue
from chatrec_env.core.user_simulator import (
    USER_SENTENCES,
    Experienced,
    Situated,
    SystemTurn,
    UserSimulator,
    UserTurn,
)
from chatrec_env.dialogue.dialogue_manager import DialogueManager, View
from chatrec_env.language.acts import SystemAct

SYSTEM_DRAWS = 2
"""Uniforms a turn uses for the system's wording; the person's follow."""


@dataclass(slots=True)
class State:
    """N conversations: what is visible, and the people (latent)."""

    dialogue: Dialogue
    people: Any
    draws: npt.NDArray[np.float64]  # (N, max_turns, SYSTEM_DRAWS + turn_draws) uniforms in [0, 1)

    def __len__(self) -> int:
        return len(self.draws)

    def take(self, rows: npt.NDArray[np.intp]) -> State:
        """Copy the given rows."""
        return State(take(self.dialogue, rows), take(self.people, rows), self.draws[rows])

    def put(self, rows: npt.NDArray[np.intp], other: State) -> None:
        """Overwrite the given rows in place."""
        put(self.dialogue, rows, other.dialogue)
        put(self.people, rows, other.people)
        self.draws[rows] = other.draws

    def copy(self) -> State:
        """An independent copy, to branch from."""
        return self.take(np.arange(len(self)))


@dataclass(slots=True)
class Turn:
    """What one turn came to. All arrays ``(N,)`` unless noted."""

    system: SystemTurn
    user: UserTurn
    terms: dict[str, npt.NDArray[np.float64]]  # named reward terms
    reward: npt.NDArray[np.float64]  # their sum
    terminated: npt.NDArray[np.bool_]  # the person left, or the system closed
    truncated: npt.NDArray[np.bool_]  # the turn budget ran out

    def take(self, rows: npt.NDArray[np.intp]) -> Turn:
        """Copy the given rows."""
        return Turn(
            system=take(self.system, rows),
            user=take(self.user, rows),
            terms={name: term[rows] for name, term in self.terms.items()},
            reward=self.reward[rows],
            terminated=self.terminated[rows],
            truncated=self.truncated[rows],
        )

    def put(self, rows: npt.NDArray[np.intp], other: Turn) -> None:
        """Overwrite the given rows in place."""
        put(self.system, rows, other.system)
        put(self.user, rows, other.user)
        for name, term in self.terms.items():
            term[rows] = other.terms[name]
        self.reward[rows] = other.reward
        self.terminated[rows] = other.terminated
        self.truncated[rows] = other.truncated


def idle_turn(n: int) -> Turn:
    """A turn in which nothing happened."""
    return Turn(
        system=blank_turn(n, 1),
        user=UserTurn(
            click=np.full(n, -1, np.int8),
            stars=np.zeros(n, np.int8),
            leave=np.zeros(n, np.bool_),
            sentences=np.full((n, USER_SENTENCES), -1, np.int64),
        ),
        terms={name: np.zeros(n) for name in TERMS},
        reward=np.zeros(n),
        terminated=np.zeros(n, np.bool_),
        truncated=np.zeros(n, np.bool_),
    )


@dataclass(slots=True, weakref_slot=True)
class Task:
    """All that does not change during a conversation; shared by every environment of the same make."""

    manager: DialogueManager
    users: UserSimulator
    actions: ActionSet
    layout: ObservationLayout
    reward: RewardConfig
    key: str
    past: RatingHistoryPlan

    def __deepcopy__(self, memo: dict[int, Any]) -> Task:
        return self

    @property
    def n_draws(self) -> int:
        """Uniforms one conversation needs, from first word to last."""
        turns = self.manager.max_turns * (SYSTEM_DRAWS + self.users.turn_draws)
        return self.users.profile_draws + turns + self.past.draws


def start_batch(task: Task, draws: npt.NDArray[np.float64]) -> State:
    """Begin N conversations from their uniforms ``(N, task.n_draws)``: the people appear and speak first."""
    n, split, end = len(draws), task.users.profile_draws, task.n_draws - task.past.draws
    dialogue = task.manager.open(n)
    people, sentences = task.users.start(draws[:, :split])
    if isinstance(task.users, Situated):
        dialogue.setting[:] = task.users.setting(people)
    if task.past.draws and isinstance(task.users, Experienced):
        task.manager.remember(dialogue, task.users.past(people, task.past, draws[:, end:]))
    task.manager.hear(dialogue, None, sentences)
    return State(dialogue, people, draws[:, split:end].reshape(n, task.manager.max_turns, -1).copy())


def step_batch(task: Task, state: State, actions: npt.NDArray[np.int64]) -> Turn:
    """Advance N conversations by one turn, in place; ``actions (N,)`` must be legal.

    Copy the state first to branch from it. The outcome is a function of state and actions alone.
    """
    dialogue, manager = state.dialogue, task.manager
    draws = state.draws[np.arange(len(state)), np.minimum(dialogue.turn, manager.max_turns - 1)]
    before = potential(task, dialogue)
    system = task.actions.decode(manager, dialogue, actions)
    variants = (draws[:, :SYSTEM_DRAWS] * task.manager.grammar.N_VARIANTS).astype(np.int64)
    manager.speak(dialogue, system, variants)
    user = task.users.respond(state.people, system, draws[:, SYSTEM_DRAWS:])
    manager.hear(dialogue, user, user.sentences)
    closed = system.act == SystemAct.CLOSE
    terminated = user.leave | closed
    terms = reward_terms(
        task.reward,
        clicked=user.click >= 0,
        stars=user.stars.astype(np.float64),
        asked=(system.act == SystemAct.ASK) | (system.act == SystemAct.CONFIRM),
        left=user.leave,
        potential=before,
        next_potential=potential(task, dialogue),
        terminated=terminated,
    )
    return Turn(
        system=system,
        user=user,
        terms=terms,
        reward=total_reward(terms),
        terminated=terminated,
        truncated=~terminated & (dialogue.turn >= manager.max_turns),
    )


def potential(task: Task, dialogue: Dialogue) -> npt.NDArray[np.float64]:
    """The shaping potential of each conversation, (N,); see ``RewardConfig.shaping``."""
    if task.reward.shaping == "knowledge":
        return (dialogue.status == ANSWERED).mean(1)
    if task.reward.shaping == "engagement":
        return np.asarray((dialogue.clicks - 0.5 * dialogue.waiting) / task.manager.max_turns, np.float64)
    return np.zeros(len(dialogue))


def observe_batch(task: Task, state: State) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], View]:
    """Observations (see ``ObservationLayout``), legal actions ``(N, n_actions)``, and the candidate view."""
    return observe_dialogue(task, state.dialogue)


def observe_dialogue(task: Task, dialogue: Dialogue) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], View]:
    """The same of what is visible alone."""
    view = task.manager.view(dialogue)
    return task.layout.make(dialogue, view), task.actions.mask(dialogue, view), view

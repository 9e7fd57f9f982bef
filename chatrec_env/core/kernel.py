"""The rules of a conversation: one pure batch kernel that every environment is a shell around.

Randomness is an argument. A conversation's uniforms are drawn once, at its reset: a block for the
person, then one row a turn, then what the person's past is made of. Two policies given the same draws meet the same
person in the same mood, and so do two kinds of past.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.actions import ActionSet, blank_turn
from chatrec_env.core.compiled import rule
from chatrec_env.core.compiled.tiers import compile_for
from chatrec_env.core.observations import ObservationLayout
from chatrec_env.core.rating_history import RatingHistoryPlan
from chatrec_env.core.records import copy, put, take
from chatrec_env.core.rewards import Happened, Outcome, Potential, RewardConfig, Weights, reward
from chatrec_env.core.state import Dialogue
from chatrec_env.core.user_simulator import (
    USER_SENTENCES,
    Experienced,
    Renewable,
    Situated,
    SystemTurn,
    UserSimulator,
    UserTurn,
)
from chatrec_env.dialogue.candidates import View
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import N_VARIANTS
from chatrec_env.shaping.entries import PAYMENTS, TERMS

CLOSE = int(SystemAct.CLOSE)
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
    paid: npt.NDArray[np.float64]  # (N, len(names)) reward terms
    reward: npt.NDArray[np.float64]  # their sum
    terminated: npt.NDArray[np.bool_]  # the person left, or the system closed
    truncated: npt.NDArray[np.bool_]  # the turn budget ran out
    names: tuple[str, ...] = TERMS  # of the reward terms

    @property
    def terms(self) -> dict[str, npt.NDArray[np.float64]]:
        """The reward terms by name, ``(N,)`` each."""
        return {name: self.paid[:, i] for i, name in enumerate(self.names)}

    def take(self, rows: npt.NDArray[np.intp]) -> Turn:
        """Copy the given rows."""
        return Turn(
            system=take(self.system, rows),
            user=take(self.user, rows),
            paid=self.paid[rows],
            reward=self.reward[rows],
            terminated=self.terminated[rows],
            truncated=self.truncated[rows],
            names=self.names,
        )

    def put(self, rows: npt.NDArray[np.intp], other: Turn) -> None:
        """Overwrite the given rows in place."""
        put(self.system, rows, other.system)
        put(self.user, rows, other.user)
        self.paid[rows] = other.paid
        self.reward[rows] = other.reward
        self.terminated[rows] = other.terminated
        self.truncated[rows] = other.truncated


def idle_turn(n: int, slate_size: int, names: tuple[str, ...] = TERMS) -> Turn:
    """A turn in which nothing happened."""
    return Turn(
        system=blank_turn(n, slate_size),
        user=UserTurn(
            click=np.full(n, -1, np.int8),
            stars=np.zeros(n, np.int8),
            leave=np.zeros(n, np.bool_),
            sentences=np.full((n, USER_SENTENCES), -1, np.int64),
        ),
        paid=np.zeros((n, len(names))),
        reward=np.zeros(n),
        terminated=np.zeros(n, np.bool_),
        truncated=np.zeros(n, np.bool_),
        names=names,
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
    weights: Weights = field(init=False)
    potential: Potential | None = field(init=False)
    payments: tuple[tuple[str, float, Callable[[Happened], Any]], ...] = field(init=False)
    situated: bool = field(init=False)  # whether people come with a time of day and a device
    renewable: bool = field(init=False)  # whether others can take their place in the same arrays

    def __post_init__(self) -> None:
        self.weights = self.reward.weights
        self.potential, self.payments = self.reward.potential(), self.reward.payments()
        self.situated, self.renewable = isinstance(self.users, Situated), isinstance(self.users, Renewable)

    def __deepcopy__(self, memo: dict[int, Any]) -> Task:
        return self

    @property
    def n_draws(self) -> int:
        """Uniforms one conversation needs, from first word to last."""
        turns = self.manager.max_turns * (SYSTEM_DRAWS + self.users.turn_draws)
        return self.users.profile_draws + turns + self.past.draws


def start_batch(task: Task, draws: npt.NDArray[np.float64], over: State | None = None) -> State:
    """Begin N conversations from their uniforms ``(N, task.n_draws)``: the people appear and speak first.

    Of as many that are ``over``, the arrays are used again: rules know them already.
    """
    n, split, end = len(draws), task.users.profile_draws, task.n_draws - task.past.draws
    compile_for(n)
    if task.past.draws:  # how much is remembered differs
        over = None
    dialogue = task.manager.open(n, None if over is None else over.dialogue)
    if over is not None and task.renewable:
        people, sentences = over.people, task.users.renew(over.people, draws[:, :split])  # type: ignore[attr-defined]
    else:
        people, sentences = task.users.start(draws[:, :split])
    if task.situated:
        dialogue.setting[:] = task.users.setting(people)  # type: ignore[attr-defined]
    if task.past.draws and isinstance(task.users, Experienced):
        dialogue = task.manager.remember(dialogue, task.users.past(people, task.past, draws[:, end:]))
    task.manager.hear(dialogue, None, sentences)
    return State(dialogue, people, draws[:, split:end].reshape(n, task.manager.max_turns, -1).copy())


def step_batch(task: Task, state: State, actions: npt.NDArray[np.int64]) -> Turn:
    """Advance N conversations by one turn, in place; ``actions (N,)`` must be legal.

    Copy the state first to branch from it. The outcome is a function of state and actions alone.
    """
    dialogue, manager, n = state.dialogue, task.manager, len(state)
    compile_for(n)
    draws = np.empty((n, state.draws.shape[2] - SYSTEM_DRAWS))
    variants = np.empty((n, SYSTEM_DRAWS), np.int64)
    deal(state.draws, dialogue.turn, draws, variants)
    before = potential(task, dialogue)
    seen = copy(dialogue) if task.payments else dialogue
    system = task.actions.decode(manager, dialogue, actions)
    manager.speak(dialogue, system, variants)
    user = task.users.respond(state.people, system, draws)
    manager.hear(dialogue, user, user.sentences)
    terminated, truncated = np.empty((2, n), np.bool_)
    find_ends(user.leave, system.act, dialogue.turn, manager.max_turns, terminated, truncated)
    after = before if task.potential is None else potential(task, dialogue)
    terms, total = np.empty((n, len(TERMS) + len(task.payments))), np.empty(n)
    for i, (name, weight, function) in enumerate(task.payments):
        reveal = (
            partial(task.users.reveal, state.people) if PAYMENTS[name].privileged else partial(refuse, name)
        )
        happened = Happened(manager, seen, dialogue, system, user, reveal)
        terms[:, len(TERMS) + i] = weight * function(happened)
    outcome = Outcome(user.click, user.stars, system.act, user.leave, before, after, terminated)
    reward(outcome, task.weights, terms, total)
    return Turn(
        system=system,
        user=user,
        paid=terms,
        reward=total,
        terminated=terminated,
        truncated=truncated,
        names=task.reward.names,
    )


@rule
def deal(block: Any, turn: Any, draws: Any, variants: Any) -> None:
    """This turn's uniforms and wordings of N conversations.

    Args:
        block: (N, max_turns, D) uniforms.
        turn: (N,) turns taken; beyond the last turn its uniforms are dealt again.
        draws: (N, D - ``SYSTEM_DRAWS``) the person's, filled in.
        variants: (N, ``SYSTEM_DRAWS``) wordings of the system's sentences, filled in.
    """
    own = variants.shape[1]
    for n in range(turn.shape[0]):
        dealt = block[n, min(turn[n], block.shape[1] - 1)]
        for i in range(own):
            variants[n, i] = int(dealt[i] * N_VARIANTS)
        for i in range(own, dealt.shape[0]):
            draws[n, i - own] = dealt[i]


@rule
def find_ends(left: Any, act: Any, turn: Any, max_turns: int, terminated: Any, truncated: Any) -> None:
    """Which of N conversations ended: the person left or the system closed (``terminated``), or turns ran out.

    Args:
        left: (N,) bool.
        act: (N,) ``SystemAct``.
        turn: (N,) turns taken.
        max_turns: The turn budget.
        terminated: (N,) bool, filled in.
        truncated: (N,) bool, filled in; not where a conversation terminated.
    """
    for n in range(left.shape[0]):
        terminated[n] = left[n] or act[n] == CLOSE
        truncated[n] = turn[n] >= max_turns and not terminated[n]


def potential(task: Task, dialogue: Dialogue) -> npt.NDArray[np.float64]:
    """The shaping potential of each conversation, (N,), 0 without shaping; see ``RewardConfig.shaping``."""
    if task.potential is None:
        return np.zeros(len(dialogue.turn))
    return np.asarray(task.potential(task.manager, dialogue), np.float64)


def refuse(name: str) -> dict[str, Any]:
    """What a reward term that is not privileged gets to know of the person's latent state.

    Raises:
        ConfigError: Always.
    """
    raise ConfigError(
        f"Reward term {name!r} asks for the person's latent state, which no deployed system knows. Register it with "
        "privileged=True, or pay for what can be observed."
    )


def observe_batch(task: Task, state: State) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], View]:
    """Observations (see ``ObservationLayout``), legal actions ``(N, n_actions)``, and the candidate view."""
    return observe_dialogue(task, state.dialogue)


def observe_dialogue(task: Task, dialogue: Dialogue) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], View]:
    """The same of what is visible alone."""
    observations, view = task.layout.look(dialogue)
    return observations, task.actions.mask(dialogue, view), view

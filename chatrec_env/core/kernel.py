"""The rules of a conversation: one pure batch kernel that every environment is a shell around.

Randomness is an argument. A conversation's uniforms are drawn once, at its reset: for the person, for each turn, then
for the rating history. Two policies, or two kinds of history, given the same draws meet the same person and mood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.actions import ActionSet, blank_turn
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import Repeated, rule
from chatrec_env.core.compiled.read_only import KeepsReadOnly
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
from chatrec_env.dialogue.candidates import View, empty_view
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import N_VARIANTS
from chatrec_env.shaping.entries import PAYMENTS, TERMS

Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

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

    @property
    def parts(self) -> tuple[Any, ...]:
        """All arrays and records of arrays."""
        return self.system, self.user, self.paid, self.reward, self.terminated, self.truncated

    def take(self, rows: npt.NDArray[np.intp]) -> Turn:
        """Copy the given rows."""
        return Turn(*[take(part, rows) for part in self.parts], names=self.names)  # type: ignore[misc]

    def put(self, rows: npt.NDArray[np.intp], other: Turn) -> None:
        """Overwrite the given rows in place."""
        put(self.parts, rows, other.parts)


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
class Task(KeepsReadOnly):
    """All that does not change during a conversation; shared by every environment of the same make."""

    manager: DialogueManager
    users: UserSimulator
    actions: ActionSet
    layout: ObservationLayout
    reward: RewardConfig
    key: str
    rating_history: RatingHistoryPlan
    weights: Weights = field(init=False)
    potential: Potential | None = field(init=False)
    payments: tuple[tuple[str, float, Callable[[Happened], Any]], ...] = field(init=False)
    situated: bool = field(init=False)  # whether people come with a time of day and a device
    renewable: bool = field(init=False)  # whether others can take their place in the same arrays
    deal: Repeated = field(init=False)  # the rule of this name, as is ``settle``
    settle: Repeated = field(init=False)

    def __post_init__(self) -> None:
        self.weights = self.reward.weights
        self.potential, self.payments = self.reward.potential(), self.reward.payments()
        self.situated, self.renewable = isinstance(self.users, Situated), isinstance(self.users, Renewable)
        self.deal = Repeated(deal, 1, self.manager.met)
        self.settle = Repeated(settle, 2, self.manager.met)

    def __deepcopy__(self, memo: dict[int, Any]) -> Task:
        return self

    @property
    def n_draws(self) -> int:
        """Uniforms one conversation needs, from first word to last."""
        turns = self.manager.max_turns * (SYSTEM_DRAWS + self.users.turn_draws)
        return self.users.profile_draws + turns + self.rating_history.draws


def start_batch(task: Task, draws: npt.NDArray[np.float64], over: State | None = None) -> State:
    """Begin N conversations from their uniforms ``(N, task.n_draws)``: the people appear and speak first.

    Of as many that are ``over``, the arrays are used again: rules know them already.
    """
    n, split, end = len(draws), task.users.profile_draws, task.n_draws - task.rating_history.draws
    compile_for(n)
    if task.rating_history.draws:  # how much is remembered differs
        over = None
    dialogue = task.manager.open(n, None if over is None else over.dialogue)
    if over is not None and task.renewable:
        people, sentences = over.people, task.users.renew(over.people, draws[:, :split])  # type: ignore[attr-defined]
    else:
        people, sentences = task.users.start(draws[:, :split])
    if task.situated:
        dialogue.situational_context[:] = task.users.situational_context(people)  # type: ignore[attr-defined]
    if task.rating_history.draws and isinstance(task.users, Experienced):
        rated = task.users.rating_history(people, task.rating_history, draws[:, end:])
        dialogue = task.manager.remember(dialogue, rated)
    task.manager.hear(dialogue, None, sentences)
    return State(dialogue, people, draws[:, split:end].reshape(n, task.manager.max_turns, -1).copy())


@dataclass(slots=True)
class Room:
    """Arrays that turns of N conversations are worked out in: what stands there holds until the next turn."""

    turn: Turn
    view: View
    draws: npt.NDArray[np.float64]  # (N, turn_draws) uniforms of the person
    variants: npt.NDArray[np.int64]  # (N, SYSTEM_DRAWS) wordings of the system's sentences
    still: npt.NDArray[np.float64]  # (N,) zeros: the potential where there is no shaping


def make_room(task: Task, n: int) -> Room:
    """Room for the turns of N conversations."""
    manager = task.manager
    return Room(
        turn=idle_turn(n, manager.slate_size, task.reward.names),
        view=empty_view(n, manager.n_candidates),
        draws=np.empty((n, task.users.turn_draws)),
        variants=np.empty((n, SYSTEM_DRAWS), np.int64),
        still=np.zeros(n),
    )


def step_batch(task: Task, state: State, actions: npt.NDArray[np.int64], room: Room | None = None) -> Turn:
    """Advance N conversations by one turn, in place; ``actions (N,)`` must be legal.

    Copy the state first to branch from it. The outcome is a function of state and actions alone. In the ``room`` of
    as many conversations, it holds until the next turn there.
    """
    dialogue, manager, n = state.dialogue, task.manager, len(state)
    compile_for(n)
    room = room or make_room(task, n)
    turn, draws = room.turn, room.draws
    system = turn.system
    task.deal(dialogue, state.draws, draws, room.variants)
    before = room.still if task.potential is None else potential(task, dialogue)
    seen = copy(dialogue) if task.payments else dialogue
    task.actions.decode(manager, dialogue, actions, system)
    manager.speak(dialogue, system, room.variants)
    user = turn.user = task.users.respond(state.people, system, draws)
    manager.hear(dialogue, user, user.sentences)
    after = before if task.potential is None else potential(task, dialogue)
    for i, (name, weight, function) in enumerate(task.payments):
        reveal = partial(task.users.reveal, state.people) if PAYMENTS[name].oracle else partial(refuse, name)
        happened = Happened(manager, seen, dialogue, system, user, reveal)
        turn.paid[:, len(TERMS) + i] = weight * function(happened)
    outcome = Outcome(
        np.ascontiguousarray(user.click, np.int8),
        np.ascontiguousarray(user.stars, np.int8),
        system.act,
        np.ascontiguousarray(user.leave, np.bool_),
        before,
        after,
        turn.terminated,
    )
    task.settle(dialogue, task.weights, outcome, manager.max_turns, turn.truncated, turn.paid, turn.reward)
    return turn


@rule
def deal(d: Dialogue, block: Float, draws: Float, variants: Ids) -> None:
    """This turn's uniforms and wordings of N conversations.

    Args:
        d: ``Dialogue``; beyond the last turn its uniforms are dealt again.
        block: (N, max_turns, D) uniforms.
        draws: (N, D - ``SYSTEM_DRAWS``) the person's, filled in.
        variants: (N, ``SYSTEM_DRAWS``) wordings of the system's sentences, filled in.
    """
    d, block, draws, variants = borrowed((d, block, draws, variants))
    turn, own = d.turn, variants.shape[1]
    for n in range(turn.shape[0]):
        dealt = block[n, min(turn[n], block.shape[1] - 1)]
        for i in range(own):
            variants[n, i] = int(dealt[i] * N_VARIANTS)
        for i in range(own, dealt.shape[0]):
            draws[n, i - own] = dealt[i]


@rule
def settle(
    d: Dialogue, weights: Weights, outcome: Outcome, max_turns: int, truncated: Flags, terms: Float, total: Float,
) -> None:  # fmt: skip
    """Which of N conversations ended: the person left or the system closed, or turns ran out; and their rewards.

    Args:
        d: ``Dialogue`` after the turn.
        weights: ``Weights``.
        outcome: ``Outcome``; ``terminated`` is filled in.
        max_turns: The turn budget.
        truncated: (N,) bool, filled in; not where a conversation terminated.
        terms: See ``reward``.
        total: See ``reward``.
    """
    d, weights, outcome, truncated, terms, total = borrowed((d, weights, outcome, truncated, terms, total))
    for n in range(truncated.shape[0]):
        outcome.terminated[n] = outcome.left[n] or outcome.act[n] == CLOSE
        truncated[n] = d.turn[n] >= max_turns and not outcome.terminated[n]
    reward(outcome, weights, terms, total)


def potential(task: Task, dialogue: Dialogue) -> npt.NDArray[np.float64]:
    """The shaping potential of each conversation, (N,), where there is shaping; see ``RewardConfig.shaping``."""
    assert task.potential is not None
    return np.ascontiguousarray(task.potential(task.manager, dialogue), np.float64)


def refuse(name: str) -> dict[str, Any]:
    """What a reward term that is no oracle gets to know of the person's latent state.

    Raises:
        ConfigError: Always.
    """
    raise ConfigError(
        f"Reward term {name!r} asks for the person's latent state, which no deployed system knows. Register it with "
        "oracle=True, or pay for what can be observed."
    )


def observe_batch(
    task: Task, state: State, room: Room | None = None
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], View]:
    """Observations (see ``ObservationLayout``), legal actions ``(N, n_actions)``, and the candidate view.

    In the ``room`` of as many conversations, the view holds until the next turn there.
    """
    return observe_dialogue(task, state.dialogue, None if room is None else room.view)


def observe_dialogue(
    task: Task, dialogue: Dialogue, over: View | None = None
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], View]:
    """The same of what is visible alone; in the arrays of a view that is ``over``, where given."""
    observations, view = task.layout.look(dialogue, over)
    return observations, task.actions.mask(dialogue, view), view

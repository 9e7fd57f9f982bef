"""Action sets: what an agent may choose, and what each choice makes the system do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import Repeated, rule
from chatrec_env.core.state import Dialogue, system_sentences
from chatrec_env.core.user_simulator import SystemTurn
from chatrec_env.language.acts import SystemAct

if TYPE_CHECKING:
    from chatrec_env.dialogue.candidates import View
    from chatrec_env.dialogue.dialogue_manager import DialogueManager

Ids = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int16]

ASK, RECOMMEND, ANSWER = int(SystemAct.ASK), int(SystemAct.RECOMMEND), int(SystemAct.ANSWER)

STRATEGIES = ("ask", "confirm", "exploit", "explore", "diversify", "close")
"""Actions of ``ChatRec/Strategy-v0``, in order; where people talk, ``"answer"`` comes after them."""

Actions = npt.NDArray[np.int64]

WEIGHT = np.float32(2.0)
"""Of uncertainty where a strategy explores, of overlap where it diversifies."""


class ActionSet(Protocol):
    """Turns action numbers into system turns."""

    names: tuple[str, ...]
    """A name for every column of the mask."""
    fallback: int
    """The action a masked one is redirected to while it is legal: recommend the best candidate."""

    @property
    def n(self) -> int:
        """Columns of the mask: the number of actions, or of all choices of a ``MultiDiscrete`` one."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many choices there are: one number, or one for each part of a ``MultiDiscrete`` action."""

    def mask(self, dialogue: Dialogue, view: View) -> npt.NDArray[np.bool_]:
        """Legal choices (N, n)."""

    def decode(
        self, manager: DialogueManager, dialogue: Dialogue, actions: Actions, over: SystemTurn | None = None
    ) -> SystemTurn:
        """The system turns (without sentences) of ``actions (N,)``, all of them legal; in arrays that are ``over``."""


def new_turn(n: int, slate_size: int) -> SystemTurn:
    """A system turn to be filled in."""
    return SystemTurn(
        act=np.empty(n, np.int8),
        facet=np.empty(n, np.int16),
        value=np.empty(n, np.int16),
        slate=np.empty((n, slate_size), np.int32),
        reason=np.empty(n, np.int16),
        sentences=np.empty((n, system_sentences(slate_size)), np.int64),
    )


def blank_turn(n: int, slate_size: int, over: SystemTurn | None = None) -> SystemTurn:
    """A system turn in which nothing happens."""
    turn = over or new_turn(n, slate_size)
    turn.act[:] = 0
    for array in turn[1:]:
        array[:] = -1
    return turn


def answerable(dialogue: Dialogue) -> npt.NDArray[np.bool_]:
    """Whether the person of each conversation has just asked something, (N, 1)."""
    return np.asarray(dialogue.memory.question > 0)[:, None]


@rule
def keep_table(turn: SystemTurn, n: int, table: npt.NDArray[np.int32], asked: npt.NDArray[np.int32]) -> None:
    """Answer, and leave on the table what lies there, ``table (N, S)``; where nothing does, what was ``asked (N,)``."""
    turn.act[n], turn.facet[n] = ANSWER, -1
    for s in range(turn.slate.shape[1]):
        turn.slate[n, s] = table[n, s]
    if table[n, 0] < 0:
        turn.slate[n, 0] = asked[n]


@rule
def ask_or_recommend(d: Dialogue, actions: Ids, answers: bool, facets: Shorts, turn: SystemTurn) -> None:
    """What ``actions (N,)`` of ``ItemActions`` make the system do, into ``turn``.

    Args:
        d: ``Dialogue``.
        actions: (N,) below F: ask about ``facets (F,)``; then, where there are ``answers``, answer; from there on:
            recommend a place of the candidates.
        answers: Whether there is an action that answers.
        facets: (F,) int16 askable facets.
        turn: ``SystemTurn``, filled in but for reason and sentences.
    """
    d, actions, facets, turn = borrowed((d, actions, facets, turn))
    turn.value[:] = -1
    turn.slate[:] = -1
    for n in range(actions.shape[0]):
        place = actions[n] - facets.shape[0] - int(answers)
        if answers and place == -1:
            keep_table(turn, n, d.slate, d.memory.asked_item)
            continue
        turn.act[n] = ASK if place < 0 else RECOMMEND
        turn.facet[n] = facets[actions[n]] if place < 0 else -1
        if place >= 0:
            turn.slate[n, 0] = d.candidates[n, place]


class _OneNumber:
    """What action sets of a single number share."""

    names: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of actions."""
        return len(self.names)

    @property
    def sizes(self) -> tuple[int, ...]:
        """One number."""
        return (self.n,)


class ItemActions(_OneNumber):
    """Ask facet *f* (``0 .. F-1``) or recommend candidate *k* (``F .. F+K-1``); F counts the askable facets.

    Where people talk, action F answers what they asked and keeps the item on the table, and the candidates follow.
    """

    def __init__(self, manager: DialogueManager) -> None:
        catalog = manager.catalog
        self._facets = np.flatnonzero(catalog.arrays.askable).astype(np.int16)
        self._decode = Repeated(ask_or_recommend, 1, manager.met)
        self.n_questions = len(self._facets)
        self.answers = manager.talks
        self.fallback = self.n_questions + self.answers
        self.names = (
            *(f"ask:{catalog.facets[i].name}" for i in self._facets),
            *["answer"] * self.answers,
            *(f"recommend:{k}" for k in range(manager.n_candidates)),
        )

    def mask(self, dialogue: Dialogue, view: View) -> npt.NDArray[np.bool_]:
        """Every question may be asked, the same again too; an empty candidate place cannot be recommended.

        There is something to answer only where the person has just asked.
        """
        mask = np.empty((len(dialogue.turn), self.n), np.bool_)
        mask[:, : self.n_questions] = True
        mask[:, self.fallback :] = view.present
        if self.answers:
            mask[:, self.n_questions] = answerable(dialogue)[:, 0]
        return mask

    def decode(
        self, manager: DialogueManager, dialogue: Dialogue, actions: Actions, over: SystemTurn | None = None
    ) -> SystemTurn:
        """See the class."""
        turn = over or new_turn(len(actions), manager.slate_size)
        self._decode(dialogue, np.ascontiguousarray(actions, np.int64), self.answers, self._facets, turn)
        return turn


class StrategyActions(_OneNumber):
    """A handful of dialogue strategies, for tabular agents: see ``STRATEGIES``.

    ``ask`` the facet whose answer would tell most; ``confirm`` the likeliest value not yet confirmed;
    ``exploit`` the best candidate; ``explore`` the candidate with the best upper confidence bound;
    ``diversify``: the candidate with the best score less its overlap with what was accepted lately;
    ``close`` the conversation. Where people talk, ``answer`` what they asked, and keep the item on the table.
    """

    fallback: int = STRATEGIES.index("exploit")

    def __init__(self, manager: DialogueManager) -> None:
        self._can_ask = bool(manager.catalog.arrays.askable.any())
        self.answers = manager.talks
        self.names = (*STRATEGIES, *["answer"] * manager.talks)

    def mask(self, dialogue: Dialogue, view: View) -> npt.NDArray[np.bool_]:
        """All strategies are legal until the catalogue runs out of unseen items; none asks if no facet is askable.

        There is something to answer only where the person has just asked.
        """
        mask = np.ones((len(dialogue.turn), self.n), np.bool_)
        mask[:, 0] = self._can_ask
        mask[:, 2:5] = view.present[:, :1]
        if self.answers:
            mask[:, 6:] = answerable(dialogue)
        return mask

    def decode(
        self, manager: DialogueManager, dialogue: Dialogue, actions: Actions, over: SystemTurn | None = None
    ) -> SystemTurn:
        """See the class."""
        n = len(actions)
        turn = blank_turn(n, manager.slate_size, over)
        view = manager.view(dialogue)
        ask, confirm, close, answer = (actions == i for i in (0, 1, 5, 6))
        recommend = ~(ask | confirm | close | answer)
        turn.act[:] = np.select(
            [ask, confirm, recommend, answer],
            [SystemAct.ASK, SystemAct.CONFIRM, SystemAct.RECOMMEND, SystemAct.ANSWER],
            SystemAct.CLOSE,
        )
        turn.facet[:] = np.where(ask, manager.beliefs.most_informative_facet(dialogue), -1)
        turn.value[:] = np.where(confirm, manager.beliefs.value_to_confirm(dialogue), -1)
        utility = np.select(
            [(actions == 3)[:, None], (actions == 4)[:, None]],
            [
                dialogue.scores + WEIGHT * view.uncertainty,
                dialogue.scores - WEIGHT * view.overlap,
            ],
            dialogue.scores,
        )
        place = np.where(view.present, utility, -np.inf).argmax(1)
        turn.slate[:, 0] = np.where(recommend, dialogue.candidates[np.arange(n), place], -1)
        for row in np.flatnonzero(answer).tolist():
            keep_table(turn, row, dialogue.slate, dialogue.memory.asked_item)
        return turn


class SlateActions:
    """Recommend a slate of S candidates at once, or ask: ``MultiDiscrete([1 + F] + [K] * S)``.

    The first number is 0 to recommend, ``1 + f`` to ask about facet *f*. The others are places of the candidates, from
    the top of the slate down; they mean nothing when asking. A candidate named twice is shown once, at its first place,
    and the later place stays empty: masks cannot forbid it, since they treat the numbers one by one.
    """

    fallback: int = 0

    def __init__(self, manager: DialogueManager) -> None:
        self._facets = np.flatnonzero(manager.catalog.arrays.askable).astype(np.int16)
        self._size, self._k = manager.slate_size, manager.n_candidates
        self._decode = Repeated(ask_or_show, 1, manager.met)
        facets = manager.catalog.facets
        self.names = (
            "recommend",
            *(f"ask:{facets[f].name}" for f in self._facets),
            *["answer"] * manager.talks,
            *(f"place {s}: candidate {k}" for s in range(self._size) for k in range(self._k)),
        )
        self.answers = manager.talks

    @property
    def n(self) -> int:
        """1 + F + S K, and 1 where people talk."""
        return len(self.names)

    @property
    def sizes(self) -> tuple[int, ...]:
        """1 + F (and 1 where people talk), then K for each of the S places."""
        return (1 + len(self._facets) + self.answers, *[self._k] * self._size)

    def mask(self, dialogue: Dialogue, view: View) -> npt.NDArray[np.bool_]:
        """Every question may be asked; candidate places that are filled may be shown, in every place of the slate.

        Where no candidate is left, nothing can be recommended; the first stays open so that each number has a choice.
        """
        some = np.asarray(view.present.any(axis=1))
        places = view.present.copy()
        places[:, 0] |= ~some
        ask = np.ones((len(some), len(self._facets)), np.bool_)
        heads = [some[:, None], ask, *[answerable(dialogue)] * self.answers]
        return np.concatenate([*heads, *[places] * self._size], axis=1)

    def decode(
        self, manager: DialogueManager, dialogue: Dialogue, actions: Actions, over: SystemTurn | None = None
    ) -> SystemTurn:
        """The system turns of ``actions (N, 1 + S)``; see the class."""
        turn = over or new_turn(len(actions), self._size)
        self._decode(dialogue, np.ascontiguousarray(actions, np.int64), self._facets, turn)
        return turn


@rule
def ask_or_show(d: Dialogue, actions: Ids, facets: Shorts, turn: SystemTurn) -> None:
    """What ``actions (N, 1 + S)`` of ``SlateActions`` make the system do, into ``turn``; see ``ask_or_recommend``."""
    d, actions, facets, turn = borrowed((d, actions, facets, turn))
    turn.value[:] = -1
    turn.slate[:] = -1
    turn.facet[:] = -1
    for n in range(actions.shape[0]):
        asked = actions[n, 0]
        if asked > facets.shape[0]:
            keep_table(turn, n, d.slate, d.memory.asked_item)
            continue
        if asked > 0:
            turn.act[n], turn.facet[n] = ASK, facets[asked - 1]
            continue
        turn.act[n] = RECOMMEND
        for s in range(turn.slate.shape[1]):
            item, again = d.candidates[n, actions[n, 1 + s]], False
            for before in range(s):
                again |= turn.slate[n, before] == item
            if not again:
                turn.slate[n, s] = item


ACTIONS: dict[str, Callable[[DialogueManager], ActionSet]] = {
    "items": ItemActions,
    "strategy": StrategyActions,
    "slate": SlateActions,
}
"""Action sets by name."""

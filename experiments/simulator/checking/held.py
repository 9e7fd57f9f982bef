"""Conversations with simulated people: what they came to, what was said, and who made which mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from agents.base import Policy, conversations, decision
from chatrec_env.core.kernel import State, Task, Turn
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.language.forms import Form
from chatrec_env.language.meanings import MEANINGS
from experiments.evaluate.rollout import BATCH, meet, policy_draws
from experiments.simulator.checking.dialogues import Dialogue
from simulators.fidelity import words
from simulators.llm.users import LLMUsers

if TYPE_CHECKING:
    from chatrec_env.language.sentence_table import SentenceTable
    from experiments.cli.progress import Meter

SIMULATOR: Final = {
    "contradicts": "messages that tell a wish against the person's own goal",
    "unreadable": "messages worded by a language model in which what was meant cannot be read",
    "repeats": "messages said word for word before in the same conversation",
}
READER: Final = {
    "unread": "scripted messages that mean something, and in which nothing is read",
    "misread": "scripted messages with a wish that is not read as it was meant",
}
SYSTEM: Final = {
    "against": "turns that show what was turned down, and understood",
    "misunderstood": "turns that show what was turned down, and not understood",
    "again": "suggestions of an item shown before",
    "unanswered": "turns that leave a question unanswered",
    "asks again": "questions about what was told",
}
ERRORS: Final = {**SIMULATOR, **READER, **SYSTEM}
"""By name: what is counted of the simulator, of the reader, and of the system.

Scripted sentences say what they are meant to, in words a person understands, typing errors and all: what is not read
in them is the reader's error, and the reader is a part of the system. What a language model words is the model's.
"""

COMPLAINTS: Final = (UserAct.MISMATCH, UserAct.IMPATIENT, UserAct.INSULT)
"""What counts as a complaint, as the system reads it."""

WANTS: Final = frozenset((Form.WANT, Form.ANSWER, Form.WANT_PAIR, Form.LIKE_BUT, Form.CHANGE_MIND, Form.BUT))
"""Forms that tell what the person wants themselves; of limits only a range is told."""

UNSAID: Final = frozenset((Form.NOTION, Form.MEANT))
"""Forms whose meaning no slot holds."""

IDLE: Final = frozenset((UserAct.SMALL_TALK, UserAct.OTHER_LANGUAGE))

SHORT = 3
"""Words below which saying the same again is no repetition: "yes", "no thanks"."""

Float = npt.NDArray[np.float64]
Wishes = frozenset[tuple[int, int]]


@dataclass(slots=True)
class Held:
    """What one system did to n people of one simulator.

    Attributes:
        columns: By name, (n,) each: return, turns, unhappy (left so), frustrated (satisfaction below 0 at the end),
            satisfaction, complaints, messages, and the counts of ``ERRORS``.
        dialogues: What was said with the first people, as many as were asked for.
    """

    columns: dict[str, Float]
    dialogues: list[Dialogue]


@dataclass(frozen=True, slots=True)
class Meant:
    """What the sentences of a message are meant to say.

    Attributes:
        wishes: Values with +1 or -1.
        says: Whether it says something that a slot can hold.
        asks: Whether it asks something.
        changed: Values that replace earlier wishes of their facets.
        dropped: Values withdrawn.
        restarts: Whether everything before is withdrawn.
    """

    wishes: Wishes
    says: bool
    asks: bool
    changed: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    restarts: bool = False


def meant_by(table: SentenceTable, sentences: Sequence[int]) -> Meant:
    """What the scripted sentences of a message are meant to say."""
    wishes: set[tuple[int, int]] = set()
    changed, dropped = [], []
    says = asks = restarts = False
    for form, arg, _ in (table.grammar.describe(one) for one in sentences):
        if form in WANTS:
            values = table.grammar.pair_values(arg) if form is Form.WANT_PAIR else (arg,)
            wishes |= {(int(value), 1) for value in values}
        elif form is Form.AVOID:
            wishes.add((arg, -1))
        if form is Form.CHANGE_MIND:
            changed.append(arg)
        elif form is Form.DROP:
            dropped.append(arg)
        restarts |= form is Form.START_OVER
        asks |= form.is_question
        says |= (
            form not in UNSAID
            and not {UserAct[a] for a in MEANINGS[form].acts if a in UserAct.__members__} & IDLE
        )
    return Meant(frozenset(wishes), says, asks, tuple(changed), tuple(dropped), restarts)


@dataclass(frozen=True, slots=True)
class Read:
    """What is read in a message.

    Attributes:
        wishes: Values with +1 or -1, in whatever act.
        plain: Those that are plainly wanted or not, rather than said of an item.
        anything: Whether anything is read that is of use.
    """

    wishes: Wishes
    plain: Wishes
    anything: bool


def read_in(table: SentenceTable, sentences: Sequence[int]) -> Read:
    """What is read in the sentences of a message."""
    acts = [act for one in sentences for act in table.acts(one)]
    named = [act for act in acts if act.value >= 0 and act.polarity]
    plain = (act for act in named if act.act in (UserAct.WANT, UserAct.AVOID))
    return Read(
        frozenset((act.value, act.polarity) for act in named),
        frozenset((act.value, act.polarity) for act in plain),
        bool({act.act for act in acts} - IDLE),
    )


def hold(
    task: Task,
    policy: Policy,
    seeds: list[int],
    meter: Meter,
    label: str,
    *,
    read: int = 0,
    size: int = BATCH,
) -> Held:
    """Hold one conversation with each person.

    Args:
        task: The task, of people who are scripted or played by a language model.
        policy: The system.
        seeds: Environment seeds, one per person.
        meter: Shows the progress.
        label: What to call the work.
        read: Of how many people, the first ones, the dialogues are kept.
        size: People who talk at the same time.
    """
    parts: list[Held] = []
    with meter.work(label, len(seeds), "people") as work:
        for start in range(0, len(seeds), size):
            some = seeds[start : start + size]
            parts.append(_Batch(task, policy, some, max(read - start, 0)).hold())
            work.add(len(some), f"return {parts[-1].columns['return'].mean():.2f}")
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Held(columns, [one for part in parts for one in part.dialogues])


class _Batch:
    """Conversations held side by side."""

    def __init__(self, task: Task, policy: Policy, seeds: list[int], read: int) -> None:
        n, catalog = len(seeds), task.manager.catalog
        self.task, self.policy, self.table = task, policy, task.manager.table
        self.spoken = isinstance(task.users, LLMUsers)
        self.facet_of = np.asarray(catalog.arrays.facet_of)
        self.state, self.own = meet(task, seeds), policy_draws(seeds, task.manager.max_turns)
        names = (
            "return",
            "turns",
            "messages",
            "unhappy",
            "frustrated",
            "satisfaction",
            "complaints",
            *ERRORS,
        )
        self.columns = {name: np.zeros(n) for name in names}
        self.stated = np.zeros((n, len(catalog.value_names)), np.int8)  # the last said of each value
        self.seen = np.zeros((n, catalog.n_items), np.bool_)
        self.asking = np.zeros(n, np.bool_)
        self.said: list[set[str]] = [set() for _ in seeds]
        self.dialogues = [Dialogue([], policy.name) for _ in seeds[:read]]
        self.meanings: dict[tuple[int, ...], Meant] = {}
        self.readings: dict[tuple[int, ...], Read] = {}

    def hold(self) -> Held:
        """Hold the conversations to their ends."""
        state, rows = self.state, np.arange(len(self.said))
        self._listen(rows, state, state.dialogue.transcript[:, 0, -USER_SENTENCES:])
        for rows, now, turn in conversations(self.task, state, self._act):
            self.columns["return"][rows] += turn.reward
            self.columns["turns"][rows] += 1
            self._look(rows, turn)
            self._listen(rows, now, turn.user.sentences)
            done = np.flatnonzero(turn.terminated | turn.truncated)
            satisfaction = _scripted(now.people).satisfaction[done]
            self.columns["satisfaction"][rows[done]] = satisfaction
            self.columns["frustrated"][rows[done]] = satisfaction < 0
            self.columns["unhappy"][rows[done]] = turn.user.leave[done] & (satisfaction < 0)
        for row, one in enumerate(self.dialogues):
            one.frustrated = bool(self.columns["frustrated"][row])
        return Held(self.columns, self.dialogues)

    def _act(self, rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        d = state.dialogue
        self.understood = (d.wishes < 0) & d.memory.stated
        return self.policy.act(decision(self.task, state), self.own[rows, d.turn])

    def _look(self, rows: npt.NDArray[np.intp], turn: Turn) -> None:
        """Count the mistakes of the system's turns."""
        system, columns = turn.system, self.columns
        values = self.task.manager.catalog.values
        columns["unanswered"][rows] += self.asking[rows] & (system.act != SystemAct.ANSWER)
        asks = np.flatnonzero(system.act == SystemAct.ASK)
        same = self.facet_of[None] == system.facet[asks, None]
        columns["asks again"][rows[asks]] += (same & (self.stated[rows[asks]] > 0)).any(1)
        offers = system.act == SystemAct.RECOMMEND
        clear, missed = np.zeros((2, len(rows)), np.bool_)
        for place in range(system.slate.shape[1]):
            here = np.flatnonzero(offers & (system.slate[:, place] >= 0))
            who, item = rows[here], system.slate[here, place]
            refused = (values[item] > 0) & (self.stated[who] < 0)
            clear[here] |= (refused & self.understood[here]).any(1)
            missed[here] |= (refused & ~self.understood[here]).any(1)
            columns["again"][who] += self.seen[who, item]
            self.seen[who, item] = True
        columns["against"][rows] += clear
        columns["misunderstood"][rows] += missed & ~clear

    def _listen(self, rows: npt.NDArray[np.intp], state: State, sentences: npt.NDArray[np.int64]) -> None:
        """Take down what was said, and count the mistakes in it."""
        goal = _scripted(state.people)
        for at, (row, text) in enumerate(zip(rows, self.table.texts(sentences), strict=True)):
            self.asking[row] = False
            if not text:
                continue
            if row < len(self.dialogues):
                self.dialogues[row].said.append(text)
            spoken = tuple(int(one) for one in sentences[at] if one >= 0)
            meant_ids = state.people.meant[at] if self.spoken else spoken
            meant = self._meaning(tuple(int(one) for one in meant_ids if one >= 0))
            read = self._reading(spoken)
            self._count(int(row), text, meant, read)
            own = (
                meant.wishes | read.plain if self.spoken else meant.wishes
            )  # a model may add wishes of its own
            against = any(goal.unwanted[at, v] if sign > 0 else goal.wanted[at, v] for v, sign in own)
            self.columns["contradicts"][row] += against
            self._remember(int(row), meant)
        bits = np.uint64(sum(1 << act for act in COMPLAINTS))
        self.columns["complaints"][rows] += (state.dialogue.remarks & bits) > 0

    def _count(self, row: int, text: str, meant: Meant, read: Read) -> None:
        columns, told = self.columns, text.lower()
        columns["messages"][row] += 1
        columns["repeats"][row] += told in self.said[row] and len(words(told)) >= SHORT
        self.said[row].add(told)
        unread = meant.says and not read.anything
        missed = unread or not meant.wishes <= read.wishes
        columns["unreadable" if self.spoken else "unread" if unread else "misread"][row] += missed

    def _remember(self, row: int, meant: Meant) -> None:
        stated = self.stated[row]
        if meant.restarts:
            stated[:] = 0
        for value in meant.changed:
            stated[(self.facet_of == self.facet_of[value]) & (stated > 0)] = 0
        stated[list(meant.dropped)] = 0
        for value, sign in meant.wishes:
            stated[value] = sign
        self.asking[row] = meant.asks

    def _meaning(self, ids: tuple[int, ...]) -> Meant:
        if ids not in self.meanings:
            self.meanings[ids] = meant_by(self.table, ids)
        return self.meanings[ids]

    def _reading(self, ids: tuple[int, ...]) -> Read:
        if self.spoken:  # the table gives up its free sentences after a while
            return read_in(self.table, ids)
        if ids not in self.readings:
            self.readings[ids] = read_in(self.table, ids)
        return self.readings[ids]


def _scripted(people: Any) -> Any:
    """The scripted person behind what a language model plays."""
    return getattr(people, "person", people)

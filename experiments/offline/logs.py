"""The record of conversations: what was seen, with what chances it was decided, what was drawn, what came of it.

Nothing latent is in it. The visible state of every turn can be rebuilt from it (``decisions``), so any policy can say
how likely it would have taken each action; and every action can be drawn again from its chances and the seed
(``drawn_again``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Decision, Policy, conversations, decision
from agents.stochastic import chances_of, draw, propensity
from chatrec_env.core.kernel import SYSTEM_DRAWS, State, Task, Turn, observe_dialogue
from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.records import take
from chatrec_env.core.state import Dialogue
from chatrec_env.core.user_simulator import USER_SENTENCES, UserTurn
from chatrec_env.errors import ArtifactError
from chatrec_env.language.forms import N_VARIANTS
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import BATCH, meet, policy_draws

Array = npt.NDArray[Any]
Float = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

PEOPLE = {
    "seed": "uint64: the conversation's; its draws come from it (``experiments.evaluate.rollout.policy_draws``)",
    "turns": "int64: turns taken",
    "opening": "(4) int64: sentences the person began with, -1 where none",
    "setting": "(2) int8: time of day and device, -1 where not known",
    "past_items": "(L) int32: what they rated before they came, -1 where no more",
    "past_stars": "(L) float32: how",
}
"""Fields of a conversation, (n, ...) each."""

TURNS = {
    "conversation": "int64: its row among the conversations",
    "turn": "int64: turns taken before, from 0",
    "candidates": "(K) int32: items on the table, best first",
    "mask": "(A) bool: legal actions",
    "chances": "(W) float64: the whole vector of chances (``agents.stochastic``)",
    "uniform": "float64 in [0, 1): what the action was drawn with",
    "action": "int64, on slates (1 + S): what was drawn",
    "propensity": "float64: its chance; of a slate the exact sequential Plackett-Luce one",
    "shown": "(S) int32: impressions, items from the top of the slate, -1 where none",
    "act": "int8: the system's act",
    "facet": "int16: facet asked about, -1 if none",
    "wording": "(2) int64: wording of the opener and the explanation",
    "said": "(S + 2) int64: the system's sentences, -1 where none",
    "heard": "(4) int64: the person's sentences, -1 where none",
    "click": "int8: place of the accepted item, -1 if none",
    "stars": "int8: its rating, 0 if none",
    "leave": "bool: whether the person left after this",
    "reward": "float64",
    "terms": "(terms) float64: what the reward is the sum of",
    "terminated": "bool",
    "truncated": "bool",
}
"""Fields of a turn, (m, ...) each, ordered by conversation and turn."""


@dataclass(frozen=True, slots=True)
class Log:
    """Conversations of one policy.

    Attributes:
        meta: Plain JSON data: ``env`` (keywords of the environment), ``policy`` (its name), ``version`` (a digest of
            what it is), ``catalog`` (digest of the items).
        people: Arrays by the names of ``PEOPLE``.
        turns: Arrays by the names of ``TURNS``.
        texts: What was ``said`` and ``heard`` in each turn and ``opening`` each conversation, where people spoke
            freely; None where the numbers of sentences tell it.
    """

    meta: dict[str, Any]
    people: dict[str, Array]
    turns: dict[str, Array]
    texts: dict[str, list[str]] | None = None

    def __len__(self) -> int:
        return len(self.people["seed"])

    def select(self, rows: Rows) -> Log:
        """The conversations of these rows, in this order."""
        place = np.full(len(self), -1, np.int64)
        place[rows] = np.arange(len(rows))
        own = place[self.turns["conversation"]]
        kept = np.flatnonzero(own >= 0)
        kept = kept[np.argsort(own[kept], kind="stable")]
        turns = {name: values[kept] for name, values in self.turns.items()}
        turns["conversation"] = own[kept]
        people, texts = {k: v[rows] for k, v in self.people.items()}, self.texts
        if texts is not None:
            texts = {k: [own[i] for i in (rows if k == "opening" else kept)] for k, own in texts.items()}
        return replace(self, people=people, turns=turns, texts=texts)

    def padded(self, values: Array, fill: float = 0.0) -> Array:
        """Values of turns ``(m, ...)`` as ``(n, T, ...)``, ``fill`` after a conversation's end."""
        longest = int(self.people["turns"].max(initial=0))
        out = np.full((len(self), longest, *values.shape[1:]), fill, values.dtype)
        out[self.turns["conversation"], self.turns["turn"]] = values
        return out

    @property
    def returns(self) -> Float:
        """(n,) undiscounted returns."""
        return np.bincount(self.turns["conversation"], self.turns["reward"], len(self)).astype(np.float64)


Watch = Callable[[Decision, Array], dict[str, Array]]
"""What else is noted of each decision and the actions drawn, by name, (N, ...) each."""


def _nothing(_seen: Decision, _actions: Array) -> dict[str, Array]:
    return {}


class Recorder:
    """Collects turns of conversations as they are held, by the evaluation or by an environment.

    ``choose`` before each step, ``came`` after it.
    """

    def __init__(self, task: Task, watch: Watch = _nothing) -> None:
        self.task, self._watch = task, watch
        self._people: list[dict[str, Array]] = []
        self._turns: list[dict[str, Array]] = []
        self._now: dict[str, Array] = {}

    def begin(self, seeds: Sequence[int], dialogue: Dialogue) -> None:
        """Conversations that have just begun; the next ones count on from those begun before."""
        self._people.append(
            {
                "seed": np.array(seeds, np.uint64),
                "opening": dialogue.transcript[:, 0, -USER_SENTENCES:].copy(),
                "setting": dialogue.situational_context.copy(),
                "past_items": dialogue.rating_history.items.copy(),
                "past_stars": dialogue.rating_history.stars.copy(),
            }
        )

    def choose(self, ids: Array, state: State, chances: Float, uniforms: Float, seen: Decision) -> Array:
        """Draw the actions of conversations under way, and note what they were drawn from.

        Args:
            ids: (N,) which of the conversations begun they are.
            state: Their states.
            chances: (N, W)
            uniforms: (N,)
            seen: The decision.

        Returns:
            The actions, to be taken.
        """
        task, d = self.task, state.dialogue
        actions = draw(task, chances, uniforms)
        rows = np.arange(len(ids))
        last = np.minimum(d.turn, state.draws.shape[1] - 1)
        self._now = {
            "conversation": np.asarray(ids, np.int64),
            "turn": d.turn.astype(np.int64),
            "candidates": d.candidates.copy(),
            "mask": seen.mask.copy(),
            "chances": np.asarray(chances, np.float64),
            "uniform": np.array(uniforms, np.float64),
            "action": actions,
            "propensity": propensity(task, chances, actions),
            "wording": (state.draws[rows, last, :SYSTEM_DRAWS] * N_VARIANTS).astype(np.int64),
            **self._watch(seen, actions),
        }
        return actions

    def came(self, turn: Turn) -> None:
        """What came of the actions chosen last."""
        self._turns.append(
            {
                **self._now,
                "shown": turn.system.slate.copy(),
                "act": turn.system.act.copy(),
                "facet": turn.system.facet.copy(),
                "said": turn.system.sentences.copy(),
                "heard": turn.user.sentences.copy(),
                "click": turn.user.click.copy(),
                "stars": turn.user.stars.copy(),
                "leave": turn.user.leave.copy(),
                "reward": turn.reward.copy(),
                "terms": turn.paid.copy(),
                "terminated": turn.terminated.copy(),
                "truncated": turn.truncated.copy(),
            }
        )

    def log(self, meta: dict[str, Any], wanted: Rows | None = None) -> Log:
        """The conversations collected: those ``wanted``, or all; each must have ended."""
        people = {k: np.concatenate([part[k] for part in self._people]) for k in self._people[0]}
        turns = {k: np.concatenate([part[k] for part in self._turns]) for k in self._turns[0]}
        order = np.lexsort((turns["turn"], turns["conversation"]))
        turns = {k: v[order] for k, v in turns.items()}
        people["turns"] = np.bincount(turns["conversation"], minlength=len(people["seed"]))
        log = Log(meta, people, turns)
        return log if wanted is None else log.select(wanted)


def record(
    task: Task,
    policy: Policy,
    seeds: Sequence[int],
    meta: dict[str, Any],
    meter: Meter,
    label: str = "",
    watch: Watch = _nothing,
) -> Log:
    """Hold one conversation with each person and log it.

    The policy's actions are drawn from its chances with the draws of ``rollout.policy_draws``.

    Args:
        task: The task.
        policy: Who decides; see ``agents.stochastic.chances_of``.
        seeds: Environment seeds, one a person.
        meta: See ``Log``.
        meter: Shows the progress.
        label: What to call the work.
        watch: What else to note, as further fields of turns.
    """
    recorder = Recorder(task, watch)
    with meter.work(label, len(seeds), "people") as work:
        for start in range(0, len(seeds), BATCH):
            part = list(seeds[start : start + BATCH])
            state, own = meet(task, part), policy_draws(part, task.manager.max_turns)
            recorder.begin(part, state.dialogue)

            def act(rows: Rows, state: State, start: int = start, own: Float = own) -> npt.NDArray[np.int64]:
                seen = decision(task, state)
                uniforms = own[rows, state.dialogue.turn]
                return recorder.choose(start + rows, state, chances_of(policy, seen), uniforms, seen)

            for _, _, turn in conversations(task, state, act):
                recorder.came(turn)
            work.add(len(part))
    return recorder.log(meta)


def drawn_again(task: Task, log: Log) -> Array:
    """Every action drawn anew from the seed of its conversation and its chances: ``log.turns["action"]``, all bits."""
    turns = log.turns
    own = policy_draws([int(s) for s in log.people["seed"]], task.manager.max_turns)
    return draw(task, turns["chances"], own[turns["conversation"], turns["turn"]])


def decisions(task: Task, log: Log, batch: int = BATCH) -> Iterator[tuple[Rows, Decision]]:
    """Every decision of a log as it was seen: rows of ``log.turns``, and what was visible then.

    Raises:
        ArtifactError: See ``visible``.
    """
    starts = np.cumsum(log.people["turns"]) - log.people["turns"]
    for who, turn, dialogue in visible(task, log, batch):
        going = np.flatnonzero(log.people["turns"][who] > turn)
        if len(going):
            seen = dialogue if len(going) == len(who) else take(dialogue, going)
            observation, mask, view = observe_dialogue(task, seen)
            yield starts[who[going]] + turn, Decision(task, observation, mask, seen, view)


def visible(task: Task, log: Log, batch: int = BATCH) -> Iterator[tuple[Rows, int, Dialogue]]:
    """Visible states before each turn and after the last: conversations, turns taken, states.

    The dialogue manager hears again what was said and done; nobody is simulated.

    Raises:
        ArtifactError: The log is of another catalogue or version: other candidates come up here.
    """
    manager, found = task.manager, log.meta.get("catalog")
    if found != manager.catalog.digest:
        raise ArtifactError(
            f"The log is of a catalogue with digest {str(found)[:16]}, here it is {manager.catalog.digest[:16]}. "
            "Restore that catalogue, or log again."
        )
    turns, people = log.turns, log.people
    starts = np.cumsum(people["turns"]) - people["turns"]
    for first in range(0, len(log), batch):
        who = np.arange(first, min(first + batch, len(log)))
        dialogue = manager.open(len(who))
        dialogue.situational_context[:] = people["setting"][who]
        past = RatingHistory(people["past_items"][who], people["past_stars"][who])
        if past.items.shape[1]:
            dialogue = manager.remember(dialogue, past)
        manager.hear(dialogue, None, people["opening"][who])
        turn = 0
        while True:
            yield who, turn, dialogue
            going = np.flatnonzero(people["turns"][who] > turn)
            if not len(going):
                break
            if len(going) < len(who):
                who, dialogue = who[going], take(dialogue, going)
            rows = starts[who] + turn
            if not np.array_equal(dialogue.candidates, turns["candidates"][rows]):
                raise ArtifactError(
                    f"Conversations take another course here at turn {turn} than in the log: it is of another "
                    "version of chatrec or of another environment. Log again."
                )
            system = task.actions.decode(manager, dialogue, turns["action"][rows])
            manager.speak(dialogue, system, turns["wording"][rows])
            user = UserTurn(
                *(np.ascontiguousarray(turns[k][rows]) for k in ("click", "stars", "leave", "heard"))
            )
            manager.hear(dialogue, user, user.sentences)
            turn += 1

"""The LLM user simulator, behind the interface of the rule-based one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.user_simulator import USER_SENTENCES, SystemTurn, UserTurn
from chatrec_env.language.acts import SystemAct
from simulators.llm.config import LLMConfig
from simulators.llm.judges import AskingJudge, Judge, JudgedUsers, ReverseJudge
from simulators.llm.memory import SHOWN, SYSTEM, TURNS, USER, Memory
from simulators.llm.personas import Persona, make_persona
from simulators.llm.wording.leaks import TitleGuard
from simulators.llm.wording.turns import Spoken
from simulators.llm.wording.writer import Writer
from simulators.scenarios.scenario import make_scenario
from simulators.scripted.people import People
from simulators.scripted.simulator import NOT_JUDGED, ScriptedUsers

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.rating_history import RatingHistory, RatingHistoryPlan
    from chatrec_env.language import SentenceTable
    from simulators.llm.recorder import RecordedBackend
    from simulators.population import Population

TURN_MEMORY = 200
"""Tokens of the conversation in a prompt that words a whole turn, unless told otherwise."""

METERS = ("calls", "tokens", "seconds", "invalid", "leaks", "fallbacks")
"""What each conversation counts; in the info as ``llm_calls`` and so on."""


class SpeakingPeople(NamedTuple):
    """Scripted people with a memory and a bill."""

    person: People  # who they are, and how they are now
    goals: npt.NDArray[np.int32]  # (N, G) items their goal was read off
    heard: npt.NDArray[np.int64]  # (N, TURNS, SYSTEM + USER) sentence ids of the latest turns, -1 where none
    meant: npt.NDArray[np.int64]  # (N, 4) the scripted wording of what they last said, -1 where none
    shown: npt.NDArray[np.int32]  # (N, TURNS, SHOWN) items shown in each of them, -1 where none
    turns: npt.NDArray[np.int32]  # (N,) turns taken
    offered: npt.NDArray[np.int32]  # (N,) turns in which something was shown
    clicked: npt.NDArray[np.int32]  # (N,) items accepted
    meters: npt.NDArray[np.float64]  # (N, 6) see METERS


class LLMUsers:
    """Personas played by a language model; the same draws bring the same people as ``users="scripted"``.

    The draws are those of the scripted people, number for number, so a person can be played by either simulator, in
    the same mood. Goal, patience, satiation, trust and leaving stay with the scripted dynamics. Depending on the
    mode, the language model judges the items that are shown (``JudgedUsers``), words every sentence (``Writer``),
    or both. What is random in a wording is seeded by the turn's draws.

    Args:
        catalog: The items.
        table: Where wordings are interned.
        scenario: As for scripted people.
        config: Settings.
        backend: The backend with its recording.
        population: As for scripted people.
    """

    name = "llm"

    def __init__(
        self,
        catalog: Catalog,
        table: SentenceTable,
        scenario: Any,
        config: LLMConfig,
        backend: RecordedBackend,
        population: Population | None = None,
    ) -> None:
        self.catalog, self.table, self.config, self.backend = catalog, table, config, backend
        self.deterministic = config.replay
        chosen = make_scenario(scenario)
        self.judge: Judge | None = None
        if config.mode == "words":
            self.base = ScriptedUsers(catalog, table.grammar, chosen, population)
        else:
            self.judge = (
                ReverseJudge(catalog, backend)
                if backend.capabilities.scores
                else AskingJudge(catalog, backend, retries=config.tries - 1)
            )
            self.base = JudgedUsers(catalog, table.grammar, chosen, population)
        guard = TitleGuard.of(catalog)
        self.writer = Writer(table, backend, config, guard) if config.mode != "choice" else None
        by_turn = self.writer is not None and not self.writer.by_sentence
        budget = config.memory_tokens if config.memory_tokens >= 0 else TURN_MEMORY * by_turn
        self.memory = Memory(table, guard, budget)
        self.profile_draws, self.turn_draws = self.base.profile_draws, self.base.turn_draws

    def start(self, draws: npt.NDArray[np.float64]) -> tuple[SpeakingPeople, npt.NDArray[np.int64]]:
        """People and their opening sentences; see ``UserSimulator``."""
        person, sentences = self.base.start(draws)
        people = self._with_memory(person, draws)
        people.meant[:] = sentences
        said = self._word(people, people.meant, None, draws)
        people.heard[:, -1, SYSTEM:] = said
        return people, said

    def _with_memory(self, person: People, draws: npt.NDArray[np.float64]) -> SpeakingPeople:
        """People who have said and heard nothing yet."""
        n = len(draws)
        return SpeakingPeople(
            person=person,
            goals=self.base.sampler.goal_items(draws),
            heard=np.full((n, TURNS, SYSTEM + USER), -1, np.int64),
            meant=np.full((n, USER), -1, np.int64),
            shown=np.full((n, TURNS, SHOWN), -1, np.int32),
            turns=np.zeros(n, np.int32),
            offered=np.zeros(n, np.int32),
            clicked=np.zeros(n, np.int32),
            meters=np.zeros((n, len(METERS))),
        )

    def respond(self, people: SpeakingPeople, system: SystemTurn, draws: npt.NDArray[np.float64]) -> UserTurn:
        """One turn; see ``UserSimulator``. Advances ``people`` in place."""
        judged = NOT_JUDGED if self.judge is None else self._judge(people, system, draws)
        turn = self.base.respond(people.person, system, draws, judged)
        people.meant[:] = turn.sentences
        people.heard[:, :-1], people.shown[:, :-1] = people.heard[:, 1:].copy(), people.shown[:, 1:].copy()
        people.heard[:, -1], people.shown[:, -1] = remembered(system)
        said = self._word(people, people.meant, system, draws)
        people.heard[:, -1, SYSTEM:] = said
        people.turns[:] += 1
        people.offered[:] += (system.slate >= 0).any(1)
        people.clicked[:] += turn.click >= 0
        return UserTurn(click=turn.click, stars=turn.stars, leave=turn.leave, sentences=said)

    def _persona(self, people: SpeakingPeople, row: int) -> Persona:
        """One person now; the hour and the device are part of it where they make people want something."""
        return make_persona(self.catalog, people.person, row, setting=self.base.scenario.settings > 0)

    def _judge(
        self, people: SpeakingPeople, system: SystemTurn, draws: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)`` of what is shown, NaN where nothing is or no judgement could be had."""
        assert self.judge is not None
        appeal = np.full(system.slate.shape, np.nan)
        present = system.slate >= 0
        rows = np.flatnonzero(present.any(1))
        if not len(rows):
            return appeal
        judged = self.judge.judge(
            [self._persona(people, int(row)) for row in rows],
            [system.slate[row][present[row]].tolist() for row in rows],
            [draw_seed(draws[row]) for row in rows],
        )
        for row, verdict in zip(rows, judged, strict=True):
            bill = verdict.bill
            people.meters[row] += [
                bill.calls,
                bill.tokens,
                bill.seconds,
                bill.invalid,
                0,
                verdict.appeal is None,
            ]
            if verdict.appeal is not None:
                appeal[row, present[row]] = verdict.appeal
        self.backend.usage.add(fallbacks=sum(1 for verdict in judged if verdict.appeal is None))
        return self._utility(people, system.slate, appeal)

    def _utility(
        self, people: SpeakingPeople, items: npt.NDArray[np.int32], appeal: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)`` of ``items`` with an ``appeal (N, S)`` that was judged; NaN where it is NaN."""
        assert isinstance(self.base, JudgedUsers)
        return self.base.judged(people.person, items, appeal)

    def _word(
        self,
        people: SpeakingPeople,
        sentences: npt.NDArray[np.int64],
        system: SystemTurn | None,
        draws: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.int64]:
        """The sentences ``(N, 4)`` in the model's words, where it found some."""
        if self.writer is None:
            return sentences.copy()
        spoken = {
            row: self._spoken(people, row, sentences[row], system, draws[row]) for row in _speaking(sentences)
        }
        self.writer.word(list(spoken.values()))
        out = sentences.copy()
        for row, turn in spoken.items():
            self._place(out[row], turn)
            people.meters[row] += [getattr(turn, name) for name in METERS]
        return out

    def _spoken(
        self,
        people: SpeakingPeople,
        row: int,
        sentences: npt.NDArray[np.int64],
        system: SystemTurn | None,
        draws: npt.NDArray[np.float64],
    ) -> Spoken:
        heard, shown = people.heard[row], people.shown[row]
        counts = {
            "turns": int(people.turns[row]),
            "questions": int(people.person.questions[row]),
            "shown": int(people.offered[row]),
            "clicked": int(people.clicked[row]),
        }
        recalled = self.memory.recall(heard, shown, counts) if self.memory.budget and system else []
        told = self.memory.lines(heard[-1:], shown[-1:]) if system else []
        return Spoken(
            persona=self._persona(people, row),
            sentences=[int(s) for s in sentences if s >= 0],
            recalled=recalled,
            goals=frozenset(people.goals[row].tolist()),
            named=frozenset(int(i) for i in shown.ravel() if i >= 0),
            seed=draw_seed(draws),
            after=SystemAct.GREET if system is None else SystemAct(int(system.act[row])),
            reason=-1 if system is None else int(system.reason[row]),
            heard=" ".join(line.text for line in told if line.speaker == "Assistant"),
        )

    def _place(self, row: npt.NDArray[np.int64], turn: Spoken) -> None:
        """Put interned wordings where the scripted sentences were; a whole turn takes the first place."""
        assert self.writer is not None
        found = [text for text in turn.texts if text is not None]
        if not found:
            return
        ids = iter(self.table.intern(found, reader=self.table.reader, after=turn.after).tolist())
        places = np.flatnonzero(row >= 0)
        if self.writer.by_sentence:
            for place, text in zip(places, turn.texts, strict=True):
                if text is not None:
                    row[place] = next(ids)
        else:
            row[:] = -1
            row[places[0]] = next(ids)

    def meter(self, people: SpeakingPeople) -> dict[str, npt.NDArray[Any]]:
        """What each conversation has taken so far, ``(N,)`` each, as recorded: the same in a replay."""
        return {f"llm_{name}": people.meters[:, i].copy() for i, name in enumerate(METERS)}

    def utility(self, people: SpeakingPeople, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)`` of ``items (N, S)`` (>= 0) as the people judge them now, in logits; for evaluators.

        A row's items are judged together, and not counted in its bill. In mode ``"words"``, and where no judgement
        could be had, the scripted ones.
        """
        scripted = self.base.utility(people.person, items)
        if self.judge is None:
            return scripted
        personas = [self._persona(people, row) for row in range(len(items))]
        verdicts = self.judge.judge(personas, items.tolist(), [0] * len(items))
        appeal = np.full(items.shape, np.nan)
        for row, verdict in enumerate(verdicts):
            if verdict.appeal is not None:
                appeal[row] = verdict.appeal
        judged = self._utility(people, items, appeal)
        return np.where(np.isnan(judged), scripted, judged)

    def crowd(self, draws: npt.NDArray[np.float64]) -> SpeakingPeople:
        """People who say nothing, without the language model; see ``Experienced``."""
        return self._with_memory(self.base.crowd(draws), draws)

    def rating_history(
        self, people: SpeakingPeople, plan: RatingHistoryPlan, draws: npt.NDArray[np.float64]
    ) -> RatingHistory:
        """What people rated before they came: the scripted people's, number for number."""
        return self.base.rating_history(people.person, plan, draws)

    def usage(self) -> dict[str, int | float]:
        """What this process has asked of the backend, for the run log."""
        return self.backend.usage.to_dict()

    def situational_context(self, people: SpeakingPeople) -> npt.NDArray[np.int8]:
        """Time of day and device of each person, (N, 2)."""
        return self.base.situational_context(people.person)

    def reveal(self, people: SpeakingPeople) -> dict[str, npt.NDArray[Any]]:
        """Latent state by name; ``utility`` is the scripted preference model's."""
        return self.base.reveal(people.person)


def draw_seed(draws: npt.NDArray[np.float64]) -> int:
    """A seed from a turn's uniforms: the same turn of the same person words itself the same."""
    told = hashlib.blake2b(np.ascontiguousarray(draws).tobytes(), digest_size=4).digest()
    return int.from_bytes(told, "little")


def remembered(system: SystemTurn) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """A system's turn as a person remembers it, -1 where there is nothing.

    Returns:
        Sentence ids (N, SYSTEM + USER), none of the person's yet, and items (N, SHOWN).
    """
    heard = np.full((len(system.slate), SYSTEM + USER), -1, np.int64)
    shown = np.full((len(system.slate), SHOWN), -1, np.int32)
    sentences, slate = system.sentences[:, :SYSTEM], system.slate[:, :SHOWN]
    heard[:, : sentences.shape[1]], shown[:, : slate.shape[1]] = sentences, slate
    return heard, shown


def _speaking(sentences: npt.NDArray[np.int64]) -> list[int]:
    assert sentences.shape[1] == USER_SENTENCES
    return np.flatnonzero((sentences >= 0).any(1)).tolist()

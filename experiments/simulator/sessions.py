"""``chatrec sessions``: simulated conversations in the formats of other evaluation tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from agents.base import conversations, decision
from agents.export import check_single
from chatrec_env.core.kernel import State, Task
from chatrec_env.envs.rendering import conversation
from chatrec_env.errors import UnknownNameError
from chatrec_env.language.acts import SystemAct, UserAct
from experiments.cli.options import EnvOptions, OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, say
from experiments.conversations.watch import choose_policy
from experiments.evaluate.evaluate import Contender, task_of
from experiments.evaluate.rollout import BATCH, meet, people_seeds, policy_draws
from experiments.report.documents import jsonable, write_atomic
from experiments.report.runlog import check_new_file


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionsConfig(EnvOptions):
    """Write simulated conversations for other tools: SimEval-IR, or DialogueKit and UserSimCRS.

    Each says who spoke and what, which acts were read in it, what was shown, accepted, and how it was rated. Acts
    of the person are those the system read, as a deployed system would; nothing latent is written.

    Attributes:
        policy: A run folder, a policy folder, or the name of a heuristic.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        format: simeval (one session a line) or dialoguekit (one list).
        people: How many conversations.
        seed: Which people.
        out: File to write; default: sessions.jsonl or dialogues.json in the run folder, or in runs/.
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")] = "greedy"
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    format: str = "simeval"
    people: int = 100
    seed: int = 0
    out: OptionalPath = None

    def __post_init__(self) -> None:
        check_least(self, people=1, seed=0)
        if self.format not in FORMATS:
            raise UnknownNameError("format", self.format, FORMATS)


@dataclass(slots=True)
class Said:
    """One turn of one speaker.

    Attributes:
        turn: From 0, the person's opening; later turns are the system's move and the answer to it.
        user: Whether the person speaks.
        text: What was said; empty if nothing was.
        acts: Names of the acts in it.
        items: What was shown, first place first: row of the catalogue.
        place: Place of the accepted item among these, -1 if none.
        stars: Its rating, 0 if none.
    """

    turn: int
    user: bool
    text: str
    acts: list[str]
    items: list[int] = field(default_factory=list)
    place: int = -1
    stars: int = 0


def acts_in(remarks: np.uint64) -> list[str]:
    """Names of the acts that are read in a message."""
    return [act.name for act in UserAct if int(remarks) >> act & 1]


def hold(contender: Contender, seeds: list[int], meter: Meter) -> list[list[Said]]:
    """One conversation with each person, turn by turn."""
    task, out = task_of(contender), []
    with meter.work(f"{contender.name} meets {len(seeds):,} people", len(seeds), "people") as work:
        for start in range(0, len(seeds), BATCH):
            out += _hold_together(task, contender, seeds[start : start + BATCH])
            work.to(len(out))
    return out


def _hold_together(task: Task, contender: Contender, seeds: list[int]) -> list[list[Said]]:
    state, draws = meet(task, seeds), policy_draws(seeds, task.manager.max_turns)
    told: list[list[Said]] = []
    for i in range(len(seeds)):
        opening = conversation(task, state, i)
        text = opening[0][1] if opening else ""
        told.append([Said(0, True, text, acts_in(state.dialogue.remarks[i]))])

    def act(rows: npt.NDArray[np.intp], now: State) -> npt.NDArray[np.int64]:
        return contender.policy.act(decision(task, now), draws[rows, now.dialogue.turn])

    for rows, after, turn in conversations(task, state, act):
        for place, row in enumerate(rows):
            said = conversation(task, after, place)
            system = [text for who, text in said if who == "system"][-1]
            answer = said[-1][1] if said[-1][0] == "person" else ""
            number = int(after.dialogue.turn[place])
            items = [int(i) for i in turn.system.slate[place] if i >= 0]
            told[row] += [
                Said(number, False, system, [SystemAct(int(turn.system.act[place])).name], items),
                Said(
                    number, True, answer, acts_in(after.dialogue.remarks[place]), [],
                    int(turn.user.click[place]), int(turn.user.stars[place]),
                ),
            ]  # fmt: skip
    return told


def to_simeval(contender: Contender, seeds: list[int], told: list[list[Said]]) -> str:
    """Sessions of SimEval-IR's canonical form (schema v1), one JSON object a line.

    Its ``InteractionSession.from_dict`` reads them: the values of its session types, event types and roles are the
    names of the members in lower case.
    """
    catalog = task_of(contender).manager.catalog
    lines = []
    for seed, own in zip(seeds, told, strict=True):
        events: list[dict[str, Any]] = []

        def add(
            kind: str, said: Said, events: list[dict[str, Any]] = events, seed: int = seed, **more: Any
        ) -> None:
            role = "user" if said.user else "system"
            blank = dict.fromkeys(
                ("timestamp", "query", "utterance", "ranked_items", "clicked_items", "response_to")
            )
            events.append(
                {
                    **blank,
                    "event_id": f"{seed}-e{len(events) + 1}",
                    "type": kind,
                    "turn_id": said.turn,
                    "role": role,
                    "dialogue_act": "+".join(said.acts) or None,
                    "meta": {},
                    **more,
                }
            )

        shown: list[int] = []
        for said in own:
            if said.text:
                add("user_utterance" if said.user else "system_utterance", said, utterance=said.text)
            if said.items:
                shown = said.items
                ranked = [
                    {"doc_id": catalog.ids[item], "rank": rank, "score": None, "judged_relevance": None}
                    for rank, item in enumerate(shown, 1)
                ]
                add("recommendation", said, ranked_items=ranked)
            if said.place >= 0:
                click = {
                    "doc_id": catalog.ids[shown[said.place]],
                    "rank": said.place + 1,
                    "dwell_time": None,
                    "meta": {},
                }
                add("click", said, clicked_items=[click])
            if said.stars:
                add("rating", said, meta={"doc_id": catalog.ids[shown[said.place]], "stars": said.stars})
        session = {
            "schema_version": "v1",
            "session_id": f"chatrec-{seed}",
            "dataset_id": "chatrec",
            "session_type": "conversational",
            "user_id": str(seed),
            "topic_id": None,
            "domain": contender.env.catalog,
            "events": events,
            "meta": {"policy": contender.name, "env": contender.env.to_dict()},
        }
        lines.append(json.dumps(jsonable(session), ensure_ascii=False))
    return "\n".join(lines) + "\n"


def to_dialoguekit(contender: Contender, seeds: list[int], told: list[list[Said]]) -> str:
    """Dialogues as DialogueKit's ``json_to_dialogues`` reads them, which UserSimCRS uses: one JSON list."""
    catalog = task_of(contender).manager.catalog
    out = []
    for seed, own in zip(seeds, told, strict=True):
        turns: list[dict[str, Any]] = []
        shown: list[int] = []
        for said in own:
            shown = said.items or shown
            if not said.text:
                continue
            slots: list[list[Any]] = []
            for title in (catalog.titles[item] for item in said.items):
                at = said.text.find(title)
                if at >= 0:
                    slots.append(["ITEM", title, at, at + len(title)])
            stars = [["stars", said.stars]] if said.stars else []
            turns.append(
                {
                    "participant": "USER" if said.user else "AGENT",
                    "utterance": said.text,
                    "utterance_id": f"{seed}_{len(turns)}",
                    "dialogue_acts": [{"intent": act, "slot_values": slots} for act in said.acts],
                    "annotations": stars,
                }
            )
        out.append(
            {
                "conversation_id": f"chatrec-{seed}",
                "agent": {"id": contender.name, "type": "AGENT"},
                "user": {"id": str(seed), "type": "USER"},
                "metadata": {"env": contender.env.to_dict()},
                "conversation": turns,
            }
        )
    return json.dumps(jsonable(out), indent=1, ensure_ascii=False) + "\n"


FORMATS: dict[str, tuple[str, Callable[[Contender, list[int], list[list[Said]]], str]]] = {
    "simeval": ("sessions.jsonl", to_simeval),
    "dialoguekit": ("dialogues.json", to_dialoguekit),
}
"""By name: the usual file, and what writes it."""


def sessions(config: SessionsConfig) -> int:
    """Run the command; returns its exit code."""
    check_new_file(config.out)
    meter = Meter()
    with meter.work("Loading the policy, the catalogue and the sentence encoder"):
        contender, run = choose_policy(config.policy, config.agent, config)
        check_single(contender.env)
    name, written = FORMATS[config.format]
    seeds = people_seeds("eval", config.seed, config.people)
    path = config.out or (run or Path("runs")) / name
    write_atomic(path, written(contender, seeds, hold(contender, seeds, meter)))
    say(f"{len(seeds):,} conversations: [bold]{clean(path)}[/bold]")
    return 0

"""Sessions of the service as logs: every decision of the policy that was served, and what people made of it.

The store keeps each decision as it was drawn (candidates, legal actions, all chances, the uniform), what was said and
shown, and what was clicked and rated. To judge other policies, the state before a decision is rebuilt as the service
rebuilds a session. Turns that the policy was not asked for (remarks, answers to questions) belong to the decision
before them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Decision, Policy
from agents.serving.dialogue_updates import whole_stars
from agents.serving.replay import replayed
from agents.serving.store import Event, Store
from agents.serving.store_tables import SCHEMA
from agents.stochastic import propensity
from chatrec_env.core.kernel import Task, observe_dialogue
from chatrec_env.core.records import copy
from chatrec_env.core.rewards import Outcome, reward
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.shaping.entries import TERMS
from experiments.offline.estimates import watching
from experiments.offline.logs import Log, Watch

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Served:
    """The sessions of one policy in a store.

    Attributes:
        store: The store.
        version: Fingerprint of the policy.
        about: What the store knows of it: ``name``, ``env`` and more.
        sessions: Their names.
    """

    store: Store
    version: str
    about: dict[str, Any]
    sessions: tuple[str, ...]

    @property
    def env(self) -> EnvConfig:
        """Where the policy was trained."""
        return EnvConfig.create(self.about["env"])

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.store.path} {self.version[:8]}"

    def watched(self, task: Task, policies: Sequence[Policy]) -> Log:
        """With what ``watching`` notes; ``task`` is of its environment."""
        return self.log(watching(policies))

    def log(self, watch: Watch | None = None) -> Log:
        """Its log, a conversation a session; sessions without a decision are left out.

        Rewards are those of the environment the policy was trained in, from clicks, ratings and questions; that
        somebody left is not known, so ``leave`` is never set and costs nothing. ``shown`` holds all cards of a turn, -1
        where fewer. People speak freely: ``said``, ``heard`` and ``opening`` are -1, and ``texts`` has the words.
        ``seed`` is 0: what was drawn is a function of a session's name and turn, and stands in ``uniform``.

        Args:
            watch: What else to note of each decision, as of ``logs.record``; for judging other policies.

        Raises:
            ConfigError: No session holds a decision, or the policy draws and does not say with what chances.
            ArtifactError: Sessions take another course here: the store is of another catalogue or version.
        """
        task = make_task(self.env)
        found = [one for name in self.sessions if (one := _session(name, self.store, task, watch))]
        if not found:
            raise ConfigError(f"No session of {self.about['name']} in {self.store.path} holds a decision.")
        people, turns, texts = zip(*found, strict=True)
        for i, own in enumerate(turns):
            own["conversation"] = np.full(len(own["turn"]), i, np.int64)
        meta = {
            "env": self.about["env"],
            "policy": self.about["name"],
            "version": self.version,
            "catalog": task.manager.catalog.digest,
            "served": True,
        }
        said = {key: [text for own in texts for text in own[key]] for key in texts[0]}
        return Log(meta, _joined(people), _joined(turns), said)


def _check_store(path: Path) -> None:
    """See that a file is a store, without writing into it: opening one sets up what it lacks.

    Raises:
        ArtifactError: It is not.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            (version,) = file.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise ArtifactError(f"{path} cannot be read as a store of sessions: {error}.") from error
    if version != SCHEMA:
        raise ArtifactError(
            f"{path} is no store of sessions: its version is {version}, that of a store {SCHEMA}. Name the file that "
            "chatrec serve writes."
        )


def served(path: Path) -> list[Served]:
    """What was served in a store, policy by policy; sessions that several policies held are left out.

    Raises:
        ArtifactError: It is no store, or one of a version that did not keep decisions.
        ConfigError: No session was held by one policy alone.
    """
    _check_store(path)
    store, found = Store(path), dict[str, list[str]]()
    for name in store.sessions():
        replies = [event for event in store.events(name) if event.kind == "reply"]
        if len({event.policy for event in replies}) == 1:
            found.setdefault(replies[0].policy, []).append(name)
    known = store.policies()
    if not found:
        raise ConfigError(
            f"{path} holds no session that one policy held from first to last. Nothing can be judged."
        )
    if not set(found) <= set(known):
        raise ArtifactError(
            f"{path} is of a version that did not keep decisions. Serve with it again, then judge."
        )
    return [Served(store, version, known[version], tuple(names)) for version, names in found.items()]


def _joined(parts: Sequence[Arrays]) -> Arrays:
    """Arrays of sessions one after the other; what is wider in some is filled up with -1."""
    out = {}
    for key in parts[0]:
        own = [part[key] for part in parts]
        if own[0].ndim == 2:
            widest = max(one.shape[1] for one in own)
            own = [np.pad(one, ((0, 0), (0, widest - one.shape[1])), constant_values=-1) for one in own]
        out[key] = np.concatenate(own)
    return out


def _session(
    name: str, store: Store, task: Task, watch: Watch | None
) -> tuple[Arrays, Arrays, dict[str, list[str]]] | None:
    """One session: as a person, its decisions, and what was said; None without a decision."""
    events = store.events(name)
    asked = [i for i, event in enumerate(events) if event.kind == "reply" and "decision" in event.body]
    if not asked:
        return None
    turns = list[Arrays]()
    for turn, i in enumerate(asked):
        end = asked[turn + 1] if turn + 1 < len(asked) else len(events)
        one = _decision(task, events, i, end, turn)
        if watch is not None:
            one |= watch(_seen(task, events, i), one["action"])
        turns.append(one)
    last = (
        observe_dialogue(task, copy(replayed(task, events).dialogue))[0]
        if watch is not None
        else np.zeros((1, 0))
    )
    past: list[list[float]] = next((e.body["ratings"] for e in events if e.kind == "past"), [])
    setting = next((event.body for event in events if event.kind == "setting"), None)
    known = (
        (-1, -1)
        if setting is None
        else task.manager.catalog.setting_index(setting["time"], setting["device"])
    )
    person: Arrays = {
        "seed": np.zeros(1, np.uint64),
        "turns": np.array([len(turns)], np.int64),
        "opening": np.full((1, 1), -1, np.int64),
        "setting": np.array([known], np.int8),
        "past_items": np.array([[item for item, _ in past]], np.int32).reshape(1, -1),
        "past_stars": np.array([[stars for _, stars in past]], np.float32).reshape(1, -1),
        "observation": last,
    }
    texts = {
        "said": [" ".join(one["text"] for one in events[i].body["said"]) for i in asked],
        "heard": [
            _heard(events[i + 1 : end]) for i, end in zip(asked, (*asked[1:], len(events)), strict=True)
        ],
        "opening": [_heard(events[: asked[0]])],
    }
    return person, _joined(turns), texts


def _heard(events: Sequence[Event]) -> str:
    return "\n".join(event.body["text"] for event in events if event.kind == "message")


def _decision(task: Task, events: Sequence[Event], i: int, end: int, turn: int) -> Arrays:
    """A decision as the store has it, and what came of it until the next."""
    body = events[i].body
    drawn = body["decision"]
    if drawn["chances"] is None:
        raise ConfigError(
            "The policy that was served draws its actions and cannot say with what chances: nothing else can be judged "
            "from its sessions. Serve a heuristic, or one that was trained to choose, with --explore."
        )
    action, chances = np.array([drawn["action"]], np.int64), np.array([drawn["chances"]], np.float64)
    nothing = np.full((1, 1), -1, np.int64)
    return {
        "conversation": np.zeros(1, np.int64),
        "turn": np.array([turn], np.int64),
        "candidates": np.array([drawn["candidates"]], np.int32),
        "mask": np.array([drawn["mask"]], np.bool_),
        "chances": chances,
        "uniform": np.array([drawn["uniform"]]),
        "action": action,
        "propensity": propensity(task, chances, action),
        "shown": np.array([[card["item"] for card in body["cards"]]], np.int32).reshape(1, -1),
        "act": np.array([body["move"]["act"]], np.int8),
        "facet": np.array([body["move"]["facet"]], np.int16),
        "wording": np.array([body["move"]["variants"]], np.int64),
        "said": nothing,
        "heard": nothing,
        "truncated": np.array([end == len(events)]),
        "terminated": np.zeros(1, np.bool_),
        "leave": np.zeros(1, np.bool_),
        **_came(task, body, events[i + 1 : end + 1]),
    }


def _seen(task: Task, events: Sequence[Event], i: int) -> Decision:
    """What the policy saw before reply ``i``: the session so far, with the message that was answered heard."""
    before, body = events[:i], events[i].body
    conversation, message = replayed(task, before), before[-1].body
    if message.get("typed", False):
        conversation.listen(conversation.understand(message["sentences"]), body["took"])
    else:
        conversation.hear(message["sentences"])
    dialogue = copy(conversation.dialogue)
    observation, _, view = observe_dialogue(task, dialogue)
    if dialogue.candidates[0].tolist() != body["decision"]["candidates"]:
        raise ArtifactError(
            "Sessions take another course here than when they were served: the store is of another catalogue or "
            "version of chatrec. Use the version that served."
        )
    mask = np.array([body["decision"]["mask"]], np.bool_)
    return Decision(task=task, observation=observation, mask=mask, dialogue=dialogue, view=view)


def _came(task: Task, reply: dict[str, Any], after: Sequence[Event]) -> Arrays:
    """The click and the rating of a turn's cards, in clicks or in words, and the reward."""
    items = [card["item"] for card in reply["cards"]]
    click, stars = -1, 0
    for event in after:
        item = event.body["item"] if event.kind == "click" else event.body.get("took", -1)
        if item in items:
            click = items.index(item)
        if event.kind == "rating" and click >= 0 and event.body["item"] == items[click]:
            stars = whole_stars(event.body["stars"])
    terms, total = np.empty((1, len(TERMS))), np.empty(1)
    nothing, no = np.zeros(1), np.zeros(1, np.bool_)
    # Who accepts and does not rate is neither pleased nor not: 3 stars pay nothing and cost nothing.
    rated = np.array([stars or (3 if click >= 0 else 0)], np.int8)
    place, act = np.array([click], np.int8), np.array([reply["move"]["act"]], np.int8)
    reward(Outcome(place, rated, act, no, nothing, nothing, no), task.weights, terms, total)
    return {"click": place, "stars": np.array([stars], np.int8), "terms": terms, "reward": total}

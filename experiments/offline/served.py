"""Sessions of the service as a log: every decision of the policy that was served, and what people made of it.

The store keeps what was said, done, clicked and rated. The state before each decision is rebuilt from that as the
service rebuilds a session, and the policy of the export says with what chances it decided. Turns that the policy was
not asked for (remarks, answers to questions) belong to the decision before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Decision, likeliest
from agents.export import Export
from agents.serving.replay import replayed
from agents.serving.sessions import spread
from agents.serving.store import Event, Store
from agents.stochastic import chances_of, propensity
from chatrec_env.core.kernel import Task, observe_dialogue
from chatrec_env.core.records import copy
from chatrec_env.core.rewards import Outcome, reward
from chatrec_env.errors import ConfigError
from chatrec_env.shaping.entries import TERMS
from experiments.offline.logs import Log, Watch

Arrays = dict[str, npt.NDArray[Any]]


def served_log(store: Store, sessions: Sequence[str], export: Export, watch: Watch | None = None) -> Log:
    """The sessions of these names as a log, one conversation each; sessions without a decision are left out.

    Rewards are those of the environment the policy was trained in, from clicks, ratings and questions; that somebody
    left is not known, so ``leave`` is never set and costs nothing. ``shown`` holds all cards of a turn, -1 where fewer;
    ``seed`` is 0, for what was drawn is a function of a session's name and turn: it stands in ``uniform``.

    Args:
        store: The store.
        sessions: Names of sessions.
        export: What was served.
        watch: What else to note of each decision, as of ``logs.record``; for judging other policies.

    Raises:
        ConfigError: There is no such session, or another policy or catalogue was served in it.
    """
    turns, lengths = list[Arrays](), list[int]()
    for name in sessions:
        row = store.session(name)
        if row is None:
            raise ConfigError(f"The store {store.path} has no session {name!r}.")
        events = store.events(name)
        if {row.policy, *(event.policy for event in events)} != {export.fingerprint}:
            raise ConfigError(
                f"Session {name!r} was held by another policy than {export.folder}. Name that export."
            )
        found = _decisions(name, events, export, watch)
        if found:
            for one in found:
                one["conversation"] = np.array([len(lengths)])
            lengths.append(len(found))
            turns += found
    if not turns:
        raise ConfigError("None of these sessions holds a decision of the policy. Name others.")
    widest = max(one["shown"].shape[1] for one in turns)
    for one in turns:
        one["shown"] = np.pad(one["shown"], ((0, 0), (0, widest - one["shown"].shape[1])), constant_values=-1)
    joined = {key: np.concatenate([one[key] for one in turns]) for key in turns[0]}
    people = {"seed": np.zeros(len(lengths), np.uint64), "turns": np.array(lengths, np.int64)}
    meta = {
        "policy": export.name,
        "version": export.fingerprint,
        "catalog": export.task.manager.catalog.digest,
        "served": True,
    }
    return Log(meta, people, joined)


def _decisions(name: str, events: Sequence[Event], export: Export, watch: Watch | None) -> list[Arrays]:
    task, out = export.task, list[Arrays]()
    asked = [i for i, event in enumerate(events) if event.kind == "reply" and event.body["move"]["action"]]
    for turn, i in enumerate(asked):
        ends = asked[turn + 1] if turn + 1 < len(asked) else len(events)
        seen = _seen(task, events[:i], events[i].body["took"])
        chances = _chances(export, seen)
        body = events[i].body
        action = np.array([task.actions.names.index(body["move"]["action"])], np.int64)
        spoken = int(body["turn"]) - 1
        one: Arrays = {
            "turn": np.array([turn], np.int64),
            "candidates": seen.dialogue.candidates.copy(),
            "mask": seen.mask,
            "chances": chances,
            "uniform": np.array([int.from_bytes(spread(name, spoken)[8:16], "big") / 2**64]),
            "action": action,
            "propensity": propensity(task, chances, action),
            "shown": np.array([[card["item"] for card in body["cards"]]], np.int32).reshape(1, -1),
            "act": np.array([body["move"]["act"]], np.int8),
            "facet": np.array([body["move"]["facet"]], np.int16),
            "truncated": np.array([ends == len(events)]),
            "terminated": np.zeros(1, np.bool_),
            "leave": np.zeros(1, np.bool_),
            **_came(task, body, events[i + 1 : ends + 1]),
        }
        out.append(one | (watch(seen, action) if watch is not None else {}))
    return out


def _seen(task: Task, before: Sequence[Event], took: int) -> Decision:
    """What the policy saw before a reply: the session so far, with the message that was answered heard."""
    conversation, message = replayed(task, before), before[-1].body
    if message.get("typed", False):
        conversation.listen(conversation.understand(message["sentences"]), took)
    else:
        conversation.hear(message["sentences"])
    dialogue = copy(conversation.dialogue)
    observation, mask, view = observe_dialogue(task, dialogue)
    return Decision(task=task, observation=observation, mask=mask, dialogue=dialogue, view=view)


def _chances(export: Export, seen: Decision) -> npt.NDArray[np.float64]:
    if export.policy is not None:
        return chances_of(export.policy, seen)
    assert export.ranker is not None
    out = np.zeros(seen.mask.shape)
    out[0, likeliest(export.ranker.logits(seen.observation[0])[None], seen.mask)[0]] = 1.0
    return out


def _came(task: Task, reply: dict[str, Any], after: Sequence[Event]) -> Arrays:
    """The click and the rating of a turn's cards, in clicks or in words, and the reward."""
    items = [card["item"] for card in reply["cards"]]
    click, stars = -1, 0
    for event in after:
        item = event.body["item"] if event.kind == "click" else event.body.get("took", -1)
        if item in items:
            click = items.index(item)
        if event.kind == "rating" and click >= 0 and event.body["item"] == items[click]:
            stars = round(event.body["stars"])
    terms, total = np.empty((1, len(TERMS))), np.empty(1)
    nothing, no = np.zeros(1), np.zeros(1, np.bool_)
    # Who accepts and does not rate is neither pleased nor not: 3 stars pay nothing and cost nothing.
    rated = np.array([stars or (3 if click >= 0 else 0)], np.int8)
    place, act = np.array([click], np.int8), np.array([reply["move"]["act"]], np.int8)
    reward(Outcome(place, rated, act, no, nothing, nothing, no), task.weights, terms, total)
    return {"click": place, "stars": np.array([stars], np.int8), "terms": terms, "reward": total}

"""Rebuilds a session from its stored events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from agents.serving.errors import OutOfStepError
from agents.serving.replies import Move, Reply, Said
from agents.serving.store import Event
from agents.serving.talk.talking import TalkingConversation
from chatrec_env.core.kernel import Task

STORED = TypeAdapter(Reply)
"""Makes JSON data of a reply, many times as fast as ``asdict``, and a reply of it."""


def replayed(task: Task, events: Sequence[Event], *, hears: bool = True) -> TalkingConversation:
    """The conversation that these events make: what was said and done then, whatever the policy would do now.

    Of several ratings of an item the last counts, as if it had been given from the first on. ``hears`` says whether the
    policy reads what the system said.
    """
    conversation = TalkingConversation(task, hears=hears)
    stars = {event.body["item"]: event.body["stars"] for event in events if event.kind == "rating"}
    heard: list[str] = []
    typed = False
    for event in events:
        body = event.body
        if event.kind == "setting":
            conversation.situate(body["time"], body["device"])
        elif event.kind == "past":
            conversation.remember(body["ratings"])
        elif event.kind == "click":
            conversation.click(body["item"])
        elif event.kind == "rating":
            conversation.rate(body["item"], stars[body["item"]])
        elif event.kind == "message":
            heard, typed = body["sentences"], body.get("typed", False)
        elif event.kind == "wish":
            conversation.correct(body["wish"], body["stance"])
        else:
            shown = [card["item"] for card in body["cards"]]
            move = Move.from_dict(body["move"])
            if typed:
                said = [Said(**one) for one in body["said"]]
                conversation.replay_typed(heard, body["took"], move, said, shown)
            else:
                if body["took"] >= 0:  # of a version that read acceptances into sentences
                    conversation.click(body["took"])
                conversation.replay(heard, move, shown)
    return conversation


def clicked_items(events: Sequence[Event]) -> dict[int, float]:
    """Items clicked, with their stars; a second click before the next message replaced the first."""
    out: dict[int, float] = {}
    pending = -1
    for event in events:
        item = event.body.get("item", event.body.get("took", -1))
        if event.kind == "click" or (event.kind == "reply" and item >= 0):
            if item not in out:
                if event.kind == "click" and pending >= 0:
                    out.pop(pending, None)
                out[item], pending = 0, item
        elif event.kind == "rating":
            out[item] = event.body["stars"]
        if event.kind == "reply":
            pending = -1
    return out


def standing_wishes(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The wishes after the latest reply or correction."""
    return next((list(e.body["wishes"]) for e in reversed(events) if "wishes" in e.body), [])


def reply_of(event: Event) -> Reply:
    """The reply that an event of that kind holds."""
    return STORED.validate_python(
        {name: value for name, value in event.body.items() if name not in ("move", "decision")}
    )


def answered(events: Sequence[Event], after: int, message: dict[str, Any]) -> Reply:
    """The answer that a message got before, if it is the session's last one, sent again.

    Raises:
        OutOfStepError: If it is another message, or answers another turn.
    """
    replies = [i for i, event in enumerate(events) if event.kind == "reply"]
    turn = events[replies[-1]].body["turn"] if replies else 0
    if not replies or after != turn - 1 or not same(events[replies[-1] - 1].body, message):
        raise OutOfStepError(
            f"The message answers turn {after}, but the session is at turn {turn}: it went on elsewhere. Read it with "
            f"GET, and send the message with 'after' {turn} if it still holds."
        )
    return reply_of(events[replies[-1]])


def same(kept: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Whether the body of an event is of the request that is sent; its idempotency key aside."""
    return all(kept.get(name) == value for name, value in sent.items())

"""Scripted conversations beside real ones: how varied people talk, how often they repeat themselves, and what they do.

Real figures are those of 20,229 messages of public collections: people talking to machines (CRSArena), and people
talking to people about films (INSPIRED, ReDial).
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.actions import blank_turn
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.meanings import MEANINGS

if TYPE_CHECKING:
    from chatrec_env.language import Grammar
    from simulators.scripted.simulator import ScriptedUsers

BIGRAMS: Final = 4000
"""Of so many first bigrams, the share of different ones is taken: it falls with length."""

KINDS: Final = ("ask", "accept", "reject", "other")
"""What a message does; the first that holds of accepting, rejecting, asking."""

REAL: Final[dict[str, dict[str, Any]]] = {
    "crs": {
        "distinct_2": 0.55,
        "repeated": 0.22,
        "questions": 0.49,
        "unpunctuated": 0.49,
        "titles": 0.05,
        "wish_openings": 0.43,
        "mix": (0.49, 0.05, 0.03, 0.43),
    },
    "chat": {
        "distinct_2": 0.68,
        "repeated": 0.04,
        "questions": 0.27,
        "unpunctuated": 0.40,
        "titles": 0.04,
        "mix": (0.27, 0.05, 0.03, 0.65),
    },
}
"""By preset. How often people accept and reject among people is taken from people with machines."""


class Message(NamedTuple):
    """What a person said in a turn."""

    forms: tuple[Form, ...]
    text: str
    opening: bool  # whether it is their first


def distinct_2(texts: Iterable[str], most: int = BIGRAMS) -> float:
    """Share of different ones among the first ``most`` bigrams of words, case and punctuation aside."""
    seen: set[tuple[str, str]] = set()
    count = 0
    for text in texts:
        words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower())
        for pair in itertools.pairwise(words):
            if count < most:
                seen.add(pair)
                count += 1
    return len(seen) / max(count, 1)


def repeated(texts: Sequence[str]) -> float:
    """Share of messages that stand more than once among these, word for word, case aside."""
    counts = Counter(text.lower() for text in texts)
    return sum(n for n in counts.values() if n > 1) / max(len(texts), 1)


def asks(message: Message) -> bool:
    """Whether a message holds a question, with or without its mark."""
    return "?" in message.text or any(form.is_question or form is Form.HELP for form in message.forms)


def kind_of(message: Message) -> str:
    """What a message does; see ``KINDS``."""
    acts = {act for form in message.forms for act in MEANINGS[form].acts}
    if acts & {"ACCEPT", "CONDITION"}:
        return "accept"
    if "REJECT" in acts:
        return "reject"
    return "ask" if asks(message) else "other"


def states_wish(message: Message) -> bool:
    """Whether a message tells what the person, or another for them, wants or avoids."""
    return any(MEANINGS[form].role.partition("@")[0] in ("want", "avoid") for form in message.forms)


def measure_talk(messages: Sequence[Message]) -> dict[str, Any]:
    """Figures of some messages, by the names of ``REAL``."""
    texts = [message.text for message in messages]
    kinds = Counter(map(kind_of, messages))
    openings = [message for message in messages if message.opening]
    naming = [any(form.argument is Argument.ITEM for form in message.forms) for message in messages]
    return {
        "messages": len(messages),
        "words": float(np.mean([len(text.split()) for text in texts])),
        "distinct_2": distinct_2(texts),
        "repeated": repeated(texts),
        "questions": float(np.mean([asks(message) for message in messages])),
        "unpunctuated": float(np.mean([text[-1] not in ".!?…" for text in texts])),
        "titles": float(np.mean(naming)),
        "wish_openings": float(np.mean([states_wish(message) for message in openings])),
        "mix": tuple(kinds[kind] / len(messages) for kind in KINDS),
        "forms": dict(Counter(form.value for message in messages for form in message.forms).most_common()),
    }


def total_variation(one: Sequence[float], other: Sequence[float]) -> float:
    """Half the sum of absolute differences of two distributions."""
    return 0.5 * float(np.abs(np.asarray(one) - np.asarray(other)).sum())


def scripted_messages(
    users: ScriptedUsers, conversations: int, turns: int = 20, seed: int = 0
) -> list[Message]:
    """What scripted people say to a system that suggests by told wishes, answers most questions, and asks at times.

    Of 10 turns in which a question waits it answers 8; otherwise of 10 turns it asks in 2 and suggests in 8 the item
    that has most of what was told, of 40 drawn at random.

    Args:
        users: The people.
        conversations: How many of them.
        turns: Turns a conversation has at most.
        seed: Of all draws.
    """
    rng = np.random.default_rng(seed)
    people, said = users.start(rng.random((conversations, users.profile_draws)))
    heard: list[list[Message]] = [[] for _ in range(conversations)]
    here = np.ones(conversations, bool)
    _note(users.grammar, said, here, True, heard)
    askable = np.flatnonzero(users.catalog.arrays.askable)
    for _ in range(turns):
        turn = blank_turn(conversations, 1)
        chance = rng.random(conversations)
        answers = (people.pending >= 0) & (chance < 0.8)
        turn.act[:] = np.where(
            answers, SystemAct.ANSWER, np.where(chance < 0.8, SystemAct.RECOMMEND, SystemAct.ASK)
        )
        tried = rng.integers(users.catalog.n_items, size=(conversations, 40))
        wishes = (people.told & people.wanted) * 1.0 - (people.told & people.unwanted)
        fit = np.einsum("nv,nkv->nk", wishes, users.items.weighted[tried])
        best = tried[np.arange(conversations), fit.argmax(1)]
        turn.slate[:, 0] = np.where(answers, people.pending, np.where(turn.act == SystemAct.ASK, -1, best))
        turn.facet[:] = np.where(turn.act == SystemAct.ASK, rng.choice(askable, conversations), -1)
        answer = users.respond(people, turn, rng.random((conversations, users.turn_draws)))
        _note(users.grammar, answer.sentences, here, False, heard)
        here &= ~answer.leave
    return [message for own in heard for message in own]


def _note(
    grammar: Grammar,
    said: npt.NDArray[np.int64],
    here: npt.NDArray[np.bool_],
    opening: bool,
    heard: list[list[Message]],
) -> None:
    """Adds what those who are still there said."""
    for n in np.flatnonzero(here):
        ids = [int(i) for i in said[n] if i >= 0]
        if ids:
            forms = tuple(grammar.describe(i)[0] for i in ids)
            heard[n].append(Message(forms, " ".join(map(grammar.text, ids)), opening))

"""One turn of the service as data: the system's move in numbers, its reply in words and cards, what may be answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.base import Decision
from agents.serving.cards import Card, Heard
from agents.serving.explain import Wish
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import Form
from chatrec_env.language.acts import SystemAct

PARTS = ("opener", "item", "explanation")
"""What the up to three sentences of the environment's system turn are, in order; a question is an opener."""

MOST_ANSWERS = 7
"""Values offered as answers to a question."""


class Chance(NamedTuple):
    """What is left to chance in a system's turn."""

    variants: tuple[int, int]  # wordings of the opener and of the explanation, each in [0, 6)
    uniform: float  # in [0, 1), for policies that randomise


@dataclass(frozen=True, slots=True)
class Move:
    """What the system did in a turn, by numbers: enough to do it again without asking the policy.

    Attributes:
        act: ``SystemAct``.
        facet: Facet asked about, or -1.
        value: Value to confirm, or -1.
        item: Item suggested, or -1.
        variants: Wording of the opener and of the explanation.
        action: Name of the action the policy chose, empty if it was not asked.
        ends: Whether the conversation is over with it.
    """

    act: int
    facet: int
    value: int
    item: int
    variants: tuple[int, int]
    action: str
    ends: bool = False

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Move:
        """From JSON data."""
        return cls(**{**data, "variants": tuple(data["variants"])})

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


class Decided(NamedTuple):
    """A decision of the policy, as it was drawn: what an off-policy estimate needs to know of it."""

    candidates: tuple[int, ...]  # (K,) on the table, best first
    mask: tuple[bool, ...]  # (A,) what it could do
    chances: tuple[float, ...] | None  # (A,) of all actions; None of a policy that draws and cannot say them
    uniform: float  # what was drawn with
    action: int  # what was drawn; the service may still have done something else

    @classmethod
    def of(
        cls, seen: Decision, action: int, chances: npt.NDArray[np.float64] | None, uniform: float
    ) -> Decided:
        """From what the policy saw, of one conversation, and what it decided."""
        known = None if chances is None else tuple(chances.tolist())
        return cls(
            tuple(seen.dialogue.candidates[0].tolist()), tuple(seen.mask[0].tolist()), known, uniform, action
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the system.

    Attributes:
        part: One of ``PARTS``; to what was typed also ``"remark"``, ``"answer"``, ``"question"`` and ``"closing"``.
        text: The sentence.
    """

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person is told and shown.

    Attributes:
        turn: Number of the system's turn, from 1.
        act: ``"ask"``, ``"confirm"``, ``"recommend"``, ``"answer"`` (what is on the table stays) or ``"close"``.
        action: Name of the policy's action, e.g. ``"recommend:3"``; empty if it was not asked.
        said: What the system says.
        cards: Suggestions: the policy's choice first, then its next best.
        answers: Replies the person may pick from.
        heard: What was understood of the message.
        wishes: What the person is believed to want and not to want.
        took: The item that was accepted in words, -1 if none was.
        ended: Whether the conversation is closed; another message takes it up again.
        answer: The answer to what the person asked; empty if they asked nothing.
        about: The item that is talked about now, -1 for none.
        not_understood: Parts of the message that nothing was made of.
    """

    turn: int
    act: str
    action: str
    said: tuple[Said, ...]
    cards: tuple[Card, ...]
    answers: tuple[str, ...]
    heard: tuple[Heard, ...]
    wishes: tuple[Wish, ...]
    took: int
    ended: bool
    answer: str = ""
    about: int = -1
    not_understood: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


def answers_to(manager: DialogueManager, move: Move) -> tuple[str, ...]:
    """What one may answer to a turn of the system."""
    if move.act == SystemAct.ASK:
        return values(manager, move.facet)
    if move.act == SystemAct.CONFIRM:
        ids = [manager.grammar.ids(form, 0, 0) for form in (Form.YES, Form.NO)]
        return _texts(manager, ids)
    return reactions(manager, move.item, clicked=False) if move.item >= 0 else ()


@lru_cache(maxsize=64)
def values(manager: DialogueManager, facet: int) -> tuple[str, ...]:
    """Replies to a question about a facet: its commonest values, no preference, cannot say."""
    grammar, catalog = manager.grammar, manager.catalog
    part = catalog.facet_slices[facet]
    named = np.arange(part.start, part.stop)
    if catalog.facets[facet].ordered:
        named = named[::-1][:MOST_ANSWERS]
    else:
        named = named[np.argsort(-catalog.values[:, part].mean(0), kind="stable")][:MOST_ANSWERS]
    forms = [grammar.ids(Form.ANSWER, int(v), 0) for v in named]
    return _texts(manager, [*forms, grammar.ids(Form.NO_PREFERENCE, facet, 1)])


def openers(manager: DialogueManager) -> tuple[str, ...]:
    """First words to pick from: company, if the catalogue knows any, and common wishes."""
    grammar, catalog = manager.grammar, manager.catalog
    asked = [f for f, facet in enumerate(catalog.facets) if facet.askable and facet.multi_valued]
    common = [
        catalog.facet_slices[f].start + int(v)
        for f in (asked or range(catalog.n_facets))[:2]
        for v in np.argsort(-catalog.values[:, catalog.facet_slices[f]].mean(0), kind="stable")[1:3]
    ]
    wishes = [grammar.ids(Form.WANT, v, 2) for v in common]
    company = [grammar.ids(Form.CONTEXT, c, 0) for c in range(len(catalog.contexts))]
    return _texts(manager, [*wishes[:3], *company[-2:]])


@lru_cache(maxsize=4096)
def reactions(manager: DialogueManager, item: int, *, clicked: bool) -> tuple[str, ...]:
    """What one may say to a suggestion, or after clicking it."""
    grammar, catalog = manager.grammar, manager.catalog
    if clicked:
        plenty = int((catalog.weighted_values[item] * catalog.arrays.sating).argmax())
        ids = [
            grammar.ids(Form.MORE_LIKE_THAT, 0, 3),
            grammar.ids(Form.ENOUGH_OF, plenty, 1),
            grammar.ids(Form.THANK_LEAVE, 0, 2),
        ]
        return _texts(manager, ids)
    ids = [grammar.ids(form, 0, 0) for form in (Form.REJECT_MILD, Form.MORE_LIKE_THAT)]
    ids.append(grammar.ids(Form.SEEN_IT, 0, 2))
    for f, facet in enumerate(catalog.facets):
        if facet.comparable:
            more = int(catalog.numeric_position[item, f] < 0.5)
            ids.append(grammar.ids(Form.RELATIVE, 2 * f + more, 0))
    return _texts(manager, ids)


def _texts(manager: DialogueManager, ids: Iterable[np.ndarray]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(manager.grammar.text(int(i)) for i in ids))

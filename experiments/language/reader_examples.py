"""What the reader is fitted to: messages with mentions found and marked, varied by swapping mentions and by slips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import Mention, MentionKind
from chatrec_env.language.learned.scheme import ACTS, ROLES, STRENGTHS
from experiments.language.corpus import Marked, Message

UNKNOWN: Final = -1
"""A label that is not given: nothing is learned from it."""

_SWAP: Final = 0.5  # chance that a mention is swapped in a variant
_FROM_VALUES: Final = 0.7  # of swapped values, how many become values that lexicons know
_TELLING: Final = (
    3  # words beside a mention found in a marked stretch, from which on they say something by themselves
)
_MAX_SWAP: Final = 40  # characters of a surface that is put elsewhere

_ADDED: Final = 0.25  # chance of words that add nothing: before a message, and after it
_BEFORE: Final = (
    *(
        "hm, ",
        "hmm, ",
        "Hm ",
        "um, ",
        "er, ",
        "erm, ",
        "uh, ",
        "eh, ",
        "mm, ",
        "oh, ",
        "ooh, ",
        "haha, ",
        "well, ",
    ),
    *(
        "so, ",
        "So ",
        "anyway, ",
        "I mean, ",
        "listen, ",
        "look, ",
        "honestly, ",
        "to be honest, ",
        "you know, ",
    ),
    *("right, ", "hm, well, ", "gosh, ", "so basically ", "now, "),
)
_BEHIND: Final = (
    *(
        ", to be honest",
        " tbh",
        ", really",
        ", honestly",
        ", you know",
        " I'd say",
        ", I'd say",
        ", just saying",
    ),
    *(" lol", " haha", "...", "!!", " :)", " 🙂", ", actually", " though", ", I guess", " if I'm honest"),
)
_BEHIND_QUESTION: Final = (
    *(
        ", just wondering",
        ", just curious",
        ", by the way",
        " btw",
        ", out of interest",
        ", any idea",
        "?",
        " lol",
    ),
)
_PLAIN: Final = frozenset(("DOUBT", "OTHER_LANGUAGE"))
"""Acts of messages that take no such words: there they may say something."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of a message that is a mention, found or marked."""

    start: int
    end: int
    kind: MentionKind  # `OTHER` where the finder does not find it
    role: int  # into `ROLES`, or `UNKNOWN`
    strength: int = 0  # into `STRENGTHS`, or `UNKNOWN`
    other: int = 0  # 0, 1 or `UNKNOWN`


@dataclass(frozen=True, slots=True)
class Example:
    """A message with its labels."""

    text: str
    slots: tuple[Slot, ...]
    acts: tuple[int, ...]  # per act of `ACTS` 0, 1 or `UNKNOWN`
    after: int  # into `AFTER`; 0 where any will do
    family: str
    catalog: str  # what it is about, a built-in catalogue
    times: int = 1  # how often an epoch takes it


Pools = Mapping[MentionKind, Sequence[tuple[str, MentionKind]]]
"""Surfaces that may stand for each other, each with its own kind."""


def make_slots(text: str, marked: Iterable[Marked], found: Sequence[Mention]) -> tuple[Slot, ...]:
    """The mentions that are found, with what was marked; and the words marked of which nothing is found.

    A found mention that nobody marked is merely ``named``. What is left of a marked stretch beside the mentions found
    in it has the role of the stretch where it says something by itself (``_TELLING`` words), else none is known.
    """
    gold = list(marked)
    slots = []
    for mention in found:
        over = [one for one in gold if one.start < mention.end and mention.start < one.end]
        best = max(
            over, key=lambda one: min(one.end, mention.end) - max(one.start, mention.start), default=None
        )
        if best is None:
            slots.append(Slot(mention.start, mention.end, mention.kind, ROLES.index("named")))
        else:
            slots.append(_slot(mention.start, mention.end, mention.kind, best))
    for one in gold:
        whole = not any(one.start < mention.end and mention.start < one.end for mention in found)
        for start, end in _left(text, one, found):
            slot = _slot(start, end, MentionKind.OTHER, one)
            known = whole or len(text[start:end].split()) >= _TELLING
            slots.append(slot if known else replace(slot, role=UNKNOWN, strength=UNKNOWN, other=UNKNOWN))
    return tuple(sorted(slots, key=lambda slot: slot.start))


def _left(text: str, one: Marked, found: Sequence[Mention]) -> list[tuple[int, int]]:
    """What is left of a marked stretch beside the mentions found: stretches that begin and end with a word."""
    ends = [one.start]
    for mention in found:
        if one.start < mention.end and mention.start < one.end:
            ends += [max(mention.start, one.start), min(mention.end, one.end)]
    stretches = zip(ends[::2], [*ends[1::2], one.end], strict=True)
    return [
        (start + words.start(), start + words.end())
        for start, end in stretches
        if (words := re.search(r"\w(.*\w)?", text[start:end], re.DOTALL))
    ]


def _slot(start: int, end: int, kind: MentionKind, one: Marked) -> Slot:
    return Slot(start, end, kind, ROLES.index(one.role), STRENGTHS.index(one.strength), int(one.other))


def make_example(message: Message, finder: MentionFinder, after: int) -> Example:
    """A message of the corpus as it is learned from."""
    slots = make_slots(message.text, message.mentions, finder.find(message.text))
    acts = tuple(int(act in message.acts) for act in ACTS)
    return Example(message.text, slots, acts, after, message.family, finder.catalog.name)


def make_pools(examples: Iterable[Example]) -> Pools:
    """The surfaces of all mentions by kind; values and what no lexicon knows share theirs."""
    pools: dict[MentionKind, list[tuple[str, MentionKind]]] = {kind: [] for kind in MentionKind}
    for example in examples:
        for slot in example.slots:
            surface = example.text[slot.start : slot.end]
            if slot.role != UNKNOWN and ROLES[slot.role] != "named" and len(surface) <= _MAX_SWAP:
                pools[slot.kind].append((surface, slot.kind))
    return {kind: sorted(set(pool)) for kind, pool in pools.items()}


def vary(example: Example, pools: Pools, rng: np.random.Generator) -> Example:
    """The message said otherwise: mentions swapped, idle words, other casing, marks left out, a slip of the fingers."""
    before, behind = _idle_words(example, rng)
    pieces: list[tuple[str, Slot | None]] = [(before, None)]
    at = 0
    for slot in example.slots:
        pieces.append((example.text[at : slot.start], None))
        pieces.append(_swapped(example.text[slot.start : slot.end], slot, pools, rng))
        at = slot.end
    pieces.append((example.text[at:].rstrip(".!?" if behind else "") + behind, None))
    slots = list[Slot]()
    style = rng.random(5)
    text = ""
    for i, (piece, own) in enumerate(pieces):
        said = piece
        if own is None:
            if style[3] < 0.3:
                said = _slip(said, rng)
            if style[2] < 0.25:
                said = said.replace("'", "").replace("’", "")
            if style[1] < 0.3:
                said = said.replace(",", "")
            if style[1] < 0.4 and i == len(pieces) - 1:
                said = re.sub(r"[.!]+\s*$", "", said)
        if style[0] < 0.35:
            said = said.lower()
        elif style[0] > 0.98:
            said = said.upper()
        if own is not None:
            slots.append(replace(own, start=len(text), end=len(text) + len(said)))
        text += said
    return replace(example, text=text, slots=tuple(slots))


def _idle_words(example: Example, rng: np.random.Generator) -> tuple[str, str]:
    """Words that add nothing, to be put before and behind a message; often none."""
    draws, at = rng.random(2), rng.integers(1000, size=2)
    if any(act == 1 and name in _PLAIN for name, act in zip(ACTS, example.acts, strict=True)):
        return "", ""
    ends = _BEHIND_QUESTION if example.text.rstrip().endswith("?") else _BEHIND
    before, behind = _BEFORE[at[0] % len(_BEFORE)], ends[at[1] % len(ends)]
    return before if draws[0] < _ADDED else "", behind if draws[1] < _ADDED else ""


def _swapped(surface: str, slot: Slot, pools: Pools, rng: np.random.Generator) -> tuple[str, Slot]:
    """Another surface of the kind, or the same."""
    if rng.random() > _SWAP or (slot.kind == MentionKind.OTHER and slot.role == UNKNOWN):
        return surface, slot
    kind = slot.kind
    if kind in (MentionKind.VALUE, MentionKind.OTHER):
        if len(surface) > _MAX_SWAP:
            return surface, slot
        kind = MentionKind.VALUE if rng.random() < _FROM_VALUES else MentionKind.OTHER
    pool = pools.get(kind, ())
    if not pool:
        return surface, slot
    other, kind = pool[int(rng.integers(len(pool)))]
    return other, replace(slot, kind=kind)


def _slip(text: str, rng: np.random.Generator) -> str:
    """A letter lost, doubled or swapped with the next."""
    letters = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if not letters:
        return text
    at, way = letters[rng.integers(len(letters))], rng.integers(3)
    if way == 0:
        return text[:at] + text[at + 1 :]
    if way == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

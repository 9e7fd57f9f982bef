"""Older labels as examples for the reader: those of CCPE-M that are not held out, and part ``fit`` of our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import Mention, MentionKind
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES
from experiments.language.dialogue_labels import (
    Label,
    OwnSentence,
    Signed,
    read_labels,
    read_own,
    read_sentences,
)
from experiments.language.reader_examples import UNKNOWN, Example, Slot

_AHEAD: Final = re.compile(
    r"\b(will|would|wanna|want to|going to|gonna|plan to|might|let's|lets|go ahead|sounds|could|i'd|i'll)\b",
    re.I,
)
"""Words of a verdict on something not yet watched."""

_OLD: Final = {
    "GREET", "THANK", "LEAVE", "YES", "NO", "DONT_KNOW", "NO_PREFERENCE", "ACCEPT", "REJECT", "SEEN_IT", "LIKED_IT",
    "DISLIKED_IT", "MORE_LIKE_THAT", "IMPATIENT",
}  # fmt: skip
"""Acts that the older labels tell of."""

_OPINIONS: Final = {"LIKED_IT": "ACCEPT", "DISLIKED_IT": "REJECT"}
"""What an opinion of something that was watched is called in the older labels."""

_AFTER: Final = {
    SystemAct.ASK: "ask",
    SystemAct.CONFIRM: "confirm",
    SystemAct.RECOMMEND: "recommend",
    SystemAct.CLOSE: "closed",
    SystemAct.GREET: "open",
}

TIMES: Final = 2
"""How often an epoch takes a message of real dialogues."""

Find = Callable[[str], MentionFinder]
"""The finder of a built-in catalogue, by its name."""


def verdicts(acts: Iterable[UserAct], text: str) -> frozenset[str]:
    """The acts by the names of the scheme; a verdict is on what was watched, unless its words look ahead."""
    out = {act.name for act in acts}
    if _AHEAD.search(text) is None or "SEEN_IT" in out:
        for new, old in _OPINIONS.items():
            if old in out:
                out = out - {old} | {new}
    return frozenset(out & set(ACTS))


def _acts(said: frozenset[str], known: set[str]) -> tuple[int, ...]:
    return tuple(int(act in said) if act in known else UNKNOWN for act in ACTS)


def ccpe_examples(folder: Path, finder: MentionFinder) -> list[Example]:
    """The messages of real dialogues that may be learned from."""
    said = read_sentences(folder)
    return [
        _ccpe_example(label, said[label.dialogue, label.turn], finder, finder.catalog)
        for label in read_labels()
        if label.part != "held"
    ]


def _ccpe_example(label: Label, text: str, finder: MentionFinder, catalog: Catalog) -> Example:
    slots = []
    for mention in finder.find(text):
        role = "named" if label.question else _role(mention, label.values, label, catalog)
        slots.append(
            replace(_slot(mention), role=UNKNOWN if label.question or not role else ROLES.index(role))
        )
    said = verdicts(label.acts, text)
    told = {taken for opinion, taken in _OPINIONS.items() if opinion in said}  # nothing is on offer there
    known = set() if label.question else _OLD - told
    return Example(text, tuple(slots), _acts(said, known), 0, "ccpe", "movies", TIMES)


def _slot(mention: Mention) -> Slot:
    return Slot(mention.start, mention.end, mention.kind, ROLES.index("named"), UNKNOWN, UNKNOWN)


def _role(mention: Mention, values: Signed, label: Label, catalog: Catalog) -> str:
    """What is meant by a mention, by the labels of its message."""
    if mention.kind in (MentionKind.VALUE, MentionKind.AMOUNT):
        signs = {sign for name, sign in values if name in {catalog.value_names[v] for v in mention.values}}
        return "named" if not signs else "want" if 1 in signs else "avoid"
    if mention.kind == MentionKind.TITLE and mention.item >= 0:
        signs = {sign for name, sign in label.titles if name == catalog.titles[mention.item]}
        if not signs & {1, -1}:
            return "seen" if UserAct.SEEN_IT in label.acts else "named"
        return "liked" if 1 in signs else "disliked"
    if mention.kind == MentionKind.PERSON:
        signs = {sign for _, sign in label.people}
        return "named" if not signs else "want" if 1 in signs else "avoid"
    if mention.kind in (MentionKind.COMPARATIVE, MentionKind.DEGREE):
        return "" if UserAct.RELATIVE in label.acts else "named"
    return ""


def own_examples(find: Find) -> list[Example]:
    """Our own messages that may be learned from."""
    return [_own_example(one, find(one.catalog)) for one in read_own("fit")]


def _own_example(one: OwnSentence, finder: MentionFinder) -> Example:
    said = frozenset(act.name for act in one.acts)
    if re.search(
        r"\b(loved|enjoyed|liked|was (so |really |pretty )?(great|good|brilliant|fantastic))\b", one.text
    ):
        said = verdicts(one.acts, one.text)
    slots = []
    for mention in finder.find(one.text):
        names = {finder.catalog.value_names[v] for v in mention.values}
        signs = {sign for name, sign in one.values if name in names}
        role = ROLES.index("want" if 1 in signs else "avoid") if signs else UNKNOWN
        slots.append(replace(_slot(mention), role=role))
    after = AFTER.index(_AFTER[one.after]) if one.after is not None else 0
    return Example(one.text, tuple(slots), _acts(said & set(ACTS), _OLD), after, "own", one.catalog)

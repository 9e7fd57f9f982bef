"""Labelled sentences of our own, in the styles that the dialogues lack: typed chat, other domains, replies.

Part ``fit`` is what the second stage of understanding is fitted to; parts ``test`` and ``test2`` only measure.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

from chatrec_env.language.acts import SystemAct, UserAct
from experiments.language.dialogue_labels import Signed, signed

OWN_PARTS = {
    "test": "our own, written before the second stage was fitted; their readings were seen once on the way",
    "test2": "our own, not looked at",
}
"""Parts of our own sentences that only measure."""

OWN, ACTS = "own_sentences.csv", "ccpe_acts.csv"


@dataclass(frozen=True, slots=True)
class OwnSentence:
    """A message and what it means.

    Attributes:
        catalog: The domain it is about.
        text: The message.
        acts: What the person does.
        values: Values of the catalogue, each with +1 (wanted) or -1.
        titles: Items of the catalogue, each with +1 or -1.
        after: What the system did before, if that matters.
    """

    catalog: str
    text: str
    acts: frozenset[UserAct]
    values: Signed
    titles: Signed
    after: SystemAct | None


def read_own(part: str) -> list[OwnSentence]:
    """The sentences of part ``"fit"``, ``"test"`` or ``"test2"``, in the order of the file."""
    return [
        OwnSentence(
            catalog=row["catalog"],
            text=row["text"],
            acts=_acts(row["acts"]),
            values=signed(row["values"]),
            titles=signed(row["titles"]),
            after=SystemAct[row["after"].upper()] if row["after"] else None,
        )
        for row in _rows(OWN)
        if row["part"] == part
    ]


def read_acts() -> dict[tuple[int, int], frozenset[UserAct]]:
    """Acts by dialogue and turn, of those that need no value or title; none of them: an empty set."""
    return {(int(row["dialogue"]), int(row["turn"])): _acts(row["acts"]) for row in _rows(ACTS)}


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _acts(names: str) -> frozenset[UserAct]:
    return frozenset(UserAct[name] for name in names.split())

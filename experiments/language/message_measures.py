"""How well messages of a corpus are read from end to end: mentions are found, nothing is given but the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from chatrec_env.language.acts import SystemAct
from chatrec_env.language.learned.reading import Meant
from chatrec_env.language.learned.scheme import ACTS, QUESTIONS, ROLES
from chatrec_env.language.message_reader import MessageReader
from experiments.language.corpus import CATALOGS, Message

PLACES: Final[dict[str, tuple[SystemAct | None, int]]] = {
    "any": (None, 0),
    "open": (SystemAct.GREET, 0),
    "ask": (SystemAct.ASK, 0),
    "confirm": (SystemAct.CONFIRM, 0),
    "recommend": (SystemAct.RECOMMEND, 1),
    "slate": (SystemAct.RECOMMEND, 3),
    "closed": (SystemAct.CLOSE, 0),
}
"""By what the system did just before, its act and how many cards lie on the table."""

_SIGNS: Final = {"want": 1, "avoid": -1}
_SILENT: Final = frozenset(("named",))
_IDLE: Final = frozenset(("SMALL_TALK",))


@dataclass(slots=True)
class Count:
    """How often something was meant, read, and both."""

    meant: int = 0
    read: int = 0
    both: int = 0

    def add(self, meant: bool, read: bool) -> None:
        """Counts one case."""
        self.meant += meant
        self.read += read
        self.both += meant and read


@dataclass(slots=True)
class Measures:
    """Counts over messages."""

    messages: int = 0
    right: int = 0  # acts and roles as meant, nothing more
    acts: dict[str, Count] = field(default_factory=lambda: {act: Count() for act in ACTS})
    roles: dict[str, Count] = field(default_factory=lambda: {role: Count() for role in ROLES})
    question: int = 0  # rightly told from a statement
    wishes: int = 0  # meant as wanted or avoided, and read as either
    signs: int = 0  # of them with the right sign
    by_group: dict[str, list[int]] = field(default_factory=dict)  # by group: messages and right ones

    def add(
        self, message: Message, acts: Iterable[str], meant: Sequence[Meant], groups: Iterable[str]
    ) -> None:
        """Counts one message."""
        said = frozenset(acts)
        for act in ACTS:
            self.acts[act].add(act in message.acts, act in said)
        self.question += bool(message.acts & QUESTIONS) == bool(said & QUESTIONS)
        roles_right = self._add_roles(message, meant)
        right = roles_right and said - _IDLE == message.acts - _IDLE
        self.messages += 1
        self.right += right
        for group in groups:
            counts = self.by_group.setdefault(group, [0, 0])
            counts[0] += 1
            counts[1] += right

    def _add_roles(self, message: Message, meant: Sequence[Meant]) -> bool:
        """Counts the mentions; returns whether all were read as meant, and nothing else was."""
        fine, used = True, set[int]()
        for gold in message.mentions:
            over = [
                i
                for i, one in enumerate(meant)
                if one.mention.start < gold.end and gold.start < one.mention.end
            ]
            used.update(over)
            got = {meant[i].role for i in over} - _SILENT or {"named"}
            hit = gold.role in got
            fine &= hit and len(got) == 1
            self.roles[gold.role].meant += 1
            self.roles[gold.role].both += hit
            signs = {_SIGNS[role] for role in got if role in _SIGNS}
            if gold.role in _SIGNS and signs:
                self.wishes += 1
                self.signs += signs == {_SIGNS[gold.role]}
            for role in got:
                self.roles[role].read += 1
        for i, one in enumerate(meant):
            if i not in used and one.role not in _SILENT:
                self.roles[one.role].read += 1
                fine = False
        return fine


def measure(
    messages: Sequence[Message],
    reader_of: Callable[[str], MessageReader],
    groups: Callable[[Message], Iterable[str]] = lambda message: (message.domain,),
) -> Measures:
    """Reads messages and counts.

    Args:
        messages: Of a corpus.
        reader_of: The reader of a built-in catalogue.
        groups: What a message counts towards, beside the whole.
    """
    out = Measures()
    for message in messages:
        after, on_table = PLACES[message.after]
        acts, meant = reader_of(CATALOGS[message.domain]).judge(message.text, after=after, on_table=on_table)
        out.add(message, acts, meant, groups(message))
    return out


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927); 0 to 1 where nothing was counted."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    share, extra = hits / of, z * z / of
    centre = (share + extra / 2) / (1 + extra)
    half = z * np.sqrt(share * (1 - share) / of + extra / (4 * of)) / (1 + extra)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def rows(measures: Measures, by_group: str = "domain") -> list[dict[str, Any]]:
    """The figures, one row each: a share of cases with its interval."""
    out = [
        _row("message read right", measures.right, measures.messages),
        _row("question told from statement", measures.question, measures.messages),
        _row("polarity of wishes", measures.signs, measures.wishes),
    ]
    for kind, counts in (("act", measures.acts), ("role", measures.roles)):
        for name, count in counts.items():
            if count.meant or count.read:
                out.append(_row(f"{kind} {name.lower()}: precision", count.both, count.read))
                out.append(_row(f"{kind} {name.lower()}: recall", count.both, count.meant))
    for name, (total, right) in sorted(measures.by_group.items()):
        out.append(_row(f"{by_group} {name}: read right", right, total))
    return out


def _row(name: str, hits: int, of: int) -> dict[str, Any]:
    low, high = wilson(hits, of)
    return {"measure": name, "hits": hits, "of": of, "share": hits / max(of, 1), "low": low, "high": high}

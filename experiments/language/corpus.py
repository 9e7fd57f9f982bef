"""The project's own corpus: messages with their acts, and their mentions with what is meant by them.

A file of the corpus is tab-separated, UTF-8, a header line first: ``domain``, ``after`` (what the system did just
before), ``family`` (a way of phrasing; families are held out as a whole), ``acts`` and ``text`` with its mentions in
brackets: ``[surface|role]``, the role with ``!`` (firm) or ``?`` (soft) and ``@other`` (someone else's wish). The check
sets, which only measure, have a first column ``kind`` besides.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Final
from zlib import crc32

from chatrec_env.errors import CatalogError
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES

COLUMNS: Final = ["domain", "after", "family", "acts", "text"]
CATALOGS: Final = {
    "films": "movies",
    "any": "movies",
    **{name: name for name in ("books", "music", "shopping", "travel", "courses")},
}
"""Built-in catalogue of each domain; messages that fit every domain are read as about films."""

HELD_SHARE: Final = 0.15
"""Share of the families that is held out."""

NO_MESSAGES: Final = frozenset(("reasons.tsv",))
"""Files beside the check sets that are of another form."""

_MENTION: Final = re.compile(r"\[([^\[\]|]+)\|([a-z]+)([!?]?)(@other)?\]")


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention as it was marked: ``text[start:end]``."""

    start: int
    end: int
    role: str
    strength: str = ""  # `"!"`, `"?"` or empty
    other: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what it means."""

    domain: str
    after: str
    family: str
    acts: frozenset[str]
    text: str
    mentions: tuple[Marked, ...]
    kind: str = ""  # of a check: what kind of talk it tries


def parse_message(domain: str, after: str, family: str, acts: str, marked: str) -> Message:
    """A line of a file.

    Raises:
        ValueError: A name is not one of the scheme's, or a bracket is left over.
    """
    text, mentions, at = "", list[Marked](), 0
    for found in _MENTION.finditer(marked):
        text += marked[at : found.start()]
        start = len(text)
        text += found[1]
        if found[2] not in ROLES:
            raise ValueError(f"a role is one of {', '.join(ROLES)}, got {found[2]!r}")
        mentions.append(Marked(start, len(text), found[2], found[3], bool(found[4])))
        at = found.end()
    text += marked[at:]
    if "[" in text or "|" in text:
        raise ValueError(f"a mention is [surface|role], got {marked!r}")
    said = frozenset(acts.split("+")) - {"-", ""}
    if unknown := sorted(said - set(ACTS)):
        raise ValueError(f"an act is one of {', '.join(ACTS)}, got {unknown[0]!r}")
    if domain not in CATALOGS or after not in AFTER:
        raise ValueError(f"unknown domain or place: {domain!r}, {after!r}")
    return Message(domain, after, family, said, text, tuple(mentions))


def read_file(path: Path) -> list[Message]:
    """The messages of a file, in order.

    Raises:
        CatalogError: A line is no message; names it.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    kinds = header[:1] == ["kind"]
    if header[kinds:] != COLUMNS:
        raise CatalogError(f"{path} is no corpus: expected columns {COLUMNS}, got {header}.")
    out = []
    for number, row in enumerate(rows, start=2):
        try:
            if len(row) != len(header):
                raise ValueError(f"{len(header)} columns expected, got {len(row)}")
            out.append(replace(parse_message(*row[kinds:]), kind=row[0] if kinds else ""))
        except ValueError as error:
            raise CatalogError(f"{path}, line {number}: {error}.") from None
    return out


def read_corpus(folder: str = "corpus", language: str = "english") -> list[Message]:
    """All messages of ``corpus`` or ``checks``, by file name and line."""
    root = Path(str(resources.files(__package__))) / folder / language
    paths = sorted(path for path in root.glob("*.tsv") if path.name not in NO_MESSAGES)
    return [message for path in paths for message in read_file(path)]


def held_halves(messages: Iterable[Message]) -> tuple[frozenset[str], frozenset[str]]:
    """The held-out families that choose thresholds, and those that only measure.

    By name alone, so that a family stays where it is when the corpus grows.
    """
    places = {message.family: crc32(message.family.encode()) % 1000 for message in messages}
    held = {name: place for name, place in places.items() if place < 1000 * HELD_SHARE}
    chosen = frozenset(name for name, place in held.items() if place % 2)
    return chosen, frozenset(held) - chosen

"""Every line of the reader's corpus keeps to the format, and no act or role is rare.

The format is described in ``experiments/language/corpus/README.md``.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "experiments" / "language" / "corpus"
HEADER = "domain\tafter\tfamily\tacts\ttext"
DOMAINS = {"films", "books", "music", "shopping", "travel", "courses", "any"}
AFTER = {"open", "ask", "confirm", "recommend", "slate", "closed", "any"}
ACTS = {
    *("GREET", "THANK", "LEAVE", "YES", "NO", "DONT_KNOW", "NO_PREFERENCE", "ACCEPT", "REJECT", "SEEN_IT"),
    *("LIKED_IT", "DISLIKED_IT", "MORE_LIKE_THAT", "IMPATIENT", "DOUBT", "MISMATCH", "ASK_FACT", "ASK_PLOT"),
    *("ASK_OPINION", "ASK_WHY", "COMPARE", "FIND_ITEM", "CONDITION", "START_OVER", "UNDO", "HELP", "INSULT"),
    *("OTHER_LANGUAGE", "SMALL_TALK"),
}
ROLES = {
    *(
        "want",
        "avoid",
        "drop",
        "asked",
        "lacks",
        "too",
        "enough",
        "except",
        "like",
        "liked",
        "disliked",
        "seen",
    ),
    *("take", "find", "named"),
}
MENTION = re.compile(r"\[([^\[\]|]+)\|([a-z]+)([!?]?)(@other)?\]")
LEAST_OF_EACH = 40
LEAST_OF_MARK = {"!": 80, "?": 80, "@other": 60}


class Line(NamedTuple):
    """One message of the corpus and where it stands."""

    place: str
    domain: str
    after: str
    family: str
    acts: str
    text: str


def read(path: Path) -> list[Line]:
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert header == HEADER, f"{path.name}: the first line must be {HEADER!r}, not {header!r}."
    lines = []
    for number, row in enumerate(rows, 2):
        fields = row.split("\t")
        assert len(fields) == 5, f"{path.name}:{number} has {len(fields)} columns, 5 are expected: {row!r}"
        lines.append(Line(f"{path.name}:{number}", *fields))
    return lines


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return [line for path in sorted(CORPUS.rglob("*.tsv")) for line in read(path)]


def faults(line: Line) -> list[str]:
    """What in a line is not of the format, in words."""
    found = []
    if line.domain not in DOMAINS:
        found.append(f"unknown domain {line.domain!r}")
    if line.after not in AFTER:
        found.append(f"unknown system act {line.after!r}")
    if not re.fullmatch(r"[a-z0-9_]+", line.family):
        found.append(f"family {line.family!r} must be lower-case letters, digits and underscores")
    acts = [] if line.acts == "-" else line.acts.split("+")
    if unknown := [act for act in acts if act not in ACTS]:
        found.append(f"unknown acts {unknown}")
    if len(set(acts)) < len(acts):
        found.append(f"an act stands twice in {line.acts!r}")
    if re.search(r"[\[\]|]", MENTION.sub("", line.text)):
        found.append(f"a bracket is no [surface|role] in {line.text!r}")
    mentions = MENTION.findall(line.text)
    if unknown := [role for _, role, _, _ in mentions if role not in ROLES]:
        found.append(f"unknown roles {unknown}")
    if any(surface != surface.strip() for surface, _, _, _ in mentions) or line.text != line.text.strip():
        found.append("space at an end of the message or of a mention")
    if not line.text:
        found.append("no text")
    return found


def test_every_line_keeps_to_the_format(lines: list[Line]) -> None:
    assert [f"{line.place}: {fault}" for line in lines for fault in faults(line)] == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"domain": "opera"}, "unknown domain 'opera'", id="domain"),
        pytest.param({"after": "later"}, "unknown system act 'later'", id="after"),
        pytest.param({"acts": "ACCEPT+MAYBE"}, "unknown acts ['MAYBE']", id="act"),
        pytest.param({"text": "[scary|wish]"}, "unknown roles ['wish']", id="role"),
        pytest.param(
            {"text": "no [scary|avoid"}, "a bracket is no [surface|role] in 'no [scary|avoid'", id="open"
        ),
    ],
)
def test_a_fault_is_named(change: dict[str, str], fault: str) -> None:
    good = Line("x.tsv:2", "films", "open", "bare", "-", "[scary|want?@other]")
    assert faults(good) == []
    assert faults(good._replace(**change)) == [fault]


def test_no_message_stands_twice(lines: list[Line]) -> None:
    # The same words may mean different things after different system acts, so those count as different messages.
    told = Counter((x.domain, x.after, MENTION.sub(r"\1", x.text)) for x in lines)
    assert [message for message, times in told.items() if times > 1] == []


def test_no_act_and_no_role_is_rare(lines: list[Line]) -> None:
    acts = Counter(act for line in lines for act in line.acts.split("+"))
    mentions = [mention for line in lines for mention in MENTION.findall(line.text)]
    roles = Counter(role for _, role, _, _ in mentions)
    marks = Counter(mark for _, _, strength, other in mentions for mark in (strength, other))
    rare = {name: acts[name] for name in ACTS if acts[name] < LEAST_OF_EACH}
    rare |= {name: roles[name] for name in ROLES if roles[name] < LEAST_OF_EACH}
    rare |= {mark: marks[mark] for mark, least in LEAST_OF_MARK.items() if marks[mark] < least}
    assert rare == {}

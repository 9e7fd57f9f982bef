"""Dialogues to compare, real and simulated, in one form; and the readers of real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import ParsedAct, UserAct
from experiments.language.dialogue_labels import DIALOGUES

if TYPE_CHECKING:
    from chatrec_env.language.parser import Parser
    from experiments.cli.progress import Meter

OVERALL = "OVERALL"
"""What stands for the whole dialogue in the last line of each dialogue with marks."""

SATISFIED = 3.0
"""Marks of satisfaction are 1 to 5; below this one a person counts as frustrated."""

WISHES = frozenset(
    {
        *(
            UserAct.WANT,
            UserAct.AVOID,
            UserAct.LIKED_ITEM,
            UserAct.DISLIKED_ITEM,
            UserAct.ENTITY,
            UserAct.CONTEXT,
        ),
        *(UserAct.LIKE, UserAct.LIKE_BUT, UserAct.CHANGE_MIND, UserAct.EXCEPT),
    }
)
"""Acts that tell what somebody wants or avoids."""

Wish = tuple[int, int, int, int, int]
"""Value, item, person and company named, and for or against; -1 where none."""


@dataclass(slots=True)
class Dialogue:
    """One dialogue.

    Attributes:
        said: The person's turns; lines of theirs that follow each other are one turn.
        system: Name of the system, empty if that is not known.
        frustrated: Whether the person was, as they said or others judged; None if that is not known.
        acts: Acts read in each turn.
        wishes: Wishes read in each turn.
        took: Turns after the opening up to the first acceptance that is read, 0 if there is none.
    """

    said: list[str]
    system: str = ""
    frustrated: bool | None = None
    acts: list[frozenset[UserAct]] = field(default_factory=list)
    wishes: list[frozenset[Wish]] = field(default_factory=list)
    took: int = 0


def wish_of(act: ParsedAct) -> Wish:
    """What a wish is about, so that the same wish is known again."""
    return act.value, act.item, act.entity, act.context, act.polarity


def read_with(parser: Parser, dialogues: Sequence[Dialogue], meter: Meter, label: str) -> None:
    """Read what the persons say; real and simulated dialogues are read by the same parser."""
    known: dict[str, tuple[ParsedAct, ...]] = {}
    with meter.work(label, len(dialogues), "dialogues") as work:
        for dialogue in dialogues:
            for text in dialogue.said:
                if text not in known:
                    known[text] = parser.parse(text)
            note(dialogue, [known[text] for text in dialogue.said])
            work.add(1)


def note(dialogue: Dialogue, read: Iterable[Sequence[ParsedAct]]) -> None:
    """Fill in what is read in a dialogue, turn by turn."""
    for acts in read:
        dialogue.acts.append(frozenset(act.act for act in acts))
        dialogue.wishes.append(frozenset(wish_of(act) for act in acts if act.act in WISHES))
    takes = [i for i, acts in enumerate(dialogue.acts) if i and UserAct.ACCEPT in acts]
    dialogue.took = takes[0] if takes else 0


def read_real(path: Path) -> list[Dialogue]:
    """Real dialogues: CCPE-M with marks of satisfaction, or JSON as DialogueKit has it (CRSArena-Dial).

    Args:
        path: A file, or a folder with ``dialogues-dev.tsv`` or JSON files.

    Raises:
        ArtifactError: There are none, or a file is not as its format says.
    """
    files = [path]
    if path.is_dir():
        marked = path / DIALOGUES
        files = [marked] if marked.is_file() else sorted(path.glob("*.json"))
    if not files or not all(file.is_file() for file in files):
        raise ArtifactError(
            f"No dialogues at {path}. Expected {DIALOGUES} (CCPE-M with the satisfaction marks of Sun et al. 2021), or "
            "JSON files of DialogueKit's form (CRSArena-Dial). Name the file or its folder: --dialogues PATH."
        )
    found: list[Dialogue] = []
    for file in files:
        reader: Callable[[str], list[Dialogue]] = _from_json if file.suffix == ".json" else _from_lines
        try:
            found += reader(file.read_text(encoding="utf-8"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArtifactError(f"{file} holds no dialogues that can be read: {error!r}.") from error
    kept = [dialogue for dialogue in found if dialogue.said]
    if len(kept) < 4:
        raise ArtifactError(
            f"{path} holds {len(kept)} dialogues in which a person speaks; at least 4 are needed."
        )
    return kept


def _from_lines(text: str) -> list[Dialogue]:
    """Speaker, sentence, label and marks in each line, an empty line between dialogues."""
    out = []
    for block in text.split("\n\n"):
        dialogue, before = Dialogue([]), ""
        for line in block.strip().splitlines():
            speaker, sentence, *rest = line.split("\t")
            if speaker == "USER" and sentence == OVERALL:
                marks = [float(mark) for mark in rest[-1].split(",") if mark]
                dialogue.frustrated = bool(np.mean(marks) < SATISFIED) if marks else None
                continue
            if speaker == "USER":
                _say(dialogue, sentence, joined=before == "USER")
            before = speaker
        out.append(dialogue)
    return out


def _from_json(text: str) -> list[Dialogue]:
    """A list of dialogues of DialogueKit; the sentiment of CRSArena-Dial, where it is given."""
    out = []
    for told in json.loads(text):
        metadata: dict[str, Any] = told.get("metadata") or {}
        sentiment = metadata.get("sentiment")
        frustrated = None if sentiment is None else sentiment == "frustrated"
        dialogue, before = Dialogue([], str(told["agent"]["id"]), frustrated), ""
        for line in told["conversation"]:
            if line["participant"] == "USER" and line["utterance"].strip():
                _say(dialogue, line["utterance"].strip(), joined=before == "USER")
            before = line["participant"]
        out.append(dialogue)
    return out


def _say(dialogue: Dialogue, text: str, *, joined: bool) -> None:
    if joined and dialogue.said:
        dialogue.said[-1] = f"{dialogue.said[-1]} {text}"
    else:
        dialogue.said.append(text)

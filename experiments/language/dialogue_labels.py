"""Labelled sentences: of real dialogues, and our own in styles that those lack (typed chat, other domains, replies).

Of our own, part ``fit`` is what the second stage of understanding is fitted to; the other parts only measure.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from chatrec_env.errors import ArtifactError, CatalogError
from chatrec_env.language.acts import SystemAct, UserAct

FITTED = "fit"
"""The part that is not measured."""

PARTS = {
    "dev": "looked at while the rules were improved; the second stage is fitted to it",
    "held": "held out: not looked at",
    FITTED: "labelled to fit the second stage",
}
"""Parts of the labels, by dialogue."""

DIALOGUES = "dialogues-dev.tsv"
_COLUMNS = ["part", "dialogue", "turn", "acts", "values", "titles", "people", "question"]
_SIGNS = {"+": 1, "-": -1, "0": 0}

Signed = frozenset[tuple[str, int]]

OWN_PARTS = {
    "test": "our own, written before the second stage was fitted; their readings were seen once on the way",
    "test2": "our own, not looked at",
}
"""Parts of our own sentences that only measure."""

OWN = "own_sentences.csv"


@dataclass(frozen=True, slots=True)
class Label:
    """What one sentence means.

    Attributes:
        part: A key of ``PARTS``.
        dialogue: Number of the dialogue in the file, from 1.
        turn: Number of the line in the dialogue, from 1.
        acts: What the person does.
        values: Values of the film catalogue, each with +1 (wanted or liked) or -1.
        titles: Films named, in the catalogue or not, each with +1, -1 or 0 (only spoken of).
        people: Named people the catalogue knows, each with +1 or -1.
        question: Whether only the question before tells liked from disliked: a bare title or value.
    """

    part: str
    dialogue: int
    turn: int
    acts: frozenset[UserAct]
    values: Signed
    titles: Signed
    people: Signed
    question: bool


def read_labels(path: Path | None = None) -> list[Label]:
    """The labels, in the order of the file.

    Args:
        path: Another file of the same columns; default: the one that ships with the package.

    Raises:
        CatalogError: If a line is not a label; names it.
    """
    source = path if path is not None else resources.files(__package__) / "ccpe_labels.csv"
    reader = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    if reader.fieldnames != _COLUMNS:
        raise CatalogError(
            f"{source} is no file of labels: expected columns {_COLUMNS}, got {reader.fieldnames}."
        )
    labels = []
    for row in reader:
        try:
            labels.append(_label(row))
        except (AttributeError, KeyError, ValueError) as error:
            raise CatalogError(f"{source}, line {reader.line_num}, is no label: {error!r}.") from error
    return labels


def _label(row: dict[str, str]) -> Label:
    if row["part"] not in PARTS:
        raise ValueError(f"part must be one of {sorted(PARTS)}, got {row['part']!r}")
    return Label(
        part=row["part"],
        dialogue=int(row["dialogue"]),
        turn=int(row["turn"]),
        acts=frozenset(UserAct[name] for name in row["acts"].split()),
        values=signed(row["values"]),
        titles=signed(row["titles"]),
        people=signed(row["people"]),
        question=row["question"] == "1",
    )


def signed(text: str) -> Signed:
    """Names with their signs: ``"+comedy|-war"``."""
    return frozenset((one[1:], _SIGNS[one[0]]) for one in text.split("|") if one)


def read_sentences(folder: Path) -> dict[tuple[int, int], str]:
    """Every user sentence of the dialogues, by dialogue and turn.

    Raises:
        ArtifactError: If the file is not there; says where to get it.
    """
    path = folder / DIALOGUES if folder.is_dir() else folder
    if not path.is_file():
        raise ArtifactError(
            f"No dialogues at {path}. Expected {DIALOGUES}: the CCPE-M dialogues as released with the "
            "user-satisfaction annotations of Sun et al. 2021 (CC BY 4.0), one line a turn (speaker, sentence, "
            "label, marks; separated by tabs), an empty line between dialogues. Name its folder: --dialogues FOLDER."
        )
    found: dict[tuple[int, int], str] = {}
    dialogue, turn = 1, 0
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.strip():
            dialogue, turn = dialogue + (turn > 0), 0
            continue
        turn += 1
        speaker, _, rest = line.partition("\t")
        if speaker == "USER":
            found[dialogue, turn] = rest.partition("\t")[0]
    return found


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


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _acts(names: str) -> frozenset[UserAct]:
    return frozenset(UserAct[name] for name in names.split())

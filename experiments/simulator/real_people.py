"""Real people to compare simulated ones with: how they talk about films, and how they rate them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import CatalogError
from chatrec_env.language.acts import UserAct
from experiments.language.dialogue_labels import read_sentences
from simulators.fidelity import bigrams, words

if TYPE_CHECKING:
    import pandas as pd

    from chatrec_env.language.parser import Parser
    from experiments.cli.progress import Meter

RATINGS = (
    ("ratings.csv", ",", 0),
    ("u.data", "\t", None),
    ("ratings.dat", "::", None),
)
"""Rating files of the MovieLens layouts: name, separator, header line."""

LIKED = 4
"""Stars from which a film counts as liked."""


@dataclass(slots=True)
class Talk:
    """What real people said, n dialogues.

    Attributes:
        acts: Turns in which each ``UserAct`` was read, (n, A) int64.
        lengths: Words of each turn.
        pairs: Neighbouring words of each dialogue, never across turns.
    """

    acts: npt.NDArray[np.int64]
    lengths: list[list[int]]
    pairs: list[Counter[Hashable]]


@dataclass(slots=True)
class Ratings:
    """How real people rate, n people.

    Attributes:
        stars: Ratings of 1 to 5 stars, half stars rounded up, (n, 5) int64.
        popularity_gap: Mean popularity of what they liked less that of all they rated, (n,); NaN where undefined.
    """

    stars: npt.NDArray[np.int64]
    popularity_gap: npt.NDArray[np.float64]


def read_talk(folder: Path, parser: Parser, meter: Meter) -> Talk:
    """Read the user turns of CCPE-M dialogues; lines of the person that follow each other are one turn.

    Raises:
        ArtifactError: If the dialogues are not there; says where to get them.
    """
    turns: dict[int, list[str]] = {}
    before = (0, 0)
    for (dialogue, line), text in read_sentences(folder).items():
        own = turns.setdefault(dialogue, [])
        if before == (dialogue, line - 1):
            own[-1] = f"{own[-1]} {text}"
        else:
            own.append(text)
        before = (dialogue, line)
    acts = np.zeros((len(turns), len(UserAct)), np.int64)
    with meter.work("Reading real dialogues", len(turns), "dialogues") as work:
        for row, own in enumerate(turns.values()):
            for text in own:
                acts[row, [int(act) for act in {act.act for act in parser.parse(text)}]] += 1
            work.add(1)
    return Talk(
        acts,
        [[len(words(text)) for text in own] for own in turns.values()],
        [sum((bigrams(text) for text in own), Counter[Hashable]()) for own in turns.values()],
    )


def read_ratings(folder: Path) -> Ratings:
    """Read the ratings of a MovieLens folder (latest, 25M, 100k or 1M layout).

    Popularity is ``log(1 + n) / log(1 + max n)`` over rating counts, as in a catalogue made from the same folder.

    Raises:
        CatalogError: If there is no such file, or it is not as its layout says.
    """
    import pandas as pd

    for name, separator, header in RATINGS:
        path = folder / name
        if not path.is_file():
            continue
        try:
            table = pd.read_csv(
                path,
                sep=separator,
                header=header,
                usecols=[0, 1, 2],
                engine="c" if len(separator) == 1 else "python",
            )
            table.columns = pd.Index(["person", "film", "stars"])
            table["stars"] = np.ceil(table["stars"].astype(np.float64)).astype(np.int64)
        except (ValueError, TypeError, KeyError) as error:
            raise CatalogError(
                f"{path} holds no MovieLens ratings (person, film, stars, time): {error}."
            ) from error
        if len(table) and table["stars"].between(1, 5).all():
            return _ratings(table)
        raise CatalogError(
            f"{path}: expected ratings above 0 and up to 5 stars, got {table['stars'].describe()}."
        )
    raise CatalogError(
        f"{folder}: expected MovieLens ratings, one of {', '.join(name for name, *_ in RATINGS)}."
    )


def _ratings(table: pd.DataFrame) -> Ratings:
    counts = table["film"].map(table["film"].value_counts()).to_numpy(np.float64)
    popularity = np.log1p(counts) / np.log1p(counts.max())
    person, people = _numbered(table["person"].to_numpy())
    stars = table["stars"].to_numpy(np.int64)
    told = np.zeros((people, 5), np.int64)
    np.add.at(told, (person, stars - 1), 1)

    def mean(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        total = np.bincount(person[mask], popularity[mask], people)
        n = np.bincount(person[mask], minlength=people).astype(np.float64)
        return np.divide(total, n, out=np.full(people, np.nan), where=n > 0)

    return Ratings(told, mean(stars >= LIKED) - mean(np.ones(len(stars), np.bool_)))


def _numbered(ids: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.intp], int]:
    """Ids as 0 .. n-1, and n."""
    known, places = np.unique(ids, return_inverse=True)
    return places, len(known)

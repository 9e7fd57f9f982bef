"""Real people to compare simulated ones with: how they talk about films, and how they rate them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import load_catalog
from chatrec_env.catalog.loading import MOVIELENS_PREFIX
from chatrec_env.language.acts import UserAct
from experiments.language.dialogue_labels import read_sentences
from experiments.simulator.checking.dialogues import OVERALL
from simulators.calibration.heldout import LIKED
from simulators.calibration.realism import whole_stars
from simulators.fidelity import bigrams, words
from simulators.ratings import Ratings, read_ratings

if TYPE_CHECKING:
    from chatrec_env.language.parser import Parser
    from experiments.cli.progress import Meter


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
class Raters:
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
        if text == OVERALL:  # stands for the whole dialogue; nobody said it
            continue
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


def read_raters(folder: Path) -> Raters:
    """How the people of a MovieLens folder rate.

    Raises:
        CatalogError: A file is not as its layout says.
    """
    return raters_of(read_ratings(folder, load_catalog(f"{MOVIELENS_PREFIX}{folder}")))


def raters_of(ratings: Ratings) -> Raters:
    """How people rate; popularity is ``log(1 + n) / log(1 + max n)`` over rating counts, as in a catalogue."""
    counts = np.log1p(np.bincount(ratings.items, minlength=ratings.n_items))
    popularity = counts[ratings.items] / counts.max()
    stars = whole_stars(ratings).stars.astype(np.int64)
    told = np.zeros((ratings.n_users, 5), np.int64)
    np.add.at(told, (ratings.users, stars - 1), 1)

    def mean(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        total = np.bincount(ratings.users[mask], popularity[mask], ratings.n_users)
        n = np.bincount(ratings.users[mask], minlength=ratings.n_users).astype(np.float64)
        return np.divide(total, n, out=np.full(ratings.n_users, np.nan), where=n > 0)

    return Raters(told, mean(stars >= LIKED) - mean(np.ones(len(stars), np.bool_)))

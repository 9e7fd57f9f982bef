"""How well an encoder finds the items that have a notion, of phrasings that share no word with it.

    python -m experiments.language.eval_meaning --encoders minilm hash
    python -m experiments.language.eval_meaning --encoders minilm --themes

A notion is something people want that no facet holds. ``simulators/notions/data/<catalog>.json`` names for each the
items that have it, phrasings to choose settings by (``say``) and others to report on (``held_out``). With ``--themes``
also how well the themes that come with the catalogues find them, by one phrasing, and by two and three heard together.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language import Grammar, make_encoder
from chatrec_env.language.encoders.base import Encoder, Vectors
from chatrec_env.retrieval.dense import DenseIndex, plain_sentences
from chatrec_env.retrieval.theme_files import LEARNED, load_themes
from chatrec_env.retrieval.themes import Themes
from experiments.cli.terminal import output
from experiments.report.grid import Grid
from simulators.notions.files import DATA, Notion, load_notions

PARTS = ("say", "held_out")
BEST = 10
"""Items of which the precision is taken."""

Floats = npt.NDArray[np.floating]


def auc(scores: Floats, items: npt.NDArray[np.intp]) -> float:
    """Chance that one of ``items`` has a higher score ``(I,)`` than one that is none of them; equal ones count half."""
    mine, others = scores[items], np.delete(scores, items)
    below = np.searchsorted(np.sort(others), mine, "left") + np.searchsorted(np.sort(others), mine, "right")
    return float(below.mean() / 2 / len(others))


def precision(scores: Floats, items: npt.NDArray[np.intp], best: int = BEST) -> float:
    """Share of the ``best`` items by score that are among ``items``; of equal scores the first rows count."""
    return float(np.isin(np.argsort(-scores, kind="stable")[:best], items).mean())


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one catalogue, encoder and part; means over phrasings."""

    catalog: str
    encoder: str
    part: str
    phrasings: int
    auc: float
    precision: float
    chance: float  # precision of any ten items
    heard: float  # share of the phrasings that count as saying something beyond the slots
    plain: float  # the same of plain sentences


def measure(catalog: Catalog, encoder: Encoder, notions: Sequence[Notion]) -> Iterator[Found]:
    """Figures of each part."""
    grammar = Grammar(catalog)
    index = DenseIndex(catalog, grammar, encoder)
    other = set(plain_sentences(grammar, wording=1)) - set(plain_sentences(grammar))
    plain = index.likeness(encoder.encode(sorted(other))).any(1).mean()
    for part in PARTS:
        asked = [(np.array(notion.items), text) for notion in notions for text in notion.phrases(part)]
        vectors = encoder.encode([text for _, text in asked])
        scores = index.similarity(vectors)
        yield Found(
            catalog.name,
            encoder.name,
            part,
            len(asked),
            float(np.mean([auc(row, items) for row, (items, _) in zip(scores, asked, strict=True)])),
            float(np.mean([precision(row, items) for row, (items, _) in zip(scores, asked, strict=True)])),
            float(np.mean([len(items) for items, _ in asked])) / catalog.n_items,
            float(index.likeness(vectors).any(1).mean()),
            float(plain),
        )


def expected_worth(themes: Themes, vectors: Vectors) -> Floats:
    """What items (I,) are expected to gain by what is said in these sentences ``(n, D)``, heard together."""
    evidence = np.sum([hits.alike for hits in themes.evidence(vectors)], axis=0) + np.log(themes.share)
    chance = np.exp(evidence - evidence.max())
    worth: Floats = (chance / chance.sum()) @ themes.worth
    return worth


def measure_themes(catalog: Catalog, encoder: Encoder, notions: Sequence[Notion]) -> Iterator[Found]:
    """Figures of the catalogue's themes, by as many held-out phrasings of a notion at a time."""
    themes = load_themes(LEARNED, catalog, encoder.name)
    vectors = [encoder.encode(list(notion.held_out)) for notion in notions]
    for count in (1, 2, 3):
        asked = [
            (np.array(notion.items), expected_worth(themes, said[first : first + count]))
            for notion, said in zip(notions, vectors, strict=True)
            for first in range(0, len(said) - count + 1, count)
        ]
        yield Found(
            catalog.name,
            f"{encoder.name}+themes",
            "held_out" if count == 1 else f"held_out x {count}",
            len(asked),
            float(np.mean([auc(row, items) for items, row in asked])),
            float(np.mean([precision(row, items) for items, row in asked])),
            float(np.mean([len(items) for items, _ in asked])) / catalog.n_items,
            float("nan"),
            float("nan"),
        )


def main() -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, default=DATA, help="where the files of notions are")
    parser.add_argument("--encoders", nargs="+", default=["minilm", "hash"])
    parser.add_argument("--themes", action="store_true", help="the themes that come with the catalogues too")
    asked = parser.parse_args()
    heads = (
        "catalogue",
        "encoder",
        "part",
        "phrasings",
        "AUC",
        f"P@{BEST}",
        "chance",
        "heard",
        "plain heard",
    )
    table = Grid(heads, text=(1, 2))
    for path in sorted(asked.folder.glob("*.json")):
        catalog = load_catalog(path.stem)
        notions = load_notions(catalog, str(path))
        for name in asked.encoders:
            found = list(measure(catalog, make_encoder(name), notions))
            if asked.themes:
                found += measure_themes(catalog, make_encoder(name), notions)
            for f in found:
                figures = (f.auc, f.precision, f.chance, f.heard, f.plain)
                told = ("" if np.isnan(figure) else f"{figure:.3f}" for figure in figures)
                table.add(f.catalog, f.encoder, f.part, f.phrasings, *told)
    output().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

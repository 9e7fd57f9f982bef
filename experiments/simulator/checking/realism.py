"""Realism: how like real people simulated ones are, by a learned classifier, by distances, by how they talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from experiments.cli.progress import Meter
from experiments.evaluate.stats import Interval
from experiments.simulator.checking.classifier import (
    Features,
    Vectors,
    halves_apart,
    surfaces,
    told_apart,
    whole,
    with_wishes,
)
from experiments.simulator.checking.dialogues import Dialogue
from experiments.simulator.checking.manner import ABOUT, BY_TURN, DISTANCES, Manner, distance, distinct_of
from experiments.simulator.checking.rows import HALVES, REAL, REALISM, Row, row

TOLD, FAR, MANNER = "told apart by a classifier, AUC", "distance to half of the real people", "how they talk"
TURN_BY_TURN = f"{FAR}, turn by turn"
HEADLINE = "messages, by meaning"
"""The AUC that tells most: whole dialogues differ by what they are about, and in length, as well."""


def realism(
    real: Sequence[Dialogue],
    simulated: Mapping[str, Sequence[Dialogue]],
    vectors: Vectors,
    meter: Meter,
    *,
    seeds: int,
    seed: int,
) -> list[Row]:
    """All rows of realism.

    Args:
        real: Real dialogues, read.
        simulated: Those of each simulator, read.
        vectors: Sentence vectors.
        meter: Shows the progress.
        seeds: How often the folds of the classifier are drawn.
        seed: Of all draws.
    """
    everyone = {REAL: real, **simulated}
    for name, dialogues in everyone.items():
        vectors.read(dialogues, meter, f"Encoding, {name}")
    rows = _told_apart(everyone, vectors, meter, seeds, seed)
    figures = {name: Manner(dialogues) for name, dialogues in everyone.items()}
    recommended = any(dialogue.system for dialogue in real)
    for part, measures in ((FAR, DISTANCES), (TURN_BY_TURN, BY_TURN)):
        for name, compared in measures.items():
            if name.startswith("depth") and not recommended:
                continue  # nothing was recommended to these people
            cells = {s: distance(compared, figures[REAL], figures[s], seed) for s in simulated}
            cells[HALVES] = distance(compared, figures[REAL], None, seed)
            rows.append(row(REALISM, part, name, compared[0], cells, 3))
    for name, about in ABOUT.items():
        rows.append(
            row(REALISM, MANNER, name, about, {s: own.mean(name, seed) for s, own in figures.items()})
        )
    about = "share of different word pairs among as many, in halves of the people"
    rows.append(row(REALISM, MANNER, "distinct-2", about, distinct_of(figures, seed)))
    return rows


def _told_apart(
    everyone: Mapping[str, Sequence[Dialogue]], vectors: Vectors, meter: Meter, seeds: int, seed: int
) -> list[Row]:
    ways: dict[str, tuple[str, Callable[[Sequence[Dialogue]], Features]]] = {
        "meaning": (f"sentence vectors ({vectors.encoder.name})", vectors.of),
        "writing": ("lengths, marks, case, digits, courtesy", surfaces),
    }
    rows = []
    with meter.work("Telling apart", len(ways) * 3 * len(everyone), "classifiers") as work:
        for way, (about, features) in ways.items():
            told = {name: features(dialogues) for name, dialogues in everyone.items()}
            forms: dict[str, dict[str, Features]] = {
                "whole dialogues": {name: whole(own) for name, own in told.items()},
                "messages": told,
                "messages with a wish": {
                    name: with_wishes(everyone[name], own) for name, own in told.items()
                },
            }
            for form, own in forms.items():
                cells: dict[str, Interval] = {}
                for name, theirs in own.items():
                    if name == REAL:
                        cells[HALVES] = halves_apart(theirs, seeds, seed)
                    else:
                        cells[name] = told_apart(own[REAL], theirs, seeds, seed)
                    work.add(1)
                rows.append(row(REALISM, TOLD, f"{form}, by {way}", about, cells))
    return rows

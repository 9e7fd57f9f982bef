"""Counts of what was read and what was meant, and the figures made of them with their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.language.acts import UserAct

MIN_SUPPORT = 5
"""Labelled sentences of a part below which an act is shown but not counted in the macro average."""

DRAWS = 2_000
"""Bootstrap samples of dialogues behind an interval."""

MEASURES = {
    "act": "acts of a sentence, mean of the acts' own figures",
    "polarity": "whether a sentence speaks for something, against something",
    "genre": "genre with its polarity",
    "value": "value of any facet with its polarity",
    "title": "film of the catalogue that is named",
}
Answers = dict[str, frozenset[Any]]
"""What was meant or read in a sentence, by measure."""

Counts = npt.NDArray[np.int64]  # (3,): right, read but not meant, meant but not read


@dataclass(slots=True)
class Tally:
    """Counts by dialogue.

    Attributes:
        counts: By measure and class, then dialogue: right, wrong and missed.
        sentences: Labelled sentences.
    """

    counts: dict[tuple[str, str], dict[int, Counts]] = field(default_factory=dict)
    sentences: int = 0

    def add(self, dialogue: int, meant: Answers, read: Answers, *, measures: Iterable[str]) -> None:
        """Counts one sentence."""
        self.sentences += 1
        for measure in measures:
            for one in meant[measure] | read[measure]:
                name = one.name.lower() if isinstance(one, UserAct) else ""
                by_dialogue = self.counts.setdefault((measure, name), {})
                count = by_dialogue.setdefault(dialogue, np.zeros(3, np.int64))
                hit, said = one in meant[measure], one in read[measure]
                count[0 if hit and said else 1 if said else 2] += 1

    def support(self, measure: str, name: str) -> int:
        """How often the class was meant."""
        return int(sum(c[0] + c[2] for c in self.counts.get((measure, name), {}).values()))


def scores(counts: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Precision, recall and F1 of counts ``(..., 3)``; nothing read, or nothing meant, counts as 0."""
    right, wrong, missed = np.moveaxis(np.asarray(counts, np.float64), -1, 0)
    read, meant = right + wrong, right + missed
    precision = np.divide(right, read, out=np.zeros_like(right), where=read > 0)
    recall = np.divide(right, meant, out=np.zeros_like(right), where=meant > 0)
    f1 = np.divide(2 * right, read + meant, out=np.zeros_like(right), where=read + meant > 0)
    return np.stack((precision, recall, f1), axis=-1)


def make_rows(found: Tally, rules: Tally, dialogues: Sequence[int], seed: int = 0) -> list[dict[str, Any]]:
    """One row per measure, then one per act, each with its figures and the 95% interval of F1.

    Args:
        found: The counts.
        rules: Counts of the same sentences by the rules alone: what is gained on their F1 has the interval of the same
            draws.
        dialogues: All labelled dialogues of the part; the bootstrap draws from them.
        seed: Seed of the bootstrap.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    n = len(dialogues)
    weights = np.vstack((np.ones(n), rng.multinomial(n, np.full(n, 1 / n), size=DRAWS)))  # (1 + draws, n)

    def drawn(tally: Tally, measure: str, name: str) -> npt.NDArray[np.float64]:
        """Precision, recall and F1 of all dialogues, then of every draw: ``(1 + draws, 3)``."""
        by_dialogue = tally.counts.get((measure, name), {})
        return scores(weights @ np.array([by_dialogue.get(d, np.zeros(3, np.int64)) for d in dialogues]))

    acts = sorted(
        ((found.support("act", act.name.lower()), act.name.lower()) for act in UserAct), reverse=True
    )
    counted = [name for support, name in acts if support >= MIN_SUPPORT]
    rows = []

    def row(measure: str, name: str, support: int, classes: Sequence[str]) -> None:
        """Adds the mean over some classes."""
        both = (np.mean([drawn(tally, measure, one) for one in classes], axis=0) for tally in (found, rules))
        rows.append(_row(measure, name, support, *both))

    for measure in MEASURES:
        if measure != "act":
            row(measure, "", found.support(measure, ""), [""])
        elif counted:
            row(measure, "macro", sum(support for support, name in acts if name in counted), counted)
    for support, name in acts:
        if any(("act", name) in tally.counts for tally in (found, rules)):
            row("act", name, support, [name])
    return rows


def _row(
    measure: str,
    name: str,
    support: int,
    drawn: npt.NDArray[np.float64],
    rules: npt.NDArray[np.float64],
) -> dict[str, Any]:
    low, high = np.quantile(drawn[1:, 2], (0.025, 0.975))
    precision, recall, f1 = map(float, drawn[0])
    gain = drawn[:, 2] - rules[:, 2]
    gain_low, gain_high = np.quantile(gain[1:], (0.025, 0.975))
    return {
        "measure": measure,
        "act": name,
        "meant": support,
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "f1_low": float(low),
        "f1_high": float(high),
        "f1_rules": float(rules[0, 2]),
        "gain": float(gain[0]),
        "gain_low": float(gain_low),
        "gain_high": float(gain_high),
    }

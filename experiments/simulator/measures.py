"""Rows of the table of ``chatrec eval-simulator``: sums over people, and what a bootstrap over people makes of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import Interval, sampled_interval
from experiments.simulator.playing import Life, bills
from experiments.simulator.real_people import Raters, Talk
from simulators.fidelity import auc, bigrams, distinct, distinct_without, histogram, resamples, words

DRAWS = 2_000
"""Bootstrap resamples of the people behind an interval."""

MOST_WORDS, MOST_TURNS = 120, 100
"""Words of a turn and turns of a dialogue from which more make no difference."""

DISLIKED = -2.0
"""Scripted appeal, in logits, below which an item counts as disliked: accepted by fewer than one in eight. Above 0, by
half and more, it counts as liked."""

Float = npt.NDArray[np.float64]
Distance = Callable[[Float, Float], Float]
Row = dict[str, Any]


class Side:
    """What one simulator's people came to, as counts per person."""

    def __init__(
        self, lives: Sequence[Life], probes: npt.NDArray[np.int32], popularity: npt.NDArray[Any]
    ) -> None:
        self.acts = np.stack([life.acts for life in lives])
        lengths = [[len(words(text)) for text in life.said] for life in lives]
        self.words = histogram(lengths, MOST_WORDS)
        self.turns = histogram([[len(own)] for own in lengths], MOST_TURNS)
        self.pairs: list[Counter[Hashable]] = [
            sum((bigrams(text) for text in life.said), Counter[Hashable]()) for life in lives
        ]
        self.stars = histogram([life.stars for life in lives], 5)[:, 1:]
        self.shown = np.array([life.shown for life in lives], np.float64)
        self.clicked = np.array([life.clicked for life in lives], np.float64)
        self.earned = np.array([life.earned for life in lives])
        self.alike = np.array([life.alike for life in lives])
        self.contradicted = np.array([life.contradicted for life in lives])
        self.leaked = np.array([life.leaked > 0 for life in lives])
        self.worded = np.array([life.worded for life in lives], np.float64)
        self.bill = bills(lives)
        self.n_said = self.words.sum(1).astype(np.float64)
        half = probes.shape[1] // 2
        if half:
            accepts = np.stack([life.accepts for life in lives])
            self.good_gap = accepts[:, :half].mean(1) - accepts[:, half:].mean(1)
            known = popularity[probes[:, half:]]
            weight = accepts[:, half:]
            self.popularity_gap = (weight * known).sum(1) / np.maximum(weight.sum(1), 1e-12) - known.mean(1)


def agreement(scripted: Sequence[Life], llm: Sequence[Life]) -> dict[str, Float]:
    """How each person's judgements agree with the scripted ones', (N,) each, NaN where they cannot be compared."""
    from scipy.stats import spearmanr

    out: dict[str, list[float]] = {"auc": [], "auc_model": [], "spearman": []}
    for one, other in zip(scripted, llm, strict=True):
        liked, disliked = one.appeal > 0, one.appeal < DISLIKED
        out["auc"].append(auc(other.appeal[liked], other.appeal[disliked]))
        out["auc_model"].append(auc(other.judged[liked], other.judged[disliked]))
        varied = len(one.appeal) > 2 and np.ptp(one.appeal) > 0 and np.ptp(other.appeal) > 0
        out["spearman"].append(float(spearmanr(one.appeal, other.appeal).statistic) if varied else math.nan)
    return {name: np.array(values) for name, values in out.items()}


def interval(drawn: Float, n: int) -> Interval:
    """The first value with the percentile interval of the others."""
    return sampled_interval(drawn[0], drawn[1:], n)


def swapped(distance: Distance, one: npt.NDArray[Any], other: npt.NDArray[Any], seed: int) -> float:
    """The distance that chance alone stays below in 95% of cases: each person's two sides swapped by a coin."""
    coin = (
        np.random.default_rng(np.random.SeedSequence(seed))
        .integers(0, 2, (DRAWS, len(one)))
        .astype(np.float64)
    )
    return float(
        np.nanquantile(distance(coin @ one + (1 - coin) @ other, coin @ other + (1 - coin) @ one), 0.95)
    )


class Rows:
    """Builds rows; people are resampled together in both simulators, real people apart."""

    def __init__(
        self, scripted: Side, llm: Side, talk: Talk | None, ratings: Raters | None, seed: int
    ) -> None:
        self.scripted, self.llm, self.talk, self.ratings, self.seed = scripted, llm, talk, ratings, seed
        self.n = len(scripted.acts)
        self.weights = resamples(self.n, DRAWS, seed)
        self.of_talk = resamples(len(talk.acts), DRAWS, seed + 1) if talk else None
        self.of_ratings = resamples(len(ratings.stars), DRAWS, seed + 2) if ratings else None
        self.rows: list[Row] = []

    def add(self, part: str, measure: str, about: str, decimals: int = 2, **cells: Any) -> None:
        """A row; cells are intervals by ``scripted``, ``llm``, ``real`` and ``difference``; ``chance`` a number."""
        if all(
            cell is None or (isinstance(cell, Interval) and math.isnan(cell.mean)) for cell in cells.values()
        ):
            return
        told = {k: c.to_dict() if isinstance(c, Interval) else c for k, c in cells.items()}
        row = {"part": part, "measure": measure, "about": about, "decimals": decimals}
        blank: Row = {"scripted": None, "llm": None, "real": None, "difference": None, "chance": None}
        self.rows.append({**row, **blank, **told})

    def distance(
        self,
        part: str,
        measure: str,
        about: str,
        by: Distance,
        counts: Callable[[Side], npt.NDArray[Any]],
        real: npt.NDArray[Any] | None,
        weights: Float | None,
    ) -> None:
        """A row of distances: each simulator's to real people, and between the two."""
        one, other = counts(self.scripted), counts(self.llm)
        drawn, others = self.weights @ one, self.weights @ other
        truth = None if real is None or weights is None else weights @ real
        self.add(
            part,
            measure,
            about,
            3,
            scripted=None if truth is None else interval(by(drawn, truth), self.n),
            llm=None if truth is None else interval(by(others, truth), self.n),
            difference=interval(by(others, drawn), self.n),
            chance=swapped(by, one, other, self.seed),
        )

    def ratio(
        self,
        part: str,
        measure: str,
        about: str,
        top: Callable[[Side], Float],
        below: Callable[[Side], Float],
        real: Interval | None = None,
        decimals: int = 2,
    ) -> None:
        """A row of means: sums over people divided by sums, and their difference person by person."""
        one, other = (self._means(top(side), below(side)) for side in (self.scripted, self.llm))
        self.add(
            part,
            measure,
            about,
            decimals,
            scripted=interval(one, self.n),
            llm=interval(other, self.n),
            real=real,
            difference=interval(other - one, self.n),
        )

    def only_llm(
        self, part: str, measure: str, about: str, top: Float, below: Float, decimals: int = 2
    ) -> None:
        """A row that only the LLM user simulator has."""
        self.add(part, measure, about, decimals, llm=interval(self._means(top, below), self.n))

    def _means(self, top: Float, below: Float) -> Float:
        return means(top, below, self.weights)


def means(top: npt.NDArray[Any], below: npt.NDArray[Any], weights: Float) -> Float:
    """Sums over people divided by sums, for each of the ``weights (draws, N)``; who lacks a value is left out."""
    kept = np.isfinite(top) & np.isfinite(below)
    total = weights[:, kept] @ below[kept]
    return np.divide(weights[:, kept] @ top[kept], total, out=np.full(len(total), np.nan), where=total > 0)


def real_mean(top: npt.NDArray[Any], below: npt.NDArray[Any], weights: Float) -> Interval:
    """A mean over real people with its bootstrap interval; those without a value are left out."""
    return interval(means(top, below, weights), int(np.isfinite(top).sum()))


def distinct_rows(rows: Rows) -> None:
    """Distinct-2 of each, of samples of one size; intervals by the jackknife over people."""
    sides = {"scripted": rows.scripted.pairs, "llm": rows.llm.pairs}
    if rows.talk is not None:
        sides["real"] = rows.talk.pairs
    totals = {name: sum(pairs, Counter[Hashable]()) for name, pairs in sides.items()}
    size = int(0.8 * min(total.total() for total in totals.values()))
    cells, left_out = {}, {}
    for name, pairs in sides.items():
        whole = distinct([totals[name]], size)
        left_out[name] = distinct_without(pairs, size)
        cells[name] = _jackknife(whole, left_out[name])
    gap = cells["llm"].mean - cells["scripted"].mean
    told = f"share of different word pairs among {size:,}"
    rows.add(
        "language",
        "distinct-2",
        told,
        3,
        **cells,
        difference=_jackknife(gap, left_out["llm"] - left_out["scripted"]),
    )


def _jackknife(value: float, left_out: Float) -> Interval:
    n = len(left_out)
    half = 1.96 * math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))
    return Interval(value, value - half, value + half, n)

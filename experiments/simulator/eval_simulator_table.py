"""The table of ``chatrec eval-simulator``: one row a measure, scripted beside LLM beside real people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import Interval, share_interval
from experiments.simulator.measures import (
    MOST_TURNS,
    MOST_WORDS,
    Float,
    Row,
    Rows,
    Side,
    agreement,
    distinct_rows,
    real_mean,
)
from experiments.simulator.playing import Life
from experiments.simulator.real_people import Ratings, Talk
from simulators.fidelity import histogram, jensen_shannon, kolmogorov_smirnov
from simulators.llm.users import METERS

if TYPE_CHECKING:
    from rich.table import Table


def make_rows(
    scripted: Sequence[Life],
    llm: Sequence[Life],
    probes: npt.NDArray[np.int32],
    popularity: npt.NDArray[Any],
    talk: Talk | None,
    ratings: Ratings | None,
    seed: int,
) -> list[Row]:
    """All measures as plain JSON data.

    Args:
        scripted: People as the scripted simulator plays them.
        llm: The same people as a language model plays them.
        probes: ``(N, P)`` items both judged.
        popularity: (I,) of the catalogue.
        talk: Real dialogues, if there are any.
        ratings: Real ratings, if there are any.
        seed: Of the bootstrap.
    """
    one, other = Side(scripted, probes, popularity), Side(llm, probes, popularity)
    rows = Rows(one, other, talk, ratings, seed)
    _language(rows, talk)
    _decisions(rows, ratings, probed=probes.shape[1] > 0)
    if len(llm[0].judged):
        _agreement(rows, agreement(scripted, llm))
    _conduct(rows)
    return rows.rows


def _language(rows: Rows, talk: Talk | None) -> None:
    lengths = None if talk is None else histogram(talk.lengths, MOST_WORDS)
    turns = None if talk is None else histogram([[len(own)] for own in talk.lengths], MOST_TURNS)
    acts = None if talk is None else talk.acts
    drawn = rows.of_talk
    part = "language"
    rows.distance(
        part,
        "acts",
        "what turns do, Jensen-Shannon divergence in bits",
        jensen_shannon,
        lambda s: s.acts,
        acts,
        drawn,
    )
    rows.distance(
        part,
        "words a turn, KS",
        "Kolmogorov-Smirnov distance",
        kolmogorov_smirnov,
        lambda s: s.words,
        lengths,
        drawn,
    )
    rows.distance(
        part,
        "turns a dialogue, KS",
        "Kolmogorov-Smirnov distance",
        kolmogorov_smirnov,
        lambda s: s.turns,
        turns,
        drawn,
    )

    def mean(counts: npt.NDArray[np.int64] | None) -> Interval | None:
        if counts is None or drawn is None:
            return None
        return real_mean(
            (counts @ np.arange(counts.shape[1])).astype(float), counts.sum(1).astype(float), drawn
        )

    def total(counts: npt.NDArray[np.int64]) -> Float:
        return (counts @ np.arange(counts.shape[1])).astype(np.float64)

    rows.ratio(part, "words a turn", "mean", lambda s: total(s.words), lambda s: s.n_said, mean(lengths), 1)
    rows.ratio(
        part, "turns a dialogue", "mean", lambda s: s.n_said, lambda s: np.ones(rows.n), mean(turns), 1
    )
    distinct_rows(rows)
    part = "consistency"
    ones = np.ones(rows.n)
    rows.ratio(
        part,
        "same question twice",
        "share of named wishes that both answers name",
        lambda s: s.alike,
        lambda s: ones,
    )
    rows.ratio(
        part,
        "contradictions",
        "share of people whose two answers contradict",
        lambda s: s.contradicted.astype(float),
        lambda s: ones,
    )


def _decisions(rows: Rows, ratings: Ratings | None, *, probed: bool) -> None:
    part, ones = "decisions", np.ones(rows.n)
    stars = None if ratings is None else ratings.stars
    rows.distance(
        part,
        "ratings",
        "1 to 5 stars, Jensen-Shannon divergence in bits",
        jensen_shannon,
        lambda s: s.stars,
        stars,
        rows.of_ratings,
    )
    real = gap = None
    if ratings is not None and rows.of_ratings is not None:
        values = (ratings.stars @ np.arange(1, 6)).astype(float)
        real = real_mean(values, ratings.stars.sum(1).astype(float), rows.of_ratings)
        known = ratings.popularity_gap
        gap = real_mean(known, np.ones(len(known)), rows.of_ratings)
    rows.ratio(
        part,
        "mean rating",
        "of what was accepted",
        lambda s: s.stars @ np.arange(1.0, 6),
        lambda s: s.stars.sum(1).astype(float),
        real,
    )
    rows.ratio(
        part, "accepted", "share of the suggestions of the conversation", lambda s: s.taken, lambda s: s.shown
    )
    rows.ratio(part, "return", "what the policy earned a conversation", lambda s: s.earned, lambda s: ones)
    if not probed:
        return
    rows.ratio(
        part,
        "good less random",
        "chance of accepting a good item less that of a random one",
        lambda s: s.good_gap,
        lambda s: ones,
    )
    rows.ratio(
        part,
        "popularity gap",
        "popularity of what is liked less that of what was seen",
        lambda s: s.popularity_gap,
        lambda s: ones,
        gap,
        3,
    )


def _agreement(rows: Rows, agree: dict[str, Float]) -> None:
    for name, measure, about in (
        ("auc", "AUC", "items the scripted person likes judged above those they do not"),
        ("auc_model", "AUC, model alone", "without hard limits, acclaim and popularity, which code adds"),
        ("spearman", "rank correlation", "of a person's utilities with the scripted ones, Spearman"),
    ):
        kept = int(np.isfinite(agree[name]).sum())
        rows.only_llm("decisions", measure, f"{about}; {kept} people", agree[name], np.ones(rows.n), 3)


def _conduct(rows: Rows) -> None:
    side, part = rows.llm, "conduct"
    took = {name: side.bill[:, i] for i, name in enumerate(METERS)}
    if side.worded.sum():
        rows.add(
            part,
            "dialogues with a leak",
            "share in which a title slipped out",
            3,
            llm=share_interval(side.leaked),
        )
        rows.only_llm(
            part,
            "leaks caught",
            "wordings turned down for a title, a worded turn",
            took["leaks"],
            side.worded,
            3,
        )
        rows.only_llm(
            part,
            "turned down",
            "wordings and judgements turned down, a worded turn",
            took["invalid"],
            side.worded,
        )
        rows.only_llm(
            part,
            "fell back",
            "share of worded turns in which the scripted wording stood in",
            took["fallbacks"],
            side.worded,
        )
    rows.only_llm(part, "calls", "answers used a turn", took["calls"], side.n_said, 1)
    rows.only_llm(part, "tokens", "read and written a turn", took["tokens"], side.n_said, 0)
    rows.only_llm(part, "seconds", "of the backend a turn, as recorded", took["seconds"], side.n_said)


def shown(row: Row, key: str) -> str:
    """A cell: ``"0.12 (0.10–0.15)"``, empty where there is nothing."""
    if row[key] is None:
        return ""
    cell, digits = Interval.from_dict(row[key]), row["decimals"]
    sign = "+" if key == "difference" and row["chance"] is None else ""
    told = f"{cell.mean:{sign}.{digits}f}"
    if not math.isnan(cell.low):
        told += f" ({cell.low:{sign}.{digits}f}–{cell.high:{sign}.{digits}f})"
    return told.replace("-", "−")


def to_rich(table: dict[str, Any]) -> Table:
    """The table for a terminal."""
    from rich import box
    from rich.table import Table

    title = (
        f"[bold]{table['people']:,} people, each played by both simulators; 95% intervals over people[/bold]"
    )
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    out.add_column("measure", no_wrap=True)
    for heading in ("scripted", "LLM", "real people", "LLM against scripted", "by chance"):
        out.add_column(heading, justify="right", no_wrap=True)
    part = ""
    for row in table["rows"]:
        if row["part"] != part:
            part = row["part"]
            out.add_row(f"[bold]{part}[/bold]")
        cells = [shown(row, key) for key in ("scripted", "llm", "real", "difference")]
        out.add_row(f"  {row['measure']}", *cells, "" if row["chance"] is None else f"{row['chance']:.3f}")
    return out

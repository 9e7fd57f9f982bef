"""The table of ``chatrec eval-simulator``: one row a measure, scripted beside LLM beside real people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import share_interval
from experiments.report.grid import Grid, from_to
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
from experiments.simulator.real_people import Raters, Talk
from simulators.fidelity import histogram, jensen_shannon, kolmogorov_smirnov
from simulators.llm.users import METERS


def make_rows(
    scripted: Sequence[Life],
    llm: Sequence[Life],
    probes: npt.NDArray[np.int32],
    popularity: npt.NDArray[Any],
    talk: Talk | None,
    ratings: Raters | None,
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


def _total(counts: npt.NDArray[np.int64]) -> Float:
    """Sums of what is counted, per person, of counts by number (N, K)."""
    return (counts @ np.arange(counts.shape[1])).astype(np.float64)


def _language(rows: Rows, talk: Talk | None) -> None:
    part, drawn, ones = "language", rows.of_talk, np.ones(rows.n)
    acts = lengths = turns = None
    real_length = real_turns = None
    if talk is not None and drawn is not None:
        acts = talk.acts
        lengths = histogram(talk.lengths, MOST_WORDS)
        turns = histogram([[len(own)] for own in talk.lengths], MOST_TURNS)
        real_length, real_turns = (
            real_mean(_total(c), c.sum(1).astype(float), drawn) for c in (lengths, turns)
        )
    about = "what turns do, Jensen-Shannon divergence in bits"
    rows.distance(part, "acts", about, jensen_shannon, lambda s: s.acts, acts, drawn)
    about = "Kolmogorov-Smirnov distance"
    rows.distance(part, "words a turn, KS", about, kolmogorov_smirnov, lambda s: s.words, lengths, drawn)
    rows.distance(part, "turns a dialogue, KS", about, kolmogorov_smirnov, lambda s: s.turns, turns, drawn)
    rows.ratio(part, "words a turn", "mean", lambda s: _total(s.words), lambda s: s.n_said, real_length, 1)
    rows.ratio(part, "turns a dialogue", "mean", lambda s: s.n_said, lambda s: ones, real_turns, 1)
    distinct_rows(rows)
    part, about = "consistency", "share of named wishes that both answers name"
    rows.ratio(part, "same question twice", about, lambda s: s.alike, lambda s: ones)
    about = "share of people whose two answers contradict"
    rows.ratio(part, "contradictions", about, lambda s: s.contradicted.astype(float), lambda s: ones)


def _decisions(rows: Rows, ratings: Raters | None, *, probed: bool) -> None:
    part, ones = "decisions", np.ones(rows.n)
    given = real = gap = None
    if ratings is not None and rows.of_ratings is not None:
        given, known = ratings.stars, ratings.popularity_gap
        total = (given @ np.arange(1, 6)).astype(float)
        real = real_mean(total, given.sum(1).astype(float), rows.of_ratings)
        gap = real_mean(known, np.ones(len(known)), rows.of_ratings)
    about = "1 to 5 stars, Jensen-Shannon divergence in bits"
    rows.distance(part, "ratings", about, jensen_shannon, lambda s: s.stars, given, rows.of_ratings)

    def stars(side: Side) -> Float:
        return side.stars @ np.arange(1.0, 6)

    rows.ratio(
        part, "mean rating", "of what was accepted", stars, lambda s: s.stars.sum(1).astype(float), real
    )
    about = "share of the suggestions of the conversation"
    rows.ratio(part, "accepted", about, lambda s: s.clicked, lambda s: s.shown)
    rows.ratio(part, "return", "what the policy earned a conversation", lambda s: s.earned, lambda s: ones)
    if not probed:
        return
    about = "chance of accepting a good item less that of a random one"
    rows.ratio(part, "good less random", about, lambda s: s.good_gap, lambda s: ones)
    about = "popularity of what is liked less that of what was seen"
    rows.ratio(part, "popularity gap", about, lambda s: s.popularity_gap, lambda s: ones, gap, 3)


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
        leaks = share_interval(side.leaked)
        rows.add(part, "dialogues with a leak", "share in which a title slipped out", 3, llm=leaks)
        for measure, about, name, digits in (
            ("leaks caught", "wordings turned down for a title, a worded turn", "leaks", 3),
            ("turned down", "wordings and judgements turned down, a worded turn", "invalid", 2),
            ("fell back", "share of worded turns in which the scripted wording stood in", "fallbacks", 2),
        ):
            rows.only_llm(part, measure, about, took[name], side.worded, digits)
    rows.only_llm(part, "calls", "answers used a turn", took["calls"], side.n_said, 1)
    rows.only_llm(part, "tokens", "read and written a turn", took["tokens"], side.n_said, 0)
    rows.only_llm(part, "seconds", "of the backend a turn, as recorded", took["seconds"], side.n_said)


HEADS = ("measure", "scripted", "LLM", "real people", "LLM against scripted", "by chance")


def grid_of(table: dict[str, Any]) -> Grid:
    """The table for people, a group of rows a part."""
    title = f"{table['people']:,} people, each played by both simulators; 95% intervals over people"
    out = Grid(HEADS, title=title)
    part = ""
    for row in table["rows"]:
        if row["part"] != part:
            part = row["part"]
            out.add(part)
        digits, moved = row["decimals"], row["chance"] is None
        cells = ["" if row[key] is None else from_to(row[key], digits) for key in ("scripted", "llm", "real")]
        gap = "" if row["difference"] is None else from_to(row["difference"], digits, sign=moved)
        chance = "" if moved else f"{row['chance']:.3f}"
        out.add(f"  {row['measure']}", *cells, gap, chance, about=row["about"])
    return out

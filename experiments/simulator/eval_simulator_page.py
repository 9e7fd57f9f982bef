"""The table, the figure and the page of ``chatrec eval-simulator``: functions of what was played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.language.acts import UserAct
from experiments.evaluate.stats import Interval, share_interval
from experiments.report.grid import Grid, from_to, number
from experiments.report.page import h, minus
from experiments.report.plots import COLORS, MUTED, RULE, Picture, canvas, drawn, lying, titled
from experiments.report.publish import Section, Sheet
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
from simulators.fidelity import histogram, jensen_shannon, kolmogorov_smirnov, shares, words
from simulators.llm.users import METERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDES = {"scripted": COLORS[0], "LLM": COLORS[1], "real people": COLORS[2]}
MOST_ACTS, LONGEST, RANGE = 12, 40, 12.0
"""Acts shown, words of a turn shown, and logits shown either side of zero."""

HEADS = ("measure", "scripted", "LLM", "real people", "LLM against scripted", "by chance")


def draw(plain: Sequence[Life], spoken: Sequence[Life], talk: Talk | None, ratings: Raters | None) -> Picture:
    """Four panels: what turns do, how long they are, how people rate, how far judgements agree."""
    figure, panels = canvas(11, 8.4, 2, 2)
    acts, lengths, stars, judged = panels.ravel()
    sides = {"scripted": plain, "LLM": spoken}
    counts = {name: sum(life.acts for life in lives) for name, lives in sides.items()}
    said = {name: [len(words(text)) for life in lives for text in life.said] for name, lives in sides.items()}
    spread = {name: histogram([own], LONGEST)[0] for name, own in said.items()}
    given = {name: [s for life in lives for s in life.stars] for name, lives in sides.items()}
    rated = {name: histogram([own], 5)[0, 1:] for name, own in given.items()}
    if talk is not None:
        counts["real people"] = talk.acts.sum(0)
        spread["real people"] = histogram([[n for own in talk.lengths for n in own]], LONGEST)[0]
    if ratings is not None:
        rated["real people"] = ratings.stars.sum(0)
    _acts(acts, {name: shares(c) for name, c in counts.items()})
    for name, count in spread.items():
        shown = np.cumsum(shares(count))
        lengths.step(range(LONGEST + 1), shown, where="post", color=SIDES[name], lw=2, label=name)
    titled(lengths, "Words a turn", f"share of turns with so many words or fewer, up to {LONGEST}")
    wide = 0.8 / len(rated)
    for i, (name, count) in enumerate(rated.items()):
        places = np.arange(1, 6) + (i - (len(rated) - 1) / 2) * wide
        stars.bar(places, shares(count), wide, color=SIDES[name], label=name)
    titled(stars, "Ratings", "share of 1 to 5 stars; simulated people rate what they accepted")
    for axes in (acts, lengths, stars):
        axes.legend(frameon=False, fontsize=9)
    _judged(judged, plain, spoken)
    return drawn(figure, "Acts, lengths, ratings and judgements compared")


def _acts(axes: Axes, found: dict[str, npt.NDArray[np.float64]]) -> None:
    mean = np.nansum(np.stack(list(found.values())), axis=0)
    order = [int(a) for a in np.argsort(-mean, kind="stable")[:MOST_ACTS] if mean[a] > 0][::-1]
    for name, share in found.items():
        axes.plot(share[order], range(len(order)), "o", color=SIDES[name], ms=6.5, alpha=0.85, label=name)
    lying(axes, [UserAct(a).name.lower().replace("_", " ") for a in order])
    titled(axes, "What turns do", "share of the acts the parser reads in them")


def _judged(axes: Axes, plain: Sequence[Life], spoken: Sequence[Life]) -> None:
    one, other = (np.concatenate([life.appeal for life in lives]) for lives in (plain, spoken))
    axes.axhline(0, color=RULE, lw=1)
    axes.axvline(0, color=RULE, lw=1)
    within = (np.clip(values, -RANGE, RANGE) for values in (one, other))
    axes.plot(*within, "o", color=SIDES["LLM"], markersize=4, alpha=0.45)
    axes.set_ylabel("as the LLM person does", color=MUTED, fontsize=10)
    told = "appeal in logits; above 0 more likely accepted than not"
    titled(axes, "The same items, judged twice", told, "as the scripted person judges it")


def cells_of(table: dict[str, Any], key: str) -> dict[str, Interval]:
    """The intervals of one column, by measure."""
    return {row["measure"]: Interval.from_dict(row[key]) for row in table["rows"] if row[key] is not None}


def headline(table: dict[str, Any]) -> tuple[str, str]:
    """The result in a line and in a few sentences; says plainly where it falls short."""
    llm, gap = cells_of(table, "llm"), cells_of(table, "difference")
    told = [
        f"{table['people']:,} people, each met by the same policy ({table['policy']}) as a script plays them and as a "
        "language model does."
    ]
    line = "The language model words what scripted people decide"
    if "AUC" in llm:
        found = llm["AUC"]
        line = f"A liked item is judged above a disliked one {found.mean:.0%} of the time"
        told.append(f"AUC {found.mean:.3f} ({found.low:.3f}–{found.high:.3f}) against the scripted liking.")
    if "return" in gap:
        found = gap["return"]
        sure = "which is more than chance" if found.low > 0 or found.high < 0 else "which may be chance"
        told.append(f"With the LLM user simulator the policy earns {found.mean:+.2f} a conversation, {sure}.")
    if "dialogues with a leak" in llm:
        found = llm["dialogues with a leak"]
        told.append(f"A title slipped out in {found.mean:.1%} of the dialogues (up to {found.high:.1%}).")
    if "fell back" in llm:
        told.append(
            f"In {llm['fell back'].mean:.0%} of the worded turns the scripted wording had to stand in."
        )
    return line, " ".join(told).replace("-", "−")


def sheet_of(
    table: dict[str, Any],
    plain: Sequence[Life],
    spoken: Sequence[Life],
    talk: Talk | None,
    ratings: Raters | None,
) -> Sheet:
    """Its page: headline, table, figure, and one person played by both."""
    line, told = headline(table)
    llm, about = cells_of(table, "llm"), {row["measure"]: row["about"] for row in table["rows"]}
    wanted = (
        "AUC",
        "good less random",
        "same question twice",
        "dialogues with a leak",
        "fell back",
        "seconds",
    )
    who = int(np.argsort([len(life.said) for life in plain], kind="stable")[len(plain) // 2])
    sections = [
        Section(
            title="Every measure",
            about="Rows of distances (with a number <em>by chance</em>) compare each simulator with real people and "
            "the two with each other; <em>by chance</em>: what swapping each person's two sides by a coin stays below "
            "in 95% of cases. Distances between samples are too large rather than too small, the more so the fewer "
            "people. Other rows are means, and the difference person by person. Intervals: 95%, bootstrap over people.",
            grids={"measures": grid_of(table)},
        ),
        Section(title="In pictures", pictures={"simulators": draw(plain, spoken, talk, ratings)}),
        Section(
            title="One person, played twice",
            about="The person whose scripted conversation is of median length; the same draws in both.",
            more=f'<div class="pair">{_talk("scripted", plain[who])}{_talk("LLM", spoken[who])}</div>',
        ),
    ]
    return Sheet(
        kicker=f"user simulators · mode {table['users'].get('mode', 'full')} · backend "
        f"{table['users'].get('backend', 'smollm2')} · at most {table['max_turns']} turns",
        headline=line,
        lead=told,
        tiles=[(name, f"{llm[name].mean:.2f}", about[name]) for name in wanted if name in llm],
        sections=sections,
        footer=f"Seed {h(table['seed'])}.",
    )


def _talk(name: str, life: Life) -> str:
    parts = [f'<section class="talk"><h3>{h(name)}<span>return {minus(life.earned)}</span></h3>']
    for i, text in enumerate(life.said):
        parts.append(f'<div class="say person">{h(text)}</div>')
        if i < len(life.heard):
            parts.append(f'<div class="say system">{h(life.heard[i])}</div>')
    return "".join(parts) + "</section>"


def make_rows(
    scripted: Sequence[Life],
    llm: Sequence[Life],
    probes: npt.NDArray[np.int32],
    popularity: npt.NDArray[Any],
    talk: Talk | None,
    ratings: Raters | None,
    seed: int,
) -> list[Row]:
    """All measures as plain JSON data."""
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
        cells = [from_to(row[key], digits) for key in ("scripted", "llm", "real")]
        gap, chance = from_to(row["difference"], digits, sign=moved), number(row["chance"], 3)
        out.add(f"  {row['measure']}", *cells, gap, chance, about=row["about"])
    return out

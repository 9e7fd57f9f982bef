"""The picture and the page of the check of simulators: functions of its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.report.page import h, minus
from experiments.report.plots import COLORS, INK, MUTED, Picture, canvas, drawn, lying, titled
from experiments.report.publish import Section, Sheet
from experiments.simulator.checking.manner import SPANS
from experiments.simulator.checking.realism import FAR, HEADLINE, TOLD, TURN_BY_TURN
from experiments.simulator.checking.reliability import ITSELF, MEAN, RANKING, TREATED
from experiments.simulator.checking.rows import (
    ERRORS,
    HALVES,
    KINDS,
    REAL,
    REALISM,
    RELIABILITY,
    Row,
    grid_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cells(rows: list[Row], part: str, measure: str) -> dict[str, Any]:
    """The figures of one measure, by who has them; empty where it was not measured."""
    return next((r["cells"] for r in rows if (r["part"], r["measure"]) == (part, measure)), {})


def draw(document: dict[str, Any]) -> Picture:
    """Four panels: told apart, distances, good and bad systems, agreement about systems."""
    rows, simulators = document["rows"], document["simulators"]
    figure, panels = canvas(13, 7.6, 2, 2)
    apart, far, treated, ranked = panels.ravel()
    color = {s: COLORS[i % len(COLORS)] for i, s in enumerate(simulators)}
    told = cells(rows, TOLD, HEADLINE)
    order = [who for who in (HALVES, *simulators) if who in told][::-1]
    _dots(apart, told, order, color)
    apart.axvline(0.5, color=MUTED, lw=1, ls="--")
    apart.set_xlim(0.4, 1.02)
    titled(
        apart,
        "Realism: told from real people",
        "AUC of a classifier, single messages by meaning; 0.5: cannot be told",
    )
    measures = [r["measure"] for r in rows if r["part"] == FAR][::-1]
    for at, s in enumerate((HALVES, *simulators)):
        shown = [cells(rows, FAR, m).get(s) for m in measures]
        places = [i + 0.12 * (len(simulators) / 2 - at) for i, one in enumerate(shown) if one]
        far.plot(
            [one["mean"] for one in shown if one],
            places,
            "o",
            color=color.get(s, MUTED),
            ms=7,
            label=s,
            alpha=0.85,
        )
    lying(far, measures)
    far.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    titled(
        far,
        "Realism: distances to real people",
        "0: the same distribution; grey: between halves of real people",
    )
    people = [REAL, *simulators][::-1]
    for end, mark, face in (("best", "o", "white"), ("worst", "o", None)):
        found = cells(rows, TREATED, f"frustrated by the {end}")
        for at, who in enumerate(people):
            if who in found:
                own = color.get(who, INK)
                treated.plot(
                    found[who]["mean"], at, mark, color=own, mfc=face or own, ms=9, mew=1.8, zorder=3
                )
    for at, who in enumerate(people):
        best, worst = (cells(rows, TREATED, f"frustrated by the {end}").get(who) for end in ("best", "worst"))
        if best and worst:
            treated.plot([best["mean"], worst["mean"]], [at, at], color=color.get(who, INK), lw=2, alpha=0.5)
    lying(treated, people)
    treated.set_xlim(0, 1.02)
    titled(
        treated,
        "Reliability: do bad systems frustrate?",
        "share of people frustrated by the best (hollow) and worst system",
    )
    itself = cells(rows, RANKING, ITSELF)
    _dots(ranked, cells(rows, RANKING, MEAN), simulators[::-1], color)
    _dots(ranked, itself, simulators[::-1], color, hollow=True)
    lows = [one["low"] for one in itself.values() if one["low"] is not None]
    ranked.set_xlim(min([0.0, *lows]) - 0.02, 1.03)
    titled(
        ranked,
        "Reliability: systems ranked alike",
        "Spearman: with the others (full), with itself on other people (hollow)",
    )
    return drawn(figure, "Realism and reliability")


def draw_turns(document: dict[str, Any]) -> Picture:
    """Two panels: how far acts and lengths are from those of real people, turn by turn, beside two halves of these."""
    rows, simulators = document["rows"], document["simulators"]
    figure, panels = canvas(13, 4.2, 1, 2)
    color = {s: COLORS[i % len(COLORS)] for i, s in enumerate(simulators)}
    told = {"acts": "What turns do: Jensen-Shannon, bits", "length": "Words a turn: Kolmogorov-Smirnov"}
    for axes, (what, subtitle) in zip(panels, told.items(), strict=True):
        for who in (HALVES, *simulators):
            found = [cells(rows, TURN_BY_TURN, f"{what}, turn {name}").get(who) for name in SPANS]
            own = color.get(who, MUTED)
            known = [(at, one) for at, one in enumerate(found) if one]
            at = [place for place, _ in known]
            lows, highs, means = ([one[end] for _, one in known] for end in ("low", "high", "mean"))
            axes.fill_between(at, lows, highs, color=own, alpha=0.12, linewidth=0)
            axes.plot(at, means, "o-", color=own, lw=2, ms=6, label=who)
        axes.set_xticks(range(len(SPANS)), list(SPANS))
        axes.set_ylim(bottom=0)
        titled(axes, f"Turn by turn: {what}", subtitle, "the person's turn")
    panels[-1].legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return drawn(figure, "Distances to real people, turn by turn")


def _dots(
    axes: Axes, found: dict[str, Any], order: list[str], color: dict[str, str], *, hollow: bool = False
) -> None:
    for at, who in enumerate(order):
        one = found.get(who)
        if one is None:
            continue
        own = color.get(who, MUTED)
        if one["low"] is not None:
            axes.plot([one["low"], one["high"]], [at, at], color=own, lw=2, alpha=0.6)
        axes.plot(one["mean"], at, "o", color=own, mfc="white" if hollow else own, ms=8, mew=1.8)
    lying(axes, order)


def headline(document: dict[str, Any]) -> tuple[str, str]:
    """The result in a line and in a few sentences."""
    rows = document["rows"]
    told, gaps = cells(rows, TOLD, HEADLINE), cells(rows, TREATED, "frustrated, worst less best")
    agree = cells(rows, RANKING, MEAN)
    parts = []
    line = "Simulated people as judges of systems"
    if told:
        nearest = min((s for s in told if s != HALVES), key=lambda s: told[s]["mean"])
        line = f"Nearest to real people: {nearest}, told apart with AUC {told[nearest]['mean']:.2f}"
        parts.append(
            f"Two halves of real people come to {told[HALVES]['mean']:.2f}, the simulators to "
            f"{min(told[s]['mean'] for s in told if s != HALVES):.2f} to {max(told[s]['mean'] for s in told):.2f}."
        )
    if gaps:
        own = {s: one["mean"] for s, one in gaps.items() if s != REAL}
        parts.append(
            f"The worst system frustrates {100 * min(own.values()):.0f} to {100 * max(own.values()):.0f} points more "
            f"simulated people than the best one; of real people {100 * gaps[REAL]['mean']:.0f}."
        )
    if agree:
        means = [one["mean"] for one in agree.values()]
        parts.append(
            f"Their rankings of systems correlate with each other's by {min(means):.2f} to {max(means):.2f}."
        )
    both = document["realism_and_reliability"]
    if both and both["spearman"] is not None:
        parts.append(
            f"Realism and reliability correlate by {minus(both['spearman'])} over {both['simulators']} simulators; "
            "so few say little (SimEval-IR found 0.09 over 48)."
        )
    return line, " ".join(parts)


def sheet_of(document: dict[str, Any]) -> Sheet:
    """Its page: the picture, realism and reliability apart, errors."""
    rows, simulators = document["rows"], document["simulators"]
    line, told = headline(document)
    sections = [Section(title="In pictures", pictures={"simulators": draw(document)})]
    if any(r["part"] == TURN_BY_TURN for r in rows):
        about = "How far they are from half of the real people; grey: the other half, the floor."
        sections.append(Section(title="Turn by turn", about=about, pictures={"turns": draw_turns(document)}))
    for kind in (REALISM, RELIABILITY, ERRORS):
        grid = grid_of(kind, rows, simulators)
        if grid.rows:
            sections.append(Section(title=KINDS[kind], grids={kind: grid}))
    apart = {s: one for s, one in cells(rows, TOLD, HEADLINE).items() if s != HALVES}
    agree = cells(rows, RANKING, MEAN)
    numbers = [(f"AUC, {s}", f"{one['mean']:.2f}", "told from real people") for s, one in apart.items()]
    numbers += [
        (f"agreement, {s}", f"{one['mean']:.2f}", "mean rank correlation") for s, one in agree.items()
    ]
    return Sheet(
        kicker=f"user simulators · {document['catalog']} · {document['people']} people a system",
        headline=line,
        lead=told,
        tiles=numbers[:8],
        sections=sections,
        footer=f"Seed {h(document['seed'])}.",
    )

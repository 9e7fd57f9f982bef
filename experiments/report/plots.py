"""Pictures of a run, drawn from its records alone: learning curves, and the policies side by side."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, RULE = "#1f2933", "#6b7680", "#d9dee3"
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's palette, told apart with any kind of colour vision; the best learner takes the first."""

DPI = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure.

    Attributes:
        png: For the page.
        svg: For papers, at any size.
        words: What it shows, for those who cannot see it.
    """

    png: bytes
    svg: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One agent's learning curve.

    Attributes:
        name: What the line is called.
        turns: Training turns at each evaluation, (n,).
        mean: Mean return there, (n,).
        low: Lower end of its 95% interval, (n,).
        high: Upper end, (n,).
    """

    name: str
    turns: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]


def curves_from(records: list[dict[str, Any]]) -> list[Curve]:
    """Learning curves from the ``"evaluation"`` records of a run, best final mean first."""
    found: dict[str, list[tuple[float, ...]]] = {}
    for r in records:
        interval = r["return"]
        point = (r["turns"], interval["mean"], interval["low"], interval["high"])
        found.setdefault(r["agent"], []).append(point)
    curves = [Curve(name, *np.array(sorted(points), np.float64).T) for name, points in found.items()]
    return sorted(curves, key=lambda c: -float(c.mean[-1]))


def learning_curves(
    curves: list[Curve], reference: tuple[str, float] | None = None, *, people: int
) -> Picture:
    """Mean return over training, one line an agent with its 95% band.

    Args:
        curves: Best first; each at least one point.
        reference: Name and mean return of the best hand-written policy, drawn as a level.
        people: How many people each point is the mean of.
    """
    figure, axes = canvas(6.6, 4.2)
    last = max(float(c.turns[-1]) for c in curves)
    ends = []
    for curve, color in zip(curves, COLORS, strict=False):
        axes.fill_between(curve.turns, curve.low, curve.high, color=color, alpha=0.12, linewidth=0)
        axes.plot(curve.turns, curve.mean, color=color, linewidth=2.2, solid_capstyle="round")
        axes.plot(curve.turns[-1:], curve.mean[-1:], "o", color=color, markersize=5.5)
        ends.append((float(curve.turns[-1]), float(curve.mean[-1]), curve.name, color))
    if reference is not None:
        name, level = reference
        axes.axhline(level, color=MUTED, linewidth=1.2, linestyle=(0, (5, 4)), zorder=1)
        ends.append((last, level, name, MUTED))
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.04 * (high - low))
    axes.set_xlim(0, last * 1.01)
    _label_ends(axes, ends, last)
    axes.xaxis.set_major_formatter(thousands)
    told = f"mean of {people:,} people never trained on, with 95% bands"
    titled(axes, "Return while learning", told, "turns of training")
    return drawn(figure, "Learning curves: mean return over training turns")


def _label_ends(axes: Axes, ends: list[tuple[float, float, str, str]], last: float) -> None:
    """Name every line at its right end, moved apart where names would lie on each other."""
    low, high = axes.get_ylim()
    gap = 0.062 * (high - low)
    ends = sorted(ends, key=lambda e: e[1])
    heights = [e[1] for e in ends]
    for _ in range(60):
        for i in range(len(heights) - 1):
            short = gap - (heights[i + 1] - heights[i])
            if short > 1e-9:
                heights[i] -= short / 2
                heights[i + 1] += short / 2
    for (turns, value, name, color), height in zip(ends, heights, strict=True):
        axes.annotate(
            f"{name}  {value:.2f}",
            xy=(turns, value),
            xytext=(last * 1.025, height),
            textcoords="data",
            color=color,
            fontsize=10,
            fontweight="bold" if color != MUTED else "normal",
            va="center",
            annotation_clip=False,
            arrowprops=None
            if turns == last and abs(height - value) < gap / 3
            else {
                "arrowstyle": "-",
                "color": color,
                "linewidth": 0.7,
                "alpha": 0.6,
                "shrinkA": 1,
                "shrinkB": 4,
            },
        )


def comparison(rows: Sequence[dict[str, Any]], told: str) -> Picture:
    """Mean return of every policy with its 95% interval, best on top.

    Args:
        rows: Of a table, each with its ``policy``, its ``return``, and whether it ``learned``.
        told: What the returns are means of.
    """
    bars = sorted(rows, key=lambda row: row["return"]["mean"])
    figure, axes = canvas(6.6, max(4.2, 0.38 * len(bars) + 1.2))
    learners = iter(COLORS)
    colors = {b["policy"]: next(learners) if b["learned"] else MUTED for b in reversed(bars)}
    best = max((b["return"]["mean"] for b in bars if not b["learned"]), default=None)
    if best is not None:
        axes.axvline(best, color=MUTED, linewidth=1.2, linestyle=(0, (5, 4)), zorder=1)
        axes.annotate(
            "best hand-written policy", (best, -0.62), (6, 0), textcoords="offset points", color=MUTED,
            fontsize=9, va="bottom",
        )  # fmt: skip
    for row, bar in enumerate(bars):
        i, color = Interval.from_dict(bar["return"]), colors[bar["policy"]]
        figures = f"{i.mean:.2f}" if math.isnan(i.low) else f"{i.mean:.2f} ± {i.half:.2f}"
        axes.plot([i.low, i.high], [row, row], color=color, linewidth=7, alpha=0.28, solid_capstyle="butt")
        axes.plot([i.mean], [row], "o", color=color, markersize=7.5)
        axes.text(
            1.02, row, figures, transform=axes.get_yaxis_transform(), va="center", color=color, fontsize=10,
            fontweight="bold" if bar["learned"] else "normal",
        )  # fmt: skip
    lying(axes, [b["policy"] for b in bars])
    for label, bar in zip(axes.get_yticklabels(), bars, strict=True):
        label.set_color(colors[bar["policy"]] if bar["learned"] else INK)
        label.set_fontweight("bold" if bar["learned"] else "normal")
    axes.set_ylim(-0.75, len(bars) - 0.4)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0) if low < 1 else low, high)
    titled(axes, "Return of each policy", f"{told}, with 95% intervals")
    return drawn(figure, "Return of each policy with 95% intervals")


def headroom_chart(tables: list[dict[str, Any]]) -> Picture:
    """Mean return with its 95% interval, a band a scenario, a dot a policy; see ``headroom.make_table``."""
    figure, axes = canvas(7.4, max(3.0, 0.95 * len(tables) + 1.3))
    colors = dict(zip((row["policy"] for row in tables[0]["rows"]), ("#9aa5b1", INK, *COLORS), strict=False))
    for band, table in enumerate(reversed(tables)):
        if band % 2:
            axes.axhspan(band - 0.5, band + 0.5, color=RULE, alpha=0.3, linewidth=0, zorder=0)
        for i, row in enumerate(table["rows"]):
            height = band + 0.35 - 0.14 * i
            mean, low, high = (row["return"][key] for key in ("mean", "low", "high"))
            color, label = colors[row["policy"]], row["policy"] if band == 0 else None
            if low is not None:
                axes.plot([low, high], [height, height], color=color, linewidth=4, alpha=0.35)
            axes.plot([mean], [height], "o", color=color, markersize=6, label=label)
        gain = table["rows"][-1]["gain"]
        if gain is not None and gain["mean"] is not None:
            told = f"{100 * gain['mean']:+.0f}%".replace("-", "−")
            axes.text(
                1.01, band, told, transform=axes.get_yaxis_transform(), va="center", fontsize=10, color=INK
            )
    axes.text(
        1.01, 1.0, "planner\non greedy", transform=axes.transAxes, va="bottom", fontsize=8.5, color=MUTED
    )
    lying(axes, [table["scenario"] for table in reversed(tables)])
    axes.set_ylim(-0.5, len(tables) - 0.5)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.set_xlabel("return", color=MUTED, fontsize=10)
    figure.legend(loc="outside lower center", ncols=6, frameon=False, fontsize=9.5, handletextpad=0.2)
    titled(axes, "What there is to win", "")
    told = f"mean of the same {tables[0]['people']:,} people, with 95% intervals"
    axes.annotate(
        told, (0, 1), (0, 7), "axes fraction", "offset points", fontsize=10, color=MUTED, va="bottom"
    )
    return drawn(figure, "Return of each policy in each scenario with 95% intervals")


def canvas(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    """An empty figure of so many inches, with its axes: one, or an array of them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Not pyplot: it keeps figures open and looks for a screen.
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns)
    for one in np.ravel(axes):
        for side in ("top", "right", "left"):
            one.spines[side].set_visible(False)
        one.spines["bottom"].set_color(RULE)
        one.grid(visible=True, axis="y", color=RULE, linewidth=0.8)
        one.set_axisbelow(True)
        one.tick_params(length=0, labelsize=10, labelcolor=INK)
    return figure, axes


def titled(axes: Axes, title: str, subtitle: str, across: str = "") -> None:
    """Title, a line of explanation under it, and what the horizontal axis shows."""
    axes.set_title(f"{title}\n", loc="left", fontsize=13, fontweight="bold", color=INK, pad=8)
    axes.text(0, 1.035, subtitle, transform=axes.transAxes, fontsize=10, color=MUTED, va="bottom")
    if across:
        axes.set_xlabel(across, color=MUTED, fontsize=10)


def lying(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a figure whose values lie along the horizontal axis, from below."""
    axes.set_yticks(range(len(names)), names)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color=RULE, linewidth=0.8)


def thousands(value: float, _: float = 0) -> str:
    """``"40 k"``; as matplotlib formats the ticks of an axis."""
    if value >= 1e6:
        return f"{value / 1e6:g} M"
    return f"{value / 1e3:g} k" if value >= 1e3 else f"{value:g}"


def png(figure: Figure) -> bytes:
    """A figure as PNG, the same bytes for the same figure."""
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def drawn(figure: Figure, words: str) -> Picture:
    """A figure in both forms, the same bytes for the same figure.

    Args:
        figure: The figure.
        words: What it shows, for those who cannot see it.
    """
    from matplotlib import rc_context

    out = io.BytesIO()
    with rc_context({"svg.hashsalt": "chatrec"}):  # else its ids are drawn anew each time
        figure.savefig(out, format="svg", metadata={"Date": None})
    return Picture(png(figure), out.getvalue(), words)

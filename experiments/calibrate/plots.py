"""Pictures of a calibration, drawn from its table alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.report.plots import COLORS, INK, MUTED, RULE, canvas, lying, png, titled

SIDES = (("real", MUTED, "real people"), ("simulated", COLORS[0], "simulated people"))
"""Keys of the table, colours and names of the two that are compared."""


def predictors(rows: list[dict[str, Any]], asked: int) -> bytes:
    """RMSE of each predictor with its 95% interval, as PNG."""
    rows = sorted(rows, key=lambda r: -r["rmse"]["mean"])
    figure, axes = canvas(6.6, 0.42 * len(rows) + 1.5)
    for place, row in enumerate(rows):
        i = row["rmse"]
        color = COLORS[0] if row["predictor"].startswith("fitted") else MUTED
        ends = [i["low"], i["high"]]
        axes.plot(ends, [place, place], color=color, linewidth=7, alpha=0.28, solid_capstyle="butt")
        axes.plot([i["mean"]], [place], "o", color=color, markersize=7.5)
        where = {"transform": axes.get_yaxis_transform(), "va": "center"}
        axes.text(1.02, place, f"{i['mean']:.3f}", color=color, fontsize=10, **where)
    lying(axes, [r["predictor"] for r in rows])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    titled(axes, "RMSE on held-out ratings", f"{asked:,} ratings, 95% intervals over people; less is better")
    return png(figure)


def calibration(stars: list[dict[str, float]], liked: list[dict[str, float]]) -> bytes:
    """Predicted against given: mean stars, and the share that liked it (scaled to the same axes), as PNG."""
    figure, panels = canvas(6.6, 4.2, 1, 2)
    named = ((stars, "stars"), (liked, "share with 4 stars or more"))
    for axes, (points, name) in zip(panels, named, strict=True):
        x, y, half = (np.array([p[key] for p in points]) for key in ("predicted", "given", "half"))
        low, high = min(x.min(), (y - half).min()), max(x.max(), (y + half).max())
        axes.plot([low, high], [low, high], color=MUTED, linewidth=1.2, linestyle=(0, (5, 4)))
        axes.errorbar(x, y, yerr=half, fmt="o", color=COLORS[0], markersize=5, linewidth=1.4)
        axes.set_xlabel(f"predicted {name}", color=MUTED, fontsize=9)
        axes.set_ylabel(f"given {name}", color=MUTED, fontsize=9)
        axes.grid(visible=True, color=RULE, linewidth=0.8)
    figure.suptitle(
        "Calibration on held-out ratings", x=0.02, ha="left", fontsize=13, fontweight="bold", color=INK
    )
    return png(figure)


def histograms(shown: dict[str, Any]) -> bytes:
    """Shares of stars, real and simulated, as PNG."""
    figure, axes = canvas(6.6, 4.2)
    place = np.arange(1, 6)
    for shift, (key, color, name) in zip((-0.2, 0.2), SIDES, strict=True):
        share = np.array(shown[f"{key}_histogram"])
        axes.bar(place + shift, share, 0.38, color=color, label=name)
        for at, value in zip(place + shift, share, strict=True):
            axes.text(at, value + 0.005, f"{value:.0%}", ha="center", fontsize=9, color=color)
    axes.set_xticks(place, [f"{stars} ★" if stars == 1 else f"{stars}" for stars in place])
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    titled(axes, "Ratings", "shares of stars on the same items; half stars rounded up")
    return png(figure)


def means(shown: dict[str, Any]) -> bytes:
    """Distribution of people's mean stars, real and simulated, as PNG."""
    figure, axes = canvas(6.6, 4.2)
    for key, color, name in SIDES:
        values = np.sort(np.array(shown[f"{key}_means"]))
        axes.plot(values, np.linspace(0, 1, len(values)), color=color, linewidth=2.2, label=name)
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    titled(axes, "Generous and harsh people", "share of people whose mean is below", "a person's mean stars")
    return png(figure)


def popularity(shown: dict[str, Any]) -> bytes:
    """Share of ratings that the most rated items hold, real and simulated, as PNG."""
    figure, axes = canvas(6.6, 4.2)
    for key, color, name in (SIDES[0], ("simulated", COLORS[0], "modelled exposure")):
        curve = np.array(shown[f"{key}_popularity"])
        axes.plot(np.linspace(0, 1, len(curve)), curve, color=color, linewidth=2.2, label=name)
    axes.legend(frameon=False, fontsize=10, loc="lower right")
    across = "share of the items, most rated first"
    titled(axes, "Popularity", "share of all ratings they hold", across)
    return png(figure)


def correlations(shown: dict[str, Any]) -> bytes:
    """Correlations of people's leanings to facet values, real below the diagonal, simulated above, as PNG."""
    figure, axes = canvas(6.6, 5.6)
    real, simulated = (np.array(shown[f"{key}_correlation"]) for key in ("real", "simulated"))
    both = np.tril(real, -1) + np.triu(simulated, 1)
    np.fill_diagonal(both, np.nan)
    image = axes.imshow(both, cmap="RdBu_r", vmin=-0.6, vmax=0.6)
    names = shown["values"]
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.grid(visible=False)
    bar = figure.colorbar(image, shrink=0.7)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=8)
    titled(axes, "Who likes what goes together", "correlations: real below the diagonal, simulated above")
    return png(figure)

"""Pictures of a calibration, drawn from its table alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.report.plots import COLORS, INK, MUTED, RULE, _figure, _title, png


def predictors(rows: list[dict[str, Any]], asked: int) -> bytes:
    """RMSE of each predictor with its 95% interval, as PNG."""
    rows = sorted(rows, key=lambda r: -r["rmse"]["mean"])
    figure, axes = _figure(6.6, 0.42 * len(rows) + 1.5)
    for place, row in enumerate(rows):
        i = row["rmse"]
        color = COLORS[0] if row["predictor"].startswith("fitted") else MUTED
        axes.plot(
            [i["low"], i["high"]],
            [place, place],
            color=color,
            linewidth=7,
            alpha=0.28,
            solid_capstyle="butt",
        )
        axes.plot([i["mean"]], [place], "o", color=color, markersize=7.5)
        told = f"{i['mean']:.3f}"
        axes.text(
            1.02, place, told, transform=axes.get_yaxis_transform(), va="center", color=color, fontsize=10
        )
    axes.set_yticks(range(len(rows)), [r["predictor"] for r in rows])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color=RULE, linewidth=0.8)
    _title(axes, "RMSE on held-out ratings", f"{asked:,} ratings, 95% intervals over people; less is better")
    return png(figure)


def calibration(stars: list[dict[str, float]], liked: list[dict[str, float]]) -> bytes:
    """Predicted against given: mean stars, and the share that liked it (scaled to the same axes), as PNG."""
    figure, axes = _figure(6.6, 4.2)
    axes.remove()
    for place, (points, name) in enumerate(((stars, "stars"), (liked, "share with 4 stars or more"))):
        own = figure.add_subplot(1, 2, place + 1)
        x, y, half = (np.array([p[key] for p in points]) for key in ("predicted", "given", "half"))
        low, high = min(x.min(), (y - half).min()), max(x.max(), (y + half).max())
        own.plot([low, high], [low, high], color=MUTED, linewidth=1.2, linestyle=(0, (5, 4)))
        own.errorbar(x, y, yerr=half, fmt="o", color=COLORS[0], markersize=5, linewidth=1.4)
        own.set_xlabel(f"predicted {name}", color=MUTED, fontsize=9)
        own.set_ylabel(f"given {name}", color=MUTED, fontsize=9)
        own.grid(visible=True, color=RULE, linewidth=0.8)
        own.set_axisbelow(True)
        own.tick_params(length=0, labelsize=9, labelcolor=INK)
        for side in ("top", "right", "left", "bottom"):
            own.spines[side].set_visible(False)
    figure.suptitle(
        "Calibration on held-out ratings", x=0.02, ha="left", fontsize=13, fontweight="bold", color=INK
    )
    return png(figure)


def histograms(shown: dict[str, Any]) -> bytes:
    """Shares of stars, real and simulated, as PNG."""
    figure, axes = _figure(6.6, 4.2)
    place = np.arange(1, 6)
    for shift, key, color, name in (
        (-0.2, "real", MUTED, "real people"),
        (0.2, "simulated", COLORS[0], "simulated people"),
    ):
        share = np.array(shown[f"{key}_histogram"])
        axes.bar(place + shift, share, 0.38, color=color, label=name)
        for at, value in zip(place + shift, share, strict=True):
            axes.text(at, value + 0.005, f"{value:.0%}", ha="center", fontsize=9, color=color)
    axes.set_xticks(place, [f"{stars} ★" if stars == 1 else f"{stars}" for stars in place])
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    _title(axes, "Ratings", "shares of stars on the same items; half stars rounded up")
    return png(figure)


def means(shown: dict[str, Any]) -> bytes:
    """Distribution of people's mean stars, real and simulated, as PNG."""
    figure, axes = _figure(6.6, 4.2)
    for key, color, name in (("real", MUTED, "real people"), ("simulated", COLORS[0], "simulated people")):
        values = np.sort(np.array(shown[f"{key}_means"]))
        axes.plot(values, np.linspace(0, 1, len(values)), color=color, linewidth=2.2, label=name)
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    axes.set_xlabel("a person's mean stars", color=MUTED, fontsize=10)
    _title(axes, "Generous and harsh people", "share of people whose mean is below")
    return png(figure)


def popularity(shown: dict[str, Any]) -> bytes:
    """Share of ratings that the most rated items hold, real and simulated, as PNG."""
    figure, axes = _figure(6.6, 4.2)
    for key, color, name in (("real", MUTED, "real people"), ("simulated", COLORS[0], "modelled exposure")):
        curve = np.array(shown[f"{key}_popularity"])
        axes.plot(np.linspace(0, 1, len(curve)), curve, color=color, linewidth=2.2, label=name)
    axes.legend(frameon=False, fontsize=10, loc="lower right")
    axes.set_xlabel("share of the items, most rated first", color=MUTED, fontsize=10)
    _title(axes, "Popularity", "share of all ratings they hold")
    return png(figure)


def correlations(shown: dict[str, Any]) -> bytes:
    """Correlations of people's leanings to facet values, real below the diagonal, simulated above, as PNG."""
    figure, axes = _figure(6.6, 5.6)
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
    _title(axes, "Who likes what goes together", "correlations: real below the diagonal, simulated above")
    return png(figure)

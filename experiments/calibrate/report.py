"""The page of a calibration: the held-out table, the distances to real people, what the population is like."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.evaluate.stats import Interval
from experiments.report.documents import jsonable
from experiments.report.grid import Grid, Told, count, from_to, number, percent
from experiments.report.page import h
from experiments.report.plots import COLORS, INK, MUTED, RULE, Picture, canvas, drawn, lying, titled
from experiments.report.publish import Section, Sheet, publish
from simulators.calibration.realism import MEASURES

if TYPE_CHECKING:
    from experiments.report.runlog import Run
    from simulators.population import Population

SIDES = (("real", MUTED, "real people"), ("simulated", COLORS[0], "simulated people"))
"""Keys of the table, colours and names of the two that are compared."""

FITTED = "fitted people"
"""What the tables call the people a population was fitted to."""


def write_report(run: Run, table: dict[str, Any], population: Population) -> Path:
    """Write the page with its figures and tables; returns its path."""
    return publish(run.folder, sheet_of(jsonable(table), population), run.versions)


def headline(check: dict[str, Any]) -> str:
    """How the fitted people did against matrix factorisation, whichever way it went."""
    row = check["rows"][0]
    ratio = Interval.from_dict(row["ratio"])
    gap = abs(1 - ratio.mean)
    if ratio.high < 1:
        return f"The fitted people predict held-out ratings {gap:.1%} better than matrix factorisation"
    if ratio.low > 1:
        return f"The fitted people predict held-out ratings {gap:.1%} worse than matrix factorisation"
    return "The fitted people and matrix factorisation predict held-out ratings equally well"


def sheet_of(table: dict[str, Any], population: Population) -> Sheet:
    """The page."""
    check, found = table["held_out"], table["realism"]
    habits = Grid(("habit", "share", "shift", "noise"))
    for x in population.habits:
        shift = x.shift * population.stars_per_logit
        habits.add(x.name, percent(x.share), Told(f"{shift:+.2f}", shift), number(math.exp(x.log_stretch)))
    said = Grid(("word", "people", "said of", "tastes of who says it"), text=(2, 3))
    for w in population.words[:15]:
        said.add(w["word"], count(w["people"]), _told(w["said_of"]), _told(w["liked_by"]))
    settings = "; ".join(f"{h(k)}: {h(v)}" for k, v in check["settings"].items())
    notes = "".join(f" {h(note)}" for note in table["notes"])
    sections = [
        Section(
            title="Held-out ratings",
            about=f"{check['asked']:,} ratings held out ({h(check['split'])}), {check['known']:,} known. 95% "
            "intervals: bootstrap over people. Liked: 4 stars or more; disliked: 3 or fewer. <em>RMSE / MF</em>: same "
            f"people, same draws. {settings}.{notes}",
            pictures={
                "heldout": predictors(check["rows"], check["asked"]),
                "calibration": calibration(check["stars_curve"], check["liked_curve"]),
            },
            grids={"held-out": held_out_grid(check)},
        ),
        Section(
            title="Simulated against real people",
            about="People drawn from the population rate what half of the real people rated, and are held against the "
            "other half; the floor is one real half against the other. Popularity alone uses a modelled exposure. The "
            "population was fitted to all of these people.",
            pictures={
                "histogram": histograms(found["shown"]),
                "means": means(found["shown"]),
                "correlations": correlations(found["shown"]),
                "popularity": popularity(found["shown"]),
            },
            grids={"realism": realism_grid(found)},
        ),
        Section(
            title="The next rating",
            about="RMSE of a matrix factorisation trained on some people and tested on the last fifth of other "
            "people's ratings, each real or simulated.",
            grids={"next-rating": transfer_grid(found)},
        ),
        Section(
            title="How they rate",
            about="Components of the mixture: share of people, shift in stars, noise relative to the usual.",
            grids={"habits": habits},
        ),
    ]
    if said.rows:
        about = (
            "Tags of five people or more: how much commoner a value is among the items they were said of, and the "
            "tastes (in standard deviations) of who says them."
        )
        sections.append(Section(title="Words and tastes", about=about, grids={"words": said}))
    best = check["rows"][0]
    ratios = {r["measure"]: r["ratio"]["mean"] for r in found["rows"]}
    return Sheet(
        kicker=f"calibration on {table['data']} · {check['people']:,} people · {table['ratings']:,} ratings",
        headline=headline(check),
        lead=f"A population fitted to {table['ratings']:,} ratings, checked on ratings it has not seen and against "
        "real people. It is a preset of figures; it holds no ratings and no people.",
        tiles=(
            ("RMSE, held out", number(best["rmse"]["mean"], 3), "fitted people"),
            ("against matrix factorisation", number(best["ratio"]["mean"], 3), "ratio of RMSE; 1 is equal"),
            ("liked against disliked", number(best["auc"]["mean"], 3), "AUC, mean over people"),
            ("rating histogram", f"{ratios['histogram']:.1f}×", "of the floor between real halves"),
        ),
        sections=sections,
        footer=f"<code>{h(table['command'])}</code>. The population: <code>population.json</code>, beside this page.",
    )


def _told(scores: dict[str, float]) -> str:
    return ", ".join(f"{name.partition(':')[2]} {value:+.2f}" for name, value in scores.items()) or "–"


def predictors(rows: list[dict[str, Any]], asked: int) -> Picture:
    """RMSE of each predictor with its 95% interval."""
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
    return drawn(figure, "RMSE by predictor")


def calibration(stars: list[dict[str, float]], liked: list[dict[str, float]]) -> Picture:
    """Predicted against given: mean stars, and the share that liked it (scaled to the same axes)."""
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
    return drawn(figure, "Calibration curves")


def histograms(shown: dict[str, Any]) -> Picture:
    """Shares of stars, real and simulated."""
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
    return drawn(figure, "Histogram of ratings")


def means(shown: dict[str, Any]) -> Picture:
    """Distribution of people's mean stars, real and simulated."""
    figure, axes = canvas(6.6, 4.2)
    for key, color, name in SIDES:
        values = np.sort(np.array(shown[f"{key}_means"]))
        axes.plot(values, np.linspace(0, 1, len(values)), color=color, linewidth=2.2, label=name)
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    titled(axes, "Generous and harsh people", "share of people whose mean is below", "a person's mean stars")
    return drawn(figure, "Mean stars of people")


def popularity(shown: dict[str, Any]) -> Picture:
    """Share of ratings that the most rated items hold, real and simulated."""
    figure, axes = canvas(6.6, 4.2)
    for key, color, name in (SIDES[0], ("simulated", COLORS[0], "modelled exposure")):
        curve = np.array(shown[f"{key}_popularity"])
        axes.plot(np.linspace(0, 1, len(curve)), curve, color=color, linewidth=2.2, label=name)
    axes.legend(frameon=False, fontsize=10, loc="lower right")
    across = "share of the items, most rated first"
    titled(axes, "Popularity", "share of all ratings they hold", across)
    return drawn(figure, "Popularity curves")


def correlations(shown: dict[str, Any]) -> Picture:
    """Correlations of people's leanings to facet values, real below the diagonal, simulated above."""
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
    return drawn(figure, "Correlations of tastes")


def held_out_grid(check: dict[str, Any]) -> Grid:
    """The held-out table for people, best first."""
    out = Grid(
        ("predictor", "RMSE", "MAE", "AUC, liked v. disliked", "RMSE / MF"),
        title=f"{check['asked']:,} held-out ratings of {check['people']:,} people; 95% intervals over people",
    )
    for row in check["rows"]:
        figures = (from_to(row[key]) for key in ("rmse", "mae", "auc", "ratio"))
        out.add(row["predictor"], *figures, bold=row["predictor"] == FITTED)
    return out


def realism_grid(found: dict[str, Any]) -> Grid:
    """The distances for people."""
    out = Grid(
        ("measure", "simulated to real", "real half to half (floor)", "ratio"),
        title=f"Simulated against real people: distances, means over {found['splits']} splits",
    )
    for row in found["rows"]:
        figures = (from_to(row["simulated"]), from_to(row["floor"]), from_to(row["ratio"], 2))
        out.add(row["measure"].replace("_", " "), *figures, about=MEASURES[row["measure"]])
    return out


def transfer_grid(found: dict[str, Any]) -> Grid:
    """How well the next ratings of one kind of people are predicted from another kind's, for people."""
    out = Grid(("next rating: trained to tested", "RMSE"))
    for key, interval in found["transfer"].items():
        out.add(key.replace("_", " "), from_to(interval))
    return out

"""The page of a calibration: the held-out table, the distances to real people, what the population is like."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.calibrate import plots as draw
from experiments.calibrate.tables import held_out_grid, realism_grid, transfer_grid
from experiments.evaluate.stats import Interval
from experiments.report import page
from experiments.report.documents import jsonable
from experiments.report.grid import Grid, number
from experiments.report.page import h

if TYPE_CHECKING:
    from experiments.report.runlog import Run
    from simulators.population import Population


def write_report(run: Run, table: dict[str, Any], population: Population) -> Path:
    """Write the pictures and ``index.html``; returns the page's path."""
    table = jsonable(table)
    check, found = table["held_out"], table["realism"]
    pictures = {
        "heldout.png": draw.predictors(check["rows"], check["asked"]),
        "calibration.png": draw.calibration(check["stars_curve"], check["liked_curve"]),
        "histogram.png": draw.histograms(found["shown"]),
        "means.png": draw.means(found["shown"]),
        "popularity.png": draw.popularity(found["shown"]),
        "correlations.png": draw.correlations(found["shown"]),
    }
    for name, png in pictures.items():
        run.write(name, png)
    return run.write("index.html", to_page(run, table, population, pictures))


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


def to_page(run: Run, table: dict[str, Any], population: Population, pictures: dict[str, bytes]) -> str:
    """The page as HTML."""
    check, found = table["held_out"], table["realism"]
    habits = Grid(("habit", "share", "shift", "noise"))
    for x in population.habits:
        shift = f"{x.shift * population.stars_per_logit:+.2f}"
        habits.add(x.name, f"{x.share:.0%}", shift, f"{math.exp(x.log_stretch):.2f}")
    said = Grid(("word", "people", "said of", "tastes of who says it"))
    for w in population.words[:15]:
        said.add(w["word"], w["people"], _told(w["said_of"]), _told(w["liked_by"]))
    settings = "; ".join(f"{h(k)}: {h(v)}" for k, v in check["settings"].items())
    notes = "".join(f" {h(note)}" for note in table["notes"])

    def drawn(**words: str) -> str:
        return page.figures(*(page.embedded(pictures[f"{name}.png"], told) for name, told in words.items()))

    sections = [
        page.section(
            "Held-out ratings",
            f"{check['asked']:,} ratings held out ({h(check['split'])}), {check['known']:,} known. 95% intervals: "
            "bootstrap over people. Liked: 4 stars or more; disliked: 3 or fewer. <em>RMSE / MF</em>: same people, "
            f"same draws. {settings}.{notes}",
            held_out_grid(check).to_html(),
            drawn(heldout="RMSE by predictor", calibration="Calibration curves"),
        ),
        page.section(
            "Simulated against real people",
            "People drawn from the population rate what half of the real people rated, and are held against the other "
            "half; the floor is one real half against the other. Popularity alone uses a modelled exposure. The "
            "population was fitted to all of these people.",
            realism_grid(found).to_html(),
            drawn(
                histogram="Histogram of ratings",
                means="Mean stars of people",
                correlations="Correlations of tastes",
                popularity="Popularity curves",
            ),
        ),
        page.section(
            "The next rating",
            "RMSE of a matrix factorisation trained on some people and tested on the last fifth of other people's "
            "ratings, each real or simulated.",
            transfer_grid(found).to_html(),
        ),
        page.section(
            "How they rate",
            "Components of the mixture: share of people, shift in stars, noise relative to the usual.",
            habits.to_html(),
        ),
    ]
    if said.rows:
        about = (
            "Tags of five people or more: how much commoner a value is among the items they were said of, and the "
            "tastes (in standard deviations) of who says them."
        )
        sections.append(page.section("Words and tastes", about, said.to_html()))
    best = check["rows"][0]
    ratios = {r["measure"]: r["ratio"]["mean"] for r in found["rows"]}
    return page.page(
        run,
        kicker=f"calibration on {h(table['data'])} &middot; {check['people']:,} people &middot; {table['ratings']:,} "
        "ratings",
        headline=headline(check),
        lead=f"A population fitted to {table['ratings']:,} ratings, checked on ratings it has not seen and against "
        "real people. It is a preset of figures; it holds no ratings and no people.",
        tiles=page.tiles(
            ("RMSE, held out", number(best["rmse"]["mean"], 3), "fitted people"),
            ("against matrix factorisation", number(best["ratio"]["mean"], 3), "ratio of RMSE; 1 is equal"),
            ("liked against disliked", number(best["auc"]["mean"], 3), "AUC, mean over people"),
            ("rating histogram", f"{ratios['histogram']:.1f}×", "of the floor between real halves"),
        ),
        sections=sections,
        footer=f"<code>{h(table['command'])}</code>. Numbers: <code>table.json</code>; the population: "
        "<code>population.json</code>. Beside this page.",
    )


def _told(scores: dict[str, float]) -> str:
    return ", ".join(f"{name.partition(':')[2]} {value:+.2f}" for name, value in scores.items()) or "–"

"""The page of a calibration: the held-out table, the distances to real people, what the population is like."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from experiments.calibrate import plots as draw
from experiments.conversations.transcripts import STYLE, h
from experiments.evaluate.stats import Interval
from experiments.report.report import PAGE, embedded
from simulators.calibration.realism import MEASURES

if TYPE_CHECKING:
    from experiments.report.runlog import Run
    from simulators.population import Population


def write_report(run: Run, table: dict[str, Any], population: Population) -> Path:
    """Write the pictures and ``index.html``; returns the page's path."""
    from experiments.report.documents import jsonable

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


def _cell(interval: dict[str, Any] | None, decimals: int = 3) -> str:
    if interval is None:
        return "<td>–</td>"
    i = Interval.from_dict(interval)
    if i.mean != i.mean:
        return "<td>–</td>"
    return f"<td>{i.mean:.{decimals}f}<i> ({i.low:.{decimals}f}–{i.high:.{decimals}f})</i></td>"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(heads: tuple[str, ...], lines: list[str]) -> str:
    top = "".join(f"<th>{h(name)}</th>" for name in heads)
    return f'<div class="scroll"><table class="results"><tr>{top}</tr>{"".join(lines)}</table></div>'


def to_page(run: Run, table: dict[str, Any], population: Population, pictures: dict[str, bytes]) -> str:
    """The page as HTML."""
    check, found = table["held_out"], table["realism"]
    rows = [
        f'<tr class="{"learned" if n == 0 else ""}"><td>{h(r["predictor"])}</td>'
        f"{''.join(_cell(r[key]) for key in ('rmse', 'mae', 'auc', 'ratio'))}</tr>"
        for n, r in enumerate(check["rows"])
    ]
    distances = [
        f'<tr><td title="{h(MEASURES[r["measure"]])}">{h(r["measure"].replace("_", " "))}</td>'
        f"{_cell(r['simulated'])}{_cell(r['floor'])}{_cell(r['ratio'], 2)}</tr>"
        for r in found["rows"]
    ]
    moved = [f"<tr><td>{h(k.replace('_', ' '))}</td>{_cell(i)}</tr>" for k, i in found["transfer"].items()]
    habits = [
        f"<tr><td>{h(x.name)}</td><td>{x.share:.0%}</td><td>{x.shift * population.stars_per_logit:+.2f}</td>"
        f"<td>{2.718281828**x.log_stretch:.2f}</td></tr>"
        for x in population.habits
    ]
    words = [
        f"<tr><td>{h(w['word'])}</td><td>{w['people']}</td><td>{h(_told(w['said_of']))}</td>"
        f"<td>{h(_told(w['liked_by']))}</td></tr>"
        for w in population.words[:15]
    ]
    settings = "; ".join(f"{h(k)}: {h(v)}" for k, v in check["settings"].items())
    notes = "".join(f" {h(note)}" for note in table["notes"])
    sections = [
        f'<section><h2>Held-out ratings</h2><p class="about">{check["asked"]:,} ratings held out '
        f"({h(check['split'])}), {check['known']:,} known. 95% intervals: bootstrap over people. Liked: 4 stars "
        f"or more; disliked: 3 or fewer. <em>RMSE / MF</em>: same people, same draws. {settings}.{notes}</p>"
        f"{_table(('predictor', 'RMSE', 'MAE', 'AUC', 'RMSE / MF'), rows)}"
        f'<div class="figures">{embedded(pictures["heldout.png"], "RMSE by predictor")}'
        f"{embedded(pictures['calibration.png'], 'Calibration curves')}</div></section>",
        '<section><h2>Simulated against real people</h2><p class="about">People drawn from the population rate '
        "what half of the real people rated, and are held against the other half; the floor is one real half against "
        "the other. Popularity alone uses a modelled exposure. The population was fitted to all of these "
        f"people.</p>{_table(('measure', 'simulated to real', 'floor', 'ratio'), distances)}"
        f'<div class="figures">{embedded(pictures["histogram.png"], "Histogram of ratings")}'
        f"{embedded(pictures['means.png'], 'Mean stars of people')}"
        f"{embedded(pictures['correlations.png'], 'Correlations of tastes')}"
        f"{embedded(pictures['popularity.png'], 'Popularity curves')}</div></section>",
        '<section><h2>The next rating</h2><p class="about">RMSE of a matrix factorisation trained on some people and '
        "tested on the last fifth of other people's ratings, each real or simulated.</p>"
        f"{_table(('trained to tested', 'RMSE'), moved)}</section>",
        '<section><h2>How they rate</h2><p class="about">Components of the mixture: share of people, shift in stars, '
        "noise relative to the usual.</p>"
        f"{_table(('habit', 'share', 'shift', 'noise'), habits)}</section>",
    ]
    if words:
        sections.append(
            '<section><h2>Words and tastes</h2><p class="about">Tags of five people or more: how much commoner a '
            "value is among the items they were said of, and the tastes (in standard deviations) of who says them."
            f"</p>{_table(('word', 'people', 'said of', 'tastes of who says it'), words)}</section>"
        )
    best = check["rows"][0]
    ratios = {r["measure"]: r["ratio"]["mean"] for r in found["rows"]}
    tiles = "".join(
        f'<div class="tile{"" if n else " main"}"><span>{h(name)}</span><b>{value}</b><span>{h(more)}</span></div>'
        for n, (name, value, more) in enumerate(
            (
                ("RMSE, held out", f"{best['rmse']['mean']:.3f}", "fitted people"),
                ("against matrix factorisation", f"{best['ratio']['mean']:.3f}", "ratio of RMSE; 1 is equal"),
                ("liked against disliked", _number(best["auc"]["mean"]), "AUC, mean over people"),
                ("rating histogram", f"{ratios['histogram']:.1f}×", "of the floor between real halves"),
            )
        )
    )
    versions = ", ".join(f"{h(k)} {h(v)}" for k, v in run.versions.items() if v)
    line = headline(check)
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=h(f"Chat-Rec: {line}"),
        style=STYLE.read_text(encoding="utf-8"),
        kicker=f"calibration on {h(table['data'])} &middot; {check['people']:,} people &middot; {table['ratings']:,} "
        "ratings",
        headline=h(line),
        lead=h(
            f"A population fitted to {table['ratings']:,} ratings, checked on ratings it has not seen and against "
            "real people. It is a preset of figures; it holds no ratings and no people."
        ),
        tiles=tiles,
        sections="\n".join(sections),
        footer=f"<p><code>{h(table['command'])}</code>. {versions}. Numbers: <code>table.json</code>; the population: "
        "<code>population.json</code>. Beside this page.</p>",
    )


def _told(scores: dict[str, float]) -> str:
    return ", ".join(f"{name.partition(':')[2]} {value:+.2f}" for name, value in scores.items()) or "–"

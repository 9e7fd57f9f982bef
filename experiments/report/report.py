"""The report of a run: one page without outside hosts that opens with the headline result."""

from __future__ import annotations

import base64
from pathlib import Path
from string import Template
from typing import Any

from experiments.conversations.moments import Conversation
from experiments.conversations.transcripts import STYLE, file_name, h, minus, to_html, write_transcript
from experiments.evaluate.stats import Interval, separated
from experiments.evaluate.tables import METRICS, check_table, shown, shown_difference, to_csv
from experiments.report.documents import read_document
from experiments.report.plots import Bar, comparison, curves_from, learning_curves
from experiments.report.runlog import TABLE, Run

PAGE = Path(__file__).parent / "report.html"


def write_report(run: Run, talks: list[Conversation]) -> Path:
    """Write pictures, CSV, transcripts and ``index.html`` of a run; returns the page's path.

    Args:
        run: Its ``table.json`` and ``metrics.jsonl`` are what is drawn.
        talks: Conversations to show, with the same person.

    Raises:
        ArtifactError: If a record is missing or damaged.
    """
    path = run.folder / TABLE
    table = check_table(read_document(path), path)
    pictures = draw(run, table)
    for name, png in pictures.items():
        run.write(name, png)
    run.write("table.csv", to_csv(table))
    for talk in talks:
        write_transcript(run.folder / "transcripts", file_name(talk.policy), talk)
    return run.write("index.html", to_page(run, table, pictures, talks))


def draw(run: Run, table: dict[str, Any]) -> dict[str, bytes]:
    """The pictures, by file name."""
    rows = table["rows"]
    bars = [Bar(r["policy"], Interval.from_dict(r["return"]), r["learned"]) for r in rows]
    pictures = {"returns.png": comparison(bars, people=table["people"])}
    curves = curves_from(run.metrics("evaluation"))
    if curves:
        known = run.metrics("reference")
        reference = (known[-1]["policy"], known[-1]["return"]["mean"]) if known else None
        people = int(run.config.get("curve_people", 0))
        pictures["curves.png"] = learning_curves(curves, reference, people=people)
    return pictures


def headline(table: dict[str, Any]) -> tuple[str, str]:
    """The result in one line, and in two sentences; says plainly if no learner won."""
    rows, people = table["rows"], table["people"]
    learned = next((r for r in rows if r["learned"]), None)
    best = next((r for r in rows if not r["learned"]), None)
    if learned is None or best is None:
        top = rows[0]
        return (
            f"{top['policy']} reaches {top['return']['mean']:.2f} a conversation",
            f"{people:,} unseen people.",
        )
    a, b = Interval.from_dict(learned["return"]), Interval.from_dict(best["return"])
    gain = Interval.from_dict(learned["difference"])
    told = (
        f"All policies met the same {people:,} people, none of whom was trained on. {learned['policy']} "
        f"reaches {a.mean:.2f} ± {a.half:.2f} a conversation; the best hand-written policy, "
        f"{best['policy']}, {b.mean:.2f} ± {b.half:.2f}. Person by person the difference is "
        f"{shown_difference(learned)}."
    )
    if gain.low > 0:
        more = f"{gain.mean / abs(b.mean):.0%} more" if b.mean > 0 else f"{gain.mean:.2f} more"
        line = (
            f"{learned['policy']} learned to earn {more} per conversation than the best hand-written policy"
        )
        if not separated(a, b):
            told += " The two intervals still overlap; pairing is what shows it."
        return line, told
    if gain.high < 0:
        return f"No learner beats {best['policy']} here, the best hand-written policy", told
    return (
        f"{learned['policy']} and {best['policy']}, the best hand-written policy, cannot be told apart",
        told,
    )


def tiles(table: dict[str, Any]) -> str:
    """Four numbers: the best learner beside the best heuristic."""
    rows = table["rows"]
    learned = next((r for r in rows if r["learned"]), rows[0])
    best = next((r for r in rows if not r["learned"]), rows[-1])
    out = []
    named = {
        "return": "return",
        "clicks": "suggestions accepted",
        "rating": "mean rating",
        "left_unhappy": "left unhappy",
    }
    for metric in METRICS:
        if metric.key not in named:
            continue
        mine, theirs = (Interval.from_dict(r[metric.key]).mean for r in (learned, best))
        form = "{:.0%}" if metric.share else "{:.2f}"
        kind = "tile main" if metric.key == "return" else "tile"
        out.append(
            f'<div class="{kind}"><span>{named[metric.key]}, {h(learned["policy"])}</span>'
            f"<b>{form.format(mine)}</b><span>{form.format(theirs)} with {h(best['policy'])}</span></div>"
        )
    return "\n".join(out)


def results(table: dict[str, Any]) -> str:
    """The table as HTML."""
    heads = "".join(f"<th>{h(name)}</th>" for name in ("policy", *(m.heading for m in METRICS), "difference"))
    lines = []
    for row in table["rows"]:
        cells = [shown(Interval.from_dict(row[m.key]), m) for m in METRICS] + [shown_difference(row)]
        tds = "".join(f"<td>{_quiet(cell)}</td>" for cell in cells)
        lines.append(
            f'<tr class="{"learned" if row["learned"] else ""}"><td>{h(row["policy"])}</td>{tds}</tr>'
        )
    return f'<div class="scroll"><table class="results"><tr>{heads}</tr>{"".join(lines)}</table></div>'


def _quiet(cell: str) -> str:
    """The interval of a cell in grey."""
    for mark in (" ±", " ("):
        value, found, rest = cell.partition(mark)
        if found:
            return f"{h(value)}<i>{h(found + rest)}</i>"
    return h(cell)


def embedded(png: bytes, words: str) -> str:
    """A picture inside the page."""
    data = base64.b64encode(png).decode()
    return f'<figure><img alt="{h(words)}" src="data:image/png;base64,{data}"></figure>'


def opened(talk: str) -> str:
    """A conversation whose first explanation is unfolded, so that one sees there are explanations."""
    return talk.replace('<details class="why">', '<details class="why" open>', 1)


def to_page(run: Run, table: dict[str, Any], pictures: dict[str, bytes], talks: list[Conversation]) -> str:
    """The page."""
    line, told = headline(table)
    reference = table["reference"]
    against = f" <em>Difference</em>: in return, person by person, to {h(reference)}." if reference else ""
    figures = "".join(
        embedded(pictures[name], words)
        for name, words in (
            ("curves.png", "Learning curves: mean return over training turns"),
            ("returns.png", "Return of each policy with 95% intervals"),
        )
        if name in pictures
    )
    sections = [
        f'<section><h2>Every policy, the same people</h2><p class="about">Means over {table["people"]:,} '
        "people with 95% intervals; bold policies learned. <em>Left unhappy</em>: the share who walked out "
        f"dissatisfied.{against}</p>{results(table)}</section>",
        "<section><h2>How they learned, and where they stand</h2>"
        f'<div class="figures">{figures}</div></section>',
    ]
    if talks:
        pair = "".join(
            f'<section class="talk"><h3>{h(t.policy)} <span>return {minus(t.total)}</span></h3>'
            f"{opened(to_html(t))}</section>"
            for t in talks
        )
        sections.append(
            '<section><h2>The same person, twice</h2><p class="about">Person and mood are the same in both; '
            "only the policy differs. The person was not picked by hand: it is the one at the upper quartile "
            "of the difference in return, so one in four gained more. Under each reply: why the system said "
            "it, and what it earned; open it for what the system had "
            f'heard, weighed and left open.</p><div class="pair">{pair}</div></section>'
        )
    scenario = (
        table["scenario"] if isinstance(table["scenario"], str) else table["scenario"].get("name", "own")
    )
    versions = ", ".join(f"{h(k)} {h(v)}" for k, v in run.versions.items() if v)
    style = STYLE.read_text(encoding="utf-8")
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=h(f"Chat-Rec: {line}"),
        style=style,
        kicker=f"scenario {h(scenario)} &middot; catalogue {h(table['catalog'])} &middot; encoder "
        f"{h(table['encoder'])} &middot; {h(table['people'])} unseen people",
        headline=h(line),
        lead=h(told),
        tiles=tiles(table),
        sections="\n".join(sections),
        footer=f"<p>Seed {h(table['seed'])}. {versions}. Numbers: <code>table.json</code>, "
        "<code>table.csv</code>; training: <code>metrics.jsonl</code>; the conversations with everything "
        "unfolded: <code>transcripts/</code>. Beside this page.</p>",
    )

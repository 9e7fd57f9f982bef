"""The report of a run: one page without outside hosts that opens with the headline result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.conversations.transcripts import Conversation, file_name, to_html, write_transcript
from experiments.evaluate.stats import Interval, separated
from experiments.evaluate.tables import METRICS, check_table, grid_of, to_csv
from experiments.report import page
from experiments.report.documents import read_document
from experiments.report.grid import plus_minus
from experiments.report.page import embedded, h, minus
from experiments.report.plots import comparison, curves_from, learning_curves
from experiments.report.runlog import TABLE, Run


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
    pictures = {"returns.png": comparison(table)}
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
        f"{plus_minus(learned['difference'], sign=True)}."
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
    named = {
        "return": "return",
        "clicks": "suggestions accepted",
        "rating": "mean rating",
        "left_unhappy": "left unhappy",
    }
    numbers = []
    for metric in METRICS:
        if metric.key in named:
            mine, theirs = (Interval.from_dict(r[metric.key]).mean for r in (learned, best))
            form = "{:.0%}" if metric.share else "{:.2f}"
            what = f"{named[metric.key]}, {learned['policy']}"
            numbers.append((what, form.format(mine), f"{form.format(theirs)} with {best['policy']}"))
    return page.tiles(*numbers)


def opened(talk: str) -> str:
    """A conversation whose first explanation is unfolded, so that one sees there are explanations."""
    return talk.replace('<details class="why">', '<details class="why" open>', 1)


def to_page(run: Run, table: dict[str, Any], pictures: dict[str, bytes], talks: list[Conversation]) -> str:
    """The page."""
    line, told = headline(table)
    reference = table["reference"]
    against = f" <em>Difference</em>: in return, person by person, to {h(reference)}." if reference else ""
    drawn = (
        embedded(pictures[name], words)
        for name, words in (
            ("curves.png", "Learning curves: mean return over training turns"),
            ("returns.png", "Return of each policy with 95% intervals"),
        )
        if name in pictures
    )
    sections = [
        page.section(
            "Every policy, the same people",
            f"Means over {table['people']:,} people with 95% intervals; bold policies learned. <em>Left unhappy</em>: "
            f"the share who walked out dissatisfied.{against}",
            grid_of(table).to_html(),
        ),
        page.section("How they learned, and where they stand", "", page.figures(*drawn)),
    ]
    if talks:
        pair = "".join(
            f'<section class="talk"><h3>{h(t.policy)} <span>return {minus(t.total)}</span></h3>'
            f"{opened(to_html(t))}</section>"
            for t in talks
        )
        about = (
            "Person and mood are the same in both; only the policy differs. The person was not picked by hand: it is "
            "the one at the upper quartile of the difference in return, so one in four gained more. Under each reply: "
            "why the system said it, and what it earned; open it for what the system had heard, weighed and left open."
        )
        sections.append(page.section("The same person, twice", about, f'<div class="pair">{pair}</div>'))
    scenario = table["scenario"]
    return page.page(
        run,
        kicker=f"scenario {h(scenario if isinstance(scenario, str) else scenario.get('name', 'own'))} &middot; "
        f"catalogue {h(table['catalog'])} &middot; encoder {h(table['encoder'])} &middot; {h(table['people'])} "
        "unseen people",
        headline=line,
        lead=told,
        tiles=tiles(table),
        sections=sections,
        footer=f"Seed {h(table['seed'])}. Numbers: <code>table.json</code>, <code>table.csv</code>; training: "
        "<code>metrics.jsonl</code>; the conversations with everything unfolded: <code>transcripts/</code>. Beside "
        "this page.",
    )

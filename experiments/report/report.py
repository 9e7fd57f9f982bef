"""What a table of policies shows: the page of ``chatrec demo`` and ``chatrec evaluate``, opening with the result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.conversations.transcripts import Conversation, file_name, to_html, write_transcript
from experiments.evaluate.stats import Interval, separated
from experiments.evaluate.tables import METRICS, check_table, grid_of, people_told, setting_told
from experiments.report.documents import read_document
from experiments.report.grid import plus_minus
from experiments.report.page import h, minus
from experiments.report.plots import comparison, curves_from, learning_curves
from experiments.report.publish import Section, Sheet, publish
from experiments.report.runlog import TABLE, Run


def write_report(run: Run, talks: list[Conversation]) -> Path:
    """Write page, figures, tables and transcripts of a run; returns the page's path.

    Args:
        run: Its ``table.json`` and ``metrics.jsonl`` are what is shown.
        talks: Conversations to show, with the same person.

    Raises:
        ArtifactError: If a record is missing or damaged.
    """
    path = run.folder / TABLE
    table = check_table(read_document(path), path)
    for talk in talks:
        write_transcript(run.folder / "transcripts", file_name(talk.policy), talk)
    sheet = table_sheet(table, curves_section(run), talks_section(talks))
    return publish(run.folder, sheet, run.versions, run.tracker)


def curves_section(run: Run) -> Section | None:
    """How agents of a run learned, from its ``"evaluation"`` records; None if it has none."""
    curves = curves_from(run.metrics("evaluation"))
    if not curves:
        return None
    known = run.metrics("reference")
    reference = (known[-1]["policy"], known[-1]["return"]["mean"]) if known else None
    people = int(run.config.get("curve_people", 0))
    return Section(
        title="How they learned",
        about="Points are the <code>evaluation</code> lines of <code>metrics.jsonl</code>.",
        pictures={"curves": learning_curves(curves, reference, people=people)},
    )


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


def tiles(table: dict[str, Any]) -> list[tuple[str, str, str]]:
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
            beside = "" if best is learned else f"{form.format(theirs)} with {best['policy']}"
            numbers.append((what, form.format(mine), beside))
    return numbers


def opened(talk: str) -> str:
    """A conversation whose first explanation is unfolded, so that one sees there are explanations."""
    return talk.replace('<details class="why">', '<details class="why" open>', 1)


def talks_section(talks: Sequence[Conversation]) -> Section | None:
    """Conversations of the same person side by side; None if there are none."""
    if not talks:
        return None
    pair = "".join(
        f'<section class="talk"><h3>{h(t.policy)} <span>return {minus(t.total)}</span></h3>'
        f"{opened(to_html(t))}</section>"
        for t in talks
    )
    return Section(
        title="The same person, twice",
        about="Person and mood are the same in both; only the policy differs. The person was not picked by hand: it is "
        "the one at the upper quartile of the difference in return, so one in four gained more. Under each reply: "
        "why the system said it, and what it earned; open it for what the system had heard, weighed and left open. "
        "With everything unfolded: <code>transcripts/</code>, beside this page.",
        more=f'<div class="pair">{pair}</div>',
    )


def table_sheet(table: dict[str, Any], *further: Section | None) -> Sheet:
    """The sheet of a table of ``evaluate.tables.make_table``.

    Args:
        table: The table.
        further: More sections, None where there is nothing to show.
    """
    line, told = headline(table)
    reference = table["reference"]
    against = f" <em>Difference</em>: in return, person by person, to {h(reference)}." if reference else ""
    first = Section(
        title="Every policy, the same people",
        about=f"Means over {table['people']:,} people with 95% intervals; bold policies learned. <em>Left "
        f"unhappy</em>: the share who walked out dissatisfied.{against}",
        pictures={"returns": comparison(table["rows"], people_told(table))},
        grids={"table": grid_of(table)},
    )
    return Sheet(
        kicker=setting_told(table),
        headline=line,
        lead=told,
        tiles=tiles(table),
        sections=[first, *(one for one in further if one is not None)],
        footer=f"Seed {h(table['seed'])}.",
    )
